"""Deployments that come and go by the clock."""

from datetime import datetime

from qatech_ci.before.sandbox.github.records import Deployment, DeploymentStatus
from qatech_ci.before.sandbox.github.stage.base import Stage
from qatech_ci.before.sandbox.github.state import key


class Deployments(Stage):
    """Deployments that come and go by the clock."""

    def add_deployment(
        self,
        repository: str,
        sha: str,
        environment: str,
        *,
        created_at: datetime | None = None,
        ref: str | None = None,
        login: str = "vercel[bot]",
    ) -> int:
        """Add a deployment of `sha` and return its id; its `ref` is the SHA unless given.

        It has no status until one is added. It comes at `created_at`, by default now.
        """
        made = Deployment(
            id=next(self._state.ids),
            repository=repository,
            sha=sha,
            ref=ref or sha,
            environment=environment,
            login=login,
            created_at=created_at or self._now(),
        )
        self._state.deployments[made.id] = made
        return made.id

    def add_deployment_status(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        repository: str,
        deployment_id: int,
        state: str,
        *,
        environment_url: str = "",
        created_at: datetime | None = None,
        log_url: str = "",
        description: str = "",
    ) -> int:
        """Add a status that comes at `created_at`, by default now, and return its id.

        Nothing turns an earlier deployment of the environment `inactive`: add that, too. Raises
        `KeyError` where the repository has no such deployment.
        """
        deployment = self._state.deployments[deployment_id]
        if key(deployment.repository) != key(repository):
            raise KeyError(repository)
        made = DeploymentStatus(
            id=next(self._state.ids),
            state=state,
            created_at=created_at or self._now(),
            environment_url=environment_url,
            log_url=log_url,
            description=description,
        )
        deployment.statuses.append(made)
        return made.id
