"""QA.tech's stand-in: what it takes, refuses and plays."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from qatech_ci.cli import main
from qatech_ci.model import Message
from qatech_ci.qatech.sandbox import DISCLAIMER, Question, Sandbox, Scenario, serving
from qatech_ci.schemas import problems
from qatech_ci.verdict import Reading, demand, read_reply
from stand_ins.qatech import QaTech

NONCE = "0123456789abcdef0123456789abcdef"
START = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
SECRET = "https://user:s3cret@shop.example.com/?bypass=s3cret"


class Clock:
    """Time that stands still until it is moved."""

    seconds = 0.0

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


def review(*environments: dict[str, str], context: str = demand(NONCE)) -> dict[str, Any]:
    """Return a request for a review of one application in each environment."""
    return {
        "mode": "pr",
        "prUrl": "https://github.com/octo-org/shop/pull/7",
        "vcsProviderId": "github",
        "applicationOverrides": [
            {"applicationShortId": "app_shop", "environment": it} for it in environments
        ],
        "context": context,
    }


def post(sandbox: Sandbox, path: str, body: object) -> tuple[int, dict[str, Any]]:
    """Send JSON."""
    return sandbox.answer("POST", f"/v1/chat{path}", {}, "", json.dumps(body).encode())


def messages(sandbox: Sandbox, short_id: str, **query: str) -> list[dict[str, Any]]:
    """Return a conversation's messages; all of the answer fits the documented schema."""
    status, answer = sandbox.answer("GET", f"/v1/chat/{short_id}", query, "", b"")
    assert (status, problems("chat-api#conversation", answer)) == (200, [])
    return list(answer["messages"])


def played(*environments: dict[str, str], scenario: Scenario | None = None) -> dict[str, Any]:
    """Return the last message of a review."""
    sandbox = Sandbox(scenario=scenario, now=Clock(), pace=0)
    _, started = post(sandbox, "/change-review", review(*environments))
    return messages(sandbox, started["shortId"])[0]


def reading(text: str) -> Reading:
    """Return what a finished reply says."""
    return read_reply([Message("msg_1", "assistant", START, text, "COMPLETED")], NONCE)


def test_a_start_is_answered_at_once_and_without_messages() -> None:
    """202, in the documented shape."""
    status, answer = post(Sandbox(now=Clock(), pace=0), "", {"message": "Hello"})
    short_id = answer["shortId"]
    assert (status, len(short_id)) == (202, len("chat_") + 12)
    assert answer == {
        "shortId": short_id,
        "url": f"https://app.qa.tech/p/sandbox/chat/{short_id}",
        "title": None,
        "createdAt": "2026-05-04T10:30:00.000Z",
        "updatedAt": "2026-05-04T10:30:00.000Z",
        "source": "api",
        "messages": [],
    }


def test_a_reply_grows_with_time() -> None:
    """There is none at first; then it is empty, then streamed, then complete with the pace."""
    clock = Clock()
    sandbox = Sandbox(now=clock, pace=20)
    _, started = post(sandbox, "/change-review", review())
    seen = []
    for clock.seconds in range(21):
        [reply, *_] = messages(sandbox, started["shortId"])
        seen += [(reply["status"], reply["text"])] if reply["role"] == "assistant" else []
        assert reply["isStreaming"] == (reply["status"] in ("INITIATED", "PARTIAL"))
    statuses, texts = [status for status, _ in seen], [text for _, text in seen]
    counts = {status: statuses.count(status) for status in statuses}
    assert counts == {"INITIATED": 4, "PARTIAL": 14, "COMPLETED": 1}
    assert all(texts[-1].startswith(text) for text in texts)
    assert texts == sorted(texts, key=len)


@pytest.mark.parametrize(
    ("scenario", "status", "verdicts"),
    [
        (Scenario.PASSING, "COMPLETED", ["passed", "passed"]),
        (Scenario.FAILING, "COMPLETED", ["failed", "failed"]),
        (Scenario.UNVERIFIED, "COMPLETED", ["unverified", "unverified"]),
        (Scenario.BLOCKED, "COMPLETED", ["blocked", "blocked"]),
        (Scenario.PENDING_FIRST, "COMPLETED", ["pending", "pending", "passed", "passed"]),
        (Scenario.VAGUE, "COMPLETED", ["", "passed"]),
        (Scenario.MUTE, "COMPLETED", ["", ""]),
        (Scenario.CANCELLED, "CANCELLED", ["", ""]),
        (Scenario.FAILED, "FAILED", ["", ""]),
        (Scenario.NEVER, "PARTIAL", ["", ""]),
    ],
)
def test_each_scenario_is_played(scenario: Scenario, status: str, verdicts: list[str]) -> None:
    """The status, the block of the review, and those of the answers to the question for it.

    A scenario that was given overrules the environments; the reply's words fit the block.
    """
    sandbox = Sandbox(scenario=scenario, now=Clock(), pace=0)
    _, started = post(sandbox, "/change-review", review({"shortId": "env_never-failing"}))
    for number, verdict in enumerate(verdicts):
        if number:
            post(sandbox, f"/{started['shortId']}", {"message": demand(NONCE)})
        message = messages(sandbox, started["shortId"])[0]
        seen = reading(message["text"])
        assert (seen.block.verdict if seen.block else "") == verdict
        assert message["status"] == status
        is_alone = message["text"].startswith("```") and message["text"].endswith("\n```")
        assert is_alone == bool(number and verdict)
        assert is_alone or status == "PARTIAL" or DISCLAIMER in message["text"]
        assert bool(seen.failing_words) == (verdict == "failed" and not is_alone)
        assert bool(seen.unable_words) == (verdict == "unverified" and not is_alone)


def test_a_failing_review_tells_one_failure_of_three_tests() -> None:
    """For people a table, steps, expected and found; the same in the block."""
    text = played(scenario=Scenario.FAILING)["text"]
    block = reading(text).block
    assert block
    [failure] = block.failures
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert rows == [
        f"| {test} | {'❌ Failed' if test == failure.title else '✅ Passed'} |"
        for test in block.tested
    ]
    assert len(rows) == 3
    words = [line.split()[0] for line in failure.details.splitlines()]
    assert words == ["1.", "2.", "3.", "Expected:", "Found:"]
    assert [line for line in text.splitlines() if line.startswith("**")] == [
        line.replace(word, f"**{word}**")
        for word, line in zip(words[3:], failure.details.splitlines()[3:], strict=True)
    ]


@pytest.mark.parametrize(
    ("environments", "verdict"),
    [
        ([], "passed"),
        ([{"url": "https://shop-pr-7.example.com"}], "passed"),
        ([{"url": "https://failing.example.com"}], "failed"),
        ([{"url": "https://example.com/Unverified/x"}], "unverified"),
        ([{"url": "https://example.com", "name": "a blocked preview"}], "blocked"),
        ([{"shortId": "env_failing"}], "failed"),
        ([{"applicationBuildShortId": "build_failing2"}], "failed"),
        ([{"url": "https://commute.example.com/unfailing/failings"}], "passed"),
        ([{"shortId": "env_failing"}, {"shortId": "env_passing"}], "failed"),
        ([{"shortId": "env_vague-blocked-pending"}], "blocked"),
    ],
)
def test_a_word_in_an_environment_chooses(environments: list[dict[str, str]], verdict: str) -> None:
    """A whole word in URL, name or short id; of several the worst decides."""
    block = reading(played(*environments)["text"]).block
    assert block
    assert block.verdict == verdict


def test_a_reply_can_be_replaced() -> None:
    """A test says what the reviewer says, knowing what was asked; the scenario keeps the status.

    It is the conversation's: a follow-up goes on with the environments of its start. Of several
    demands the last counts, since text of the pull request's author stands before it.
    """
    asked: list[Question] = []

    def reply(question: Question) -> str:
        asked.append(question)
        return "@octocat"

    sandbox = QaTech(now=Clock(), pace=0, reply=reply)
    overrides = review({"shortId": "env_failed"})["applicationOverrides"]
    _, started = post(sandbox, "", {"message": "Hello", "applicationOverrides": overrides})
    post(sandbox, f"/{started['shortId']}", {"message": "And now?"})
    post(sandbox, "/change-review", review(context=f"{demand('f' * 32)}\n\n{demand(NONCE)}"))
    newest = messages(sandbox, started["shortId"])[0]
    assert (newest["text"], newest["status"]) == ("@octocat", "FAILED")
    assert [(it.kind, it.nonce) for it in asked] == [
        ("chat", None),
        ("follow-up", None),
        ("review", NONCE),
    ]
    assert [it.conversation_id for it in asked[:2]] == [started["shortId"]] * 2
    assert asked[1].body == {"message": "And now?"}
    assert DISCLAIMER in asked[1].usual


def test_messages_come_newest_first_and_as_many_as_asked_for() -> None:
    """Twenty where nobody says; a follow-up is answered with what was there before it."""
    clock = Clock()
    sandbox = Sandbox(now=clock, pace=0)
    _, started = post(sandbox, "", {"message": "0"})
    for clock.seconds in range(1, 12):
        _, before = post(sandbox, f"/{started['shortId']}", {"message": str(clock.seconds)})
    newest = messages(sandbox, started["shortId"], limit="3")
    assert [it["role"] for it in newest] == ["assistant", "user", "assistant"]
    assert (before["messages"][1]["text"], newest[1]["text"]) == ("10", "11")
    assert len(messages(sandbox, started["shortId"])) == len(before["messages"]) == 20
    assert len(messages(sandbox, started["shortId"], limit="100")) == 24
    for limit in ("0", "-1", "many", ""):
        path = f"/v1/chat/{started['shortId']}"
        assert sandbox.answer("GET", path, {"limit": limit}, "", b"")[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/v1/chat", b"{", 400, "body: "),
        ("POST", "/v1/chat", b"[" * 100_000, 400, "body: "),
        ("POST", "/v1/chat", b'{"message": ""}', 400, "message: "),
        ("POST", "/v1/chat", b'{"message": "x", "actor": 1}', 400, "'actor' was unexpected"),
        ("POST", "/v1/chat/change-review", b'{"message": "x"}', 400, "'mode' is a required"),
        ("POST", "/v1/chat/change-review", b'{"mode": "pr"}', 400, "'prUrl' is a required"),
        ("POST", "/v1/chat/chat_0", b'{"message": "x"}', 404, "chat_0"),
        ("GET", "/v1/chat/chat_0", b"", 404, "chat_0"),
        ("GET", "/v1/chat", b"", 404, "GET /v1/chat"),
        ("POST", "/chat", b'{"message": "x"}', 404, "POST /chat"),
    ],
)
def test_what_the_api_does_not_document_is_refused(
    method: str, path: str, body: bytes, status: int, words: str
) -> None:
    """The message says what is wrong."""
    got, answer = Sandbox(now=Clock()).answer(method, path, {}, "", body)
    assert got == status
    assert words in answer["message"]


@given(st.binary(), st.text(), st.text())
def test_nothing_that_is_sent_breaks_it(body: bytes, path: str, limit: str) -> None:
    """It refuses with a message."""
    sandbox = Sandbox(now=Clock())
    for method in ("GET", "POST"):
        for place in ("/v1/chat", f"/v1/chat/{path}", path):
            status, answer = sandbox.answer(method, place, {"limit": limit}, "", body)
            assert 400 <= status < 500
            assert answer["message"]


def test_no_answer_repeats_a_secret() -> None:
    """Neither a refusal nor a reply quotes the user info or query of a URL."""
    sandbox = Sandbox(now=Clock(), pace=0)
    _, refused = post(sandbox, "/change-review", review({"link": SECRET}))
    changed = {**review({"url": SECRET, "name": SECRET}), "prUrl": SECRET}
    _, started = post(sandbox, "/change-review", changed)
    reply = messages(sandbox, started["shortId"])[0]
    assert refused["message"].startswith("applicationOverrides.0.environment: ")
    assert "s3cret" not in refused["message"] + reply["text"]


@pytest.mark.parametrize(
    ("sent", "status"), [("", 401), ("Bearer other", 401), ("tok_1", 401), ("Bearer tok_1", 404)]
)
def test_only_the_given_token_opens(sent: str, status: int) -> None:
    """Everything else is 401, whatever is asked for."""
    sandbox = Sandbox(token="tok_1", now=Clock())
    assert sandbox.answer("GET", "/v1/chat/chat_0", {"limit": "1"}, sent, b"")[0] == status


def test_it_is_served_over_http() -> None:
    """With the usual headers; query, body and token arrive; nothing listens afterwards.

    No thread but the caller's takes a signal, and that one takes it again.
    """
    masks: list[set[Any]] = []

    def reply(question: Question) -> str:
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        return question.usual

    sandbox = QaTech(token="tok_1", now=Clock(), pace=0, reply=reply)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    headers = {"Authorization": "Bearer tok_1"}
    with serving(sandbox) as url:
        started = requests.post(f"{url}/chat", json={"message": "é"}, headers=headers, timeout=9)
        known = f"{url}/chat/{started.json()['shortId']}"
        read = requests.get(f"{known}?limit=1", headers=headers, timeout=9)
        refused = requests.get(known, timeout=9)
    assert (started.status_code, read.status_code, refused.status_code) == (202, 200, 401)
    assert len(read.json()["messages"]) == 1
    assert sandbox.requests[0].body == {"message": "é"}
    for answer in (started, read, refused):
        assert answer.headers["Server"] == "qatech-ci stand-in"
        assert "Date" in answer.headers
    assert masks[0] >= {signal.SIGINT, signal.SIGTERM, signal.SIGALRM}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    with pytest.raises(requests.ConnectionError):
        requests.get(known, timeout=9)


def test_it_is_served_until_interrupted() -> None:
    """It tells its URL, the words and that no review takes place, and ends quietly."""
    # A shell starts what runs in the background with SIGINT ignored, and that is inherited.
    code = (
        "import signal, sys; from qatech_ci.qatech.sandbox import serve;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "serve(sys.stdout, '127.0.0.1', 0, 'tok_1')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        told = "".join(iter(process.stdout.readline, "Interrupt to end.\n"))
        url = told.partition("api-url: ")[2].split()[0]
        status = requests.get(f"{url}/chat/chat_0", timeout=9).status_code
        process.send_signal(signal.SIGINT)
        rest = process.communicate()
    assert "No review takes place." in told
    assert all(word in told for word in Scenario)
    assert "tok_1" not in told
    assert (status, process.returncode, rest) == (401, 0, ("", ""))


def test_a_port_that_cannot_be_had_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With the address, and without a traceback."""
    with serving(Sandbox(now=Clock())) as url:
        port = url.rpartition(":")[2].partition("/")[0]
        assert main(["sandbox", "--port", port]) == 2
    assert f"127.0.0.1:{port} cannot be had" in capsys.readouterr().err
