"""What comes of commits."""

from datetime import datetime

from qatech_ci.before.sandbox.gitlab.delivery import CommitStatus, Deployment, Environment, Pipeline
from qatech_ci.before.sandbox.gitlab.stage.base import Stage


class Delivery(Stage):
    """What comes of commits."""

    def add_pipeline(self, project: str, sha: str, ref: str) -> int:
        """Add a pipeline of a commit and return its id."""
        place = self.add_project(project)
        place.has(sha)
        made = Pipeline(next(self._state.ids), place.id, sha, ref)
        self._state.pipelines.append(made)
        return made.id

    def add_status(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        project: str,
        sha: str,
        name: str,
        status: str,
        *,
        login: str,
        ref: str = "guest-checkout",
        target_url: str | None = None,
        description: str | None = None,
    ) -> CommitStatus:
        """Add a commit status by `login`, in the newest pipeline of the commit or in a new one."""
        place = self.add_project(project)
        if not self._state.pipelines_of(place, sha):
            self.add_pipeline(project, sha, ref)
        made = CommitStatus(
            id=next(self._state.ids),
            project_id=place.id,
            pipeline=self._state.pipelines_of(place, sha)[0],
            name=name,
            status=status,
            login=login,
            created_at=self._now(),
            target_url=target_url,
            description=description,
        )
        self._state.add_status(made)
        return made

    def statuses(self, project: str, sha: str) -> list[CommitStatus]:
        """Return the statuses of a commit, oldest first, those retried included."""
        return self._state.statuses_of(self._state.named(project), sha)

    def add_environment(
        self,
        project: str,
        name: str,
        *,
        external_url: str | None = None,
        state: str = "available",
        created_at: datetime | None = None,
    ) -> Environment:
        """Add an environment that comes at `created_at`, by default now."""
        made = Environment(
            id=next(self._state.ids),
            project_id=self.add_project(project).id,
            name=name,
            external_url=external_url,
            state=state,
            created_at=created_at or self._now(),
        )
        self._state.environments[made.id] = made
        return made

    def add_deployment(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        environment: Environment,
        sha: str,
        status: str = "success",
        *,
        ref: str = "guest-checkout",
        login: str = "octocat",
        created_at: datetime | None = None,
        finished_at: datetime | None = None,
    ) -> Deployment:
        """Add a deployment into an environment.

        It comes at `created_at`, by default now, and is running until `finished_at`, by default at
        once.
        """
        began, place = created_at or self._now(), self._state.projects[environment.project_id]
        place.has(sha)
        made = Deployment(
            id=next(self._state.ids),
            iid=len(self._state.deployments) + 1,
            environment=environment,
            sha=sha,
            ref=ref,
            login=login,
            outcome=status,
            created_at=began,
            finished_at=finished_at or began,
        )
        self._state.deployments.append(made)
        return made
