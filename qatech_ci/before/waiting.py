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
    ReviewerRefusal,
    ReviewerUnreachable,
    TooManyRequests,
)
from .model import Conversation, Message
from .polling import next_delay
from .ports import Clock, Deadline, Log, Reviewer
from .retry import backoff

MESSAGES = 20
"""How many recent messages are read; the API's own default."""
PATIENCE = 300.0
"""Seconds for which QA.tech may fail to answer before the wait is given up."""
HEARTBEAT = 60.0
"""Seconds after which a line is printed although nothing has changed."""
_LOOK = 1.0
"""Seconds that a look itself may take, as a rule."""
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
    since: float | None = None
    """When the review started, by the clock's monotonic seconds; by default now."""
    _trouble: "_Trouble" = field(init=False)
    _progress: "_Progress" = field(init=False)

    def __post_init__(self) -> None:
        now = self.clock.monotonic()
        self._trouble = _Trouble(now)
        start = now if self.since is None else self.since
        self._progress = _Progress(self.clock, self.log, start)

    def until(self, deadline: Deadline) -> Message | None:
        """Return the finished reply, or nothing when the time is up.

        Raises the `ReviewerError` of the last attempt where QA.tech refuses, or has not answered
        for five minutes beyond what it asked to wait.
        """
        self._trouble = _Trouble(self.clock.monotonic())
        if self.reply and is_finished(self.reply):
            return self.reply
        while deadline.left() > LAST_LOOK:
            self.clock.sleep(min(self._pause(), deadline.left() - LAST_LOOK))
            self._look(deadline)
            if self.reply and is_finished(self.reply):
                return self.reply
        return None

    def _pause(self) -> float:
        usual = next_delay(self._progress.elapsed, self.clock.random())
        return self._trouble.stretched(usual, self.clock.random)

    def _look(self, deadline: Deadline) -> None:
        try:
            seen = self.reviewer.conversation(self.conversation_id, deadline, limit=MESSAGES)
        except _PASSING_TROUBLE as error:
            self._trouble.add(error, self.clock.monotonic())
            self._progress.trouble(error)
            return
        self._trouble = _Trouble(self.clock.monotonic())
        reply = self.find(seen)
        self._progress.tell(reply)
        self.reply = reply or self.reply


@dataclass
class _Trouble:
    """Looks that have failed one after the other, and what QA.tech asks for meanwhile."""

    patient_since: float
    """The last answer; time that QA.tech asked for does not try the patience."""
    failures: int = 0
    asked: float = 0.0

    def add(self, error: ReviewerError, now: float) -> None:
        """Take note of a failure at `now`; raises it where the patience is over."""
        if now - self.patient_since > PATIENCE:
            raise error
        self.asked = error.asked_delay if isinstance(error, ReviewerRefusal) else 0.0
        self.patient_since += self.asked
        self.failures += 1

    def stretched(self, usual: float, chance: Callable[[], float]) -> float:
        """Return the pause, in seconds, where it would be `usual` without trouble.

        Runs that are told the same moment must not come back in the same moment, so a usual pause
        is spread on top of it. Without trouble nothing is drawn from `chance`.
        """
        if not self.failures:
            return usual
        return max(usual, backoff(self.failures, chance()), self.asked + usual * chance())


class _Progress:
    """Says what has changed since the last look, and that it is still looking."""

    def __init__(self, clock: Clock, log: Log, start: float) -> None:
        self._clock = clock
        self._log = log
        self._start = start
        self._said = clock.monotonic()
        self._state = ""
        self._text = ""

    @property
    def elapsed(self) -> float:
        return self._clock.monotonic() - self._start

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
        # Without the pause before the next look a line would come later than once a minute.
        ahead = next_delay(self.elapsed, 1.0) + _LOOK
        return self._clock.monotonic() - self._said + ahead > HEARTBEAT

    def _time(self) -> str:
        minutes, seconds = divmod(int(self.elapsed), 60)
        return f"{minutes}:{seconds:02}"


def _whole_lines(text: str) -> str:
    """Return a growing text without its last line: half a secret would not be known as one."""
    return text[: text.rfind("\n") + 1]


def _state(reply: Message | None) -> str:
    if reply is None:
        return "No reply yet"
    return f"Reply {reply.status.lower() or 'of unknown status'}"
