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


def reply_to(said: str, conversation: Conversation, after: datetime | None) -> Message | None:
    """Return the newest reply to what we said, which we did after the time `after`.

    In a conversation that goes on, the previous reply is complete already. Where our own message
    is listed, only what is newer than it is an answer to it.
    """
    ours = [
        message.created_at
        for message in conversation.messages
        if message.role == "user" and message.text.strip() == said.strip()
    ]
    times = [time for time in ours if after is None or time > after]
    return latest_reply(conversation, max(times, default=after))


def latest_time(conversation: Conversation) -> datetime | None:
    """Return the time of the newest message of anybody's, or nothing where there is none."""
    return max((message.created_at for message in conversation.messages), default=None)


def is_finished(reply: Message) -> bool:
    """Tell whether nothing more will come. A status that is not documented is not an end."""
    return reply.status in _ENDED or (reply.status == "COMPLETED" and not reply.is_streaming)
