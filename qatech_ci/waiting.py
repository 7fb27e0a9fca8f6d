"""Waiting for the reply, in sight of whoever watches the log."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .conversation import is_finished, review_reply
from .errors import (
    AnswerLost,
    AnswerUnreadable,
    ConversationNotFound,
    ReviewerBroken,
    ReviewerError,
    ReviewerUnreachable,
    TooManyRequests,
)
from .model import Conversation, Message
from .polling import next_delay
from .ports import Clock, Deadline, Log, Reviewer

MESSAGES = 20
"""How many recent messages are read; the API's own default."""
PATIENCE = 300.0
"""Seconds for which QA.tech may fail to answer before the wait is given up."""
HEARTBEAT = 60.0
"""Seconds after which a line is printed although nothing has changed."""
LAST_LOOK = 1.0
"""Seconds kept for one more look before the time is up."""

_PASSING_TROUBLE = (
    AnswerLost,
    AnswerUnreadable,
    ConversationNotFound,
    ReviewerBroken,
    ReviewerUnreachable,
    TooManyRequests,
)
"""A conversation may not be found for a moment after it was created."""


@dataclass
class Wait:
    """Asks for the reply until it is finished or the time is up."""

    conversation_id: str
    reviewer: Reviewer
    clock: Clock
    log: Log
    find: Callable[[Conversation], Message | None] = review_reply
    """Picks the reply out of the conversation."""
    reply: Message | None = None
    """The newest reply so far; it stays readable when the wait ends in an exception."""
    _progress: "_Progress" = field(init=False)

    def __post_init__(self) -> None:
        self._progress = _Progress(self.clock, self.log)

    def until(self, deadline: Deadline) -> Message | None:
        """Return the finished reply, or nothing when the time is up.

        Raises the `ReviewerError` of the last attempt where QA.tech refuses, or has not answered
        for five minutes.
        """
        start = last_answer = self.clock.monotonic()
        if self.reply and is_finished(self.reply):
            return self.reply
        while deadline.left() > LAST_LOOK:
            elapsed = self.clock.monotonic() - start
            pause = next_delay(elapsed, self.clock.random())
            self.clock.sleep(min(pause, deadline.left() - LAST_LOOK))
            try:
                self._look(deadline)
                last_answer = self.clock.monotonic()
            except _PASSING_TROUBLE as error:
                self._tolerate(error, last_answer)
            if self.reply and is_finished(self.reply):
                return self.reply
        return None

    def _look(self, deadline: Deadline) -> None:
        seen = self.reviewer.conversation(self.conversation_id, deadline, limit=MESSAGES)
        reply = self.find(seen)
        self._progress.tell(reply)
        self.reply = reply or self.reply

    def _tolerate(self, error: ReviewerError, last_answer: float) -> None:
        if self.clock.monotonic() - last_answer > PATIENCE:
            raise error
        self._progress.trouble(error)


class _Progress:
    """Says what has changed since the last look, and that it is still looking."""

    def __init__(self, clock: Clock, log: Log) -> None:
        self._clock = clock
        self._log = log
        self._start = self._said = clock.monotonic()
        self._state = ""
        self._text = ""

    def tell(self, reply: Message | None) -> None:
        state = _state(reply)
        text = reply.text if reply else ""
        told = text if reply and is_finished(reply) else _whole_lines(text)
        if told != self._text:
            grown = told.removeprefix(self._text)
            self._log.group(f"{self._time()} {state}, {len(text):,} characters so far", grown)
            self._said = self._clock.monotonic()
        elif state != self._state or self._is_heartbeat():
            self._say(state)
        self._state, self._text = state, told

    def trouble(self, error: ReviewerError) -> None:
        self._say(f"{error.what} Asking again.")
        self._state = ""

    def _say(self, text: str) -> None:
        self._log.info(f"{self._time()} {text}")
        self._said = self._clock.monotonic()

    def _is_heartbeat(self) -> bool:
        # The next look may be 5 s away: without them a line would come later than once a minute.
        return self._clock.monotonic() - self._said >= HEARTBEAT - 6

    def _time(self) -> str:
        minutes, seconds = divmod(int(self._clock.monotonic() - self._start), 60)
        return f"{minutes}:{seconds:02}"


def _whole_lines(text: str) -> str:
    """Return a growing text without its last line: half a secret would not be known as one."""
    return text[: text.rfind("\n") + 1]


def _state(reply: Message | None) -> str:
    if reply is None:
        return "No reply yet"
    return f"Reply {reply.status.lower() or 'of unknown status'}"
