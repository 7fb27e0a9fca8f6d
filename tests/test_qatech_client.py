"""QA.tech's four calls, against a server that answers by script."""

import json
from pathlib import Path
from typing import Any

import pytest

from fakes import clock
from fault_server import (
    Fault,
    FaultServer,
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
from qatech_ci.before.errors import (
    AccessDenied,
    AnswerLost,
    AnswerUnreadable,
    ConversationNotFound,
    RequestInvalid,
    ReviewerBroken,
    ReviewerError,
    ReviewerRefusal,
    ReviewerUnreachable,
    TokenRejected,
    TooManyRequests,
)
from qatech_ci.before.model import (
    ChangeReview,
    DeployOutput,
    Override,
    PreviewUrl,
    PullRequestChanges,
    RawChanges,
    SavedEnvironment,
    UploadedBuild,
)
from qatech_ci.before.ports import Deadline
from qatech_ci.before.qatech import QaTech, Transport

TOKEN = "tok_canary_123456"
ACCEPTED: dict[str, Any] = {
    "shortId": "chat_abc123",
    "url": "https://app.qa.tech/p/shop/chat/chat_abc123",
    "title": None,
    "createdAt": "2026-05-04T10:30:00.000Z",
    "updatedAt": "2026-05-04T10:30:00.000Z",
    "source": "api",
    "messages": [],
}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "role": "assistant",
    "createdAt": "2026-05-04T10:30:05.000Z",
    "text": "✅ Tests passing",
    "status": "COMPLETED",
    "isStreaming": False,
}
OVERRIDES = (
    Override("app_web", PreviewUrl("https://pr-7.example.com", "PR 7"), "preset_a"),
    Override("app_admin", SavedEnvironment("env_a")),
    Override("app_ios", UploadedBuild("build_a")),
)
SENT_OVERRIDES = [
    {
        "applicationShortId": "app_web",
        "devicePresetShortId": "preset_a",
        "environment": {"url": "https://pr-7.example.com", "name": "PR 7"},
    },
    {"applicationShortId": "app_admin", "environment": {"shortId": "env_a"}},
    {"applicationShortId": "app_ios", "environment": {"applicationBuildShortId": "build_a"}},
]
PULL_REQUEST = PullRequestChanges("https://github.com/octo-org/shop/pull/7", "github")
REVIEW = ChangeReview(PULL_REQUEST, OVERRIDES, "Focus on checkout.", "proj_a")


class Case:
    """A client, its clock, and a deadline in real and simulated seconds alike."""

    def __init__(self, url: str, seconds: float = 20) -> None:
        self.clock = clock()
        self.client = QaTech(Transport(url, TOKEN), self.clock)
        self.deadline = Deadline(self.clock, seconds)

    def start(self) -> None:
        """Start a review."""
        self.client.start_review(REVIEW, self.deadline)

    def look(self) -> None:
        """Read a conversation."""
        self.client.conversation("chat_abc123", self.deadline, limit=20)


def failed_start(*script: Fault, seconds: float = 20) -> tuple[ReviewerError, FaultServer]:
    """Return the error of a start against a script."""
    with serving(*script) as server, pytest.raises(ReviewerError) as caught:
        Case(server.url, seconds).start()
    return caught.value, server


def failed_look(*script: Fault, seconds: float = 20) -> ReviewerError:
    """Return the error of a look against a script."""
    with serving(*script) as server, pytest.raises(ReviewerError) as caught:
        Case(server.url, seconds).look()
    return caught.value


def test_a_review_of_a_pull_request() -> None:
    """Every field of PR mode is sent, and the token as a bearer."""
    with serving(answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        started = case.client.start_review(REVIEW, case.deadline)
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/chat/change-review")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert request.json() == {
        "mode": "pr",
        "prUrl": "https://github.com/octo-org/shop/pull/7",
        "vcsProviderId": "github",
        "applicationOverrides": SENT_OVERRIDES,
        "context": "Focus on checkout.",
        "projectShortId": "proj_a",
    }
    assert (started.short_id, started.url) == (ACCEPTED["shortId"], ACCEPTED["url"])
    assert started.messages == ()


def test_a_review_of_raw_changes() -> None:
    """Description and diff are sent in place of a pull request."""
    review = ChangeReview(RawChanges("Fixes the total", "diff --git"), OVERRIDES[1:2])
    with serving(answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        case.client.start_review(review, case.deadline)
    assert server.received[0].json() == {
        "mode": "rawChanges",
        "changes": {"changeDescription": "Fixes the total", "diff": "diff --git"},
        "applicationOverrides": SENT_OVERRIDES[1:2],
    }


def test_a_merge_request_on_gitlab() -> None:
    """The other forge that the API knows."""
    changes = PullRequestChanges("https://gitlab.com/a/b/-/merge_requests/7", "gitlab")
    with serving(answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        case.client.start_review(ChangeReview(changes, OVERRIDES), case.deadline)
    sent = server.received[0].json()
    assert isinstance(sent, dict)
    assert sent["vcsProviderId"] == "gitlab"


def test_a_conversation_and_a_follow_up() -> None:
    """Both calls take a message and overrides; a new conversation takes a project too."""
    with serving(answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        case.client.start_conversation(
            "Hi", case.deadline, overrides=OVERRIDES[2:], project="proj_a"
        )
        case.client.send_message("chat_abc123", "And?", case.deadline, overrides=OVERRIDES[2:])
    first, second = server.received
    assert (first.method, first.path) == ("POST", "/chat")
    assert first.json() == {
        "message": "Hi",
        "applicationOverrides": SENT_OVERRIDES[2:],
        "projectShortId": "proj_a",
    }
    assert (second.method, second.path) == ("POST", "/chat/chat_abc123")
    assert second.json() == {"message": "And?", "applicationOverrides": SENT_OVERRIDES[2:]}


def test_a_conversation_is_read_with_a_limit() -> None:
    """Messages are read with all their fields, optional ones left out or null included."""
    bare = {key: MESSAGE[key] for key in ("id", "role", "createdAt", "text")}
    document = ACCEPTED | {
        "messages": [MESSAGE, bare | {"status": None, "isStreaming": None}],
        "title": "Checkout",
        "extra": {"x": 1},
    }
    with serving(answer(document)) as server:
        case = Case(server.url)
        seen = case.client.conversation("chat_abc123", case.deadline, limit=50)
    assert (server.received[0].method, server.received[0].path) == (
        "GET",
        "/chat/chat_abc123?limit=50",
    )
    full, least = seen.messages
    assert (full.status, full.is_streaming, full.created_at.second) == ("COMPLETED", False, 5)
    assert (least.status, least.is_streaming) == ("", False)


@pytest.mark.parametrize("missing", ["title", "source", "messages"])
def test_what_the_schema_does_not_require_may_be_absent(missing: str) -> None:
    """The pages contradict each other about null and absence; both are accepted."""
    document = {key: value for key, value in ACCEPTED.items() if key != missing}
    with serving(answer(document), answer(ACCEPTED | {missing: None})) as server:
        Case(server.url).look()
        Case(server.url).look()
    assert len(server.received) == 2


def test_times_without_a_zone_are_utc() -> None:
    """So that all of them can be compared."""
    messages = [
        MESSAGE | {"createdAt": time} for time in ("2026-05-04T10:30:00", "2026-05-04T10:30:00Z")
    ]
    with serving(answer(ACCEPTED | {"messages": messages})) as server:
        case = Case(server.url)
        first, second = case.client.conversation("chat_a", case.deadline, limit=2).messages
    assert first.created_at == second.created_at


def test_an_environment_that_was_not_found_is_not_sent() -> None:
    """Finding it comes first; what was asked for is no environment of QA.tech's."""
    with serving(answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        review = ChangeReview(PULL_REQUEST, (Override("app_web", DeployOutput("deploy")),))
        with pytest.raises(TypeError, match="DeployOutput"):
            case.client.start_review(review, case.deadline)
    assert not server.received


@pytest.mark.parametrize(
    "short_id",
    ["chat_../../x?", "chat_a\n", "chat_a/b", "chat_", "chatabc", "chat_" + "a" * 500, ""],
)
def test_an_id_that_is_not_safe_in_a_path_is_not_sent(short_id: str) -> None:
    """The documented pattern admits slashes and line breaks."""
    with serving(answer(ACCEPTED)) as server:
        case = Case(server.url)
        with pytest.raises(RequestInvalid, match="chat_abc123"):
            case.client.conversation(short_id, case.deadline, limit=20)
    assert not server.received


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestInvalid),
        (401, TokenRejected),
        (403, AccessDenied),
        (404, ConversationNotFound),
        (500, ReviewerBroken),
        (502, ReviewerBroken),
        (418, ReviewerRefusal),
        (302, ReviewerRefusal),
    ],
)
def test_each_error_status_is_an_error_of_its_own(status: int, kind: type[ReviewerRefusal]) -> None:
    """The service's own message is in it."""
    error = failed_look(answer({"message": "No such thing."}, status))
    assert type(error) is kind
    assert f"with {status}: No such thing." in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": 7}'])
def test_an_error_without_a_message_says_so(body: bytes) -> None:
    """A proxy answers with a page of its own."""
    error = failed_look(sends(raw(body, 500)))
    assert "no message came with it" in str(error)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (sends(raw(b"")), "is not JSON"),
        (sends(raw(b"<html>")), "is not JSON"),
        (sends(raw(b'{"a": NaN}')), "is not JSON"),
        (sends(raw(b"\xff")), "is not JSON"),
        (sends(raw(b"[" * 10_000 + b"]" * 10_000)), "is nested too deeply"),
        (sends(raw(b"[]")), "is not as documented"),
        (answer(ACCEPTED | {"shortId": 7}), "is not as documented: shortId"),
        (answer(ACCEPTED | {"shortId": "chat_../x"}), "has an id that no path may hold"),
        (answer(ACCEPTED | {"messages": [MESSAGE | {"createdAt": "yesterday"}]}), "documented"),
        (answer(ACCEPTED | {"messages": [{"id": "x"}]}), "is not as documented: messages.0"),
        (sends(raw(b'"' + b"x" * 5_000_000 + b'"')), "is larger than 2 MiB"),
        (bomb(200_000_000), "is not JSON"),
    ],
)
def test_an_answer_that_cannot_be_read_says_why(fault: Fault, reason: str) -> None:
    """No traceback, and no memory spent on it: what nobody asked to be packed is not unpacked."""
    error = failed_look(fault)
    assert type(error) is AnswerUnreadable
    assert reason in str(error)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://app.qa.tech", "https://a b", ""])
def test_a_link_that_is_not_https_is_no_link(url: str) -> None:
    """It ends up in a comment."""
    with serving(answer(ACCEPTED | {"url": url})) as server:
        case = Case(server.url)
        assert case.client.conversation("chat_a", case.deadline, limit=1).url == ""


@pytest.mark.parametrize(
    "fault",
    [reset_after_reading, sends(raw(b"{", length=100)), sends(b"")],
)
def test_an_answer_that_is_lost_is_lost(fault: Fault) -> None:
    """Nobody can tell what the service did with the request."""
    assert type(failed_look(fault)) is AnswerLost


def test_a_connection_that_breaks_at_once_is_a_failure_all_the_same() -> None:
    """Before or after the request has left is a matter of microseconds."""
    assert isinstance(failed_look(reset_before_reading), AnswerLost | ReviewerUnreachable)


@pytest.mark.parametrize("fault", [stall, drip])
def test_a_server_cannot_hold_a_request_up(fault: Fault) -> None:
    """Neither by silence nor by a byte at a time."""
    assert type(failed_look(fault, seconds=0.3)) is AnswerLost


def test_without_time_nothing_is_sent() -> None:
    """A request that cannot be answered in time is not begun."""
    with serving(answer(ACCEPTED)) as server, pytest.raises(ReviewerUnreachable, match="no time"):
        Case(server.url, seconds=0).look()
    assert not server.received


@pytest.mark.parametrize(
    "fault",
    [
        reset_after_reading,
        answer({"message": "boom"}, 500),
        answer({"message": "boom"}, 503),
        answer({"message": "boom"}, 504, Retry_After="1"),
        answer({"message": "boom"}, 503, Retry_After="soon"),
        sends(raw(b"<html>", 202)),
        sends(raw(b"{", 202, length=100)),
        answer({"shortId": "chat_a"}, 202),
    ],
)
def test_a_start_that_may_have_had_an_effect_is_not_repeated(fault: Fault) -> None:
    """There is no idempotency key: a second request could be a second review."""
    error, server = failed_start(fault, answer(ACCEPTED, 202))
    assert error.may_have_started
    assert len(server.received) <= 1


def test_a_start_that_times_out_is_not_repeated() -> None:
    """The service may be at work on it."""
    error, server = failed_start(stall, seconds=0.3)
    assert error.may_have_started
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_start_that_was_refused_has_had_no_effect(status: int) -> None:
    """And there is no use in trying again."""
    error, server = failed_start(answer({"message": "no"}, status))
    assert not error.may_have_started
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (answer({"message": "slow"}, 429), (0, 1)),
        (answer({"message": "slow"}, 429, Retry_After="7"), (7, 8)),
        (answer({"message": "slow"}, 429, Retry_After="Mon, 04 May 2026 12:00:05 GMT"), (5, 6)),
        (answer({"message": "slow"}, 429, Retry_After="later"), (0, 1)),
        (answer({"message": "down"}, 503, Retry_After="3"), (3, 4)),
    ],
)
def test_a_start_that_was_turned_away_is_repeated_when_asked(
    fault: Fault,
    waited: tuple[float, float],
) -> None:
    """After the time that the service asks for, within the deadline, with jitter."""
    with serving(fault, answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        case.start()
    assert len(server.received) == 2
    assert waited[0] <= case.clock.monotonic() <= waited[1]


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    """An hour's pause does not fit: the answer stands as it is."""
    error, server = failed_start(answer({"message": "slow"}, 429, Retry_After="3600"))
    assert type(error) is TooManyRequests
    assert len(server.received) == 1


def test_a_service_that_cannot_be_reached_is_tried_for_two_minutes() -> None:
    """No connection, no effect: it is safe to try again."""
    with refusing() as url:
        case = Case(url, seconds=3600)
        with pytest.raises(ReviewerUnreachable, match="ConnectionRefusedError") as caught:
            case.start()
    assert 60 < case.clock.monotonic() <= 120
    assert not caught.value.may_have_started


def test_a_redirect_is_not_followed() -> None:
    """The token goes to one host."""
    with serving(answer(ACCEPTED)) as other:
        redirect = answer({}, 307, Location=f"{other.url}/chat")
        error, _ = failed_start(redirect)
    assert type(error) is ReviewerRefusal
    assert not other.received


def test_a_netrc_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in the home directory does not win over the token."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving(answer(ACCEPTED)) as server:
        Case(server.url).look()
    assert server.received[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_without_a_token_no_authorization_is_sent() -> None:
    """The embedded stand-in asks for none."""
    with serving(answer(ACCEPTED)) as server:
        time = clock()
        QaTech(Transport(server.url, ""), time).conversation("chat_a", Deadline(time, 9), limit=1)
    assert "authorization" not in server.received[0].headers


@pytest.mark.parametrize(
    "fault",
    [
        reset_after_reading,
        answer({"message": "boom"}, 500),
        sends(raw(b"x")),
        answer({}, 302, Location="https://evil.example"),
    ],
)
def test_the_token_is_in_no_error(fault: Fault) -> None:
    """Neither in the message nor in what an exception carries."""
    error = failed_look(fault)
    assert TOKEN not in f"{error!r} {error.__context__!r} {error.__cause__!r}"


def test_a_server_without_a_certificate_is_not_trusted() -> None:
    """Plain HTTP on an https address is no connection at all."""
    with serving(speak_plainly) as server:
        case = Case(server.url.replace("http:", "https:"))
        with pytest.raises(ReviewerUnreachable, match="not secure"):
            case.look()


def test_bodies_are_json_without_escapes_that_change_them() -> None:
    """Emoji and line breaks in the context arrive as they were written."""
    context = "Fokus auf die Kasse 🛒\n“zwei”"
    with serving(answer(ACCEPTED, 202)) as server:
        case = Case(server.url)
        case.client.start_review(ChangeReview(PULL_REQUEST, OVERRIDES, context), case.deadline)
    assert json.loads(server.received[0].body)["context"] == context
