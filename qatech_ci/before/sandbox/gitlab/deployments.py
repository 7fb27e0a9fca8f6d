"""Environments and deployments.

Sources: https://docs.gitlab.com/api/environments/, https://docs.gitlab.com/api/deployments/
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.gitlab.delivery import Deployment, Environment
from qatech_ci.before.sandbox.gitlab.endpoints import PROJECT, Asked, Endpoint
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.params import choice, text
from qatech_ci.before.sandbox.gitlab.payloads.delivery import (
    deployed_payload,
    deployment_payload,
    environment_payload,
)
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter, bad_request, not_found
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

STATUSES = ("created", "running", "success", "failed", "canceled", "skipped", "blocked")
_SHORTEST_SEARCH = 3
_KEYS: dict[str, Callable[[Deployment, datetime], Any]] = {
    "id": lambda deployment, _: deployment.id,
    "iid": lambda deployment, _: deployment.iid,
    "created_at": lambda deployment, _: deployment.id,  # as GitLab's DeploymentsFinder has it
    "updated_at": lambda deployment, at: deployment.updated_at(at),
    "ref": lambda deployment, _: deployment.ref,
}


def _deployments(asked: Asked) -> Response:
    """Answer with the deployments, oldest first unless asked otherwise.

    There is no filter for a commit: https://docs.gitlab.com/api/deployments/#list-project-deployments
    """
    by, sort = choice(asked, "order_by", tuple(_KEYS), "id"), choice(asked, "sort", ("asc", "desc"))
    status, place = choice(asked, "status", STATUSES), text(asked, "environment")
    found = [
        deployment
        for deployment in asked.state.deployments_of(asked.readable, asked.at)
        if status in ("", deployment.status_at(asked.at))
        and place in (None, deployment.environment.name)
    ]
    found.sort(key=lambda one: (_KEYS[by](one, asked.at), one.id), reverse=sort == "desc")
    return paged(asked, found, lambda one: deployment_payload(one, asked.at, asked.links))


def _deployment(asked: Asked) -> Response:
    for deployment in asked.state.deployments_of(asked.readable, asked.at):
        if deployment.id == int(asked.parameters["deployment"]):
            return Response(HTTPStatus.OK, deployment_payload(deployment, asked.at, asked.links))
    raise not_found()


def _environments(asked: Asked) -> Response:
    state = choice(asked, "states", ("available", "stopping", "stopped"))
    name, search = text(asked, "name"), text(asked, "search")
    if name is not None and search is not None:
        raise bad_parameter("name, search cannot be used together")
    here = _environments_of(asked)
    if len(search or "***") < _SHORTEST_SEARCH:
        raise bad_request(f"Search query is less than {_SHORTEST_SEARCH} characters")
    found = [
        environment
        for environment in here
        if state in ("", environment.state)
        and name in (None, environment.name)
        and (search or "") in environment.name
    ]
    return paged(asked, found, environment_payload)


def _environment(asked: Asked) -> Response:
    """Answer with an environment and what was deployed there last with success."""
    for environment in _environments_of(asked):
        if environment.id == int(asked.parameters["environment"]):
            last = _last_deployment(asked, environment)
            return Response(HTTPStatus.OK, {**environment_payload(environment), **last})
    raise not_found()


def _environments_of(asked: Asked) -> list[Environment]:
    place = asked.readable.id
    there = (one for one in asked.state.environments.values() if one.created_at <= asked.at)
    return [environment for environment in there if environment.project_id == place]


def _last_deployment(asked: Asked, environment: Environment) -> dict[str, Any]:
    successes = [
        deployment
        for deployment in asked.state.deployments_of(asked.project, asked.at)
        if deployment.environment is environment and deployment.status_at(asked.at) == "success"
    ]
    last = deployed_payload(successes[-1], asked.at, asked.links) if successes else None
    return {"last_deployment": last}


# Job tokens may do everything here: https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access
ROUTES = (
    Route("GET", PROJECT + "/deployments", Endpoint(_deployments, for_jobs=True)),
    Route(
        "GET",
        PROJECT + "/deployments/(?P<deployment>[0-9]{1,18})",
        Endpoint(_deployment, for_jobs=True),
    ),
    Route("GET", PROJECT + "/environments", Endpoint(_environments, for_jobs=True)),
    Route(
        "GET",
        PROJECT + "/environments/(?P<environment>[0-9]{1,18})",
        Endpoint(_environment, for_jobs=True),
    ),
)
