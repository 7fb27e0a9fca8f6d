"""Who calls, and how much they may: /user, /graphql and /rate_limit."""

import re
from http import HTTPStatus

from qatech_ci.sandbox.github.bodies import sent
from qatech_ci.sandbox.github.endpoints import Asked, Endpoint
from qatech_ci.sandbox.github.payloads.people import user_payload
from qatech_ci.sandbox.github.problems import not_accessible, token_required
from qatech_ci.sandbox.routing import Route
from qatech_ci.sandbox.web import Response

_VIEWER = re.compile(r"\s*(query(\s+\w+)?)?\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*")


def _user(asked: Asked) -> Response:
    # An installation is not a user: https://docs.github.com/rest/users/users#get-the-authenticated-user
    if asked.caller and asked.caller.is_app:
        return not_accessible("/users/users#get-the-authenticated-user", by_app=True)
    return Response(HTTPStatus.OK, user_payload(asked.login, asked.links))


def _graphql(asked: Asked) -> Response:
    """Answer the one query that also works for `GITHUB_TOKEN`: who is calling."""
    query = sent(asked).get("query")
    if isinstance(query, str) and _VIEWER.fullmatch(query):
        return Response(HTTPStatus.OK, {"data": {"viewer": {"login": asked.login}}})
    message = "This stand-in for GitHub knows the query { viewer { login } } only"
    # GraphQL reports its errors with status 200: https://docs.github.com/graphql
    return Response(HTTPStatus.OK, {"errors": [{"message": message}]})


def _rate_limit(asked: Asked) -> Response:
    resources = {
        name: asked.budgets.of(asked.token, name, asked.at).shown()
        for name in ("core", "graphql", "search")
    }
    return Response(HTTPStatus.OK, {"resources": resources, "rate": resources["core"]})


ROUTES = (
    Route("GET", "/user", Endpoint(_user, without_token=token_required())),
    Route("POST", "/graphql", Endpoint(_graphql, without_token=token_required())),
    Route("GET", "/rate_limit", Endpoint(_rate_limit)),
)
