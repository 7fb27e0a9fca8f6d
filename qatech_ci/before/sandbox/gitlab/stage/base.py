"""What all of the stage has."""

from collections.abc import Callable
from datetime import datetime

from qatech_ci.before.sandbox.gitlab.records import MergeRequest, Project
from qatech_ci.before.sandbox.gitlab.state import State


class Stage:
    """Sets the scene in `state`, by the clock `now`; projects go by path or id."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state, self._now = state, now

    def add_project(self, path: str, *, visibility: str = "private") -> Project:
        """Return the project at `path`, `group/name`; a new one unless it is there already."""
        if found := self._state.project(path):
            return found
        made = Project(len(self._state.projects) + 1, path, visibility, self._now())
        self._state.projects[made.id] = made
        return made

    def merge_request(self, project: str, iid: int) -> MergeRequest:
        """Return a merge request. Raises `KeyError`."""
        return self._state.merge_requests[self._state.named(project).id, iid]
