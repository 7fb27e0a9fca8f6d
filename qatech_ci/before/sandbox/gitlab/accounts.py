"""Who calls: https://docs.gitlab.com/api/users/#retrieve-the-current-user."""

from http import HTTPStatus

from qatech_ci.before.sandbox.gitlab.endpoints import Asked, Endpoint
from qatech_ci.before.sandbox.gitlab.payloads.people import caller_payload, token_payload
from qatech_ci.before.sandbox.gitlab.problems import unauthorized
from qatech_ci.before.sandbox.gitlab.tokens import Token
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response


def _user(asked: Asked) -> Response:
    return Response(HTTPStatus.OK, caller_payload(_caller(asked), asked.at, asked.links))


def _token(asked: Asked) -> Response:
    return Response(HTTPStatus.OK, token_payload(_caller(asked), asked.at))


def _caller(asked: Asked) -> Token:
    """Return who calls; these endpoints know no job tokens and nobody without a token."""
    if asked.caller is None:
        raise unauthorized()
    return asked.caller


ROUTES = (
    Route(
        "GET",
        "/api/v4/user",
        Endpoint(_user, ("api", "read_api", "read_user"), for_anybody=True),
    ),
    Route("GET", "/api/v4/personal_access_tokens/self", Endpoint(_token, for_anybody=True)),
)
