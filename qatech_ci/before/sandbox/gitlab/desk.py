"""Who is let in, what it costs them, and which endpoint answers."""

from dataclasses import dataclass
from datetime import datetime

from qatech_ci.before.sandbox.gitlab import (
    accounts,
    awards,
    deployments,
    diffs,
    discussions,
    merge_requests,
    notes,
    projects,
    statuses,
)
from qatech_ci.before.sandbox.gitlab.budget import Budgets
from qatech_ci.before.sandbox.gitlab.credentials import caller_of, token_of
from qatech_ci.before.sandbox.gitlab.endpoints import Asked, Endpoint, Paging
from qatech_ci.before.sandbox.gitlab.params import sent
from qatech_ci.before.sandbox.gitlab.payloads.links import Links
from qatech_ci.before.sandbox.gitlab.problems import no_route
from qatech_ci.before.sandbox.gitlab.state import State
from qatech_ci.before.sandbox.routing import NoRoute, Route, resolve
from qatech_ci.before.sandbox.web import Refused, Request, Response

ROUTES: tuple[Route[Endpoint], ...] = (
    *accounts.ROUTES,
    *projects.ROUTES,
    *merge_requests.ROUTES,
    *diffs.ROUTES,
    *notes.ROUTES,
    *awards.ROUTES,
    *discussions.ROUTES,
    *statuses.ROUTES,
    *deployments.ROUTES,
)
"""Further endpoints come in as further files with `ROUTES` of their own."""


@dataclass(frozen=True)
class Desk:
    """Takes requests in."""

    state: State
    budgets: Budgets
    paging: Paging
    server_url: str
    """Where the pages for people are; empty: where the caller reaches the API."""

    def answer(self, request: Request, at: datetime) -> tuple[Response, bool]:
        """Return the answer to `request`, and whether it was within the caller's rate limit."""
        token = token_of(request)
        window = self.budgets.of(token, at)
        within = window.take()
        response = self._routed(request, at) if within else window.refusal(at)
        known = "authenticated" if token else "unauthenticated"
        return response.adding(window.headers(f"throttle_{known}_api")), within

    def _routed(self, request: Request, at: datetime) -> Response:
        try:
            endpoint, parameters = resolve(ROUTES, request.method, request.path)
        except NoRoute as no:
            return no_route(allowed=no.allowed)
        try:
            caller = endpoint.admit(caller_of(request, self.state))
            links = Links(self.server_url or request.base_url)
            asked = Asked(
                request, parameters, sent(request), caller, at, self.state, links, self.paging
            )
            return endpoint.answer(asked)
        except Refused as refused:
            return refused.response
