"""Who resolves a thread: https://docs.gitlab.com/api/discussions/#resolve-a-merge-request-thread."""

from qatech_ci.before.sandbox.gitlab.endpoints import Asked
from qatech_ci.before.sandbox.gitlab.notes import edited, shown
from qatech_ci.before.sandbox.gitlab.params import flag, text
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter, bad_request, forbidden, not_found
from qatech_ci.before.sandbox.gitlab.talk import Discussion, Note
from qatech_ci.before.sandbox.gitlab.tokens import DEVELOPER
from qatech_ci.before.sandbox.gitlab.writing import note_in_path, noteable
from qatech_ci.before.sandbox.web import Response


def discussion_in_path(asked: Asked) -> Discussion:
    """Return the discussion in the path; refused where this merge request has none of that id."""
    for discussion in asked.state.discussions_of(noteable(asked)):
        if discussion.id == asked.parameters["discussion"]:
            return discussion
    raise not_found("Discussion")


def resolve_discussion(asked: Asked) -> None:
    """Resolve all notes of the thread in the path, or take that back.

    Developers may and the author of the merge request; the author of the thread may not.
    """
    wanted = flag(asked, "resolved")
    if wanted is None:
        raise bad_parameter("resolved is missing")
    discussion = discussion_in_path(asked)
    if not (discussion.resolvable and _may_resolve(asked)):
        raise forbidden()
    for note in discussion.notes:
        _set(note, asked, resolved=wanted)


def change_note(asked: Asked) -> Response:
    """Answer with the note in the path, edited or resolved.

    Its own author may resolve a note, too. Source: GitLab's `app/policies/note_policy.rb`
    """
    body, resolved = text(asked, "body"), flag(asked, "resolved")
    if body is None and resolved is None:
        raise bad_parameter("body, resolved are missing, exactly one parameter must be provided")
    if body is not None and resolved is not None:
        raise bad_parameter("body, resolved are mutually exclusive")
    return edited(asked) if resolved is None else _resolved(asked, wanted=resolved)


def _resolved(asked: Asked, *, wanted: bool) -> Response:
    note = note_in_path(asked)
    if not (note.login == asked.login or _may_resolve(asked)):
        raise forbidden()
    if not note.resolvable:
        raise bad_request("Note is not resolvable")
    _set(note, asked, resolved=wanted)
    return shown(note, asked)


def _may_resolve(asked: Asked) -> bool:
    return asked.merge_request.author == asked.login or asked.has_role(DEVELOPER)


def _set(note: Note, asked: Asked, *, resolved: bool) -> None:
    if resolved:
        note.resolve(asked.login, asked.at)
    else:
        note.unresolve(asked.at)
