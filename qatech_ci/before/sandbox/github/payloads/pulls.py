"""Pull requests, and what they look like as issues."""

from typing import Any

from qatech_ci.before.sandbox.github.payloads.comments import association, reactions_payload
from qatech_ci.before.sandbox.github.payloads.links import Links, timestamp
from qatech_ci.before.sandbox.github.payloads.people import user_payload
from qatech_ci.before.sandbox.github.payloads.sides import head, minimal_side, side
from qatech_ci.before.sandbox.github.state import PullRequest, number_of


def pull_payload(pull: PullRequest, comments: int, links: Links) -> dict[str, Any]:
    """Return a pull request as `GET /repos/{owner}/{repo}/pulls/{number}` shows it."""
    simple = simple_pull_payload(pull, links)
    return {**simple, "comments": comments, **_size(pull), **_merging()}


def simple_pull_payload(pull: PullRequest, links: Links) -> dict[str, Any]:
    """Return a pull request as lists of them show it."""
    urls = _urls(pull, links)
    hypertext = {name.removesuffix("_url"): {"href": url} for name, url in urls.items()}
    return {
        **_common(pull, links),
        **urls,
        "url": links.pull(pull.repository, pull.number),
        "node_id": f"PR_standin{_id(pull)}",
        "base": side(pull.repository, pull.base_ref, pull.base_sha, links),
        "head": head(pull, links),
        "_links": {**hypertext, "self": {"href": links.pull(pull.repository, pull.number)}},
        **_requested(),
    }


def minimal_pull_payload(pull: PullRequest, links: Links) -> dict[str, Any]:
    """Return a pull request as it stands inside a check run."""
    base = minimal_side(pull.repository, pull.base_ref, pull.base_sha, links)
    return {
        "id": _id(pull),
        "number": pull.number,
        "url": links.pull(pull.repository, pull.number),
        "head": minimal_side(pull.repository, pull.head_ref, pull.head_sha, links),
        "base": base,
    }


def issue_payload(pull: PullRequest, comments: int, links: Links) -> dict[str, Any]:
    """Return a pull request as `GET /repos/{owner}/{repo}/issues/{number}` shows it."""
    url = links.issue(pull.repository, pull.number)
    page = links.pull_page(pull.repository, pull.number)
    return {
        **_common(pull, links),
        "comments": comments,
        "url": url,
        "node_id": f"PR_standin{_id(pull)}",
        "repository_url": links.repository(pull.repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "state_reason": None,
        "performed_via_github_app": None,
        "closed_by": None,
        "reactions": reactions_payload(url),
        "pull_request": {
            "url": links.pull(pull.repository, pull.number),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": None,
        },
    }


def _common(pull: PullRequest, links: Links) -> dict[str, Any]:
    opened = timestamp(pull.created_at)
    return {
        "id": _id(pull),
        "html_url": links.pull_page(pull.repository, pull.number),
        "number": pull.number,
        "state": pull.state,
        "draft": pull.draft,
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "body": pull.body,
        "user": user_payload(pull.author, links),
        "author_association": association(pull.author),
        "created_at": opened,
        "updated_at": opened,
        "closed_at": None if pull.state == "open" else opened,
        "assignee": None,
        "assignees": [],
        "labels": [],
        "milestone": None,
    }


def _id(pull: PullRequest) -> int:
    return number_of(f"{pull.repository}#{pull.number}")


def _urls(pull: PullRequest, links: Links) -> dict[str, str]:
    url, page = (
        links.pull(pull.repository, pull.number),
        links.pull_page(pull.repository, pull.number),
    )
    issue, repository = links.issue(pull.repository, pull.number), links.repository(pull.repository)
    return {
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "comments_url": f"{issue}/comments",
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{repository}/pulls/comments{{/number}}",
        "statuses_url": f"{repository}/statuses/{pull.head_sha}",
    }


def _size(pull: PullRequest) -> dict[str, int]:
    return {
        "additions": sum(file.additions for file in pull.files),
        "deletions": sum(file.deletions for file in pull.files),
        "changed_files": len(pull.files),
        "commits": pull.commits,
        "review_comments": 0,
    }


def _requested() -> dict[str, Any]:
    return {
        "auto_merge": None,
        "merge_commit_sha": None,
        "merged_at": None,
        "requested_reviewers": [],
        "requested_teams": [],
    }


def _merging() -> dict[str, Any]:
    return {
        "maintainer_can_modify": False,
        "mergeable": True,
        "mergeable_state": "clean",
        "merged": False,
        "merged_by": None,
        "rebaseable": True,
    }
