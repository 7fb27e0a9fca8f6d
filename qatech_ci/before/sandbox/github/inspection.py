"""What the stand-in shows to a test that only reaches it over HTTP; not part of GitHub's API."""

from collections.abc import Sequence
from http import HTTPStatus

from qatech_ci.before.sandbox.github.payloads.links import timestamp
from qatech_ci.before.sandbox.github.state import Comment, State
from qatech_ci.before.sandbox.journal import JOURNAL_PATH, Call, journal
from qatech_ci.before.sandbox.web import Request, Response

COMMENTS_PATH = "/_sandbox/comments"


def inspected(request: Request, state: State, calls: Sequence[Call]) -> Response | None:
    """Return what a test asks to see; None where `request` is an ordinary one."""
    if (request.method, request.path) == ("GET", JOURNAL_PATH):
        return journal(calls)
    if (request.method, request.path) == ("GET", COMMENTS_PATH):
        return _comments(request, state)
    return None


def _comments(request: Request, state: State) -> Response:
    repository, number = (request.query.get(name, "") for name in ("repository", "number"))
    if not (repository and number.isdecimal()):
        message = f"Say {COMMENTS_PATH}?repository=owner/name&number=1"
        return Response(HTTPStatus.BAD_REQUEST, {"message": message})
    found = state.comments_of(repository, int(number))
    return Response(HTTPStatus.OK, [_shown(comment) for comment in found])


def _shown(comment: Comment) -> dict[str, object]:
    return {
        "id": comment.id,
        "login": comment.login,
        "body": comment.body,
        "created_at": timestamp(comment.created_at),
        "updated_at": timestamp(comment.updated_at),
    }
