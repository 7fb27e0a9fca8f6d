"""Commits, their pull requests, and what lies between two: https://docs.github.com/rest/commits."""

from http import HTTPStatus

from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission, Together
from qatech_ci.before.sandbox.github.pages import page
from qatech_ci.before.sandbox.github.payloads.commits import (
    commit_payload,
    comparison_payload,
    file_payload,
)
from qatech_ci.before.sandbox.github.payloads.pulls import simple_pull_payload
from qatech_ci.before.sandbox.github.problems import not_found
from qatech_ci.before.sandbox.github.records import Commit, Comparison
from qatech_ci.before.sandbox.github.state import key
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Refused, Response

MOST_FILES = 300
_MOST_COMMITS = 250
_DOCUMENTATION = "/commits/commits"


def _commit(asked: Asked) -> Response:
    repository, sha = asked.repository, asked.sha
    return Response(HTTPStatus.OK, commit_payload(Commit(sha), repository, asked.links))


def _pulls(asked: Asked) -> Response:
    items, headers = page(asked, asked.state.pulls_from(asked.repository, asked.sha))
    shown = [simple_pull_payload(pull, asked.links) for pull in items]
    return Response(HTTPStatus.OK, shown, headers)


def _compare(asked: Asked) -> Response:
    comparison = _comparison(asked)
    repository, files = comparison.repository, comparison.files[:MOST_FILES]
    head, query = comparison.head, asked.request.query
    paged = page(asked, comparison.commits) if {"page", "per_page"} & {*query} else None
    items, headers = paged or (comparison.commits[:_MOST_COMMITS], {})
    payload = {
        **comparison_payload(comparison, asked.links),
        "commits": [commit_payload(each, repository, asked.links) for each in items],
    }
    # Documented: the files are shown on the first page only.
    if query.get("page", "1") == "1":
        payload["files"] = [file_payload(each, repository, head, asked.links) for each in files]
    return Response(HTTPStatus.OK, payload, headers)


def _comparison(asked: Asked) -> Comparison:
    place = key(asked.repository), asked.parameters["base"], asked.parameters["head"]
    if place not in asked.state.comparisons:
        raise Refused(not_found())
    return asked.state.comparisons[place]


_CONTENTS = Permission("contents", "read")
_BOTH = Together((_CONTENTS, Permission("pull-requests", "read")))

ROUTES = (
    Route(
        "GET",
        REPOSITORY + "/commits/(?P<ref>[^/]+)/pulls",
        Endpoint(_pulls, (_BOTH,), _DOCUMENTATION, not_found()),
    ),
    Route(
        "GET",
        REPOSITORY + r"/compare/(?P<base>.+?)\.\.\.(?P<head>.+)",
        Endpoint(_compare, (_CONTENTS,), _DOCUMENTATION, not_found()),
    ),
    Route(
        "GET",
        REPOSITORY + "/commits/(?P<ref>.+)",
        Endpoint(_commit, (_CONTENTS,), _DOCUMENTATION, not_found()),
    ),
)
"""The path of a commit fits those of what hangs on it as well, so its route has to be the last."""
