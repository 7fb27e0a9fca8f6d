"""QA.tech's four calls.

https://docs.qa.tech/api-reference/chat/start-change-review-chat and the three beside it.
"""

from collections.abc import Iterable
from urllib.parse import quote

from qatech_ci.before import wire
from qatech_ci.before.errors import (
    AnswerUnreadable,
    RequestInvalid,
    ReviewerBroken,
    ReviewerRefusal,
    ReviewerUnreachable,
    refusal,
)
from qatech_ci.before.model import ChangeReview, Conversation, Override, is_conversation_id
from qatech_ci.before.ports import Clock, Deadline
from qatech_ci.before.retry import asked_delay, backoff

from .transport import Answer, Transport

_PATIENCE = 120.0
"""Seconds for which a request that cannot have arrived is tried again."""


class QaTech:
    """Speaks QA.tech's Chat API. Implements the port `Reviewer`."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock

    def start_review(self, review: ChangeReview, deadline: Deadline) -> Conversation:
        """Start a review of changes; raises a `ReviewerError`."""
        return self._start("/chat/change-review", wire.review_body(review), deadline)

    def start_conversation(
        self,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
        project: str = "",
    ) -> Conversation:
        """Start a conversation with a message; raises a `ReviewerError`."""
        return self._start("/chat", wire.message_body(text, overrides, project), deadline)

    def send_message(
        self,
        conversation_id: str,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
    ) -> Conversation:
        """Say something in a conversation; raises a `ReviewerError`."""
        return self._start(_path(conversation_id), wire.message_body(text, overrides, ""), deadline)

    def conversation(self, conversation_id: str, deadline: Deadline, *, limit: int) -> Conversation:
        """Return a conversation with its `limit` most recent messages; raises a `ReviewerError`.

        A single attempt: whoever polls asks again in any case.
        """
        path = _path(conversation_id)
        answer = self._transport.send("GET", path, deadline.left(), query={"limit": limit})
        return self._read(answer, f"GET {path}")

    def _start(self, path: str, body: wire.Document, deadline: Deadline) -> Conversation:
        """Send a request that starts something, at most once.

        No idempotency key is documented. So it is repeated only where it cannot have had an
        effect; otherwise the error says that it may have.
        """
        try:
            return self._read(self._sent(path, body, deadline), f"POST {path}")
        except (ReviewerBroken, AnswerUnreadable) as error:
            error.may_have_started = True
            raise

    def _sent(self, path: str, body: wire.Document, deadline: Deadline) -> Answer:
        patience = Deadline(self._clock, self._clock.monotonic() + _PATIENCE)
        attempt = 0
        while True:
            try:
                answer = self._transport.send("POST", path, deadline.left(), body=body)
            except ReviewerUnreachable:
                if not self._paused(backoff(attempt, self._clock.random()), patience, deadline):
                    raise
            else:
                asked = self._asked_delay(answer)
                if asked is None:
                    return answer
                wait = asked + backoff(attempt, self._clock.random())
                if not self._paused(wait, deadline):
                    return answer
            attempt += 1

    def _asked_delay(self, answer: Answer) -> float | None:
        """Return the wait that the answer asks for, if it says that the request had no effect."""
        asked = asked_delay(answer.retry_after, self._clock.now())
        if answer.status == 429:  # noqa: PLR2004 - the number is the name that people know
            return asked or 0.0
        return asked if answer.status == 503 else None  # noqa: PLR2004 - as above

    def _read(self, answer: Answer, call: str) -> Conversation:
        if 200 <= answer.status < 300:  # noqa: PLR2004 - the success range of RFC 9110
            return wire.conversation(answer.document, call)
        error = _refused(answer, call)
        error.asked_delay = asked_delay(answer.retry_after, self._clock.now()) or 0.0
        raise error

    def _paused(self, seconds: float, *deadlines: Deadline) -> bool:
        """Wait if the time after it still lies before all deadlines, and tell whether it did."""
        if seconds >= min(deadline.left() for deadline in deadlines):
            return False
        self._clock.sleep(seconds)
        return True


def _path(conversation_id: str) -> str:
    if not is_conversation_id(conversation_id):
        raise RequestInvalid(
            "The conversation's id is not one that QA.tech gives.",
            "Write a short id such as `chat_abc123`.",
            0,
        )
    return f"/chat/{quote(conversation_id, safe='')}"


def _refused(answer: Answer, call: str) -> ReviewerRefusal:
    document = answer.document
    message = document.get("message") if isinstance(document, dict) else None
    told = message if isinstance(message, str) and message else "no message came with it"
    return refusal(answer.status, call, told[:1000])
