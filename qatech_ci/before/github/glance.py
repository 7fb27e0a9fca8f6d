"""The head of a pull request and QA.tech's check on a commit of it, in one request."""

from collections.abc import Iterator
from typing import Any

from qatech_ci.before.checks import CONCLUSIONS_OF_STATUSES, NAME, Check, is_publisher, newest
from qatech_ci.before.errors import ForgeError, PermissionMissing
from qatech_ci.before.model import PullRequest
from qatech_ci.before.ports import Glance

from .documents import inner, listed, moment
from .queries import GLANCE
from .rest import Rest


class _Unclear(ForgeError):
    """The answer does not tell enough; REST tells more."""


def glance_at(rest: Rest, pull_request: PullRequest) -> Glance:
    """Return what one request tells; raises `ForgeError` where it takes REST to find out."""
    owner, _, name = pull_request.repository.partition("/")
    number, sha = pull_request.number, pull_request.head_sha
    document = rest.graphql(GLANCE, owner=owner, name=name, number=number, sha=sha, check=NAME)
    repository = inner(inner(document, "data"), "repository")
    head_sha = inner(repository, "pullRequest").get("headRefOid")
    if not isinstance(head_sha, str):
        raise _Unclear("GitHub's answer has no head of the pull request.")
    refusal = _refusal(document)
    commit = repository.get("object")
    if not isinstance(commit, dict):
        raise _Unclear("GitHub's answer has no commit.")
    # What may be read counts beside a word on what may not, which is null.
    is_refused = refusal is not None and commit.get("checkSuites") is None
    runs = () if is_refused else _check_runs(commit)
    return Glance(head_sha, newest([*runs, *_statuses(commit)]), refusal)


def _refusal(document: dict[str, Any]) -> PermissionMissing | None:
    errors = listed(document.get("errors") or [])
    if not errors:
        return None
    missing = {_PERMISSIONS.get(_field(error), "") for error in errors}
    if "" in missing:
        raise _Unclear("GitHub's answer has errors.")
    names = "` and `".join(sorted(missing))
    return PermissionMissing(
        f"GitHub answered POST /graphql with an error: {errors[0].get('message')}.",
        f"Give the job `permissions: {names}`, so that QA.tech's own check counts as evidence.",
    )


_PERMISSIONS = {"checkSuites": "checks: read", "status": "statuses: read"}
"""By the field below the commit that a token may not read without."""


def _field(error: dict[str, Any]) -> str:
    match error:
        case {"type": "FORBIDDEN", "path": ["repository", "object", str(field), *_]}:
            return field
    return ""


def _check_runs(commit: dict[str, Any]) -> Iterator[Check]:
    for suite in listed(inner(commit, "checkSuites"), "nodes"):
        for run in listed(inner(suite, "checkRuns"), "nodes"):
            # REST tells the App's owner as well, who may be QA.tech.
            if not is_publisher(f"{inner(suite, 'app').get('slug')}"):
                raise _Unclear("Another App has a check of the same name.")
            yield Check(
                is_pending=run.get("status") != "COMPLETED",
                conclusion=str(run.get("conclusion") or "").lower(),
                changed_at=moment(run.get("completedAt") or run.get("startedAt")),
                url=str(run.get("detailsUrl") or ""),
            )


def _statuses(commit: dict[str, Any]) -> Iterator[Check]:
    status = inner(inner(commit, "status"), "context")
    if not status:
        return
    creator = inner(status, "creator")
    # Only the newest of a name is told; REST tells those before it.
    if creator.get("__typename") != "Bot" or not is_publisher(f"{creator.get('login')}"):
        raise _Unclear("Somebody else has written a status of the same name.")
    state = str(status.get("state")).lower()
    yield Check(
        is_pending=state in {"pending", "expected"},
        conclusion=CONCLUSIONS_OF_STATUSES.get(state, ""),
        changed_at=moment(status.get("createdAt")),
        url=str(status.get("targetUrl") or ""),
    )
