"""The comments of a pull request, found without reading all of them where that can be had.

REST lists comments oldest first and cannot be asked for another order, so that finding one costs
more with each comment that anybody writes. GraphQL lists those first that were changed last.
"""

from collections.abc import Iterator
from typing import Any

from qatech_ci.before.errors import ForgeError
from qatech_ci.before.model import PullRequest
from qatech_ci.before.ports import Comment

from .documents import inner, listed, mapping, naming
from .queries import COMMENTS, VIEWER
from .rest import Rest

_PAGE = 100
_ACTIONS_LOGIN = "github-actions[bot]"


def comments_of(rest: Rest, pull_request: PullRequest) -> Iterator[Comment]:
    """Yield the comments, those that were changed last first; raises `ForgeError`.

    Where GraphQL does not answer, REST's list is read to its end, and the newest come first.
    """
    try:
        yield from _changed_last(rest, pull_request)
    except ForgeError:
        yield from _newest(rest, pull_request)


def _changed_last(rest: Rest, pull_request: PullRequest) -> Iterator[Comment]:
    owner, _, name = pull_request.repository.partition("/")
    after: object = None
    while True:
        document = rest.graphql(
            COMMENTS, owner=owner, name=name, number=pull_request.number, after=after
        )
        if document.get("errors"):
            raise ForgeError("GitHub's answer has errors.")
        data = inner(document, "data")
        page = inner(inner(inner(data, "repository"), "pullRequest"), "comments")
        for node in listed(page, "nodes"):
            # Not `databaseId`: it has 32 bits, and comments of today have greater numbers.
            yield _comment(node, "fullDatabaseId", "url", is_own=_is_own(node, data))
        after = inner(page, "pageInfo").get("endCursor")
        if not (after and inner(page, "pageInfo").get("hasNextPage")):
            return


def _is_own(node: dict[str, Any], data: dict[str, Any]) -> bool:
    """Tell whether whoever asks wrote a comment; a bot is an author without the end of its login.

    By either of two ways, because what is not known as our own would be written a second time.
    """
    login, author = inner(data, "viewer").get("login"), inner(node, "author").get("login")
    is_same = isinstance(login, str) and author == login.removesuffix("[bot]")
    return is_same or node.get("viewerDidAuthor") is True


def _newest(rest: Rest, pull_request: PullRequest) -> Iterator[Comment]:
    login, documents = _own_login(rest), list(_listed(rest, pull_request))
    for document in reversed(documents):
        author = inner(document, "user").get("login")
        yield comment_in(document, is_own=author == login)


def _listed(rest: Rest, pull_request: PullRequest) -> Iterator[dict[str, Any]]:
    path = f"/repos/{pull_request.repository}/issues/{pull_request.number}/comments"
    page = 1
    while True:
        with naming("pull-requests: write"):
            found = listed(rest.read(path, {"per_page": _PAGE, "page": page})[1])
        yield from found
        if len(found) < _PAGE:
            return
        page += 1


def _own_login(rest: Rest) -> str:
    """Return the login under which the token writes.

    `GET /user` is closed to `GITHUB_TOKEN`, GraphQL's `viewer` is not. Where GraphQL does not
    answer, the login is the one that the job's own token has.
    """
    try:
        viewer = inner(inner(rest.graphql(VIEWER), "data"), "viewer")
    except ForgeError:
        return _ACTIONS_LOGIN
    return str(viewer.get("login") or _ACTIONS_LOGIN)


def comment_in(document: Any, *, is_own: bool = False) -> Comment:  # noqa: ANN401 - JSON
    """Return a comment out of REST's JSON; raises `ForgeError` where it is none."""
    return _comment(mapping(document), "id", "html_url", is_own=is_own)


def _comment(document: dict[str, Any], number: str, url: str, *, is_own: bool) -> Comment:
    try:
        found = int(document[number])
    except (KeyError, TypeError, ValueError):
        raise ForgeError("GitHub's answer holds a comment that cannot be read.") from None
    body = str(document.get("body") or "")
    return Comment(found, str(document.get(url) or ""), body, is_own=is_own)
