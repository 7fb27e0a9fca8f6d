"""How far a reply has come: a pure function of the time since it was asked for."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The life cycle of a message, as documented for `ChatMessageItem`; never a verdict."""

    INITIATED = "INITIATED"
    PARTIAL = "PARTIAL"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Reply:
    """What the assistant will have said in the end, and how that end is called."""

    text: str
    ending: Status | None
    """None: it never ends."""


@dataclass(frozen=True)
class Progress:
    """The assistant's message at some moment."""

    status: Status
    text: str
    is_streaming: bool


APPEARS = 0.1
"""The share of the pace after which there is a message at all."""
_STEPS = (0.25, 0.4, 0.55, 0.7, 0.85)  # the shares at which more of the text is there


def progress(reply: Reply, elapsed: float, pace: float) -> Progress | None:
    """Return the assistant's message `elapsed` seconds after the question; None before it appears.

    `pace` is the number of seconds that a whole reply takes.
    """
    if elapsed < APPEARS * pace:
        return None
    if reply.ending and elapsed >= pace:
        return Progress(reply.ending, reply.text, is_streaming=False)
    steps = sum(elapsed >= share * pace for share in _STEPS)
    text = reply.text[: len(reply.text) * steps // (len(_STEPS) + 1)]
    return Progress(Status.PARTIAL if steps else Status.INITIATED, text, is_streaming=True)
