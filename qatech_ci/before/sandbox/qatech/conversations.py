"""The stand-in's conversations, in the shape of `ChatConversationResponse`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from qatech_ci.before.sandbox.qatech.progress import APPEARS, Reply, Status, progress


@dataclass(frozen=True)
class Exchange:
    """A user's message and the reply that it gets in time."""

    user_id: str
    assistant_id: str
    sent_at: datetime
    message: str
    reply: Reply

    def messages(self, at: datetime, pace: float) -> list[tuple[datetime, dict[str, Any]]]:
        """Return what is there `at` that moment, each message with the time of its creation."""
        asked = {"text": self.message, "status": Status.COMPLETED, "isStreaming": False}
        shown = [_message(self.user_id, "user", self.sent_at, asked)]
        so_far = progress(self.reply, (at - self.sent_at).total_seconds(), pace)
        if so_far:
            said = {
                "text": so_far.text,
                "status": so_far.status,
                "isStreaming": so_far.is_streaming,
            }
            appeared = self.sent_at + timedelta(seconds=APPEARS * pace)
            shown.append(_message(self.assistant_id, "assistant", appeared, said))
        return shown


def _message(
    message_id: str, role: str, created_at: datetime, content: dict[str, Any]
) -> tuple[datetime, dict[str, Any]]:
    return created_at, {
        "id": message_id,
        "role": role,
        "createdAt": timestamp(created_at),
        **content,
    }


@dataclass
class Conversation:
    """A conversation; it grows by exchanges."""

    short_id: str
    title: str
    started_at: datetime
    pace: float
    """How many seconds a reply takes."""
    overrides: Sequence[dict[str, Any]] = ()
    exchanges: list[Exchange] = field(default_factory=list)

    def shown(self, at: datetime, limit: int) -> dict[str, Any]:
        """Return the conversation as the API answers it, with the latest `limit` messages."""
        messages = self._newest_first(at)
        answered = any(message["role"] == "assistant" for message in messages)
        return {
            "shortId": self.short_id,
            "url": f"https://app.qa.tech/p/sandbox/chat/{self.short_id}",
            "title": self.title if answered else None,
            "createdAt": timestamp(self.started_at),
            "updatedAt": timestamp(self._changed_at(at)),
            "source": "api",
            "messages": messages[:limit],
        }

    def _newest_first(self, at: datetime) -> list[dict[str, Any]]:
        dated = [pair for exchange in self.exchanges for pair in exchange.messages(at, self.pace)]
        # Of two messages with the same time the later one in the conversation is the newer.
        ranked = sorted(enumerate(dated), key=lambda item: (item[1][0], item[0]), reverse=True)
        return [message for _, (_, message) in ranked]

    def _changed_at(self, at: datetime) -> datetime:
        if not self.exchanges:
            return self.started_at
        return min(at, self.exchanges[-1].sent_at + timedelta(seconds=self.pace))


def timestamp(moment: datetime) -> str:
    """Return `moment` as the API writes it: `2026-05-04T10:30:00.000Z`."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
