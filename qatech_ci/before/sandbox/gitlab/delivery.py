"""Pipelines, commit statuses, environments and deployments."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Pipeline:
    """A pipeline of a commit on a ref."""

    id: int
    project_id: int
    sha: str
    ref: str


@dataclass
class CommitStatus:
    """A job of another service, shown in a pipeline of the commit."""

    id: int
    project_id: int
    pipeline: Pipeline
    name: str
    status: str
    login: str
    created_at: datetime
    target_url: str | None = None
    description: str | None = None
    coverage: float | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    retried: bool = False
    """Whether a newer one of the same name has taken its place."""

    @property
    def is_active(self) -> bool:
        """Whether it can still change; afterwards a new one takes its place."""
        return self.status in ("pending", "running")


@dataclass
class Environment:
    """An environment. Change its fields to stop it or to move it."""

    id: int
    project_id: int
    name: str
    external_url: str | None
    state: str
    created_at: datetime


@dataclass(frozen=True)
class Deployment:
    """A deployment of a commit into an environment."""

    id: int
    iid: int
    environment: Environment
    sha: str
    ref: str
    login: str
    outcome: str
    created_at: datetime
    finished_at: datetime

    def status_at(self, moment: datetime) -> str:
        """Return its status at that moment: `running` until it is finished."""
        return self.outcome if self.finished_at <= moment else "running"

    def updated_at(self, moment: datetime) -> datetime:
        """Return when it had last changed at that moment."""
        return self.finished_at if self.finished_at <= moment else self.created_at
