"""Waiting for what the assistant says, in sight of whoever watches the log.

QA.tech says that replies typically take 10 to 60 s, and to look every 2 to 5 s. So a review is
first looked at after ten seconds, when one may be done, and then as often as is recommended. Who
has waited for longer looks less often. docs/benchmarks.md has the figures.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from qatech_ci.errors import AnswerLost, QaTechError
from qatech_ci.forge import Job
from qatech_ci.http.deadline import Deadline
from qatech_ci.http.session import backoff
from qatech_ci.model import Conversation, Message

from .api import QaTech

FIRST_REVIEW = 10.5  # seconds before the first look at a review; jitter makes it 12 s on average
FIRST_ANSWER = 2.0  # seconds before the first look at an answer to a message
_SPREAD = 3.0
_SHORTEST, _USUAL, _LONGEST = 3.0, 5.0, 30.0
_SHARE, _LATE_SHARE = 0.055, 0.01  # of the time since the start: a usual pause, the least later
_PATIENCE = 300.0  # seconds for which QA.tech may fail to answer, beyond what it asks for
LAST_LOOK = 1.0  # seconds kept for one more look before the time is up
_HEARTBEAT = 60.0  # seconds after which a line is printed although nothing has changed


def next_pause(elapsed: float, jitter: float, first: float = FIRST_REVIEW) -> float:
    """Return the seconds to the next look, `elapsed` seconds after the start.

    `jitter`, from 0 to 1, spreads the first looks of runs that start together over one pause, and
    moves every later one by up to a tenth.
    """
    if elapsed < first:
        return first - elapsed + min(_SPREAD, first) * jitter
    usual = min(max(_SHARE * elapsed, _SHORTEST), _USUAL)
    return min(max(usual, _LATE_SHARE * elapsed), _LONGEST) * (0.9 + 0.2 * jitter)


def replies(
    messages: Iterable[Message], mark: str, known: Collection[str] = ()
) -> Iterator[Message]:
    """Yield what the assistant said to us, oldest first, whatever the order of the list.

    Position says nothing: the pages document newest first and show oldest first. Where somebody
    else has said something in between, what is answered to that is not for us. `mark` is in all
    that we say after the first message; `known` are the ids of messages from before that.
    """
    is_ours, is_answered = True, False
    for message in sorted((it for it in messages if it.id not in known), key=_order):
        if message.role == "user":
            is_ours = not is_answered or mark in message.text
        elif message.role == "assistant":
            is_answered = True
            if is_ours:
                yield message


def _order(message: Message) -> tuple[datetime, bool, bool]:
    """Sort by time; both sides of an exchange may be written in one go, the answer second."""
    return message.created_at, message.role == "assistant", not message.is_finished


@dataclass
class Wait:
    """Polls a conversation; `messages` always holds what has been read of the assistant so far."""

    qatech: QaTech
    conversation_id: str
    deadline: Deadline
    job: Job
    mark: str  # what is in all that we say in the conversation, such as the review's nonce
    messages: list[Message] = field(default_factory=list)  # all that was said to us, oldest first
    known: frozenset[str] = frozenset()  # the ids of messages from before the first thing said
    has_asked: bool = False  # whether we spoke after the first reply, in this or an earlier run
    _is_unanswered: bool = False  # whether the newest message of all is ours
    _before: int = 0  # how many messages came before the last question
    _started: float = field(init=False)
    _told: tuple[str, float] = ("", 0.0)

    def __post_init__(self) -> None:
        self._started = self.deadline.clock.monotonic()

    @property
    def is_finished(self) -> bool:
        """Whether the newest message is finished, and newer than what was said last."""
        is_newer = len(self.messages) > self._before
        return is_newer and self.messages[-1].is_finished and not self._is_unanswered

    def until_finished(self, seconds: float, first: float = FIRST_REVIEW) -> bool:
        """Wait for at most `seconds`, and tell whether the assistant has finished.

        Raises the `QaTechError` of the last look where QA.tech refuses, or has not answered for
        five minutes beyond what it asked to wait.
        """
        clock = self.deadline.clock
        begun = trusted = clock.monotonic()
        failures, asked = 0, 0.0
        while not self.is_finished and (left := begun + seconds - clock.monotonic()) > LAST_LOOK:
            pause = next_pause(clock.monotonic() - begun, clock.random(), first)
            if failures:
                pause = max(asked + pause, backoff(failures, clock.random()))
            clock.sleep(min(pause, left - LAST_LOOK))
            try:
                self.look()
            except QaTechError as error:
                # A conversation may not be found at first.
                may_pass = error.status in {0, 404, 429} or error.status >= 500
                if not may_pass or clock.monotonic() - trusted > _PATIENCE:
                    raise
                failures, asked = failures + 1, error.retry_after or 0.0
                trusted += asked
                self._tell(f"{error.what} Asking again.")
            else:
                failures, trusted = 0, clock.monotonic()
                told = "is writing." if self.messages else "has not replied yet."
                self._tell(f"The reviewer {'has replied.' if self.is_finished else told}")
        return self.is_finished

    def look(self) -> Conversation:
        """Read the conversation once and return it; raises a `QaTechError`."""
        seen = self.qatech.conversation(self.conversation_id)
        # What was read stays, also where a long conversation does not show it any more.
        new = {it.id: it for it in replies(seen.messages, self.mark, self.known)}
        self.messages[:] = [new.pop(it.id, it) for it in self.messages]
        self.messages += new.values()
        said = [it for it in seen.messages if it.role == "user" and self.mark in it.text]
        if self.messages:
            self.has_asked |= any(it.created_at > self.messages[0].created_at for it in said)
        self._is_unanswered = max(seen.messages, key=_order, default=None) in said
        return seen

    def until_newer(self, seconds: float, first: float = FIRST_REVIEW) -> bool:
        """Wait for another message that is finished; tell whether it came within `seconds`."""
        self._before = len(self.messages)
        return self.until_finished(seconds, first)

    def ask(self, text: str, seconds: float) -> bool:
        """Say something, and tell whether the answer came in time; raises a `QaTechError`."""
        try:
            self.qatech.send_message(self.conversation_id, {"message": text})
        except AnswerLost as error:
            # It may have arrived; if it did not, no answer comes, and that is all.
            self.job.info(f"{error.what} Waiting for an answer all the same.")
        return self.until_newer(seconds, FIRST_ANSWER)

    def _tell(self, text: str) -> None:
        now = self.deadline.clock.monotonic()
        if text != self._told[0] or now - self._told[1] > _HEARTBEAT - _USUAL:
            self._told = text, now
            self.job.info(f"{elapsed_time(now - self._started)} {text}")


def elapsed_time(seconds: float) -> str:
    """Return minutes and seconds as a clock shows them."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
