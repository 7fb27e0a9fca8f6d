"""Repositories. All of them are private, so that a token counts."""

from typing import Any

from qatech_ci.before.sandbox.github.payloads.links import Links
from qatech_ci.before.sandbox.github.payloads.people import user_payload
from qatech_ci.before.sandbox.github.state import number_of

_BELOW_REPOSITORY = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_ABSENT = ("homepage", "language", "license", "mirror_url")
_COUNTED = ("forks", "open_issues", "stargazers", "watchers")
_ALIASES = ("forks", "open_issues", "watchers", "size")
_BEGINNING = "2020-01-01T00:00:00Z"


def repository_payload(repository: str, links: Links) -> dict[str, Any]:
    """Return a repository as it stands inside other answers."""
    owner, _, name = repository.partition("/")
    url, page = links.repository(repository), f"{links.web}/{repository}"
    return {
        "id": number_of(repository),
        "node_id": f"R_standin{number_of(repository)}",
        "name": name,
        "full_name": repository,
        "private": True,
        "visibility": "private",
        "owner": user_payload(owner, links, "Organization"),
        "description": "A repository in qatech-ci's stand-in for GitHub",
        "html_url": page,
        "url": url,
        **{field: url + path for field, path in _BELOW_REPOSITORY.items()},
        **_clone_urls(page),
        **_circumstances(),
    }


def _clone_urls(page: str) -> dict[str, str]:
    without_scheme = page.partition("//")[2]
    host, _, path = without_scheme.partition("/")
    return {
        "clone_url": f"{page}.git",
        "git_url": f"git://{without_scheme}.git",
        "ssh_url": f"git@{host}:{path}.git",
        "svn_url": page,
    }


def _circumstances() -> dict[str, Any]:
    return {
        "fork": False,
        "archived": False,
        "disabled": False,
        "has_discussions": False,
        "has_issues": True,
        "has_pages": False,
        "has_projects": False,
        "has_wiki": False,
        "default_branch": "main",
        "created_at": _BEGINNING,
        "updated_at": _BEGINNING,
        "pushed_at": _BEGINNING,
        **dict.fromkeys(_ABSENT),
        **{f"{counted}_count": 0 for counted in _COUNTED},
        **dict.fromkeys(_ALIASES, 0),
    }


def full_repository_payload(repository: str, links: Links) -> dict[str, Any]:
    """Return a repository as `GET /repos/{owner}/{repo}` shows it."""
    counts = {"network_count": 0, "subscribers_count": 0}
    return repository_payload(repository, links) | counts
