"""Requests bounded in time and size, repeated only where that is safe."""

import gzip
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import ConnectionError as NoConnection
from requests.exceptions import ProxyError, ReadTimeout, SSLError

from containers import ROOT
from qatech_ci.errors import ForgeError, Interrupted, PreviewError
from qatech_ci.http.deadline import Clock, Deadline
from qatech_ci.http.session import (
    BoundedSession,
    TooLarge,
    asked_delay,
    backoff,
    http_url,
    retried,
    why_unreachable,
)
from stand_ins.server import DRIP, DROP_BEFORE, HANG, Fault, Faults, Request, Response, serving
from world import SimulatedClock

TOKEN = "tok_canary_5d41402a"
LIMIT = 1000
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SCRIPT = """
import sys
from qatech_ci.http.deadline import Clock, Deadline
from qatech_ci.http.session import BoundedSession
url, token, is_direct, refuses = sys.argv[1:]
def approve(address):
    if address == refuses:
        raise ValueError("refused")
session = BoundedSession(Deadline(Clock(), 30), token, approve)
session.trust_env = not is_direct
print(session.exchange("GET", url, 20, 1000)[0].status_code)
"""


class Answering:
    """An app that gives the same answer to everything."""

    def __init__(self, response: Response) -> None:
        self.requests: list[Request] = []
        self._response = response

    def handle(self, request: Request) -> Response:
        """Return the answer."""
        self.requests.append(request)
        return self._response


def session(
    token: str = "", seconds: float = 30, *, approve: Callable[[str], None] = lambda _: None
) -> BoundedSession:
    """Return a session of a deadline by the machine's clock."""
    return BoundedSession(Deadline(Clock(), seconds), token, approve=approve)


@contextmanager
def refused_port() -> Iterator[str]:
    """Yield a URL at which nobody listens."""
    with socket() as idle:
        idle.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{idle.getsockname()[1]}"


def run(url: str, token: str = "", direct: str = "", refused: str = "", **environ: str) -> str:
    """Get `url` in a process with these variables; return the answer's status."""
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "netrc")
    usual = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
    command = [sys.executable, "-c", SCRIPT, url, token, direct, refused]
    return subprocess.run(
        command, env=usual | environ, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_an_answer_is_returned_whatever_its_status(status: int) -> None:
    """What a status means is the caller's affair; the token and the user agent went along."""
    app = Answering(Response(status, {"a": 1}))
    with serving(app) as url:
        response, body = session(TOKEN).exchange(
            "POST", f"{url}/chat?limit=1", 20, LIMIT, {"text": "Hi"}
        )
    assert (response.status_code, body) == (status, b'{"a": 1}')
    (request,) = app.requests
    assert (request.line, request.query, request.body) == (
        "POST /chat",
        {"limit": "1"},
        {"text": "Hi"},
    )
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["User-Agent"].startswith("qatech-ci/")


def test_no_redirect_is_followed() -> None:
    """Else the token could be sent to another host."""
    elsewhere = Answering(Response(200))
    with serving(elsewhere) as other:
        app = Answering(Response(307, None, {"Location": other}))
        with serving(app) as url:
            response, _ = session(TOKEN).exchange("GET", url, 20, LIMIT)
    assert response.headers["Location"] == other
    assert (len(app.requests), elsewhere.requests) == (1, [])


def test_a_refused_connection_is_told_from_a_lost_answer() -> None:
    """What was never connected cannot have started anything; what was may have."""
    client = session(TOKEN)
    app = Faults(Answering(Response(202)), lambda *_: DROP_BEFORE)
    with serving(app) as url, pytest.raises(NoConnection):
        client.exchange("POST", url, 20, LIMIT, {})
    assert client.has_connected
    assert len(app.requests) == 1
    with refused_port() as url, pytest.raises(NoConnection):
        client.exchange("POST", url, 20, LIMIT, {})
    assert not client.has_connected


def test_each_request_has_its_own_connection() -> None:
    """On one that was kept, nothing would tell that the second request has arrived."""
    app = Faults(Answering(Response(200)), lambda number, _: DROP_BEFORE if number == 2 else None)
    client = session()
    with serving(app) as url:
        client.exchange("GET", url, 20, LIMIT)
        with pytest.raises(NoConnection):
            client.exchange("GET", url, 20, LIMIT)
    assert client.has_connected


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
@pytest.mark.parametrize("packed", [False, True])
def test_a_body_over_the_limit_is_refused(size: int, *, packed: bool) -> None:
    """It is its size unpacked that counts."""
    body, headers = b"0" * size, {"Content-Encoding": "gzip"} if packed else {}
    with serving(Answering(Response(200, gzip.compress(body) if packed else body, headers))) as url:
        if size <= LIMIT:
            assert session().exchange("GET", url, 20, LIMIT)[1] == body
        else:
            with pytest.raises(TooLarge):
                session().exchange("GET", url, 20, LIMIT)


def test_a_packed_body_takes_no_more_memory_than_the_limit_needs() -> None:
    """A hundred kilobytes can be unpacked to a hundred megabytes."""
    bomb = gzip.compress(b"0" * 100_000_000, 1)
    with serving(Answering(Response(200, bomb, {"Content-Encoding": "gzip"}))) as url:
        tracemalloc.start()
        try:
            with pytest.raises(TooLarge):
                session().exchange("GET", url, 20, LIMIT)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("fault", [DRIP, HANG])
def test_a_server_cannot_hold_a_request_up(fault: Fault) -> None:
    """A socket's time-out counts anew for each byte; the alarm does not."""
    app = Faults(Answering(Response(200, "0" * LIMIT)), lambda *_: fault)
    client = session()
    with serving(app) as url, client.deadline.watched(), pytest.raises(TimeoutError):
        client.exchange("GET", url, 0.3, LIMIT)
    assert client.has_connected


def test_a_request_has_no_more_time_than_the_step() -> None:
    """The deadline cuts it, and ends the step in the next moment or at once."""
    app = Faults(Answering(Response(200, "0" * LIMIT)), lambda *_: DRIP)
    client = session(seconds=0.3)
    with (
        serving(app) as url,
        client.deadline.watched(),
        pytest.raises((TimeoutError, Interrupted)),
    ):
        client.exchange("GET", url, 60, LIMIT)


def test_what_is_on_its_way_is_not_raised_again() -> None:
    """However long it takes to clean up; the alarm repeats, as one may be lost."""
    deadline, cleaned = Deadline(Clock(), 0.05), Event()

    @contextmanager
    def slow_to_clean_up() -> Iterator[None]:
        try:
            yield
        finally:
            Event().wait(0.7)
            cleaned.set()

    with pytest.raises(Interrupted), deadline.watched(), slow_to_clean_up():
        Event().wait(5)
    assert cleaned.is_set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_comes_in_a_destructor_is_raised_again() -> None:
    """Python drops what is raised there."""

    class Cancelled:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def wait() -> None:
        Cancelled()
        Event().wait(5)

    with pytest.raises(Interrupted) as caught, Deadline(Clock(), 60).watched():
        wait()
    assert caught.value.signal == signal.SIGTERM


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_that_is_refused_gets_no_request(host: str) -> None:
    """A name may lead anywhere, so the address is looked at that the connection leads to."""
    app = Answering(Response(200))

    def refuse(address: str) -> None:
        raise PreviewError(f"It is {address}.")

    client = session(TOKEN, approve=refuse)
    with serving(app) as url, pytest.raises(PreviewError, match=r"It is 127\.0\.0\.1\."):
        client.exchange("GET", url.replace("127.0.0.1", host), 20, LIMIT)
    assert (client.has_connected, app.requests) == (False, [])


@pytest.mark.parametrize("token", ["", TOKEN])
def test_credentials_of_the_machine_are_not_sent(tmp_path: Path, token: str) -> None:
    """Whoever may write `.netrc` could else replace the token."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1\nlogin mona\npassword c4n4ry\n")
    app = Answering(Response(200))
    with serving(app) as url:
        run(url, token, HOME=str(tmp_path))
        run(url, token, NETRC=str(tmp_path / ".netrc"))
    sent = [it.headers.get("Authorization", "") for it in app.requests]
    assert sent == [f"Bearer {token}" if token else ""] * 2


def test_a_proxy_is_asked_as_the_environment_says() -> None:
    """It resolves the name, and what address it asks is its affair."""
    proxy = Answering(Response(204))
    with serving(proxy) as url:
        assert run("http://shop.invalid/a", refused="127.0.0.1", HTTP_PROXY=url) == "204"
    assert [it.line for it in proxy.requests] == ["GET http://shop.invalid/a"]


@pytest.mark.parametrize(
    ("direct", "exempt"),
    [("", "127.0.0.1"), ("", "127.0.0.0/8"), ("", "*"), ("yes", "")],
)
def test_a_proxy_is_passed_by(direct: str, exempt: str) -> None:
    """In each form of `NO_PROXY`, and for the stand-in, which runs in the action itself."""
    proxy, app = Answering(Response(502)), Answering(Response(204))
    with serving(proxy) as other, serving(app) as url:
        assert run(url, direct=direct, HTTP_PROXY=other, NO_PROXY=exempt) == "204"
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("delays", "seconds", "calls", "elapsed"),
    [
        ([], 600, 1, 0),
        ([0], 600, 2, 0.5),
        ([0, 7], 600, 3, 0.5 + 7 + 1),
        ([30], 31, 2, 30.5),
    ],
)
def test_a_call_is_made_again_where_its_error_says_so(
    delays: list[float], seconds: float, calls: int, elapsed: float
) -> None:
    """After what was asked for and some jitter, three times in all."""
    clock, errors, made = SimulatedClock(), iter(delays), []

    def call() -> str:
        made.append(clock.elapsed)
        for delay in errors:
            raise ForgeError("It is busy.", retry_after=delay)
        return "done"

    assert retried(call, Deadline(clock, seconds)) == "done"
    assert (len(made), clock.elapsed) == (calls, elapsed)


@pytest.mark.parametrize(
    ("delay", "seconds", "calls", "elapsed"),
    [(None, 600, 1, 0), (600, 60, 1, 0), (59.5, 60, 1, 0), (0, 600, 3, 1.5)],
)
def test_an_error_ends_the_attempts(
    delay: float | None, seconds: float, calls: int, elapsed: float
) -> None:
    """It does not say when to come back, or after the deadline, or it comes a third time."""
    clock, made = SimulatedClock(), []

    def call() -> None:
        made.append(clock.elapsed)
        raise ForgeError("It is busy.", retry_after=delay)

    with pytest.raises(ForgeError):
        retried(call, Deadline(clock, seconds))
    assert (len(made), clock.elapsed) == (calls, elapsed)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("9" * 400, 21_600),
        ("Mon, 05 Jan 2015 12:00:30 GMT", 0),
        ("Mon, 05 Jan 2099 12:00:30 GMT", 21_600),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    """Seconds or a date; nonsense is nothing."""
    assert asked_delay(header) == seconds


@given(st.text() | st.text("0123456789 :,+-MonJanGT") | st.datetimes().map(str))
def test_nonsense_in_retry_after_does_no_harm(header: str) -> None:
    """It is nothing, or a wait of at most six hours."""
    delay = asked_delay(header)
    assert delay is None or 0 <= delay <= 21_600


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_pause_after_a_failure_is_jittered_and_bounded(attempt: int, jitter: float) -> None:
    """It doubles from a second to half a minute, of which chance takes its part."""
    longest = backoff(attempt, 1)
    assert longest == (2**attempt if attempt < 5 else 30)
    assert backoff(attempt, jitter) == longest * jitter


@pytest.mark.parametrize(
    ("error", "why", "named"),
    [
        (SSLError("certificate verify failed: s3cret"), "would not be secure", "certificates"),
        (SSLError("EOF occurred: s3cret"), "no connection (SSLError)", ""),
        (ProxyError("Tunnel connection failed: 407 s3cret"), "the proxy asks", "`HTTPS_PROXY`"),
        (OSError("invalid TLS CA certificate bundle: s3cret"), "is not there", "`SSL_CERT_FILE`"),
        (ConnectionError("NameResolutionError: s3cret"), "the host was not found", ""),
        (TimeoutError("s3cret"), "no answer in time", ""),
        (ReadTimeout("s3cret"), "no answer in time", ""),
        (ConnectionResetError("s3cret"), "no connection (ConnectionResetError)", ""),
    ],
)
def test_why_nobody_answered_is_said_without_the_errors_own_words(
    error: Exception, why: str, named: str
) -> None:
    """They quote addresses, which may hold a secret. What passes by itself has no remedy."""
    told, remedy = why_unreachable(error)
    assert why in told
    assert "s3cret" not in told
    assert bool(remedy) == bool(named)
    assert named in remedy


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://api.example.com/v1", True),
        ("HTTP://[::1]:8080/a?b#c", True),
        ("https://user@api.example.com", False),
        ("https://api.example.com:0", False),
        ("https://api.example.com:x", False),
        ("https://[oops", False),
        ("https://äpi.example.com", False),
        ("https://a b", False),
        ("https://", False),
        ("ftp://api.example.com", False),
        ("", False),
    ],
)
def test_what_is_an_http_url(url: str, *, is_one: bool) -> None:
    """In ASCII and without user info."""
    assert (http_url(url) is not None) == is_one
