"""Merge requests: https://docs.gitlab.com/api/merge_requests/."""

from typing import Any

from qatech_ci.before.sandbox.gitlab.payloads.links import Links, timestamp
from qatech_ci.before.sandbox.gitlab.payloads.people import user_payload
from qatech_ci.before.sandbox.gitlab.records import MergeRequest


def basic_merge_request_payload(
    merge_request: MergeRequest, notes: int, links: Links
) -> dict[str, Any]:
    """Return a merge request as lists show it; it says less than on its own.

    Source: https://gitlab.com/gitlab-org/gitlab/-/issues/528570
    """
    return {
        **_identity(merge_request, links),
        **_sides(merge_request),
        **_usual(merge_request),
        "user_notes_count": notes,
        "author": user_payload(merge_request.author, links),
    }


def merge_request_payload(merge_request: MergeRequest, notes: int, links: Links) -> dict[str, Any]:
    """Return a merge request as it is shown on its own."""
    return {
        **basic_merge_request_payload(merge_request, notes, links),
        "subscribed": False,
        "changes_count": str(len(merge_request.diffs)),
        "latest_build_started_at": None,
        "latest_build_finished_at": None,
        "pipeline": None,
        "head_pipeline": None,
        "diff_refs": {
            "base_sha": merge_request.base_sha,
            "head_sha": merge_request.sha,
            "start_sha": merge_request.base_sha,
        },
        "merge_error": None,
        "user": {"can_merge": False},
    }


def version_payload(merge_request: MergeRequest, number: int, sha: str) -> dict[str, Any]:
    """Return what a merge request was after one of the pushes to it."""
    return {
        "id": merge_request.id * 1000 + number,
        "head_commit_sha": sha,
        "base_commit_sha": merge_request.base_sha,
        "start_commit_sha": merge_request.base_sha,
        "created_at": timestamp(merge_request.created_at),
        "merge_request_id": merge_request.id,
        "state": "collected",
        "real_size": str(len(merge_request.diffs)),
    }


def _identity(merge_request: MergeRequest, links: Links) -> dict[str, Any]:
    prefix = "Draft: " if merge_request.draft else ""
    return {
        "id": merge_request.id,
        "iid": merge_request.iid,
        "project_id": merge_request.project.id,
        "title": prefix + merge_request.title,
        "description": merge_request.description,
        "state": merge_request.state,
        "draft": merge_request.draft,
        "work_in_progress": merge_request.draft,
        "web_url": links.merge_request(merge_request),
        "references": {
            "short": f"!{merge_request.iid}",
            "relative": f"!{merge_request.iid}",
            "full": f"{merge_request.project.path}!{merge_request.iid}",
        },
        "created_at": timestamp(merge_request.created_at),
        "updated_at": timestamp(merge_request.updated_at),
    }


def _sides(merge_request: MergeRequest) -> dict[str, Any]:
    return {
        "source_branch": merge_request.source_branch,
        "target_branch": merge_request.target_branch,
        "source_project_id": merge_request.source.id if merge_request.source else None,
        "target_project_id": merge_request.project.id,
        "sha": merge_request.sha,
        "merge_commit_sha": None,
        "squash_commit_sha": None,
    }


def _usual(merge_request: MergeRequest) -> dict[str, Any]:
    return {
        "merged_by": None,
        "merged_at": None,
        "closed_by": None,
        "closed_at": None,
        "assignee": None,
        "assignees": [],
        "reviewers": [],
        "labels": [],
        "milestone": None,
        "upvotes": 0,
        "downvotes": 0,
        "merge_status": "can_be_merged",
        "detailed_merge_status": _mergeability(merge_request),
        "discussion_locked": None,
        "has_conflicts": False,
        "blocking_discussions_resolved": True,
    }


def _mergeability(merge_request: MergeRequest) -> str:
    # https://docs.gitlab.com/api/merge_requests/#merge-status
    if merge_request.state != "opened":
        return "not_open"
    return "draft_status" if merge_request.draft else "mergeable"
