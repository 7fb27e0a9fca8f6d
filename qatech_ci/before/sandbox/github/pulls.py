"""Repositories, pull requests, and pull requests as issues: https://docs.github.com/rest/pulls/pulls."""

from http import HTTPStatus

from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.pages import page
from qatech_ci.before.sandbox.github.payloads.commits import file_payload
from qatech_ci.before.sandbox.github.payloads.pulls import (
    issue_payload,
    pull_payload,
    simple_pull_payload,
)
from qatech_ci.before.sandbox.github.payloads.repositories import full_repository_payload
from qatech_ci.before.sandbox.github.problems import not_found
from qatech_ci.before.sandbox.github.state import PullRequest
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

MOST_FILES = 3000
_NUMBER = "(?P<number>[0-9]{1,9})"


def _repository(asked: Asked) -> Response:
    return Response(HTTPStatus.OK, full_repository_payload(asked.repository, asked.links))


def _pulls(asked: Asked) -> Response:
    pulls = asked.state.pulls_of(asked.repository)
    items, headers = page(asked, [pull for pull in pulls if _is_wanted(pull, asked)])
    shown = [simple_pull_payload(pull, asked.links) for pull in items]
    return Response(HTTPStatus.OK, shown, headers)


def _is_wanted(pull: PullRequest, asked: Asked) -> bool:
    query = asked.request.query
    head = query.get("head", "")
    # GitHub takes no notice of a `head` that does not say whose branch it is.
    of_head = ":" not in head or head == pull.head_label
    of_base = query.get("base") in (None, pull.base_ref)
    return of_head and of_base and query.get("state", "open") in ("all", pull.state)


def _pull(asked: Asked) -> Response:
    comments = asked.state.comments_of(asked.pull.repository, asked.pull.number)
    return Response(HTTPStatus.OK, pull_payload(asked.pull, len(comments), asked.links))


def _files(asked: Asked) -> Response:
    pull = asked.pull
    items, headers = page(asked, pull.files[:MOST_FILES])
    shown = [file_payload(file, pull.repository, pull.head_sha, asked.links) for file in items]
    return Response(HTTPStatus.OK, shown, headers)


def _issue(asked: Asked) -> Response:
    comments = asked.state.comments_of(asked.pull.repository, asked.pull.number)
    return Response(HTTPStatus.OK, issue_payload(asked.pull, len(comments), asked.links))


_METADATA = (Permission("metadata", "read"),)
_PULLS = (Permission("pull-requests", "read"),)
_ISSUES = (Permission("issues", "read"), Permission("pull-requests", "read"))
_PULL = f"{REPOSITORY}/pulls/{_NUMBER}"

ROUTES = (
    Route("GET", REPOSITORY, Endpoint(_repository, _METADATA, "/repos/repos", not_found())),
    Route("GET", f"{REPOSITORY}/pulls", Endpoint(_pulls, _PULLS, "/pulls/pulls", not_found())),
    Route("GET", _PULL, Endpoint(_pull, _PULLS, "/pulls/pulls", not_found())),
    Route("GET", f"{_PULL}/files", Endpoint(_files, _PULLS, "/pulls/pulls", not_found())),
    Route(
        "GET",
        f"{REPOSITORY}/issues/{_NUMBER}",
        Endpoint(_issue, _ISSUES, "/issues/issues", not_found()),
    ),
)
