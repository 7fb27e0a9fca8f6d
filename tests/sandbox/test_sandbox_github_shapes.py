"""The stand-in's payloads against GitHub's own description of them, and against PyGithub."""

from collections.abc import Iterator

import github as pygithub
import pytest
from githubkit_schemas.latest import models
from pydantic import BaseModel
from standins import COMMENTS, HEAD_SHA, PULL, REPOSITORY, Clock, ask, github

from qatech_ci.before.sandbox import GitHub, enterprise, serving


def client(url: str, token: str) -> pygithub.Github:
    """Return PyGithub without its waits and repetitions."""
    return pygithub.Github(
        auth=pygithub.Auth.Token(token),
        base_url=url,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


@pytest.fixture
def app() -> GitHub:
    """A stand-in with 35 comments."""
    app = github(Clock())
    for number in range(35):
        app.add_comment(REPOSITORY, 7, "octocat", f"comment {number}")
    return app


@pytest.fixture
def api(app: GitHub) -> Iterator[pygithub.Github]:
    """PyGithub on that stand-in."""
    with serving(app) as url:
        yield client(url, "token")


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/repos/octo-org/shop", models.FullRepository),
        (PULL, models.PullRequest),
        ("/repos/octo-org/shop/issues/7", models.Issue),
        ("/rate_limit", models.RateLimitOverview),
    ],
)
def test_payloads_fit_githubs_description(app: GitHub, path: str, model: type[BaseModel]) -> None:
    """Every required field is there and has the documented type."""
    assert model.model_validate(ask(app, "GET", path).body)


def test_comments_fit_githubs_description(app: GitHub) -> None:
    """A person's comment and a workflow's both do."""
    for comment in (
        ask(app, "GET", COMMENTS).body[0],
        ask(app, "POST", COMMENTS, {"body": "x"}).body,
    ):
        assert models.IssueComment.model_validate(comment)


@pytest.mark.parametrize("head_repository", ["", "octocat/shop", None])
def test_pull_requests_of_forks_fit_too(head_repository: str | None) -> None:
    """From the repository itself, from a fork, and from a fork that has been deleted."""
    app = github(Clock())
    app.add_pull_request(
        REPOSITORY, 7, head_sha=HEAD_SHA, head_repository=head_repository, state="closed"
    )
    body = ask(app, "GET", PULL).body
    assert models.PullRequest.model_validate(body)
    repo = body["head"]["repo"]
    expected = None if head_repository is None else head_repository or REPOSITORY
    assert (repo and repo["full_name"]) == expected
    assert (body["head"]["sha"], body["base"]["repo"]["full_name"]) == (HEAD_SHA, REPOSITORY)
    assert (body["state"], body["closed_at"]) == ("closed", "2026-05-04T10:30:00Z")


def test_a_pull_request_can_be_pushed_to() -> None:
    """What `add_pull_request` returns can be changed, and the API shows the change."""
    app = github(Clock())
    pull = app.add_pull_request(REPOSITORY, 8, head_sha=HEAD_SHA, draft=True)
    pull.head_sha = "c" * 40
    body = ask(app, "GET", "/repos/octo-org/shop/pulls/8").body
    assert (body["head"]["sha"], body["draft"]) == ("c" * 40, True)
    assert body["statuses_url"].endswith(pull.head_sha)


def test_pygithub_reads_a_pull_request(api: pygithub.Github) -> None:
    """Repository, pull request and both sides arrive."""
    pull = api.get_repo(REPOSITORY).get_pull(7)
    assert (pull.head.sha, pull.head.repo.full_name) == (HEAD_SHA, REPOSITORY)
    assert (pull.user.login, pull.state, pull.draft) == ("octocat", "open", False)


def test_pygithub_lists_comments_across_pages(api: pygithub.Github) -> None:
    """All 35 come, oldest first, over two pages."""
    comments = api.get_repo(REPOSITORY).get_issue(7).get_comments()
    assert [comment.body for comment in comments] == [f"comment {n}" for n in range(35)]


def test_pygithub_creates_edits_and_deletes(api: pygithub.Github, app: GitHub) -> None:
    """The whole life of a comment."""
    issue = api.get_repo(REPOSITORY).get_issue(7)
    comment = issue.create_comment("first")
    assert comment.user.login == "github-actions[bot]"
    comment.edit("second")
    assert issue.get_comment(comment.id).body == "second"
    comment.delete()
    assert len(app.comments(REPOSITORY, 7)) == 35


def test_pygithub_raises_for_a_missing_permission() -> None:
    """GithubException with status 403 and the accepted permissions in its headers."""
    with serving(github(Clock(), pull_requests="read")) as url:
        issue = client(url, "token").get_repo(REPOSITORY).get_issue(7)
        with pytest.raises(pygithub.GithubException) as raised:
            issue.create_comment("hello")
    assert raised.value.status == 403
    accepted = (raised.value.headers or {})["x-accepted-github-permissions"]
    assert accepted == "issues=write; pull_requests=write"


@pytest.mark.parametrize(
    ("token", "error"),
    [("wrong", pygithub.BadCredentialsException), ("token", pygithub.UnknownObjectException)],
)
def test_pygithub_knows_the_errors(token: str, error: type[Exception]) -> None:
    """401 and 404 become PyGithub's own exceptions."""
    with serving(github(Clock())) as url, pytest.raises(error):
        client(url, token).get_repo("octo-org/nothing")


def test_pygithub_meets_the_rate_limit() -> None:
    """A used-up limit raises PyGithub's exception for it."""
    app = GitHub(now=Clock(), budget=0)
    app.add_token("token")
    with serving(app) as url, pytest.raises(pygithub.RateLimitExceededException):
        client(url, "token").get_repo(REPOSITORY)


def test_pygithub_refreshes_for_free(api: pygithub.Github, app: GitHub) -> None:
    """Its conditional `update` gets 304, which does not count."""
    issue = api.get_repo(REPOSITORY).get_issue(7)
    assert not issue.update()
    assert [call.status for call in app.requests] == [200, 200, 304]
    assert [call.counted for call in app.requests] == [True, True, False]


def test_pygithub_works_with_enterprise_server(app: GitHub) -> None:
    """Below /api/v3 pages and the viewer are found as well."""
    with serving(enterprise(app)) as url:
        api = client(f"{url}/api/v3", "token")
        issue = api.get_repo(REPOSITORY).get_issue(7)
        assert len(list(issue.get_comments())) == 35
        _, viewer = api.requester.graphql_query("{ viewer { login } }", {})
        assert viewer["data"]["viewer"]["login"] == "github-actions[bot]"
