"""QA.tech's Chat API: its four calls.

https://docs.qa.tech/api-reference/chat/start-change-review-chat and the three beside it.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from qatech_ci.errors import AnswerLost, QaTechError
from qatech_ci.http.session import BoundedSession, TooLarge, asked_delay, retried, why_unreachable
from qatech_ci.model import CONVERSATION_ID, Conversation, Message
from qatech_ci.schemas import problems

MESSAGES = 100  # how many recent messages of a conversation are asked for
_LARGEST = 2 * 1024 * 1024  # bytes of an answer
_LONGEST_CALL = 30.0  # seconds
_ATTEMPTS = 8  # of a start that cannot have arrived, with growing pauses: in a minute and a half
_REMEDIES = {  # for the table "Error Responses" of QA.tech's Chat API page
    400: "Check `application-overrides`, `project` and `context` against the message.",
    401: "Check that `api-token` holds a QA.tech API token that has not been revoked.",
    403: "Check that the token belongs to this project and that the organization is active.",
    404: "Check `project` and the short ids, and that the token may see them.",
    407: "The proxy asks for a login: write it in the variable `HTTPS_PROXY`.",
    429: "Start fewer reviews at the same time, or run the job again later.",
}
MAY_HAVE_STARTED = "A review may have started: look in QA.tech before you run this again."
Body = Mapping[str, Any]


class QaTech:
    """Sends each request at most once where it may have had an effect."""

    def __init__(self, session: BoundedSession, base_url: str) -> None:
        self._session = session
        self._base_url = base_url

    @property
    def may_have_started(self) -> bool:
        """Whether a request that was cut off may have arrived."""
        return self._session.has_connected

    def start_review(self, body: Body) -> Conversation:
        """Start a review of changes; raises a `QaTechError`."""
        return self._start("/chat/change-review", body)

    def start_chat(self, body: Body) -> Conversation:
        """Start a conversation with a message; raises a `QaTechError`."""
        return self._start("/chat", body)

    def send_message(self, conversation_id: str, body: Body) -> Conversation:
        """Send a message in a conversation; raises a `QaTechError`."""
        return self._start(f"/chat/{quote(conversation_id, safe='')}", body)

    def conversation(self, conversation_id: str) -> Conversation:
        """Return a conversation with its recent messages; raises a `QaTechError`."""
        return self._call(f"/chat/{quote(conversation_id, safe='')}?limit={MESSAGES}")

    def _start(self, path: str, body: Body) -> Conversation:
        """Send what starts something, and again only where it cannot have had an effect.

        No idempotency key is documented. Where there may have been one, the error says so.
        """
        try:
            return retried(lambda: self._call(path, body), self._session.deadline, _ATTEMPTS)
        except QaTechError as error:
            # A 503 that names a time comes from a service that did not take the request.
            is_lost = isinstance(error, AnswerLost) or error.status >= 500
            is_start = path in {"/chat", "/chat/change-review"}
            if is_start and is_lost and error.retry_after is None:
                error.remedy = f"{error.remedy} {MAY_HAVE_STARTED}".strip()
            raise

    def _call(self, path: str, body: Body | None = None) -> Conversation:
        method, url = "GET" if body is None else "POST", self._base_url + path
        call = f"{method} {path}"
        try:
            answer, content = self._session.exchange(method, url, _LONGEST_CALL, _LARGEST, body)
        except TooLarge:
            raise AnswerLost(f"QA.tech's answer to {call} is larger than 2 MiB.") from None
        except (OSError, ValueError) as error:
            raise self._failure(call, error) from None
        if not 200 <= answer.status_code < 300:
            raise self._refused(call, answer.status_code, content, answer.headers)
        return _conversation(call, content)

    def _failure(self, call: str, error: Exception) -> QaTechError:
        """Return the error for a call without an answer; a library's words may quote the token."""
        if self._session.has_connected:
            return AnswerLost(f"QA.tech's answer to {call} was lost: {type(error).__name__}.")
        (why, remedy), host = why_unreachable(error), urlsplit(self._base_url).hostname
        # What is no URL or proxy is a ValueError, and stays one.
        is_temporary = not remedy and not isinstance(error, ValueError)
        return QaTechError(
            f"QA.tech could not be reached for {call} at {host}: {why}.",
            remedy or "Check `api-url` and whether the runner may reach it.",
            retry_after=0.0 if is_temporary else None,
        )

    def _refused(
        self, call: str, status: int, content: bytes, headers: Mapping[str, str]
    ) -> QaTechError:
        """Return the error for an answer with an error status, with the service's own message."""
        message = None
        with suppress(ValueError, RecursionError, TypeError, KeyError):
            message = json.loads(content)["message"]
        told = str(message or "no message came with it").strip().rstrip(".")[:1000]
        remedy = _REMEDIES.get(status, "Run the job again later." if status >= 500 else "")
        if status == 404 and not re.search(r"[^/]/v\d+$", self._base_url):
            remedy = "`api-url` lacks the API's version: QA.tech's ends in `/v1`."
        if 300 <= status < 400:
            remedy = "Redirects are not followed with a token. Set `api-url` to where it leads."
        delay = asked_delay(headers.get("Retry-After"))
        retry_after = {429: delay or 0.0, 503: delay}.get(status)
        what = f"QA.tech answered {call} with {status}: {told}."
        return QaTechError(what, remedy, status=status, retry_after=retry_after)


def _conversation(call: str, content: bytes) -> Conversation:
    """Return the conversation in an answer; raises `AnswerLost` where it is not as documented."""
    place = ""
    with suppress(ValueError, RecursionError):
        document = json.loads(content)
        wrong = problems("chat-api#conversation", document)
        if not wrong and CONVERSATION_ID.fullmatch(document["shortId"]):
            messages = tuple(map(_message, document.get("messages") or ()))
            return Conversation(document["shortId"], _link(document["url"]), messages)
        place = ".".join(map(str, wrong[0].absolute_path)) if wrong else "shortId"
    raise AnswerLost(f"QA.tech's answer to {call} is not as documented at {place or 'the body'}.")


def _message(item: Mapping[str, Any]) -> Message:
    moment = datetime.fromisoformat(item["createdAt"])
    created_at = moment.replace(tzinfo=moment.tzinfo or UTC)
    status, is_streaming = item.get("status") or "", item.get("isStreaming") or False
    return Message(item["id"], item["role"], created_at, item["text"], status, is_streaming)


def _link(url: str) -> str:
    """Return a URL that may be linked, or nothing: https, and nothing odd in it."""
    pattern = r"https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~%/=&?#+-]{0,2000})?"
    return url if re.fullmatch(pattern, url) else ""
