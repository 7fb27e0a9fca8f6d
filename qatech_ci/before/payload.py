"""Reading a webhook payload part by part, so that what is missing is named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import EventError
from .inputs import shown


@dataclass(frozen=True)
class Payload:
    """A part of an event's payload. Its methods raise `EventError` where it is not as asked."""

    event_name: str
    document: Mapping[str, object]

    def part(self, key: str) -> "Payload":
        """Return an object within this one."""
        value = self.document.get(key)
        if isinstance(value, Mapping):
            return Payload(self.event_name, value)
        raise self._incomplete(key, value)

    def number(self, key: str) -> int:
        """Return a number above 0."""
        value = self.document.get(key)
        if isinstance(value, int) and value > 0:
            return value
        raise self._incomplete(key, value)

    def text(self, key: str, pattern: str) -> str:
        """Return a text that matches `pattern` in full."""
        value = self.document.get(key)
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise self._incomplete(key, value)

    def _incomplete(self, key: str, value: object) -> EventError:
        return EventError(
            f"The payload of the event `{self.event_name}` has {shown(value)} as `{key}`.",
            "Run the step on an event of GitHub's own, or set the input `pull-request`.",
        )
