"""The nouns of a review, frozen."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """How a review ended, in the words of the output `verdict`."""

    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"
    ERROR = "error"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    STARTED = "started"
    ANSWERED = "answered"


@dataclass(frozen=True)
class PullRequest:
    """A pull request and the commit under review."""

    repository: str
    """Owner and name, as in `octo-org/shop`."""
    number: int
    url: str
    head_sha: str
    is_open: bool = True
    from_fork: bool = False
    """True as well where the fork has been deleted."""


@dataclass(frozen=True)
class CommitRange:
    """Commits outside of a pull request: what was pushed, or what a merge queue combined."""

    repository: str
    base: str
    """SHA or branch."""
    head_sha: str
    title: str
    url: str


Target = PullRequest | CommitRange


@dataclass(frozen=True)
class Reference:
    """A pull request of which the event tells only repository and number: look it up."""

    repository: str
    number: int
    head_sha: str = ""
    """The commit that the event is about, where it tells one."""


@dataclass(frozen=True)
class HeadCommit:
    """A commit that may be the head of a pull request: look that up."""

    repository: str
    sha: str
    head: str = ""
    """Owner and branch, as in `mona:fix`, where the commit may be in a fork."""


@dataclass(frozen=True)
class Nothing:
    """The event asks for no review."""

    reason: str


Found = PullRequest | Reference | HeadCommit | CommitRange | Nothing


@dataclass(frozen=True)
class PreviewUrl:
    """An environment given by its URL."""

    url: str
    name: str | None = None


@dataclass(frozen=True)
class SavedEnvironment:
    """An environment that is saved in QA.tech."""

    short_id: str


@dataclass(frozen=True)
class UploadedBuild:
    """A mobile build that was uploaded to QA.tech."""

    short_id: str


@dataclass(frozen=True)
class DeployOutput:
    """An environment whose URL a deploy job or step put into its outputs."""

    job: str
    output: str = ""
    """Empty where it is to be found among the outputs."""


@dataclass(frozen=True)
class DeployedEnvironment:
    """An environment whose URL a deployment on the forge has."""

    pattern: str
    """A glob for the name of the environment."""


Environment = PreviewUrl | SavedEnvironment | UploadedBuild | DeployOutput | DeployedEnvironment


@dataclass(frozen=True)
class Override:
    """Which application is reviewed on which environment."""

    application: str
    environment: Environment
    device_preset: str | None = None
    why: str = "as written"
    """How the environment was found, in words."""


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    `status` is the life cycle of the message (`COMPLETED`, `FAILED`, …), never a verdict; it and
    `is_streaming` are optional in the API, and a status that is not documented is kept as it came.
    """

    id: str
    role: str
    created_at: datetime
    text: str
    status: str = ""
    is_streaming: bool = False


_CONVERSATION_ID = r"chat(-[A-Za-z0-9_.~-]{1,200}_|_)[A-Za-z0-9_.~-]{1,200}"


def is_conversation_id(short_id: str) -> bool:
    """Tell whether a conversation's short id is safe in a path.

    The documented pattern `^chat(-.+_.+|_.+)$` admits slashes and line breaks.
    """
    return re.fullmatch(_CONVERSATION_ID, short_id) is not None


@dataclass(frozen=True)
class Conversation:
    """A conversation with QA.tech's agent. Messages may stand in any order."""

    short_id: str
    url: str
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True)
class PullRequestChanges:
    """Changes that QA.tech fetches from the forge itself."""

    url: str
    vcs_provider: str
    """`github` or `gitlab`."""


@dataclass(frozen=True)
class RawChanges:
    """Changes handed over as text."""

    description: str
    diff: str
    cut: str = ""
    """What does not fit and was left out, in a sentence; empty where all of it is there."""


@dataclass(frozen=True)
class ChangeReview:
    """What to review, on which environments."""

    changes: PullRequestChanges | RawChanges
    overrides: tuple[Override, ...]
    context: str = ""
    project: str = ""


class Source(StrEnum):
    """Where evidence comes from, in the words of the output `verdict-source`."""

    LIFE_CYCLE = "life-cycle"
    CHECK = "check"
    VERDICT_BLOCK = "verdict-block"
    VERDICT_LINE = "verdict-line"
    RECEIPT = "receipt"


@dataclass(frozen=True)
class Failure:
    """One thing that does not work."""

    title: str
    details: str = ""


@dataclass(frozen=True)
class Findings:
    """What a verdict block tells beside the verdict."""

    reasons: tuple[str, ...] = ()
    tested: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


class Outcome(StrEnum):
    """How one thing that was tested ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    """One thing that was tested."""

    name: str
    outcome: Outcome
    details: str = ""


@dataclass(frozen=True)
class Evidence:
    """What one source says."""

    source: Source
    verdict: Verdict
    detail: str
    findings: Findings = Findings()


@dataclass(frozen=True)
class Command:
    """Somebody's wish for a review, in a comment."""

    repository: str
    author: str
    comment_id: int
    context: str
