"""PyGithub, kept from repeating and redirecting what it sends, and its errors as ours.

By default PyGithub repeats every call ten times, also one that writes, and sleeps through rate
limits; both are switched off, so that time and repetition are decided by whoever calls.
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

from qatech_ci.before.bodies import LARGEST_BODY, BoundedAdapter
from qatech_ci.before.calls import PassingTrouble, rate_limited
from qatech_ci.before.errors import ForgeError, NotOnForge, PermissionMissing

__all__ = ["LARGEST_BODY", "PyGithub"]
_UNUSABLE = (ValueError, RuntimeError, AssertionError, AttributeError, TypeError, LookupError)
"""What PyGithub raises for an answer that is not GitHub's, redirects to other hosts among them."""


class _Plain(HTTPRequestsConnectionClass):
    """A connection on which a write goes nowhere else.

    PyGithub follows a redirect within the host whatever the method, so one comment could become
    many. A read may be led on: that is how GitHub answers for a repository that was renamed.
    """

    def __init__(self, *place: Any, **options: Any) -> None:  # noqa: ANN401 - as PyGithub has them
        super().__init__(*place, **options)
        self.session.mount("http://", BoundedAdapter())

    def getresponse(self) -> RequestsResponse:
        return _staying(self.verb, super().getresponse())


class _Secure(HTTPSRequestsConnectionClass):
    """The same over TLS."""

    def __init__(self, *place: Any, **options: Any) -> None:  # noqa: ANN401 - as PyGithub has them
        super().__init__(*place, **options)
        self.session.mount("https://", BoundedAdapter())

    def getresponse(self) -> RequestsResponse:
        return _staying(self.verb, super().getresponse())


def _staying(method: str, response: RequestsResponse) -> RequestsResponse:
    if method != "GET":
        response.headers.pop("location", None)
    return response


Requester.injectConnectionClasses(_Plain, _Secure)
# It logs redirects with their addresses, past our log with its masks.
logging.getLogger("github").setLevel(logging.CRITICAL)


class PyGithub:
    """One call at a time. Raises `ForgeError` where it fails."""

    def __init__(self, api_url: str, token: str, seconds: int) -> None:
        github = Github(
            auth=Auth.Token(token) if token else None,
            base_url=api_url,
            retry=None,
            timeout=seconds,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        self._requester = github.requester

    def rest(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None,
    ) -> tuple[Any, Any]:
        """Return headers and document that REST answers."""
        return _told(
            f"{method} {path}",
            lambda: self._requester.requestJsonAndCheck(
                method,
                path,
                parameters=dict(query),
                headers=dict(headers),
                input=body,
            ),
        )


def _told(call: str, send: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
    try:
        return send()
    except GithubException as error:
        raise _refusal(call, error) from None
    except RequestException as error:
        raise PassingTrouble(f"GitHub did not answer {call}: {type(error).__name__}.") from None
    except _UNUSABLE as error:
        what = f"GitHub's answer to {call} cannot be read: {type(error).__name__}."
        raise ForgeError(what, "Check `GITHUB_API_URL`.") from None


def _refusal(call: str, error: GithubException) -> ForgeError:
    what = f"GitHub answered {call} with {error.status}: {_message(error)}."
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    if error.status >= 500:  # noqa: PLR2004 - the server errors of RFC 9110
        return PassingTrouble(what)
    if error.status in {403, 429} and _is_rate_limit(headers, what):
        return rate_limited(what, headers.get("retry-after", ""))
    if error.status == 401:  # noqa: PLR2004 - as above
        return ForgeError(what, "Check `github-token`: it is not valid.")
    if error.status == 404:  # noqa: PLR2004 - the number is the name that people know
        return NotOnForge(what, "Check the number, and that `github-token` may see it.")
    if error.status == 403:  # noqa: PLR2004 - as above
        accepted = headers.get("x-accepted-github-permissions", "")
        return PermissionMissing(what, f"Accepted permissions: {accepted}." if accepted else "")
    return ForgeError(what)


def _message(error: GithubException) -> str:
    message = error.data.get("message") if isinstance(error.data, dict) else None
    return str(message or "no message came with it").rstrip(".")[:500]


def _is_rate_limit(headers: Mapping[str, str], what: str) -> bool:
    """Tell a rate limit from a missing permission; both are answered with 403.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    remaining = headers.get("x-ratelimit-remaining")
    return remaining == "0" or "retry-after" in headers or "rate limit" in what.lower()
