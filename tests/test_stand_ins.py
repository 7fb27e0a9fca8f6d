"""PyGithub and python-gitlab understand the stand-ins, and so do GitHub's published models."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from github import Auth, Github, GithubException
from github.Repository import Repository
from githubkit import webhooks
from githubkit_schemas.latest import models
from gitlab import Gitlab, GitlabError
from gitlab.v4.objects import Project
from pydantic import TypeAdapter

from stand_ins import github, gitlab, server
from stand_ins.github import BASE_SHA, HEAD_SHA, REPOSITORY, GitHub
from stand_ins.gitlab import PROJECT, GitLab
from stand_ins.server import Delivery, Fault, Faults, Request, Response, serving

pytestmark = pytest.mark.slow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class RecordedGitHub(GitHub):
    """A GitHub that has something of each kind and keeps its answers."""

    def __init__(self) -> None:
        super().__init__(lambda: NOON, "known")
        self.answers: list[Response] = []
        self.add_comment("Nice")
        self.add_check_run(HEAD_SHA, "Tests", "qatech")
        self.add_status(HEAD_SHA, "tests", "success", "qatech[bot]")
        self.add_deployment(HEAD_SHA, "Preview")

    def handle(self, request: Request) -> Response:
        """Answer, and keep the answer."""
        self.answers.append(super().handle(request))
        return self.answers[-1]


def repository(url: str, token: str = "known") -> Repository:
    """Return PyGithub's repository."""
    quick: Any = {"retry": None, "seconds_between_requests": None, "seconds_between_writes": None}
    return Github(auth=Auth.Token(token), base_url=url, lazy=True, **quick).get_repo(REPOSITORY)


def project(client: Gitlab) -> Project:
    """Return python-gitlab's project."""
    return client.projects.get(PROJECT, lazy=True)


def github_reads(repo: Repository) -> Iterator[tuple[object, object, Any]]:
    """Yield what PyGithub reads, what it should read, and the published shape of the answer."""
    pull, issue, commit = repo.get_pull(7), repo.get_issue(7), repo.get_commit(HEAD_SHA)
    (deployment,) = repo.get_deployments(sha=HEAD_SHA)
    yield deployment.environment, "Preview", list[models.Deployment]
    (deployed,) = deployment.get_statuses()
    yield deployed.environment_url, github.PREVIEW, list[models.DeploymentStatus]
    yield pull.head.sha, HEAD_SHA, models.PullRequest
    yield repo.get_pulls(head="mona:fix").totalCount, 0, list[models.PullRequestSimple]
    yield repo.get_pulls(state="open")[0].number, 7, list[models.PullRequestSimple]
    yield issue.get_comments(since=NOON)[0].user.login, "octocat", list[models.IssueComment]
    yield issue.get_comment(1001).body, "Nice", models.IssueComment
    yield commit.commit.message, "Fix the checkout total", models.Commit
    yield commit.get_pulls()[0].number, 7, list[models.PullRequestSimple]
    yield commit.get_statuses()[0].creator.type, "Bot", list[models.Status]
    checks = models.ReposOwnerRepoCommitsRefCheckRunsGetResponse200
    yield commit.get_check_runs()[0].app.slug, "qatech", checks
    role = repo.get_collaborator_permission("octocat")
    yield role, "write", models.RepositoryCollaboratorPermission


def github_writes(repo: Repository) -> Iterator[tuple[object, object, Any, Any]]:
    """Yield what PyGithub writes, what comes of it, and the shapes of the answer and the body."""
    issue, commit = repo.get_issue(7), repo.get_commit(HEAD_SHA)
    comment = issue.get_comment(1001)
    comment.edit("Better")
    edit = models.ReposOwnerRepoIssuesCommentsCommentIdPatchBody
    yield comment.body, "Better", models.IssueComment, edit
    react = models.ReposOwnerRepoIssuesCommentsCommentIdReactionsPostBody
    yield comment.create_reaction("eyes").content, "eyes", models.Reaction, react
    create = models.ReposOwnerRepoIssuesIssueNumberCommentsPostBody
    yield issue.create_comment("Hi").user.login, github.BOT, models.IssueComment, create
    status = commit.create_status("pending", github.PREVIEW, "Under way", "ours")
    yield status.state, "pending", models.Status, models.ReposOwnerRepoStatusesShaPostBody


def test_pygithub_reads_answers_in_the_published_shape() -> None:
    """PyGithub finds what is there, and GitHub's models accept each answer."""
    app = RecordedGitHub()
    with serving(app) as url:
        for found, expected, shape in github_reads(repository(url)):
            assert found == expected, app.requests[-1].line
            TypeAdapter(shape).validate_json(app.answers[-1].body)


def test_pygithub_writes_in_the_published_shape() -> None:
    """What PyGithub sends is kept, and GitHub's models accept body and answer."""
    app = RecordedGitHub()
    with serving(app) as url:
        for found, expected, shape, body in github_writes(repository(url)):
            assert found == expected, app.requests[-1].line
            TypeAdapter(shape).validate_json(app.answers[-1].body)
            TypeAdapter(body).validate_python(app.requests[-1].body)
        repository(url).get_issue(7).get_comment(1001).delete()
    assert [it["body"] for it in app.comments] == ["Hi"]
    assert app.reactions == [(1001, "eyes")]


def test_a_long_list_comes_in_pages() -> None:
    """PyGithub follows the link to the next page; the newest comment is on the last."""
    app = GitHub(lambda: NOON)
    for number in range(31):
        app.add_comment(str(number))
    with serving(app) as url:
        assert [it.body for it in repository(url).get_issue(7).get_comments()][-1] == "30"
    assert [it.query.get("page") for it in app.requests] == [None, "2"]


def test_an_update_is_conditional() -> None:
    """A pull request that has not changed is answered 304 and stays as it was."""
    app = RecordedGitHub()
    with serving(app) as url:
        pull = repository(url).get_pull(7)
        assert pull.title == "Fix the checkout total"
        assert not pull.update()
        app.pull()["title"] = "Fix the discount"
        assert pull.update()
        assert pull.title == "Fix the discount"
    assert [it.status for it in app.answers] == [200, 304, 200]


def test_a_diff_is_text_unless_it_is_too_large() -> None:
    """The media type asks for a diff; 406 says that there is too much of it."""
    app = GitHub(lambda: NOON)
    wanted = {"Accept": "application/vnd.github.diff", "Authorization": "Bearer t"}
    with serving(app) as url:
        address = f"{url}/repos/{REPOSITORY}/pulls/7"
        assert requests.get(address, headers=wanted, timeout=9).text == github.DIFF
        app.diffs["7"] = None
        assert requests.get(address, headers=wanted, timeout=9).status_code == 406


@pytest.mark.parametrize(
    ("token", "missing", "status", "accepted"),
    [
        ("other", "", 401, None),
        ("known", "pull_requests=write", 403, "issues=write; pull_requests=write"),
    ],
)
def test_github_refuses_what_is_not_permitted(
    token: str, missing: str, status: int, accepted: str | None
) -> None:
    """The answer names the permissions of which one would have done, and has GitHub's time."""
    app = RecordedGitHub()
    app.permissions -= {missing}
    with serving(app) as url, pytest.raises(GithubException) as raised:
        repository(url, token).get_issue(7).create_comment("Hi")
    assert raised.value.status == status
    headers = raised.value.headers or {}
    assert headers.get("x-accepted-github-permissions") == accepted
    assert headers["date"] == "Mon, 02 Mar 2026 12:00:00 GMT"


def test_a_changed_event_is_one_that_github_could_send(tmp_path: Path) -> None:
    """The file has the change, and GitHub's model accepts it."""
    of = github.event("pull_request_opened", pull_request={"head": {"sha": BASE_SHA}})
    variables = github.environ(tmp_path, "http://a", "http://b", of, pass_on="any")
    written = json.loads(Path(variables["GITHUB_EVENT_PATH"]).read_text())
    webhooks.parse_obj("pull_request", written)
    assert written["pull_request"]["head"]["sha"] == BASE_SHA
    assert written["pull_request"]["head"]["ref"] == "fix-checkout-total"
    assert variables["INPUT_PASS-ON"] == "any"


def gitlab_calls(found: Project, app: GitLab) -> Iterator[tuple[object, object]]:
    """Yield what python-gitlab reads and writes, and what should come of it."""
    merge_request = found.mergerequests.get(7)
    yield merge_request.sha, HEAD_SHA
    note = merge_request.notes.create({"body": "Hi"})
    yield note.author["username"], gitlab.BOT
    note.body = "Hello"
    note.save()
    notes = merge_request.notes.list(order_by="created_at", sort="desc", iterator=True)
    yield [it.body for it in notes], ["Hello", "Nice"]
    note.delete()
    yield [it["body"] for it in app.notes], ["Nice"]
    yield merge_request.notes.get(app.notes[0]["id"]).system, False
    (changed,) = found.manager.gitlab.http_list(f"{merge_request.manager.path}/7/diffs")
    yield changed["new_path"], "total.py"
    commit = found.commits.get(HEAD_SHA, lazy=True)
    yield [it["iid"] for it in commit.merge_requests()], [7]
    yield commit.statuses.create({"state": "running", "name": "ours"}).status, "running"
    yield commit.statuses.create({"state": "success", "name": "ours"}).status, "success"
    yield [it["status"] for it in app.statuses], ["success"]
    commit.statuses.create({"state": "pending", "name": "ours"})
    with pytest.raises(GitlabError, match="Cannot transition"):
        commit.statuses.create({"state": "pending", "name": "ours"})
    (deployment,) = found.deployments.list(environment="Preview", status="success")
    yield deployment.environment["external_url"], github.PREVIEW
    members: Any = found.manager.gitlab.http_list(f"/projects/{found.encoded_id}/members/all")
    yield [it["username"] for it in members], ["octocat", gitlab.BOT]


def test_python_gitlab_reads_and_writes() -> None:
    """An access token may do all that the action does."""
    app = GitLab(lambda: NOON)
    app.add_note("Nice")
    app.add_deployment(HEAD_SHA, "Preview")
    with serving(app) as url:
        client = Gitlab(url, private_token="t", keep_base_url=True)
        for found, expected in gitlab_calls(project(client), app):
            assert found == expected, app.requests[-1].line


def test_a_job_token_may_read_and_not_write() -> None:
    """A job token sees the merge request and its notes; all else is refused."""
    with serving(GitLab(lambda: NOON)) as url:
        client = Gitlab(url, job_token="t")
        merge_request = project(client).mergerequests.get(7)
        notes, members = merge_request.notes, project(client).members_all
        assert notes.list(get_all=True) == []
        for refused in (members.list, lambda: notes.create({"body": "Hi"})):
            with pytest.raises(GitlabError, match="401 Unauthorized"):
                refused()


@pytest.mark.parametrize(
    ("fault", "outcome", "acted"),
    [
        (None, True, True),
        (Response(502, "Bad gateway", {"Retry-After": "1"}), 502, False),
        (Response(200, "[1]", delivery=Delivery.DRIPPED), True, False),
        (server.GARBAGE, requests.JSONDecodeError, False),
        (server.DROP_BEFORE, requests.ConnectionError, False),
        (server.DROP_AFTER, requests.ConnectionError, True),
        (server.HANG, requests.ReadTimeout, False),
    ],
)
def test_faults_happen_on_the_way(
    fault: Fault | None, outcome: int | type[Exception], *, acted: bool
) -> None:
    """The client gets the fault; the app has heard of the request only where that is said."""
    app = GitLab(lambda: NOON)
    with serving(Faults(app, lambda number, _: fault if number == 1 else None)) as url:
        found: object
        try:
            members = f"{url}/api/v4/projects/{quote(PROJECT, safe='')}/members/all"
            answer = requests.get(members, headers={"PRIVATE-TOKEN": "t"}, timeout=0.5)
            found = answer.status_code if not answer.ok else bool(answer.json())
        except requests.RequestException as error:
            found = type(error)
    assert found == outcome
    assert bool(app.requests) == acted
