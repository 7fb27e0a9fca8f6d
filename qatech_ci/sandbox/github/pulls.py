"""Repositories, pull requests, and pull requests as issues: https://docs.github.com/rest/pulls/pulls."""

from http import HTTPStatus

from qatech_ci.sandbox.github.endpoints import Asked, Endpoint, Permission
from qatech_ci.sandbox.github.payloads.pulls import issue_payload, pull_payload
from qatech_ci.sandbox.github.payloads.repositories import full_repository_payload
from qatech_ci.sandbox.github.problems import not_found
from qatech_ci.sandbox.routing import Route
from qatech_ci.sandbox.web import Response

_REPOSITORY = "/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"
_NUMBER = "(?P<number>[0-9]{1,9})"


def _repository(asked: Asked) -> Response:
    return Response(HTTPStatus.OK, full_repository_payload(asked.repository, asked.links))


def _pull(asked: Asked) -> Response:
    comments = asked.state.comments_of(asked.pull.repository, asked.pull.number)
    return Response(HTTPStatus.OK, pull_payload(asked.pull, len(comments), asked.links))


def _issue(asked: Asked) -> Response:
    comments = asked.state.comments_of(asked.pull.repository, asked.pull.number)
    return Response(HTTPStatus.OK, issue_payload(asked.pull, len(comments), asked.links))


_METADATA = (Permission("metadata", "read"),)
_PULLS = (Permission("pull-requests", "read"),)
_ISSUES = (Permission("issues", "read"), Permission("pull-requests", "read"))

ROUTES = (
    Route("GET", _REPOSITORY, Endpoint(_repository, _METADATA, "/repos/repos", not_found())),
    Route(
        "GET",
        f"{_REPOSITORY}/pulls/{_NUMBER}",
        Endpoint(_pull, _PULLS, "/pulls/pulls", not_found()),
    ),
    Route(
        "GET",
        f"{_REPOSITORY}/issues/{_NUMBER}",
        Endpoint(_issue, _ISSUES, "/issues/issues", not_found()),
    ),
)
