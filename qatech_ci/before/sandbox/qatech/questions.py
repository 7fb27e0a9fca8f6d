"""What a reply answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qatech_ci.before.sandbox.qatech.progress import Status


class Kind(StrEnum):
    """Which of the three calls that send something was made."""

    REVIEW = "review"
    CHAT = "chat"
    FOLLOW_UP = "follow-up"


@dataclass(frozen=True)
class Question:
    """A request that the stand-in is about to answer."""

    kind: Kind
    conversation_id: str
    body: Mapping[str, Any]
    """The request's body, which fits its schema."""
    nonce: str | None
    """Of the verdict block that was asked for, if one was."""
    usual: str
    """What the stand-in says by itself."""
    ending: Status | None
    """How the reply will end, whatever it says; None: never."""


def usual(question: Question) -> str:
    """Return what the stand-in says by itself."""
    return question.usual
