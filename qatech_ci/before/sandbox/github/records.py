"""What hangs on a commit, a comment or a pull request."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha1


@dataclass
class CheckRun:
    """A check run on a commit. Change its fields to let the app report again."""

    id: int
    repository: str
    head_sha: str
    name: str
    app: str
    """The slug of the GitHub App that wrote it."""
    status: str
    conclusion: str | None
    started_at: datetime
    completed_at: datetime | None
    details_url: str
    title: str | None
    summary: str | None

    def at(self, moment: datetime) -> "CheckRun":
        """Return the run as it was at `moment`: without a conclusion until it is completed."""
        if self.completed_at is None or self.completed_at <= moment:
            return self
        return replace(self, status="in_progress", conclusion=None, completed_at=None)


@dataclass(frozen=True)
class CommitStatus:
    """A status on a commit."""

    id: int
    repository: str
    sha: str
    context: str
    state: str
    login: str
    kind: str
    """`User` or `Bot`."""
    created_at: datetime
    target_url: str
    description: str


@dataclass(frozen=True)
class ChangedFile:
    """A file in a diff, by default with one line changed."""

    filename: str
    status: str = "modified"
    additions: int = 1
    deletions: int = 1
    patch: str | None = "@@ -1 +1 @@\n-old\n+new"
    """None, as GitHub has it for a binary file and for one with too large a diff."""
    previous_filename: str = ""


@dataclass(frozen=True)
class Commit:
    """A commit."""

    sha: str
    message: str = "Add a guest checkout"
    author: str = "octocat"


@dataclass(frozen=True)
class Comparison:
    """What two refs have between them."""

    repository: str
    base: str
    head: str
    merge_base: str
    status: str
    files: tuple[ChangedFile, ...]
    commits: tuple[Commit, ...]
    behind_by: int


@dataclass(frozen=True)
class DeploymentStatus:
    """What became of a deployment."""

    id: int
    state: str
    created_at: datetime
    environment_url: str
    log_url: str
    description: str


@dataclass
class Deployment:
    """A deployment of a commit into an environment."""

    id: int
    repository: str
    sha: str
    ref: str
    environment: str
    login: str
    created_at: datetime
    statuses: list[DeploymentStatus] = field(default_factory=list)

    def statuses_at(self, moment: datetime) -> list[DeploymentStatus]:
        """Return the statuses that were there at `moment`, newest first."""
        there = [status for status in self.statuses if status.created_at <= moment]
        return sorted(there, key=lambda status: (status.created_at, status.id), reverse=True)

    def updated_at(self, moment: datetime) -> datetime:
        """Return when the deployment had last changed at `moment`."""
        return next((status.created_at for status in self.statuses_at(moment)), self.created_at)


@dataclass(frozen=True)
class Reaction:
    """A reaction to a comment."""

    id: int
    login: str
    content: str
    created_at: datetime


def sha_of(text: str) -> str:
    """Return a commit or blob id that is the same for the same `text`."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()
