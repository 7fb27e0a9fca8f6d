"""What is said in a merge request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Award:
    """A reaction to a note."""

    id: int
    login: str
    name: str
    created_at: datetime


@dataclass
class Note:
    """A comment, or a line that GitLab itself wrote: a system note."""

    id: int
    project_id: int
    iid: int
    """The merge request's."""
    login: str
    body: str
    created_at: datetime
    updated_at: datetime
    discussion_id: str
    type: str | None = None
    """None for a comment on its own, else `DiscussionNote` or `DiffNote`."""
    system: bool = False
    is_hidden: bool = False
    """Whether callers may not see it, such as an internal note. It is left out of its page."""
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    position: Mapping[str, Any] | None = None
    awards: list[Award] = field(default_factory=list)

    @property
    def resolvable(self) -> bool:
        """Whether it is part of a thread: a comment on its own is not."""
        return self.type is not None and not self.system

    @property
    def resolved(self) -> bool:
        """Whether somebody has resolved it."""
        return self.resolved_by is not None

    def resolve(self, login: str, at: datetime) -> None:
        """Resolve the note, unless somebody has already."""
        if self.resolvable and not self.resolved:
            self.resolved_by, self.resolved_at, self.updated_at = login, at, at

    def unresolve(self, at: datetime) -> None:
        """Take the resolution back."""
        if self.resolved:
            self.resolved_by, self.resolved_at, self.updated_at = None, None, at


@dataclass(frozen=True)
class Discussion:
    """Notes that belong together, oldest first; there is at least one."""

    id: str
    notes: tuple[Note, ...]

    @property
    def individual(self) -> bool:
        """Whether it is a comment on its own and no thread."""
        return self.notes[0].type is None

    @property
    def resolvable(self) -> bool:
        """Whether there is a thread to resolve."""
        return any(note.resolvable for note in self.notes)

    @property
    def resolved(self) -> bool:
        """Whether all of the thread is resolved."""
        return self.resolvable and all(n.resolved for n in self.notes if n.resolvable)
