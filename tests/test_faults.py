"""What QA.tech, GitHub and the network between them and us do wrong, through `main()`."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatech_ci.github.client import GitHub
from qatech_ci.github.event import read_event
from qatech_ci.http.deadline import Deadline
from stand_ins import github
from stand_ins.github import event
from stand_ins.qatech import QaTechApp
from stand_ins.server import (
    DROP_AFTER,
    DROP_BEFORE,
    GARBAGE,
    Fault,
    Faults,
    Json,
    Request,
    Response,
    serving,
)
from world import PACE, SimulatedClock, World, on_github

pytestmark = pytest.mark.slow

START = r"POST /v1/chat/change-review"
READ = r"GET /v1/chat/chat_\w+"
UNCERTAIN = "A review may have started"
RETRY_LATER = {"Retry-After": "20"}
UNREADABLE: list[Fault] = [
    GARBAGE,
    Response(202, b""),
    Response(202, b'"\xff"'),
    Response(202, '{"shortId": "chat_1", "url": NaN}'),
    Response(202, "[" * 100_000),
    Response(202, []),
    Response(202, {"shortId": "chat_1"}),
    Response(202, b'{"shortId"', {"Content-Length": "99"}),
    Response(202, b" " * 3_000_000),
    DROP_AFTER,
]
"""Answers that say nothing; not all of them are JSON, or there at all."""
Decide = Callable[[int, Request], Fault | None]
"""What becomes of a request; it is counted from 1."""


def faulty(line: str, *faults: Fault | None, then: Fault | None = None) -> Decide:
    """Return what gives the requests of a method and path these faults, and `then` to the rest."""
    left = list(faults)

    def decide(_count: int, request: Request) -> Fault | None:
        if not re.fullmatch(line, request.line):
            return None
        return left.pop(0) if left else then

    return decide


@contextmanager
def unreliable(
    folder: Path,
    *,
    qatech: Decide = lambda *_: None,
    github: Decide = lambda *_: None,
    change: Callable[[Json], object] = lambda shown: shown,
) -> Iterator[tuple[World, Callable[[str], int]]]:
    """Yield a world with faults, and what counts the requests to QA.tech of a method and path."""
    with on_github(folder, between=lambda app: Faults(app, github)) as world:
        app = Faults(QaTechApp(world.qatech, change), qatech)
        with serving(app) as url:
            world.qatech_url = f"{url}/v1"
            yield world, lambda line: sum(bool(re.fullmatch(line, it.line)) for it in app.requests)


@pytest.mark.parametrize(
    "fault",
    [*UNREADABLE, DROP_BEFORE, Response(500), Response(502), Response(503), Response(504)],
)
def test_a_start_of_uncertain_fate_is_not_repeated(tmp_path: Path, fault: Fault) -> None:
    """It is an `error` that says so, in log, summary and comment."""
    with unreliable(tmp_path, qatech=faulty(START, fault)) as (world, count):
        outcome = world.run()
        assert (outcome.verdict, outcome.exit_code, count(START)) == ("error", 1, 1)
        for told in (outcome.log, outcome.summary, *world.comments):
            assert UNCERTAIN in told
        assert len(world.comments) == 1


@pytest.mark.parametrize(
    ("faults", "least"),
    [
        ([Response(429, None, RETRY_LATER)], 20),
        ([Response(503, None, RETRY_LATER)], 20),
        ([Response(429, None, {"Retry-After": "soon"})], 0.1),
        ([Response(429)] * 5, 5),
    ],
)
def test_a_start_that_was_put_off_is_made_again(
    tmp_path: Path, faults: list[Fault], least: float
) -> None:
    """Not before the time that QA.tech names, and then one review has started."""
    with unreliable(tmp_path, qatech=faulty(START, *faults)) as (world, count):
        assert world.run().verdict == "passed"
        assert (count(START), world.starts) == (len(faults) + 1, 1)
        assert world.clock.elapsed >= least + PACE


@pytest.mark.parametrize(
    ("status", "delay", "starts"), [(429, "7200", 1), (429, "1", 8), (503, "7200", 1)]
)
def test_a_start_that_is_put_off_for_ever_has_started_nothing(
    tmp_path: Path, status: int, delay: str, starts: int
) -> None:
    """A time beyond the deadline is not waited for."""
    answer = Response(status, {"message": "Slow down"}, {"Retry-After": delay})
    with unreliable(tmp_path, qatech=faulty(START, then=answer)) as (world, count):
        outcome = world.run()
        assert (outcome.verdict, count(START)) == ("error", starts)
        assert f"{status}: Slow down. " in outcome.log
        assert ("Start fewer reviews at the same time" in outcome.log) == (status == 429)
        assert UNCERTAIN not in outcome.log


@pytest.mark.parametrize("path", ["/v1", "/407/v1"])
def test_a_refused_connection_is_tried_again_and_has_started_nothing(
    tmp_path: Path, path: str
) -> None:
    """With pauses, since a service that restarts is back in a minute.

    A number somewhere in the library's words, which hold addresses too, is no status.
    """
    with on_github(tmp_path) as world, socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        world.qatech_url = f"http://127.0.0.1:{deaf.getsockname()[1]}{path}"
        outcome = world.run()
    assert (outcome.verdict, outcome.exit_code) == ("error", 1)
    assert "be reached for POST /chat/change-review at 127.0.0.1: no connection" in outcome.log
    assert UNCERTAIN not in outcome.log
    assert 30 < world.clock.elapsed < 180


@pytest.mark.parametrize(
    ("status", "remedy", "wrong"),
    [
        (400, "Check `application-overrides`", "api-token"),
        (401, "Check that `api-token` holds a QA.tech API token", "again"),
        (403, "Check that the token belongs to this project", "again"),
        (404, "Check `project` and the short ids", "`/v1`"),
        (407, "The proxy asks for a login", "api-token"),
        (409, "", "`"),
        (307, "Redirects are not followed with a token.", "again"),
    ],
)
def test_a_refusal_is_told_with_its_own_remedy(
    tmp_path: Path, status: int, remedy: str, wrong: str
) -> None:
    """With QA.tech's words, no advice that does not help, and no second attempt."""
    answer = Response(status, {"message": "No such luck"}, {"Location": "/v2"})
    with unreliable(tmp_path, qatech=faulty(START, answer)) as (world, count):
        outcome = world.run()
        assert (outcome.verdict, count(".*")) == ("error", 1)
    told = outcome.result["reason"]
    assert told in outcome.log
    assert f"{status}: No such luck. {remedy}".strip() in told
    assert not [it for it in (wrong, UNCERTAIN, "pass-on") if it in told]


def test_an_api_url_without_a_version_is_told(tmp_path: Path) -> None:
    """The first call is answered with 404."""
    with on_github(tmp_path) as world:
        world.qatech_url = world.qatech_url.removesuffix("/v1")
        assert "`api-url` lacks the API's version" in world.run().log


@pytest.mark.parametrize(
    "fault",
    [*UNREADABLE, DROP_BEFORE, Response(500), Response(502, "<html>"), Response(429)],
)
def test_polling_survives_ninety_seconds_of_faults(tmp_path: Path, fault: Fault) -> None:
    """Then the review ends as if nothing had been."""

    def decide(_count: int, request: Request) -> Fault | None:
        is_fault = re.fullmatch(READ, request.line) and bad.clock.elapsed < 90
        return fault if is_fault else None

    with unreliable(tmp_path, qatech=decide) as (bad, count):
        assert bad.run().verdict == "passed"
        assert count(START) == 1
        assert bad.clock.elapsed < 150


@pytest.mark.parametrize(
    ("fault", "least", "most", "reads"),
    [
        (Response(401), 0, 30, 1),
        (Response(403), 0, 30, 1),
        (Response(500), 300, 400, 50),
        (GARBAGE, 300, 400, 50),
    ],
)
def test_polling_ends_where_it_cannot_succeed(
    tmp_path: Path, fault: Fault, least: int, most: int, reads: int
) -> None:
    """A refused token at once, a service that stays silent after five minutes."""
    with unreliable(tmp_path, qatech=faulty(READ, then=fault)) as (world, count):
        outcome = world.run()
        assert outcome.verdict == "error"
        assert count(READ) <= reads
        assert least <= world.clock.elapsed <= most
        assert "error" in world.comments[0].split("\n")[0]
        assert outcome.outputs["conversation-url"]


def test_a_conversation_that_is_not_there_yet_is_looked_for_again(tmp_path: Path) -> None:
    """Shortly after the start a read may be answered by a copy that does not know it."""
    with unreliable(tmp_path, qatech=faulty(READ, Response(404), Response(404))) as (world, _):
        assert world.run().verdict == "passed"


def test_a_question_that_fails_has_started_nothing(tmp_path: Path) -> None:
    """The review has run; there is nothing to look for in QA.tech."""
    asked = faulty(r"POST /v1/chat/chat_\w+", then=Response(500))
    with unreliable(tmp_path, qatech=asked) as (world, _):
        outcome = world.run(application_overrides="app_web: https://vague.example.com")
        assert outcome.verdict == "unknown"
        assert "could not be asked for its verdict" in outcome.log
        assert UNCERTAIN not in outcome.log


def test_a_hundred_messages_are_asked_for(tmp_path: Path) -> None:
    """QA.tech gives twenty by itself, of which the block may be none."""
    with on_github(tmp_path) as world:
        app = QaTechApp(world.qatech)
        with serving(app) as url:
            world.qatech_url = f"{url}/v1"
            world.run()
        assert {it.query.get("limit") for it in app.requests if it.method == "GET"} == {"100"}


def _each(**fields: object) -> Callable[[Json], Json]:
    """Return what puts fields into the assistant's messages."""

    def change(shown: Json) -> Json:
        both = [it | (fields if it["role"] == "assistant" else {}) for it in shown["messages"]]
        return shown | {"messages": both}

    return change


def _with_a_question(shown: Json) -> Json:
    """Add a message of somebody else, the newest of all, and complete."""
    question: Json = {"id": "msg_x", "role": "user", "text": "Done?", "status": "COMPLETED"}
    question["createdAt"] = "2027-01-01T00:00:00Z"
    return shown | {"messages": [question, *shown["messages"]]}


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda shown: shown | {"messages": shown["messages"][::-1]}, PACE),
        (lambda shown: shown | {"title": None, "extra": [1]}, PACE),
        (_with_a_question, PACE),
        (_each(extra={"a": 1}), PACE),
        (_each(status="COMPLETED", isStreaming=True), 120),
        (_each(status="PAUSED", isStreaming=False), 120),
        (_each(status=None, isStreaming=None), 120),
        (_each(role="system"), 120),
        (lambda shown: shown | {"messages": []}, 120),
    ],
)
def test_the_reply_is_complete_when_its_newest_message_says_so(
    tmp_path: Path, change: Callable[[Json], Json], least: float
) -> None:
    """In any order, whatever else is there; a status that is not documented is no end."""

    def until_two_minutes(shown: Json) -> Json:
        return change(shown) if odd.clock.elapsed < 120 else shown

    with unreliable(tmp_path, change=until_two_minutes) as (odd, _):
        assert odd.run().verdict == "passed"
        assert least <= odd.clock.elapsed < least + 20


PULL = r"GET .*/pulls/7"
LIST = r"GET .*/issues/7/comments"
COMMENT = r"POST .*/issues/7/comments"
LOOK = r"GET .*/issues/comments/\d+"
EDIT = r"PATCH .*/issues/comments/\d+"
RUNS = r"GET .*/check-runs"
STATUSES = r"GET .*/statuses/\w+"
STATUS = r"POST .*/statuses/\w+"
DEPLOYED = "app_web: {deployment: docs}"
BROKEN: dict[str, Fault] = {
    "403": Response(403, {"message": "Resource not accessible by integration"}),
    "404": Response(404, {"message": "Not Found"}),
    "500": Response(500),
    "429": Response(429, {"message": "API rate limit exceeded"}, RETRY_LATER),
    "garbage": GARBAGE,
    "a list": Response(200, []),
    "an object": Response(200, {}),
    "301": Response(301, None, {"Location": "/elsewhere"}),
    "307": Response(307, None, {"Location": "/elsewhere"}),
    "dropped": DROP_AFTER,
}
"""What GitHub answers for as long as the run lasts."""


@pytest.mark.parametrize("line", [PULL, LIST, COMMENT, LOOK, EDIT, RUNS, STATUSES, STATUS])
@pytest.mark.parametrize("name", BROKEN)
def test_github_fails_at_one_of_its_calls(tmp_path: Path, line: str, name: str) -> None:
    """Without the pull request nothing starts, and a check that cannot be read closes the gate.

    All else changes no verdict: summary and outputs are written, and there is one comment at most.
    """
    verdict = {PULL: "", RUNS: "unknown", STATUSES: "unknown"}.get(line, "passed")
    if name in {"403", "a list"} and line in {RUNS, STATUSES}:
        verdict = "passed"
    with unreliable(tmp_path, github=faulty(line, then=BROKEN[name])) as (world, count):
        outcome = world.run(event("workflow_run_completed"), timeout_minutes="3")
        assert outcome.verdict == verdict
        assert outcome.exit_code == {"": 2, "unknown": 1, "passed": 0}[verdict]
        assert count(START) == (verdict != "")
        assert len(world.comments) <= 1
        assert outcome.summary
        assert "A defect" not in outcome.log


def test_a_check_that_cannot_be_read_is_read_again_while_there_is_time(tmp_path: Path) -> None:
    """More often than any other call is made again."""
    with unreliable(tmp_path, github=faulty(RUNS, *[Response(500)] * 8)) as (world, _):
        assert world.run().verdict == "passed"


def test_a_long_rate_limit_is_not_waited_for(tmp_path: Path) -> None:
    """A minute would be; five are the time of the review."""
    limited = Response(403, {"message": "rate limit exceeded"}, {"Retry-After": "300"})
    with unreliable(tmp_path, github=faulty(PULL, then=limited)) as (world, _):
        assert world.run().exit_code == 2
        assert world.clock.elapsed < 60


def test_an_earlier_review_that_is_not_found_at_first_is_continued(tmp_path: Path) -> None:
    """A second review is dearer than another look."""
    with unreliable(tmp_path, qatech=faulty(READ, Response(404))) as (world, _):
        world.run(wait="false")
        assert world.run().verdict == "passed"
        assert world.starts == 1


@pytest.mark.parametrize("name", [it for it in BROKEN if it != "a list"])
def test_a_comment_that_cannot_be_looked_for_is_not_written_twice(
    tmp_path: Path, name: str
) -> None:
    """Without it nobody knows of the review of an earlier run either, so there is another one."""
    first_run_is_fine = faulty(LIST, None, None, then=BROKEN[name])
    with unreliable(tmp_path, github=first_run_is_fine) as (world, _):
        world.run()
        assert world.run().verdict == "passed"
        assert (len(world.comments), world.starts) == (1, 2)


@pytest.mark.parametrize("fault", [Response(500), Response(502), DROP_BEFORE, DROP_AFTER])
@pytest.mark.parametrize("line", [COMMENT, LIST, LOOK, EDIT])
def test_a_comment_that_was_not_written_at_first_is_there_in_the_end(
    tmp_path: Path, line: str, fault: Fault
) -> None:
    """It is looked for, and created only where it is not there: one, with the verdict."""
    with unreliable(tmp_path, github=faulty(line, fault, fault)) as (world, _):
        outcome = world.run()
        assert [it.split("\n")[0].count("passed") for it in world.comments] == [1]
        assert outcome.outputs["comment-url"] == world.forge.comments[0]["html_url"]


def test_the_head_that_cannot_be_read_in_the_end_may_have_moved(tmp_path: Path) -> None:
    """So nothing is proven for the commit."""
    decide = faulty(PULL, None, then=Response(500))
    with unreliable(tmp_path, github=decide) as (world, _):
        assert world.run().verdict == "unknown"


@pytest.mark.parametrize(
    ("missing", "payload", "inputs", "code"),
    [
        ("pull-requests: write", "pull_request_opened", {}, 0),
        ("statuses: write", "workflow_run_completed", {}, 0),
        ("checks: read", "pull_request_opened", {}, 0),
        ("checks: read", "pull_request_opened", {"dry_run": "true"}, 0),
        ("pull-requests: read` and `contents: read", "push_branch", {}, 2),
        ("deployments: read", "pull_request_opened", {"application_overrides": DEPLOYED}, 2),
    ],
)
def test_a_missing_permission_is_named_once(
    tmp_path: Path, missing: str, payload: str, inputs: dict[str, str], code: int
) -> None:
    """What cannot be read before the start ends the run, what cannot be written does not."""
    name, access = missing.rpartition("`")[2].replace("-", "_").split(": ")
    with on_github(tmp_path) as world:
        world.forge.permissions -= {f"{name}={access}"}
        world.forge.permissions |= {f"{name}=read"} if access == "write" else set()
        outcome = world.run(event(payload), **inputs)
    assert outcome.exit_code == code
    assert outcome.log.count(f"Give the job `permissions: {missing}`.") == 1


def test_a_rate_limit_is_no_missing_permission(tmp_path: Path) -> None:
    """GitHub answers both with 403; a short one is waited for."""
    limit = Response(403, {"message": "You have exceeded a secondary rate limit"}, RETRY_LATER)
    with unreliable(tmp_path, github=faulty(PULL, limit)) as (world, _):
        outcome = world.run()
    assert outcome.verdict == "passed"
    assert world.clock.elapsed >= 20 + PACE
    assert "permissions:" not in outcome.log


ANY_FAULT: list[Any] = [None, None, None, GARBAGE, DROP_BEFORE, DROP_AFTER]
ANY_FAULT += [Response(500), Response(404), Response(403), Response(429, None, RETRY_LATER)]


@settings(max_examples=25)
@given(
    qatech=st.lists(st.sampled_from(ANY_FAULT), max_size=8),
    github=st.lists(st.sampled_from(ANY_FAULT), max_size=16),
    is_failing=st.booleans(),
)
def test_whatever_goes_wrong_there_is_one_outcome(
    qatech: list[Fault], github: list[Fault], *, is_failing: bool
) -> None:
    """At most one review and one comment, a summary, and no fault opens the gate."""
    host, folder = "failing" if is_failing else "passing", mkdtemp()
    on_the_way = unreliable(
        Path(folder), qatech=faulty(".*", *qatech), github=faulty(".*", *github)
    )
    with on_the_way as (world, _):
        outcome = world.run(application_overrides=f"app_web: https://{host}.example.com")
        assert outcome.exit_code in {0, 1, 2}
        assert (outcome.exit_code == 0) == (outcome.verdict == "passed")
        assert not (is_failing and outcome.exit_code == 0)
        assert bool(outcome.verdict) == (outcome.exit_code != 2)
        assert world.starts <= 1
        assert len(world.comments) <= 1
        assert outcome.summary
        assert "A defect" not in outcome.log


class _Noting(Deadline):
    """Notes how long each call may take."""

    def __init__(self) -> None:
        super().__init__(SimulatedClock(), 3600)
        self.noted: list[float] = []

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Bound a call."""
        self.noted.append(seconds)
        with super().at_most(seconds):
            yield


def test_a_call_to_github_may_take_a_minute_at_the_most(tmp_path: Path) -> None:
    """The time of a step is for the review, however slow GitHub is."""
    deadline = _Noting()
    with serving(github.GitHub(deadline.clock.now)) as url:
        read = read_event(github.environ(tmp_path, url, "", event()))
        forge = GitHub(github.GITHUB_TOKEN, read, deadline)
        target = forge.pull_request(github.REPOSITORY, 7)
        forge.comments(target)
        forge.qatech_check(target, deadline.clock.now())
    assert deadline.noted
    assert max(deadline.noted) <= 60
