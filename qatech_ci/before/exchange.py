"""One HTTP request and its answer, bounded in size, on a connection of its own.

On `http.client`, because importing requests or urllib3 takes longer than everything else that a
run does before its first request (docs/scale.md has the figures). Of what those do by themselves a
run wants little: no redirects, no repetition, no cookies, no `.netrc`, no connections kept open.
"""

import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

from . import __version__
from .errors import InputError
from .proxies import Proxy, proxy_for

_CHUNK = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_LONGEST_CONNECT = 10.0
"""Seconds, and never more than half of the request's: a connection that was not made in time is to
be told from an answer that was lost."""
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Where PyGithub looks as well, so that one variable serves both services."""


class Unsent(Exception):
    """No connection was made, so that the request cannot have arrived. Its text is a type's name.

    A message of the system or of TLS could quote what a stranger wrote.
    """


class Insecure(Unsent):
    """The connection was refused because it would not have been secure."""


class Lost(Exception):
    """The request may have arrived, but its answer did not, or not whole."""


@dataclass(frozen=True)
class Answer:
    """An answer with any status; `body` is empty where nobody asked for it."""

    status: int
    headers: HTTPMessage
    body: bytes


def exchange(
    method: str,
    url: str,
    seconds: float,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limit: int = 0,
) -> Answer:
    """Return the answer to one request, with at most `limit` + 1 bytes of its body.

    `seconds` bounds each step on the socket, not the whole. Raises `Unsent` where no connection
    was made, `Lost` where the request may have arrived, `ValueError` where the URL is none, and
    `InputError` where the environment names a proxy or certificates that are of no use.
    """
    parts = urlsplit(url)
    proxy = proxy_for(parts)
    connection = _connected(parts, proxy, seconds)
    own = {"User-Agent": f"qatech-ci/{__version__}", "Accept-Encoding": "identity"}
    forwarded = proxy.authorization if proxy and parts.scheme == "http" else {}
    sent = {**own, **forwarded, **(headers or {})}
    try:
        # A server may refuse and close before it has read all of a body; its answer is there.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, _aim(parts, proxy), body, sent)
        response = connection.getresponse()
        return Answer(response.status, response.msg, _body(response, limit))
    except (OSError, HTTPException) as error:
        raise Lost(type(error).__name__) from None
    finally:
        connection.close()


def _connected(parts: SplitResult, proxy: Proxy | None, seconds: float) -> HTTPConnection:
    if not parts.hostname:
        raise ValueError("a URL without a host")
    connection = _connection(parts, proxy, min(_LONGEST_CONNECT, seconds / 2))
    try:
        if proxy and parts.scheme == "https":
            connection.set_tunnel(parts.hostname, _port(parts), proxy.authorization)
        connection.connect()
    except ssl.SSLError as error:
        raise Insecure(type(error).__name__) from None
    except (OSError, HTTPException) as error:
        raise Unsent(type(error).__name__) from None
    connection.sock.settimeout(seconds)
    return connection


def _port(parts: SplitResult) -> int:
    """Return the port, named or not.

    Without one `HTTPConnection` would look for it in the host, and take the end of an IPv6 address
    for it.
    """
    return parts.port if parts.port is not None else _PORTS[parts.scheme]


def _connection(parts: SplitResult, proxy: Proxy | None, seconds: float) -> HTTPConnection:
    host, port = (proxy.host, proxy.port) if proxy else (parts.hostname or "", _port(parts))
    if parts.scheme == "http":
        return HTTPConnection(host, port, timeout=seconds)
    return HTTPSConnection(host, port, timeout=seconds, context=_context())


def _context() -> ssl.SSLContext:
    """Return what certificates are checked with; raises `InputError` where they are not there."""
    name = next((it for it in _CERTIFICATES if os.environ.get(it)), "")
    path = os.environ.get(name) if name else None
    folder = path if path and Path(path).is_dir() else None
    try:
        return ssl.create_default_context(cafile=None if folder else path, capath=folder)
    except OSError as error:
        raise InputError(
            f"`{name}` names no certificates that can be read ({type(error).__name__}).",
            "Set it to a file or a folder of certificates, or leave it out.",
        ) from None


def _aim(parts: SplitResult, proxy: Proxy | None) -> str:
    """Return what stands in the request line: a proxy for plain HTTP wants the whole URL."""
    query = f"?{parts.query}" if parts.query else ""
    aim = quote(f"{parts.path or '/'}{query}", safe="!$%&'()*+,/:;=?@[]~")
    return f"{parts.scheme}://{parts.netloc}{aim}" if proxy and parts.scheme == "http" else aim


def _body(response: HTTPResponse, limit: int) -> bytes:
    """Return the body until it is longer than `limit`; raises `HTTPException` where it is cut."""
    body = bytearray()
    while len(body) <= limit and limit:
        chunk = response.read(min(_CHUNK, limit + 1 - len(body)))
        if not chunk:
            # With a size given, `read` says nothing of a body that ends too soon.
            if response.length:
                raise IncompleteRead(bytes(body), response.length)
            break
        body += chunk
    return bytes(body)
