"""Which message of a conversation is the reply, and whether it is finished."""

from datetime import datetime

from .model import Conversation, Message

_ENDED = frozenset({"FAILED", "CANCELLED"})


def latest_reply(conversation: Conversation, after: datetime | None = None) -> Message | None:
    """Return the newest message of the assistant that is newer than `after`.

    Position says nothing: the pages document newest first and show oldest first. Where two carry
    the same time, the unfinished one counts as the newer.
    """
    replies = [message for message in conversation.messages if message.role == "assistant"]
    newer = [reply for reply in replies if after is None or reply.created_at > after]
    return max(newer, key=lambda reply: (reply.created_at, not is_finished(reply)), default=None)


def is_finished(reply: Message) -> bool:
    """Tell whether nothing more will come. A status that is not documented is not an end."""
    return reply.status in _ENDED or (reply.status == "COMPLETED" and not reply.is_streaming)
