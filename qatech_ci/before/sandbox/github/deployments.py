"""Deployments: https://docs.github.com/rest/deployments."""

from http import HTTPStatus

from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.pages import page
from qatech_ci.before.sandbox.github.payloads.deployments import (
    deployment_payload,
    deployment_status_payload,
)
from qatech_ci.before.sandbox.github.problems import not_found
from qatech_ci.before.sandbox.github.records import Deployment
from qatech_ci.before.sandbox.github.state import key
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Refused, Response

_ALL = REPOSITORY + "/deployments"
_ONE = _ALL + "/(?P<deployment>[0-9]{1,18})"
_FILTERS = ("sha", "ref", "environment")


def _list(asked: Asked) -> Response:
    wanted = {name: asked.request.query[name] for name in _FILTERS if name in asked.request.query}
    found = [
        deployment
        for deployment in asked.state.deployments.values()
        if _is_there(deployment, asked)
        and all(getattr(deployment, name) == value for name, value in wanted.items())
    ]
    found.sort(key=lambda deployment: (deployment.created_at, deployment.id), reverse=True)
    items, headers = page(asked, found)
    shown = [deployment_payload(deployment, asked.at, asked.links) for deployment in items]
    return Response(HTTPStatus.OK, shown, headers)


def _get(asked: Asked) -> Response:
    return Response(HTTPStatus.OK, deployment_payload(_deployment(asked), asked.at, asked.links))


def _statuses(asked: Asked) -> Response:
    deployment = _deployment(asked)
    items, headers = page(asked, deployment.statuses_at(asked.at))
    shown = [deployment_status_payload(each, deployment, asked.links) for each in items]
    return Response(HTTPStatus.OK, shown, headers)


def _deployment(asked: Asked) -> Deployment:
    deployment = asked.state.deployments.get(int(asked.parameters["deployment"]))
    if deployment is None or not _is_there(deployment, asked):
        raise Refused(not_found())
    return deployment


def _is_there(deployment: Deployment, asked: Asked) -> bool:
    here = key(deployment.repository) == key(asked.repository)
    return here and deployment.created_at <= asked.at


_READ = (Permission("deployments", "read"),)

ROUTES = (
    Route("GET", _ALL, Endpoint(_list, _READ, "/deployments/deployments", not_found())),
    Route("GET", _ONE, Endpoint(_get, _READ, "/deployments/deployments", not_found())),
    Route(
        "GET", _ONE + "/statuses", Endpoint(_statuses, _READ, "/deployments/statuses", not_found())
    ),
)
