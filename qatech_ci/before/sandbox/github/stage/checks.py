"""What apps and bots say of a commit."""

from datetime import datetime

from qatech_ci.before.sandbox.github.records import CheckRun, CommitStatus
from qatech_ci.before.sandbox.github.stage.base import Stage


class Checks(Stage):
    """What apps and bots say of a commit."""

    def add_check_run(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        repository: str,
        head_sha: str,
        name: str,
        *,
        app: str = "qa-tech",
        status: str = "completed",
        conclusion: str | None = "success",
        started_at: datetime | None = None,
        completed_at: datetime | None = None,
        details_url: str = "",
        title: str | None = None,
        summary: str | None = None,
    ) -> CheckRun:
        """Add a check run of the app with this slug; change what is returned to report again.

        It comes at `started_at` and is in progress, without a conclusion, until `completed_at`,
        by default at once; with another status than `completed` it stays in that.
        """
        began, completed = started_at or self._now(), status == "completed"
        run = CheckRun(
            id=next(self._state.ids),
            repository=repository,
            head_sha=head_sha,
            name=name,
            app=app,
            status=status,
            conclusion=conclusion if completed else None,
            started_at=began,
            completed_at=(completed_at or began) if completed else None,
            details_url=details_url,
            title=title,
            summary=summary,
        )
        self._state.check_runs.append(run)
        return run

    def add_status(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        repository: str,
        sha: str,
        context: str,
        state: str,
        *,
        login: str,
        kind: str = "Bot",
        created_at: datetime | None = None,
        target_url: str = "",
        description: str = "",
    ) -> CommitStatus:
        """Add a commit status by the user or bot `login`; it comes at `created_at`, or now."""
        status = CommitStatus(
            id=next(self._state.ids),
            repository=repository,
            sha=sha,
            context=context,
            state=state,
            login=login,
            kind=kind,
            created_at=created_at or self._now(),
            target_url=target_url,
            description=description,
        )
        self._state.statuses.append(status)
        return status

    def statuses(self, repository: str, sha: str) -> list[CommitStatus]:
        """Return the statuses that a commit has now, newest first."""
        return self._state.statuses_of(repository, sha, self._now())
