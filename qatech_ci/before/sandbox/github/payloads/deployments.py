"""Deployments and what became of them."""

from datetime import datetime
from typing import Any

from qatech_ci.before.sandbox.github.payloads.links import Links, timestamp
from qatech_ci.before.sandbox.github.payloads.people import user_payload
from qatech_ci.before.sandbox.github.records import Deployment, DeploymentStatus


def deployment_payload(deployment: Deployment, at: datetime, links: Links) -> dict[str, Any]:
    """Return a deployment as the API shows it at that moment."""
    url = _url(deployment, links)
    return {
        "url": url,
        "id": deployment.id,
        "node_id": f"DE_standin{deployment.id}",
        "sha": deployment.sha,
        "ref": deployment.ref,
        "task": "deploy",
        "payload": {},
        "original_environment": deployment.environment,
        "environment": deployment.environment,
        "description": None,
        "creator": user_payload(deployment.login, links),
        "created_at": timestamp(deployment.created_at),
        "updated_at": timestamp(deployment.updated_at(at)),
        "statuses_url": f"{url}/statuses",
        "repository_url": links.repository(deployment.repository),
        "transient_environment": False,
        "production_environment": False,
        "performed_via_github_app": None,
    }


def deployment_status_payload(
    status: DeploymentStatus, deployment: Deployment, links: Links
) -> dict[str, Any]:
    """Return a status of a deployment as the API shows it."""
    url, written = _url(deployment, links), timestamp(status.created_at)
    return {
        "url": f"{url}/statuses/{status.id}",
        "id": status.id,
        "node_id": f"DES_standin{status.id}",
        "state": status.state,
        "creator": user_payload(deployment.login, links),
        "description": status.description,
        "environment": deployment.environment,
        # The older name of the log's URL; GitHub fills both.
        "target_url": status.log_url,
        "log_url": status.log_url,
        "environment_url": status.environment_url,
        "created_at": written,
        "updated_at": written,
        "deployment_url": url,
        "repository_url": links.repository(deployment.repository),
        "performed_via_github_app": None,
    }


def _url(deployment: Deployment, links: Links) -> str:
    return f"{links.repository(deployment.repository)}/deployments/{deployment.id}"
