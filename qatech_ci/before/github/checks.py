"""QA.tech's check on a commit, whichever of GitHub's two kinds it is, and our own status."""

from collections.abc import Iterator
from typing import Any

from qatech_ci.before.checks import CONCLUSIONS_OF_STATUSES, NAME, Check, is_publisher, newest
from qatech_ci.before.errors import PermissionMissing

from .documents import inner, listed, moment, naming
from .rest import Rest

_PAGE = 100
_PAGES = 10
_PURPOSE = ", so that QA.tech's own check counts as evidence"


def newest_check(rest: Rest, repository: str, sha: str) -> Check | None:
    """Return the newest of QA.tech's check runs and statuses on a commit; raises `ForgeError`.

    Where one of the two kinds may not be read, a check of the other kind counts all the same.
    """
    found: list[Check] = []
    refusals: list[PermissionMissing] = []
    for kind in (_check_runs, _statuses):
        try:
            found += kind(rest, repository, sha)
        except PermissionMissing as error:
            refusals.append(error)
    if refusals and not found:
        raise refusals[0]
    return newest(found)


def _check_runs(rest: Rest, repository: str, sha: str) -> Iterator[Check]:
    query = {"check_name": NAME, "filter": "latest", "per_page": _PAGE}
    path = f"/repos/{repository}/commits/{sha}/check-runs"
    with naming("checks: read", _PURPOSE):
        document = rest.read(path, query)[1]
    for run in listed(document, "check_runs"):
        app = inner(run, "app")
        owner = inner(app, "owner")
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
    """Yield the newest status of QA.tech's."""
    for status in _all_statuses(rest, f"/repos/{repository}/commits/{sha}/statuses"):
        creator = inner(status, "creator")
        is_app = creator.get("type") == "Bot" and is_publisher(f"{creator.get('login')}")
        if status.get("context") == NAME and is_app:
            state = str(status.get("state"))
            yield Check(
                is_pending=state == "pending",
                conclusion=CONCLUSIONS_OF_STATUSES.get(state, ""),
                changed_at=moment(status.get("updated_at")),
                url=str(status.get("target_url") or ""),
            )
            return


def _all_statuses(rest: Rest, path: str) -> Iterator[dict[str, Any]]:
    """Yield the statuses of a commit, newest first; GitHub keeps at most 1,000 of a context."""
    for page in range(1, _PAGES + 1):
        with naming("statuses: read", _PURPOSE):
            statuses = listed(rest.read(path, {"per_page": _PAGE, "page": page})[1])
        yield from statuses
        if len(statuses) < _PAGE:
            return
