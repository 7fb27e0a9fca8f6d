"""QA.tech's stand-in, which plays reviews: https://docs.qa.tech/api-reference/chat-api."""

import json
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from secrets import token_hex
from socketserver import ThreadingTCPServer
from threading import Lock, Thread
from typing import Any, Literal, TextIO
from urllib.parse import parse_qsl

from qatech_ci.redact import shown_url
from qatech_ci.schemas import problems
from qatech_ci.verdict import FENCE

DISCLAIMER = "_This reply comes from qatech-ci's stand-in for QA.tech. No review took place._"
_NONCE = re.compile(rf'(?ms)^```{FENCE}\n(?:(?!```).)*?"nonce": "([0-9a-f]{{32}})"')
_TESTS = ("Check out as a guest", "Search for a product", "Sign in and out")  # the first may fail
_STEPS = '1. Open the start page\n2. Put the first product in the basket\n3. Press "Pay now"'
_EXPECTED = "the order is confirmed."
_FOUND = 'the page stays where it is and says "Something went wrong".'
_PROSE = "I had a look at the pages that the change touches. Tell me what else to try."
_TABLE = "| Test | Result |\n| --- | --- |" + "".join(f"\n| {it} | ✅ Passed |" for it in _TESTS)
_FAILING = (
    f"❌ Tests failing\n\n{_TABLE.replace('✅ Passed', '❌ Failed', 1)}\n\n"
    f"### ❌ {_TESTS[0]}\n\n{_STEPS}\n\n**Expected:** {_EXPECTED}\n\n**Found:** {_FOUND}"
)


class Scenario(StrEnum):
    """How a review ends, from the best to the worst; of several the worst decides."""

    PASSING = "passing"
    PENDING_FIRST = "pending"  # tests still run until the block is asked for twice more
    VAGUE = "vague"  # no verdict block until it is asked for, then passed
    UNVERIFIED = "unverified"
    BLOCKED = "blocked"
    FAILING = "failing"
    MUTE = "mute"  # never a verdict block
    CANCELLED = "cancelled"  # the message's status, which is no verdict; `failed` likewise
    FAILED = "failed"
    NEVER = "never"  # the reply never ends


_WORD = re.compile(rf"(?<![a-z])({'|'.join(Scenario)})(?![a-z])", re.IGNORECASE)
_PLAYED = {
    Scenario.PASSING: ("passed", "COMPLETED", f"✅ Tests passing\n\n{_TABLE}"),
    Scenario.PENDING_FIRST: ("pending", "COMPLETED", "The tests have been started."),
    Scenario.VAGUE: ("passed", "COMPLETED", _PROSE),
    Scenario.UNVERIFIED: ("unverified", "COMPLETED", "Unable to verify: nothing can be seen."),
    Scenario.BLOCKED: ("blocked", "COMPLETED", "The start page asks for a login."),
    Scenario.FAILING: ("failed", "COMPLETED", _FAILING),
    Scenario.MUTE: ("", "COMPLETED", _PROSE),
    Scenario.CANCELLED: ("", "CANCELLED", "The review was cancelled."),
    Scenario.FAILED: ("", "FAILED", "The review stopped on an internal error."),
    Scenario.NEVER: ("", "PARTIAL", "The review is under way, and will stay so."),
}
"""The verdict in the block, the message's last status, and its text."""
Kind = Literal["review", "chat", "follow-up"]


@dataclass(frozen=True)
class Question:
    """A request that is about to be answered."""

    kind: Kind
    conversation_id: str
    body: Mapping[str, Any]
    nonce: str | None  # of the verdict block that was asked for, if one was
    scenario: Scenario

    @property
    def usual(self) -> str:
        """What the stand-in says by itself."""
        verdict, _, text = _PLAYED[self.scenario]
        about = f"Change review of {shown_url(self.body.get('prUrl', 'raw changes'))}"
        told = [text, about] if self.kind == "review" else [_PROSE]
        is_vague = self.scenario is Scenario.VAGUE and self.kind != "follow-up"
        if not self.nonce or not verdict or is_vague:
            return "\n\n".join([*told, DISCLAIMER])
        details = f"{_STEPS}\nExpected: {_EXPECTED}\nFound: {_FOUND}"
        document = {
            "nonce": self.nonce,
            "verdict": verdict,
            "reasons": [f"The stand-in played “{self.scenario}”. No review took place."],
            "tested": _TESTS if verdict in ("passed", "failed") else [],
            "failures": [{"title": _TESTS[0], "details": details}] if verdict == "failed" else [],
        }
        block = f"```{FENCE}\n{json.dumps(document, ensure_ascii=False)}\n```"
        return block if self.kind == "follow-up" else "\n\n".join([*told, DISCLAIMER, block])


@dataclass(kw_only=True)
class Sandbox:
    """The four calls of the Chat API in memory, strict about what they are sent."""

    now: Callable[[], datetime]  # in aware times
    token: str | None = None  # the only one that is accepted; None accepts any, and none at all
    scenario: Scenario | None = None  # of each review; None leaves it to words in environments
    pace: float = 6.0  # seconds that a reply takes
    reply: Callable[[Question], str] = lambda question: question.usual
    _conversations: dict[str, "_Conversation"] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], authorization: str, body: bytes
    ) -> tuple[int, dict[str, Any]]:
        """Return the status and the JSON that answer a request; never raises for what was sent."""
        if self.token is not None and authorization != f"Bearer {self.token}":
            return 401, {"message": "Missing or invalid API key"}
        document = None
        with suppress(ValueError, RecursionError):
            document = json.loads(body)
        with self._lock:
            return self._routed(method, path, query, document)

    def _routed(
        self, method: str, path: str, query: Mapping[str, str], document: object
    ) -> tuple[int, dict[str, Any]]:
        match method, path.split("/"):
            case "POST", ["", "v1", "chat"]:
                return self._said("chat", _Conversation(self.now()), document)
            case "POST", ["", "v1", "chat", "change-review"]:
                return self._said("review", _Conversation(self.now()), document)
            case "POST", ["", "v1", "chat", known] if known in self._conversations:
                return self._said("follow-up", self._conversations[known], document)
            case "GET", ["", "v1", "chat", known] if known in self._conversations:
                limit = query.get("limit", "20")
                if not re.fullmatch("[1-9][0-9]{0,8}", limit):
                    return 400, {"message": "limit: must be a positive integer"}
                return 200, self._conversations[known].shown(self.now(), int(limit))
        return 404, {"message": f"Not found: {method} {path}"}

    def _said(
        self, kind: Kind, conversation: "_Conversation", document: object
    ) -> tuple[int, dict[str, Any]]:
        """Take a message; the answer shows what was there before it: on creation, no messages."""
        schema = "chat-api#change-review-request" if kind == "review" else "chat-api#chat-request"
        # jsonschema quotes the value, and the query of a preview's URL may be a secret.
        wrong = [
            f"{'.'.join(map(str, it.path)) or 'body'}: {it.message.replace(repr(it.instance), '…')}"
            for it in problems(schema, document)
        ]
        if wrong or not isinstance(document, dict):
            return 400, {"message": "; ".join(wrong)}
        now, pace = self.now(), self.pace
        before = conversation.shown(now)
        self._conversations[conversation.short_id] = conversation
        conversation.overrides = document.get("applicationOverrides", conversation.overrides)
        asked = document.get("context", "") if kind == "review" else document["message"]
        nonce = (_NONCE.findall(asked) or [None])[-1]
        conversation.demands += nonce is not None
        scenario = self.scenario or _worst(conversation.overrides)
        if scenario is Scenario.PENDING_FIRST and conversation.demands > 2:
            scenario = Scenario.PASSING
        text = self.reply(Question(kind, conversation.short_id, document, nonce, scenario))
        appears = now + timedelta(seconds=pace / 10)
        conversation.messages += [
            _Message("user", asked or "Review this change.", "COMPLETED", now, 0.0),
            _Message("assistant", text, _PLAYED[scenario][1], appears, pace * 0.9),
        ]
        return 202, before


def _worst(overrides: Sequence[Mapping[str, Any]]) -> Scenario:
    """Return the worst scenario that a word in an environment's URL, name or short id chooses."""
    values = [str(value) for it in overrides for value in it["environment"].values()]
    words = {word.lower() for word in _WORD.findall(" ".join(values))}
    return next((it for it in reversed(Scenario) if it in words), Scenario.PASSING)


@dataclass(frozen=True)
class _Message:
    role: str
    text: str
    status: str
    created_at: datetime
    seconds: float  # how long it takes to write
    short_id: str = field(default_factory=lambda: f"msg_{token_hex(6)}")

    def shown(self, now: datetime) -> dict[str, Any]:
        """Return the message as far as it is written; for a fifth of the time it is empty."""
        elapsed = (now - self.created_at).total_seconds()
        text, status = self.text, self.status
        if elapsed < self.seconds or status == "PARTIAL":
            share = min(elapsed / self.seconds, 1.0) if self.seconds else 1.0
            text = text[: int(len(text) * max(share - 0.2, 0.0))]
            status = "PARTIAL" if text else "INITIATED"
        return {
            "id": self.short_id,
            "role": self.role,
            "createdAt": _time(self.created_at),
            "text": text,
            "status": status,
            "isStreaming": status in ("INITIATED", "PARTIAL"),
        }


@dataclass
class _Conversation:
    started_at: datetime
    short_id: str = field(default_factory=lambda: f"chat_{token_hex(6)}")
    overrides: Sequence[Mapping[str, Any]] = ()
    messages: list[_Message] = field(default_factory=list)
    demands: int = 0  # how often a verdict block was asked for

    def shown(self, now: datetime, limit: int = 20) -> dict[str, Any]:
        """Return the conversation with its latest messages, newest first."""
        ordered = sorted(self.messages, key=lambda message: message.created_at)
        there = [it for it in ordered if it.created_at <= now]
        return {
            "shortId": self.short_id,
            "url": f"https://app.qa.tech/p/sandbox/chat/{self.short_id}",
            "title": "Played by a stand-in" if len(there) > 1 else None,
            "createdAt": _time(self.started_at),
            "updatedAt": _time(there[-1].created_at if there else self.started_at),
            "source": "api",
            "messages": [it.shown(now) for it in there[::-1][:limit]],
        }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def serving(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve the stand-in in the background; yield the API's base URL, which ends in `/v1`.

    Port 0 lets the system choose. Raises `OSError` where the address cannot be had.
    """
    with _Server((host, port), _Handler) as server:
        server.sandbox = sandbox
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        # A thread inherits the mask. A signal that lands there would not interrupt what the main
        # thread waits for: https://docs.python.org/3/library/signal.html#signals-and-threads
        ours = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ours)
        thread.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            yield f"http://{host}:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            thread.join()


def serve(out: TextIO, host: str, port: int, token: str | None = None) -> None:
    """Serve the stand-in until interrupted, and tell `out` where; raises `OSError` as `serving`."""
    sandbox = Sandbox(token=token, now=lambda: datetime.now(UTC))
    told = (
        "This is qatech-ci's stand-in for QA.tech. No review takes place.\n\n  api-url: {}\n\n"
        f"It accepts {'only the given token' if token else 'any token'}. A word in an environment's"
        f" URL, name or\nshort id chooses the ending: {', '.join(Scenario)}.\nInterrupt to end."
    )
    with serving(sandbox, host, port) as url, suppress(KeyboardInterrupt):
        print(told.format(url), file=out, flush=True)
        signal.pause()


class _Server(ThreadingTCPServer):
    # Not ThreadingHTTPServer: that looks up its own name, which takes seconds where DNS is slow.
    allow_reuse_address = True
    daemon_threads = True
    sandbox: Sandbox


class _Handler(BaseHTTPRequestHandler):
    """Closes the connection after each answer, as HTTP/1.0 does, so that no thread is left."""

    server: _Server
    server_version, sys_version = "qatech-ci", "stand-in"  # what `Server` says
    wbufsize = -1  # head and body in one packet: the second would wait for an acknowledgement

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client may hang up
            super().handle()

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        length = self.headers.get("Content-Length", "")
        sent = self.rfile.read(int(length) if length.isdecimal() else 0)
        token = self.headers.get("Authorization", "")
        told = dict(parse_qsl(query))
        status, answer = self.server.sandbox.answer(self.command, path, told, token, sent)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Keep quiet: people read the log beside which this runs."""
