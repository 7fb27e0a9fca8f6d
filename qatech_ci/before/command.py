"""The comment command: `/qatech review`, the rest of the line being words to the reviewer."""

import re

from .model import Command
from .payload import Payload
from .target import Event

_COMMAND = r"/qatech[ \t]+review(?:[ \t](?P<context>.*))?"


def command_in(event: Event) -> Command | None:
    """Return the command of a new comment, or nothing where it has none.

    It has to be the first thing in the comment: in a quoted reply, in a code block or further down
    somebody shows a command and gives none. One that is edited in later is none either: the
    author of an edit is not always that of the comment. Raises `EventError` where the payload is
    not whole.
    """
    payload = Payload(event.name, event.payload)
    comment = payload.part("comment")
    first_line = re.split(r"[\r\n]", str(comment.document.get("body") or ""), maxsplit=1)[0]
    found = re.fullmatch(_COMMAND, first_line)
    if not found or event.payload.get("action") != "created":
        return None
    return Command(
        repository=event.repository,
        author=comment.part("user").text("login", r"[A-Za-z0-9_-]+(\[bot\])?"),
        comment_id=comment.number("id"),
        context=(found["context"] or "").strip(),
    )
