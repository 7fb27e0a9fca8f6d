"""Where a pull request comes from and where it goes to."""

from typing import Any

from qatech_ci.before.sandbox.github.payloads.links import Links
from qatech_ci.before.sandbox.github.payloads.people import user_payload
from qatech_ci.before.sandbox.github.payloads.repositories import repository_payload
from qatech_ci.before.sandbox.github.state import PullRequest, number_of


def head(pull: PullRequest, links: Links) -> dict[str, Any]:
    """Return the branch that a pull request comes from."""
    if pull.head_repository is not None:
        return side(pull.head_repository, pull.head_ref, pull.head_sha, links)
    # The fork is gone, its owner is not: `repo` is null, `user` and `sha` stay.
    author = user_payload(pull.author, links)
    return {
        "label": pull.head_label,
        "ref": pull.head_ref,
        "sha": pull.head_sha,
        "user": author,
        "repo": None,
    }


def side(repository: str, ref: str, sha: str, links: Links) -> dict[str, Any]:
    """Return a branch as a pull request shows it."""
    owner = repository.partition("/")[0]
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user_payload(owner, links, "Organization"),
        "repo": repository_payload(repository, links),
    }


def minimal_side(repository: str, ref: str, sha: str, links: Links) -> dict[str, Any]:
    """Return a branch as a pull request inside a check run shows it."""
    return {
        "ref": ref,
        "sha": sha,
        "repo": {
            "id": number_of(repository),
            "url": links.repository(repository),
            "name": repository.partition("/")[2],
        },
    }
