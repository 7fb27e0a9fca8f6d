"""What a merge request changes.

The pages of `/diffs` are what GitLab recommends. python-gitlab calls `diffs` what GitLab calls
versions, and `changes` is deprecated:
https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs,
https://docs.gitlab.com/api/merge_requests/#retrieve-merge-request-changes
"""

from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.gitlab.endpoints import MERGE_REQUEST, Asked, Endpoint
from qatech_ci.before.sandbox.gitlab.merge_requests import readable_merge_request
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.payloads.merge_requests import (
    merge_request_payload,
    version_payload,
)
from qatech_ci.before.sandbox.gitlab.payloads.repositories import diff_payload
from qatech_ci.before.sandbox.gitlab.problems import not_found
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response


def _diffs(asked: Asked) -> Response:
    return paged(asked, readable_merge_request(asked).diffs, diff_payload)


def _changes(asked: Asked) -> Response:
    merge_request = readable_merge_request(asked)
    changes = [diff_payload(file) for file in merge_request.diffs]
    shown = merge_request_payload(merge_request, 0, asked.links)
    return Response(HTTPStatus.OK, {**shown, "changes": changes, "overflow": False})


def _versions(asked: Asked) -> Response:
    return paged(asked, _all_versions(asked), lambda version: version)


def _version(asked: Asked) -> Response:
    merge_request = readable_merge_request(asked)
    for version in _all_versions(asked):
        if version["id"] == int(asked.parameters["version"]):
            diffs = [diff_payload(file) for file in merge_request.diffs]
            return Response(HTTPStatus.OK, {**version, "diffs": diffs})
    raise not_found()


def _all_versions(asked: Asked) -> list[dict[str, Any]]:
    """Return a version for each push, newest first; the stand-in keeps the last one's files."""
    merge_request = readable_merge_request(asked)
    numbered = [
        version_payload(merge_request, number, sha)
        for number, sha in enumerate(merge_request.shas, start=1)
    ]
    return numbered[::-1]


_VERSIONS = MERGE_REQUEST + "/versions"

ROUTES = (
    Route("GET", MERGE_REQUEST + "/diffs", Endpoint(_diffs, for_anybody=True)),
    Route("GET", MERGE_REQUEST + "/changes", Endpoint(_changes, for_anybody=True)),
    Route("GET", _VERSIONS, Endpoint(_versions, for_anybody=True)),
    Route("GET", _VERSIONS + "/(?P<version>[0-9]{1,18})", Endpoint(_version, for_anybody=True)),
)
