"""Notes and discussions: https://docs.gitlab.com/api/notes/, https://docs.gitlab.com/api/discussions/."""

from typing import Any

from qatech_ci.before.sandbox.gitlab.payloads.links import Links, optional_timestamp, timestamp
from qatech_ci.before.sandbox.gitlab.payloads.people import user_payload
from qatech_ci.before.sandbox.gitlab.records import MergeRequest
from qatech_ci.before.sandbox.gitlab.talk import Award, Discussion, Note


def note_payload(note: Note, merge_request: MergeRequest, links: Links) -> dict[str, Any]:
    """Return a note; only one that is part of a thread says whether it is resolved."""
    return {
        "id": note.id,
        "type": note.type,
        "body": note.body,
        "author": user_payload(note.login, links),
        "created_at": timestamp(note.created_at),
        "updated_at": timestamp(note.updated_at),
        "system": note.system,
        "noteable_id": merge_request.id,
        "noteable_type": "MergeRequest",
        "project_id": note.project_id,
        **({"commit_id": None, "position": note.position} if note.position else {}),
        "resolvable": note.resolvable,
        **(_resolution(note, links) if note.resolvable else {}),
        "confidential": False,
        "internal": False,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": note.iid,
        "commands_changes": {},
    }


def _resolution(note: Note, links: Links) -> dict[str, Any]:
    return {
        "resolved": note.resolved,
        "resolved_by": user_payload(note.resolved_by, links) if note.resolved_by else None,
        "resolved_at": optional_timestamp(note.resolved_at),
    }


def discussion_payload(
    discussion: Discussion, merge_request: MergeRequest, links: Links
) -> dict[str, Any]:
    """Return a discussion with all of its notes."""
    return {
        "id": discussion.id,
        "individual_note": discussion.individual,
        "notes": [note_payload(note, merge_request, links) for note in discussion.notes],
    }


def award_payload(award: Award, note: Note, links: Links) -> dict[str, Any]:
    """Return a reaction: https://docs.gitlab.com/api/emoji_reactions/."""
    return {
        "id": award.id,
        "name": award.name,
        "user": user_payload(award.login, links),
        "created_at": timestamp(award.created_at),
        "updated_at": timestamp(award.created_at),
        "awardable_id": note.id,
        "awardable_type": "Note",
        "url": None,
    }
