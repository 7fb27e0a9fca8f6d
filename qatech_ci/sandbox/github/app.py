"""The stand-in for GitHub's REST API: https://docs.github.com/rest."""

from collections.abc import Callable, Mapping
from datetime import datetime

from qatech_ci.sandbox.github.budget import Budgets
from qatech_ci.sandbox.github.desk import Desk
from qatech_ci.sandbox.github.inspection import inspected
from qatech_ci.sandbox.github.state import (
    ACTIONS_BOT,
    RECOMMENDED_PERMISSIONS,
    Comment,
    PullRequest,
    State,
    Token,
    key,
)
from qatech_ci.sandbox.journal import Call
from qatech_ci.sandbox.web import Request, Response
from qatech_ci.sandbox.wire import Mounted

BASE_SHA = "c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc"
_BANNER = {"Server": "qatech-ci stand-in for GitHub"}


class GitHub:
    """Repositories, pull requests and comments in memory, with permissions and a rate limit.

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
        self._now, self._state = now, State()
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

    def add_token(
        self,
        token: str | None,
        login: str = ACTIONS_BOT,
        permissions: Mapping[str, str] = RECOMMENDED_PERMISSIONS,
    ) -> None:
        """Let `token` in, or with None every token that is not known otherwise.

        `permissions` are written as in a workflow: `{"pull-requests": "write"}`; what is not
        named is not granted.
        """
        self._state.tokens[token] = Token(login, permissions)

    def add_repository(self, repository: str) -> None:
        """Add a private repository without pull requests; `repository` is owner and name."""
        self._state.repositories[key(repository)] = repository

    def add_pull_request(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        repository: str,
        number: int,
        *,
        head_sha: str,
        base_sha: str = BASE_SHA,
        head_repository: str | None = "",
        draft: bool = False,
        state: str = "open",
        author: str = "octocat",
        title: str = "Add a guest checkout",
        head_ref: str = "guest-checkout",
        base_ref: str = "main",
    ) -> PullRequest:
        """Add a pull request, and its repository if that is new; replace one of the same number.

        `head_repository` is the fork that it comes from, empty for the repository itself and None
        for a fork that has been deleted. Change what is returned to push, close or convert it.
        """
        self.add_repository(repository)
        head = repository if head_repository == "" else head_repository
        pull = PullRequest(
            repository=repository,
            number=number,
            head_sha=head_sha,
            base_sha=base_sha,
            created_at=self._now(),
            head_repository=head,
            head_ref=head_ref,
            base_ref=base_ref,
            title=title,
            author=author,
            state=state,
            draft=draft,
        )
        self._state.pulls[key(repository), number] = pull
        return pull

    def add_comment(self, repository: str, number: int, login: str, body: str) -> int:
        """Add a comment by `login` to a pull request and return its id. Raises `KeyError`."""
        pull = self._state.pulls[key(repository), number]
        return self._state.comment(pull, login, body, self._now()).id

    def comments(self, repository: str, number: int) -> list[Comment]:
        """Return the comments of a pull request, oldest first."""
        return self._state.comments_of(repository, number)


def enterprise(github: GitHub) -> Mounted:
    """Return `github` at the paths that GitHub Enterprise Server has.

    REST is below `/api/v3`, GraphQL at `/api/graphql`:
    https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql
    """
    return Mounted({"/api/v3": github, "/api": github})
