"""Calls that cannot hold their caller up, and calls that no signal breaks off."""

import os
import signal
from threading import Event
from types import FrameType

import pytest

from qatech_ci.before.timebox import undisturbed, within


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


def test_a_signal_ends_the_wait_for_an_import_and_not_the_import() -> None:
    """A package that was half imported would stay so."""
    release, is_whole = Event(), Event()

    def load() -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        release.wait(10)
        is_whole.set()

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(InterruptedError):
            undisturbed(load)
    finally:
        signal.signal(signal.SIGUSR1, before)
    release.set()
    assert is_whole.wait(10)


def interrupt(number: int, _: FrameType | None) -> None:
    """Break off whatever the main thread does, as the run's own handler does."""
    raise InterruptedError(number)
