"""Pull requests and their comments on GitHub."""

from collections.abc import Iterator
from typing import Any

from qatech_ci.errors import ForgeError, PermissionMissing
from qatech_ci.model import PullRequest
from qatech_ci.ports import Comment
from qatech_ci.target import Event, from_document

from .rest import Rest

_PAGE = 100
_ACTIONS_LOGIN = "github-actions[bot]"


class GitHub:
    """Implements the port `Forge`."""

    vcs_provider = "github"

    def __init__(self, rest: Rest, event: Event) -> None:
        self._rest = rest
        self._event = event

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Look a pull request up; raises `ForgeError`, and `EventError` where it is not whole."""
        try:
            _, document = self._rest.read(f"/repos/{repository}/pulls/{number}")
        except PermissionMissing as error:
            raise PermissionMissing(error.what, _needs("pull-requests: read", error)) from None
        return from_document(document, self._event.at(repository))

    def own_login(self) -> str:
        """Return the login under which the token writes.

        `GET /user` is closed to `GITHUB_TOKEN`, GraphQL's `viewer` is not. Where GraphQL does not
        answer, the login is the one that the job's own token has.
        """
        try:
            answer = self._rest.graphql("query { viewer { login } }")
            login = answer["data"]["viewer"]["login"]
        except (ForgeError, KeyError, TypeError):
            return _ACTIONS_LOGIN
        return login if isinstance(login, str) else _ACTIONS_LOGIN

    def comments(self, pull_request: PullRequest) -> Iterator[Comment]:
        """Yield all comments, oldest first, a page of 100 at a time."""
        page = 1
        while True:
            query = {"per_page": _PAGE, "page": page}
            _, documents = self._rest.read(_comments_path(pull_request), query)
            yield from (_comment(document) for document in documents)
            if len(documents) < _PAGE:
                return
            page += 1

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        """Write a comment; raises `ForgeError`."""
        return self._write("POST", _comments_path(pull_request), body)

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        """Write a comment anew; raises `ForgeError`."""
        path = f"/repos/{pull_request.repository}/issues/comments/{comment_id}"
        return self._write("PATCH", path, body)

    def _write(self, method: str, path: str, body: str) -> Comment:
        try:
            return _comment(self._rest.write(method, path, {"body": body}))
        except PermissionMissing as error:
            raise PermissionMissing(error.what, _needs("pull-requests: write", error)) from None


def _comments_path(pull_request: PullRequest) -> str:
    return f"/repos/{pull_request.repository}/issues/{pull_request.number}/comments"


def _needs(permission: str, error: ForgeError) -> str:
    return f"Give the job `permissions: {permission}`. {error.remedy}".strip()


def _comment(document: Any) -> Comment:  # noqa: ANN401 - JSON
    """Return a comment out of GitHub's JSON; raises `ForgeError` where it is none."""
    try:
        return Comment(
            id=int(document["id"]),
            url=str(document.get("html_url") or ""),
            author=str((document.get("user") or {}).get("login") or ""),
            body=str(document.get("body") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ForgeError("GitHub's answer holds a comment that cannot be read.") from None
