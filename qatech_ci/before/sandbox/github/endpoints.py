"""What a handler is given, and what an endpoint asks of its caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from qatech_ci.before.sandbox.github.budget import Budgets
from qatech_ci.before.sandbox.github.payloads.links import Links
from qatech_ci.before.sandbox.github.problems import no_commit, not_accessible, not_found
from qatech_ci.before.sandbox.github.state import Comment, PullRequest, State, key
from qatech_ci.before.sandbox.github.tokens import Token
from qatech_ci.before.sandbox.web import Refused, Request, Response

REPOSITORY = "/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"
"""Where the paths of a repository begin."""
_LEVELS = ("none", "read", "write", "admin")


@dataclass(frozen=True)
class Asked:
    """A request that has been let in, with all that a handler may need."""

    request: Request
    parameters: Mapping[str, str]
    """The named parts of the path."""
    token: str
    """Empty for an anonymous caller."""
    caller: Token | None
    at: datetime
    state: State
    budgets: Budgets
    links: Links
    page_limit: int

    @property
    def login(self) -> str:
        """Who asks; empty for an anonymous caller."""
        return self.caller.login if self.caller else ""

    @property
    def repository(self) -> str:
        """The full name of the repository in the path; refused where there is none."""
        named = f"{self.parameters['owner']}/{self.parameters['name']}"
        if key(named) not in self.state.repositories:
            raise Refused(not_found())
        return self.state.repositories[key(named)]

    @property
    def pull(self) -> PullRequest:
        """The pull request in the path; refused where there is none."""
        pull = self.state.pulls.get((key(self.repository), int(self.parameters["number"])))
        if pull is None:
            raise Refused(not_found())
        return pull

    @property
    def comment(self) -> Comment:
        """The comment in the path; refused where this repository has none of that id."""
        comment = self.state.comments.get(int(self.parameters["comment"]))
        if comment is None or key(comment.repository) != key(self.repository):
            raise Refused(not_found())
        return comment

    @property
    def sha(self) -> str:
        """The commit that the path names by SHA or branch; refused where there is none."""
        found = self.state.commit(self.repository, self.parameters["ref"])
        if found is None:
            raise Refused(no_commit(self.parameters["ref"]))
        return found


@dataclass(frozen=True)
class Permission:
    """A permission of a token, such as `pull-requests: write`."""

    name: str
    level: str

    def granted_to(self, caller: Token) -> bool:
        """Whether `caller` has this permission or a higher one."""
        # https://docs.github.com/rest/authentication/permissions-required-for-github-apps
        # Every installation may read a repository's metadata.
        level = {"metadata": "read", **caller.permissions}.get(self.name, "none")
        return _LEVELS.index(level) >= _LEVELS.index(self.level)

    def __str__(self) -> str:
        return f"{self.name.replace('-', '_')}={self.level}"


@dataclass(frozen=True)
class Together:
    """Permissions of which every one is needed."""

    parts: tuple[Permission, ...]

    def granted_to(self, caller: Token) -> bool:
        """Whether `caller` has all of them."""
        return all(part.granted_to(caller) for part in self.parts)

    def __str__(self) -> str:
        return ",".join(str(part) for part in self.parts)


@dataclass(frozen=True)
class Endpoint:
    """A handler behind its permissions, of which any one is enough."""

    answer: Callable[[Asked], Response]
    accepts: tuple[Permission | Together, ...] = ()
    documentation: str = ""
    """Its page, below GitHub's REST documentation."""
    without_token: Response | None = None
    """What an anonymous caller gets; None where they are welcome."""

    def admit(self, caller: Token | None) -> None:
        """Refuse a caller who may not do this."""
        if caller is None:
            if self.without_token:
                raise Refused(self.without_token)
        elif self.accepts and not any(one.granted_to(caller) for one in self.accepts):
            raise Refused(not_accessible(self.documentation, by_app=caller.is_app))

    def headers(self) -> dict[str, str]:
        """Return the header that tells which permissions would do.

        Source: https://github.blog/changelog/2023-08-10-x-accepted-github-permissions-header-for-fine-grained-permission-actors
        """
        accepted = "; ".join(str(permission) for permission in self.accepts)
        return {"X-Accepted-GitHub-Permissions": accepted} if accepted else {}
