"""The stand-in for GitLab's REST API: https://docs.gitlab.com/api/rest/."""

from collections.abc import Callable
from datetime import datetime

from qatech_ci.before.sandbox.gitlab.budget import Budgets
from qatech_ci.before.sandbox.gitlab.desk import Desk
from qatech_ci.before.sandbox.gitlab.endpoints import Paging
from qatech_ci.before.sandbox.gitlab.inspection import inspected
from qatech_ci.before.sandbox.gitlab.stage import Delivery, MergeRequests, People, Talk
from qatech_ci.before.sandbox.gitlab.state import State
from qatech_ci.before.sandbox.journal import Call
from qatech_ci.before.sandbox.web import Request, Response

_BANNER = {"Server": "qatech-ci stand-in for GitLab"}


class GitLab(MergeRequests, Talk, Delivery, People):
    """Projects and what happens in them, in memory, with roles and a rate limit.

    The `add_…` methods set the scene. What lies in the future, by the clock `now`, is not there
    yet: so a test can add a deployment that succeeds in a minute.

    `now` returns aware times. `page_limit` is the largest page that is given out, `count_limit`
    the longest list whose length is told, `budget` the number of requests a minute that a token
    has (gitlab.com gives 2,000), `server_url` the address of the pages for people, by default
    where the caller reaches the API, as it is at GitLab. The API is below `/api/v4`.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        page_limit: int = 100,
        count_limit: int = 10_000,
        budget: int = 2000,
        server_url: str = "",
    ) -> None:
        self.requests: list[Call] = []
        """All calls so far, oldest first, with whether they were within the rate limit."""
        super().__init__(State(), now)
        paging = Paging(page_limit, count_limit)
        self._desk = Desk(self._state, Budgets(budget), paging, server_url)

    def handle(self, request: Request) -> Response:
        """Return the answer to `request` and note both; what only tests ask is not noted."""
        if shown := inspected(request, self._state, self.requests):
            return shown.adding(_BANNER)
        response, counted = self._desk.answer(request, self._now())
        call_id = {"X-Request-Id": f"STANDIN{len(self.requests):06d}"}
        response = response.adding(_BANNER | call_id)
        self.requests.append(Call(request, response, counted))
        return response
