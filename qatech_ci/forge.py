"""What the story asks of GitHub and GitLab alike: the forge, and the job that runs there."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from errno import ENOSPC
from fnmatch import fnmatchcase
from io import SEEK_END
from pathlib import Path
from typing import Protocol

from .errors import EventError, Ignored, RunnerError, Skipped
from .model import (
    Changes,
    Check,
    Comment,
    CommitRange,
    CommitStatus,
    Deployment,
    PullRequest,
    Run,
    Target,
)

LARGEST_DIFF = 200_000
"""Characters. A reviewer reads no more of it with profit, and no request grows without bound."""


@dataclass(frozen=True)
class Reference:
    """A pull request by its number; `head_sha` is the commit that the event names, if it does.

    `payload` is what the event tells of the pull request, if it does; `failure` what failed before
    there was anything to review, with a remedy.
    """

    repository: str
    number: int
    head_sha: str = ""
    payload: PullRequest | None = None
    failure: tuple[str, str] | None = None


@dataclass(frozen=True)
class HeadCommit:
    """A commit that may be the head of a pull request.

    `branch` is owner and branch, as in `mona:fix`, where the commit may be in a fork; `failure` as
    in a reference.
    """

    repository: str
    sha: str
    branch: str = ""
    failure: tuple[str, str] | None = None


Subject = Reference | HeadCommit | CommitRange
"""What an event or the input `pull-request` names."""


@dataclass(frozen=True)
class Deployed:
    """A preview that the event itself brings, under each name of its environment."""

    environments: tuple[str, ...]
    url: str
    found: str
    """How, in words."""


class Event(Protocol):
    """What started the run."""

    @property
    def command(self) -> str | None:
        """The words of the comment command, which ask for another review; None without one."""

    @property
    def is_untrusted(self) -> bool:
        """Whether the run may lack secrets through nobody's fault: a fork's or Dependabot's."""

    @property
    def wants_status(self) -> bool:
        """Whether the job is not the thing to require, so that the head commit gets a status."""

    @property
    def environments(self) -> tuple[str, ...]:
        """The names of the environment that the event tells of a deployment to, if it does."""

    def subject(self, requested: str, *, accepts_range: bool) -> Subject:
        """Return what the input `pull-request`, else the event, names; asks nobody.

        With `accepts_range`, commits outside of a pull request are one. Raises `EventError` and
        `InputError` where nothing is named, and `Ignored` where the event asks for no review.
        """

    def deployed(self, target: Target) -> Deployed | None:
        """Return the preview of the target's commit that the event brings, if it does."""


class Forge(Protocol):
    """GitHub or GitLab. Every call raises a `ForgeError` where it fails."""

    @property
    def provider(self) -> str:
        """`github` or `gitlab`, as QA.tech's API names it."""

    @property
    def date(self) -> datetime:
        """The forge's own time, of its last answer about a pull request."""

    def renew(self) -> None:
        """Forget connections, which a signal may have left half used."""

    def allow(self) -> None:
        """Raise `Ignored` where the author of a command may not write."""

    def acknowledge(self) -> None:
        """Show the author of a command that it was understood."""

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it stands."""

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        """Return the open pull requests whose head is a commit.

        Raises `Skipped` where they have it, but not as their head any more.
        """

    def comments(self, target: PullRequest, since: datetime | None = None) -> list[Comment]:
        """Return the comments, those that were changed since a time."""

    def comment(self, target: PullRequest, number: int) -> Comment:
        """Return a comment as it stands; raises `NotFound` where it has been deleted."""

    def create_comment(self, target: PullRequest, body: str) -> Comment:
        """Write a comment, at most once."""

    def edit_comment(self, target: PullRequest, number: int, body: str) -> None:
        """Write a comment anew."""

    def delete_comment(self, target: PullRequest, number: int) -> None:
        """Delete a comment."""

    def qatech_check(self, target: Target, since: datetime) -> Check:
        """Return what QA.tech's App says of the head commit since a time of the forge's clock."""

    def set_status(self, target: Target, status: CommitStatus) -> None:
        """Set a status on the head commit."""

    def deployments(self, target: Target, patterns: Iterable[str]) -> list[Deployment]:
        """Return the deployments of the head commit, with states where a pattern matches."""

    def changes(self, target: Target) -> Changes:
        """Return description and diff, cut to a bound and saying so."""


class Job(Protocol):
    """The step of a workflow or the job of a pipeline: its log and what it leaves behind.

    Whatever it is given is made harmless and free of secrets.
    """

    @property
    def run(self) -> Run:
        """Which run this is."""

    def info(self, text: str) -> None:
        """Print."""

    def group(self, title: str, text: str) -> None:
        """Print `text` folded under `title`."""

    def notice(self, text: str) -> None:
        """Print and annotate: something to know."""

    def warning(self, text: str) -> None:
        """Print and annotate: something to mend, though the run goes on."""

    def error(self, text: str) -> None:
        """Print and annotate: why the step is red."""

    def mask(self, secret: str) -> None:
        """Keep `secret` out of everything that is written from now on."""

    def write_summary(self, markdown: str) -> None:
        """Write the job summary; raises `RunnerError`."""

    def write_outputs(self, values: Mapping[str, str]) -> None:
        """Write the outputs; raises `RunnerError`."""


def resolved(subject: Subject, forge: Forge) -> Target:
    """Return what is under review, as it stands on the forge.

    Raises `Skipped` where its head is another one than the event's, and `EventError` where nobody
    can know which pull request is meant.
    """
    if isinstance(subject, CommitRange):
        return subject
    if isinstance(subject, HeadCommit):
        target = _headed(subject, forge)
        expected = subject.sha
    else:
        target = forge.pull_request(subject.repository, subject.number)
        expected = subject.head_sha
    if expected and target.head_sha != expected:
        raise Skipped(
            f"The pull request's head is {target.head_sha[:7]} by now, not {expected[:7]} as in "
            "this event.",
            "Nothing was started; the run for the newer commit reviews it.",
        )
    return target


def _headed(commit: HeadCommit, forge: Forge) -> PullRequest:
    found = forge.open_pull_requests(commit)
    if not found:
        raise Ignored(f"No open pull request has the commit {commit.sha[:7]}.")
    if len(found) > 1:
        numbers = ", ".join(f"#{pull_request.number}" for pull_request in found)
        raise EventError(
            f"Several open pull requests have {commit.sha[:7]} as their head: {numbers}.",
            "Set the input `pull-request` to one of them.",
        )
    return found[0]


def fitted(description: str, diff: str) -> Changes:
    """Return description and diff; files beyond the bound are left out, and counted."""
    files = [f"diff --git {it}" for it in ("\n" + diff).split("\ndiff --git ")[1:]]
    kept: list[str] = []
    size = 0
    for file in files:
        size += len(file) + 1
        if size <= LARGEST_DIFF:
            kept.append(file)
    missing = len(files) - len(kept)
    left_out = f"{missing} of {len(files)} changed files do not fit into the diff." * bool(missing)
    whole = f"{description}\n\n{left_out}".strip() or "No description."
    return Changes(whole, "\n".join(kept), left_out)


def matching(names: Iterable[str], pattern: str) -> list[str]:
    """Return the environments' names that a pattern means: literally, or else as a glob.

    Typographic dashes, case and white space make no difference.
    """
    known, wanted = list(dict.fromkeys(names)), _folded(pattern)
    literal = [name for name in known if _folded(name) == wanted]
    return literal or [name for name in known if fnmatchcase(_folded(name), wanted)]


def _folded(name: str) -> str:
    dashes = "[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
    return " ".join(re.sub(dashes, "-", name).casefold().split())


def write_whole(path: Path, text: str, what: str, mode: str = "ab") -> None:
    """Write all of a text or nothing: half of an output could be read as another one.

    Raises `RunnerError` where the file, which is `what`, cannot be written.
    """
    data = text.encode("utf-8", "replace")
    try:
        with path.open(mode, buffering=0) as file:
            before = file.seek(0, SEEK_END)
            if file.write(data) != len(data):
                file.truncate(before)
                raise OSError(ENOSPC, "there is no room for all of it")  # noqa: TRY301 - as the system would
    except OSError as error:
        raise RunnerError(
            f"The file of {what} ({path}) cannot be written: "
            f"{error.strerror or type(error).__name__}.",
            "The runner makes this file; check what else in the job touches it.",
        ) from None
