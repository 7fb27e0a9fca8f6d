"""The story, with fakes at its ports."""

import json
from typing import Any

import pytest

import payloads
from fakes import PULL_REQUEST, SHA, FakeForge, FakeReviewer, World, conversation, reply
from qatech_ci import action
from qatech_ci.errors import (
    AnswerLost,
    Cancelled,
    InputError,
    PermissionMissing,
    ReviewerBroken,
    RunnerError,
    TokenRejected,
)
from qatech_ci.model import Override, PreviewUrl, PullRequestChanges
from qatech_ci.page import LARGEST_COMMENT, LARGEST_SUMMARY
from qatech_ci.settings import read_settings
from qatech_ci.target import Event

PREVIEW = "https://shop-pr-7.example.com"
SECRET_PREVIEW = f"{PREVIEW}/?x-vercel-protection-bypass=s3cr3tvalue"


def world(*messages: Any) -> World:  # noqa: ANN401 - texts or messages
    """Return a world whose reviewer ends with these messages, given as text or whole."""
    whole = [reply(message) if isinstance(message, str) else message for message in messages]
    return World(FakeReviewer([conversation(), conversation(*whole)]))


def run(
    world: World, fixture: str = "pull_request_opened", actor: str = "octocat", **inputs: str
) -> int:
    """Run the story with inputs, underscores for hyphens."""
    values = {
        "api-token": "tok_123456",
        "application-overrides": f"app_web: {PREVIEW}",
        "timeout-minutes": "10",
    }
    settings = read_settings(
        values | {name.replace("_", "-"): value for name, value in inputs.items()},
    )
    event = Event(
        payloads.EVENTS[fixture],
        payloads.load(fixture),
        "https://github.com",
        "octo-org/shop",
        actor,
    )
    return action.run(settings, event, world.ports(settings.timeout))


def comment(world: World) -> str:
    """Return the one comment."""
    (only,) = world.forge.kept
    return only.body


@pytest.mark.parametrize(
    ("text", "verdict", "gate", "exit_code", "title"),
    [
        ("✅ Tests passing", "passed", "open", 0, "✅ QA.tech review: passed"),
        ("❌ Tests failing", "failed", "closed", 1, "❌ QA.tech review: failed"),
        ("ℹ️ Unable to verify", "unverified", "open", 0, "QA.tech review: unverified"),
        ("Looks fine to me.", "unknown", "closed", 1, "❓ QA.tech review: no clear verdict"),
        ("", "unknown", "closed", 1, "❓ QA.tech review: no clear verdict"),
    ],
)
def test_a_reply_becomes_a_verdict_a_gate_and_an_exit_code(
    text: str,
    verdict: str,
    gate: str,
    exit_code: int,
    title: str,
) -> None:
    """Comment, summary and outputs all tell the same."""
    it = world(text)
    assert run(it) == exit_code
    assert (it.files.values["verdict"], it.files.values["gate"]) == (verdict, gate)
    assert title in comment(it)
    assert title in it.files.markdown


def test_exactly_one_review_is_started_with_what_was_asked_for() -> None:
    """The pull request by its URL, the overrides, the context and the project."""
    it = world("✅ Tests passing")
    run(it, context="Focus on checkout.", project="proj_a")
    (review,) = it.reviewer.started
    assert review.changes == PullRequestChanges(PULL_REQUEST.url, "github")
    assert review.overrides == (Override("app_web", PreviewUrl(PREVIEW)),)
    assert (review.context, review.project) == ("Focus on checkout.", "proj_a")


def test_all_outputs_are_written() -> None:
    """Every output of the contract, and `result` holds them all."""
    it = world("✅ Tests passing")
    run(it)
    values = it.files.values
    result = json.loads(values["result"])
    assert values == {
        "verdict": "passed",
        "gate": "open",
        "verdict-source": "verdict-line",
        "status": "COMPLETED",
        "conversation-id": "chat_abc",
        "conversation-url": "https://app.qa.tech/p/shop/chat/chat_abc",
        "reply": "✅ Tests passing",
        "head-sha": SHA,
        "comment-url": "https://github.com/octo-org/shop/pull/7#issuecomment-1",
        "overrides": values["overrides"],
        "result": values["result"],
    }
    assert json.loads(values["overrides"]) == [
        {"applicationShortId": "app_web", "environment": {"url": PREVIEW}},
    ]
    assert result["overrides"] == json.loads(values["overrides"])
    assert {key: result[key] for key in ("verdict", "reply", "head-sha")} == {
        "verdict": "passed",
        "reply": "✅ Tests passing",
        "head-sha": SHA,
    }
    assert result["started-at"] < result["finished-at"]


def test_the_comment_is_there_while_the_review_runs() -> None:
    """With the link, before the first look at the conversation."""
    it = world("✅ Tests passing")
    seen: list[str] = []
    it.reviewer.on_look = lambda: seen.append(comment(it))
    run(it)
    assert "review: running" in seen[0]
    assert "https://app.qa.tech/p/shop/chat/chat_abc" in seen[0]


def test_the_conversation_is_in_the_log_at_once() -> None:
    """Whoever waits can follow the review."""
    it = world("✅ Tests passing")
    run(it)
    assert it.log.lines.index("info Review started: https://app.qa.tech/p/shop/chat/chat_abc") < 5


def test_a_review_that_does_not_end_is_timed_out_with_what_it_said() -> None:
    """The deadline is that of the step, with a part kept for reporting."""
    it = world(reply("❌ Tests fai", status="PARTIAL", is_streaming=True))
    assert run(it) == 1
    assert it.files.values["verdict"] == "timed-out"
    assert it.files.values["reply"] == "❌ Tests fai"
    assert "within 10 minutes (`timeout-minutes`)" in it.files.values["result"]
    assert it.clock.monotonic() <= 570


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("FAILED", "error"), ("CANCELLED", "cancelled")],
)
def test_a_reply_that_breaks_off_is_reported(status: str, verdict: str) -> None:
    """By its life cycle, which is evidence of its own."""
    it = world(reply("half", status=status))
    assert run(it) == 1
    assert it.files.values["verdict"] == verdict
    assert it.files.values["verdict-source"] == "life-cycle"


def test_not_waiting_reports_the_link_and_ends() -> None:
    """The gate is open by definition, and the summary says that nothing was judged."""
    it = world("❌ Tests failing")
    assert run(it, wait="false") == 0
    assert it.reviewer.looks == 0
    assert it.files.values["verdict"] == "started"
    assert it.files.values["conversation-url"]
    assert "nothing has been judged" in it.files.markdown
    assert "https://app.qa.tech/p/shop/chat/chat_abc" in comment(it)


def test_an_advisory_review_leaves_the_gate_open() -> None:
    """A verdict is still told; the open gate is told as a notice, not as an error."""
    it = world("❌ Tests failing")
    assert run(it, pass_on="any") == 0
    assert it.files.values["verdict"] == "failed"
    assert any(line.startswith("notice failed:") for line in it.log.lines)


def test_a_closed_gate_is_an_error_annotation() -> None:
    """The reason is where GitHub shows it first."""
    it = world("❌ Tests failing")
    run(it)
    assert any(line.startswith("error failed:") for line in it.log.lines)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TokenRejected("QA.tech answered 401.", "Check `api-token`.", 401), "Check `api-token`."),
        (AnswerLost("The answer was lost."), "A review may have started all the same"),
    ],
)
def test_a_start_that_fails_is_the_verdict_error(error: Exception, told: str) -> None:
    """It is reported like any verdict, and closes the gate."""
    it = world()
    it.reviewer.start_error = error
    assert run(it) == 1
    assert it.files.values["verdict"] == "error"
    assert told in it.files.values["result"]
    assert "⚠️ QA.tech review: error" in comment(it)


def test_trouble_while_waiting_keeps_what_was_read() -> None:
    """A reply that was seen in part is still shown."""
    it = world()
    partial = conversation(reply("half a reply", status="PARTIAL"))
    it.reviewer.script = [partial, TokenRejected("revoked.", "", 401)]
    assert run(it) == 1
    assert it.files.values["verdict"] == "error"
    assert it.files.values["reply"] == "half a reply"
    assert "half a reply" in comment(it)


@pytest.mark.parametrize(("signal", "exit_code"), [(2, 130), (15, 143)])
def test_a_signal_is_reported_and_decides_the_exit_code(signal: int, exit_code: int) -> None:
    """Even where the verdict `cancelled` would leave the gate open."""
    it = world("✅ Tests passing")

    def interrupt() -> None:
        raise Cancelled(signal)

    it.reviewer.on_look = interrupt
    assert run(it, pass_on="any") == exit_code
    assert "🚫 QA.tech review: cancelled" in comment(it)
    assert it.files.values["verdict"] == "cancelled"
    assert it.files.values["conversation-id"] == "chat_abc"


def test_a_comment_that_cannot_be_written_changes_nothing_else() -> None:
    """Verdict, summary and outputs are there, and the log names the permission."""
    it = world("✅ Tests passing")
    it.forge = FakeForge(error=PermissionMissing("403.", "Give the job x."))
    assert run(it) == 0
    assert it.files.values["verdict"] == "passed"
    assert it.files.values["comment-url"] == ""
    assert "Give the job x." in it.log.all()


def test_a_summary_that_cannot_be_written_changes_nothing_else() -> None:
    """The verdict was earned."""
    it = world("✅ Tests passing")
    it.files.error = RunnerError("No space.")
    assert run(it) == 0
    assert "warning No space." in it.log.lines


def test_a_closed_pull_request_is_skipped() -> None:
    """Nothing is reviewed, and no gate opens that nobody asked for."""
    it = world("✅ Tests passing")
    assert run(it, "pull_request_closed") == 1
    assert not it.reviewer.started
    assert it.files.values["verdict"] == "skipped"
    assert "The pull request is closed." in comment(it)


@pytest.mark.parametrize("fixture", ["pull_request_draft", "pull_request_fork"])
def test_a_draft_and_a_fork_with_a_token_are_reviewed(fixture: str) -> None:
    """Whoever runs the step wants the review."""
    it = world("✅ Tests passing")
    assert run(it, fixture) == 0
    assert it.reviewer.started


@pytest.mark.parametrize(
    ("fixture", "actor"),
    [
        ("pull_request_fork", "mona"),
        ("pull_request_deleted_fork", "mona"),
        ("pull_request_dependabot", "dependabot[bot]"),
    ],
)
def test_without_secrets_the_review_is_skipped(fixture: str, actor: str) -> None:
    """Forks and Dependabot get no secrets: a clear outcome, and a closed gate."""
    it = world("✅ Tests passing")
    assert run(it, fixture, actor, api_token="") == 1
    assert not it.reviewer.started
    assert it.files.values["verdict"] == "skipped"
    assert "no `api-token`" in it.files.values["result"]
    assert not it.forge.kept


def test_a_skipped_review_can_be_let_through() -> None:
    """When the policy lists it."""
    it = world()
    assert run(it, "pull_request_fork", "mona", api_token="", pass_on="passed, skipped") == 0


def test_a_missing_token_in_the_repository_itself_is_a_mistake() -> None:
    """There the secret could be there, so the workflow is to be mended."""
    with pytest.raises(InputError, match=r"secrets\.QATECH_API_TOKEN"):
        run(world(), api_token="")


def test_a_pull_request_that_was_asked_for_is_looked_up() -> None:
    """A manual or nightly run names the pull request."""
    it = world("✅ Tests passing")
    assert run(it, "workflow_dispatch", pull_request="7") == 0
    assert it.files.values["head-sha"] == SHA


def test_the_stand_in_says_that_nothing_was_reviewed() -> None:
    """In the comment and in the summary."""
    it = world("✅ Tests passing")
    run(it, api_url="sandbox", api_token="")
    assert "No review took place." in comment(it)
    assert "No review took place." in it.files.markdown


def test_a_protected_preview_stays_secret() -> None:
    """Its URL goes to QA.tech and nowhere else, even if the reply repeats it."""
    it = world(f"❌ Tests failing\n\nI opened {SECRET_PREVIEW} and `s3cr3tvalue`.")
    run(it, application_overrides=f"app_web: {SECRET_PREVIEW}")
    assert it.reviewer.started[0].overrides[0].environment == PreviewUrl(SECRET_PREVIEW)
    assert "conceal s3cr3tvalue" in it.log.lines
    assert f"app_web → {PREVIEW}/?…" in it.log.all()
    assert f"{PREVIEW}/?…" in comment(it)
    for written in (comment(it), it.files.markdown, it.files.values["overrides"]):
        assert "s3cr3tvalue" not in written


def test_several_reviews_of_one_pull_request_have_a_comment_each() -> None:
    """By default the applications under review tell them apart; `key` overrules that."""
    it = world("✅ Tests passing")
    run(it)
    run(it)
    run(it, application_overrides=f"app_admin: {PREVIEW}")
    run(it, key="nightly")
    assert len(it.forge.kept) == 3


def test_environments_of_every_kind_are_shown() -> None:
    """What was reviewed stands in the comment."""
    it = world("✅ Tests passing")
    overrides = (
        "app_web: {url: 'https://x.example', name: 'PR | @octocat', device-preset: preset_a}\n"
        "app_admin: env_staging\napp_ios: build_9"
    )
    run(it, application_overrides=overrides)
    body = comment(it)
    for shown in ("https://x.example", "preset_a", "env_staging", "build_9"):
        assert f"`{shown}`" in body
    assert json.loads(it.files.values["overrides"])[0] == {
        "applicationShortId": "app_web",
        "devicePresetShortId": "preset_a",
        "environment": {"url": "https://x.example", "name": "PR | @octocat"},
    }


def test_a_long_reply_is_cut_in_the_comment_and_whole_in_the_output() -> None:
    """With a word on where the rest is."""
    text = "❌ Tests failing\n\n" + "All work and no play. " * 60_000
    it = world(text)
    run(it)
    assert len(comment(it).encode()) <= LARGEST_COMMENT
    assert len(it.files.markdown.encode()) <= LARGEST_SUMMARY
    assert "The reply is longer than fits here." in comment(it)
    assert "[Read all of it in QA.tech.](https://app.qa.tech/p/shop/chat/chat_abc)" in comment(it)
    assert it.files.values["reply"] == text


def test_without_a_link_a_cut_reply_is_whole_in_the_output() -> None:
    """A conversation's URL that is not https is no link."""
    it = world("❌ Tests failing\n\n" + "All work and no play. " * 60_000)
    it.reviewer.url = ""
    run(it)
    assert "The output `reply` holds all of it." in comment(it)
    assert "| Conversation | `chat_abc` |" in comment(it)


def test_a_reply_of_control_characters_gives_no_verdict() -> None:
    """And nothing of it gets through."""
    it = world("\x00\x1b[2J\x07\u202e")
    assert run(it) == 1
    assert it.files.values["verdict"] == "unknown"
    assert not set(comment(it)) & set("\x00\x1b\x07\u202e")


def test_a_broken_service_while_polling_is_survived() -> None:
    """One failed look is not the end."""
    it = world()
    it.reviewer.script = [ReviewerBroken("boom.", "", 500), conversation(reply())]
    assert run(it) == 0
