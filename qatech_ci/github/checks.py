"""QA.tech's check on a commit, whichever of GitHub's two kinds it is, and our own status."""

from collections.abc import Iterator
from typing import Any

from qatech_ci.checks import NAME, Check, is_publisher
from qatech_ci.errors import PermissionMissing

from .documents import listed, moment
from .rest import Rest

_PAGE = 100
_CONCLUSIONS = {"success": "success", "failure": "failure", "error": "error"}
"""Of commit statuses, in the words of check runs."""


def newest_check(rest: Rest, repository: str, sha: str) -> Check | None:
    """Return the newest of QA.tech's check runs and statuses on a commit; raises `ForgeError`.

    One that is pending wins: its word is still to come.
    """
    found = [*_check_runs(rest, repository, sha), *_statuses(rest, repository, sha)]
    return max(found, key=lambda check: (check.is_pending, check.changed_at), default=None)


def _check_runs(rest: Rest, repository: str, sha: str) -> Iterator[Check]:
    query = {"check_name": NAME, "filter": "latest", "per_page": _PAGE}
    path = f"/repos/{repository}/commits/{sha}/check-runs"
    document = _read(rest, path, query, "checks: read")
    for run in listed(document, "check_runs"):
        app = run.get("app") or {}
        owner = app.get("owner") or {}
        published = is_publisher(f"{app.get('slug')}") or is_publisher(f"{owner.get('login')}")
        if run.get("name") == NAME and run.get("head_sha") == sha and published:
            yield _from_check_run(run)


def _from_check_run(run: dict[str, Any]) -> Check:
    return Check(
        is_pending=run.get("status") != "completed",
        conclusion=str(run.get("conclusion") or ""),
        changed_at=moment(run.get("completed_at") or run.get("started_at")),
        url=str(run.get("details_url") or ""),
    )


def _statuses(rest: Rest, repository: str, sha: str) -> Iterator[Check]:
    """Yield the newest status of QA.tech's; the list begins with it."""
    path = f"/repos/{repository}/commits/{sha}/statuses"
    for status in listed(_read(rest, path, {"per_page": _PAGE}, "statuses: read")):
        creator = status.get("creator") or {}
        is_app = creator.get("type") == "Bot" and is_publisher(f"{creator.get('login')}")
        if status.get("context") == NAME and is_app:
            state = str(status.get("state"))
            yield Check(
                is_pending=state == "pending",
                conclusion=_CONCLUSIONS.get(state, ""),
                changed_at=moment(status.get("updated_at")),
                url=str(status.get("target_url") or ""),
            )
            return


def _read(rest: Rest, path: str, query: dict[str, Any], permission: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return rest.read(path, query)[1]
    except PermissionMissing as error:
        remedy = f"Give the job `permissions: {permission}`, so that it counts as evidence."
        raise PermissionMissing(error.what, remedy) from None
