"""Who may do what."""

from collections.abc import Collection

from qatech_ci.before.sandbox.gitlab.stage.base import Stage
from qatech_ci.before.sandbox.gitlab.tokens import DEVELOPER, Kind, Token


class People(Stage):
    """Who may do what."""

    def add_token(
        self,
        token: str | None,
        login: str = "qatech-bot",
        *,
        scopes: Collection[str] = ("api",),
        access_level: int = DEVELOPER,
        kind: Kind = "personal",
        project: str | None = None,
    ) -> None:
        """Let `token` in, or with None every token that is not known otherwise.

        Its user has this access level in all projects, or only in `project`; 0 is a stranger's,
        and `add_member` says otherwise for one project. A job token has no scopes: what a job may
        do is fixed.
        """
        self._state.tokens[token] = Token(
            id=next(self._state.ids),
            login=login,
            scopes=frozenset(scopes),
            access_level=access_level,
            kind=kind,
            project=None if project is None else self.add_project(project).id,
        )

    def add_member(self, project: str, login: str, access_level: int) -> None:
        """Give `login` a role in a project."""
        self._state.members[self.add_project(project).id, login] = access_level
