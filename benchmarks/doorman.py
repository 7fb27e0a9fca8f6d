"""Stands where QA.tech would, and notes when the start request comes."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread

from qatech_ci.before.timebox import deaf_threads

START = b"POST /v1/chat/change-review "


class Doorman:
    """Takes one connection at a time and never answers, so that the caller stays as it is."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._arrivals: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        """The base URL for the input `api-url`."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"

    def arrival(self, seconds: float) -> float:
        """Return the moment of the next start request, as `perf_counter` tells it.

        Raises `queue.Empty` where none comes in `seconds`, `RuntimeError` where it is another.
        """
        moment, line = self._arrivals.get(timeout=seconds)
        if not line.startswith(START):
            raise RuntimeError(f"expected the start request, got {line!r}")
        return moment

    def attend(self) -> None:
        """Take connections until the socket is closed."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            line = connection.recv(len(START))
            self._arrivals.put((time.perf_counter(), line))
            self._open.append(connection)


@contextmanager
def doorman() -> Iterator[Doorman]:
    """Listen on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        standing = Doorman(listening)
        with deaf_threads():
            Thread(target=standing.attend, daemon=True).start()
        try:
            yield standing
        finally:
            listening.shutdown(socket.SHUT_RDWR)
