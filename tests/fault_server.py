"""A server that answers by script, in every wrong way that a network has."""

import gzip
import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        """Return the body as JSON."""
        return json.loads(self.body)


Fault = Callable[[socket.socket, "FaultServer"], None]


@dataclass
class FaultServer:
    """Plays one fault a connection; the last one goes on for ever."""

    script: list[Fault]
    url: str = ""
    received: list[Received] = field(default_factory=list)
    closing: Event = field(default_factory=Event)
    _connections: int = 0

    def next_fault(self) -> Fault:
        """Return what happens to the next connection."""
        fault = self.script[min(self._connections, len(self.script) - 1)]
        self._connections += 1
        return fault

    def take(self, connection: socket.socket) -> None:
        """Read one request."""
        stream = connection.makefile("rb")
        method, path, _ = stream.readline().decode().split(" ", 2)
        headers: dict[str, str] = {}
        while line := stream.readline().strip().decode("latin-1"):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        self.received.append(Received(method, path, headers, body))


@contextmanager
def serving(*script: Fault) -> Iterator[FaultServer]:
    """Serve the script on a free port of the loopback until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = FaultServer(list(script), f"http://127.0.0.1:{listener.getsockname()[1]}")
    Thread(target=_accept, args=(listener, server), daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        listener.close()


def _accept(listener: socket.socket, server: FaultServer) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            Thread(target=_play, args=(connection, server), daemon=True).start()


def _play(connection: socket.socket, server: FaultServer) -> None:
    with connection, suppress(OSError):
        server.next_fault()(connection, server)


def raw(
    body: bytes,
    status: int = 200,
    length: int | None = None,
    **headers: str,
) -> bytes:
    """Return an answer's bytes; underscores in header names stand for hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/json", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def answer(document: object, status: int = 200, **headers: str) -> Fault:
    """Answer with JSON."""
    return sends(raw(json.dumps(document).encode(), status, None, **headers))


def sends(data: bytes) -> Fault:
    """Read the request and answer with these very bytes."""

    def fault(connection: socket.socket, server: FaultServer) -> None:
        server.take(connection)
        connection.sendall(data)

    return fault


def bomb(size: int) -> Fault:
    """Answer with a small gzip body that grows to `size` bytes."""
    return sends(raw(gzip.compress(b'"' + b"x" * size + b'"'), Content_Encoding="gzip"))


def reset_before_reading(connection: socket.socket, server: FaultServer) -> None:
    """Reset the connection without a look at the request."""
    del server
    _reset(connection)


def reset_after_reading(connection: socket.socket, server: FaultServer) -> None:
    """Take the request, then reset the connection instead of an answer."""
    server.take(connection)
    _reset(connection)


def speak_plainly(connection: socket.socket, server: FaultServer) -> None:
    """Answer without encryption to whatever comes."""
    del server
    connection.recv(4096)
    connection.sendall(raw(b"{}", 400))


def stall(connection: socket.socket, server: FaultServer) -> None:
    """Take the request and say nothing."""
    server.take(connection)
    server.closing.wait(60)


def drip(connection: socket.socket, server: FaultServer) -> None:
    """Send a byte of the headers now and then, so that no single receive times out."""
    server.take(connection)
    for byte in raw(b"x" * 10_000):
        if server.closing.wait(0.02):
            return
        connection.sendall(bytes([byte]))


def _reset(connection: socket.socket) -> None:
    # With a linger time of 0, closing sends RST.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def refusing() -> Iterator[str]:
    """Yield a URL on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"
