"""The stand-in for GitHub's REST API: https://docs.github.com/rest."""

from collections.abc import Callable
from datetime import datetime

from qatech_ci.before.sandbox.github.budget import Budgets
from qatech_ci.before.sandbox.github.desk import Desk
from qatech_ci.before.sandbox.github.inspection import inspected
from qatech_ci.before.sandbox.github.stage import Checks, Deployments, People, PullRequests
from qatech_ci.before.sandbox.github.state import State
from qatech_ci.before.sandbox.journal import Call
from qatech_ci.before.sandbox.web import Request, Response
from qatech_ci.before.sandbox.wire import Mounted

_BANNER = {"Server": "qatech-ci stand-in for GitHub"}


class GitHub(PullRequests, Checks, Deployments, People):
    """Repositories and what happens in them, in memory, with permissions and a rate limit.

    The `add_…` methods set the scene. What lies in the future, by the clock `now`, is not there
    yet: so a test can add a check run that completes or a deployment that succeeds in a minute.

    `now` returns aware times. `page_limit` is the largest page that is given out, `budget` the
    number of requests an hour that a token has for each resource (a repository's `GITHUB_TOKEN`
    has 1,000), `server_url` the address of the pages for people.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        page_limit: int = 100,
        budget: int = 1000,
        server_url: str = "https://github.com",
    ) -> None:
        self.requests: list[Call] = []
        """All calls so far, oldest first, with whether they took from the rate limit."""
        super().__init__(State(), now)
        self._desk = Desk(self._state, Budgets(budget), page_limit, server_url)

    def handle(self, request: Request) -> Response:
        """Return the answer to `request` and note both; what only tests ask is not noted."""
        if shown := inspected(request, self._state, self.requests):
            return shown.adding(_BANNER)
        response, counted = self._desk.answer(request, self._now())
        call_id = {"X-GitHub-Request-Id": f"STANDIN:{len(self.requests):06d}"}
        response = response.adding(_BANNER | call_id)
        self.requests.append(Call(request, response, counted))
        return response


def enterprise(github: GitHub) -> Mounted:
    """Return `github` at the paths that GitHub Enterprise Server has.

    REST is below `/api/v3`, GraphQL at `/api/graphql`:
    https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql
    """
    return Mounted({"/api/v3": github, "/api": github})
