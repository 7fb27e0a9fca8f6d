"""The nouns of a review, frozen."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """How a run ended, in the words of the output `verdict`."""

    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIED = "unverified"  # nothing of the change could be seen through the interface
    BLOCKED = "blocked"  # something kept the reviewer from testing: an error page, a login, a quota
    UNKNOWN = "unknown"  # nothing trustworthy says how it ended, or what is said contradicts itself
    ERROR = "error"  # QA.tech failed, refused or could not be reached, or a preview failed
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # it should have been reviewed and could not be
    IGNORED = "ignored"  # the event asks for no review
    STARTED = "started"  # `wait: false`: nobody waited for the reply
    ANSWERED = "answered"  # mode `message`: the reply is complete


@dataclass(frozen=True)
class PullRequest:
    """A pull request (GitLab: merge request) and the commit under review."""

    repository: str  # owner and name, as in `octo-org/shop`; on GitLab the project's path
    number: int
    url: str
    head_sha: str
    # From here to the labels it is untrusted text, empty where nobody tells.
    head_branch: str = ""
    base_branch: str = ""
    title: str = ""
    body: str = ""
    author: str = ""
    labels: tuple[str, ...] = ()
    is_draft: bool = False
    is_open: bool = True
    from_fork: bool = False  # told on GitLab only


@dataclass(frozen=True)
class Override:
    """Which application is reviewed where."""

    application: str
    kind: str  # `url`, `environment` or `build`; `output` and `deployment` until a URL is found
    value: str  # URL, short id, `job.output` or pattern. A URL may hold secrets
    name: str = ""  # of the environment, where it has a URL
    query: str = ""  # added to the URL that is found; a secret
    device_preset: str = ""
    found: str = ""  # how the URL was found, in words; empty where it was written down


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    id: str
    role: str
    created_at: datetime
    text: str
    status: str = ""  # the life cycle (`COMPLETED`, `FAILED`, …) as it came; never a verdict
    is_streaming: bool = False

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will come. A status that is not documented is not an end."""
        is_complete = self.status == "COMPLETED" and not self.is_streaming
        return is_complete or self.status in {"FAILED", "CANCELLED"}


@dataclass(frozen=True)
class Conversation:
    """A conversation with QA.tech's agent. Messages may stand in any order."""

    short_id: str
    url: str  # empty where the answer's URL may not be linked
    messages: tuple[Message, ...] = ()


CONVERSATION_ID = re.compile(r"chat(-[A-Za-z0-9_.~-]{1,200}_|_)[A-Za-z0-9_.~-]{1,200}")
"""Stricter than the documented `^chat(-.+_.+|_.+)$`, which admits slashes and line ends."""


@dataclass(frozen=True)
class Failure:
    """One thing that does not work."""

    title: str
    details: str = ""


class CheckState(StrEnum):
    """What QA.tech's own check says about a commit; the worst comes first."""

    FAILURE = "failure"
    UNREADABLE = "unreadable"  # not read, or not to be understood (`cancelled`, `stale`)
    PENDING = "pending"
    SUCCESS = "success"
    NONE = "none"  # there is none, it says nothing (`neutral`, `skipped`), or it may not be read


@dataclass(frozen=True)
class Check:
    """QA.tech's check run or commit status."""

    state: CheckState
    told: str = ""  # what it says, for people
    refused: str = ""  # why some of it may not be read, with the permission


@dataclass(frozen=True)
class Deployment:
    """A deployment with its newest status; `state` in GitHub's words, empty while there is none."""

    id: int
    environment: str
    state: str = ""
    url: str = ""
    description: str = ""


@dataclass(frozen=True)
class Comment:
    """A comment on a pull request."""

    id: int
    url: str
    body: str
    is_trusted: bool = False  # whether its author is a bot or may write to the repository


@dataclass(frozen=True)
class Changes:
    """What is under review, handed over as text."""

    description: str
    diff: str
    left_out: str = ""  # what does not fit, in a sentence; empty where all of it is there


@dataclass(frozen=True)
class Run:
    """Which run of a workflow or pipeline this is."""

    url: str = ""
    number: int = 0
    attempt: int = 0  # from 1; 0 where nobody tells

    @classmethod
    def of(cls, url: str, number: str, attempt: str) -> "Run":
        """Return the run of numbers as the environment has them; other words count as 0."""
        known = [int(it) if re.fullmatch(r"[0-9]{1,18}", it) else 0 for it in (number, attempt)]
        return cls(url, *known)
