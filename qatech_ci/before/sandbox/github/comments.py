"""Comments: https://docs.github.com/rest/issues/comments."""

from http import HTTPStatus

from qatech_ci.before.sandbox.github.bodies import sent
from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.pages import page
from qatech_ci.before.sandbox.github.payloads.comments import comment_payload
from qatech_ci.before.sandbox.github.problems import invalid_comment, not_found, problem
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Refused, Response

LONGEST_BODY = 65_536
"""In characters, as GitHub's own error says."""
_DOCUMENTATION = "/issues/comments"
_ALL = REPOSITORY + "/issues/(?P<number>[0-9]{1,9})/comments"
_ONE = REPOSITORY + "/issues/comments/(?P<comment>[0-9]{1,18})"


def _list(asked: Asked) -> Response:
    found = asked.state.comments_of(asked.pull.repository, asked.pull.number)
    items, headers = page(asked, found)
    return Response(HTTPStatus.OK, [comment_payload(c, asked.links) for c in items], headers)


def _create(asked: Asked) -> Response:
    made = asked.state.comment(asked.pull, asked.login, _body(asked), asked.at)
    payload = comment_payload(made, asked.links)
    return Response(HTTPStatus.CREATED, payload, {"Location": payload["url"]})


def _get(asked: Asked) -> Response:
    return Response(HTTPStatus.OK, comment_payload(asked.comment, asked.links))


def _edit(asked: Asked) -> Response:
    comment = asked.comment
    comment.body, comment.updated_at = _body(asked), asked.at
    return Response(HTTPStatus.OK, comment_payload(comment, asked.links))


def _delete(asked: Asked) -> Response:
    del asked.state.comments[asked.comment.id]
    return Response(HTTPStatus.NO_CONTENT)


def _body(asked: Asked) -> str:
    text = sent(asked).get("body")
    if not isinstance(text, str):
        message = 'Invalid request.\n\n"body" wasn\'t supplied.'
        raise Refused(problem(HTTPStatus.UNPROCESSABLE_ENTITY, message, _DOCUMENTATION))
    return _acceptable(text)


def _acceptable(text: str) -> str:
    if not text.strip():
        complaint = "Body cannot be blank"
    elif len(text) > LONGEST_BODY:
        complaint = f"Body is too long (maximum is {LONGEST_BODY} characters)"
    else:
        return text
    raise Refused(invalid_comment("unprocessable", complaint, _DOCUMENTATION))


_READ = (Permission("issues", "read"), Permission("pull-requests", "read"))
_WRITE = (Permission("issues", "write"), Permission("pull-requests", "write"))

ROUTES = (
    Route("GET", _ALL, Endpoint(_list, _READ, _DOCUMENTATION, not_found())),
    Route("POST", _ALL, Endpoint(_create, _WRITE, _DOCUMENTATION, not_found())),
    Route("GET", _ONE, Endpoint(_get, _READ, _DOCUMENTATION, not_found())),
    Route("PATCH", _ONE, Endpoint(_edit, _WRITE, _DOCUMENTATION, not_found())),
    Route("DELETE", _ONE, Endpoint(_delete, _WRITE, _DOCUMENTATION, not_found())),
)
