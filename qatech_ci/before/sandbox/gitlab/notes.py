"""Notes of merge requests: https://docs.gitlab.com/api/notes/#merge-requests."""

from http import HTTPStatus
from operator import attrgetter

from qatech_ci.before.sandbox.gitlab.endpoints import MERGE_REQUEST, Asked, Endpoint, writing
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.params import choice, text
from qatech_ci.before.sandbox.gitlab.payloads.notes import note_payload
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter
from qatech_ci.before.sandbox.gitlab.talk import Note
from qatech_ci.before.sandbox.gitlab.writing import acceptable, note_in_path, noteable, own_note, said
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

_ALL = MERGE_REQUEST + "/notes"
_ONE = _ALL + "/(?P<note>[0-9]{1,18})"
_FILTERS = ("all_notes", "only_comments", "only_activity")


def _list(asked: Asked) -> Response:
    """Answer with the notes, newest first unless asked otherwise, system notes among them."""
    by = choice(asked, "order_by", ("created_at", "updated_at"), "created_at")
    sort = choice(asked, "sort", ("asc", "desc"), "desc")
    kind = choice(asked, "activity_filter", _FILTERS, "all_notes")
    merge_request = noteable(asked)
    notes = [n for n in asked.state.notes_of(merge_request) if _is_wanted(n, kind)]
    notes.sort(key=attrgetter(by, "id"), reverse=sort == "desc")
    return paged(
        asked,
        notes,
        lambda it: None if it.is_hidden else note_payload(it, merge_request, asked.links),
    )


def _is_wanted(note: Note, kind: str) -> bool:
    return kind == "all_notes" or note.system == (kind == "only_activity")


def _get(asked: Asked) -> Response:
    return shown(note_in_path(asked), asked)


def _create(asked: Asked) -> Response:
    return shown(said(asked, None), asked, HTTPStatus.CREATED)


def edited(asked: Asked) -> Response:
    """Answer with the note in the path, changed."""
    body = text(asked, "body")
    if body is not None and not body.strip():
        raise bad_parameter("body is empty")
    note = own_note(asked)
    if body is not None:
        note.body, note.updated_at = acceptable(asked, body), asked.at
    return shown(note, asked)


def deleted(asked: Asked) -> Response:
    """Delete the note in the path."""
    del asked.state.notes[own_note(asked).id]
    return Response(HTTPStatus.NO_CONTENT)


def shown(note: Note, asked: Asked, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer with a note."""
    return Response(status, note_payload(note, asked.merge_request, asked.links))


# Job tokens may read notes and not write any: https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access
ROUTES = (
    Route("GET", _ALL, Endpoint(_list, for_jobs=True)),
    Route("POST", _ALL, writing(_create)),
    Route("GET", _ONE, Endpoint(_get, for_jobs=True)),
    Route("PUT", _ONE, writing(edited)),
    Route("DELETE", _ONE, writing(deleted)),
)
