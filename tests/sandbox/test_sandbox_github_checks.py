"""Check runs and commit statuses in the stand-in for GitHub."""

from datetime import datetime, timedelta

import pytest
from githubkit_schemas.latest import models
from standins import HEAD_SHA, REPOSITORY, START, Clock, ask, github

from qatech_ci.before.sandbox import GitHub

COMMIT = f"/repos/octo-org/shop/commits/{HEAD_SHA}"
RUNS = f"{COMMIT}/check-runs"
STATUSES = f"{COMMIT}/statuses"
CREATE = f"/repos/octo-org/shop/statuses/{HEAD_SHA}"
NAME = "QA.tech / PR Review"
OTHER_SHA = "b" * 40


def later(seconds: float) -> datetime:
    """Return the moment so many seconds after the start."""
    return START + timedelta(seconds=seconds)


def checked(clock: Clock) -> GitHub:
    """Return a stand-in whose token may read checks and write statuses."""
    return github(clock, checks="read", statuses="write")


def runs(app: GitHub, target: str = RUNS) -> list[tuple[str, str, str | None]]:
    """Return name, status and conclusion of the check runs that are listed."""
    listed = ask(app, "GET", target).body["check_runs"]
    return [(run["name"], run["status"], run["conclusion"]) for run in listed]


def test_check_runs_have_the_documented_shape() -> None:
    """With the app that wrote them, their commit and the pull requests that it is the head of."""
    app = checked(Clock())
    run = app.add_check_run(
        REPOSITORY, HEAD_SHA, NAME, details_url="https://app.qa.tech/x", title="Passed", summary="5"
    )
    app.add_check_run(REPOSITORY, HEAD_SHA, "build", app="github-actions", status="queued")
    body = ask(app, "GET", RUNS).body
    assert models.ReposOwnerRepoCommitsRefCheckRunsGetResponse200.model_validate(body)
    assert (body["total_count"], body["check_runs"][0]["app"]["id"]) == (2, 15368)
    shown = body["check_runs"][1]
    assert (shown["id"], shown["head_sha"], shown["app"]["slug"]) == (run.id, HEAD_SHA, "qa-tech")
    assert (shown["app"]["name"], shown["app"]["owner"]["login"]) == ("QA.tech", "QAdottech")
    assert (shown["details_url"], shown["external_id"]) == ("https://app.qa.tech/x", "")
    assert (shown["output"]["title"], shown["output"]["summary"]) == ("Passed", "5")
    assert (shown["started_at"], shown["completed_at"]) == ("2026-05-04T10:30:00Z",) * 2
    assert [pull["number"] for pull in shown["pull_requests"]] == [7]
    assert body["check_runs"][0]["details_url"] == body["check_runs"][0]["html_url"]


def test_a_check_run_follows_the_clock() -> None:
    """Not there before it starts, in progress until it is completed, then with its conclusion."""
    clock = Clock()
    app = checked(clock)
    app.add_check_run(
        REPOSITORY,
        HEAD_SHA,
        NAME,
        conclusion="failure",
        started_at=later(10),
        completed_at=later(20),
    )
    assert runs(app) == []
    clock.advance(10)
    assert runs(app) == [(NAME, "in_progress", None)]
    assert ask(app, "GET", RUNS).body["check_runs"][0]["completed_at"] is None
    tag = ask(app, "GET", RUNS).headers["ETag"]
    assert ask(app, "GET", RUNS, headers={"If-None-Match": tag}).status == 304
    clock.advance(10)
    assert ask(app, "GET", RUNS, headers={"If-None-Match": tag}).status == 200
    assert runs(app) == [(NAME, "completed", "failure")]


def test_an_unfinished_check_run_stays_so_until_it_is_changed() -> None:
    """What `add_check_run` returns can be changed, as an app would report again."""
    app = checked(Clock())
    run = app.add_check_run(REPOSITORY, HEAD_SHA, NAME, status="queued")
    assert runs(app) == [(NAME, "queued", None)]
    run.status, run.conclusion, run.completed_at = "completed", "success", START
    assert runs(app) == [(NAME, "completed", "success")]


@pytest.mark.parametrize(
    ("query", "conclusions"),
    [
        ("", ["skipped", "success", "neutral"]),
        ("?filter=latest", ["skipped", "success", "neutral"]),
        ("?filter=all", ["skipped", "success", "failure", "neutral"]),
        ("?check_name=build", ["skipped"]),
        ("?status=completed&check_name=QA.tech / PR Review", ["success", "neutral"]),
        ("?status=in_progress", []),
        ("?per_page=1&page=2", ["success"]),
    ],
)
def test_check_runs_are_filtered(query: str, conclusions: list[str]) -> None:
    """By name and status; without `filter=all` only the latest of each name and app."""
    app = checked(Clock())
    for name, slug, conclusion in (
        (NAME, "mallory", "neutral"),
        (NAME, "qa-tech", "failure"),
        (NAME, "qa-tech", "success"),
        ("build", "github-actions", "skipped"),
    ):
        app.add_check_run(REPOSITORY, HEAD_SHA, name, app=slug, conclusion=conclusion)
    app.add_check_run(REPOSITORY, OTHER_SHA, NAME, conclusion="timed_out")
    app.add_check_run("octo-org/other", HEAD_SHA, NAME, conclusion="timed_out")
    assert [conclusion for _, _, conclusion in runs(app, RUNS + query)] == conclusions


def test_paged_check_runs_count_all() -> None:
    """`total_count` is the number of all, and `Link` leads to the other pages."""
    app = checked(Clock())
    for number in range(3):
        app.add_check_run(REPOSITORY, HEAD_SHA, f"check {number}")
    answer = ask(app, "GET", f"{RUNS}?per_page=2")
    assert (answer.body["total_count"], len(answer.body["check_runs"])) == (3, 2)
    path = answer.headers["Link"].partition(">")[0].removeprefix("<http://localhost")
    assert [name for name, _, _ in runs(app, path)] == ["check 0"]


@pytest.mark.parametrize("ref", ["guest-checkout", "heads/guest-checkout", "refs/heads/main"])
def test_a_branch_stands_for_its_commit(ref: str) -> None:
    """The branches of pull requests are known, with and without `heads/`."""
    app = checked(Clock())
    app.add_check_run(REPOSITORY, HEAD_SHA, NAME)
    app.add_check_run(REPOSITORY, "c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc", NAME)
    assert len(runs(app, f"/repos/octo-org/shop/commits/{ref}/check-runs")) == 1


@pytest.mark.parametrize("ref", ["nowhere", "abc123", "fork-branch"])
def test_an_unknown_commit_is_named(ref: str) -> None:
    """422 in GitHub's words; the branch of a fork is not one of the repository's."""
    app = checked(Clock())
    app.add_pull_request(
        REPOSITORY, 8, head_sha=OTHER_SHA, head_repository="mallory/shop", head_ref="fork-branch"
    )
    for kind in ("check-runs", "statuses"):
        answer = ask(app, "GET", f"/repos/octo-org/shop/commits/{ref}/{kind}")
        assert (answer.status, answer.body["message"]) == (422, f"No commit found for SHA: {ref}")


def test_a_forks_check_run_names_no_pull_request() -> None:
    """`pull_requests` is empty where the commit comes from a fork."""
    app = checked(Clock())
    app.add_pull_request(REPOSITORY, 8, head_sha=OTHER_SHA, head_repository="mallory/shop")
    app.add_check_run(REPOSITORY, OTHER_SHA, NAME)
    path = f"/repos/octo-org/shop/commits/{OTHER_SHA}/check-runs"
    assert ask(app, "GET", path).body["check_runs"][0]["pull_requests"] == []


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", RUNS, "checks=read"),
        ("GET", STATUSES, "statuses=read"),
        ("POST", CREATE, "statuses=write"),
    ],
)
def test_each_needs_its_own_permission(method: str, path: str, needed: str) -> None:
    """403 names what would do; without a token the repository is hidden."""
    app = github(Clock(), contents="read", pull_requests="write")
    refused = ask(app, method, path, {"state": "success"})
    assert refused.status == 403
    assert refused.headers["X-Accepted-GitHub-Permissions"] == needed
    name, _, level = needed.partition("=")
    app.add_token("other", permissions={name: level})
    allowed = ask(app, method, path, {"state": "success"}, {"Authorization": "Bearer other"})
    assert allowed.status == (201 if method == "POST" else 200)


def test_reading_statuses_does_not_allow_writing() -> None:
    """`statuses: read` reads only."""
    app = github(Clock(), statuses="read")
    assert ask(app, "GET", STATUSES).status == 200
    assert ask(app, "POST", CREATE, {"state": "success"}).status == 403


def test_statuses_come_newest_first() -> None:
    """With whoever wrote them; those of the future and of other commits are not there."""
    clock = Clock()
    app = checked(clock)
    app.add_status(REPOSITORY, HEAD_SHA, NAME, "success", login="qa-tech[bot]", created_at=later(5))
    app.add_status(REPOSITORY, HEAD_SHA, NAME, "pending", login="qa-tech[bot]")
    app.add_status(REPOSITORY, HEAD_SHA, "ci", "failure", login="mallory", kind="User")
    app.add_status(REPOSITORY, OTHER_SHA, NAME, "error", login="qa-tech[bot]")
    seen = [(s["context"], s["state"]) for s in ask(app, "GET", STATUSES).body]
    assert seen == [("ci", "failure"), (NAME, "pending")]
    clock.advance(5)
    body = ask(app, "GET", STATUSES).body
    assert [models.Status.model_validate(status).state for status in body] == [
        "success",
        "failure",
        "pending",
    ]
    assert [(status["creator"]["login"], status["creator"]["type"]) for status in body[:2]] == [
        ("qa-tech[bot]", "Bot"),
        ("mallory", "User"),
    ]
    assert app.statuses(REPOSITORY, HEAD_SHA)[0].state == "success"
    assert len(ask(app, "GET", f"{STATUSES}?per_page=2").body) == 2


def test_a_status_is_created() -> None:
    """201 with the status, by whom the token belongs to; what is not given is null."""
    app = checked(Clock())
    body = {"state": "pending", "context": "qatech", "target_url": "https://x.example"}
    answer = ask(app, "POST", CREATE, body)
    assert answer.status == 201
    assert models.Status.model_validate(answer.body)
    assert answer.headers["Location"] == answer.body["url"] == f"http://localhost{CREATE}"
    assert (answer.body["state"], answer.body["context"]) == ("pending", "qatech")
    assert (answer.body["target_url"], answer.body["description"]) == ("https://x.example", None)
    assert (answer.body["creator"]["login"], answer.body["creator"]["type"]) == (
        "github-actions[bot]",
        "Bot",
    )
    assert app.statuses(REPOSITORY, HEAD_SHA)[0].context == "qatech"
    ask(app, "POST", CREATE, {"state": "success", "description": "✅" * 140, "target_url": None})
    assert app.statuses(REPOSITORY, HEAD_SHA)[0].context == "default"
    assert ask(app, "GET", STATUSES).body[0]["target_url"] is None


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, ["state is not included in the list"]),
        ([], ["state is not included in the list"]),
        ({"state": "in_progress"}, ["state is not included in the list"]),
        (
            {"state": "success", "description": "x" * 141},
            ["description is too long (maximum is 140 characters)"],
        ),
        (
            {"state": "success", "description": "\N{BUG}"},
            ["description doesn't accept 4-byte Unicode"],
        ),
        (
            {"state": "success", "target_url": "ftp://x.example"},
            ["target_url must use http(s) scheme"],
        ),
        ({"state": "success", "context": 5}, ["context must be a string"]),
    ],
)
def test_a_status_that_github_would_refuse_is_refused(body: object, messages: list[str]) -> None:
    """422 in the words that users report; nothing is written."""
    app = checked(Clock())
    answer = ask(app, "POST", CREATE, body)
    assert (answer.status, answer.body["message"]) == (422, "Validation Failed")
    assert [error["message"] for error in answer.body["errors"]] == messages
    assert app.statuses(REPOSITORY, HEAD_SHA) == []


def test_a_status_needs_json_and_a_commit() -> None:
    """400 for what is not JSON, 422 for what is not a commit."""
    app = checked(Clock())
    assert ask(app, "POST", CREATE, b"{").status == 400
    body = {"state": "success"}
    assert ask(app, "POST", "/repos/octo-org/shop/statuses/nope", body).status == 422
