"""Threads of merge requests: https://docs.gitlab.com/api/discussions/#merge-requests."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.gitlab.endpoints import MERGE_REQUEST, Asked, Endpoint, writing
from qatech_ci.before.sandbox.gitlab.notes import deleted, shown
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.payloads.notes import discussion_payload
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter, bad_request
from qatech_ci.before.sandbox.gitlab.resolution import (
    change_note,
    discussion_in_path,
    resolve_discussion,
)
from qatech_ci.before.sandbox.gitlab.writing import note_in_path, noteable, said
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

_ALL = MERGE_REQUEST + "/discussions"
_ONE = _ALL + "/(?P<discussion>[0-9a-f]{40})"
_NOTES = _ONE + "/notes"
_NOTE = _NOTES + "/(?P<note>[0-9]{1,18})"
_POSITION = ("base_sha", "start_sha", "head_sha", "position_type")


def _list(asked: Asked) -> Response:
    """Answer with the discussions; a comment on its own is one, and so is a system note."""
    merge_request = noteable(asked)
    return paged(
        asked,
        asked.state.discussions_of(merge_request),
        lambda one: (
            None if one.notes[0].is_hidden else discussion_payload(one, merge_request, asked.links)
        ),
    )


def _get(asked: Asked) -> Response:
    return _shown(asked, HTTPStatus.OK)


def _shown(asked: Asked, status: HTTPStatus) -> Response:
    discussion = discussion_in_path(asked)
    return Response(status, discussion_payload(discussion, asked.merge_request, asked.links))


def _create(asked: Asked) -> Response:
    position = _position(asked)
    note = said(asked, "DiffNote" if position else "DiscussionNote", position=position)
    asked = asked.at_path(discussion=note.discussion_id)
    return _shown(asked, HTTPStatus.CREATED)


def _position(asked: Asked) -> Mapping[str, Any] | None:
    position = asked.sent.get("position")
    if position is None:
        return None
    if not isinstance(position, dict):
        raise bad_parameter("position is invalid")
    for name in _POSITION:
        if name not in position:
            raise bad_parameter(f"position[{name}] is missing")
    return position


def _reply(asked: Asked) -> Response:
    """Add a note to a thread; a comment on its own becomes the first of a thread.

    Source: https://docs.gitlab.com/api/discussions/#add-note-to-existing-merge-request-thread
    """
    noteable(asked)
    first = discussion_in_path(asked).notes[0]
    if first.system:
        raise bad_request("Discussion can not be replied to.")
    note = said(asked, "DiscussionNote", first.discussion_id)
    first.type = first.type or "DiscussionNote"
    return shown(note, asked, HTTPStatus.CREATED)


def _note(asked: Asked) -> Response:
    return shown(note_in_path(asked), asked)


def _resolve(asked: Asked) -> Response:
    resolve_discussion(asked)
    return _shown(asked, HTTPStatus.OK)


ROUTES = (
    Route("GET", _ALL, Endpoint(_list)),
    Route("POST", _ALL, writing(_create)),
    Route("GET", _ONE, Endpoint(_get)),
    Route("PUT", _ONE, writing(_resolve)),
    Route("POST", _NOTES, writing(_reply)),
    Route("GET", _NOTE, Endpoint(_note)),
    Route("PUT", _NOTE, writing(change_note)),
    Route("DELETE", _NOTE, writing(deleted)),
)
