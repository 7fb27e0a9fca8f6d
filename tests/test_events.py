"""The event that starts a run, through `main()`: what is reviewed, ignored, skipped or refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import payloads
from qatech_ci.github.event import read_event
from qatech_ci.qatech.sandbox import Question
from qatech_ci.report.page import TITLE
from qatech_ci.schemas import problems
from stand_ins.github import HEAD_SHA, PREVIEW, REPOSITORY, Event, environ, event
from world import Outcome, World, on_github

NEWER_SHA = "0" * 39 + "7"
URL = f"https://github.com/{REPOSITORY}/pull/7"
COMMAND = "issue_comment_created_on_pull_request"
DEPLOYED = "deployment_status_success"
QUEUED = "merge_group_checks_requested"
VERCEL = "repository_dispatch_vercel_success"
CUSTOM = "repository_dispatch_custom"
NAMELESS = ("workflow_dispatch", "schedule")
"""Payloads that name no pull request."""
FAILING = "app_web: https://failing.example.com"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with the pull request 7, which all payloads are about."""
    with on_github(tmp_path) as made:
        yield made


def ran(world: World, of: Event | None = None, **inputs: str) -> Outcome:
    """Run the action; whatever `result` it leaves is as its schema says."""
    outcome = world.run(of or event(), **inputs)
    assert not outcome.outputs or not problems("result", outcome.result)
    return outcome


def each(payload: str, part: str, key: str, *values: str) -> list[Event]:
    """Return the event with each of the values in a part of its payload."""
    return [event(payload, **{part: {key: value}}) for value in values]


def vercel(*kinds: str) -> list[Event]:
    """Return Vercel's events: https://github.com/vercel/repository-dispatch."""
    return [event(VERCEL, action=f"vercel.deployment.{kind}") for kind in kinds]


ENDINGS = dict.fromkeys(payloads.EVENTS, "passed") | {
    "check_run_fork": "ignored",  # nothing in it tells the fork's branch
    "deployment_status_failure": "error",
    "deployment_status_inactive": "ignored",
    "issue_comment_created_on_issue": "ignored",
    "issue_comment_edited_on_pull_request": "ignored",
    "pull_request_closed": "ignored",
    "push_deleted": "ignored",
    "schedule": "",
    "workflow_dispatch": "",
}
"""How a run on each payload ends; without a verdict, exit code 2."""
ALIKE = ("pull_request_target", "pull_request_review_comment")
"""Events that bring the pull request in the same place as those in the payloads."""


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        *((payloads.EVENTS[it], it) for it in ENDINGS),
        *((it, "pull_request_opened") for it in ALIKE),
    ],
)
def test_every_payload_ends_in_a_review_or_says_why_not(
    world: World, name: str, payload: str
) -> None:
    """A review, `ignored`, or exit code 2 with the event's name and the way out.

    A status stands where the job is not the thing to require.
    """
    if payload.endswith("_fork"):
        world.forge.add_pull(7, "pull_request_fork")
    outcome, verdict = ran(world, Event(name, payloads.load(payload))), ENDINGS[payload]
    states = {"passed": "success", "error": "error"}
    assert outcome.verdict == verdict
    assert (world.starts, len(world.comments)) == (verdict == "passed", verdict in states)
    assert outcome.exit_code == {"passed": 0, "ignored": 0, "": 2}.get(verdict, 1)
    wants_status = verdict in states and name not in {"pull_request", "merge_group"}
    statuses = [(it["state"], it["url"].rpartition("/")[2]) for it in world.forge.statuses]
    assert statuses == [(states.get(verdict), HEAD_SHA)] * wants_status
    if not verdict:
        assert f"The event `{name}` leads to no pull request. Set the input" in outcome.log
        assert f"{TITLE}: not run" in outcome.summary


IGNORED = [
    *each(COMMAND, "comment", "body", "Fine.", "> /qatech review", "So:\n/qatech review"),
    *each(COMMAND, "comment", "body", "/qatech reviewer", "/qatech"),
    event(COMMAND, action="edited"),
    event(COMMAND, comment={"user": {"login": "stranger"}}),
    event("issue_comment_created_on_issue"),
    event("push_deleted"),
    Event("pull_request_target", payloads.load("pull_request_closed")),
    *each(DEPLOYED, "deployment_status", "state", "pending", "queued", "in_progress", "inactive"),
    *each("workflow_run_completed", "workflow_run", "conclusion", "cancelled", "skipped", "stale"),
    *each("check_run_completed", "check_run", "conclusion", "cancelled", "skipped", "neutral"),
    *each("check_suite_completed", "check_suite", "conclusion", "cancelled", "skipped"),
    event("workflow_run_completed", action="requested", workflow_run={"status": "queued"}),
    event("workflow_run_completed", action="in_progress", workflow_run={"status": "in_progress"}),
    event("check_run_completed", action="created", check_run={"status": "queued"}),
    *vercel("pending", "canceled", "ignored", "skipped", "promoted"),
]


@pytest.mark.parametrize("of", IGNORED, ids=lambda it: it.name)
def test_what_asks_for_no_review_is_ignored(world: World, of: Event) -> None:
    """Exit code 0, one line in log and summary, and nothing that could be taken for a review."""
    outcome = ran(world, of, commit_status="on")
    assert (outcome.exit_code, outcome.verdict, outcome.outputs["gate"]) == (0, "ignored", "")
    lines = [it for it in outcome.log.splitlines() if not it.startswith("::add-mask::")]
    assert [it.startswith("Ignored: ") for it in lines] == [True]
    assert len(outcome.summary.splitlines()) == 1
    assert not any(it.method == "POST" for it in world.forge.requests)
    assert not world.qatech.requests


@pytest.mark.parametrize("of", IGNORED[:7], ids=lambda it: it.payload["comment"]["body"])
def test_a_comment_needs_the_command_whatever_the_inputs_say(world: World, of: Event) -> None:
    """And its author the right to write."""
    assert ran(world, of, pull_request="7").verdict == "ignored"


@pytest.mark.parametrize("payload", ["push_branch", "workflow_run_completed", COMMAND, QUEUED])
def test_a_pull_request_that_was_closed_since_is_not_reviewed(world: World, payload: str) -> None:
    """`ignored`, or `skipped` where a commit leads to no open pull request any more."""
    world.forge.pull()["state"] = "closed"
    assert ran(world, event(payload)).verdict in {"ignored", "skipped"}
    assert not world.starts


@pytest.mark.parametrize(
    ("of", "verdict"),
    [
        (event(DEPLOYED), "ignored"),
        (event(VERCEL), "ignored"),
        (event("deployment_status_failure", deployment={"environment": "docs"}), "ignored"),
        (event(DEPLOYED, deployment={"environment": "preview - STORE"}), "passed"),
        (event(VERCEL, client_payload={"project": {"name": "store"}}), "passed"),
        (
            event(VERCEL, client_payload={"project": {"name": "store"}, "url": PREVIEW[8:]}),
            "passed",
        ),
    ],
)
def test_a_deployment_counts_where_an_override_names_its_environment(
    world: World, of: Event, verdict: str
) -> None:
    """Of another one nobody asked for a review, however it ended. The event brings the URL."""
    overrides = 'app_web: {deployment: "Preview – store"}'
    assert ran(world, of, application_overrides=overrides).verdict == verdict
    assert world.starts == (verdict == "passed")
    for asked in world.qatech.requests[:1]:
        assert asked.body["applicationOverrides"][0]["environment"]["url"] == PREVIEW


@pytest.mark.parametrize(
    "of",
    [
        event("deployment_status_failure"),
        *each(DEPLOYED, "deployment_status", "state", "error"),
        *each("workflow_run_completed", "workflow_run", "conclusion", "failure", "timed_out"),
        *each("check_run_completed", "check_run", "conclusion", "failure", "action_required"),
        *each("check_suite_completed", "check_suite", "conclusion", "failure", "startup_failure"),
        *vercel("error", "failed"),
    ],
    ids=lambda it: it.name,
)
def test_what_failed_before_the_review_closes_the_gate(world: World, of: Event) -> None:
    """It is an `error`, which `skipped` in `pass-on` does not let through."""
    outcome = ran(world, of, pass_on="passed, skipped")
    assert (outcome.verdict, outcome.outputs["gate"], outcome.exit_code) == ("error", "closed", 1)
    assert [it["state"] for it in world.forge.statuses] == ["error"]
    assert not world.qatech.requests


@pytest.mark.parametrize(
    ("named", "code"),
    [(7, 0), ("7", 0), ({"number": 7}, 0), ("seven", 2), (0, 2), (None, 2), ({}, 2), ([7], 2)],
)
def test_a_dispatch_names_its_pull_request(world: World, named: object, code: int) -> None:
    """A number, a number as text, or a pull request object."""
    assert ran(world, event(CUSTOM, client_payload={"pull_request": named})).exit_code == code
    assert world.starts == (code == 0)


LINKS = [
    "/",
    ".diff",
    "/files/a%20b@c#diff-1",
    f"/commits/{HEAD_SHA}",
    "?w=1&diff=split",
    "#issuecomment-1001",
]
ELSEWHERE = ["github.example.com", "github.com.example.com", "user@github.com", "github.com:8443"]


@pytest.mark.parametrize(
    ("requested", "code"),
    [
        *((it, 0) for it in ("7", "#7", f"{REPOSITORY}#7", URL, URL.replace("git", "Git"))),
        *((URL + it, 0) for it in LINKS),
        *((URL.replace("github.com", it), 2) for it in ELSEWHERE),
        *((URL.replace(*it), 2) for it in (("https", "http"), ("/pull/", "/issues/"), ("/7", "/"))),
        *((it, 2) for it in ("0", "-7", "seven", "octo-org#7", f"{REPOSITORY}/7", f"{URL}8x")),
    ],
)
def test_pull_request_takes_what_a_browser_shows(world: World, requested: str, code: int) -> None:
    """On this server alone; anything else is refused with an example."""
    outcome = ran(world, pull_request=requested)
    assert outcome.exit_code == code
    assert [it.body["prUrl"] for it in world.qatech.requests[:1]] == [URL] * (code == 0)
    assert (f"or a URL such as {URL}." in outcome.log) == (code == 2)
    assert bool(world.forge.requests) == (code == 0)


def test_another_pull_request_is_reviewed_at_its_own_head(world: World) -> None:
    """The event's commit says nothing about it."""
    world.forge.add_pull(8)["head"]["sha"] = NEWER_SHA
    outcome = ran(world, pull_request="8")
    assert (outcome.verdict, outcome.outputs["head-sha"]) == ("passed", NEWER_SHA)
    # This run's own check is another one's.
    assert [it["url"].rpartition("/")[2] for it in world.forge.statuses] == [NEWER_SHA]


def test_a_commit_of_another_repository_says_nothing(tmp_path: Path) -> None:
    """With the same number, too."""
    read = read_event(environ(tmp_path, "", "", event("push_branch")))
    assert read.subject("octo-org/other#7").head_sha == ""
    assert read.subject("7").head_sha == HEAD_SHA


def test_a_deployment_under_way_is_ignored_before_its_commit_is_looked_at(world: World) -> None:
    """Also where the pull request is named."""
    payload = {"git": {"sha": None}}
    for kind in ("pending", "canceled"):
        of = event(VERCEL, action=f"vercel.deployment.{kind}", client_payload=payload)
        for inputs in ({}, {"pull_request": "7"}):
            assert ran(world, of, **inputs).verdict == "ignored"
    assert world.starts == 0


def test_only_open_pull_requests_of_a_commit_count(world: World) -> None:
    """A closed one does not make it unclear which one is meant."""
    world.forge.add_pull(8)["state"] = "closed"
    assert ran(world, event("push_branch")).verdict == "passed"


def test_a_pull_request_without_a_number_is_told(world: World) -> None:
    """Whoever sends the event."""
    outcome = ran(world, event(pull_request={"number": None}))
    assert (outcome.exit_code, "has “None” as `pull_request.number`" in outcome.log) == (2, True)


def test_a_message_about_a_closed_pull_request_without_a_token_is_ignored(world: World) -> None:
    """The event asks for nothing, so that nothing is lacking."""
    of = event("pull_request_fork", action="closed", pull_request={"state": "closed"})
    outcome = ran(world, of, mode="message", message="Hi", api_token="", application_overrides="")
    assert (outcome.verdict, outcome.exit_code) == ("ignored", 0)


@pytest.mark.parametrize(
    ("payload", "actor"),
    [
        ("pull_request_fork", "mona"),
        ("pull_request_deleted_fork", "mona"),
        ("pull_request_dependabot", "dependabot[bot]"),
    ],
)
def test_runs_that_get_no_secrets_are_skipped(world: World, payload: str, actor: str) -> None:
    """The gate is closed unless `pass-on` says otherwise; the ways out are told."""
    world.changes["GITHUB_ACTOR"] = actor
    outcome = ran(world, event(payload), api_token="")
    assert (outcome.verdict, outcome.outputs["gate"], outcome.exit_code) == ("skipped", "closed", 1)
    assert "Ways out: " in outcome.summary
    assert ran(world, event(payload), api_token="", pass_on="passed, skipped").exit_code == 0
    assert not world.forge.requests


@pytest.mark.parametrize(
    ("payload", "inputs", "states"),
    [
        ("pull_request_opened", {"commit_status": "on"}, ["success"]),
        (COMMAND, {"commit_status": "off"}, []),
        (COMMAND, {"wait": "false"}, ["pending"]),
        (COMMAND, {"dry_run": "true", "commit_status": "on"}, []),
        (COMMAND, {"application_overrides": FAILING}, ["failure"]),
        (COMMAND, {"application_overrides": FAILING, "pass_on": "any"}, ["success"]),
        (COMMAND, {"application_overrides": "app_web: https://failed.example.com"}, ["error"]),
        (COMMAND, {"application_overrides": "app_web: https://cancelled.example.com"}, ["error"]),
    ],
)
def test_the_status_says_how_the_gate_stands(
    world: World, payload: str, inputs: dict[str, str], states: list[str]
) -> None:
    """`pending` where nobody waited, none in a dry run."""
    ran(world, event(payload), **inputs)
    assert [it["state"] for it in world.forge.statuses] == states


@pytest.mark.parametrize("payload", [*NAMELESS, COMMAND, CUSTOM, QUEUED])
def test_the_live_head_is_reviewed_where_the_event_names_none(world: World, payload: str) -> None:
    """On any event that is no comment, `pull-request` may name the pull request."""
    world.forge.pull()["head"]["sha"] = NEWER_SHA
    outcome = ran(world, event(payload), **({"pull_request": "7"} if payload in NAMELESS else {}))
    assert (outcome.verdict, outcome.outputs["head-sha"]) == ("passed", NEWER_SHA)


@pytest.mark.parametrize(
    "payload",
    [it for it in ENDINGS if ENDINGS[it] == "passed" and it not in {COMMAND, CUSTOM, QUEUED}],
)
def test_the_head_is_another_one_than_the_events(world: World, payload: str) -> None:
    """Nothing is started for a commit that QA.tech would not see."""
    if payload.endswith("_fork"):
        world.forge.add_pull(7, "pull_request_fork")
    world.forge.pull()["head"]["sha"] = NEWER_SHA
    outcome = ran(world, event(payload))
    assert (outcome.verdict, outcome.exit_code, world.starts) == ("skipped", 1, 0)
    assert not world.comments


@pytest.mark.parametrize("payload", ["pull_request_opened", QUEUED])
def test_the_head_moves_while_the_review_runs(tmp_path: Path, payload: str) -> None:
    """Nobody knows which commit was seen: `unknown`, and never reused, wherever the head goes."""
    heads = [NEWER_SHA]

    def move(question: Question) -> str:
        moving.forge.pull()["head"]["sha"] = heads.pop() if heads else HEAD_SHA
        return question.usual

    with on_github(tmp_path, reply=move) as moving:
        first = ran(moving, event(payload))
        assert (first.verdict, first.exit_code, moving.starts) == ("unknown", 1, 1)
        assert "outdated" in moving.comments[0].split("\n")[0]
        moving.forge.pull()["head"]["sha"] = HEAD_SHA
        assert ran(moving, event(payload)).verdict == "passed"
        assert moving.starts == 2


def test_a_newer_commit_is_reviewed_anew(world: World) -> None:
    """What passed was the commit before."""
    ran(world)
    world.forge.pull()["head"]["sha"] = NEWER_SHA
    assert ran(world, event(pull_request={"head": {"sha": NEWER_SHA}})).verdict == "passed"
    assert world.starts == 2


def test_a_message_of_dependabot_without_a_token_is_skipped(world: World) -> None:
    """Also on an event that leads to no pull request."""
    world.changes["GITHUB_ACTOR"] = "dependabot[bot]"
    inputs = {"mode": "message", "message": "Hi", "api_token": "", "application_overrides": ""}
    assert ran(world, event("workflow_dispatch"), **inputs).verdict == "skipped"


def test_a_command_of_a_stranger_sends_no_message_either(world: World) -> None:
    """Though a message may be about nothing."""
    of = event(COMMAND, comment={"user": {"login": "stranger"}})
    outcome = ran(world, of, mode="message", message="Hi", application_overrides="")
    assert (outcome.verdict, world.qatech.requests) == ("ignored", [])


def test_a_branch_that_was_deleted_is_not_looked_for(world: World) -> None:
    """GitHub has no such commit."""
    assert "The branch was deleted." in ran(world, event("push_deleted")).log
    assert not world.forge.requests


def test_a_pull_request_that_was_retargeted_is_reviewed_anew(world: World) -> None:
    """Against another base, other changes are under review."""
    ran(world)
    world.forge.pull()["base"]["ref"] = "release"
    assert ran(world).verdict == "passed"
    assert world.starts == 2


RENAMED = (
    "diff --git a/old.py b/new.py\nsimilarity index 100%\nrename from old.py\nrename to new.py\n"
    "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
    "diff --git a/empty.txt b/empty.txt\nnew file mode 100644\nindex 0000000..e69de29\n"
)


@pytest.mark.parametrize(
    "of", [event(), event("push_branch"), event(QUEUED)], ids=["pull_request", "push", "queue"]
)
def test_raw_changes_carry_what_git_writes(world: World, of: Event) -> None:
    """Renames, modes and new empty files too, which have no lines."""
    world.forge.diffs["7"] = RENAMED
    assert ran(world, of, mode="raw-changes").verdict == "passed"
    changes = world.qatech.requests[0].body["changes"]
    assert changes["diff"].strip() == RENAMED.strip()
    assert changes["changeDescription"].startswith("Fix the checkout total")


@pytest.mark.parametrize(("diff", "verdict"), [("", "skipped"), (None, "")])
def test_raw_changes_without_a_diff_start_nothing(
    world: World, diff: str | None, verdict: str
) -> None:
    """An empty one is `skipped`; one that GitHub does not give is told with the way out."""
    world.forge.diffs["7"] = diff
    outcome = ran(world, mode="raw-changes")
    assert (outcome.verdict, outcome.exit_code) == (verdict, 1 if verdict else 2)
    assert ("review it in mode `pr`" in outcome.log) == (diff is None)
    assert not world.starts
    assert not world.comments


@pytest.mark.parametrize("payload", ["pull_request_labeled", "pull_request_draft"])
def test_result_describes_the_pull_request(world: World, payload: str) -> None:
    """As it stands, in `result`; title and branch in the line of facts too."""
    pull = world.forge.add_pull(7, payload)
    result = ran(world, event(payload)).result
    assert result["pull-request"] == {
        "number": 7,
        "title": pull["title"],
        "head-branch": pull["head"]["ref"],
        "base-branch": pull["base"]["ref"],
        "author": pull["user"]["login"],
        "labels": [it["name"] for it in pull["labels"]],
        "draft": pull["draft"],
    }
    assert result["counts"] == {"tested": 3, "failed": 0}
    assert f"{pull['title']} (<code>{pull['head']['ref']}</code>)" in world.comments[0]


def test_what_github_may_leave_out_of_a_pull_request_is_empty(world: World) -> None:
    """An author who is gone, no description; without a head there is nothing to review."""
    label = {"id": 1, "name": None}
    world.forge.pull().update(user=None, body=None, labels=[label], draft=None)
    told = ran(world).result["pull-request"]
    assert (told["author"], told["labels"], told["draft"]) == ("", [], False)
    world.forge.pull()["head"]["sha"] = None
    outcome = ran(world)
    assert outcome.exit_code == 2
    assert "GitHub's answer for pull request 7 cannot be read" in outcome.log


def test_a_command_is_acknowledged_and_its_words_reach_the_reviewer(world: World) -> None:
    """With a reaction to the comment; the words stand before the demand for the block."""
    ran(world, event(COMMAND), context="The checkout.")
    assert world.forge.reactions == [(event(COMMAND).payload["comment"]["id"], "eyes")]
    context = world.qatech.requests[0].body["context"]
    assert context.startswith("The checkout.\n\nfocus on checkout\n\n")


@pytest.mark.parametrize(
    ("of", "verdict"),
    [
        (event("deployment_status_failure"), "error"),
        (event(DEPLOYED, deployment_status={"state": "inactive"}), "ignored"),
        (event("workflow_run_completed", workflow_run={"conclusion": "cancelled"}), "ignored"),
    ],
)
def test_the_input_does_not_hide_what_the_event_says(world: World, of: Event, verdict: str) -> None:
    """`pull-request` names the pull request, not that there is something to review."""
    assert ran(world, of, pull_request="7").verdict == verdict


def test_the_input_does_not_hide_the_events_commit(world: World) -> None:
    """A head that has moved is not reviewed in place of the event's."""
    world.forge.pull()["head"]["sha"] = NEWER_SHA
    assert ran(world, pull_request="7").verdict == "skipped"


def test_a_failed_deployment_turns_the_status_of_an_earlier_review(world: World) -> None:
    """What was green for the same commit is red."""
    ran(world, event(DEPLOYED), key="web")
    ran(world, event("deployment_status_failure"), key="web")
    states = [(it["context"], it["state"]) for it in world.forge.statuses]
    assert states == [("qatech-ci (web)", "success"), ("qatech-ci (web)", "error")]


@pytest.mark.parametrize(
    "of", [event("pull_request_fork"), event(DEPLOYED, deployment_status={"state": "pending"})]
)
def test_what_asks_for_no_review_or_cannot_have_one_needs_no_overrides(
    world: World, of: Event
) -> None:
    """An expression that came out empty there is no mistake."""
    outcome = ran(world, of, api_token="", application_overrides="app_web: ")
    assert outcome.verdict in {"skipped", "ignored"}


def test_an_odd_address_of_the_server_is_no_traceback(world: World) -> None:
    """The runner sets it; whatever else does ends in a verdict."""
    world.changes |= {"GITHUB_SERVER_URL": "https://[oops"}
    outcome = world.run()
    assert (outcome.exit_code, outcome.verdict) == (1, "error")
