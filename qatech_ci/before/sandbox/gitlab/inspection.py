"""What the stand-in shows to a test that only reaches it over HTTP; not part of GitLab's API."""

from collections.abc import Sequence
from http import HTTPStatus

from qatech_ci.before.sandbox.gitlab.payloads.links import timestamp
from qatech_ci.before.sandbox.gitlab.state import State
from qatech_ci.before.sandbox.gitlab.talk import Note
from qatech_ci.before.sandbox.journal import JOURNAL_PATH, Call, journal
from qatech_ci.before.sandbox.web import Request, Response

NOTES_PATH = "/_sandbox/notes"


def inspected(request: Request, state: State, calls: Sequence[Call]) -> Response | None:
    """Return what a test asks to see; None where `request` is an ordinary one."""
    if (request.method, request.path) == ("GET", JOURNAL_PATH):
        return journal(calls)
    if (request.method, request.path) == ("GET", NOTES_PATH):
        return _notes(request, state)
    return None


def _notes(request: Request, state: State) -> Response:
    project = state.project(request.query.get("project", ""))
    iid = request.query.get("iid", "")
    merge_request = iid.isdecimal() and project and state.merge_requests.get((project.id, int(iid)))
    if not merge_request:
        message = f"Say {NOTES_PATH}?project=group/name&iid=1"
        return Response(HTTPStatus.BAD_REQUEST, {"message": message})
    return Response(HTTPStatus.OK, [_shown(note) for note in state.notes_of(merge_request)])


def _shown(note: Note) -> dict[str, object]:
    return {
        "id": note.id,
        "login": note.login,
        "body": note.body,
        "system": note.system,
        "discussion_id": note.discussion_id,
        "resolved": note.resolved,
        "created_at": timestamp(note.created_at),
        "updated_at": timestamp(note.updated_at),
    }
