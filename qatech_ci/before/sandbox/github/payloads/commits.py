"""Commits, changed files and comparisons."""

from typing import Any
from urllib.parse import quote

from qatech_ci.before.sandbox.github.payloads.links import Links
from qatech_ci.before.sandbox.github.payloads.people import user_payload
from qatech_ci.before.sandbox.github.records import ChangedFile, Commit, Comparison, sha_of

_WRITTEN = "2020-01-01T00:00:00Z"
_NO_SIGNATURE = {
    "verified": False,
    "reason": "unsigned",
    "payload": None,
    "signature": None,
    "verified_at": None,
}


def commit_payload(commit: Commit, repository: str, links: Links) -> dict[str, Any]:
    """Return a commit as the API shows it, without its files."""
    url = f"{links.repository(repository)}/commits/{commit.sha}"
    author = user_payload(commit.author, links)
    return {
        "url": url,
        "sha": commit.sha,
        "node_id": f"C_standin{commit.sha}",
        "html_url": f"{links.web}/{repository}/commit/{commit.sha}",
        "comments_url": f"{url}/comments",
        "commit": _content(commit, links.repository(repository)),
        "author": author,
        "committer": author,
        "parents": [],
    }


def _content(commit: Commit, repository: str) -> dict[str, Any]:
    email = f"{commit.author}@users.noreply.github.com"
    signed = {"name": commit.author, "email": email, "date": _WRITTEN}
    tree = sha_of(f"tree {commit.sha}")
    return {
        "url": f"{repository}/git/commits/{commit.sha}",
        "author": signed,
        "committer": signed,
        "message": commit.message,
        "comment_count": 0,
        "tree": {"sha": tree, "url": f"{repository}/git/trees/{tree}"},
        "verification": _NO_SIGNATURE,
    }


def file_payload(file: ChangedFile, repository: str, sha: str, links: Links) -> dict[str, Any]:
    """Return a file of a diff whose head is `sha`."""
    path, page = quote(file.filename), f"{links.web}/{repository}"
    optional = {"patch": file.patch, "previous_filename": file.previous_filename or None}
    return {
        "sha": sha_of(f"{sha} {file.filename}"),
        "filename": file.filename,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{page}/blob/{sha}/{path}",
        "raw_url": f"{page}/raw/{sha}/{path}",
        "contents_url": f"{links.repository(repository)}/contents/{path}?ref={sha}",
        **{name: value for name, value in optional.items() if value is not None},
    }


def comparison_payload(comparison: Comparison, links: Links) -> dict[str, Any]:
    """Return a comparison without the commits and files, of which a page shows some."""
    repository = comparison.repository
    basehead = quote(f"{comparison.base}...{comparison.head}", safe="/:")
    page = f"{links.web}/{repository}/compare/{basehead}"
    base, merge_base = (
        commit_payload(Commit(sha), repository, links)
        for sha in (comparison.base, comparison.merge_base)
    )
    return {
        "url": f"{links.repository(repository)}/compare/{basehead}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": base,
        "merge_base_commit": merge_base,
        "status": comparison.status,
        "ahead_by": len(comparison.commits),
        "behind_by": comparison.behind_by,
        "total_commits": len(comparison.commits),
    }
