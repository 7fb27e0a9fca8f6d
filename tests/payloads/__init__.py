"""Webhook payloads in the shape GitHub sends, one JSON file each; README.md describes the set.

`load("pull_request_opened")` gives the payload, `path("pull_request_opened")` the file that
`GITHUB_EVENT_PATH` may point to, and `EVENTS` says which event each payload belongs to.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FOLDER: Final = Path(__file__).parent

EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "check_run_completed": "check_run",
        "check_run_fork": "check_run",
        "check_suite_completed": "check_suite",
        "deployment_status_failure": "deployment_status",
        "deployment_status_inactive": "deployment_status",
        "deployment_status_success": "deployment_status",
        "issue_comment_created_on_issue": "issue_comment",
        "issue_comment_created_on_pull_request": "issue_comment",
        "issue_comment_edited_on_pull_request": "issue_comment",
        "merge_group_checks_requested": "merge_group",
        "pull_request_closed": "pull_request",
        "pull_request_deleted_fork": "pull_request",
        "pull_request_dependabot": "pull_request",
        "pull_request_draft": "pull_request",
        "pull_request_fork": "pull_request",
        "pull_request_labeled": "pull_request",
        "pull_request_opened": "pull_request",
        "pull_request_review_submitted": "pull_request_review",
        "pull_request_synchronize": "pull_request",
        "push_branch": "push",
        "push_deleted": "push",
        "repository_dispatch_custom": "repository_dispatch",
        "repository_dispatch_vercel_success": "repository_dispatch",
        "schedule": "schedule",
        "workflow_dispatch": "workflow_dispatch",
        "workflow_run_completed": "workflow_run",
        "workflow_run_fork": "workflow_run",
    }
)
"""The event that sends each payload, by the name of its file."""


def path(name: str) -> Path:
    """The file of the payload called `name`."""
    return FOLDER / f"{name}.json"


def load(name: str) -> dict[str, Any]:
    """A fresh copy of the payload called `name`, which the caller may change."""
    payload: dict[str, Any] = json.loads(path(name).read_text(encoding="utf-8"))
    return payload
