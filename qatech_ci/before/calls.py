"""Calls to a forge: bounded in time, and repeated only where that does no harm."""

from collections.abc import Callable
from typing import TypeVar

from .errors import ForgeError
from .ports import Deadline
from .retry import backoff
from .timebox import within

LONGEST_CALL = 20.0
"""Seconds."""
LONGEST_PAUSE = 60
"""Seconds that a rate limit is waited for, within the deadline."""
_ATTEMPTS = 3
_Answer = TypeVar("_Answer")


class PassingTrouble(ForgeError):
    """A failure that may be over in a moment, or after the time that the forge asks for."""

    asked_delay = 0.0
    """Seconds."""


def bounded(told: str, send: Callable[[], _Answer], deadline: Deadline) -> _Answer:
    """Return what `send` returns; raises `PassingTrouble` with `told` where it takes too long."""
    try:
        return within(min(deadline.left(), LONGEST_CALL), send)
    except TimeoutError:
        raise PassingTrouble(f"{told}: TimeoutError.") from None


def repeated(call: Callable[[], _Answer], deadline: Deadline) -> _Answer:
    """Return what a call returns that may as well come twice; passing trouble is waited out."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return call()
        except PassingTrouble as trouble:
            pause = trouble.asked_delay + backoff(attempt, deadline.clock.random())
            if pause >= deadline.left():
                raise
            deadline.clock.sleep(pause)
    return call()


def rate_limited(what: str, retry_after: str) -> ForgeError:
    """Return trouble that passes in a moment if `Retry-After` says so, else an error."""
    if retry_after.isascii() and retry_after.isdigit() and int(retry_after[:6]) <= LONGEST_PAUSE:
        trouble = PassingTrouble(what)
        trouble.asked_delay = float(retry_after)
        return trouble
    return ForgeError(what, "The token's rate limit is used up; run the job again later.")
