"""Apps over HTTP on the loopback, and all that can go wrong on the way."""

import json
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socket import SHUT_RDWR, socket
from socketserver import ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode

from requests.structures import CaseInsensitiveDict

Json: TypeAlias = dict[str, Any]
_Handles = TypeVar("_Handles", bound=Callable[..., object])
_DRIP = 0.02
"""Seconds between two bytes."""


@dataclass(frozen=True)
class Request:
    """A request; `path` is percent-encoded, `body` is None unless it is JSON."""

    method: str
    path: str
    query: dict[str, str]
    headers: CaseInsensitiveDict[str]
    body: Any = None

    @property
    def line(self) -> str:
        """Method and path, as in `GET /repos/octo-org/shop/pulls/7`."""
        return f"{self.method} {self.path}"

    @property
    def origin(self) -> str:
        """Where the client reaches the app."""
        return f"http://{self.headers['Host']}"


class Delivery(Enum):
    """How an answer reaches the client."""

    WHOLE = auto()
    DRIPPED = auto()
    """Byte by byte, so that no single receive times out."""
    DROPPED = auto()
    """Not at all: the connection closes in its place."""
    HELD = auto()
    """Not at all: nothing comes until the server ends."""


@dataclass(frozen=True)
class Response:
    """An answer. `str` and `bytes` are sent as they are, None as nothing, all else as JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE


class App(Protocol):
    """Something that answers; `serving` hands it one request at a time."""

    requests: list[Request]
    """Those that it has answered, oldest first."""

    def handle(self, request: Request) -> Response:
        """Return the answer."""
        ...


Fault: TypeAlias = Response | Delivery
"""A response in place of the app's, which never hears of the request; or how its own is sent."""
DROP_BEFORE: Fault = Response(200, delivery=Delivery.DROPPED)
DROP_AFTER: Fault = Delivery.DROPPED
DRIP: Fault = Delivery.DRIPPED
GARBAGE: Fault = Response(200, b'\x00<html>{"', {"Content-Type": "application/json"})
HANG: Fault = Response(200, delivery=Delivery.HELD)


class Faults:
    """An app behind a network that fails where `decide` says so; it counts requests from 1."""

    def __init__(self, app: App, decide: Callable[[int, Request], Fault | None]) -> None:
        self.requests: list[Request] = []
        self._app = app
        self._decide = decide

    def handle(self, request: Request) -> Response:
        """Return the app's answer, or what comes in its place."""
        self.requests.append(request)
        fault = self._decide(len(self.requests), request)
        if isinstance(fault, Response):
            return fault
        return replace(self._app.handle(request), delivery=fault or Delivery.WHOLE)


class Route(NamedTuple):
    """A method and a path that lead to a handler, and what it needs of the client."""

    method: str
    path: re.Pattern[str]
    handler: Callable[..., Any]
    needs: tuple[str, ...]


class Routes:
    """A table of routes. Called, it is a decorator that adds one."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def __call__(self, method: str, path: str, *needs: str) -> Callable[[_Handles], _Handles]:
        """Lead `method` and `path` to the decorated handler; `{name}` is one of its arguments."""
        pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))

        def add(handler: _Handles) -> _Handles:
            self._routes.append(Route(method, pattern, handler, needs))
            return handler

        return add

    def find(self, request: Request) -> tuple[Route | None, dict[str, str]]:
        """Return the route of a request, with the named parts of its path decoded."""
        for route in self._routes:
            if route.method == request.method and (match := route.path.fullmatch(request.path)):
                return route, {name: unquote(part) for name, part in match.groupdict().items()}
        return None, {}


def answer(request: Request, found: object, size: int) -> Response | None:
    """Return the answer with what a handler found: nothing, a list by pages, or one object."""
    if isinstance(found, list):
        return Response(200, *page(request, found, size))
    if found is None or isinstance(found, Response):
        return found
    return Response(201 if request.method == "POST" else 200, found)


def page(request: Request, items: list[Json], size: int) -> tuple[list[Json], dict[str, str]]:
    """Return the page that was asked for and its `Link` header; `size` is the usual one.

    https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api,
    https://docs.gitlab.com/api/rest/#pagination-link-header
    """
    size = min(int(request.query.get("per_page", size)), 100)
    number, last = int(request.query.get("page", 1)), -(-len(items) // size)
    others = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    links = []
    for name, other in others.items():
        if 1 <= other <= last and other != number:
            query = urlencode({**request.query, "page": other, "per_page": size})
            links.append(f'<{request.origin}{request.path}?{query}>; rel="{name}"')
    return items[(number - 1) * size : number * size], {"Link": ", ".join(links)} if links else {}


@contextmanager
def serving(app: App) -> Iterator[str]:
    """Serve the app on a free port of the loopback; yield its URL, without a slash at the end."""
    server = _Server(app)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.end()
        thread.join()


class _Server(ThreadingTCPServer):
    # Not ThreadingHTTPServer: that looks up its own name, which takes seconds where DNS is slow.
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, app: App) -> None:
        self.app = app
        self.lock = Lock()
        self.closing = Event()
        self.connections: set[socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def run(self) -> None:
        # A signal that lands in this thread, or in one that it starts, would not interrupt what
        # the main thread waits for: https://docs.python.org/3/library/signal.html#signals-and-threads
        ours = {signal.SIGINT, signal.SIGTERM, signal.SIGALRM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ours)
        self.serve_forever(poll_interval=0.01)

    def end(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: the second would wait for an acknowledgement
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.connections.add(self.connection)
        with suppress(ConnectionError):  # a client may hang up
            super().handle()
        self.server.connections.discard(self.connection)

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        headers = CaseInsensitiveDict(self.headers.items())
        sent = self.rfile.read(int(headers.get("Content-Length", 0)))
        try:
            body = json.loads(sent)
        except ValueError:
            body = None
        told = dict(parse_qsl(query, keep_blank_values=True))
        with self.server.lock:
            response = self.server.app.handle(Request(self.command, path, told, headers, body))
        self._send(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _send(self, response: Response) -> None:
        if response.delivery in (Delivery.DROPPED, Delivery.HELD):
            self.close_connection = True
            if response.delivery is Delivery.HELD:
                self.server.closing.wait()
            return
        body = response.body
        if not isinstance(body, bytes):
            text = body if isinstance(body, str) else json.dumps(body)
            body = b"" if body is None else text.encode()
        usual = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
        told = [f"{name}: {value}\r\n" for name, value in {**usual, **response.headers}.items()]
        head = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\n"
        whole = (head + "".join(told) + "\r\n").encode("latin-1") + body
        if response.delivery is Delivery.WHOLE:
            self.wfile.write(whole)
            return
        for byte in whole:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.closing.wait(_DRIP):
                return

    def log_message(self, *_: object) -> None:
        """Keep quiet: the log that tests look at is the action's."""
