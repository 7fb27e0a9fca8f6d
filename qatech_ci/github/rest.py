"""One REST or GraphQL call at a time, through PyGithub, bounded in time and never repeated by it.

By default PyGithub repeats every call ten times, also one that writes, and sleeps through rate
limits; both are switched off, so that time and repetition are decided here.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from github import Auth, Github, GithubException
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)
from requests import RequestException

from qatech_ci.errors import ForgeError, NotOnForge, PermissionMissing
from qatech_ci.ports import Deadline
from qatech_ci.retry import backoff
from qatech_ci.timebox import within

_LONGEST_CALL = 20.0
"""Seconds."""
_ATTEMPTS = 3
_LONGEST_PAUSE = 60
"""Seconds that a rate limit is waited for, within the deadline."""
_UNUSABLE = (ValueError, RuntimeError, AssertionError, AttributeError, TypeError, LookupError)
"""What PyGithub raises for an answer that is not GitHub's, redirects to other hosts among them."""


class _Plain(HTTPRequestsConnectionClass):
    """A connection on which a write goes nowhere else.

    PyGithub follows a redirect within the host whatever the method, so one comment could become
    many. A read may be led on: that is how GitHub answers for a repository that was renamed.
    """

    def getresponse(self) -> RequestsResponse:
        return _staying(self.verb, super().getresponse())


class _Secure(HTTPSRequestsConnectionClass):
    """The same over TLS."""

    def getresponse(self) -> RequestsResponse:
        return _staying(self.verb, super().getresponse())


def _staying(method: str, response: RequestsResponse) -> RequestsResponse:
    if method != "GET":
        response.headers.pop("location", None)
    return response


Requester.injectConnectionClasses(_Plain, _Secure)
# It logs redirects with their addresses, past our log with its masks.
logging.getLogger("github").setLevel(logging.CRITICAL)


class Rest:
    """Sends calls with one token. Raises `ForgeError` where a call fails."""

    def __init__(self, api_url: str, token: str, deadline: Deadline) -> None:
        github = Github(
            auth=Auth.Token(token) if token else None,
            base_url=api_url,
            retry=None,
            timeout=int(_LONGEST_CALL),
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        self._requester = github.requester
        self._deadline = deadline
        self._seen: dict[str, tuple[str, Any]] = {}

    def read(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Any, Any]:
        """Return headers and document of a GET; a passing failure is tried again."""
        return self._repeated(lambda: self._call("GET", path, query=query, headers=headers))

    def read_unless_same(self, path: str, query: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the document of a GET that is asked again and again.

        GitHub does not count a conditional request that finds nothing new:
        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        key = f"{path}?{sorted((query or {}).items())}"
        etag, document = self._seen.get(key, ("", None))
        headers, fresh = self.read(path, query, {"If-None-Match": etag} if etag else {})
        if etag and fresh is None:
            return document
        self._seen[key] = (str(headers.get("etag") or ""), fresh)
        return fresh

    def create(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return the document that a POST answers. Never repeated: there could be two then."""
        return self._call("POST", path, body=body)[1]

    def put(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the document that a writing call answers which may as well come twice."""
        return self._repeated(lambda: self._call(method, path, body=body))[1]

    def graphql(self, query: str) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to a GraphQL query without variables."""
        return self._bounded("POST /graphql", lambda: self._requester.graphql_query(query, {}))[1]

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[Any, Any]:
        return self._bounded(
            f"{method} {path}",
            lambda: self._requester.requestJsonAndCheck(
                method,
                path,
                parameters=dict(query or {}),
                headers=dict(headers or {}),
                input=body,
            ),
        )

    def _bounded(self, call: str, send: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
        try:
            return within(min(self._deadline.left(), _LONGEST_CALL), send)
        except GithubException as error:
            raise _refusal(call, error) from None
        except (RequestException, TimeoutError) as error:
            raise _PassingTrouble(
                f"GitHub did not answer {call}: {type(error).__name__}."
            ) from None
        except _UNUSABLE as error:
            what = f"GitHub's answer to {call} cannot be read: {type(error).__name__}."
            raise ForgeError(what, "Check `GITHUB_API_URL`.") from None

    def _repeated(self, call: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
        for attempt in range(_ATTEMPTS - 1):
            try:
                return call()
            except _PassingTrouble as trouble:
                clock = self._deadline.clock
                pause = trouble.asked_delay + backoff(attempt, clock.random())
                if pause >= self._deadline.left():
                    raise
                clock.sleep(pause)
        return call()


class _PassingTrouble(ForgeError):
    """A failure that may be over in a moment, or after the time that GitHub asks for."""

    asked_delay = 0.0
    """Seconds."""


def _refusal(call: str, error: GithubException) -> ForgeError:
    what = f"GitHub answered {call} with {error.status}: {_message(error)}."
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    if error.status >= 500:  # noqa: PLR2004 - the server errors of RFC 9110
        return _PassingTrouble(what)
    if error.status in {403, 429} and _is_rate_limit(headers, what):
        return _rate_limited(what, headers)
    if error.status == 401:  # noqa: PLR2004 - as above
        return ForgeError(what, "Check `github-token`: it is not valid.")
    if error.status == 404:  # noqa: PLR2004 - the number is the name that people know
        return NotOnForge(what, "Check the number, and that `github-token` may see it.")
    if error.status == 403:  # noqa: PLR2004 - as above
        accepted = headers.get("x-accepted-github-permissions", "")
        return PermissionMissing(what, f"Accepted permissions: {accepted}." if accepted else "")
    return ForgeError(what)


def _rate_limited(what: str, headers: Mapping[str, str]) -> ForgeError:
    """Return trouble that passes in a moment if GitHub says so, else an error."""
    seconds = headers.get("retry-after", "")
    if seconds.isascii() and seconds.isdigit() and int(seconds[:6]) <= _LONGEST_PAUSE:
        trouble = _PassingTrouble(what)
        trouble.asked_delay = float(seconds)
        return trouble
    return ForgeError(what, "The token's rate limit is used up; run the job again later.")


def _message(error: GithubException) -> str:
    message = error.data.get("message") if isinstance(error.data, dict) else None
    return str(message or "no message came with it").rstrip(".")[:500]


def _is_rate_limit(headers: Mapping[str, str], what: str) -> bool:
    """Tell a rate limit from a missing permission; both are answered with 403.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    remaining = headers.get("x-ratelimit-remaining")
    return remaining == "0" or "retry-after" in headers or "rate limit" in what.lower()
