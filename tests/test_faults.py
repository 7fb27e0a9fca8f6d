"""Every fault that a network has, at every call of both services, and through a whole run."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from threading import Event, Lock
from urllib.parse import parse_qsl

import pytest

from fakes import NOON, PULL_REQUEST, SHA
from fault_server import (
    Fault,
    FaultServer,
    Received,
    answer,
    bomb,
    drip,
    raw,
    refusing,
    reset_after_reading,
    reset_before_reading,
    sends,
    serving,
    speak_plainly,
    stall,
)
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.errors import EventError, ForgeError, ReviewerError
from qatech_ci.before.github import GitHub
from qatech_ci.before.model import HeadCommit
from qatech_ci.before.ports import Deadline, Status, StatusState
from qatech_ci.before.qatech import QaTech
from qatech_ci.before.sandbox.web import App, Request
from old_stand_ins import Job, services
from test_github import TOKEN, forge
from test_main import Ran, run
from test_qatech_client import ACCEPTED, REVIEW, Case

ELSEWHERE = "http://elsewhere.invalid/"
REDIRECTS = (301, 302, 303, 307, 308)
BOUND = 5.0
"""Seconds within which each call has to end; the silent faults get 0.1 s of time."""


def moved(connection: socket, server: FaultServer) -> None:
    """Lead from one place on the same host to the next, for ever."""
    server.take(connection)
    where = f"{server.url}/{len(server.received)}"
    connection.sendall(raw(b"{}", 301, None, Location=where))


def headers(*lines: str, status: str = "200 OK", body: bytes = b"{}") -> Fault:
    """Answer with header lines as they are, so that they can be wrong."""
    return sends("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body)


BROKEN: dict[str, Fault] = {
    "reset before reading": reset_before_reading,
    "reset after reading": reset_after_reading,
    "closed without a word": sends(b""),
    "cut in the status": sends(b"HTTP/1.1 2"),
    "cut in the headers": sends(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "cut in the body": sends(raw(b'{"a": ', length=100)),
    "longer than it says": sends(raw(b"{}{}", length=1)),
    "no HTTP": sends(b"220 mail.example ESMTP\r\n"),
    "two lengths": headers("Content-Length: 2", "Content-Length: 7"),
    "a length of nothing": headers("Content-Length: many"),
    "a negative length": headers("Content-Length: -2", body=b""),
    "chunks that are none": headers("Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n"),
    "chunks that end early": headers("Transfer-Encoding: chunked", body=b"2\r\n{}\r\n"),
    "gzip that is none": headers("Content-Encoding: gzip", "Content-Length: 2"),
    "a thousand headers": headers(*(f"X-{number}: 1" for number in range(1000))),
    "an endless header": headers(f"X: {'x' * 100_000}"),
    "a gzip bomb": bomb(20_000_000),
    "no number": sends(raw(b'{"a": NaN, "b": Infinity}')),
    "10,000 deep": sends(raw(b"[" * 10_000 + b"]" * 10_000)),
    "not UTF-8": sends(raw(b'"\xff\xfe"')),
    "nothing": sends(raw(b"")),
    "a page": sends(raw(b"<html>")),
    "another kind of JSON": answer("text"),
}
STATUSES: dict[str, Fault] = {
    str(status): answer({"message": "no"}, status)
    for status in (400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 451, 500, 501, 502, 504, 599)
}
ODD: dict[str, Fault] = {str(status): sends(raw(b"", status)) for status in (204, 304, 999)}
AWAY: dict[str, Fault] = {
    f"{status} to another host": answer({}, status, Location=ELSEWHERE) for status in REDIRECTS
}
SILENT: dict[str, Fault] = {"stall": stall, "drip": drip}
RETRY_AFTER = (
    "0",
    "-1",
    "1.5",
    "1e9",
    "nan",
    "inf",
    "soon",
    "",
    "9" * 400,
    "5, 6",
    "Mon, 04 May 2026 12:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2300",
    "Mon, 01 Jan 0001 00:00:00 +2300",
    "Wed, 32 Foo 2026 99:99:99 GMT",
    "Mon, 04 May 99999999999999 12:00:05 GMT",
    "Mon, 04 May 2026 12:00:05 +99999999999999999999",
)
CATALOGUE = BROKEN | STATUSES | ODD | AWAY


@dataclass
class _Taken(FaultServer):
    """Hands a request that has been read already to a fault that wants to read it."""

    def take(self, connection: socket) -> None:
        """Leave the connection as it is."""


@dataclass
class Relay:
    """Stands before a stand-in and plays a fault for the requests that are meant."""

    app: App
    fault: Fault
    meant: Callable[[Received], bool]
    received: list[Received] = field(default_factory=list)
    met: list[Received] = field(default_factory=list)
    """The requests that met the fault."""
    reached: Event = field(default_factory=Event)
    """Set when the fault has been met."""
    has_effect: bool = False
    """True where the stand-in has carried the request out before the fault is played."""
    _turn: Lock = field(default_factory=Lock)

    def __call__(self, connection: socket, server: FaultServer) -> None:
        """Take a request and answer it, rightly or not."""
        here = FaultServer([])
        with suppress(ValueError):
            here.take(connection)
        for request in here.received:
            self.received.append(request)
            if self.meant(request):
                self.met.append(request)
                if self.has_effect:
                    self._answered(request)
                self.reached.set()
                self.fault(connection, _Taken([], closing=server.closing))
            else:
                connection.sendall(self._answered(request))

    def _answered(self, request: Received) -> bytes:
        path, _, query = request.path.partition("?")
        asked = Request(
            request.method,
            path,
            dict(parse_qsl(query, keep_blank_values=True)),
            request.headers,
            request.body,
        )
        with self._turn:
            response = self.app.handle(asked)
        return raw(response.encoded(), response.status, None, **dict(response.headers))


def call_to(method: str, part: str) -> Callable[[Received], bool]:
    """Return what is true for requests of this method whose path holds `part`."""
    return lambda request: request.method == method and part in request.path.partition("?")[0]


GRAPHQL = call_to("POST", "/graphql")


def by_rest(method: str, part: str) -> Callable[[Received], bool]:
    """Return the same for a call that is made only where GraphQL has failed: that is meant too."""
    meant = call_to(method, part)
    return lambda request: GRAPHQL(request) or meant(request)


QATECH_CALLS: Mapping[str, Callable[[QaTech, Deadline], object]] = {
    "start": lambda client, deadline: client.start_review(REVIEW, deadline),
    "chat": lambda client, deadline: client.start_conversation("Hi", deadline),
    "send": lambda client, deadline: client.send_message("chat_a", "Hi", deadline),
    "poll": lambda client, deadline: client.conversation("chat_a", deadline, limit=20),
}
STATUS = Status("qatech-ci", StatusState.PENDING, "Under way.", "")
FORGE_READS: dict[str, Callable[[GitHub], object]] = {
    "look-up": lambda github: github.pull_request("octo-org/shop", 7),
    "comments": lambda github: list(github.comments(PULL_REQUEST)),
    "comment": lambda github: github.comment(PULL_REQUEST, 5),
    "glance": lambda github: github.glance(PULL_REQUEST),
    "check": lambda github: github.check(PULL_REQUEST),
    "deployments": lambda github: github.deployments("octo-org/shop", SHA),
    "changes": lambda github: github.changes(PULL_REQUEST),
    "pulls of a commit": lambda github: github.open_pull_requests(HeadCommit("octo-org/shop", SHA)),
    "may write": lambda github: github.may_write("octo-org/shop", "octocat"),
}
FORGE_WRITES: dict[str, Callable[[GitHub], object]] = {
    "create": lambda github: github.create_comment(PULL_REQUEST, "x"),
    "edit": lambda github: github.edit_comment(PULL_REQUEST, 5, "x"),
    "delete": lambda github: github.delete_comment(PULL_REQUEST, 5),
    "status": lambda github: github.set_status(PULL_REQUEST, STATUS),
    "react": lambda github: github.acknowledge("octo-org/shop", 5),
}
FORGE_CALLS = FORGE_READS | FORGE_WRITES
HARMLESS = (EventError, ForgeError, ReviewerError)
"""The documented errors of the two services, and of a pull request that is not whole."""


def attempted(call: Callable[[], object]) -> float:
    """Make a call that may fail as documented, and return how many seconds it took."""
    start = time.monotonic()
    with suppress(*HARMLESS):
        call()
    return time.monotonic() - start


@pytest.mark.slow
@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)
@pytest.mark.parametrize("name", QATECH_CALLS)
def test_qatech_fails_as_documented_and_is_asked_once(name: str, fault: Fault) -> None:
    """A reset at once may look like no connection; anything else is never sent again."""
    with serving(fault, answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        took = attempted(lambda: QATECH_CALLS[name](case.client, case.deadline))
    assert took < BOUND
    assert len(server.received) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("fault", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize("name", QATECH_CALLS)
def test_qatech_cannot_hold_a_call_up(name: str, fault: Fault) -> None:
    """Neither by silence nor by a byte at a time; and the request is not sent again."""
    with serving(fault) as server:
        case = Case(server.url, seconds=0.1)
        with pytest.raises(ReviewerError):
            QATECH_CALLS[name](case.client, case.deadline)
    assert len(server.received) == 1


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("name", QATECH_CALLS)
def test_qatech_leads_nobody_away(name: str, status: int) -> None:
    """A redirect is an answer like any other: the place it names is never asked."""
    with serving(answer(ACCEPTED, 202)) as other:
        away = answer({}, status, Location=other.url)
        with serving(away) as server:
            case = Case(server.url)
            with pytest.raises(ReviewerError):
                QATECH_CALLS[name](case.client, case.deadline)
    assert not other.received


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("retry_after", RETRY_AFTER)
def test_retry_after_in_every_form_is_survived(retry_after: str, status: int) -> None:
    """Within the deadline or not at all: never past it, never in an endless loop."""
    fault = answer({"message": "slow"}, status, Retry_After=retry_after)
    with serving(fault, fault, answer(ACCEPTED, 202)) as server:
        case = Case(server.url, seconds=20)
        assert attempted(case.start) < BOUND
    assert 1 <= len(server.received) <= 3
    assert case.clock.monotonic() < 20


@pytest.mark.slow
@pytest.mark.parametrize("fault", CATALOGUE)
@pytest.mark.parametrize("name", FORGE_READS)
def test_a_read_fails_as_documented_after_three_attempts(name: str, fault: str) -> None:
    """Each of a call's requests is sent three times at most."""
    with serving(CATALOGUE[fault]) as server:
        took = attempted(lambda: FORGE_READS[name](forge(server.url)))
    assert took < BOUND
    assert max(counted(server.received), default=0) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("fault", CATALOGUE | SILENT)
@pytest.mark.parametrize("name", FORGE_WRITES)
def test_a_write_fails_as_documented_and_is_not_doubled(name: str, fault: str) -> None:
    """A comment is created once, whatever became of the answer; the rest may as well come twice.

    Neither PyGithub nor urllib3 adds an attempt of its own.
    """
    seconds = 0.1 if fault in SILENT else 20
    with serving((CATALOGUE | SILENT)[fault]) as server:
        took = attempted(lambda: FORGE_WRITES[name](forge(server.url, seconds)))
    assert took < BOUND
    assert len(server.received) <= (1 if name == "create" else 3)


@pytest.mark.slow
@pytest.mark.parametrize("fault", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize("name", FORGE_READS)
def test_github_cannot_hold_a_read_up(name: str, fault: Fault) -> None:
    """All attempts together keep to the time that there is."""
    with serving(fault) as server:
        github = forge(server.url, seconds=0.1)
        assert attempted(lambda: FORGE_READS[name](github)) < 1


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("name", FORGE_CALLS)
def test_github_leads_nobody_away(name: str, host: str, status: int) -> None:
    """Neither another host nor another port that a redirect names is asked: no token gets there."""
    with serving(answer({})) as other:
        away = answer({}, status, Location=other.url.replace("127.0.0.1", host) + "/x")
        with serving(away) as server, suppress(*HARMLESS):
            FORGE_CALLS[name](forge(server.url))
    assert not other.received


def test_a_comment_is_not_sent_from_place_to_place() -> None:
    """A redirect that never ends is no reason to send a comment a thousand times."""
    with serving(moved) as server:
        attempted(lambda: FORGE_CALLS["create"](forge(server.url)))
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [403, 429, 503])
@pytest.mark.parametrize("retry_after", RETRY_AFTER)
def test_githubs_retry_after_holds_nobody_up(retry_after: str, status: int) -> None:
    """PyGithub would sleep for as long as it says; here the clock says how long, within bounds."""
    with serving(answer({"message": "no"}, status, Retry_After=retry_after)) as server:
        github = forge(server.url)
        assert attempted(lambda: github.pull_request("octo-org/shop", 7)) < BOUND
        assert attempted(lambda: github.create_comment(PULL_REQUEST, "x")) < BOUND
    assert [request.method for request in server.received].count("POST") == 1


@pytest.mark.parametrize("name", [it for it in FORGE_CALLS if it != "glance"])
def test_a_github_that_nobody_can_reach_is_an_error_of_ours(name: str) -> None:
    """Told without a traceback, at once."""
    with refusing() as url, pytest.raises(ForgeError):
        FORGE_CALLS[name](forge(url))


def test_a_netrc_has_no_say_on_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in the home directory does not win over the token."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving(answer([])) as server:
        assert list(forge(server.url).comments(PULL_REQUEST)) == []
    assert server.received[0].headers["authorization"].endswith(TOKEN)


def test_a_server_without_a_certificate_is_not_github() -> None:
    """Whatever the environment says about certificates, none is no certificate."""
    with serving(speak_plainly) as server:
        github = forge(server.url.replace("http:", "https:"))
        with pytest.raises(ForgeError, match="SSLError"):
            list(github.comments(PULL_REQUEST))
    assert not server.received


def counted(received: Iterable[Received]) -> list[int]:
    """Return how often each request was received."""
    paths = [f"{request.method} {request.path}" for request in received]
    return [paths.count(path) for path in set(paths)]


@dataclass
class Rehearsed:
    """A whole run with QA.tech behind a relay."""

    ran: Ran
    relay: Relay
    starts: int
    comments: list[str]


def rehearsed(
    job: Job,
    time: SimulatedClock,
    fault: Fault,
    meant: Callable[[Received], bool],
) -> Rehearsed:
    """Run the action on a review that takes 120 s, with a fault in QA.tech's way."""
    with services(pace=120, now=time.now) as its:
        relay = Relay(its.qatech, fault, meant)
        with serving(relay) as front:
            ran = run(job, job.environ(its, api_url=f"{front.url}/v1"), time)
        return Rehearsed(ran, relay, len(its.starts()), its.comments())


TROUBLE = {name: BROKEN[name] for name in ("reset after reading", "cut in the body", "a page")} | {
    "reset before reading": reset_before_reading,
    "500": STATUSES["500"],
    "503": answer({"message": "down"}, 503, Retry_After="10"),
    "429": answer({"message": "slow"}, 429, Retry_After="10"),
    "404": STATUSES["404"],
}


@pytest.mark.parametrize("fault", TROUBLE.values(), ids=TROUBLE)
def test_polling_survives_90_seconds_of_trouble(tmp_path: Path, fault: Fault) -> None:
    """One review, one comment, and its verdict, though 90 s were nothing but noise."""
    time = SimulatedClock(NOON)
    seen = rehearsed(
        Job(tmp_path),
        time,
        fault,
        lambda request: request.method == "GET" and time.monotonic() < 100,
    )
    assert len(seen.relay.met) >= 5
    assert (seen.ran.exit_code, seen.starts, len(seen.comments)) == (0, 1, 1)
    assert seen.ran.job.outputs["verdict"] == "passed"


def test_polling_survives_all_of_it_in_turn(tmp_path: Path) -> None:
    """A service that comes back as something else each time is a service that is not back yet."""
    time, script = SimulatedClock(NOON), list(TROUBLE.values()) * 2

    def each(connection: socket, server: FaultServer) -> None:
        script.pop()(connection, server)

    seen = rehearsed(
        Job(tmp_path), time, each, lambda request: request.method == "GET" and bool(script)
    )
    assert (seen.ran.exit_code, seen.starts, len(seen.comments)) == (0, 1, 1)


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_refusal_ends_the_polling_at_once(tmp_path: Path, status: str) -> None:
    """Nobody mends a token while the run waits: one look, and the verdict is `error`."""
    seen = rehearsed(
        Job(tmp_path), SimulatedClock(NOON), STATUSES[status], call_to("GET", "/v1/chat/")
    )
    assert len(seen.relay.met) == 1
    assert seen.ran.job.outputs["verdict"] == "error"
    assert f"with {status}" in seen.ran.log


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_start_that_went_wrong_is_one_start_and_one_comment(
    tmp_path: Path,
    fault: Fault,
) -> None:
    """The verdict is `error`, and the log says where to look before another run."""
    seen = rehearsed(
        Job(tmp_path), SimulatedClock(NOON), fault, call_to("POST", "/chat/change-review")
    )
    assert len(seen.relay.met) == 1
    assert len(seen.comments) == 1
    assert seen.ran.exit_code == 1
    assert "look in QA.tech before another run" in seen.ran.log


GITHUB_CALLS: Mapping[str, Callable[[Received], bool]] = {
    "graphql": GRAPHQL,
    "comments": by_rest("GET", "/issues/7/comments"),
    "create": call_to("POST", "/issues/7/comments"),
    "edit": call_to("PATCH", "/issues/comments/"),
    "check runs": by_rest("GET", "/check-runs"),
    "statuses": by_rest("GET", f"{SHA}/statuses"),
    "status": call_to("POST", f"/statuses/{SHA}"),
    "head": by_rest("GET", "/pulls/7"),
}


def reported(job: Job, fault: Fault, call: str, *, has_effect: bool = False) -> tuple[Ran, int]:
    """Run the action with a fault in GitHub's way; return how it ended and how many comments."""
    time = SimulatedClock(NOON)
    with services(now=time.now) as its:
        relay = Relay(its.github, fault, GITHUB_CALLS[call], has_effect=has_effect)
        with serving(relay) as front:
            environ = job.environ(its, commit_status="on") | {"GITHUB_API_URL": front.url}
            ran = run(job, environ, time)
        assert relay.met
        assert len(its.starts()) == 1
        return ran, len(its.comments())


@pytest.mark.slow
@pytest.mark.parametrize("fault", CATALOGUE)
@pytest.mark.parametrize("call", GITHUB_CALLS)
def test_trouble_with_github_never_changes_the_verdict(
    tmp_path: Path,
    call: str,
    fault: str,
) -> None:
    """Summary and outputs are written, the gate is open, and there are no two comments."""
    job = Job(tmp_path)
    ran, comments = reported(job, CATALOGUE[fault], call)
    assert (ran.exit_code, job.outputs["verdict"]) == (0, "passed"), ran.log
    assert "QA.tech review: passed" in job.summary
    assert comments <= 1


@pytest.mark.parametrize("fault", [reset_after_reading, STATUSES["502"], BROKEN["cut in the body"]])
@pytest.mark.parametrize("call", ["create", "edit", "status"])
def test_a_write_that_arrived_is_not_doubled_though_its_answer_was_lost(
    tmp_path: Path,
    call: str,
    fault: Fault,
) -> None:
    """GitHub has done it and nobody hears of it: there is one comment all the same."""
    ran, comments = reported(Job(tmp_path), fault, call, has_effect=True)
    assert (ran.exit_code, comments) == (0, 1), ran.log
