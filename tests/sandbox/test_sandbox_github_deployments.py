"""Deployments in the stand-in for GitHub."""

from datetime import timedelta

import pytest
from githubkit_schemas.latest import models
from standins import HEAD_SHA, REPOSITORY, START, Clock, ask, github

from qatech_ci.before.sandbox import GitHub

ALL = "/repos/octo-org/shop/deployments"
URL = "https://shop-pr-7.example.com"


def deploying(clock: Clock) -> tuple[GitHub, int]:
    """Return a stand-in with a deployment that is queued, then in progress, then successful."""
    app = github(clock, deployments="read")
    number = app.add_deployment(REPOSITORY, HEAD_SHA, "Preview – shop", ref="guest-checkout")
    app.add_deployment_status(REPOSITORY, number, "queued")
    for seconds, state, url in ((60, "success", URL), (30, "in_progress", "")):
        moment = START + timedelta(seconds=seconds)
        app.add_deployment_status(REPOSITORY, number, state, environment_url=url, created_at=moment)
    return app, number


def test_a_deployment_follows_the_clock() -> None:
    """A status is there from its time on, newest first; `updated_at` is the newest one's."""
    clock = Clock()
    app, number = deploying(clock)
    seen, changed = [], []
    for _ in range(3):
        seen.append([s["state"] for s in ask(app, "GET", f"{ALL}/{number}/statuses").body])
        changed.append(ask(app, "GET", ALL).body[0]["updated_at"][-9:])
        clock.advance(30)
    assert seen == [["queued"], ["in_progress", "queued"], ["success", "in_progress", "queued"]]
    assert changed == ["10:30:00Z", "10:30:30Z", "10:31:00Z"]


def test_deployments_and_statuses_have_the_documented_shape() -> None:
    """Every required field is there; environment and URL arrive."""
    clock = Clock()
    app, number = deploying(clock)
    app.add_deployment_status(
        REPOSITORY, number, "failure", log_url="https://log.example", description="It broke"
    )
    deployment = ask(app, "GET", ALL).body[0]
    assert models.Deployment.model_validate(deployment)
    assert ask(app, "GET", f"{ALL}/{number}").body == deployment
    assert (deployment["id"], deployment["sha"]) == (number, HEAD_SHA)
    assert (deployment["environment"], deployment["ref"]) == ("Preview – shop", "guest-checkout")
    clock.advance(60)
    newest, *_, failure, _ = ask(app, "GET", f"{ALL}/{number}/statuses").body
    assert models.DeploymentStatus.model_validate(newest)
    assert (newest["environment"], newest["environment_url"]) == ("Preview – shop", URL)
    assert failure["target_url"] == failure["log_url"] == "https://log.example"
    assert failure["description"] == "It broke"


@pytest.mark.parametrize(
    ("query", "environments"),
    [
        ("", ["Production", "Preview – shop"]),
        (f"?sha={HEAD_SHA}", ["Preview – shop"]),
        ("?environment=Production", ["Production"]),
        ("?ref=guest-checkout", ["Preview – shop"]),
        (f"?ref={'b' * 40}&environment=Production", ["Production"]),
        ("?environment=production", []),
        ("?per_page=1&page=2", ["Preview – shop"]),
    ],
)
def test_deployments_are_filtered(query: str, environments: list[str]) -> None:
    """By commit, ref and environment to the letter; newest first, in pages."""
    clock = Clock()
    app, _ = deploying(clock)
    clock.advance(1)
    app.add_deployment(REPOSITORY, "b" * 40, "Production")
    app.add_deployment("octo-org/other", HEAD_SHA, "Preview")
    found = ask(app, "GET", ALL + query).body
    assert [deployment["environment"] for deployment in found] == environments


def test_a_deployment_can_come_later() -> None:
    """Before its time it is neither listed nor found, and it needs no status."""
    clock = Clock()
    app = github(clock, deployments="read")
    number = app.add_deployment(
        REPOSITORY, HEAD_SHA, "Preview", created_at=START + timedelta(seconds=5)
    )
    assert ask(app, "GET", ALL).body == []
    assert ask(app, "GET", f"{ALL}/{number}/statuses").status == 404
    clock.advance(5)
    assert ask(app, "GET", f"{ALL}/{number}/statuses").body == []
    assert ask(app, "GET", ALL).body[0]["updated_at"] == "2026-05-04T10:30:05Z"


def test_a_deployment_belongs_to_its_repository() -> None:
    """It is not found through another one, nor can it be given a status there."""
    app, number = deploying(Clock())
    app.add_repository("octo-org/other")
    assert ask(app, "GET", f"/repos/octo-org/other/deployments/{number}").status == 404
    assert ask(app, "GET", f"{ALL}/1").status == 404
    with pytest.raises(KeyError):
        app.add_deployment_status("octo-org/other", number, "success")


@pytest.mark.parametrize("path", [ALL, f"{ALL}/1", f"{ALL}/1/statuses"])
def test_deployments_need_their_permission(path: str) -> None:
    """403 names `deployments: read`."""
    answer = ask(github(Clock(), contents="write"), "GET", path)
    assert answer.status == 403
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "deployments=read"


def test_waiting_for_a_deployment_need_not_cost() -> None:
    """A conditional request is answered 304, for free, until the next state is there."""
    clock = Clock()
    app, number = deploying(clock)
    path = f"{ALL}/{number}/statuses"
    known = {"If-None-Match": ask(app, "GET", path).headers["ETag"]}
    for _ in range(3):
        assert ask(app, "GET", path, headers=known).status == 304
        clock.advance(10)
    assert ask(app, "GET", path, headers=known).status == 200
    assert [call.counted for call in app.requests] == [True, False, False, False, True]
