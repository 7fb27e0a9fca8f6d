"""Comments of pull requests."""

from collections.abc import Sequence
from typing import Any

from qatech_ci.before.sandbox.github.payloads.links import Links, timestamp
from qatech_ci.before.sandbox.github.payloads.people import app_payload, user_payload
from qatech_ci.before.sandbox.github.records import Reaction
from qatech_ci.before.sandbox.github.state import Comment

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
"""Source: https://docs.github.com/rest/reactions/reactions#about-reactions"""


def comment_payload(comment: Comment, links: Links) -> dict[str, Any]:
    """Return a comment as the API shows it."""
    url = f"{links.repository(comment.repository)}/issues/comments/{comment.id}"
    page = links.pull_page(comment.repository, comment.number)
    return {
        "url": url,
        "html_url": f"{page}#issuecomment-{comment.id}",
        "issue_url": links.issue(comment.repository, comment.number),
        "id": comment.id,
        "node_id": f"IC_standin{comment.id}",
        "user": user_payload(comment.login, links),
        "created_at": timestamp(comment.created_at),
        "updated_at": timestamp(comment.updated_at),
        "author_association": association(comment.login),
        "body": comment.body,
        "reactions": reactions_payload(url, [reaction.content for reaction in comment.reactions]),
        "performed_via_github_app": app_payload(comment.login, links),
    }


def association(login: str) -> str:
    """Return how `login` relates to the repository: bots not at all, people as members."""
    return "NONE" if login.endswith("[bot]") else "MEMBER"


def reactions_payload(url: str, contents: Sequence[str] = ()) -> dict[str, Any]:
    """Return how many reactions of which content there are to what is at `url`."""
    counts = {content: contents.count(content) for content in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(contents), **counts}


def reaction_payload(reaction: Reaction, links: Links) -> dict[str, Any]:
    """Return a reaction as the API shows it."""
    return {
        "id": reaction.id,
        "node_id": f"REA_standin{reaction.id}",
        "user": user_payload(reaction.login, links),
        "content": reaction.content,
        "created_at": timestamp(reaction.created_at),
    }
