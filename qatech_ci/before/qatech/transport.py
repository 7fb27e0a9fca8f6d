"""One request and its answer, bounded in time and size, the token on no other host."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from qatech_ci.before import exchange
from qatech_ci.before.errors import AnswerLost, AnswerUnreadable, ReviewerUnreachable
from qatech_ci.before.timebox import within

_LARGEST_BODY = 2 * 1024 * 1024
_LONGEST_REQUEST = 30.0
"""Seconds."""


@dataclass(frozen=True)
class Answer:
    """An answer with any status; `document` is its JSON, or nothing where it has none."""

    status: int
    document: object
    retry_after: str


class Transport:
    """Sends requests to one base URL. Never repeats one and never follows a redirect."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

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
        target = f"{path}?{urlencode(query)}" if query else path
        try:
            return _answer(within(limit, lambda: self._exchange(method, target, limit, body)), call)
        except TimeoutError:
            raise AnswerLost(f"QA.tech did not answer {call} within {limit:.0f} s.") from None
        except (exchange.Unsent, exchange.Lost, ValueError) as error:
            raise _failure(error, call) from None

    def _exchange(
        self,
        method: str,
        target: str,
        limit: float,
        body: Mapping[str, Any] | None,
    ) -> exchange.Answer:
        content = None if body is None else json.dumps(body).encode()
        headers = self._headers if content is None else self._headers | _JSON
        return exchange.exchange(
            method,
            self._base_url + target,
            limit,
            headers=headers,
            body=content,
            limit=_LARGEST_BODY,
        )


_JSON = {"Content-Type": "application/json"}


def _answer(answer: exchange.Answer, call: str) -> Answer:
    is_success = HTTPStatus(200) <= answer.status < HTTPStatus(300)
    try:
        document = _document(answer)
    except AnswerUnreadable as error:
        if is_success:
            raise AnswerUnreadable(f"QA.tech's answer to {call} {error.what}.") from None
        document = None
    return Answer(answer.status, document, answer.headers.get("Retry-After", ""))


def _document(answer: exchange.Answer) -> object:
    if len(answer.body) > _LARGEST_BODY:
        raise AnswerUnreadable("is larger than 2 MiB")
    try:
        return json.loads(answer.body, parse_constant=_no_number)
    except ValueError:
        raise AnswerUnreadable("is not JSON") from None
    except RecursionError:
        raise AnswerUnreadable("is nested too deeply") from None


def _no_number(name: str) -> float:
    raise ValueError(name)


def _failure(error: Exception, call: str) -> ReviewerUnreachable | AnswerLost:
    if isinstance(error, exchange.Lost):
        return AnswerLost(f"QA.tech's answer to {call} was lost: {error}.")
    if isinstance(error, exchange.Insecure):
        return ReviewerUnreachable(
            f"The connection for {call} is not secure: {error}.",
            "Check `api-url` and the certificates that the runner trusts.",
        )
    reason = error if isinstance(error, exchange.Unsent) else type(error).__name__
    return ReviewerUnreachable(
        f"QA.tech could not be reached for {call}: {reason}.",
        "Check `api-url` and whether the runner may reach it.",
    )
