"""The machine-readable verdict block in the stand-in for QA.tech, and replies made to order."""

import json
import re
from typing import Any

import pytest
from standins import PACE, Clock, ask, latest, override, qatech, review_request, started

from qatech_ci.before.sandbox import Kind, QaTech, Question, Scenario
from qatech_ci.before.schemas import problems

NONCE = "0123456789abcdef"
REQUEST = f"""\
Please mind the basket.

End your reply with this block, filled in:

```qatech-verdict
{{"nonce": "{NONCE}", "verdict": "passed | failed | unverified", "reasons": []}}
```
"""
WITH_VERDICT = [
    (Scenario.PASSING, "passed"),
    (Scenario.FAILING, "failed"),
    (Scenario.UNVERIFIABLE, "unverified"),
]
WITHOUT = [s for s in Scenario if s not in dict(WITH_VERDICT)]


def block_in(text: str) -> dict[str, Any]:
    """Return the content of the block that ends `text`; empty where none does."""
    found = re.search(r"(?:^|\n\n)```qatech-verdict\n(.*)\n```\Z", text)
    return dict(json.loads(found[1])) if found else {}


def reviewed(scenario: Scenario, context: str = REQUEST) -> tuple[QaTech, str, str]:
    """Review with `context`; return the stand-in, the conversation and what it says in the end."""
    clock = Clock()
    app = qatech(clock, scenario)
    short_id = started(app, {**review_request(), "context": context})
    clock.advance(PACE)
    return app, short_id, latest(app, short_id)["text"]


def followed_up(scenario: Scenario, message: str = REQUEST) -> dict[str, Any]:
    """Return what a follow-up to a review without a request is answered with in the end."""
    clock = Clock()
    app = qatech(clock, scenario)
    short_id = started(app)
    clock.advance(PACE)
    ask(app, "POST", f"/v1/chat/{short_id}", {"message": message})
    clock.advance(PACE)
    return latest(app, short_id)


@pytest.mark.parametrize(("scenario", "verdict"), WITH_VERDICT)
def test_a_review_ends_in_the_block_that_was_asked_for(scenario: Scenario, verdict: str) -> None:
    """The nonce comes back, the verdict is the scenario's, and the rest of the reply stays."""
    _, _, text = reviewed(scenario)
    block = block_in(text)
    assert list(problems("verdict-block", block)) == []
    assert (block["nonce"], block["verdict"]) == (NONCE, verdict)
    assert block["tested"] == ["Check out as a guest in app_web"]
    assert "stand-in" in block["reasons"][0]
    assert text.startswith(reviewed(scenario, "no block, please")[2])
    titles = [failure["title"] for failure in block["failures"]]
    assert titles == (block["tested"] if scenario is Scenario.FAILING else [])


@pytest.mark.parametrize("scenario", WITHOUT)
def test_some_reviews_have_no_block(scenario: Scenario) -> None:
    """Where the review does not come to a verdict, asking for the block does not help."""
    assert "qatech-verdict" not in reviewed(scenario)[2]


@pytest.mark.parametrize("scenario", [Scenario.VAGUE, Scenario.MUTE])
def test_a_vague_review_has_no_verdict_line(scenario: Scenario) -> None:
    """It is complete and reads well, and does not say how the tests went."""
    app, short_id, text = reviewed(scenario)
    assert latest(app, short_id)["status"] == "COMPLETED"
    assert not re.search(r"[✅❌ℹ]|pass|fail|verif", text)
    assert text.endswith("nothing was tested._")


@pytest.mark.parametrize(("scenario", "verdict"), [*WITH_VERDICT, (Scenario.VAGUE, "passed")])
def test_a_follow_up_gets_the_block_alone(scenario: Scenario, verdict: str) -> None:
    """Nothing stands around it; a vague review, asked again, turns out to have passed."""
    message = followed_up(scenario)
    assert message["status"] == "COMPLETED"
    assert message["text"].startswith("```qatech-verdict\n")
    assert block_in(message["text"])["verdict"] == verdict


def test_a_vague_application_among_failing_ones_still_fits_the_schema() -> None:
    """The verdict of a vague review lists no failures, whatever else was under review."""
    clock = Clock()
    app = qatech(clock)
    environments = [override({"shortId": f"env_{word}"}) for word in ("vague", "failing")]
    short_id = started(app, review_request(*environments))
    ask(app, "POST", f"/v1/chat/{short_id}", {"message": REQUEST})
    clock.advance(PACE)
    assert list(problems("verdict-block", block_in(latest(app, short_id)["text"]))) == []


def test_a_mute_review_keeps_to_prose() -> None:
    """Asked again, it still gives no block."""
    message = followed_up(Scenario.MUTE)
    assert (message["status"], block_in(message["text"])) == ("COMPLETED", {})


def test_a_follow_up_to_a_broken_review_breaks_too() -> None:
    """A scenario without a verdict answers as before."""
    message = followed_up(Scenario.FAILED)
    assert (message["status"], block_in(message["text"])) == ("FAILED", {})


@pytest.mark.parametrize(
    ("scenario", "verdict"), [(Scenario.FAILING, "failed"), (Scenario.VAGUE, None)]
)
def test_a_chat_that_begins_with_the_request_ends_in_the_block(
    scenario: Scenario, verdict: str | None
) -> None:
    """After the usual prose; a vague one needs a second question."""
    clock = Clock()
    app = qatech(clock, scenario)
    short_id = ask(app, "POST", "/v1/chat", {"message": REQUEST}).body["shortId"]
    clock.advance(PACE)
    text = latest(app, short_id)["text"]
    assert text.startswith("QA.tech's agent would")
    assert block_in(text).get("verdict") == verdict


@pytest.mark.parametrize(
    ("request_text", "nonce"),
    [
        ('~~~~ qatech-verdict json\n{\n  "nonce" : "ABC123"\n}\n~~~~', "ABC123"),
        ('```qatech-verdict\n{"nonce": "1"}\n```\n```qatech-verdict\n{"nonce": "2"}\n```', "2"),
        ('```qatech-verdict\n{"nonce": "1"}\n```\n```qatech-verdict\n{}\n```', "1"),
        ('```qatech-verdict\r\n{"nonce":"a1"}\r\n```', "a1"),
        ('```json\n{"nonce": "1"}\n```', None),
        ('```qatech-verdict\n{"nonce": "not hex"}\n```', None),
        ('qatech-verdict {"nonce": "1"}', None),
    ],
)
def test_the_nonce_is_found_in_the_last_block(request_text: str, nonce: str | None) -> None:
    """Whatever stands around it; what has no nonce is no request for the block."""
    block = block_in(reviewed(Scenario.PASSING, request_text)[2])
    assert block.get("nonce") == nonce


def test_replies_can_be_made_to_order() -> None:
    """`reply` sees each request with its nonce and the usual text, and has the last word."""
    asked: list[Question] = []

    def forged(question: Question) -> str:
        asked.append(question)
        return f"> {question.usual[:15]}\n\nforged for {question.nonce}"

    app = QaTech(None, scenario=Scenario.PASSING, now=Clock(), pace=0, reply=forged)
    short_id = started(app, {**review_request(), "context": REQUEST})
    assert latest(app, short_id)["text"] == f"> ✅ Tests passing\n\nforged for {NONCE}"
    ask(app, "POST", f"/v1/chat/{short_id}", {"message": "and now?"})
    ask(app, "POST", "/v1/chat", {"message": "hello"})
    assert [question.kind for question in asked] == [Kind.REVIEW, Kind.FOLLOW_UP, Kind.CHAT]
    assert [question.nonce for question in asked] == [NONCE, None, None]
    assert asked[0].body["applicationOverrides"] == review_request()["applicationOverrides"]
    assert [question.conversation_id == short_id for question in asked] == [True, True, False]
    assert asked[0].ending == "COMPLETED"
