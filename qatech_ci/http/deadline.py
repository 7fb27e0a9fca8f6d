"""Time: the clock, and the one deadline of the step with the alarm that enforces it."""

import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import inf
from types import FrameType

from qatech_ci.errors import Interrupted

AFTER_SIGNAL = 3.0
"""Seconds for reporting after a signal. The runner sends SIGINT, 7.5 s later SIGTERM, and 2.5 s
later it kills: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation"""
_AGAIN = 0.5  # seconds until it is raised once more: Python drops what is raised in a destructor


class Clock:
    """Time and chance. Tests have another one."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the date and time in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Let time pass; a signal ends it with what its handler raises."""
        time.sleep(seconds)

    def random(self) -> float:
        """Return a number from 0 to 1, for jitter."""
        return random.random()  # noqa: S311 - nothing secret hangs on it


class _TooSlow(BaseException):
    """A single call has taken its time. No `Exception`, which libraries would swallow."""


class Deadline:
    """The end of the step. While armed, it raises `Interrupted` wherever the run is.

    One repeating alarm in the main thread bounds everything, since a socket's time-out counts anew
    for each byte that arrives. SIGINT and SIGTERM come the same way; a second signal is ignored.
    While nothing is armed, only `left` and `sleep` bound what is done.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock = clock
        self.signal = 0  # the number of the first signal that has come; 0 without one
        self._end = clock.monotonic() + seconds
        self._is_armed = False
        self._limit = inf  # until when the call that is made may take

    def left(self) -> float:
        """Return the seconds until the deadline, never below 0."""
        return max(self._end - self.clock.monotonic(), 0.0)

    def sleep(self, seconds: float) -> None:
        """Let time pass. Raises `Interrupted` where the deadline comes first."""
        left = self.left()
        self.clock.sleep(min(seconds, left))
        if seconds >= left:
            raise Interrupted(self.signal)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Handle signals within the block, and arm."""
        before = {it: signal.signal(it, self._on_signal) for it in (signal.SIGINT, signal.SIGTERM)}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
        try:
            self.arm(self.left())
            yield
        finally:
            self.disarm()
            for number, handler in before.items():
                signal.signal(number, handler)

    def arm(self, seconds: float) -> None:
        """Set the deadline anew, `seconds` from now; what interrupted before is over."""
        self._end = self.clock.monotonic() + seconds
        self._limit = inf
        self._is_armed = True
        self._set_alarm()

    def disarm(self) -> None:
        """Raise nothing from now on; a signal is taken note of."""
        self._is_armed = False
        self._set_alarm()

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Bound one call, in no other. Raises `TimeoutError` where it takes longer."""
        self._limit = self.clock.monotonic() + seconds
        self._set_alarm()
        try:
            yield
        except _TooSlow:
            raise TimeoutError from None
        finally:
            self._limit = inf
            self._set_alarm()

    def _set_alarm(self) -> None:
        delay = min(self._end, self._limit) - self.clock.monotonic()
        seconds = max(delay, 0.001) if self._is_armed else 0.0
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)

    def _on_alarm(self, _number: int, _frame: FrameType | None) -> None:
        # One that is on its way already would be taken over while it is reported.
        if not self._is_armed or isinstance(sys.exc_info()[1], Interrupted):
            return
        now = self.clock.monotonic()
        if now >= self._end:
            raise Interrupted(self.signal)
        if now >= self._limit:
            raise _TooSlow

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.signal:
            return
        self.signal = number
        if self._is_armed:
            # The time is almost up, so that the alarm raises it again.
            self._end = min(self._end, self.clock.monotonic() + _AGAIN)
            self._set_alarm()
            raise Interrupted(number)
