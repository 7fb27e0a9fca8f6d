"""A lean stand-in for QA.tech's conversations, for a thousand callers at once.

It knows one call, `GET /chat/{id}`. It counts, is down for a while, and in the end every reply is
complete. Started as a process of its own, it speaks to whoever started it over stdin and stdout.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
_MOMENT = "2026-05-04T12:00:10.000Z"


@dataclass(frozen=True)
class Script:
    """When what happens. Times are in seconds from `start`, a moment of the monotonic clock."""

    start: float
    outage_begins: float
    outage_ends: float
    done: float
    """When the replies are complete."""


@dataclass
class Counts:
    """What was asked, and when everybody had an answer again."""

    seconds: Counter[int] = field(default_factory=Counter)
    """Requests by the second since the start."""
    refused: int = 0
    back: dict[str, float] = field(default_factory=dict)
    """For each conversation the first answer after the outage, in seconds from its end."""


class StandIn:
    """Answers by the script."""

    def __init__(self, script: Script) -> None:
        self.counts = Counts()
        self._script = script
        self._broken = _response("503 Service Unavailable", {"message": "down"})
        self._partial = _response("200 OK", _conversation("PARTIAL"))
        self._done = _response("200 OK", _conversation("COMPLETED"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self._answer(head.split(b" ", 2)[1].decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller has hung up
        finally:
            writer.close()

    def _answer(self, path: str) -> bytes:
        now = time.monotonic() - self._script.start
        self.counts.seconds[int(now)] += 1
        if self._script.outage_begins <= now < self._script.outage_ends:
            self.counts.refused += 1
            return self._broken
        if now >= self._script.outage_ends:
            self.counts.back.setdefault(path, now - self._script.outage_ends)
        return self._done if now >= self._script.done else self._partial


def _conversation(status: str) -> dict[str, Any]:
    """Return a conversation with one reply."""
    message = {
        "id": "msg_1",
        "role": "assistant",
        "createdAt": _MOMENT,
        "text": "✅ Tests passing",
        "status": status,
        "isStreaming": status == "PARTIAL",
    }
    return {
        "shortId": "chat_fleet",
        "url": "https://app.qa.tech/chat/chat_fleet",
        "title": "Stand-in",
        "createdAt": _MOMENT,
        "updatedAt": _MOMENT,
        "source": "api",
        "messages": [message],
    }


def _response(status: str, document: dict[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


async def _main(script: Script) -> None:
    stand_in = StandIn(script)
    server = await asyncio.start_server(stand_in.serve, HOST, 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(vars(stand_in.counts)), flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(_main(Script(**json.loads(sys.argv[1]))))
