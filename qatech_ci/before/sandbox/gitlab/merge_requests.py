"""Merge requests: https://docs.gitlab.com/api/merge_requests/."""

from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.gitlab.endpoints import MERGE_REQUEST, PROJECT, Asked, Endpoint
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.params import choice, text
from qatech_ci.before.sandbox.gitlab.payloads.delivery import pipeline_payload
from qatech_ci.before.sandbox.gitlab.payloads.merge_requests import (
    basic_merge_request_payload,
    merge_request_payload,
)
from qatech_ci.before.sandbox.gitlab.records import MergeRequest
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

STATES = ("opened", "closed", "locked", "merged", "all")


def _list(asked: Asked) -> Response:
    state, sort = choice(asked, "state", STATES, "all"), choice(asked, "sort", ("asc", "desc"))
    asked.readable  # noqa: B018 - refuses
    found = [
        mr
        for mr in asked.state.merge_requests_of(asked.project)
        if state in ("all", mr.state) and _is_wanted(mr, asked)
    ]
    found = found[::-1] if sort == "asc" else found
    return paged(
        asked, found, lambda mr: basic_merge_request_payload(mr, _comments(mr, asked), asked.links)
    )


def _is_wanted(merge_request: MergeRequest, asked: Asked) -> bool:
    wanted = {
        text(asked, "source_branch"): merge_request.source_branch,
        text(asked, "target_branch"): merge_request.target_branch,
        text(asked, "iids[]"): str(merge_request.iid),
    }
    return all(name in (None, actual) for name, actual in wanted.items())


def _get(asked: Asked) -> Response:
    mr = readable_merge_request(asked)
    shown = merge_request_payload(mr, _comments(mr, asked), asked.links)
    return Response(HTTPStatus.OK, {**shown, "head_pipeline": _head_pipeline(mr, asked)})


def _head_pipeline(merge_request: MergeRequest, asked: Asked) -> dict[str, Any] | None:
    pipeline = asked.state.head_pipeline(merge_request)
    if pipeline is None:
        return None
    page = asked.links.project(asked.state.projects[pipeline.project_id])
    return pipeline_payload(pipeline, asked.state.result_of(pipeline), page)


def readable_merge_request(asked: Asked) -> MergeRequest:
    """Return the merge request in the path; refused where the caller may not see it."""
    merge_request = asked.merge_request
    asked.readable  # noqa: B018 - refuses
    return merge_request


def _comments(merge_request: MergeRequest, asked: Asked) -> int:
    return sum(not note.system for note in asked.state.notes_of(merge_request))


ROUTES = (
    Route("GET", PROJECT + "/merge_requests", Endpoint(_list, for_jobs=True, for_anybody=True)),
    Route("GET", MERGE_REQUEST, Endpoint(_get, for_jobs=True, for_anybody=True)),
)
