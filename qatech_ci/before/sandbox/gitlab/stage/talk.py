"""What people say."""

from collections.abc import Mapping
from typing import Any

from qatech_ci.before.sandbox.gitlab.records import sha_of
from qatech_ci.before.sandbox.gitlab.stage.base import Stage
from qatech_ci.before.sandbox.gitlab.talk import Discussion, Note


class Talk(Stage):
    """What people say."""

    def add_note(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        project: str,
        iid: int,
        login: str,
        body: str,
        *,
        system: bool = False,
        thread: bool = False,
        discussion_id: str = "",
        position: Mapping[str, Any] | None = None,
    ) -> Note:
        """Add a note by `login` to a merge request. Raises `KeyError`.

        It is a comment on its own, unless it begins a `thread`, is at a `position` in the diff, or
        joins the discussion of that id.
        """
        number = next(self._state.ids)
        in_thread = "DiscussionNote" if thread or discussion_id else None
        note = Note(
            id=number,
            project_id=self.merge_request(project, iid).project.id,
            iid=iid,
            login=login,
            body=body,
            created_at=self._now(),
            updated_at=self._now(),
            discussion_id=discussion_id or sha_of(f"discussion {number}"),
            type="DiffNote" if position else in_thread,
            system=system,
            position=position,
        )
        self._state.notes[number] = note
        return note

    def notes(self, project: str, iid: int) -> list[Note]:
        """Return the notes of a merge request, oldest first. Raises `KeyError`."""
        return self._state.notes_of(self.merge_request(project, iid))

    def discussions(self, project: str, iid: int) -> list[Discussion]:
        """Return the discussions of a merge request, oldest first. Raises `KeyError`."""
        return self._state.discussions_of(self.merge_request(project, iid))

    def quick_actions(self, project: str, iid: int) -> list[str]:
        """Return the commands that notes have given, without the slash. Raises `KeyError`."""
        place = self.merge_request(project, iid).project.id, iid
        return [command for *at, command in self._state.quick_actions if tuple(at) == place]
