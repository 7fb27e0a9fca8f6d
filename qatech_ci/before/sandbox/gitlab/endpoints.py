"""What a handler is given, and what an endpoint asks of its caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qatech_ci.before.sandbox.gitlab.payloads.links import Links
from qatech_ci.before.sandbox.gitlab.problems import (
    forbidden,
    insufficient_scope,
    not_found,
    unauthorized,
)
from qatech_ci.before.sandbox.gitlab.records import MergeRequest, Project
from qatech_ci.before.sandbox.gitlab.state import State
from qatech_ci.before.sandbox.gitlab.tokens import REPORTER, Token
from qatech_ci.before.sandbox.web import Request, Response

PROJECT = "/api/v4/projects/(?P<id>[^/]+)"
"""Where the paths of a project begin; the id, or the path with its slashes encoded."""
MERGE_REQUEST = PROJECT + "/merge_requests/(?P<iid>[0-9]{1,9})"


@dataclass(frozen=True)
class Paging:
    """How lists are given out."""

    limit: int
    """The largest page."""
    count_limit: int
    """The longest list of which the length is told."""


@dataclass(frozen=True)
class Asked:
    """A request that has been let in, with all that a handler may need."""

    request: Request
    parameters: Mapping[str, str]
    """The named parts of the path."""
    sent: Mapping[str, Any]
    """What the query and the body say; GitLab takes both alike."""
    caller: Token | None
    at: datetime
    state: State
    links: Links
    paging: Paging

    def at_path(self, **parameters: str) -> "Asked":
        """Return the same with further named parts of the path."""
        return replace(self, parameters={**self.parameters, **parameters})

    @property
    def login(self) -> str:
        """Who asks; empty for an anonymous caller."""
        return self.caller.login if self.caller else ""

    @property
    def project(self) -> Project:
        """The project in the path; refused where there is none or it is hidden."""
        project = self.state.project(self.parameters["id"])
        if project is None:
            raise not_found("Project")
        if not self._is_open(project):
            self._refuse_job_of_another(project)
            if not self._level(project):
                raise not_found("Project")
        return project

    def _refuse_job_of_another(self, project: Project) -> None:
        # https://docs.gitlab.com/ci/jobs/ci_job_token/#control-job-token-access-to-your-project
        if self.caller and self.caller.is_job and self.caller.project not in (None, project.id):
            source = self.state.projects[self.caller.project]
            raise forbidden(
                f"Authentication by CI/CD job token not allowed from {source.name}"
                f" to {project.name}."
            )

    def _is_open(self, project: Project) -> bool:
        internal = project.visibility == "internal" and self.caller is not None
        return project.visibility == "public" or internal

    def _level(self, project: Project) -> int:
        return self.state.level(project, self.login) if self.caller else 0

    def has_role(self, level: int) -> bool:
        """Whether the caller has at least this role in the project."""
        return self._level(self.project) >= level

    def require(self, level: int) -> Project:
        """Return the project; refused where the caller's role in it is lower."""
        if not self.has_role(level):
            raise forbidden()
        return self.project

    @property
    def reads_code(self) -> bool:
        """Whether the caller may see code, merge requests, statuses and deployments.

        A guest may not in a private project: https://docs.gitlab.com/user/permissions/
        """
        return self._is_open(self.project) or self.has_role(REPORTER)

    @property
    def readable(self) -> Project:
        """The project; refused where the caller may not see its code."""
        if not self.reads_code:
            raise forbidden()
        return self.project

    @property
    def merge_request(self) -> MergeRequest:
        """The merge request in the path; refused where there is none."""
        found = self.state.merge_requests.get((self.project.id, int(self.parameters["iid"])))
        if found is None:
            raise not_found()
        return found


@dataclass(frozen=True)
class Endpoint:
    """A handler behind the kinds of callers that it serves."""

    answer: Callable[[Asked], Response]
    scopes: tuple[str, ...] = ("api", "read_api")
    """The scopes of an access token of which any one is enough."""
    for_jobs: bool = False
    """Whether it knows job tokens: https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access."""
    for_anybody: bool = False
    """Whether it serves a caller without a token, in public projects."""

    def admit(self, caller: Token | None) -> Token | None:
        """Return who the caller is to this endpoint, or refuse them."""
        known = None if caller and caller.is_job and not self.for_jobs else caller
        if known is None and not self.for_anybody:
            raise unauthorized()
        if known and not known.is_job and known.scopes.isdisjoint(self.scopes):
            raise insufficient_scope(" ".join(self.scopes))
        return known


def writing(answer: Callable[[Asked], Response]) -> Endpoint:
    """Return an endpoint that changes something: `read_api` is not enough for it."""
    return Endpoint(answer, ("api",))
