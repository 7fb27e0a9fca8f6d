"""Reactions to notes: https://docs.gitlab.com/api/emoji_reactions/#emoji-reactions-on-comments."""

from http import HTTPStatus

from qatech_ci.before.sandbox.gitlab.endpoints import MERGE_REQUEST, Asked, Endpoint, writing
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.params import required
from qatech_ci.before.sandbox.gitlab.payloads.notes import award_payload
from qatech_ci.before.sandbox.gitlab.problems import not_found
from qatech_ci.before.sandbox.gitlab.talk import Award
from qatech_ci.before.sandbox.gitlab.writing import note_in_path
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

_ALL = MERGE_REQUEST + "/notes/(?P<note>[0-9]{1,18})/award_emoji"


def _list(asked: Asked) -> Response:
    note = note_in_path(asked)
    return paged(asked, note.awards, lambda award: award_payload(award, note, asked.links))


def _create(asked: Asked) -> Response:
    """Add a reaction; not found, of all answers, where the caller has given it already.

    Source: GitLab's `lib/api/award_emoji.rb`
    """
    name, note = required(asked, "name"), note_in_path(asked)
    if any((award.login, award.name) == (asked.login, name) for award in note.awards):
        raise not_found("Award Emoji Name has already been taken")
    made = Award(next(asked.state.ids), asked.login, name, asked.at)
    note.awards.append(made)
    return Response(HTTPStatus.CREATED, award_payload(made, note, asked.links))


ROUTES = (
    Route("GET", _ALL, Endpoint(_list)),
    Route("POST", _ALL, writing(_create)),
)
