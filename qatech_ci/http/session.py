"""Requests to QA.tech and to previews: one `requests.Session`, bounded in time and size."""

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from requests import Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import SSLError
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from qatech_ci import __version__
from qatech_ci.errors import ActionError

from .deadline import Deadline

USER_AGENT = f"qatech-ci/{__version__}"
_LONGEST_BACKOFF = 30.0
SOCKET_TIMEOUT = 15  # seconds for a connection, and for each step on a socket
_Result = TypeVar("_Result")


class TooLarge(ValueError):
    """The answer's body is larger than anything that is expected."""


class BoundedSession(Session):
    """Sends one request at a time, never twice and never after a redirect."""

    def __init__(
        self, deadline: Deadline, token: str = "", approve: Callable[[str], None] = lambda _: None
    ) -> None:
        """Send `token` with each request; `approve` raises for an address that may get none."""
        super().__init__()
        self.stream = True  # the body is read up to a limit
        self.deadline = deadline
        self.approve = approve
        self.has_connected = False  # as the last request did; before that, nothing of it can arrive
        self.verify = certificates()
        self.headers.update({"User-Agent": USER_AGENT, "Connection": "close"})
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        # Some authentication keeps requests from looking for one in `~/.netrc`.
        self.auth = lambda request: request
        self.mount("http://", _NotingAdapter(self))
        self.mount("https://", _NotingAdapter(self))

    def exchange(
        self, method: str, url: str, seconds: float, limit: int, document: object = None
    ) -> tuple[Response, bytes]:
        """Send `document` as JSON; return an answer with any status and its body, unpacked.

        Raises `TooLarge` above `limit` bytes, `TimeoutError` after `seconds`, and requests' errors.
        """
        self.has_connected = False
        timeout = SOCKET_TIMEOUT if method == "GET" else seconds
        # A connection for each request: only then tells its absence that nothing arrived.
        with self, self.deadline.at_most(seconds):
            answer = self.request(
                method, url, json=document, timeout=timeout, allow_redirects=False
            )
            with answer:
                body = bytearray()
                for chunk in answer.iter_content(64 * 1024) if limit else ():
                    body += chunk
                    if len(body) > limit:
                        raise TooLarge
                return answer, bytes(body)


def certificates() -> str | bool:
    """Return the certificates to trust: a file's, or those that requests has."""
    # requests itself reads all but the last, which is OpenSSL's.
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    return next(filter(None, map(os.environ.get, names)), True)


def http_url(text: str) -> SplitResult | None:
    """Return the parts of an http(s) URL in ASCII without user info; nothing for anything else."""
    try:
        parts = urlsplit(text)
        is_one = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return None
    return parts if is_one and re.fullmatch(r"(?i)https?://[!-\[\]-~]+", text) else None


def host_of(url: str) -> str:
    """Return the host of an http(s) URL, or nothing."""
    parts = http_url(url)
    return (parts.hostname or "").rstrip(".") if parts else ""


def why_unreachable(error: Exception) -> tuple[str, str]:
    """Return why nobody answered, and a remedy where it takes one; it may pass by itself else.

    An error's own words stay out: they may quote a secret.
    """
    text, kind = f"{error!r} {error}", type(error).__name__
    if "CA certificate bundle" in text:
        names = "`REQUESTS_CA_BUNDLE`, `SSL_CERT_FILE` and `CI_SERVER_TLS_CA_FILE`"
        return "a file of certificates to trust is not there", f"Check {names}."
    if isinstance(error, SSLError) and "certificate" in text.lower():
        remedy = "Check `api-url` or the server's, and the certificates that the runner trusts."
        return "the connection would not be secure", remedy
    if "Tunnel connection failed: 407" in text:
        remedy = "Write it as `http://user:password@host:port` in `HTTPS_PROXY`."
        return "the proxy asks for a login", remedy
    if "NameResolutionError" in text or "getaddrinfo" in text:
        return "the host was not found", ""
    is_late = isinstance(error, TimeoutError) or "Timeout" in kind
    return "no answer in time" if is_late else f"no connection ({kind})", ""


def retried(call: Callable[[], _Result], deadline: Deadline, attempts: int = 3) -> _Result:
    """Return what `call` returns, made again where its error has `retry_after` and time is left."""
    for attempt in range(attempts - 1):
        try:
            return call()
        except ActionError as error:
            pause = (error.retry_after or 0.0) + backoff(attempt, deadline.clock.random())
            if error.retry_after is None or pause >= deadline.left():
                raise
        deadline.sleep(pause)
    return call()


def backoff(attempt: int, jitter: float) -> float:
    """Return the seconds to wait after failed `attempt` (from 0); `jitter` is from 0 to 1.

    Full jitter, so that clients that failed together do not come back together:
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    return min(2.0 ** min(attempt, 16), _LONGEST_BACKOFF) * jitter


def asked_delay(retry_after: str | None) -> float | None:
    """Return the seconds that a `Retry-After` asks for, at most six hours; nothing for nonsense."""
    try:
        return Retry().parse_retry_after(retry_after or "")
    except (InvalidHeader, ValueError, OverflowError):
        return None


class _NotingAdapter(HTTPAdapter):
    """Notes when a connection stands, through TLS where the URL says https, and with whom."""

    def __init__(self, session: BoundedSession) -> None:
        super().__init__()
        self._session = session

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:  # noqa: ANN401 - as requests has them
        session, pool = self._session, super().get_connection_with_tls_context(*args, **options)
        kind: type[Any] = type(pool).ConnectionCls  # type: ignore[attr-defined] # a pool's own

        class Noting(kind):  # type: ignore[misc] # one of two classes
            def connect(self) -> None:
                super().connect()
                # Through a proxy, who answers is the proxy's affair.
                if self.proxy is None:
                    session.approve(self.sock.getpeername()[0])
                session.has_connected = True

        pool.ConnectionCls = Noting  # type: ignore[attr-defined] # as above
        return pool  # type: ignore[return-value] # the stubs know a pool by its base class
