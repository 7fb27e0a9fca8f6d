"""What the stand-in for QA.tech takes, refuses and answers."""

from collections.abc import Mapping

import pytest
from standins import START, Clock, ask, latest, override, qatech, review_request, started

from qatech_ci.before.sandbox import QaTech, Request
from qatech_ci.before.schemas import problems


def test_a_new_conversation_has_the_documented_shape() -> None:
    """A start is answered with 202, no messages, a null title and times in milliseconds."""
    answer = ask(qatech(Clock()), "POST", "/v1/chat", {"message": "hello"})
    assert answer.status == 202
    assert answer.body == {
        "shortId": "chat_001",
        "url": "https://app.qa.tech/p/sandbox/chat/chat_001",
        "title": None,
        "createdAt": "2026-05-04T10:30:00.000Z",
        "updatedAt": "2026-05-04T10:30:00.000Z",
        "source": "api",
        "messages": [],
    }


def test_answers_fit_the_schema_at_every_moment() -> None:
    """Whatever the progress, an answer is what the API documents."""
    clock = Clock()
    app = qatech(clock)
    short_id = started(app)
    for _ in range(12):
        body = ask(app, "GET", f"/v1/chat/{short_id}").body
        assert list(problems("conversation", body)) == []
        clock.advance(1)


def test_a_title_comes_with_the_reply() -> None:
    """The title is null until the assistant begins, and says that this is a stand-in."""
    clock = Clock()
    app = qatech(clock)
    short_id = started(app)
    assert ask(app, "GET", f"/v1/chat/{short_id}").body["title"] is None
    clock.advance(2)
    title = ask(app, "GET", f"/v1/chat/{short_id}").body["title"]
    assert title == "Stand-in: review of https://github.com/octo-org/shop/pull/7"


def test_the_time_of_the_last_change_stops_with_the_reply() -> None:
    """`updatedAt` moves while the reply grows and stays when it is complete."""
    clock = Clock()
    app = qatech(clock)
    short_id = started(app)
    clock.advance(500)
    body = ask(app, "GET", f"/v1/chat/{short_id}").body
    assert body["updatedAt"] == "2026-05-04T10:30:10.000Z"


def test_a_follow_up_is_answered_with_the_messages_before_it() -> None:
    """A follow-up gets 202 with what was said so far; its own reply comes later."""
    clock = Clock()
    app = qatech(clock)
    short_id = started(app)
    clock.advance(20)
    answer = ask(app, "POST", f"/v1/chat/{short_id}", {"message": "and the checkout?"})
    assert answer.status == 202
    assert [message["role"] for message in answer.body["messages"]] == ["assistant", "user"]
    assert latest(app, short_id)["text"] == "and the checkout?"
    clock.advance(10)
    assert latest(app, short_id)["status"] == "COMPLETED"
    assert "stand-in" in latest(app, short_id)["text"]


def test_messages_come_newest_first_and_limited() -> None:
    """GET gives the newest messages first, at most `limit` of them."""
    clock = Clock()
    app = qatech(clock)
    short_id = started(app)
    for _ in range(11):
        clock.advance(20)
        ask(app, "POST", f"/v1/chat/{short_id}", {"message": "more"})
    clock.advance(20)
    everything = ask(app, "GET", f"/v1/chat/{short_id}?limit=100").body["messages"]
    times = [message["createdAt"] for message in everything]
    assert len(times) == 24
    assert times == sorted(times, reverse=True)
    assert len(ask(app, "GET", f"/v1/chat/{short_id}").body["messages"]) == 20
    assert ask(app, "GET", f"/v1/chat/{short_id}?limit=3").body["messages"] == everything[:3]


@pytest.mark.parametrize("limit", ["0", "-1", "many", "", "1.5"])
def test_a_limit_that_is_not_a_positive_integer_is_refused(limit: str) -> None:
    """400 names the parameter."""
    app = qatech(Clock())
    answer = ask(app, "GET", f"/v1/chat/{started(app)}?limit={limit}")
    assert (answer.status, answer.body["message"][:6]) == (400, "limit:")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "token"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic token"},
        {"Authorization": "Bearer another"},
        {"Authorization": "Bearer token token"},
    ],
)
def test_the_token_is_checked(headers: Mapping[str, str]) -> None:
    """Without the token, or with anything else in its place, every call is refused with 401."""
    answer = qatech(Clock()).handle(Request("GET", "/v1/chat/chat_1", headers=headers))
    assert (answer.status, answer.body) == (401, {"message": "Missing or invalid API key"})


@pytest.mark.parametrize(("authorization", "status"), [(None, 404), ("Bearer x", 404), ("x", 401)])
def test_without_a_token_of_its_own_it_accepts_any(authorization: str | None, status: int) -> None:
    """The action's own stand-in lets any bearer token in and none at all, but no nonsense."""
    app = QaTech(None, now=Clock())
    headers = {"authorization": authorization} if authorization else {}
    assert app.handle(Request("GET", "/v1/chat/chat_1", headers=headers)).status == status


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "body: is not JSON"),
        (b"", "body: is not JSON"),
        (b'{"message": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff", "body: is not JSON"),
        ([], "body: the value is not of type 'object'"),
        ({}, "body: 'message' is a required property"),
        ({"message": ""}, "message: the value should be non-empty"),
        ({"message": "x", "actor": "y"}, "'actor' was unexpected"),
        (
            {"message": "x", "applicationOverrides": [override({"shortId": "staging"})]},
            "applicationOverrides[0].environment: the value is not valid",
        ),
    ],
)
def test_a_body_that_breaks_the_schema_is_refused(body: object, message: str) -> None:
    """400 names the place and the problem."""
    answer = ask(qatech(Clock()), "POST", "/v1/chat", body)
    assert answer.status == 400
    assert message in answer.body["message"]


def test_a_refusal_does_not_repeat_a_secret() -> None:
    """The value at fault stays out of the message: a preview URL may carry a secret."""
    wrong = override({"url": "not a url?bypass=secret"})
    answer = ask(qatech(Clock()), "POST", "/v1/chat/change-review", review_request(wrong))
    assert answer.status == 400
    assert "secret" not in answer.body["message"]


def test_only_json_is_read() -> None:
    """A body of another media type is refused, as the documentation asks for JSON."""
    headers = {"Content-Type": "text/plain"}
    answer = ask(qatech(Clock()), "POST", "/v1/chat", {"message": "x"}, headers)
    assert (answer.status, answer.body["message"][:12]) == (400, "Content-Type")


@pytest.mark.parametrize("path", ["/", "/v1", "/chat", "/v1/chat/", "/v1/chat/other/x"])
def test_unknown_paths_are_not_found(path: str) -> None:
    """404 names the path."""
    answer = ask(qatech(Clock()), "GET", path)
    assert (answer.status, answer.body) == (404, {"message": f"Nothing is at {path}"})


def test_unknown_conversations_are_not_found() -> None:
    """404, whether one reads or writes, also for ids that try to climb out of the path."""
    app = qatech(Clock())
    assert ask(app, "GET", "/v1/chat/chat_nope").body == {"message": "Conversation not found"}
    assert ask(app, "POST", "/v1/chat/chat_nope", {"message": "x"}).status == 404
    assert ask(app, "GET", "/v1/chat/chat_..%2F..%2Fx").status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/chat", "POST"),
        ("GET", "/v1/chat/change-review", "POST"),
        ("DELETE", "/v1/chat/chat_1", "GET, POST"),
    ],
)
def test_wrong_methods_are_refused(method: str, path: str, allowed: str) -> None:
    """405 lists the methods that would do."""
    answer = ask(qatech(Clock()), method, path)
    assert (answer.status, answer.headers["Allow"]) == (405, allowed)


def test_every_call_is_noted() -> None:
    """`requests` holds all calls with their answers, so that starts can be counted."""
    app = qatech(Clock())
    started(app)
    ask(app, "GET", "/v1/chat/chat_nope")
    assert [(call.method, call.path, call.status) for call in app.requests] == [
        ("POST", "/v1/chat/change-review", 202),
        ("GET", "/v1/chat/chat_nope", 404),
    ]
    assert app.requests[0].body == review_request()
    assert app.requests[0].request.headers["AUTHORIZATION"] == "Bearer token"


def test_the_journal_shows_calls_without_the_token() -> None:
    """`GET /_sandbox/requests` lists the calls; of the authorization only the scheme."""
    app = QaTech(None, now=Clock())
    for authorization in ("Bearer s3cret", "s3cret"):
        ask(app, "POST", "/v1/chat", {"message": "x"}, {"Authorization": authorization})
    app.handle(Request("GET", "/v1/chat/chat_1"))
    answer = ask(app, "GET", "/_sandbox/requests")
    assert [call["authorization"] for call in answer.body] == ["Bearer", "other", None]
    assert answer.body[0]["body"] == {"message": "x"}
    assert "body" not in answer.body[2]
    assert "s3cret" not in str(answer)
    assert ask(app, "GET", "/_sandbox/requests").body == answer.body
    assert ask(app, "DELETE", "/_sandbox/requests").status == 404


def test_ids_are_random_unless_given() -> None:
    """Two conversations never share an id, and every answer names the stand-in."""
    app = QaTech(None, now=lambda: START)
    first, second = (ask(app, "POST", "/v1/chat", {"message": "x"}) for _ in range(2))
    assert first.body["shortId"] != second.body["shortId"]
    assert first.headers["Server"] == "qatech-ci stand-in for QA.tech"
