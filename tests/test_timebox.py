"""A call that cannot hold its caller up."""

import signal
from threading import Event

import pytest

from qatech_ci.timebox import within


def test_the_result_comes_through() -> None:
    """A call in time is a call."""
    assert within(10, lambda: 7) == 7


def test_an_exception_comes_through() -> None:
    """What the call raises, the caller gets."""

    def fail() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        within(10, fail)


@pytest.mark.parametrize("seconds", [0.01, 0, -1])
def test_a_call_that_hangs_is_left_behind(seconds: float) -> None:
    """The caller goes on when the time is up."""
    release = Event()
    with pytest.raises(TimeoutError):
        within(seconds, release.wait)
    release.set()


def test_the_thread_of_a_call_gets_no_signals() -> None:
    """The system may hand one to any thread, and the main thread would sleep on."""
    blocked = within(10, lambda: signal.pthread_sigmask(signal.SIG_BLOCK, set()))
    assert {signal.SIGINT, signal.SIGTERM} <= blocked
    here = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    assert not {signal.SIGINT, signal.SIGTERM} & here
