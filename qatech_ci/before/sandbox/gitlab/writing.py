"""How something is said in a merge request, whichever endpoint is used."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.gitlab.endpoints import Asked
from qatech_ci.before.sandbox.gitlab.params import required
from qatech_ci.before.sandbox.gitlab.problems import forbidden, invalid_note, not_found
from qatech_ci.before.sandbox.gitlab.quick_actions import without_quick_actions
from qatech_ci.before.sandbox.gitlab.records import MergeRequest, sha_of
from qatech_ci.before.sandbox.gitlab.talk import Note
from qatech_ci.before.sandbox.gitlab.tokens import MAINTAINER
from qatech_ci.before.sandbox.web import Refused, Response

LONGEST_BODY = 1_000_000
"""In characters: https://docs.gitlab.com/api/notes/#create-a-merge-request-note."""


def noteable(asked: Asked) -> MergeRequest:
    """Return the merge request in the path; not found, rather than forbidden, where hidden."""
    merge_request = asked.merge_request
    if not asked.reads_code:
        raise not_found()
    return merge_request


def note_in_path(asked: Asked) -> Note:
    """Return the note in the path; refused where this merge request has none of that id."""
    merge_request = noteable(asked)
    note = asked.state.notes.get(int(asked.parameters["note"]))
    if note is None or note not in asked.state.notes_of(merge_request):
        raise not_found()
    return note


def own_note(asked: Asked) -> Note:
    """Return the note in the path, which its author or a maintainer may change.

    System notes nobody may. Source: `note_policy.rb`, and “Edit comments (posted by any user)” in
    https://docs.gitlab.com/user/permissions/
    """
    note = note_in_path(asked)
    allowed = note.login == asked.login or asked.has_role(MAINTAINER)
    if note.system or not allowed:
        raise forbidden()
    return note


def said(
    asked: Asked,
    kind: str | None,
    discussion: str = "",
    position: Mapping[str, Any] | None = None,
) -> Note:
    """Write a new note and return it; whoever is signed in and sees the merge request may.

    Source: “Leave comments” in https://docs.gitlab.com/user/permissions/
    """
    merge_request, body = noteable(asked), required(asked, "body")
    shown, number = acceptable(asked, body), next(asked.state.ids)
    note = Note(
        id=number,
        project_id=merge_request.project.id,
        iid=merge_request.iid,
        login=asked.login,
        body=shown,
        created_at=asked.at,
        updated_at=asked.at,
        discussion_id=discussion or sha_of(f"discussion {number}"),
        type=kind,
        position=position,
    )
    asked.state.notes[number] = note
    return note


def acceptable(asked: Asked, body: str) -> str:
    """Return what of a new text is shown; its quick actions are carried out, which is noted.

    Refused where nothing is left, or where it was nothing to begin with.
    """
    if not body.strip():
        raise invalid_note("can't be blank")
    if len(body) > LONGEST_BODY:
        raise invalid_note(f"is too long (maximum is {LONGEST_BODY} characters)")
    shown, commands = without_quick_actions(body)
    place = asked.project.id, asked.merge_request.iid
    asked.state.quick_actions.extend((*place, command) for command in commands)
    if not shown:
        raise _only_commands(commands)
    return shown


def _only_commands(commands: list[str]) -> Refused:
    # 202, and there is no note: https://docs.gitlab.com/api/notes/
    summary = {"commands_changes": {}, "summary": [f"Applied /{one}" for one in commands]}
    return Refused(Response(HTTPStatus.ACCEPTED, summary))
