"""What the stand-in knows: tokens, repositories, pull requests and their comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Literal, get_args
from zlib import crc32

from qatech_ci.before.sandbox.github.records import (
    ChangedFile,
    CheckRun,
    CommitStatus,
    Comparison,
    Deployment,
    Reaction,
)
from qatech_ci.before.sandbox.github.tokens import ACTIONS_BOT, Token

Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
"""What somebody may do in a repository, from nothing to everything."""
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass
class PullRequest:
    """A pull request. Change its fields to push, close or convert it."""

    repository: str
    """Owner and name."""
    number: int
    head_sha: str
    base_sha: str
    created_at: datetime
    head_repository: str | None
    """None: it came from a fork that has been deleted."""
    head_ref: str
    base_ref: str
    title: str
    author: str
    state: str
    draft: bool
    body: str | None = None
    """The description."""
    files: list[ChangedFile] = field(default_factory=lambda: [ChangedFile("README.md")])
    commits: int = 1

    @property
    def head_label(self) -> str:
        """Owner and branch that it comes from; an owner outlives a fork that was deleted."""
        owner = (self.head_repository or self.author).partition("/")[0]
        return f"{owner}:{self.head_ref}"


@dataclass
class Comment:
    """A comment in the conversation of a pull request."""

    id: int
    repository: str
    number: int
    login: str
    body: str
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction] = field(default_factory=list)


def number_of(name: str) -> int:
    """Return the id that the stand-in gives to a repository or user of this name."""
    known = {ACTIONS_BOT: 41898282}  # as on github.com
    return known.get(name, crc32(name.encode()))


def key(repository: str) -> str:
    """Return a repository's name as GitHub compares it: without regard to case."""
    return repository.casefold()


@dataclass
class State:
    """Everything the stand-in remembers. `tokens[None]` is what any other token may do."""

    tokens: dict[str | None, Token] = field(default_factory=dict)
    repositories: dict[str, str] = field(default_factory=dict)
    pulls: dict[tuple[str, int], PullRequest] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    check_runs: list[CheckRun] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    comparisons: dict[tuple[str, str, str], Comparison] = field(default_factory=dict)
    roles: dict[tuple[str, str], Role] = field(default_factory=dict)
    """Who has which role in which repository, both as `key` writes them."""
    ids: Iterator[int] = field(default_factory=lambda: count(1_000_000_001))

    def caller(self, token: str) -> Token | None:
        """Return who holds `token`; None where it is empty or not known."""
        return (self.tokens.get(token) or self.tokens.get(None)) if token else None

    def commit(self, repository: str, ref: str) -> str | None:
        """Return the SHA that `ref` stands for; None where it is neither a SHA nor a branch.

        Every SHA is taken for one of the repository's: the stand-in keeps no history.
        """
        branches = {}
        for pull in self.pulls_of(repository):
            branches[pull.base_ref] = pull.base_sha
            if key(pull.head_repository or "") == key(repository):
                branches[pull.head_ref] = pull.head_sha
        named = branches.get(re.sub("^(refs/)?heads/", "", ref))
        return named or (ref.lower() if re.fullmatch("[0-9A-Fa-f]{40}", ref) else None)

    def pulls_of(self, repository: str) -> list[PullRequest]:
        """Return a repository's pull requests, newest first."""
        found = [pull for (place, _), pull in self.pulls.items() if place == key(repository)]
        return sorted(found, key=lambda pull: pull.number, reverse=True)

    def pulls_from(self, repository: str, sha: str) -> list[PullRequest]:
        """Return the pull requests that come from this repository and have `sha` as their head.

        GitHub does not find those of a fork through the repository that they go to:
        https://github.com/retransmission/retransmission/pull/280
        """
        return [
            pull
            for pull in sorted(self.pulls.values(), key=lambda pull: pull.number, reverse=True)
            if pull.head_sha == sha and key(pull.head_repository or "") == key(repository)
        ]

    def check_runs_of(self, repository: str, sha: str, at: datetime) -> list[CheckRun]:
        """Return the check runs that a commit has at that moment, those that started last first."""
        place = key(repository), sha
        runs = [
            run.at(at)
            for run in self.check_runs
            if (key(run.repository), run.head_sha) == place and run.started_at <= at
        ]
        return sorted(runs, key=lambda run: (run.started_at, run.id), reverse=True)

    def statuses_of(self, repository: str, sha: str, at: datetime) -> list[CommitStatus]:
        """Return the statuses that a commit has at that moment, newest first."""
        place = key(repository), sha
        there = [
            status
            for status in self.statuses
            if (key(status.repository), status.sha) == place and status.created_at <= at
        ]
        return sorted(there, key=lambda status: (status.created_at, status.id), reverse=True)

    def comments_of(self, repository: str, number: int) -> list[Comment]:
        """Return a pull request's comments, oldest first."""
        place = key(repository), number
        return [c for c in self.comments.values() if (key(c.repository), c.number) == place]

    def comment(self, pull: PullRequest, login: str, body: str, at: datetime) -> Comment:
        """Add a comment to `pull` and return it."""
        made = Comment(next(self.ids), pull.repository, pull.number, login, body, at, at)
        self.comments[made.id] = made
        return made
