"""Who calls and what they may do."""

from dataclasses import dataclass
from typing import Literal

GUEST, REPORTER, DEVELOPER, MAINTAINER = 10, 20, 30, 40
"""Roles in a project: https://docs.gitlab.com/api/access_requests/#valid-access-levels."""

Kind = Literal["personal", "project", "group", "job"]


@dataclass(frozen=True)
class Token:
    """Who calls and what they may do."""

    id: int
    login: str
    scopes: frozenset[str]
    access_level: int
    kind: Kind
    project: int | None
    """The id of the only project in which it gives that access level; None for all of them."""

    @property
    def is_job(self) -> bool:
        """Whether this is the `CI_JOB_TOKEN` of a job."""
        return self.kind == "job"

    @property
    def is_bot(self) -> bool:
        """Whether the token has a user of its own, as those of projects and groups have."""
        return self.kind in ("project", "group")
