"""Commit statuses: https://docs.github.com/rest/commits/statuses."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.github.bodies import sent
from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.pages import page
from qatech_ci.before.sandbox.github.payloads.checks import status_payload
from qatech_ci.before.sandbox.github.problems import invalid, not_found
from qatech_ci.before.sandbox.github.records import CommitStatus
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Refused, Response

LONGEST_DESCRIPTION = 140
"""In characters, as GitHub's own error says."""
_DOCUMENTATION = "/commits/statuses"
_STATES = ("error", "failure", "pending", "success")
_LAST_OF_THREE_BYTES = "\uffff"


def _list(asked: Asked) -> Response:
    found = asked.state.statuses_of(asked.repository, asked.sha, asked.at)
    items, headers = page(asked, found)
    return Response(HTTPStatus.OK, [status_payload(each, asked.links) for each in items], headers)


def _create(asked: Asked) -> Response:
    repository, sha = asked.repository, asked.sha
    body = {name: value for name, value in sent(asked).items() if value is not None}
    if errors := [_error(field, message) for field, message in _complaints(body)]:
        raise Refused(invalid(_DOCUMENTATION, errors))
    made = CommitStatus(
        id=next(asked.state.ids),
        repository=repository,
        sha=sha,
        context=body.get("context", "default"),
        state=body["state"],
        login=asked.login,
        kind="User",
        created_at=asked.at,
        target_url=body.get("target_url", ""),
        description=body.get("description", ""),
    )
    asked.state.statuses.append(made)
    payload = status_payload(made, asked.links)
    return Response(HTTPStatus.CREATED, payload, {"Location": payload["url"]})


def _complaints(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the fields that GitHub does not take, in its own words as users report them."""
    for field in ("context", "description", "target_url"):
        if not isinstance(body.get(field, ""), str):
            yield field, f"{field} must be a string"
    if body.get("state") not in _STATES:
        yield "state", "state is not included in the list"
    description = str(body.get("description", ""))
    if len(description) > LONGEST_DESCRIPTION:
        limit = f"(maximum is {LONGEST_DESCRIPTION} characters)"
        yield "description", f"description is too long {limit}"
    # https://github.com/ouzi-dev/commit-status-updater/issues/526
    if max(description, default="") > _LAST_OF_THREE_BYTES:
        yield "description", "description doesn't accept 4-byte Unicode"
    if not str(body.get("target_url") or "http://").startswith(("http://", "https://")):
        yield "target_url", "target_url must use http(s) scheme"


def _error(field: str, message: str) -> dict[str, str]:
    return {"resource": "Status", "code": "custom", "field": field, "message": message}


_READ, _WRITE = (Permission("statuses", level) for level in ("read", "write"))

_LISTING = Endpoint(_list, (_READ,), _DOCUMENTATION, not_found())
_CREATION = Endpoint(_create, (_WRITE,), _DOCUMENTATION, not_found())

ROUTES = (
    Route("GET", REPOSITORY + "/commits/(?P<ref>.+)/statuses", _LISTING),
    # The path of older descriptions, which PyGithub still reads from.
    Route("GET", REPOSITORY + "/statuses/(?P<ref>[^/]+)", _LISTING),
    Route("POST", REPOSITORY + "/statuses/(?P<ref>[^/]+)", _CREATION),
)
