"""Which message of a conversation is the reply, and whether it is finished."""

from dataclasses import replace

from .model import Conversation, Message

_ENDED = frozenset({"FAILED", "CANCELLED"})


def latest_reply(conversation: Conversation) -> Message | None:
    """Return the newest message of the assistant.

    Position says nothing: the pages document newest first and show oldest first. Where two carry
    the same time, the unfinished one counts as the newer.
    """
    replies = [message for message in conversation.messages if message.role == "assistant"]
    return max(replies, key=lambda reply: (reply.created_at, not is_finished(reply)), default=None)


def review_reply(conversation: Conversation) -> Message | None:
    """Return the newest reply to the request that opened the conversation.

    Once the reviewer has spoken, whoever says something in the conversation asks for something
    else; what is answered to that is no longer the review.
    """
    replies = [it.created_at for it in conversation.messages if it.role == "assistant"]
    first = min(replies, default=None)
    asked = [it.created_at for it in conversation.messages if it.role == "user"]
    later = [time for time in asked if first and time > first]
    end = min(later, default=None)
    kept = [it for it in conversation.messages if end is None or it.created_at < end]
    return latest_reply(replace(conversation, messages=tuple(kept)))


def reply_to(said: str, conversation: Conversation, after: Message | None) -> Message | None:
    """Return the newest reply to what we said, which we did after the message `after`.

    In a conversation that goes on, the previous reply is complete already. Where our own message
    is listed, nothing older than it is an answer to it; one with the same time is, as both may be
    written in one go.
    """
    known = {after.id} if after else set()
    ours = [it.created_at for it in conversation.messages if is_said(it, said)]
    floor = max([*([after.created_at] if after else []), *ours], default=None)
    newer = [
        message
        for message in conversation.messages
        if message.id not in known and (floor is None or message.created_at >= floor)
    ]
    return latest_reply(replace(conversation, messages=tuple(newer)))


def is_said(message: Message, text: str) -> bool:
    """Tell whether a message is ours with this text."""
    return message.role == "user" and message.text.strip() == text.strip()


def newest(conversation: Conversation) -> Message | None:
    """Return the newest message of anybody's."""
    return max(conversation.messages, key=lambda it: it.created_at, default=None)


def is_finished(reply: Message) -> bool:
    """Tell whether nothing more will come. A status that is not documented is not an end."""
    return reply.status in _ENDED or (reply.status == "COMPLETED" and not reply.is_streaming)
