"""The one comment of a review and the state that it carries from run to run, through `main()`."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qatech_ci.qatech.sandbox import serving
from qatech_ci.report.signing import Signer
from stand_ins.github import API_TOKEN, BOT, HEAD_SHA, PREVIEW, REPOSITORY, event
from stand_ins.qatech import QaTech, QaTechApp
from stand_ins.server import Fault, Faults, Request, Response
from stand_ins.server import serving as serve
from world import PACE, World, on_github

NEWER_SHA = "0" * 39 + "7"
STATE = re.compile(r"<!-- qatech-ci (\S+) -->$")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which the words in a preview's URL choose how a review ends."""
    with on_github(tmp_path) as made:
        yield made


def played(scenario: str) -> str:
    """Return the overrides for a review that ends in this way."""
    return f"app_web: https://{scenario}.example.com"


def written(world: World) -> list[tuple[str, str]]:
    """Return what was written to comments, in order: the method, and the first line."""
    sent = [it for it in world.forge.requests if "/comments" in it.path and it.method != "GET"]
    return [(it.method, (it.body or {}).get("body", "").split("\n")[0]) for it in sent]


def add(world: World, body: str, **traits: Any) -> dict[str, Any]:  # noqa: ANN401 - of a comment
    """Add a comment as our own token writes it, unless told otherwise."""
    made: dict[str, Any] = world.forge.add_comment(
        body, **({"login": BOT, "association": "NONE", "bot": True} | traits)
    )
    return made


def state_in(body: str) -> dict[str, Any]:
    """Return the state in a comment."""
    found = STATE.search(body)
    assert found
    state: dict[str, Any] = Signer(API_TOKEN).opened(found[1], REPOSITORY, 7)
    return state


def signed(body: str, *place: object, token: str = API_TOKEN, **fields: object) -> str:
    """Return a comment with its state altered, and signed anew for a place."""
    word = Signer(token).signed(state_in(body) | fields, *(place or (REPOSITORY, 7)))
    return STATE.sub(f"<!-- qatech-ci {word} -->", body)


def test_one_comment_follows_the_review_and_the_next_run(world: World) -> None:
    """Created when the review runs, edited with the verdict, and again for the newer commit."""
    world.run()
    created, edited = written(world)
    assert (created[0], edited[0]) == ("POST", "PATCH")
    assert "is running" in created[1]
    assert "passed" in edited[1]
    world.forge.pull()["head"]["sha"] = NEWER_SHA
    outcome = world.run(event(pull_request={"head": {"sha": NEWER_SHA}}))
    assert [method for method, _ in written(world)[2:]] == ["PATCH", "PATCH"]
    assert len(world.comments) == 1
    assert f"commit/{NEWER_SHA}" in world.comments[0]
    assert outcome.outputs["comment-url"] == world.forge.comments[0]["html_url"]


def test_an_ordinary_run_makes_nine_requests_and_ten_with_a_status(world: World) -> None:
    """Of GitHub, so that its rate limit is no concern."""
    for _ in range(98):
        world.forge.add_comment("Nice.")
    world.run()
    assert len(world.forge.requests) == 9
    world.forge.requests.clear()
    world.run(reuse="false", commit_status="on")
    assert len(world.forge.requests) <= 10


@pytest.mark.parametrize(
    ("run", "attempt", "is_newer"),
    [("5", "3", False), ("9", "1", False), ("9", "3", True), ("10", "1", True)],
)
def test_an_older_run_never_overwrites_a_newer_ones(
    world: World, run: str, attempt: str, *, is_newer: bool
) -> None:
    """Of one run, the later attempt is the newer one. The older one's verdict is told elsewhere."""
    world.changes |= {"GITHUB_RUN_ID": "9", "GITHUB_RUN_ATTEMPT": "2"}
    world.run()
    before = world.comments[0]
    world.changes |= {"GITHUB_RUN_ID": run, "GITHUB_RUN_ATTEMPT": attempt}
    outcome = world.run(reuse="false")
    assert outcome.verdict == "passed"
    assert (world.comments == [before]) != is_newer
    assert ("A newer run has written the comment" in outcome.log) != is_newer


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("other_run", [1, 5])
def test_two_runs_at_once_end_with_one_comment(
    tmp_path: Path, *, is_first: bool, other_run: int
) -> None:
    """Whoever created the later one gives way; the newer run's text is what stays.

    The other run's comment comes just before ours, or just after it, when ours is looked for.
    """
    others: list[str] = []

    def decide(_count: int, request: Request) -> Fault | None:
        is_list = request.method == "GET" and request.path.endswith("/comments")
        is_look = is_list and bool(racing.forge.comments)
        is_create = request.method == "POST" and request.path.endswith("/comments")
        if others and (is_create if is_first else is_look):
            add(racing, others.pop())
        return None

    with on_github(tmp_path, between=lambda app: Faults(app, decide)) as racing:
        racing.run()
        body = signed(racing.comments[0], run=other_run, verdict="")
        racing.forge.comments.clear()
        others.append(body)
        racing.run(reuse="false")
        assert not others
        ours = [it for it in racing.forge.comments if state_in(it["body"])["run"] == 2]
        if is_first:
            assert len(racing.comments) == 1
            assert len(ours) == (other_run < 2)
        else:
            # The other run looks again as well, finds ours, and deletes its own.
            assert min(racing.forge.comments, key=lambda it: it["id"]) == ours[0]


def test_a_comment_beyond_the_first_page_is_found(world: World) -> None:
    """Busy pull requests have hundreds."""
    for _ in range(230):
        world.forge.add_comment("Nice.")
    world.run()
    world.run(reuse="false")
    assert len(world.comments) == 231


@pytest.mark.parametrize("between", [r"GET .*/check-runs", r"GET .*/pulls/7"])
def test_a_comment_that_somebody_deleted_is_written_anew(tmp_path: Path, between: str) -> None:
    """While the review runs, or before the next run."""

    def decide(_count: int, request: Request) -> Fault | None:
        if re.fullmatch(between, request.line):
            deleted.forge.comments.clear()
        return None

    with on_github(tmp_path, between=lambda app: Faults(app, decide)) as deleted:
        for _ in range(2):
            deleted.run()
            assert [it.split("\n")[0].count("passed") for it in deleted.comments] == [1]


Put = Callable[[World, str], object]
"""What adds a comment that is like a real one."""


@pytest.mark.parametrize(
    ("put", "starts"),
    [
        (add, 1),
        (lambda world, body: add(world, signed(body)), 1),
        (lambda world, body: add(world, body, bot=False, association="MEMBER"), 1),
        (lambda world, body: add(world, body, bot=False, association="COLLABORATOR"), 1),
        (lambda world, body: add(world, body, bot=False, association="CONTRIBUTOR"), 2),
        (lambda world, body: add(world, body, bot=False, login="mona"), 2),
        (lambda world, body: add(world, signed(body, REPOSITORY, 8)), 2),
        (lambda world, body: add(world, signed(body, "octo-org/other", 7)), 2),
        (lambda world, body: add(world, signed(body, token="tok_other")), 2),
        (lambda world, body: add(world, STATE.sub(r"<!-- qatech-ci A\1 -->", body)), 2),
        (lambda world, body: add(world, STATE.sub(r"<!-- qatech-ci -->", body)), 2),
        (lambda world, body: add(world, f"{body}\nQuoted by somebody."), 2),
        (lambda world, body: add(world, f"Look:\n{body}"), 2),
    ],
)
def test_only_a_comment_of_ours_counts(world: World, put: Put, starts: int) -> None:
    """Signed for this place, as it was written, by a bot or somebody who may write.

    Any other is left alone, and the review that it tells of is not reported again.
    """
    world.run()
    real = world.comments[0]
    world.forge.comments.clear()
    put(world, real)
    before = world.comments[0]
    assert world.run().verdict == "passed"
    assert world.starts == len(world.comments) == starts
    assert (world.comments[0] == before) == (starts == 2)


def test_a_passed_review_is_reported_again_with_its_check_read_again(world: World) -> None:
    """Without a start, and also with `wait: false`; a check that has failed since closes it."""
    first = world.run()
    second = world.run(wait="false")
    assert (second.verdict, second.exit_code, world.starts) == ("passed", 0, 1)
    assert second.outputs["conversation-id"] == first.outputs["conversation-id"]
    world.forge.add_check_run(HEAD_SHA, "QA.tech", "qatech", conclusion="failure")
    assert world.run().exit_code == 1
    assert world.starts == 1
    world.forge.check_runs.clear()
    assert world.run().verdict == "passed"
    assert world.starts == 2


@pytest.mark.parametrize(
    "scenario", ["failing", "unverified", "blocked", "mute", "cancelled", "failed"]
)
def test_a_review_that_did_not_pass_is_not_repeated(world: World, scenario: str) -> None:
    """The next run starts another: what kept it from passing may be over."""
    first = world.run(application_overrides=played(scenario))
    second = world.run(application_overrides=played(scenario))
    assert world.starts == 2
    assert second.outputs["conversation-id"] != first.outputs["conversation-id"]
    assert len(world.comments) == 1


@pytest.mark.parametrize(
    ("inputs", "verdict"),
    [({"wait": "false"}, "started"), ({"timeout_minutes": "0.5"}, "timed-out")],
)
@pytest.mark.parametrize(
    "payload", ["pull_request_opened", "issue_comment_created_on_pull_request"]
)
def test_a_review_under_way_is_continued(
    world: World, payload: str, inputs: dict[str, str], verdict: str
) -> None:
    """By the next run, a command's too: also after a time-out, or where nobody waited."""
    first = world.run(**inputs)
    second = world.run(event(payload))
    assert (first.verdict, second.verdict, world.starts) == (verdict, "passed", 1)
    assert second.outputs["conversation-id"] == first.outputs["conversation-id"]
    assert "Continuing the review of an earlier run" in second.log


@pytest.mark.parametrize("minutes", ["1", "1.5", "2"])
def test_a_review_whose_tests_still_run_at_the_end_is_continued(world: World, minutes: str) -> None:
    """The reviewer has not had the last word, and is not asked at the last moment."""
    pending = played("pending")
    first = world.run(application_overrides=pending, timeout_minutes=minutes)
    assert sum(it.method == "POST" for it in world.qatech.requests) == 1
    second = world.run(application_overrides=pending)
    assert (first.verdict, second.verdict, world.starts) == ("timed-out", "passed", 1)


@pytest.mark.parametrize(
    ("payload", "inputs"),
    [
        ("pull_request_opened", {"reuse": "false"}),
        ("pull_request_opened", {"context": "Look at the basket."}),
        ("pull_request_opened", {"project": "proj_aB3xY9"}),
        ("issue_comment_created_on_pull_request", {}),
    ],
)
def test_another_request_is_another_review(
    world: World, payload: str, inputs: dict[str, str]
) -> None:
    """And whoever asks in a comment wants one, though an earlier one has passed."""
    world.run()
    assert world.run(event(payload), **inputs).verdict == "passed"
    assert (world.starts, len(world.comments)) == (2, 1)


def test_a_conversation_that_qatech_does_not_have_is_not_continued(world: World) -> None:
    """Another one is started."""
    world.run()
    body = world.comments[0]
    world.forge.comments[0]["body"] = signed(body, conversation="chat_gone")
    assert world.run().verdict == "passed"
    assert world.starts == 2


def test_a_conversation_that_cannot_be_read_for_a_moment_is_continued(world: World) -> None:
    """A second review is dearer than another look."""
    world.run(wait="false")
    looks = iter([500, 500])
    app = Faults(QaTechApp(world.qatech), lambda *_: next(map(Response, looks), None))
    with serve(app) as url:
        world.qatech_url = f"{url}/v1"
        assert world.run().verdict == "passed"
    assert (world.starts, list(looks)) == (1, [])


def test_a_newer_run_that_writes_while_ours_gives_way_stays(tmp_path: Path) -> None:
    """What was read before the own comment was deleted may be out of date."""
    bodies: list[str] = []

    def decide(_count: int, request: Request) -> Fault | None:
        if request.method == "POST" and request.path.endswith("/comments") and bodies:
            add(racing, bodies[0])
        if request.method == "DELETE":
            racing.forge.comments[0]["body"] = bodies[1]
        return None

    with on_github(tmp_path, between=lambda app: Faults(app, decide)) as racing:
        racing.run()
        bodies += [signed(racing.comments[0], run=it, verdict="") for it in (1, 9)]
        racing.forge.comments.clear()
        outcome = racing.run(reuse="false")
        assert [state_in(it)["run"] for it in racing.comments] == [9]
        assert "A newer run has written the comment" in outcome.log


@pytest.mark.parametrize(("mode", "comments", "starts"), [("new", 2, 1), ("off", 0, 2)])
def test_each_run_has_a_comment_of_its_own_or_none(
    world: World, mode: str, comments: int, starts: int
) -> None:
    """Without a comment there is no state, so nothing is known of the earlier review."""
    for _ in range(2):
        outcome = world.run(comment=mode)
        assert outcome.verdict == "passed"
        assert bool(outcome.outputs["comment-url"]) == (mode == "new")
    assert (len(world.comments), world.starts) == (comments, starts)
    assert all("passed" in it.split("\n")[0] for it in world.comments)


@pytest.mark.parametrize(
    "matrix",
    [
        [f"app_web: {{url: {PREVIEW}, device-preset: {it}}}" for it in ("preset_a", "preset_b")],
        [played("passing"), played("failing")],
        ["app_web: env_a", "app_web: env_b"],
        [played("passing"), "app_docs: https://passing.example.com"],
    ],
)
def test_reviews_of_a_matrix_keep_their_own_comment_and_status(
    world: World, matrix: list[str]
) -> None:
    """In whatever order they run, and however often."""
    for overrides in [*matrix, *reversed(matrix)]:
        world.run(application_overrides=overrides, commit_status="on", reuse="false")
    assert len(world.comments) == 2
    assert len({it["context"] for it in world.forge.statuses}) == 2
    verdicts = [it["state"] for it in world.forge.statuses]
    assert verdicts == verdicts[::-1]


def test_a_key_tells_reviews_apart_and_holds_them_together(world: World) -> None:
    """Whatever their overrides are."""
    for key, scenario in (("a", "passing"), ("a", "failing"), ("b", "passing")):
        world.run(key=key, application_overrides=played(scenario), commit_status="on")
    assert len(world.comments) == 2
    assert [it["context"] for it in world.forge.statuses] == [
        f"qatech-ci ({it})" for it in ("a", "a", "b")
    ]


def test_a_preview_whose_url_changes_with_the_commit_keeps_the_comment(world: World) -> None:
    """The newer commit's review takes over the comment about the older one."""
    world.run(application_overrides="app_web: https://shop-1a2b.example.com")
    world.forge.pull()["head"]["sha"] = NEWER_SHA
    newer = event(pull_request={"head": {"sha": NEWER_SHA}})
    world.run(newer, application_overrides="app_web: https://shop-3c4d.example.com")
    assert len(world.comments) == 1
    assert "shop-3c4d" in world.comments[0]


def test_a_rotated_token_starts_a_comment_of_its_own(world: World) -> None:
    """What the old one has signed, nobody can read any more."""
    world.run()
    before = world.comments[0]
    world.qatech = QaTech(now=world.clock.now, pace=PACE)
    with serving(world.qatech) as world.qatech_url:
        assert world.run(api_token="tok_rotated_0cc175b9").verdict == "passed"
    assert world.starts == 1
    assert len(world.comments) == 2
    assert world.comments[0] == before
