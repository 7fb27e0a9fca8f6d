"""Fakes at the ports."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from qatech_ci.before.checks import Check
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.deployments import Deployment
from qatech_ci.before.errors import ForgeError, NotOnForge
from qatech_ci.before.github import WorkflowEvent
from qatech_ci.before.model import (
    Case,
    ChangeReview,
    Conversation,
    HeadCommit,
    Message,
    Override,
    PullRequest,
    RawChanges,
    Target,
)
from qatech_ci.before.ports import Comment, Deadline, Glance, Ports, ProbeResult, Run, Status
from qatech_ci.before.secrecy import Secrets
from qatech_ci.before.signing import Signer
from qatech_ci.before.target import Event

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
PULL_REQUEST = PullRequest(
    repository="octo-org/shop",
    number=7,
    url="https://github.com/octo-org/shop/pull/7",
    head_sha=SHA,
)
RAW_CHANGES = RawChanges("Fixes the total", "diff --git a/x b/x")
UP = ProbeResult(is_up=True, told="answers 200")
DOWN = ProbeResult(is_up=False, told="answers 503")
RUN = Run("https://github.com/octo-org/shop/actions/runs/1", 1, sha=SHA)


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


Looked = Conversation | Exception


@dataclass
class FakeReviewer:
    """Answers with what the script says: each look takes the next, the last one stays.

    A text in a message may hold `NONCE`, which stands for the nonce that was asked for.
    """

    script: list[Looked]
    follow_up: list[Looked] = field(default_factory=list)
    """What is seen after a message has been sent."""
    started: list[ChangeReview] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    start_error: Exception | None = None
    send_error: Exception | None = None
    looks: int = 0
    on_look: Callable[[], None] = lambda: None
    url: str = "https://app.qa.tech/p/shop/chat/chat_abc"

    def start_review(self, review: ChangeReview, deadline: Deadline) -> Conversation:
        assert deadline.left() > 0
        self.started.append(review)
        if self.start_error:
            raise self.start_error
        return replace(conversation(), url=self.url)

    def start_conversation(
        self,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
        project: str = "",
    ) -> Conversation:
        self.said.append(text)
        return conversation()

    def send_message(
        self,
        conversation_id: str,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
    ) -> Conversation:
        self.said.append(text)
        self.looks = 0
        self.script = self.follow_up or self.script
        if self.send_error:
            raise self.send_error
        return conversation()

    def conversation(self, conversation_id: str, deadline: Deadline, *, limit: int) -> Conversation:
        self.on_look()
        answer = self.script[min(self.looks, len(self.script) - 1)]
        self.looks += 1
        if isinstance(answer, Exception):
            raise answer
        messages = tuple(replace(it, text=self._filled(it.text)) for it in answer.messages)
        return replace(answer, messages=messages)

    def _filled(self, text: str) -> str:
        asked = " ".join([*(review.context for review in self.started), *self.said])
        nonces = re.findall(r'"nonce": "([0-9a-f]{32})"', asked)
        return text.replace("NONCE", nonces[-1]) if nonces else text


@dataclass
class FakeForge:
    """Keeps comments in a list."""

    vcs_provider: str = "github"
    has_check: bool = True
    comment_right: str = "`pull-requests: write`"
    holds_merges: bool = False
    login: str = "github-actions[bot]"
    kept: list[Comment] = field(default_factory=list)
    pull_requests: dict[int, PullRequest] = field(default_factory=lambda: {7: PULL_REQUEST})
    error: ForgeError | None = None
    write_error: ForgeError | None = None
    check_error: ForgeError | None = None
    lookup_error: ForgeError | None = None
    changes_error: ForgeError | None = None
    checks: list[Check | None] = field(default_factory=lambda: [None])
    """What each look at QA.tech's check finds, the last one for ever."""
    statuses: list[Status] = field(default_factory=list)
    raw_changes: RawChanges = RAW_CHANGES
    deployed: list[list[Deployment]] = field(default_factory=lambda: [[]])
    """What each look at the deployments finds, the last one for ever."""
    asked_for: list[HeadCommit] = field(default_factory=list)
    writers: tuple[str, ...] = ("octocat",)
    acknowledged: list[int] = field(default_factory=list)
    settled: list[bool] = field(default_factory=list)
    seen: Glance | None = None
    """What a single request tells."""
    before_listing: Callable[[], None] = lambda: None
    after_edit: Callable[[], None] = lambda: None

    def overwrite(self, body: str) -> None:
        """Write over the first comment, once, as another run would."""
        self.after_edit = lambda: None
        self.kept[0] = replace(self.kept[0], body=body)

    def pull_request(self, repository: str, number: int) -> PullRequest:
        self._fail(self.lookup_error)
        return replace(self.pull_requests[number], repository=repository)

    def comments(self, pull_request: PullRequest) -> Iterator[Comment]:
        self._fail()
        self.before_listing()
        yield from reversed(list(self.kept))

    def glance(self, pull_request: PullRequest) -> Glance | None:
        return self.seen

    def comment(self, pull_request: PullRequest, comment_id: int) -> Comment:
        self._fail()
        found = [comment for comment in self.kept if comment.id == comment_id]
        if not found:
            raise NotOnForge("404.")
        return found[0]

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        self._fail(self.write_error)
        return self.add(self.login, body)

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        self._fail(self.write_error)
        edited = replace(self.comment(pull_request, comment_id), body=body)
        self.kept[[comment.id for comment in self.kept].index(comment_id)] = edited
        self.after_edit()
        return edited

    def delete_comment(self, pull_request: PullRequest, comment_id: int) -> None:
        self._fail()
        self.kept = [comment for comment in self.kept if comment.id != comment_id]

    def settle(self, pull_request: PullRequest, comment_id: int, *, is_settled: bool) -> None:
        self._fail()
        self.settled.append(is_settled)

    def check(self, target: Target) -> Check | None:
        self._fail(self.check_error)
        return self.checks.pop(0) if len(self.checks) > 1 else self.checks[0]

    def set_status(self, target: Target, status: Status) -> None:
        self._fail()
        self.statuses.append(status)

    def changes(self, target: Target) -> RawChanges:
        self._fail(self.changes_error)
        return self.raw_changes

    def deployments(self, repository: str, sha: str) -> list[Deployment]:
        self._fail()
        return self.deployed.pop(0) if len(self.deployed) > 1 else self.deployed[0]

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        self._fail()
        self.asked_for.append(commit)
        return [it for it in self.pull_requests.values() if it.head_sha == commit.sha]

    def may_write(self, repository: str, login: str) -> bool:
        self._fail()
        return login in self.writers

    def acknowledge(self, repository: str, comment_id: int) -> None:
        self._fail(self.write_error)
        self.acknowledged.append(comment_id)

    def add(self, login: str, body: str) -> Comment:
        """Add a comment of anybody's."""
        number = max((comment.id for comment in self.kept), default=0) + 1
        url = f"{PULL_REQUEST.url}#issuecomment-{number}"
        comment = Comment(number, url, body, is_own=login == self.login)
        self.kept.append(comment)
        return comment

    def _fail(self, error: ForgeError | None = None) -> None:
        if error := error or self.error:
            raise error


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
    cases: list[Case] = field(default_factory=list)
    error: Exception | None = None

    def summary(self, markdown: str) -> None:
        if self.error:
            raise self.error
        self.markdown = markdown

    def test_report(self, cases: Sequence[Case]) -> None:
        self.cases = list(cases)

    def outputs(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)


@dataclass
class FakeProber:
    """Answers with what the script says, the last one for ever."""

    script: list[ProbeResult] = field(default_factory=lambda: [UP])
    probed: list[str] = field(default_factory=list)

    def probe(self, url: str, seconds: float) -> ProbeResult:
        assert seconds > 0
        self.probed.append(url)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@dataclass
class World:
    """All ports faked, for one run of the story."""

    reviewer: FakeReviewer
    clock: SimulatedClock = field(default_factory=clock)
    forge: FakeForge = field(default_factory=FakeForge)
    log: FakeLog = field(default_factory=FakeLog)
    files: FakeFiles = field(default_factory=FakeFiles)
    prober: FakeProber = field(default_factory=FakeProber)
    run: Run = RUN
    last_ports: Ports = field(init=False)

    def ports(self, event: Event, timeout: float = 1800, token: str = "tok_123456") -> Ports:
        """Return the ports with a deadline `timeout` seconds from now."""
        self.last_ports = Ports(
            clock=self.clock,
            deadline=Deadline(self.clock, self.clock.monotonic() + timeout),
            reviewer=self.reviewer,
            forge=self.forge,
            trigger=WorkflowEvent(event, self.run),
            prober=self.prober,
            log=self.log,
            files=self.files,
            secrets=self.log.secrets,
            signer=Signer(token),
            run=self.run,
        )
        return self.last_ports
