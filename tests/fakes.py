"""Fakes at the ports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from qatech_ci.clock import SimulatedClock
from qatech_ci.errors import ForgeError
from qatech_ci.model import ChangeReview, Conversation, Message, Override, PullRequest
from qatech_ci.ports import Comment, Deadline, Ports
from qatech_ci.secrecy import Secrets

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
PULL_REQUEST = PullRequest(
    repository="octo-org/shop",
    number=7,
    url="https://github.com/octo-org/shop/pull/7",
    head_sha=SHA,
    head_ref="fix-checkout-total",
)


def clock() -> SimulatedClock:
    """Return a clock that stands at noon."""
    return SimulatedClock(NOON)


def reply(
    text: str = "✅ Tests passing",
    *,
    status: str = "COMPLETED",
    at: float = 10,
    role: str = "assistant",
    is_streaming: bool = False,
) -> Message:
    """Return a message written `at` seconds after noon."""
    moment = NOON + timedelta(seconds=at)
    return Message(f"msg_{at:g}", role, moment, text, status, is_streaming)


def conversation(*messages: Message) -> Conversation:
    """Return a conversation."""
    return Conversation("chat_abc", "https://app.qa.tech/p/shop/chat/chat_abc", messages)


@dataclass
class FakeReviewer:
    """Answers with what the script says: each look takes the next, the last one stays."""

    script: list[Conversation | Exception]
    started: list[ChangeReview] = field(default_factory=list)
    start_error: Exception | None = None
    looks: int = 0
    on_look: Callable[[], None] = lambda: None
    url: str = "https://app.qa.tech/p/shop/chat/chat_abc"

    def start_review(self, review: ChangeReview, deadline: Deadline) -> Conversation:
        assert deadline.left() > 0
        if self.start_error:
            raise self.start_error
        self.started.append(review)
        return replace(conversation(), url=self.url)

    def start_conversation(
        self,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
        project: str = "",
    ) -> Conversation:
        raise NotImplementedError

    def send_message(
        self,
        conversation_id: str,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
    ) -> Conversation:
        raise NotImplementedError

    def conversation(self, conversation_id: str, deadline: Deadline, *, limit: int) -> Conversation:
        self.on_look()
        answer = self.script[min(self.looks, len(self.script) - 1)]
        self.looks += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class FakeForge:
    """Keeps comments in a list."""

    vcs_provider: str = "github"
    login: str = "github-actions[bot]"
    kept: list[Comment] = field(default_factory=list)
    pull_requests: dict[int, PullRequest] = field(default_factory=lambda: {7: PULL_REQUEST})
    error: ForgeError | None = None
    writes: int = 0

    def pull_request(self, repository: str, number: int) -> PullRequest:
        self._fail()
        return replace(self.pull_requests[number], repository=repository)

    def own_login(self) -> str:
        self._fail()
        return self.login

    def comments(self, pull_request: PullRequest) -> Iterator[Comment]:
        self._fail()
        yield from list(self.kept)

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        self._fail()
        return self.add(self.login, body)

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        self._fail()
        place = next(place for place, it in enumerate(self.kept) if it.id == comment_id)
        self.kept[place] = replace(self.kept[place], body=body)
        self.writes += 1
        return self.kept[place]

    def add(self, login: str, body: str) -> Comment:
        """Add a comment of anybody's."""
        number = len(self.kept) + 1
        comment = Comment(number, f"{PULL_REQUEST.url}#issuecomment-{number}", login, body)
        self.kept.append(comment)
        self.writes += 1
        return comment

    def _fail(self) -> None:
        if self.error:
            raise self.error


@dataclass
class FakeLog:
    """Keeps what is said, each line with its kind in front."""

    lines: list[str] = field(default_factory=list)
    secrets: Secrets = field(default_factory=Secrets)

    def info(self, text: str) -> None:
        self.lines.append(f"info {text}")

    def group(self, title: str, text: str) -> None:
        self.lines.append(f"group {title} | {text}")

    def notice(self, text: str) -> None:
        self.lines.append(f"notice {text}")

    def warning(self, text: str) -> None:
        self.lines.append(f"warning {text}")

    def error(self, text: str) -> None:
        self.lines.append(f"error {text}")

    def conceal(self, secret: str) -> None:
        self.secrets.add(secret)
        self.lines.append(f"conceal {secret}")

    def all(self) -> str:
        """Return everything that was said."""
        return "\n".join(self.lines)


@dataclass
class FakeFiles:
    """Keeps the last summary and the outputs."""

    markdown: str = ""
    values: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None

    def summary(self, markdown: str) -> None:
        if self.error:
            raise self.error
        self.markdown = markdown

    def outputs(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)


@dataclass
class World:
    """All ports faked, for one run of the story."""

    reviewer: FakeReviewer
    clock: SimulatedClock = field(default_factory=clock)
    forge: FakeForge = field(default_factory=FakeForge)
    log: FakeLog = field(default_factory=FakeLog)
    files: FakeFiles = field(default_factory=FakeFiles)

    def ports(self, timeout: float = 1800) -> Ports:
        """Return the ports with a deadline `timeout` seconds from now."""
        return Ports(
            clock=self.clock,
            deadline=Deadline(self.clock, self.clock.monotonic() + timeout),
            reviewer=self.reviewer,
            forge=self.forge,
            log=self.log,
            files=self.files,
            secrets=self.log.secrets,
            run_url="https://github.com/octo-org/shop/actions/runs/1",
        )
