"""Commit statuses, environments and deployments.

Sources: https://docs.gitlab.com/api/commits/#list-commit-statuses,
https://docs.gitlab.com/api/environments/, https://docs.gitlab.com/api/deployments/
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qatech_ci.before.sandbox.gitlab.delivery import CommitStatus, Deployment, Environment, Pipeline
from qatech_ci.before.sandbox.gitlab.payloads.links import Links, optional_timestamp, timestamp
from qatech_ci.before.sandbox.gitlab.payloads.people import user_payload


def status_payload(status: CommitStatus, links: Links) -> dict[str, Any]:
    """Return a commit status."""
    return {
        "id": status.id,
        "sha": status.pipeline.sha,
        "ref": status.pipeline.ref,
        "status": status.status,
        "name": status.name,
        "target_url": status.target_url,
        "description": status.description,
        "created_at": timestamp(status.created_at),
        "started_at": optional_timestamp(status.started_at),
        "finished_at": optional_timestamp(status.finished_at),
        "allow_failure": False,
        "coverage": status.coverage,
        "pipeline_id": status.pipeline.id,
        "author": user_payload(status.login, links),
    }


def pipeline_payload(pipeline: Pipeline, status: str, page: str) -> dict[str, Any]:
    """Return a pipeline as a merge request shows it; `page` is the project's."""
    return {
        "id": pipeline.id,
        "iid": pipeline.id,
        "project_id": pipeline.project_id,
        "sha": pipeline.sha,
        "ref": pipeline.ref,
        "status": status,
        "source": "external",
        "web_url": f"{page}/-/pipelines/{pipeline.id}",
    }


def environment_payload(environment: Environment) -> dict[str, Any]:
    """Return an environment as lists show it: without its last deployment."""
    return {
        "id": environment.id,
        "name": environment.name,
        "slug": environment.name.replace("/", "-").lower(),
        "external_url": environment.external_url,
        "state": environment.state,
        "tier": "development",
        "created_at": timestamp(environment.created_at),
        "updated_at": timestamp(environment.created_at),
        "auto_stop_at": None,
    }


def deployment_payload(deployment: Deployment, at: datetime, links: Links) -> dict[str, Any]:
    """Return a deployment; its environment has no more than id, name and URL."""
    return {
        **deployed_payload(deployment, at, links),
        "environment": _short(environment_payload(deployment.environment)),
    }


def deployed_payload(deployment: Deployment, at: datetime, links: Links) -> dict[str, Any]:
    """Return a deployment as an environment shows its last one."""
    return {
        "id": deployment.id,
        "iid": deployment.iid,
        "ref": deployment.ref,
        "sha": deployment.sha,
        "created_at": timestamp(deployment.created_at),
        "updated_at": timestamp(deployment.updated_at(at)),
        "status": deployment.status_at(at),
        "user": user_payload(deployment.login, links),
        "deployable": None,
    }


def _short(environment: Mapping[str, Any]) -> dict[str, Any]:
    return {name: environment[name] for name in ("id", "name", "slug", "external_url")}
