"""The stand-in for GitLab as python-gitlab sees it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from standins import Clock
from test_sandbox_gitlab import HEAD, PROJECT

from qatech_ci.before.sandbox import FileDiff, GitLab, serving

python_gitlab = pytest.importorskip("gitlab")

if TYPE_CHECKING:
    from gitlab import Gitlab
    from gitlab.v4.objects import ProjectMergeRequest

URL = "https://shop-mr-7.example.com"


@pytest.fixture
def app() -> GitLab:
    """A stand-in with a merge request and a developer's token."""
    app = GitLab(now=Clock(), page_limit=2)
    app.add_merge_request(PROJECT, 7, sha=HEAD, description="Why")
    app.add_token("token")
    return app


@pytest.fixture
def api(app: GitLab) -> Iterator["Gitlab"]:
    """The API through python-gitlab."""
    with serving(app) as url:
        yield python_gitlab.Gitlab(url, private_token="token", retry_transient_errors=False)


@pytest.fixture
def merge_request(api: "Gitlab") -> "ProjectMergeRequest":
    """The merge request through python-gitlab."""
    return api.projects.get(PROJECT).mergerequests.get(7)


def test_who_and_what(api: "Gitlab", merge_request: "ProjectMergeRequest", app: GitLab) -> None:
    """The caller, the merge request and its files across three pages."""
    api.auth()
    assert api.user is not None
    assert api.user.username == "qatech-bot"
    assert (merge_request.sha, merge_request.description) == (HEAD, "Why")
    app.add_diffs(PROJECT, 7, *(FileDiff(f"{number}.txt") for number in range(5)))
    listed = api.http_list(
        f"/projects/{merge_request.project_id}/merge_requests/7/diffs", get_all=True
    )
    assert [file["new_path"] for file in listed] == [f"{number}.txt" for number in range(5)]
    version = merge_request.diffs.list(get_all=True)[0]
    assert len(merge_request.diffs.get(version.id).diffs) == 5
    assert isinstance(changes := merge_request.changes(), dict)
    assert len(changes["changes"]) == 5
    project = api.projects.get(PROJECT, lazy=True)
    found = project.mergerequests.list(state="opened", source_branch="guest-checkout")
    assert [mr.iid for mr in found] == [7]
    assert [mr["iid"] for mr in project.commits.get(HEAD, lazy=True).merge_requests()] == [7]
    assert project.members_all.get(api.user.id).access_level == 30


def test_notes(merge_request: "ProjectMergeRequest", app: GitLab) -> None:
    """A note is written, found among others, changed, reacted to and deleted."""
    for _ in range(4):
        app.add_note(PROJECT, 7, "octocat", "hello")
    note = merge_request.notes.create({"body": "Under review"})
    note.body = "Passed"
    note.save()
    listed = merge_request.notes.list(iterator=True, order_by="updated_at", sort="desc")
    assert [one.body for one in listed].count("Passed") == 1
    assert note.awardemojis.create({"name": "eyes"}).name == "eyes"
    note.delete()
    with pytest.raises(python_gitlab.GitlabGetError, match="404 Not found"):
        merge_request.notes.get(note.id)
    with pytest.raises(python_gitlab.GitlabCreateError, match="can't be blank"):
        merge_request.notes.create({"body": " "})


def test_discussions(merge_request: "ProjectMergeRequest", app: GitLab) -> None:
    """A thread is begun, answered and resolved."""
    discussion = merge_request.discussions.create({"body": "Look"})
    discussion.notes.create({"body": "Seen"})
    discussion.resolved = True
    discussion.save()
    found = merge_request.discussions.get(discussion.id)
    assert [note["resolved"] for note in found.attributes["notes"]] == [True, True]
    assert app.discussions(PROJECT, 7)[0].resolved


def test_delivery(api: "Gitlab", app: GitLab) -> None:
    """A status is written and read, and a preview is found."""
    project = api.projects.get(PROJECT)
    commit = project.commits.get(HEAD, lazy=True)
    commit.statuses.create({"state": "running", "name": "qatech", "target_url": URL})
    with pytest.raises(python_gitlab.GitlabCreateError, match="via :run from :running"):
        commit.statuses.create({"state": "running", "name": "qatech"})
    assert [status.status for status in commit.statuses.list(get_all=True)] == ["running"]
    environment = app.add_environment(PROJECT, "review/7", external_url=URL)
    app.add_deployment(environment, HEAD)
    listed = project.deployments.list(environment="review/7", status="success")
    assert [(one.sha, one.environment["external_url"]) for one in listed] == [(HEAD, URL)]
    found = project.environments.list(states="available")[0]
    assert project.environments.get(found.id).last_deployment["sha"] == HEAD
    app.add_comparison(PROJECT, ("main", HEAD))
    compared = project.repository_compare("main", HEAD)
    assert isinstance(compared, dict)
    assert len(compared["diffs"]) == 1


def test_refusals(app: GitLab) -> None:
    """A wrong token, a job token where none will do, and a limit that is used up."""
    app.add_token("job", kind="job", project=PROJECT)
    with serving(app) as url:
        with pytest.raises(python_gitlab.GitlabAuthenticationError, match="401 Unauthorized"):
            python_gitlab.Gitlab(url, private_token="wrong").auth()
        job = python_gitlab.Gitlab(url, job_token="job").projects.get(PROJECT, lazy=True)
        assert job.mergerequests.get(7).sha == HEAD
        with pytest.raises(python_gitlab.GitlabAuthenticationError):
            job.mergerequests.get(7).notes.create({"body": "x"})
    spent = GitLab(now=Clock(), budget=0)
    with serving(spent) as url, pytest.raises(python_gitlab.GitlabHttpError) as caught:
        python_gitlab.Gitlab(url, private_token="x").http_get("/user", obey_rate_limit=False)
    assert (caught.value.response_code, caught.value.response_body) == (429, b"Retry later\n")
