"""Checks, deployments, diffs and people in the stand-in for GitHub, as PyGithub sees them."""

from collections.abc import Iterator

import github as pygithub
import pytest
from github.Repository import Repository
from standins import HEAD_SHA, REPOSITORY, Clock

from qatech_ci.before.sandbox import ALL_PERMISSIONS, ChangedFile, GitHub, serving

URL = "https://shop-pr-7.example.com"


@pytest.fixture
def app() -> GitHub:
    """A stand-in with a pull request and a token that may do everything."""
    app = GitHub(now=Clock())
    app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA, body="Why").files = [
        ChangedFile(f"{number}.txt") for number in range(95)
    ]
    app.add_token("token", permissions=ALL_PERMISSIONS)
    return app


@pytest.fixture
def repository(app: GitHub) -> Iterator[Repository]:
    """The repository through PyGithub, without its waits and repetitions."""
    with serving(app) as url:
        api = pygithub.Github(
            auth=pygithub.Auth.Token("token"),
            base_url=url,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        yield api.get_repo(REPOSITORY)


def test_checks_and_statuses(repository: Repository, app: GitHub) -> None:
    """A commit's check runs are read, and a status is written and read."""
    app.add_check_run(REPOSITORY, HEAD_SHA, "QA.tech / PR Review", conclusion="failure")
    commit = repository.get_commit(HEAD_SHA)
    run = commit.get_check_runs(check_name="QA.tech / PR Review")[0]
    assert (run.app.slug, run.status, run.conclusion) == ("qa-tech", "completed", "failure")
    made = commit.create_status("pending", URL, "Under review", "qatech")
    assert (made.state, made.context) == ("pending", "qatech")
    assert [status.description for status in commit.get_statuses()] == ["Under review"]
    assert [status.creator.login for status in commit.get_statuses()] == ["github-actions[bot]"]


def test_deployments(repository: Repository, app: GitHub) -> None:
    """A commit's deployments are listed with what became of them."""
    number = app.add_deployment(REPOSITORY, HEAD_SHA, "Preview")
    app.add_deployment_status(REPOSITORY, number, "success", environment_url=URL)
    deployment = repository.get_deployments(sha=HEAD_SHA)[0]
    assert deployment.environment == repository.get_deployment(number).environment == "Preview"
    assert [(s.state, s.environment_url) for s in deployment.get_statuses()] == [("success", URL)]


def test_diffs_and_how_pull_requests_are_found(repository: Repository, app: GitHub) -> None:
    """Files across four pages, a comparison, and both ways to a pull request."""
    pull = repository.get_pull(7)
    assert (pull.body, len(list(pull.get_files()))) == ("Why", 95)
    app.add_comparison(REPOSITORY, "main", HEAD_SHA)
    comparison = repository.compare("main", HEAD_SHA)
    assert [file.filename for file in comparison.files] == ["README.md"]
    assert [found.number for found in repository.get_commit(HEAD_SHA).get_pulls()] == [7]
    assert [found.number for found in repository.get_pulls(head="octo-org:guest-checkout")] == [7]


def test_people(repository: Repository, app: GitHub) -> None:
    """A command's author is looked up and answered with a reaction."""
    app.add_collaborator(REPOSITORY, "octocat", "maintain")
    number = app.add_comment(REPOSITORY, 7, "octocat", "/qatech review")
    comment = repository.get_issue(7).get_comment(number)
    assert repository.get_collaborator_permission(comment.user.login) == "write"
    assert repository.get_collaborator_role_name(comment.user.login) == "maintain"
    comment.create_reaction("eyes")
    assert [reaction.content for reaction in app.reactions(number)] == ["eyes"]
