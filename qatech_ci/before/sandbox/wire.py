"""Stand-ins over real HTTP."""

import re
import socketserver
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl

from qatech_ci.before.sandbox.web import App, Headers, Refused, Request, Response

BODY_LIMIT = 8 * 1024 * 1024
"""The largest body that is read, in bytes; a diff under review may be long."""


@contextmanager
def serving(app: App, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve `app` in the background; yield its base URL, without a slash at the end.

    Port 0 lets the system choose. Requests reach the app one at a time. Raises `OSError` where
    the address cannot be had.
    """
    server = _Server(app, host, port)
    # The interval is how long the end may have to wait for the server to notice; in seconds.
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Mounted:
    """Apps under path prefixes such as `/api/v3`; the longest prefix that fits decides."""

    apps: Mapping[str, App]

    def handle(self, request: Request) -> Response:
        """Pass `request` on with the prefix moved from its path to its root."""
        for prefix in sorted(self.apps, key=len, reverse=True):
            if request.path.startswith(f"{prefix}/"):
                inner = request.path.removeprefix(prefix)
                return self.apps[prefix].handle(
                    replace(request, path=inner, root=request.root + prefix)
                )
        return _problem(HTTPStatus.NOT_FOUND, f"This stand-in has nothing at {request.path}")


def _problem(status: HTTPStatus, message: str) -> Response:
    return Response(status, {"message": message})


class _Server(ThreadingHTTPServer):
    def __init__(self, app: App, host: str, port: int) -> None:
        self.app = app
        self.lock = Lock()
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would look up its own name here, which takes seconds where DNS is slow.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "stand-in", self.socket.getsockname()[1]

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that hangs up is none of our business; anything else is a bug to be seen.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds of silence after which a kept connection is closed
    # Head and body leave in one packet: two small ones would wait for a delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        try:
            request = self._request()
        except Refused as refused:
            # What follows on this connection cannot be told from the body that was not read.
            self._send(refused.response.adding({"Connection": "close"}))
        else:
            with self.server.lock:
                response = self.server.app.handle(request)
            self._send(response)

    # The names are http.server's.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        return Request(
            self.command,
            path,
            dict(parse_qsl(query, keep_blank_values=True)),
            Headers(dict(self.headers.items())),
            self._body(),
        )

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            raise Refused(_problem(HTTPStatus.LENGTH_REQUIRED, "Content-Length is required"))
        if not re.fullmatch("[0-9]{1,18}", length):
            raise Refused(_problem(HTTPStatus.BAD_REQUEST, "Content-Length is not a length"))
        if int(length) > BODY_LIMIT:
            too_large = f"The body is over {BODY_LIMIT} bytes"
            raise Refused(_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large))
        return self.rfile.read(int(length))

    def _send(self, response: Response) -> None:
        body = response.encoded()
        self.send_response_only(response.status)
        for name, value in (self._usual_headers(body) | dict(response.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _usual_headers(self, body: bytes) -> dict[str, str]:
        headers = {"Server": self.version_string(), "Date": self.date_time_string()}
        if body:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return headers | {"Content-Length": str(len(body))}

    def version_string(self) -> str:
        return "qatech-ci stand-in"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet: the stand-ins run beside a log that people read."""
