"""The deployments of a commit: https://docs.gitlab.com/api/deployments/."""

from collections.abc import Collection
from itertools import chain, islice
from typing import Any

from qatech_ci.before.answers import inner, moment
from qatech_ci.before.deployments import Deployment

from .documents import naming
from .rest import Rest, project_path

_NEWEST_FIRST = {"order_by": "id", "sort": "desc"}
_LOOKED_AT = 300
"""Deployments. GitLab has no filter for the commit, and what is deployed now is among the last."""
_STATES = {"success": "success", "failed": "failure", "canceled": "error", "skipped": "inactive"}
"""GitLab's words in those of `Deployment`. The others say that it is still under way."""


def deployments_of(rest: Rest, project: str, shas: Collection[str]) -> list[Deployment]:
    """Return the deployments of a commit, known under any of `shas`; raises `ForgeError`."""
    with naming("Reporter", "read_api"):
        pages = rest.pages(f"{project_path(project)}/deployments", _NEWEST_FIRST)
        documents = list(islice(chain.from_iterable(pages), _LOOKED_AT))
    newest = _newest_successes(documents)
    return [_deployment(it, newest) for it in documents if it.get("sha") in shas]


def _newest_successes(documents: list[dict[str, Any]]) -> dict[str, object]:
    """Return by environment what was deployed there last."""
    succeeded = [it for it in documents if it.get("status") == "success"]
    return {_environment(it): it.get("id") for it in reversed(succeeded)}


def _deployment(document: dict[str, Any], newest: dict[str, object]) -> Deployment:
    """Return a deployment; one that a later one took the place of counts as inactive.

    The URL is the environment's, where by then another commit is to be seen.
    """
    environment = _environment(document)
    state = _STATES.get(str(document.get("status")), "")
    is_replaced = state == "success" and newest[environment] != document.get("id")
    return Deployment(
        id=int(document.get("id") or 0),
        environment=environment,
        created_at=moment(document.get("created_at")),
        state="inactive" if is_replaced else state,
        url=str(inner(document, "environment").get("external_url") or ""),
        description="another one took its place" if is_replaced else "",
    )


def _environment(document: dict[str, Any]) -> str:
    return str(inner(document, "environment").get("name") or "")
