"""Projects, merge requests and what lies in their repositories."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from zlib import crc32


def number_of(login: str) -> int:
    """Return the id that the stand-in gives to a user of this name."""
    return crc32(login.encode())


def sha_of(text: str) -> str:
    """Return a commit or discussion id that is the same for the same `text`."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Project:
    """A project. Change its fields to publish it or to protect another branch."""

    id: int
    path: str
    """With its namespace, `group/subgroup/project`."""
    visibility: str
    created_at: datetime
    default_branch: str = "main"
    protected: set[str] = field(default_factory=lambda: {"main"})
    """Branches on which only a maintainer may do things."""
    branches: dict[str, list[str]] = field(default_factory=dict)
    """The branches that contain each known commit; a fork's commits are known, yet on none."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def has(self, sha: str, branch: str | None = None) -> None:
        """Note that the repository has this commit, and that it is on this branch."""
        there = self.branches.setdefault(sha, [])
        if branch and branch not in there:
            there.append(branch)

    def commit(self, ref: str) -> str | None:
        """Return the SHA of the newest commit on a branch, or of a known one; None without it."""
        on_branch = [sha for sha, branches in self.branches.items() if ref in branches]
        return on_branch[-1] if on_branch else (ref if ref in self.branches else None)


@dataclass(frozen=True)
class FileDiff:
    """A file in a diff, by default with one line changed."""

    new_path: str
    old_path: str = ""
    """Where it was before; empty: where it is."""
    diff: str = "@@ -1 +1 @@\n-old\n+new\n"
    """Empty, as GitLab has it for a binary file and for one that is collapsed or too large."""
    new_file: bool = False
    deleted_file: bool = False
    too_large: bool = False
    collapsed: bool = False
    generated_file: bool = False


@dataclass(frozen=True)
class Commit:
    """A commit."""

    sha: str
    message: str = "Add a guest checkout"
    author: str = "octocat"


@dataclass(frozen=True)
class Comparison:
    """What two refs have between them."""

    diffs: Sequence[FileDiff]
    commits: Sequence[Commit]


@dataclass
class MergeRequest:
    """A merge request. Change its fields to close or convert it, or to give it other files."""

    id: int
    iid: int
    project: Project
    """The project into which it goes."""
    source: Project | None
    """None: it came from a fork that has been deleted."""
    sha: str
    base_sha: str
    created_at: datetime
    updated_at: datetime
    source_branch: str
    target_branch: str
    title: str
    author: str
    state: str
    draft: bool
    description: str | None = None
    diffs: list[FileDiff] = field(default_factory=lambda: [FileDiff("README.md")])
    shas: list[str] = field(default_factory=list)
    """Its commits, oldest first."""
