"""One request and its answer over HTTPS, bounded in time and size, the token on no other host."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
import urllib3
from requests.auth import AuthBase

from qatech_ci import __version__
from qatech_ci.errors import AnswerLost, AnswerUnreadable, ReviewerUnreachable
from qatech_ci.timebox import within

_LARGEST_BODY = 2 * 1024 * 1024
_CHUNK = 64 * 1024
_LONGEST_REQUEST = 30.0
"""Seconds."""


@dataclass(frozen=True)
class Answer:
    """An answer with any status; `document` is its JSON, or nothing where it has none."""

    status: int
    document: object
    retry_after: str


class _Bearer(AuthBase):
    """Sets the token on each request.

    With an `auth` of its own, requests does not look into `.netrc`, which would win over a header:
    https://requests.readthedocs.io/en/latest/user/authentication/#netrc-authentication
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Transport:
    """Sends requests to one base URL. Never repeats one and never follows a redirect."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.headers["User-Agent"] = f"qatech-ci/{__version__}"

    def send(
        self,
        method: str,
        path: str,
        seconds: float,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, int] | None = None,
    ) -> Answer:
        """Return the answer to one request, which may take `seconds`.

        Raises `ReviewerUnreachable` where nothing was sent, `AnswerLost` where it may have been,
        and `AnswerUnreadable` where a success cannot be read.
        """
        call = f"{method} {path}"
        limit = min(seconds, _LONGEST_REQUEST)
        if limit <= 0:
            raise ReviewerUnreachable(f"There was no time left for {call}.")
        try:
            return within(limit, lambda: self._exchange(method, path, limit, body, query))
        except TimeoutError:
            raise AnswerLost(f"QA.tech did not answer {call} within {limit:.0f} s.") from None
        except requests.RequestException as error:
            raise _failure(error, call) from None

    def _exchange(
        self,
        method: str,
        path: str,
        limit: float,
        body: Mapping[str, Any] | None,
        query: Mapping[str, int] | None,
    ) -> Answer:
        response = self._session.request(
            method,
            self._base_url + path,
            json=body,
            params=query,
            timeout=limit,
            allow_redirects=False,
            stream=True,
        )
        with response:
            return _answer(response, f"{method} {path}")


def _answer(response: requests.Response, call: str) -> Answer:
    status = response.status_code
    is_success = HTTPStatus(200) <= status < HTTPStatus(300)
    try:
        document = _document(response)
    except AnswerUnreadable as error:
        if is_success:
            raise AnswerUnreadable(f"QA.tech's answer to {call} {error.what}.") from None
        document = None
    return Answer(status, document, response.headers.get("Retry-After", ""))


def _document(response: requests.Response) -> object:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise AnswerUnreadable("is larger than 2 MiB")
    try:
        return json.loads(body, parse_constant=_no_number)
    except ValueError:
        raise AnswerUnreadable("is not JSON") from None
    except RecursionError:
        raise AnswerUnreadable("is nested too deeply") from None


def _no_number(name: str) -> float:
    raise ValueError(name)


def _failure(error: requests.RequestException, call: str) -> ReviewerUnreachable | AnswerLost:
    reason = _reason(error)
    if isinstance(error, requests.exceptions.SSLError):
        return ReviewerUnreachable(
            f"The connection for {call} is not secure: {reason}.",
            "Check `api-url` and the certificates that the runner trusts.",
        )
    if _is_unsent(error):
        return ReviewerUnreachable(
            f"QA.tech could not be reached for {call}: {reason}.",
            "Check `api-url` and whether the runner may reach it.",
        )
    return AnswerLost(f"QA.tech's answer to {call} was lost: {reason}.")


def _is_unsent(error: requests.RequestException) -> bool:
    """Tell whether no connection was made, so that the request cannot have arrived.

    requests folds urllib3's reasons into ConnectionError; the reason itself tells them apart.
    """
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(
        reason,
        urllib3.exceptions.NewConnectionError
        | urllib3.exceptions.ConnectTimeoutError
        | urllib3.exceptions.ProxyError,
    )


def _reason(error: requests.RequestException) -> str:
    """Return what went wrong as a type's name; a message could quote headers or a URL's query."""
    cause = error.args[0] if error.args else error
    return type(getattr(cause, "reason", cause)).__name__
