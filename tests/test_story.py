"""The story through `main()`: what a user sees of a review, whatever becomes of it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from qatech_ci.qatech.sandbox import Question, Scenario
from qatech_ci.report.page import TITLE
from stand_ins import github
from stand_ins.qatech import QaTechApp
from stand_ins.server import Json, serving
from test_verdict import _CHECKS
from world import World, on_github

HEAD = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
_CORPUS = yaml.safe_load(
    (Path(__file__).parent / "corpus" / "replies.yaml").read_text(encoding="utf-8")
)
_SAMPLE = _CORPUS[:: max(len(_CORPUS) // 30, 1)][:30]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which the words in a preview's URL choose how a review ends."""
    with on_github(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("scenario", "verdict", "gate", "first_line"),
    [
        ("passing", "passed", "open", "✅ QA.tech review passed"),
        ("failing", "failed", "closed", "❌ QA.tech review failed: 1 of 3"),
        ("unverified", "unverified", "open", "QA.tech review unverified: nothing was tested"),
        ("blocked", "blocked", "closed", "🚧 QA.tech review blocked"),
        ("pending", "passed", "open", "✅ QA.tech review passed"),
        ("vague", "passed", "open", "✅ QA.tech review passed"),
        ("mute", "unknown", "closed", "❓ QA.tech review unknown"),
        ("cancelled", "cancelled", "closed", "🚫 QA.tech review cancelled"),
        ("never", "timed-out", "closed", "⌛ QA.tech review timed-out"),
    ],
)
def test_a_review_ends_in_comment_summary_outputs_and_exit_code(
    world: World, scenario: str, verdict: str, gate: str, first_line: str
) -> None:
    """One comment, from the start of the review to its verdict; the step is red unless open."""
    outcome = world.run(application_overrides=f"app_web: https://{scenario}.example.com")
    assert (outcome.verdict, outcome.outputs["gate"]) == (verdict, gate)
    assert outcome.exit_code == (0 if gate == "open" else 1)
    assert len(world.comments) == 1
    assert first_line in world.comments[0].split("\n")[0]
    assert first_line in outcome.summary.split("\n")[0]
    assert world.starts == 1
    assert outcome.outputs["head-sha"] == HEAD
    assert outcome.result["verdict"] == verdict


def test_the_block_is_asked_for_once(world: World) -> None:
    """A reviewer who does not give it then is not asked again."""
    world.run(application_overrides="app_web: https://mute.example.com")
    sent = [it.path for it in world.qatech.requests if it.method == "POST"]
    assert [it.rpartition("/")[2].startswith("chat_") for it in sent] == [False, True]


def test_tests_that_still_run_are_asked_about_every_minute(world: World) -> None:
    """Until they have ended; the whole takes as long as that."""
    outcome = world.run(application_overrides="app_web: https://pending.example.com")
    questions = [it for it in world.qatech.requests if it.method == "POST"][1:]
    assert len(questions) >= 2
    assert world.clock.elapsed >= 60 * len(questions)
    assert outcome.log.count("Asking the reviewer again.") == len(questions)


def test_tests_that_never_end_are_asked_about_until_the_time_is_up(tmp_path: Path) -> None:
    """Then it is `timed-out`; nobody is asked in the last second."""

    def reply(question: Question) -> str:
        return f'```qatech-verdict\n{{"nonce": "{question.nonce}", "verdict": "pending"}}\n```'

    with on_github(tmp_path, reply=reply) as world:
        outcome = world.run(timeout_minutes="20")
        questions = [it for it in world.qatech.requests if it.method == "POST"][1:]
    assert outcome.verdict == "timed-out"
    assert 5 <= len(questions) <= 20


def test_all_that_was_said_is_in_reply_and_comment(world: World) -> None:
    """Not only the last message, and without the blocks that are for machines."""
    outcome = world.run(application_overrides="app_web: https://vague.example.com")
    assert "QA.tech" in outcome.outputs["reply"]
    assert "nonce" not in outcome.outputs["reply"]
    assert "Full reply" in world.comments[0]
    assert "Full reply" in outcome.log


def test_the_verdict_is_among_the_annotations_that_are_kept(tmp_path: Path) -> None:
    """The runner keeps ten errors of a step; failures beyond nine are in the log all the same."""
    failures = json.dumps([f"Test {number}" for number in range(1, 13)])

    def reply(question: Question) -> str:
        head = f'{{"nonce": "{question.nonce}", "verdict": "failed"'
        return f'```qatech-verdict\n{head}, "failures": {failures}}}\n```'

    with on_github(tmp_path, reply=reply) as world:
        log = world.run().log
    errors = [line for line in log.splitlines() if line.startswith("::error")]
    assert len(errors) == 10
    assert "Verdict: failed." in errors[-1]
    assert "\nTest 12\n" in log


@pytest.mark.parametrize(
    ("check", "scenario", "verdict"),
    [
        ({"conclusion": "success"}, "mute", "passed"),
        ({"conclusion": "failure"}, "mute", "failed"),
        ({"conclusion": "failure"}, "passing", "unknown"),
        ({"conclusion": "timed_out"}, "passing", "unknown"),
        ({"conclusion": "action_required"}, "passing", "unknown"),
        ({"conclusion": "neutral"}, "passing", "passed"),
        ({"conclusion": "skipped"}, "passing", "passed"),
        ({"conclusion": "cancelled"}, "passing", "unknown"),
        ({"conclusion": "stale"}, "passing", "unknown"),
        ({"conclusion": "success"}, "failing", "unknown"),
        ({"conclusion": "failure", "app_slug": "somebody-else"}, "passing", "passed"),
        ({"conclusion": "success", "app_slug": "not-qatech"}, "mute", "unknown"),
        (
            {"conclusion": "success", "name": "Another name", "app_slug": "QA.tech-app"},
            "mute",
            "passed",
        ),
        ({"conclusion": "failure", "minutes": -10}, "passing", "passed"),
        ({"conclusion": "failure", "minutes": 60}, "passing", "unknown"),
        ({"conclusion": "failure", "minutes": None}, "passing", "unknown"),
        ({"conclusion": "success", "minutes": None}, "mute", "unknown"),
    ],
)
def test_qatechs_own_check_counts_by_its_app(
    world: World, check: dict[str, Any], scenario: str, verdict: str
) -> None:
    """Whatever its name, if it ended since the start, by the forge's clock."""
    minutes = check.get("minutes", 1)
    ended = world.clock.now() + timedelta(minutes=minutes or 0)
    made = world.forge.add_check_run(
        HEAD,
        name=check.get("name", "QA.tech / PR Review"),
        app_slug=check.get("app_slug", "qa-tech"),
        conclusion=check["conclusion"],
        completed_at=ended,
    )
    made["completed_at"] = made["completed_at"] if minutes else None
    outcome = world.run(application_overrides=f"app_web: https://{scenario}.example.com")
    assert outcome.verdict == verdict


@pytest.mark.parametrize(
    ("state", "login", "bot", "verdict"),
    [
        ("success", "qatech-app[bot]", True, "passed"),
        ("failure", "qadottech[bot]", True, "failed"),
        ("error", "qatech[bot]", True, "failed"),
        ("success", "qatech-fan", False, "unknown"),
        ("pending", "qatech[bot]", True, "unknown"),
        ("expected", "qatech[bot]", True, "unknown"),
    ],
)
def test_a_commit_status_of_qatechs_bot_counts_as_its_check(
    world: World,
    state: str,
    login: str,
    verdict: str,
    *,
    bot: bool,
) -> None:
    """The newest does. Which of the two kinds its App writes is not documented.

    A pending one is none at last.
    """
    world.clock.elapsed += 1
    earlier = "failure" if state == "success" else "success"
    world.forge.add_status(HEAD, "QA.tech", earlier, login, bot=bot)
    world.forge.add_status(HEAD, "QA.tech", state, login, bot=bot)
    outcome = world.run(application_overrides="app_web: https://mute.example.com")
    assert outcome.verdict == verdict
    assert ("not waited for any longer" in outcome.summary) == (state in {"pending", "expected"})


def test_a_check_that_stays_pending_is_waited_for_no_longer_than_a_minute(world: World) -> None:
    """Then it counts as none, and the summary says that it is still pending."""
    world.forge.add_check_run(HEAD, "QA.tech / PR Review", "qatech", status="in_progress")
    before = world.clock.elapsed
    outcome = world.run()
    assert outcome.verdict == "passed"
    assert 45 + 60 <= world.clock.elapsed - before <= 45 + 60 + 20
    assert "pending" in outcome.summary


def test_a_check_that_may_not_be_read_is_none_with_a_warning(world: World) -> None:
    """The warning names the permission."""
    world.forge.permissions -= {"checks=read", "statuses=read", "statuses=write"}
    outcome = world.run()
    assert outcome.verdict == "passed"
    assert "`permissions: checks: read" in outcome.log


@pytest.mark.parametrize("entry", _SAMPLE, ids=lambda it: it["category"])
def test_a_sample_of_the_corpus_through_main(tmp_path: Path, entry: dict[str, Any]) -> None:
    """The reviewer says what the corpus says, and answers when asked or not."""
    said = list(entry["said"])

    def reply(question: Question) -> str:
        text = said.pop(0) if said else str(entry.get("answer") or "I have nothing to add.")
        return text.replace("{nonce}", question.nonce or "").replace("{other}", "f" * 32)

    with on_github(tmp_path, reply=reply) as world:
        if _CHECKS[entry.get("check")].value != "none":
            ended = world.clock.now() + timedelta(minutes=1)
            world.forge.add_check_run(
                HEAD, "QA.tech", "qatech", conclusion=entry["check"], completed_at=ended
            )
        assert world.run().verdict == entry["verdict"]


def test_a_dry_run_shows_the_request_and_sends_nothing(world: World) -> None:
    """It has no verdict; the gate is open."""
    outcome = world.run(dry_run="true", context="The checkout.")
    assert (outcome.exit_code, outcome.verdict, outcome.outputs["gate"]) == (0, "", "open")
    assert '"context": "The checkout."' in outcome.log
    assert "nothing was judged" in outcome.summary
    assert not world.qatech.requests
    assert not world.comments


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({}, 0),
        ({"api_token": ""}, 1),
        ({"application_overrides": "app_web: http://127.0.0.1"}, 1),
        ({"mode": "nothing"}, 2),
    ],
)
def test_check_exits_with_what_would_keep_a_review_from_running(
    world: World, inputs: dict[str, str], code: int
) -> None:
    """`qatech-ci check`: 1 for a finding, 2 for inputs that are wrong."""
    outcome = world.check(dry_run="true", **inputs)
    assert outcome.exit_code == code
    assert not world.qatech.requests


def test_a_message_is_answered(world: World) -> None:
    """Mode `message`: the gate is open once the reply is complete."""
    outcome = world.run(mode="message", message="What do you test?", application_overrides="")
    assert (outcome.verdict, outcome.exit_code) == ("answered", 0)
    assert outcome.outputs["reply"]
    assert "Request: POST /chat<" in outcome.summary
    assert "applicationOverrides" not in outcome.summary


def test_a_message_about_no_pull_request_has_no_deployments(world: World) -> None:
    """An override that names one is told so."""
    event = github.event("schedule")
    overrides = "app_web: {deployment: Preview}"
    outcome = world.run(event, mode="message", message="Hi", application_overrides=overrides)
    assert outcome.exit_code == 2
    assert "An override names a deployment, and the run is about no pull request." in outcome.log


def test_a_message_about_a_pull_request_that_is_not_there_is_not_sent(world: World) -> None:
    """Whoever names one means it."""
    inputs = {"mode": "message", "message": "Hi", "application_overrides": ""}
    outcome = world.run(**inputs, pull_request="99")
    assert (outcome.exit_code, world.qatech.requests) == (2, [])
    assert "GitHub answered for pull request 99 with 404" in outcome.log


def test_a_message_goes_on_in_a_conversation(world: World) -> None:
    """Only what is said after it is its answer. It is in a project already."""
    inputs = {"mode": "message", "application_overrides": "", "project": "proj_aB3xY9"}
    first = world.run(message="What do you test?", **inputs)
    conversation = first.outputs["conversation-id"]
    second = world.run(message="And then?", conversation=conversation, **inputs)
    sent = [it.body for it in world.qatech.requests if it.method == "POST"]
    assert ["projectShortId" in it for it in sent] == [True, False]
    assert second.outputs["conversation-id"] == conversation
    assert second.verdict == "answered"
    assert f"Request: POST /chat/{conversation}<" in second.summary


def test_an_answer_to_somebody_elses_message_is_none_to_ours(world: World) -> None:
    """Theirs may come between our look at the conversation and what we say in it."""

    def unanswered(shown: Json) -> Json:
        ours = [it for it in shown["messages"] if it["text"] == "And then?"]
        if ours:
            theirs = shown["messages"][-1] | {"id": "msg_theirs", "role": "assistant"}
            shown["messages"] = [theirs, *ours]
        return shown

    inputs = {"mode": "message", "application_overrides": "", "timeout_minutes": "2"}
    conversation = world.run(message="What?", **inputs).outputs["conversation-id"]
    with serving(QaTechApp(world.qatech, unanswered)) as url:
        world.qatech_url = f"{url}/v1"
        outcome = world.run(message="And then?", conversation=conversation, **inputs)
    assert (outcome.verdict, outcome.exit_code) == ("timed-out", 1)


def test_nobody_waits_where_wait_is_false(world: World) -> None:
    """The gate is open by definition, and the summary says that nothing was judged."""
    outcome = world.run(wait="false", commit_status="on")
    assert (outcome.verdict, outcome.outputs["gate"], outcome.exit_code) == ("started", "open", 0)
    assert "nothing was judged" in outcome.summary
    assert [it["state"] for it in world.forge.statuses] == ["pending"]


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"application_overrides": "app_web:https://x.example.com"}, "lacks a space"),
        ({"application_overrides": "app_web:"}, "expression came out empty"),
        ({"application_overrides": ""}, "`application-overrides` is not set"),
        (
            {"application_overrides": "app_web: {output: deploy}"},
            "Write `deploy-outputs: ${{ toJSON(needs) }}`",
        ),
        ({"mode": "raw-change"}, "Did you mean `raw-changes`?"),
        ({"pass_on": "pased"}, "Did you mean `passed`?"),
        ({"pass_on": ","}, "`pass-on` is"),
        ({"api_token": "Bearer abcdef123456"}, "begins with `Bearer`"),
        ({"api_token": '"abcdef123456"'}, "stands in quotes"),
        ({"api_token": ""}, "`api-token` is not set"),
        ({"api_url": "http://api.qa.tech/v1"}, "`api-url` is"),
    ],
)
def test_a_wrong_input_is_told_with_what_to_write(
    world: World, inputs: dict[str, str], told: str
) -> None:
    """Exit code 2, in log and summary, and nothing is started."""
    outcome = world.run(**inputs)
    assert outcome.exit_code == 2
    assert told in outcome.log.replace("%0A", "\n")
    assert f"{TITLE}: not run" in outcome.summary
    assert not world.qatech.requests


def test_every_problem_is_told_at_once(world: World) -> None:
    """Overrides, inputs, event and token, in one run."""
    event = github.Event("schedule", {"schedule": "0 0 * * *"})
    outcome = world.run(event, api_token="", mode="x", application_overrides="app_web: y")
    for told in ("`api-token`", "`mode`", "`application-overrides`", "event `schedule`"):
        assert told in outcome.log


def test_a_failed_deploy_job_says_that_it_failed(world: World) -> None:
    """It is the verdict `error`, no wrong input."""
    needs = '{"deploy": {"result": "failure", "outputs": {}}}'
    outcome = world.run(application_overrides="app_web: {output: deploy}", deploy_outputs=needs)
    assert (outcome.verdict, outcome.exit_code) == ("error", 1)
    assert "The deploy `deploy` ended as `failure`." in outcome.summary.replace(
        "<code>", "`"
    ).replace("</code>", "`")


def test_the_sandbox_says_that_no_review_took_place(world: World) -> None:
    """In log, comment and summary; it has no link to a conversation that nobody can open."""
    outcome = world.run(
        api_url="sandbox",
        api_token="",
        application_overrides="app_web: https://failing.example.com",
    )
    assert (outcome.verdict, outcome.exit_code) == ("failed", 1)
    assert "::warning title=QA.tech review::`api-url` is `sandbox`" in outcome.log
    assert "No review took place." in world.comments[0]
    assert "No review took place." in outcome.summary
    assert "/chat/chat_" not in world.comments[0]
    assert outcome.outputs["conversation-url"] == ""


@pytest.mark.parametrize("scenario", list(Scenario))
def test_the_log_says_how_it_ends(world: World, scenario: Scenario) -> None:
    """The comment's URL, verdict, gate and duration at the end; no block, no counts."""
    outcome = world.run(application_overrides=f"app_web: https://{scenario.value}.example.com")
    last = "\n".join(outcome.log.splitlines()[-3:])
    assert "Comment: https://github.com/octo-org/shop/pull/7#issuecomment-" in outcome.log
    assert f"Verdict: {outcome.verdict}." in last
    assert f"Gate: {outcome.outputs['gate']}." in last
    assert "Duration: " in last
    assert "nonce" not in outcome.log
