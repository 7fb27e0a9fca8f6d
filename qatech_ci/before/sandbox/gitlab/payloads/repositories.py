"""Diffs, commits and comparisons: https://docs.gitlab.com/api/repositories/."""

from typing import Any

from qatech_ci.before.sandbox.gitlab.payloads.links import Links
from qatech_ci.before.sandbox.gitlab.records import Commit, Comparison, FileDiff, Project

_MODE = "100644"


def diff_payload(file: FileDiff) -> dict[str, Any]:
    """Return a file in a diff: https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs."""
    old_path = file.old_path or file.new_path
    return {
        "diff": "" if file.collapsed or file.too_large else file.diff,
        "collapsed": file.collapsed,
        "too_large": file.too_large,
        "new_path": file.new_path,
        "old_path": old_path,
        "a_mode": "0" if file.new_file else _MODE,
        "b_mode": "0" if file.deleted_file else _MODE,
        "new_file": file.new_file,
        "renamed_file": old_path != file.new_path,
        "deleted_file": file.deleted_file,
        "generated_file": file.generated_file,
    }


def commit_payload(commit: Commit, project: Project, links: Links) -> dict[str, Any]:
    """Return a commit as a comparison shows it."""
    return {
        "id": commit.sha,
        "short_id": commit.sha[:8],
        "title": commit.message.partition("\n")[0],
        "message": commit.message,
        "author_name": commit.author,
        "author_email": f"{commit.author}@example.com",
        "parent_ids": [],
        "web_url": links.commit(project, commit.sha),
    }


def comparison_payload(
    comparison: Comparison, project: Project, refs: tuple[str, str], links: Links
) -> dict[str, Any]:
    """Return what lies between two refs."""
    commits = [commit_payload(commit, project, links) for commit in comparison.commits]
    return {
        "commit": commits[-1] if commits else None,
        "commits": commits,
        "diffs": [diff_payload(file) for file in comparison.diffs],
        "compare_timeout": False,
        "compare_same_ref": refs[0] == refs[1],
        "web_url": f"{links.project(project)}/-/compare/{refs[0]}...{refs[1]}",
    }
