"""GraphQL, as far as this action asks: https://docs.github.com/graphql.

A query is known by its operation's name and answered with all that the operation asks for; that
these answers fit the queries and GitHub's own schema is for the tests to say.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from itertools import groupby
from typing import Any

from qatech_ci.before.sandbox.github.bodies import sent
from qatech_ci.before.sandbox.github.endpoints import Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.payloads.links import timestamp
from qatech_ci.before.sandbox.github.problems import token_required
from qatech_ci.before.sandbox.github.records import CheckRun, CommitStatus
from qatech_ci.before.sandbox.github.state import Comment, PullRequest, key
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

_PAGE = 100
_VIEWER = re.compile(r"\s*(query(\s+\w+)?)?\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*")
_OPERATION = re.compile(r"\s*query\s+(?P<name>\w+)\b")
Variables = dict[str, Any]


class _Answer:
    """Data beside errors: what a caller may not see is null, and the error says where."""

    def __init__(self, asked: Asked, variables: Variables) -> None:
        self.asked = asked
        self.variables = variables
        self.errors: list[dict[str, object]] = []

    def guarded(
        self, permissions: tuple[str, ...], path: list[str], read: Callable[[], Any]
    ) -> Any:  # noqa: ANN401 - JSON
        """Return what `read` returns, for a caller who has any of the permissions."""
        caller = self.asked.caller
        if caller and any(Permission(name, "read").granted_to(caller) for name in permissions):
            return read()
        message = "Resource not accessible by integration"
        self.errors.append({"type": "FORBIDDEN", "path": path, "message": message})
        return None

    @property
    def pull(self) -> PullRequest | None:
        """The pull request that the variables name."""
        place = key(f"{self.variables.get('owner')}/{self.variables.get('name')}")
        return self.asked.state.pulls.get((place, int(self.variables.get("number") or 0)))


def _graphql(asked: Asked) -> Response:
    body = sent(asked)
    query, variables = body.get("query"), body.get("variables") or {}
    if isinstance(query, str) and _VIEWER.fullmatch(query):
        return Response(HTTPStatus.OK, {"data": {"viewer": {"login": asked.login}}})
    found = _OPERATION.match(query) if isinstance(query, str) else None
    operation = _OPERATIONS.get(found["name"]) if found else None
    if not operation:
        known = "{ viewer { login } }, Comments and Glance"
        message = f"This stand-in for GitHub knows the queries {known} only"
        # GraphQL reports its errors with status 200.
        return Response(HTTPStatus.OK, {"errors": [{"message": message}]})
    answer = _Answer(asked, variables)
    data = operation(answer)
    return Response(HTTPStatus.OK, {"data": data} | _errors(answer))


def _errors(answer: _Answer) -> dict[str, object]:
    return {"errors": answer.errors} if answer.errors else {}


_PULLS = ("pull-requests", "issues")


def _comments(answer: _Answer) -> dict[str, Any]:
    path = ["repository", "pullRequest", "comments"]
    pull = answer.pull
    page = pull and answer.guarded(_PULLS, path, lambda: _page(answer, pull))
    repository = {"pullRequest": pull and {"comments": page}}
    return {"viewer": {"login": answer.asked.login}, "repository": repository}


def _page(answer: _Answer, pull: PullRequest) -> dict[str, Any]:
    comments = answer.asked.state.comments_of(pull.repository, pull.number)
    changed_last = sorted(comments, key=lambda it: (it.updated_at, it.id), reverse=True)
    start = int(answer.variables.get("after") or 0)
    end = start + _PAGE
    return {
        "pageInfo": {"hasNextPage": end < len(changed_last), "endCursor": str(end)},
        "nodes": [_comment(answer.asked, comment) for comment in changed_last[start:end]],
    }


def _comment(asked: Asked, comment: Comment) -> dict[str, Any]:
    page = asked.links.pull_page(comment.repository, comment.number)
    return {
        "fullDatabaseId": str(comment.id),
        "url": f"{page}#issuecomment-{comment.id}",
        "body": comment.body,
        "viewerDidAuthor": comment.login == asked.login,
        # A bot's login has no "[bot]" in GraphQL.
        "author": {"login": comment.login.removesuffix("[bot]")},
    }


def _glance(answer: _Answer) -> dict[str, Any]:
    path = ["repository", "pullRequest"]
    pull = answer.pull
    head = pull and answer.guarded(_PULLS, path, lambda: {"headRefOid": pull.head_sha})
    commit = pull and _commit(answer, pull.repository)
    return {"repository": {"pullRequest": head, "object": commit}}


def _commit(answer: _Answer, repository: str) -> dict[str, Any]:
    path = ["repository", "object"]
    return {
        "checkSuites": answer.guarded(
            ("checks",), [*path, "checkSuites"], lambda: _suites(answer, repository)
        ),
        "status": answer.guarded(
            ("statuses",), [*path, "status"], lambda: _status(answer, repository)
        ),
    }


def _suites(answer: _Answer, repository: str) -> dict[str, Any]:
    runs = answer.asked.state.check_runs_of(repository, answer.variables["sha"], answer.asked.at)
    named = [run for run in runs if run.name == answer.variables["check"]]
    by_app = groupby(sorted(named, key=lambda run: run.app), key=lambda run: run.app)
    # One suite for an App; the runs of each come newest first, and the query wants the latest.
    web = answer.asked.links.web
    return {"nodes": [_suite(app, next(runs), web) for app, runs in by_app]}


def _suite(app: str, run: CheckRun, web: str) -> dict[str, Any]:
    conclusion = run.conclusion.upper() if run.conclusion else None
    shown = {
        "status": run.status.upper(),
        "conclusion": conclusion,
        "startedAt": timestamp(run.started_at),
        "completedAt": timestamp(run.completed_at) if run.completed_at else None,
        "detailsUrl": run.details_url or f"{web}/{run.repository}/runs/{run.id}",
    }
    return {"app": {"slug": app}, "checkRuns": {"nodes": [shown]}}


def _status(answer: _Answer, repository: str) -> dict[str, Any] | None:
    found = answer.asked.state.statuses_of(repository, answer.variables["sha"], answer.asked.at)
    named = [status for status in found if status.context == answer.variables["check"]]
    if not found:
        return None
    return {"context": _context(named[0]) if named else None}


def _context(status: CommitStatus) -> dict[str, Any]:
    # A bot's login has no "[bot]" in GraphQL.
    creator = {"__typename": status.kind, "login": status.login.removesuffix("[bot]")}
    return {
        "state": status.state.upper(),
        "createdAt": timestamp(status.created_at),
        "targetUrl": status.target_url or None,
        "creator": creator,
    }


_OPERATIONS: dict[str, Callable[[_Answer], dict[str, Any]]] = {
    "Comments": _comments,
    "Glance": _glance,
}

ROUTES = (Route("POST", "/graphql", Endpoint(_graphql, without_token=token_required())),)
