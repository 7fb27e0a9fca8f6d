"""The story, with fakes at its ports."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import payloads
from fakes import DOWN, NOON, PULL_REQUEST, SHA, FakeForge, FakeReviewer, World, conversation, reply
from qatech_ci.before import action
from qatech_ci.before.checks import Check
from qatech_ci.before.errors import (
    AnswerLost,
    Cancelled,
    ConversationNotFound,
    EventError,
    ForgeError,
    InputError,
    NotOnForge,
    PermissionMissing,
    ReviewerBroken,
    RunnerError,
    TokenRejected,
)
from qatech_ci.before.model import (
    Conversation,
    Message,
    Override,
    PreviewUrl,
    PullRequestChanges,
    RawChanges,
)
from qatech_ci.before.page import LARGEST_COMMENT, LARGEST_SUMMARY
from qatech_ci.before.settings import read_settings
from qatech_ci.before.target import Event
from test_previews import ACTIONS, needs

PREVIEW = "https://shop-pr-7.example.com"
SECRET_PREVIEW = f"{PREVIEW}/?x-vercel-protection-bypass=s3cr3tvalue"


def world(*messages: Any) -> World:  # noqa: ANN401 - texts or messages
    """Return a world whose reviewer ends with these messages, given as text or whole."""
    whole = [reply(message) if isinstance(message, str) else message for message in messages]
    return World(FakeReviewer([conversation(), conversation(*whole)]))


def run(
    world: World,
    fixture: str = "pull_request_opened",
    actor: str = "octocat",
    payload: Any = None,  # noqa: ANN401 - JSON
    **inputs: str,
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
        payload or payloads.load(fixture),
        "https://github.com",
        "octo-org/shop",
        actor,
    )
    return action.run(settings, world.ports(event, settings.timeout, settings.api_token))


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
    assert review.context.startswith("Focus on checkout.\n\n")
    assert review.project == "proj_a"


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
    assert run(it, wait="false", commit_status="on") == 0
    assert it.reviewer.looks == 0
    assert it.files.values["verdict"] == "started"
    assert not it.forge.statuses
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


@pytest.mark.parametrize("place", ["before_listing", "after_edit"])
def test_a_signal_while_posting_loses_nothing(place: str) -> None:
    """The comment says cancelled and what had been found; the next run takes the verdict up."""
    it = world("✅ Tests passing")

    def interrupt() -> None:
        if not it.reviewer.looks:
            return
        it.forge.before_listing = it.forge.after_edit = lambda: None
        raise Cancelled(15)

    if place == "before_listing":
        it.reviewer.on_look = it.forge.kept.clear
    setattr(it.forge, place, interrupt)
    assert run(it) == 143
    assert "🚫 QA.tech review: cancelled" in comment(it)
    assert "It had found passed" in comment(it)
    assert it.files.values["verdict"] == "cancelled"
    it.reviewer.on_look = lambda: None
    assert again(it, "✅ Tests passing") == 0
    assert len(it.reviewer.started) == 1


def test_after_a_signal_there_is_little_time() -> None:
    """Whatever hangs is left, so that the process ends within five seconds."""
    it = world("✅ Tests passing")

    def interrupt() -> None:
        raise Cancelled(2)

    it.reviewer.on_look = interrupt
    left: list[float] = []
    it.forge.after_edit = lambda: left.append(it.last_ports.deadline.left())
    run(it)
    assert left[0] > 500
    assert left[-1] <= 4


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
    assert "The pull request is closed." in it.files.markdown
    assert not it.forge.kept


@pytest.mark.parametrize("fixture", ["pull_request_draft", "pull_request_fork"])
def test_a_draft_and_a_fork_with_a_token_are_reviewed(fixture: str) -> None:
    """Whoever runs the step wants the review."""
    it = world("✅ Tests passing")
    assert run(it, fixture) == 0
    assert len(it.reviewer.started) == 1


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
    assert f"[`shop-pr-7.example.com/?…`](<{PREVIEW}/>)" in comment(it)
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
    for shown in ("x.example", "preset_a", "env_staging", "build_9"):
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
    assert "Conversation `chat_abc` ·" in comment(it)


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


SILENT = "I looked at the checkout and it seems fine to me."
BLOCK = '```qatech-verdict\n{{"nonce": "NONCE", "verdict": "{0}"{1}}}\n```'


def check(conclusion: str = "", seconds: float = 5) -> Check:
    """Return QA.tech's check, pending where it has no conclusion."""
    url = "https://app.qa.tech/p/shop/chat/chat_abc"
    return Check(not conclusion, conclusion, NOON + timedelta(seconds=seconds), url)


def verdict(it: World) -> str:
    """Return the output `verdict`."""
    return it.files.values["verdict"]


def test_the_block_that_was_asked_for_is_evidence_and_shown_as_what_it_tells() -> None:
    """Failures as a list and as annotations; the block itself is for machines."""
    failures = ', "failures": [{"title": "Pay does nothing", "details": "It stays."}]'
    it = world(f"It is broken.\n\n{BLOCK.format('failed', failures)}")
    assert run(it) == 1
    assert it.files.values["verdict-source"] == "verdict-block"
    assert "- **Pay does nothing**: It stays." in comment(it)
    assert "error Pay does nothing\nIt stays." in it.log.lines
    assert "qatech-verdict" not in comment(it)
    assert "qatech-verdict" in it.files.values["reply"]


def test_many_failures_are_listed_in_part() -> None:
    """The reply has the rest."""
    titles = ", ".join(f'{{"title": "Failure {number}"}}' for number in range(30))
    it = world(BLOCK.format("failed", f', "failures": [{titles}]'))
    run(it)
    assert "- … and 10 more; see the output `reply`." in comment(it)


def test_a_passing_reply_beside_a_failing_check_is_unknown() -> None:
    """A contradiction closes the gate, and the report says which source said what."""
    it = world("✅ Tests passing")
    it.forge.checks = [check("failure")]
    assert run(it) == 1
    assert verdict(it) == "unknown"
    assert it.files.values["verdict-source"] == "verdict-line, check"
    explanation = json.loads(it.files.values["result"])["explanation"]
    assert "The check “QA.tech / PR Review” says “failure”." in explanation
    assert "says “failure”" in comment(it).replace("\\", "")


def test_a_pending_check_is_waited_for() -> None:
    """Its word is still to come when the reply is complete."""
    it = world("✅ Tests passing")
    it.forge.checks = [check(), check(), check("success", 60)]
    assert run(it) == 0
    assert it.files.values["verdict-source"] == "verdict-line, check"
    assert "info The reply is complete; waiting for QA.tech's check." in it.log.lines


def test_a_check_that_stays_pending_is_left_at_the_deadline() -> None:
    """It may stay so until the App is done; what is known by then is judged."""
    it = world("✅ Tests passing")
    it.forge.checks = [check()]
    assert run(it) == 0
    assert it.files.values["verdict-source"] == "verdict-line"
    assert it.clock.monotonic() <= 570


def test_a_check_that_may_not_be_read_is_a_notice() -> None:
    """It names the permission, and the verdict rests on the rest."""
    it = world("✅ Tests passing")
    it.forge.check_error = PermissionMissing("403.", "Give the job `permissions: checks: read`.")
    assert run(it) == 0
    assert "`permissions: checks: read`" in it.log.all()


def test_a_reply_without_a_verdict_is_asked_for_it_once() -> None:
    """One follow-up in the same conversation, and its answer counts."""
    it = world(SILENT)
    question = Message("q", "user", NOON + timedelta(seconds=30), "", "COMPLETED")
    answer = reply(BLOCK.format("passed", ""), at=40)

    def asked() -> None:
        if it.reviewer.said:
            ours = replace(question, text=it.reviewer.said[-1])
            it.reviewer.script = [conversation(ours, answer, reply(SILENT))]

    it.reviewer.on_look = asked
    assert run(it) == 0
    assert len(it.reviewer.said) == 1
    assert "verdict block" in it.reviewer.said[0]
    assert verdict(it) == "passed"
    assert it.files.values["reply"] == SILENT


@pytest.mark.parametrize(
    "answers",
    [
        [conversation(reply(SILENT))],
        [conversation(reply(SILENT), reply("Still no block.", at=40))],
        [conversation(reply(SILENT), reply("", at=40, status="FAILED"))],
        [conversation(reply(BLOCK.format("passed", ""), at=5), reply(SILENT))],
    ],
)
def test_a_reviewer_who_does_not_say_it_leaves_the_verdict_unknown(
    answers: list[Conversation | Exception],
) -> None:
    """Not answered, in prose again, broken off, or by a message older than the question."""
    it = world(SILENT)
    it.reviewer.follow_up = answers
    assert run(it) == 1
    assert verdict(it) == "unknown"
    assert len(it.reviewer.said) == 1


def test_a_question_that_could_not_be_sent_leaves_the_verdict_unknown() -> None:
    """It is told, and not repeated."""
    it = world(SILENT)
    it.reviewer.send_error = TokenRejected("401.", "", 401)
    assert run(it) == 1
    assert verdict(it) == "unknown"
    assert "could not be asked for its verdict. 401." in it.log.all()


def test_a_question_whose_answer_was_lost_may_have_been_heard() -> None:
    """So the reply to it is waited for, and it is not asked again."""
    it = world(SILENT)
    it.reviewer.send_error = AnswerLost("lost.")
    it.reviewer.follow_up = [
        conversation(reply(SILENT), reply(BLOCK.format("failed", ""), at=40)),
    ]
    assert run(it) == 1
    assert verdict(it) == "failed"
    assert len(it.reviewer.said) == 1


def again(it: World, *messages: str | Message, number: int = 2, **inputs: Any) -> int:  # noqa: ANN401 - inputs are texts
    """Run once more on the same pull request, the reviewer ending with other messages."""
    whole = [reply(text) if isinstance(text, str) else text for text in messages]
    it.reviewer.script, it.reviewer.looks = [conversation(*whole)], 0
    it.run = replace(it.run, number=number)
    return run(it, **inputs)


def test_a_review_that_passed_is_reported_again() -> None:
    """Without a new one, with the reply, and with what it rests on."""
    it = world("✅ Tests passing")
    run(it)
    assert again(it, "✅ Tests passing") == 0
    assert len(it.reviewer.started) == 1
    assert it.files.values["verdict-source"] == "receipt"
    assert it.files.values["reply"] == "✅ Tests passing"
    assert "reviewed already" in comment(it)


@pytest.mark.parametrize(
    ("fixture", "attempt"),
    [("pull_request_opened", 2), ("pull_request_opened", 1), ("pull_request_labeled", 1)],
)
def test_every_run_looks_for_an_earlier_review(fixture: str, attempt: int) -> None:
    """Also the first attempt for a new commit: another step or another event may have been here."""
    it = world("✅ Tests passing")
    it.run = replace(it.run, attempt=1)
    run(it, "pull_request_opened", wait="false")
    it.run = replace(it.run, attempt=attempt)
    again(it, "✅ Tests passing", number=1, fixture=fixture)
    assert len(it.reviewer.started) == 1


def test_a_review_that_failed_is_done_anew() -> None:
    """Somebody runs the job again because they hope for another verdict."""
    it = world("❌ Tests failing")
    run(it)
    assert again(it, "✅ Tests passing") == 0
    assert len(it.reviewer.started) == 2


@pytest.mark.parametrize(("pass_on", "starts"), [("passed, unverified", 1), ("passed", 2)])
def test_an_unverified_review_is_reported_again_where_it_opens_the_gate(
    pass_on: str,
    starts: int,
) -> None:
    """Another review would come to the same."""
    it = world("ℹ️ Unable to verify")
    run(it)
    again(it, "ℹ️ Unable to verify", pass_on=pass_on)
    assert len(it.reviewer.started) == starts


@pytest.mark.parametrize(
    "inputs",
    [
        {"application_overrides": f"app_web: {PREVIEW}/other", "key": "app_web"},
        {"context": "Focus on checkout."},
        {"reuse": "false"},
        {"api_token": "tok_another"},
    ],
)
def test_another_request_is_another_review(inputs: dict[str, str]) -> None:
    """Other overrides, other words, another token, or no wish to reuse."""
    it = world("✅ Tests passing")
    run(it, key="app_web")
    again(it, "✅ Tests passing", number=2, **({"key": "app_web"} | inputs))
    assert len(it.reviewer.started) == 2


@pytest.mark.parametrize("first", ["lost", "timed out", "cancelled", "unreachable", "not waited"])
def test_a_review_that_has_not_ended_is_taken_up(first: str) -> None:
    """Whatever became of the first run, its conversation goes on, with the same nonce."""
    it = world(reply("❌ Te", status="PARTIAL"))

    def end() -> None:
        if first == "cancelled":
            raise Cancelled(15)
        if first == "lost":
            raise KeyboardInterrupt
        raise TokenRejected("401.", "", 401)

    if first in {"cancelled", "lost", "unreachable"}:
        it.reviewer.on_look = end
    with suppress(KeyboardInterrupt):
        run(it, wait="false" if first == "not waited" else "true")
    it.reviewer.on_look = lambda: None
    assert again(it, BLOCK.format("passed", "")) == 0
    assert len(it.reviewer.started) == 1
    assert len(it.forge.kept) == 1
    assert verdict(it) == "passed"
    assert "Review taken up" in it.log.all()


def test_a_reply_that_is_complete_when_it_is_taken_up_is_not_waited_for() -> None:
    """The review went on while nobody looked."""
    it = world("✅ Tests passing")
    run(it, wait="false")
    assert again(it, "✅ Tests passing") == 0
    assert it.clock.monotonic() < 5


def test_a_conversation_that_is_gone_is_not_taken_up() -> None:
    """QA.tech does not know it any more, so a review is started."""
    it = world("✅ Tests passing")
    run(it, wait="false")
    it.reviewer.script = [ConversationNotFound("404.", "", 404), conversation(reply())]
    it.reviewer.looks = 0
    assert run(it) == 0
    assert len(it.reviewer.started) == 2


def test_a_conversation_that_cannot_be_read_yet_is_taken_up_all_the_same() -> None:
    """Trouble that passes is no reason to start another."""
    it = world("✅ Tests passing")
    run(it, wait="false")
    it.reviewer.script = [ReviewerBroken("502.", "", 502), conversation(reply())]
    it.reviewer.looks = 0
    assert run(it) == 0
    assert len(it.reviewer.started) == 1


@pytest.mark.parametrize(
    ("found", "starts"),
    [(check(), 1), (check("success", 60), 1), (check("success", -60), 2), (None, 2)],
)
def test_an_uncertain_start_is_taken_up_where_the_check_leads(
    found: Check | None,
    starts: int,
) -> None:
    """The check that QA.tech wrote since then links to the conversation; without it, start anew."""
    it = world()
    it.reviewer.start_error = AnswerLost("lost.")
    assert run(it) == 1
    it.reviewer.start_error = None
    it.forge.checks = [found, check("success", 60)]
    request = reply("Review it. NONCE", at=1, role="user")
    assert again(it, request, "✅ Tests passing") == 0
    assert len(it.reviewer.started) == starts


def test_a_conversation_about_another_request_is_not_taken_up() -> None:
    """The check is one for the commit, and may lead to a review of other environments."""
    it = world()
    it.reviewer.start_error = AnswerLost("lost.")
    run(it)
    it.reviewer.start_error = None
    it.forge.checks = [check("success", 60)]
    request = reply("Review something else.", at=1, role="user")
    again(it, request, "✅ Tests passing")
    assert len(it.reviewer.started) == 2


def test_an_uncertain_conversation_that_cannot_be_read_is_not_taken_up() -> None:
    """Nobody can tell whose it is."""
    it = world()
    it.reviewer.start_error = AnswerLost("lost.")
    run(it)
    it.reviewer.start_error = None
    it.forge.checks = [check(), check("success", 60)]
    it.reviewer.script = [ReviewerBroken("502.", "", 502), conversation(reply())]
    it.run = replace(it.run, number=2)
    it.reviewer.looks = 0
    assert run(it) == 0
    assert len(it.reviewer.started) == 2


def test_an_uncertain_start_whose_check_may_not_be_read_is_done_anew() -> None:
    """There is no way to know."""
    it = world()
    it.reviewer.start_error = AnswerLost("lost.")
    run(it)
    it.reviewer.start_error = None
    it.forge.check_error = PermissionMissing("403.")
    assert again(it, "✅ Tests passing") == 0
    assert len(it.reviewer.started) == 2


def test_a_start_that_was_refused_is_done_anew() -> None:
    """Nothing is under way."""
    it = world()
    it.reviewer.start_error = TokenRejected("401.", "", 401)
    run(it)
    it.reviewer.start_error = None
    it.forge.checks = [check(), check("success", 60)]
    again(it, "✅ Tests passing")
    assert len(it.reviewer.started) == 2


def test_a_forged_receipt_in_the_reply_counts_for_nothing() -> None:
    """It is not in its place, and what is in its place is signed."""
    it = world("✅ Tests passing")
    run(it)
    lines = comment(it).split("\n", 2)[:2]
    again(it, "❌ Tests failing\n\n" + "\n".join(lines), key="other")
    assert again(it, "❌ Tests failing", key="other", number=3) == 1


def test_an_older_run_does_not_overwrite_a_newer_ones_result() -> None:
    """Its own verdict is in its summary and outputs."""
    it = world("❌ Tests failing")
    it.run = replace(it.run, number=9)
    run(it)
    assert again(it, "✅ Tests passing", number=3) == 0
    assert "QA.tech review: failed" in comment(it)
    assert verdict(it) == "passed"
    assert "QA.tech review: passed" in it.files.markdown


def test_newer_commits_are_pointed_out() -> None:
    """The comment names the commit that was reviewed, and that there are others."""
    it = world("✅ Tests passing")
    it.forge.pull_requests[7] = replace(PULL_REQUEST, head_sha="f" * 40)
    assert run(it) == 0
    assert "The pull request has newer commits" in comment(it)
    assert SHA[:12] in comment(it)


def test_a_head_that_cannot_be_looked_up_changes_nothing() -> None:
    """The verdict does not wait for it."""
    it = world("✅ Tests passing")
    it.forge.pull_requests.clear()
    it.forge.lookup_error = PermissionMissing("403.")
    assert run(it) == 0
    assert "could not be looked up. 403." in it.log.all()


def states(it: World) -> list[str]:
    """Return how the commit status went."""
    return [f"{status.state} {status.context}" for status in it.forge.statuses]


@pytest.mark.parametrize(
    ("text", "end"),
    [("✅ Tests passing", "success"), ("❌ Tests failing", "failure"), (None, "error")],
)
def test_a_run_that_is_not_on_the_head_commit_gives_it_a_status(text: str | None, end: str) -> None:
    """From pending to its end, also where the run is cancelled."""
    it = world(text or "x")
    it.run = replace(it.run, sha="0" * 40)

    def cancel() -> None:
        raise Cancelled(2)

    if text is None:
        it.reviewer.on_look = cancel
    run(it, "workflow_dispatch", pull_request="7")
    assert states(it) == ["pending qatech-ci (app_web)", f"{end} qatech-ci (app_web)"]
    assert it.forge.statuses[-1].url == it.run.url


@pytest.mark.parametrize(
    ("fixture", "sha", "mode", "count"),
    [
        ("pull_request_opened", "0" * 40, "auto", 0),
        ("pull_request_opened", "0" * 40, "on", 2),
        ("workflow_dispatch", SHA, "auto", 0),
        ("workflow_dispatch", "0" * 40, "off", 0),
        ("schedule", "0" * 40, "auto", 2),
    ],
)
def test_when_there_is_a_status(fixture: str, sha: str, mode: str, count: int) -> None:
    """Where the run's own check is not attached to the head commit, or when it is asked for."""
    it = world("✅ Tests passing")
    it.run = replace(it.run, sha=sha)
    run(it, fixture, pull_request="7", commit_status=mode)
    assert len(it.forge.statuses) == count


def test_a_key_tells_statuses_apart() -> None:
    """As it does comments."""
    it = world("✅ Tests passing")
    run(it, commit_status="on", key="web")
    assert states(it)[-1] == "success qatech-ci (web)"


def test_a_defect_is_reported_like_any_end() -> None:
    """What was learnt is not lost, and a required status never hangs."""
    it = world("✅ Tests passing")

    def fail() -> None:
        raise LookupError("it is tok_123456")

    it.reviewer.on_look = fail
    assert run(it, commit_status="on") == 1
    assert verdict(it) == "error"
    assert "A defect in qatech-ci: LookupError at test_action.py:" in it.files.values["result"]
    assert "tok_123456" not in comment(it)
    assert states(it) == ["pending qatech-ci (app_web)", "error qatech-ci (app_web)"]


def test_a_status_that_cannot_be_set_is_told() -> None:
    """With the permission that is missing."""
    it = world("✅ Tests passing")
    it.forge.error = PermissionMissing("403.", "Give the job `permissions: statuses: write`.")
    run(it, commit_status="on")
    assert "The commit status could not be set. 403." in it.log.all()


def test_permissions_that_are_missing_on_the_way_end_the_status_too() -> None:
    """The run could not be made, and says so with exit code 2."""
    it = world("✅ Tests passing")
    it.forge.changes_error = PermissionMissing(
        "403.", "Give the job `permissions: contents: read`."
    )
    with pytest.raises(PermissionMissing):
        run(it, mode="raw-changes", commit_status="on")
    assert states(it) == ["error qatech-ci (app_web)"]


def test_a_message_is_no_review_and_leaves_the_status_alone() -> None:
    """Whoever asks a question does not turn a failed review green."""
    it = world("Yes.")
    run(it, mode="message", message="Is it covered?", commit_status="on")
    assert not it.forge.statuses


def test_a_message_without_a_target_that_cannot_be_sent_is_raised() -> None:
    """There is no commit to give a status."""
    it = world("x")
    with pytest.raises(InputError):
        run(
            it, "schedule", mode="message", message="Hi", application_overrides="app_a: {output: x}"
        )


def test_a_conversation_that_goes_on_does_not_change_the_review() -> None:
    """Somebody asks something else in it; the answer to that is not the review."""
    failed, asked = reply("❌ Tests failing"), reply("What if it worked?", at=30, role="user")
    it = world(failed, asked, reply("✅ Tests passing", at=40))
    assert run(it) == 1
    assert verdict(it) == "failed"


def test_a_question_that_was_asked_is_not_asked_again() -> None:
    """A run that was lost right after it asked; the next one waits for the answer."""
    it = world(SILENT)

    def die() -> None:
        if it.reviewer.said:
            raise KeyboardInterrupt

    it.reviewer.on_look = die
    with suppress(KeyboardInterrupt):
        run(it)
    it.reviewer.on_look = lambda: None
    question = replace(reply("", at=30, role="user"), text=it.reviewer.said[0])
    answer = reply(BLOCK.format("passed", ""), at=30)
    before = it.clock.monotonic()
    assert again(it, reply(SILENT), question, replace(answer, id="answer")) == 0
    assert len(it.reviewer.said) == 1
    assert len(it.reviewer.started) == 1
    assert it.clock.monotonic() == before, "An answer that is there need not be waited for."


def test_a_review_that_never_ends_is_given_up_after_some_runs() -> None:
    """Running the job again helps, in the end."""
    it = world(reply("half", status="PARTIAL"))
    run(it)
    for number in range(2, 7):
        again(it, reply("half", status="PARTIAL"), number=number)
    assert len(it.reviewer.started) == 2


def test_a_check_that_failed_since_then_contradicts_an_earlier_pass() -> None:
    """A verdict is not repeated against what QA.tech says by now."""
    it = world("✅ Tests passing")
    run(it)
    it.forge.checks = [check("failure", 60)]
    assert again(it, "✅ Tests passing") == 1
    assert verdict(it) == "unknown"


def test_raw_changes_are_sent_as_text() -> None:
    """Description and diff, and a word on what was cut; QA.tech writes no check then."""
    it = world("✅ Tests passing")
    it.forge.raw_changes = RawChanges("Fixes the total", "diff", "2 of 3 files are left out.")
    it.forge.checks = [check("failure")]
    assert run(it, mode="raw-changes") == 0
    assert it.reviewer.started[0].changes == it.forge.raw_changes
    assert "2 of 3 files are left out." in comment(it)
    assert "notice 2 of 3 files are left out." in it.log.lines


@pytest.mark.parametrize("fixture", ["push_branch", "merge_group_checks_requested"])
def test_raw_changes_need_no_pull_request(fixture: str) -> None:
    """What was pushed, or what the merge queue combined: summary and outputs, no comment."""
    it = world("✅ Tests passing")
    assert run(it, fixture, mode="raw-changes") == 0
    assert not it.forge.kept
    assert verdict(it) == "passed"
    assert it.files.values["head-sha"]


def test_without_changes_there_is_nothing_to_review() -> None:
    """A pull request without commits, for instance."""
    it = world()
    it.forge.raw_changes = RawChanges("Empty", "")
    assert run(it, mode="raw-changes") == 1
    assert verdict(it) == "skipped"
    assert not it.reviewer.started


def test_a_merge_queue_takes_the_pull_requests_own_review() -> None:
    """Its head is the one that was queued, so its receipt serves."""
    it = world("✅ Tests passing")
    run(it)
    assert again(it, "✅ Tests passing", fixture="merge_group_checks_requested") == 0
    assert len(it.reviewer.started) == 1
    assert it.files.values["verdict-source"] == "receipt"


def test_a_message_is_answered() -> None:
    """In a new conversation; the gate is open by definition, and no pull request is needed."""
    it = world("Two flows have no test.")
    inputs = {"mode": "message", "message": "Which flows have no test?"}
    assert run(it, "schedule", application_overrides="", **inputs) == 0
    assert it.reviewer.said == ["Which flows have no test?"]
    assert (verdict(it), it.files.values["reply"]) == ("answered", "Two flows have no test.")
    assert "Two flows have no test." in it.files.markdown
    assert not it.forge.kept


def test_a_message_on_a_pull_request_is_answered_there() -> None:
    """In a comment that is not the review's."""
    it = world("Yes.")
    run(it)
    again(it, "Yes.", mode="message", message="Is it covered?")
    assert len(it.forge.kept) == 2


def test_a_message_in_a_conversation_waits_for_the_reply_to_it() -> None:
    """The previous reply is complete already, and is not the answer."""
    it = world("old")
    asked = reply("And now?", at=30, role="user")
    it.reviewer.follow_up = [
        conversation(reply("old"), asked),
        conversation(reply("old"), asked, reply("new", at=40)),
    ]
    it.reviewer.script = [conversation(reply("old"))]
    inputs = {"mode": "message", "message": "And now?", "conversation": "chat_abc"}
    assert run(it, **inputs) == 0
    assert it.files.values["reply"] == "new"


@pytest.mark.parametrize(
    ("status", "inputs", "ending", "exit_code"),
    [
        ("PARTIAL", {}, "timed-out", 1),
        ("FAILED", {}, "error", 1),
        ("CANCELLED", {}, "cancelled", 1),
        ("COMPLETED", {"wait": "false"}, "started", 0),
    ],
)
def test_a_message_that_is_not_answered(
    status: str,
    inputs: dict[str, str],
    ending: str,
    exit_code: int,
) -> None:
    """It ends like a review that does not."""
    it = world(reply("half", status=status))
    assert run(it, mode="message", message="Hi", **inputs) == exit_code
    assert verdict(it) == ending


def test_a_dry_run_shows_the_request_and_sends_nothing() -> None:
    """With everything checked, nothing judged, and secrets in URLs kept."""
    it = world()
    assert run(it, dry_run="true", application_overrides=f"app_web: {SECRET_PREVIEW}") == 0
    assert not it.reviewer.started
    assert not it.forge.kept
    assert "POST /chat/change-review" in it.files.markdown
    assert '"prUrl": "https://github.com/octo-org/shop/pull/7"' in it.files.markdown
    assert "nothing has been judged" in it.files.markdown
    assert "s3cr3tvalue" not in it.files.markdown


def test_a_dry_run_of_a_message() -> None:
    """The call names the conversation, if there is one."""
    it = world()
    inputs = {"mode": "message", "message": "Hi ```x```", "conversation": "chat_a"}
    assert run(it, dry_run="true", **inputs) == 0
    assert "POST /chat/chat_a\n" in it.files.markdown
    assert "\n````\nPOST" in it.files.markdown


COMMENT = "issue_comment_created_on_pull_request"


def test_a_comment_command_starts_a_review() -> None:
    """The rest of the line becomes context, and the comment gets a reaction."""
    it = world("✅ Tests passing")
    assert run(it, COMMENT, context="Be strict.") == 0
    (review,) = it.reviewer.started
    assert review.context.startswith("Be strict.\n\nfocus on checkout\n\n")
    assert it.forge.acknowledged == [payloads.load(COMMENT)["comment"]["id"]]


def test_a_command_asks_for_another_review_of_a_commit_that_was_reviewed() -> None:
    """Whoever asks wants one."""
    it = world("✅ Tests passing")
    run(it)
    assert again(it, "✅ Tests passing", fixture=COMMENT) == 0
    assert len(it.reviewer.started) == 2


def test_a_command_takes_up_the_review_of_the_commit_that_is_under_way() -> None:
    """Whatever its words: one commit is not reviewed twice at the same time."""
    it = world(reply("half", status="PARTIAL"))
    run(it)
    assert again(it, "✅ Tests passing", fixture=COMMENT) == 0
    assert len(it.reviewer.started) == 1
    assert "the command's words wait for it" in comment(it).replace("\\", "")


@pytest.mark.parametrize("body", ["/qatech review" + " " * 60_000 + "\rx", "/qatech review\tall"])
def test_a_command_is_read_at_once_whatever_space_is_in_it(body: str) -> None:
    """It comes from anybody, before anything is known of them."""
    it = world("✅ Tests passing")
    payload = payloads.load(COMMENT)
    payload["comment"] |= {"body": body}
    assert run(it, COMMENT, payload=payload) == 0
    assert len(it.reviewer.started) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"body": "/qatech"}, "no command"),
        ({"body": "/qatech reviewer"}, "no command"),
        ({"body": "Please /qatech review"}, "no command"),
        ({"body": "> /qatech review\n\nWhy?"}, "no command"),
        ({"body": "```\n/qatech review\n```"}, "no command"),
        ({"body": "    /qatech review"}, "no command"),
        ({"body": None}, "no command"),
        ({"user": {"login": "mona"}}, "without write access"),
    ],
)
def test_a_comment_that_starts_nothing(change: dict[str, Any], reason: str) -> None:
    """No command, one that is only shown, or one from a stranger; the verdict there is stays."""
    it = world("✅ Tests passing")
    run(it)
    before = comment(it)
    payload = payloads.load(COMMENT)
    payload["comment"] |= change
    assert again(it, "❌ Tests failing", fixture=COMMENT, payload=payload) == 1
    assert reason in it.files.markdown
    assert comment(it) == before
    assert len(it.reviewer.started) == 1
    assert not it.forge.acknowledged


def test_a_command_that_is_edited_in_later_starts_nothing() -> None:
    """The author of an edit is not always that of the comment."""
    it = world("✅ Tests passing")
    assert run(it, "issue_comment_edited_on_pull_request") == 1
    assert not it.reviewer.started


def test_a_command_that_cannot_be_acknowledged_is_carried_out() -> None:
    """The missing permission is told."""
    it = world("✅ Tests passing")
    it.forge.write_error = PermissionMissing("403.", "Give the job x.")
    assert run(it, COMMENT, comment="off") == 0
    assert "could not be acknowledged. 403. Give the job x." in it.log.all()


@pytest.mark.parametrize(
    "fixture",
    [
        "pull_request_synchronize",
        "pull_request_review_submitted",
        "deployment_status_success",
        "workflow_run_completed",
        "workflow_run_fork",
        "check_run_completed",
        "check_run_fork",
        "check_suite_completed",
        "merge_group_checks_requested",
        "push_branch",
        "repository_dispatch_vercel_success",
        "repository_dispatch_custom",
    ],
)
def test_each_event_leads_to_a_review_of_its_pull_request(fixture: str) -> None:
    """From a whole payload to the request that is sent."""
    it = world("✅ Tests passing")
    assert run(it, fixture) == 0
    (review,) = it.reviewer.started
    assert review.changes == PullRequestChanges(PULL_REQUEST.url, "github")
    assert it.files.values["head-sha"] == SHA


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [
        ("deployment_status_failure", "its state is"),
        ("workflow_run_fork", "No open pull request has"),
        ("push_branch", "No open pull request has"),
        ("check_run_completed", "newer commits than the one of this event"),
        ("issue_comment_created_on_issue", "on an issue"),
    ],
)
def test_an_event_without_an_open_pull_request_is_skipped(fixture: str, reason: str) -> None:
    """A clear outcome, and nothing is written on any pull request."""
    it = world("✅ Tests passing")
    it.forge.pull_requests[7] = replace(PULL_REQUEST, head_sha="e" * 40)
    assert run(it, fixture) == 1
    assert verdict(it) == "skipped"
    assert reason in it.files.markdown
    assert not it.forge.kept


def test_several_pull_requests_with_the_same_head_are_an_error() -> None:
    """It lists them; the input decides."""
    it = world()
    it.forge.pull_requests[8] = replace(PULL_REQUEST, number=8)
    with pytest.raises(EventError, match=r"#7, #8.*`pull-request`"):
        run(it, "push_branch")


@pytest.mark.parametrize(
    ("text", "ending", "told"),
    [
        (f"app_web: {PREVIEW}", "timed-out", "did not come up in time"),
        ("app_web: {deployment: shop}", "timed-out", "succeeded in time"),
        ("app_web: 'http://127.0.0.1:3000'", "error", "own or a metadata address"),
    ],
)
def test_a_preview_that_is_not_there_closes_the_gate(text: str, ending: str, told: str) -> None:
    """Nothing was started, the comment says why, and letting skipped runs pass does not help."""
    it = world("✅ Tests passing")
    it.prober.script = [DOWN]
    assert run(it, application_overrides=text, pass_on="passed, skipped") == 1
    assert verdict(it) == ending
    assert not it.reviewer.started
    assert told in comment(it)


def test_the_report_tells_how_each_environment_was_found() -> None:
    """Application, URL and why."""
    it = world("✅ Tests passing")
    outputs = json.dumps({"deploy": {"result": "success", "outputs": {"url": PREVIEW}}})
    run(it, application_overrides="app_web: {output: deploy}", deploy_outputs=outputs)
    assert f"| `app_web` | [`shop-pr-7.example.com`](<{PREVIEW}>) | output `url` of `deploy` |" in (
        comment(it)
    )
    assert json.loads(it.files.values["overrides"])[0]["environment"] == {"url": PREVIEW}


def test_environments_that_were_not_found_are_shown_as_they_were_asked_for() -> None:
    """In the outputs of a run that ended before they were."""
    it = world()
    text = "app_a: {output: deploy.url}\napp_b: {deployment: 'Pre*'}"
    assert run(it, "pull_request_closed", application_overrides=text) == 1
    environments = [item["environment"] for item in json.loads(it.files.values["overrides"])]
    assert environments == [{"output": "deploy.url"}, {"deployment": "Pre*"}]
    assert "deployment Pre" in it.files.markdown
    assert "output deploy.url" in it.files.markdown


@pytest.mark.parametrize(("name", "outputs", "url"), ACTIONS)
def test_each_deploy_actions_outputs_lead_to_the_request(
    name: str,
    outputs: dict[str, str],
    url: str,
) -> None:
    """From the whole output object to what QA.tech is asked to review."""
    it = world("✅ Tests passing")
    text = "app_web: {output: deploy-web}"
    assert run(it, application_overrides=text, deploy_outputs=needs(outputs)) == 0, name
    (override,) = it.reviewer.started[0].overrides
    assert override.environment == PreviewUrl(url)


def test_many_environments_are_listed_in_part() -> None:
    """A comment has room for so much."""
    it = world("✅ Tests passing")
    text = "\n".join(f"app_{number}: {PREVIEW}/{'x' * 60}" for number in range(500))
    assert run(it, application_overrides=text) == 0
    assert "| … and 480 more |  |" in comment(it)


def test_a_sentence_that_names_an_input_shows_it_as_code() -> None:
    """And what a stranger put into it is not live."""
    it = world("✅ Tests passing")
    it.reviewer.start_error = TokenRejected("401: @octocat says no.", "Check `api-token`.", 401)
    run(it)
    assert "says no. Check `api-token`." in comment(it)
    assert "`@octocat`" in comment(it)


def test_a_dry_run_tells_what_is_right_with_the_setup() -> None:
    """In the log, and without a word to QA.tech."""
    it = world()
    it.forge.checks = [check()]
    run(it, dry_run="true")
    log = it.log.all()
    assert "`api-token` is set" in log
    assert "Checked: Comments can be read." in log
    assert "is there and can be read" in log
    told = [line for line in it.log.lines if line.startswith(("notice", "warning"))]
    assert [line.partition(":")[0] for line in told] == ["notice skipped"]
    it.forge.checks = [None]
    run(it, dry_run="true")
    assert "The commit has none so far" in it.log.all()


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("", "`api-token` is not set."),
        ("ghp_0123456789", "looks like a token of the forge"),
        ("$QATECH_TOKEN", "looks like a placeholder"),
        ("******", "looks like a placeholder"),
    ],
)
def test_a_dry_run_tells_what_is_wrong_with_the_token(token: str, told: str) -> None:
    """By its looks, with where to find the right one."""
    it = world()
    assert run(it, dry_run="true", api_token=token) == 0
    (line,) = [line for line in it.log.lines if told in line]
    assert line.startswith("notice")
    assert "API key from QA.tech's organization settings" in line
    assert told in it.files.markdown


def test_a_dry_run_on_the_stand_in_asks_for_no_token() -> None:
    """There is nothing to protect."""
    it = world()
    run(it, dry_run="true", api_token="", api_url="sandbox")
    assert "The stand-in asks for no token." in it.log.all()


def test_a_dry_run_names_the_permissions_that_are_missing() -> None:
    """Before a review is spent whose verdict nobody would see."""
    it = world()
    it.forge.error = PermissionMissing("403.", "Give the job `pull-requests: write`.")
    it.forge.check_error = PermissionMissing("403.")
    assert run(it, dry_run="true") == 0
    assert "notice 403. Give the job `pull-requests: write`." in it.log.lines
    assert "notice 403. Give the token more permissions." in it.log.lines


def test_a_dry_run_survives_a_forge_that_is_out_of_order() -> None:
    """And does not take that for a missing permission."""
    it = world()
    it.forge.error, it.forge.check_error = ForgeError("502."), NotOnForge("404.", "Check it.")
    assert run(it, dry_run="true") == 0
    assert "notice 502. Try again; see what it says." in it.log.lines
    assert "notice 404. Check it." in it.log.lines


@pytest.mark.parametrize(
    "inputs",
    [
        {"comment": "off", "mode": "raw-changes"},
        {"mode": "message", "message": "Hi", "comment": "off"},
    ],
)
def test_a_dry_run_looks_at_no_more_than_is_needed(inputs: dict[str, str]) -> None:
    """Permissions for what is switched off are nobody's business."""
    it = world()
    it.forge.check_error = PermissionMissing("403.")

    def refuse() -> None:
        raise PermissionMissing("403.")

    it.forge.before_listing = refuse
    run(it, dry_run="true", **inputs)
    assert "403." not in it.log.all()


def test_a_dry_run_without_a_pull_request_looks_at_the_token() -> None:
    """There is nothing else to look at."""
    it = world()
    run(it, "push_branch", dry_run="true", mode="raw-changes")
    assert "`api-token` is set" in it.log.all()
    assert "Comments can be read" not in it.log.all()
