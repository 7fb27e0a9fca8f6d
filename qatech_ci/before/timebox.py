"""Calls that cannot hold their caller up, and calls that a signal cannot break off half-way."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

_Result = TypeVar("_Result")
_LONGEST_IMPORT = 60.0
"""Seconds."""


@contextmanager
def deaf_threads() -> Iterator[None]:
    """Keep SIGINT and SIGTERM from threads that are started within the block.

    The system may hand a signal to any thread. Python acts on it in the main thread only, which
    would not wake up for it from a wait: https://docs.python.org/3/library/signal.html#signals-and-threads
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def within(seconds: float, call: Callable[[], _Result]) -> _Result:
    """Return what `call` returns, or raise what it raises, or `TimeoutError` after `seconds`.

    A socket's time-out counts anew for each byte that arrives, so a server that drips could hold a
    request for ever. The call runs in a thread that is left behind when the time is up; it ends
    with the process. Waiting here, unlike in a socket, also lets a signal through at once.
    """
    done: SimpleQueue[tuple[_Result | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            done.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again by the caller
            done.put((None, error))

    with deaf_threads():
        Thread(target=run, daemon=True).start()
    try:
        result, error = done.get(timeout=max(seconds, 0.0))
    except Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value] # there is a result where there is no error


def undisturbed(call: Callable[[], _Result]) -> _Result:
    """Return what `call`, an import, returns, or raise what it raises.

    A signal ends the wait, but not the call: a package whose import is broken off stays half there,
    and importing it again does not mend that.
    """
    return within(_LONGEST_IMPORT, call)
