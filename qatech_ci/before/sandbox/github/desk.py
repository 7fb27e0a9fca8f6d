"""Who is let in, what it costs them, and which endpoint answers."""

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from qatech_ci.before.sandbox.github import (
    accounts,
    checks,
    collaborators,
    comments,
    commits,
    deployments,
    graphql,
    pulls,
    reactions,
    statuses,
)
from qatech_ci.before.sandbox.github.budget import Budgets
from qatech_ci.before.sandbox.github.caching import conditional
from qatech_ci.before.sandbox.github.endpoints import Asked, Endpoint
from qatech_ci.before.sandbox.github.payloads.links import Links
from qatech_ci.before.sandbox.github.problems import bad_credentials, exhausted, not_found
from qatech_ci.before.sandbox.github.state import State, number_of
from qatech_ci.before.sandbox.github.tokens import Token
from qatech_ci.before.sandbox.routing import NoRoute, Route, resolve
from qatech_ci.before.sandbox.web import Refused, Request, Response

ROUTES: tuple[Route[Endpoint], ...] = (
    *accounts.ROUTES,
    *graphql.ROUTES,
    *pulls.ROUTES,
    *comments.ROUTES,
    *reactions.ROUTES,
    *collaborators.ROUTES,
    *deployments.ROUTES,
    *checks.ROUTES,
    *statuses.ROUTES,
    *commits.ROUTES,
)
"""Further endpoints come in as further files with `ROUTES` of their own."""
_FREE = "/rate_limit"  # https://docs.github.com/rest/rate-limit/rate-limit


@dataclass(frozen=True)
class Desk:
    """Takes requests in."""

    state: State
    budgets: Budgets
    page_limit: int
    server_url: str

    def answer(self, request: Request, at: datetime) -> tuple[Response, bool]:
        """Return the answer to `request`, and whether it took from the caller's rate limit."""
        token = _token(request)
        resource = "graphql" if request.path == "/graphql" else "core"
        window = self.budgets.of(token, resource, at)
        if request.path != _FREE and not window.remaining:
            caller = self.state.caller(token)
            refusal = exhausted(caller.login if caller else "")
            return refusal.adding(window.headers()), False
        response = conditional(request, self._admitted(request, token, at))
        counted = request.path != _FREE and response.status != HTTPStatus.NOT_MODIFIED
        window.used += counted
        return response.adding(window.headers()), counted

    def _admitted(self, request: Request, token: str, at: datetime) -> Response:
        try:
            caller = self._caller(request, token)
            endpoint, parameters = resolve(ROUTES, request.method, self._by_name(request.path))
        except NoRoute:
            return not_found()
        except Refused as refused:
            return refused.response
        links = Links(request.base_url, self.server_url)
        asked = Asked(
            request, parameters, token, caller, at, self.state, self.budgets, links, self.page_limit
        )
        return _answered(endpoint, asked)

    def _caller(self, request: Request, token: str) -> Token | None:
        caller = self.state.caller(token)
        if caller is None and "Authorization" in request.headers:
            raise Refused(bad_credentials())
        return caller

    def _by_name(self, path: str) -> str:
        """Return `path` with a repository's id replaced by its name, as in links between pages."""
        by_id = re.fullmatch("/repositories/([0-9]+)(/.*)?", path)
        if not by_id:
            return path
        named = {str(number_of(name)): name for name in self.state.repositories.values()}
        return f"/repos/{named.get(by_id[1], '')}{by_id[2] or ''}"


def _token(request: Request) -> str:
    """Return the token, empty where there is none or it is not written as a token."""
    authorization = request.headers.get("Authorization", "")
    match = re.fullmatch(r"(?:bearer|token) (\S+)", authorization, re.IGNORECASE)
    return match[1] if match else ""


def _answered(endpoint: Endpoint, asked: Asked) -> Response:
    try:
        endpoint.admit(asked.caller)
        response = endpoint.answer(asked)
    except Refused as refused:
        response = refused.response
    return response.adding(endpoint.headers())
