"""Who calls, and how much they may: /user and /rate_limit."""

from http import HTTPStatus

from qatech_ci.before.sandbox.github.endpoints import Asked, Endpoint
from qatech_ci.before.sandbox.github.payloads.people import user_payload
from qatech_ci.before.sandbox.github.problems import not_accessible, token_required
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response


def _user(asked: Asked) -> Response:
    # An installation is not a user: https://docs.github.com/rest/users/users#get-the-authenticated-user
    if asked.caller and asked.caller.is_app:
        return not_accessible("/users/users#get-the-authenticated-user", by_app=True)
    return Response(HTTPStatus.OK, user_payload(asked.login, asked.links))


def _rate_limit(asked: Asked) -> Response:
    resources = {
        name: asked.budgets.of(asked.token, name, asked.at).shown()
        for name in ("core", "graphql", "search")
    }
    return Response(HTTPStatus.OK, {"resources": resources, "rate": resources["core"]})


ROUTES = (
    Route("GET", "/user", Endpoint(_user, without_token=token_required())),
    Route("GET", "/rate_limit", Endpoint(_rate_limit)),
)
