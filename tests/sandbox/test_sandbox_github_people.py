"""Collaborators and reactions in the stand-in for GitHub."""

from typing import Literal

import pytest
from githubkit_schemas.latest import models
from standins import COMMENTS, REPOSITORY, Clock, ask, github

from qatech_ci.before.sandbox import GitHub


def permission(login: str) -> str:
    """Return the path that tells what `login` may do."""
    return f"/repos/octo-org/shop/collaborators/{login}/permission"


@pytest.mark.parametrize(
    ("role", "told", "rights"),
    [
        ("none", "none", 0),
        ("read", "read", 1),
        ("triage", "read", 2),
        ("write", "write", 3),
        ("maintain", "write", 4),
        ("admin", "admin", 5),
    ],
)
def test_a_collaborators_permission_is_told(
    role: Literal["none", "read", "triage", "write", "maintain", "admin"], told: str, rights: int
) -> None:
    """In the older words that know four levels; `role_name` has the role itself."""
    app = github(Clock(), checks="read")
    app.add_collaborator(REPOSITORY, "Octocat", role)
    body = ask(app, "GET", permission("octocat")).body
    assert models.RepositoryCollaboratorPermission.model_validate(body)
    assert (body["permission"], body["role_name"]) == (told, role)
    assert sum(body["user"]["permissions"].values()) == rights


def test_a_stranger_may_read() -> None:
    """As in a public repository; no more than metadata is needed to ask, but a token is."""
    app = github(Clock(), checks="read")
    answer = ask(app, "GET", permission("dependabot%5Bbot%5D"))
    assert (answer.body["permission"], answer.body["user"]["type"]) == ("read", "Bot")
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "metadata=read"


def reacting(**permissions: str) -> tuple[GitHub, int, str]:
    """Return a stand-in with a comment, the comment's id and where reactions to it go."""
    app = github(Clock(), **permissions)
    number = app.add_comment(REPOSITORY, 7, "octocat", "/qatech review")
    return app, number, f"/repos/octo-org/shop/issues/comments/{number}/reactions"


def test_a_reaction_is_made_once() -> None:
    """201 the first time, 200 with the same one afterwards; the comment counts them."""
    app, number, path = reacting(issues="write", pull_requests="read")
    first, again, other = (
        ask(app, "POST", path, {"content": content}) for content in ("eyes", "eyes", "rocket")
    )
    assert (first.status, again.status, other.status) == (201, 200, 201)
    assert models.Reaction.model_validate(first.body)
    assert first.body == again.body
    made = [(reaction.login, reaction.content) for reaction in app.reactions(number)]
    assert made == [("github-actions[bot]", "eyes"), ("github-actions[bot]", "rocket")]
    comment = ask(app, "GET", COMMENTS).body[0]
    assert models.IssueComment.model_validate(comment)
    counts = comment["reactions"]
    assert (counts["total_count"], counts["eyes"], counts["heart"]) == (2, 1, 0)


@pytest.mark.parametrize("body", [{}, {"content": "thumbs"}, {"content": 5}, []])
def test_only_eight_reactions_are_known(body: object) -> None:
    """422 for anything else."""
    app, number, path = reacting()
    answer = ask(app, "POST", path, body)
    assert (answer.status, answer.body["message"]) == (422, "Validation Failed")
    assert app.reactions(number) == []


def test_reactions_need_a_permission_and_a_comment() -> None:
    """`issues` or `pull-requests`, to write; 404 without the comment."""
    app, _, path = reacting(issues="read", pull_requests="read")
    refused = ask(app, "POST", path, {"content": "eyes"})
    assert refused.status == 403
    accepted = refused.headers["X-Accepted-GitHub-Permissions"]
    assert accepted == "issues=write; pull_requests=write"
    path = "/repos/octo-org/shop/issues/comments/1/reactions"
    assert ask(github(Clock()), "POST", path, {"content": "eyes"}).status == 404
