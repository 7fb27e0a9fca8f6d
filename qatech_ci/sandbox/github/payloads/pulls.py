"""Pull requests, and what they look like as issues."""

from typing import Any

from qatech_ci.sandbox.github.payloads.comments import association, reactions_payload
from qatech_ci.sandbox.github.payloads.links import Links, timestamp
from qatech_ci.sandbox.github.payloads.people import user_payload
from qatech_ci.sandbox.github.payloads.repositories import repository_payload
from qatech_ci.sandbox.github.state import PullRequest, number_of


def pull_payload(pull: PullRequest, comments: int, links: Links) -> dict[str, Any]:
    """Return a pull request as `GET /repos/{owner}/{repo}/pulls/{number}` shows it."""
    urls = _urls(pull, links)
    hypertext = {name.removesuffix("_url"): {"href": url} for name, url in urls.items()}
    return {
        **_common(pull, comments, links),
        **urls,
        "url": links.pull(pull.repository, pull.number),
        "node_id": f"PR_standin{_id(pull)}",
        "base": _side(pull.repository, pull.base_ref, pull.base_sha, links),
        "head": _head(pull, links),
        "_links": {**hypertext, "self": {"href": links.pull(pull.repository, pull.number)}},
        **_size(),
        **_merging(),
    }


def issue_payload(pull: PullRequest, comments: int, links: Links) -> dict[str, Any]:
    """Return a pull request as `GET /repos/{owner}/{repo}/issues/{number}` shows it."""
    url = links.issue(pull.repository, pull.number)
    page = links.pull_page(pull.repository, pull.number)
    return {
        **_common(pull, comments, links),
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


def _common(pull: PullRequest, comments: int, links: Links) -> dict[str, Any]:
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
        "body": "A pull request in qatech-ci's stand-in for GitHub",
        "user": user_payload(pull.author, links),
        "author_association": association(pull.author),
        "created_at": opened,
        "updated_at": opened,
        "closed_at": None if pull.state == "open" else opened,
        "assignee": None,
        "assignees": [],
        "labels": [],
        "milestone": None,
        "comments": comments,
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


def _head(pull: PullRequest, links: Links) -> dict[str, Any]:
    if pull.head_repository is not None:
        return _side(pull.head_repository, pull.head_ref, pull.head_sha, links)
    # The fork is gone, its owner is not: `repo` is null, `user` and `sha` stay.
    author = user_payload(pull.author, links)
    return {
        "label": f"{pull.author}:{pull.head_ref}",
        "ref": pull.head_ref,
        "sha": pull.head_sha,
        "user": author,
        "repo": None,
    }


def _side(repository: str, ref: str, sha: str, links: Links) -> dict[str, Any]:
    owner = repository.partition("/")[0]
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user_payload(owner, links, "Organization"),
        "repo": repository_payload(repository, links),
    }


def _size() -> dict[str, int]:
    one = dict.fromkeys(("additions", "changed_files", "commits", "deletions"), 1)
    return {**one, "review_comments": 0}


def _merging() -> dict[str, Any]:
    return {
        "auto_merge": None,
        "maintainer_can_modify": False,
        "merge_commit_sha": None,
        "mergeable": True,
        "mergeable_state": "clean",
        "merged": False,
        "merged_at": None,
        "merged_by": None,
        "rebaseable": True,
        "requested_reviewers": [],
        "requested_teams": [],
    }
