"""Commit statuses, environments and deployments in the stand-in for GitLab."""

from datetime import timedelta
from typing import Any

import pytest
from standins import START, Clock, ask
from test_sandbox_gitlab import HEAD, HERE, MR, NEXT, PROJECT, gitlab

from qatech_ci.before.sandbox import GitLab, Response
from qatech_ci.before.sandbox.gitlab import MAINTAINER

LIST = f"{HERE}/repository/commits/{HEAD}/statuses"
URL = "https://shop-mr-7.example.com"


def report(app: GitLab, state: str, sha: str = HEAD, **body: object) -> Response:
    """Report a status."""
    return ask(app, "POST", f"{HERE}/statuses/{sha}", {"state": state, **body})


def test_a_status_goes_its_way() -> None:
    """The same status changes until it has ended, and keeps what is not said again."""
    clock = Clock()
    app = gitlab(clock)
    made = report(app, "pending", name="qatech", target_url=URL, description="Waiting")
    assert made.status == 201
    assert (made.body["status"], made.body["ref"]) == ("pending", "guest-checkout")
    assert (made.body["sha"], made.body["started_at"]) == (HEAD, None)
    assert made.body["author"]["username"] == "qatech-bot"
    clock.advance(1)
    running = report(app, "running", context="qatech", coverage=80).body
    assert (running["id"], running["target_url"]) == (made.body["id"], URL)
    assert (running["started_at"], running["coverage"]) == ("2026-05-04T10:30:01.000Z", 80.0)
    ended = report(app, "success", name="qatech", description="Passed").body
    assert (ended["id"], ended["description"]) == (made.body["id"], "Passed")
    assert (ended["finished_at"], ended["coverage"]) == ("2026-05-04T10:30:01.000Z", 80.0)


@pytest.mark.parametrize("ended", ["success", "failed", "canceled", "skipped"])
def test_after_the_end_comes_a_new_status(ended: str) -> None:
    """`pending` after `success` is no transition: a new status takes the place of the old one."""
    app = gitlab()
    first = report(app, ended).body
    second = report(app, "pending")
    assert (second.status, second.body["name"]) == (201, "default")
    assert second.body["id"] != first["id"]
    assert second.body["pipeline_id"] == first["pipeline_id"]
    assert [status["status"] for status in ask(app, "GET", LIST).body] == ["pending"]
    everything = ask(app, "GET", f"{LIST}?all=true").body
    assert [status["status"] for status in everything] == [ended, "pending"]
    assert [status.retried for status in app.statuses(PROJECT, HEAD)] == [True, False]


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        ("pending", "pending", "enqueue"),
        ("running", "pending", "enqueue"),
        ("running", "running", "run"),
        ("running", "skipped", "skip"),
    ],
)
def test_transitions_that_there_are_not(before: str, after: str, event: str) -> None:
    """400 in the state machine's words, and nothing has changed."""
    app = gitlab()
    report(app, before, description="before")
    refused = report(app, after, description="after")
    assert (refused.status, refused.body["message"]) == (
        400,
        (
            f"Cannot transition status via :{event} from :{before}"
            f' (Reason(s): Status cannot transition via "{event}")'
        ),
    )
    kept = app.statuses(PROJECT, HEAD)
    assert [(status.status, status.description) for status in kept] == [(before, "before")]


def test_somebody_elses_status_is_not_changed() -> None:
    """The same name by another user is another status, which takes its place."""
    app = gitlab()
    app.add_status(PROJECT, HEAD, "qatech", "running", login="octocat")
    assert report(app, "running", name="qatech").status == 201
    assert [status.retried for status in app.statuses(PROJECT, HEAD)] == [True, False]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, {"error": "state is missing, state does not have a valid value"}),
        ({"state": "passed"}, {"error": "state does not have a valid value"}),
        ({"state": "success", "coverage": "x"}, {"error": "coverage is invalid"}),
        (
            {"state": "success", "description": "x" * 256, "name": "x" * 256},
            {
                "message": {
                    "name": ["is too long (maximum is 255 characters)"],
                    "description": ["is too long (maximum is 255 characters)"],
                }
            },
        ),
        (
            {"state": "success", "target_url": "git://example.com/" + "x" * 256},
            {
                "message": {
                    "target_url": [
                        "is blocked: Only allowed schemes are http, https",
                        "is too long (maximum is 255 characters)",
                    ]
                }
            },
        ),
    ],
)
def test_a_report_that_is_not_taken(body: object, answer: object) -> None:
    """400, and there is no status."""
    app = gitlab()
    refused = ask(app, "POST", f"{HERE}/statuses/{HEAD}", body)
    assert (refused.status, refused.body) == (400, answer)
    assert app.statuses(PROJECT, HEAD) == []


def test_the_longest_description_passes() -> None:
    """255 characters, however many bytes they are."""
    assert report(gitlab(), "success", description="✓" * 255).status == 201


def test_a_commit_needs_a_ref() -> None:
    """That of a fork is on no branch here, unless one is named or there is a pipeline."""
    app = gitlab()
    app.add_merge_request(PROJECT, 8, sha=NEXT, source_project="mallory/shop")
    refused = report(app, "success", NEXT)
    assert (refused.status, refused.body) == (
        404,
        {"message": "404 References for commit Not Found"},
    )
    named = report(app, "success", NEXT, ref="guest-checkout")
    assert (named.status, named.body["ref"]) == (201, "guest-checkout")
    assert report(app, "failed", NEXT).body["pipeline_id"] == named.body["pipeline_id"]
    unknown = report(app, "success", "c" * 40)
    assert (unknown.status, unknown.body) == (404, {"message": "404 Commit Not Found"})
    assert ask(app, "GET", f"{HERE}/repository/commits/{'c' * 40}/statuses").status == 404


def test_a_pipeline_can_be_chosen() -> None:
    """By its id, which must fit; else it is the newest of the commit, or of the ref."""
    app = gitlab()
    first = app.add_pipeline(PROJECT, HEAD, "refs/merge-requests/7/head")
    second = app.add_pipeline(PROJECT, HEAD, "guest-checkout")
    assert report(app, "success").body["pipeline_id"] == second
    chosen = report(app, "failed", pipeline_id=first).body
    assert (chosen["pipeline_id"], chosen["ref"]) == (first, "refs/merge-requests/7/head")
    missing = report(app, "success", pipeline_id=5)
    assert missing.body == {"message": "404 Pipeline for pipeline_id, sha and ref Not Found"}
    assert len(ask(app, "GET", LIST).body) == 2
    newest = ask(app, "GET", f"{LIST}?order_by=pipeline_id&sort=desc").body
    assert [status["pipeline_id"] for status in newest] == [second, first]


def test_a_merge_request_shows_its_pipeline() -> None:
    """The newest of its head, with what comes of the statuses in it; a report makes one."""
    app = gitlab()
    app.add_pipeline(PROJECT, HEAD, "refs/merge-requests/7/head")
    assert ask(app, "GET", MR).body["head_pipeline"]["status"] == "created"
    newest = app.add_pipeline(PROJECT, HEAD, "guest-checkout")
    report(app, "success", name="lint")
    report(app, "running", name="qatech")
    shown = ask(app, "GET", MR).body["head_pipeline"]
    assert (shown["id"], shown["status"]) == (newest, "running")
    assert shown["web_url"] == f"http://localhost/{PROJECT}/-/pipelines/{newest}"
    report(app, "failed", name="qatech")
    assert ask(app, "GET", MR).body["head_pipeline"]["status"] == "failed"
    app.add_merge_request(PROJECT, 8, sha=NEXT, source_project="mallory/shop")
    made = app.add_pipeline("mallory/shop", NEXT, "guest-checkout")
    fork = ask(app, "GET", f"{HERE}/merge_requests/8").body
    assert fork["head_pipeline"]["id"] == made


def test_a_protected_branch_is_for_maintainers() -> None:
    """Developers report on other branches only."""
    assert report(gitlab(), "success", ref="main").status == 403
    assert report(gitlab(access_level=MAINTAINER), "success", ref="main").status == 201


def test_statuses_are_filtered() -> None:
    """By name, ref and pipeline; only some orders are known."""
    app = gitlab()
    for name in ("build", "lint"):
        app.add_status(PROJECT, HEAD, name, "success", login="octocat", ref="other")
    qatech = report(app, "running", name="qatech", ref="guest-checkout").body

    def listed(query: str) -> list[str]:
        return [status["name"] for status in ask(app, "GET", f"{LIST}?{query}").body]

    assert listed("") == ["build", "lint", "qatech"]
    assert listed("sort=desc") == ["qatech", "lint", "build"]
    assert listed("name=lint") == ["lint"]
    assert listed("ref=other") == ["build", "lint"]
    assert listed(f"pipeline_id={qatech['pipeline_id']}") == ["qatech"]
    assert ask(app, "GET", f"{LIST}?order_by=name").status == 400
    assert ask(app, "GET", f"{LIST}?all=x").body == {"error": "all is invalid"}


def deployed(clock: Clock) -> GitLab:
    """Return a stand-in with two environments, of which one was deployed to twice."""
    app = gitlab(clock)
    review = app.add_environment(PROJECT, "review/guest-checkout", external_url=URL)
    app.add_environment(PROJECT, "production", state="stopped")
    app.add_deployment(review, HEAD)
    minute = START + timedelta(minutes=1)
    app.add_deployment(review, NEXT, finished_at=minute)
    app.add_deployment(review, NEXT, "failed", created_at=minute)
    return app


def test_environments_are_listed_and_filtered() -> None:
    """By state, name and search; without what was deployed."""
    app = deployed(Clock())

    def listed(query: str) -> list[str]:
        return [one["name"] for one in ask(app, "GET", f"{HERE}/environments?{query}").body]

    assert listed("") == ["review/guest-checkout", "production"]
    assert listed("states=available") == listed("search=guest") == ["review/guest-checkout"]
    assert listed("name=production") == ["production"]
    first = ask(app, "GET", f"{HERE}/environments").body[0]
    assert (first["external_url"], "last_deployment" in first) == (URL, False)
    both = ask(app, "GET", f"{HERE}/environments?name=x&search=xyz")
    assert both.body == {"error": "name, search cannot be used together"}
    short = ask(app, "GET", f"{HERE}/environments?search=xy")
    assert short.body["message"] == "400 Bad request - Search query is less than 3 characters"


def test_an_environment_tells_its_last_success() -> None:
    """What has not finished or has failed is not it; nothing deployed is nothing."""
    clock = Clock()
    app = deployed(clock)
    listed = ask(app, "GET", f"{HERE}/environments").body

    def last(number: int) -> Any:  # noqa: ANN401 - JSON
        path = f"{HERE}/environments/{listed[number]['id']}"
        return ask(app, "GET", path).body["last_deployment"]

    assert (last(0)["sha"], last(0)["status"]) == (HEAD, "success")
    clock.advance(60)
    assert last(0)["sha"] == NEXT
    assert last(1) is None
    assert ask(app, "GET", f"{HERE}/environments/1").body == {"message": "404 Not found"}


def test_deployments_are_listed_and_filtered() -> None:
    """Oldest first, by environment and status, as they are at that moment; never by commit."""
    clock = Clock()
    app = deployed(clock)
    path = f"{HERE}/deployments"

    def listed(query: str) -> list[tuple[str, str]]:
        return [(one["sha"], one["status"]) for one in ask(app, "GET", f"{path}?{query}").body]

    assert listed("") == [(HEAD, "success"), (NEXT, "running")]
    assert listed(f"sha={HEAD}&sort=desc") == [(NEXT, "running"), (HEAD, "success")]
    clock.advance(60)
    assert listed("status=success") == [(HEAD, "success"), (NEXT, "success")]
    assert listed("order_by=updated_at&sort=desc")[2] == (HEAD, "success")
    for order in ("iid", "created_at", "ref"):
        assert listed(f"order_by={order}&status=failed") == [(NEXT, "failed")]
    assert listed("environment=production") == []
    assert len(listed("environment=review%2Fguest-checkout".replace("%2F", "/"))) == 3
    assert ask(app, "GET", f"{path}?status=done").status == 400


def test_a_deployment_is_shown() -> None:
    """With the id, name and URL of its environment."""
    app = deployed(Clock())
    first = ask(app, "GET", f"{HERE}/deployments").body[0]
    assert ask(app, "GET", f"{HERE}/deployments/{first['id']}").body == first
    assert first["environment"]["external_url"] == URL
    assert (first["iid"], first["ref"], first["deployable"]) == (1, "guest-checkout", None)
    assert ask(app, "GET", f"{HERE}/deployments/1").body == {"message": "404 Not found"}


def test_environments_come_with_time() -> None:
    """One that is yet to come is not there."""
    clock = Clock()
    app = gitlab(clock)
    app.add_environment(PROJECT, "review", created_at=START + timedelta(minutes=1))
    assert ask(app, "GET", f"{HERE}/environments").body == []
    clock.advance(60)
    assert len(ask(app, "GET", f"{HERE}/environments").body) == 1
