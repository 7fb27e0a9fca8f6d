"""What the stand-in knows: tokens, repositories, pull requests and their comments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from types import MappingProxyType
from zlib import crc32

ACTIONS_BOT = "github-actions[bot]"
"""Who acts with a workflow's `GITHUB_TOKEN`."""
RECOMMENDED_PERMISSIONS = MappingProxyType({"contents": "read", "pull-requests": "write"})


@dataclass(frozen=True)
class Token:
    """Who calls and what they may do; permissions in the words of a workflow's `permissions:`."""

    login: str
    permissions: Mapping[str, str]

    @property
    def is_app(self) -> bool:
        """Whether this is the token of an app's installation, as `GITHUB_TOKEN` is."""
        return self.login.endswith("[bot]")


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
    ids: Iterator[int] = field(default_factory=lambda: count(1_000_000_001))

    def caller(self, token: str) -> Token | None:
        """Return who holds `token`; None where it is empty or not known."""
        return (self.tokens.get(token) or self.tokens.get(None)) if token else None

    def comments_of(self, repository: str, number: int) -> list[Comment]:
        """Return a pull request's comments, oldest first."""
        place = key(repository), number
        return [c for c in self.comments.values() if (key(c.repository), c.number) == place]

    def comment(self, pull: PullRequest, login: str, body: str, at: datetime) -> Comment:
        """Add a comment to `pull` and return it."""
        made = Comment(next(self.ids), pull.repository, pull.number, login, body, at, at)
        self.comments[made.id] = made
        return made
