"""What the story needs from outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from .checks import Check
from .deployments import Deployment
from .errors import ForgeError
from .model import (
    Case,
    ChangeReview,
    Command,
    Conversation,
    Found,
    HeadCommit,
    Override,
    PullRequest,
    RawChanges,
    Target,
)
from .secrecy import Secrets
from .signing import Signer


class Clock(Protocol):
    """Time."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def now(self) -> datetime:
        """Return the date and time in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def random(self) -> float:
        """Return a number from 0 to 1, for jitter."""
        ...

    def salt(self) -> str:
        """Return a word that does not come again."""
        ...


@dataclass
class Deadline:
    """A moment of a clock that bounds what is still done. Times are in seconds."""

    clock: Clock
    at: float

    def left(self) -> float:
        """Return the time until the deadline, never below 0."""
        return max(self.at - self.clock.monotonic(), 0.0)

    def shorten(self, seconds: float) -> None:
        """Leave no more than `seconds` from now."""
        self.at = min(self.at, self.clock.monotonic() + seconds)

    def earlier(self, seconds: float) -> "Deadline":
        """Return a deadline that keeps `seconds` of this one in reserve."""
        return Deadline(self.clock, self.at - seconds)


class Reviewer(Protocol):
    """QA.tech. Every call raises a `ReviewerError` where it could not find out."""

    def start_review(self, review: ChangeReview, deadline: Deadline) -> Conversation:
        """Start a review of changes."""
        ...

    def start_conversation(
        self,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
        project: str = "",
    ) -> Conversation:
        """Start a conversation with a message."""
        ...

    def send_message(
        self,
        conversation_id: str,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
    ) -> Conversation:
        """Say something in a conversation."""
        ...

    def conversation(self, conversation_id: str, deadline: Deadline, *, limit: int) -> Conversation:
        """Return a conversation with its `limit` most recent messages."""
        ...


@dataclass(frozen=True)
class Comment:
    """A comment on a pull request."""

    id: int
    url: str
    body: str
    is_own: bool = False
    """True where a list of comments tells that it was written under this run's login."""


@dataclass(frozen=True)
class Glance:
    """A pull request and QA.tech's check on a commit of it, as they stand."""

    head_sha: str
    check: Check | None
    refusal: ForgeError | None = None
    """Why the check could not be read."""


@dataclass(frozen=True)
class ProbeResult:
    """What a preview answered."""

    is_up: bool
    told: str
    """In words, to go on after the preview's name."""
    is_odd: bool = False
    """True where it counts as up although it did not show itself."""


class Prober(Protocol):
    """Asks previews whether they are up."""

    def probe(self, url: str, seconds: float) -> ProbeResult:
        """Return what a preview answers within `seconds`. Never raises."""
        ...


class StatusState(StrEnum):
    """How a commit status stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True)
class Status:
    """A status on a commit."""

    context: str
    state: StatusState
    description: str
    url: str


@dataclass(frozen=True)
class Run:
    """Which run of which workflow this is."""

    url: str = ""
    number: int = 0
    attempt: int = 0
    """From 1; 0 where nobody tells."""
    sha: str = ""
    """The commit that the run's own check is attached to."""


@dataclass(frozen=True)
class Deployed:
    """A preview that the trigger itself hands over."""

    names: tuple[str, ...]
    """Under which its environment may be asked for."""
    url: str
    why: str


class Trigger(Protocol):
    """What started the run, and what it tells of what is under review."""

    @property
    def is_comment(self) -> bool:
        """Tell whether somebody's comment started the run, command or not."""
        ...

    def command(self) -> Command | None:
        """Return the command in the comment; raises `EventError` where it is not whole."""
        ...

    def find(self, requested: str, *, accepts_range: bool) -> Found:
        """Return what the input `pull-request`, or else the trigger, names.

        With `accepts_range`, commits outside of a pull request are a target by themselves. Raises
        `InputError` where the input names nothing, and `EventError` where the trigger does not.
        """
        ...

    def deployed(self, target: Target) -> Deployed | None:
        """Return the preview of the target's commit that the trigger is about, if it is."""
        ...

    def shows_on(self, target: Target) -> bool:
        """Tell whether the run's own result is shown on the target's head commit."""
        ...

    def why_without_token(self, target: Target | None) -> str:
        """Return why the run has no `api-token`; raises `InputError` where it could have one."""
        ...


class Forge(Protocol):
    """The place of pull requests. Every call raises a `ForgeError` where it fails."""

    @property
    def vcs_provider(self) -> str:
        """The forge's name in QA.tech's API."""
        ...

    @property
    def has_check(self) -> bool:
        """Whether QA.tech writes a check there whose author is beyond doubt."""
        ...

    @property
    def comment_right(self) -> str:
        """What a token needs to write a comment, in the forge's words."""
        ...

    @property
    def holds_merges(self) -> bool:
        """Whether the comment begins a thread that a merge waits for until it is resolved."""
        ...

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Look a pull request up."""
        ...

    def comments(self, pull_request: PullRequest) -> Iterator[Comment]:
        """Yield the comments, those that were written last first, as many as are asked for."""
        ...

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        """Write a comment."""
        ...

    def comment(self, pull_request: PullRequest, comment_id: int) -> Comment:
        """Return a comment as it stands; raises `NotOnForge` where it has been deleted."""
        ...

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        """Write a comment anew."""
        ...

    def delete_comment(self, pull_request: PullRequest, comment_id: int) -> None:
        """Delete a comment."""
        ...

    def settle(self, pull_request: PullRequest, comment_id: int, *, is_settled: bool) -> None:
        """Mark a comment as dealt with, or as still open, where a merge may wait for that.

        Nothing happens on a forge that knows no such marks.
        """
        ...

    def glance(self, pull_request: PullRequest) -> Glance | None:
        """Return what a single request tells, or nothing where it takes more. Never raises."""
        ...

    def check(self, target: Target) -> Check | None:
        """Return the check that QA.tech's App wrote on the head commit, if there is one."""
        ...

    def set_status(self, target: Target, status: Status) -> None:
        """Set a status on the head commit."""
        ...

    def deployments(self, repository: str, sha: str) -> list[Deployment]:
        """Return the deployments of a commit, each with its newest status."""
        ...

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        """Return the open pull requests whose head is a commit."""
        ...

    def may_write(self, repository: str, login: str) -> bool:
        """Tell whether somebody may write to a repository."""
        ...

    def acknowledge(self, repository: str, comment_id: int) -> None:
        """Show the author of a comment that it was understood."""
        ...

    def changes(self, target: Target) -> RawChanges:
        """Return description and diff, cut to a bound and saying so."""
        ...


class Log(Protocol):
    """The log of the run. Whatever it is given is made harmless and free of secrets."""

    def info(self, text: str) -> None:
        """Print."""
        ...

    def group(self, title: str, text: str) -> None:
        """Print `text` folded under `title`."""
        ...

    def notice(self, text: str) -> None:
        """Print and annotate: something to know."""
        ...

    def warning(self, text: str) -> None:
        """Print and annotate: something to mend, though the run goes on."""
        ...

    def error(self, text: str) -> None:
        """Print and annotate: why the step is red."""
        ...

    def conceal(self, secret: str) -> None:
        """Keep `secret` out of everything that is written from now on."""
        ...


class Files(Protocol):
    """What the run leaves behind for people and for later steps."""

    def summary(self, markdown: str) -> None:
        """Write the job summary."""
        ...

    def test_report(self, cases: Sequence[Case]) -> None:
        """Write what was tested, where the forge makes a list of it."""
        ...

    def outputs(self, values: Mapping[str, str]) -> None:
        """Write the step's outputs, all or none."""
        ...


@dataclass(frozen=True)
class Ports:
    """All of it together, with the deadline of the whole step."""

    clock: Clock
    deadline: Deadline
    reviewer: Reviewer
    forge: Forge
    trigger: Trigger
    prober: Prober
    log: Log
    files: Files
    secrets: Secrets
    signer: Signer
    run: Run = Run()
