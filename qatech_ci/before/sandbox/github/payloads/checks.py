"""Check runs and commit statuses."""

from collections.abc import Sequence
from typing import Any

from qatech_ci.before.sandbox.github.payloads.links import Links, timestamp
from qatech_ci.before.sandbox.github.payloads.people import integration_payload, user_payload
from qatech_ci.before.sandbox.github.payloads.pulls import minimal_pull_payload
from qatech_ci.before.sandbox.github.records import CheckRun, CommitStatus
from qatech_ci.before.sandbox.github.state import PullRequest, number_of


def check_run_payload(run: CheckRun, pulls: Sequence[PullRequest], links: Links) -> dict[str, Any]:
    """Return a check run as lists of them show it; `pulls` have its commit as their head."""
    url = f"{links.repository(run.repository)}/check-runs/{run.id}"
    page = f"{links.web}/{run.repository}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": f"CR_standin{run.id}",
        "head_sha": run.head_sha,
        "external_id": "",
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": timestamp(run.started_at),
        "completed_at": timestamp(run.completed_at) if run.completed_at else None,
        "output": _output(run, url),
        "check_suite": {"id": number_of(f"{run.app}@{run.head_sha}")},
        "app": integration_payload(run.app, links),
        "pull_requests": [minimal_pull_payload(pull, links) for pull in pulls],
    }


def _output(run: CheckRun, url: str) -> dict[str, Any]:
    return {
        "title": run.title,
        "summary": run.summary,
        "text": None,
        "annotations_count": 0,
        "annotations_url": f"{url}/annotations",
    }


def status_payload(status: CommitStatus, links: Links) -> dict[str, Any]:
    """Return a commit status as the API shows it."""
    creator = user_payload(status.login, links, status.kind)
    written = timestamp(status.created_at)
    return {
        "url": f"{links.repository(status.repository)}/statuses/{status.sha}",
        "avatar_url": creator["avatar_url"],
        "id": status.id,
        "node_id": f"SC_standin{status.id}",
        "state": status.state,
        # Absent as null: https://github.com/github/rest-api-description/issues/1307
        "description": status.description or None,
        "target_url": status.target_url or None,
        "context": status.context,
        "created_at": written,
        "updated_at": written,
        "creator": creator,
    }
