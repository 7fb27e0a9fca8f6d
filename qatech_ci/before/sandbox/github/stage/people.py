"""Who may do what, and what they say."""

from collections.abc import Mapping

from qatech_ci.before.sandbox.github.records import Reaction
from qatech_ci.before.sandbox.github.stage.base import Stage
from qatech_ci.before.sandbox.github.state import Comment, Role, key
from qatech_ci.before.sandbox.github.tokens import ACTIONS_BOT, RECOMMENDED_PERMISSIONS, Token


class People(Stage):
    """Who may do what, and what they say."""

    def add_token(
        self,
        token: str | None,
        login: str = ACTIONS_BOT,
        permissions: Mapping[str, str] = RECOMMENDED_PERMISSIONS,
    ) -> None:
        """Let `token` in, or with None every token that is not known otherwise.

        `permissions` are written as in a workflow: `{"pull-requests": "write"}`; what is not
        named is not granted.
        """
        self._state.tokens[token] = Token(login, permissions)

    def add_collaborator(self, repository: str, login: str, role: Role = "write") -> None:
        """Give `login` a role in a repository; whoever has none may read it, as if it were public.

        The role `none` is a stranger's in a private repository.
        """
        self._state.roles[key(repository), key(login)] = role

    def add_comment(self, repository: str, number: int, login: str, body: str) -> int:
        """Add a comment by `login` to a pull request and return its id. Raises `KeyError`."""
        pull = self._state.pulls[key(repository), number]
        return self._state.comment(pull, login, body, self._now()).id

    def comments(self, repository: str, number: int) -> list[Comment]:
        """Return the comments of a pull request, oldest first."""
        return self._state.comments_of(repository, number)

    def reactions(self, comment_id: int) -> list[Reaction]:
        """Return the reactions to a comment, oldest first. Raises `KeyError`."""
        return self._state.comments[comment_id].reactions
