"""Reactions to comments: https://docs.github.com/rest/reactions/reactions."""

from http import HTTPStatus

from qatech_ci.before.sandbox.github.bodies import sent
from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.payloads.comments import REACTIONS, reaction_payload
from qatech_ci.before.sandbox.github.problems import invalid, not_found
from qatech_ci.before.sandbox.github.records import Reaction
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Refused, Response

_DOCUMENTATION = "/reactions/reactions"


def _react(asked: Asked) -> Response:
    comment, content = asked.comment, sent(asked).get("content")
    if content not in REACTIONS:
        error = {"resource": "Reaction", "code": "invalid", "field": "content"}
        raise Refused(invalid(_DOCUMENTATION, [error]))
    for reaction in comment.reactions:
        if (reaction.login, reaction.content) == (asked.login, content):
            return Response(HTTPStatus.OK, reaction_payload(reaction, asked.links))
    made = Reaction(next(asked.state.ids), asked.login, content, asked.at)
    comment.reactions.append(made)
    return Response(HTTPStatus.CREATED, reaction_payload(made, asked.links))


_WRITE = (Permission("issues", "write"), Permission("pull-requests", "write"))

ROUTES = (
    Route(
        "POST",
        REPOSITORY + "/issues/comments/(?P<comment>[0-9]{1,18})/reactions",
        Endpoint(_react, _WRITE, _DOCUMENTATION, not_found()),
    ),
)
