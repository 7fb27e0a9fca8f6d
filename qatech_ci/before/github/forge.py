"""Pull requests and their comments on GitHub."""

from collections.abc import Iterator
from urllib.parse import quote

from qatech_ci.before.checks import Check
from qatech_ci.before.deployments import Deployment
from qatech_ci.before.errors import ForgeError
from qatech_ci.before.model import HeadCommit, PullRequest, RawChanges, Target
from qatech_ci.before.ports import Comment, Glance, Status
from qatech_ci.before.target import Event, from_document

from .comments import comment_in, comments_of
from .documents import listed, mapping, naming
from .rest import Rest

_PAGE = 100


class GitHub:
    """Implements the port `Forge`."""

    vcs_provider = "github"
    has_check = True
    comment_right = "`pull-requests: write`"
    holds_merges = False

    def __init__(self, rest: Rest, event: Event) -> None:
        self._rest = rest
        self._event = event

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Look a pull request up; raises `ForgeError`, and `EventError` where it is not whole."""
        with naming("pull-requests: read"):
            _, document = self._rest.read(f"/repos/{repository}/pulls/{number}")
        return from_document(mapping(document), self._event.at(repository))

    def comments(self, pull_request: PullRequest) -> Iterator[Comment]:
        """Yield the comments, those that were written last first; raises `ForgeError`."""
        return comments_of(self._rest, pull_request)

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        """Write a comment; raises `ForgeError`."""
        path = _comments_path(pull_request)
        with naming("pull-requests: write"):
            return comment_in(self._rest.create(path, {"body": body}))

    def comment(self, pull_request: PullRequest, comment_id: int) -> Comment:
        """Return a comment as it stands; raises `NotOnForge` where it has been deleted."""
        return comment_in(self._rest.read(_comment_path(pull_request, comment_id))[1])

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        """Write a comment anew; raises `ForgeError`."""
        path = _comment_path(pull_request, comment_id)
        with naming("pull-requests: write"):
            return comment_in(self._rest.put("PATCH", path, {"body": body}))

    def delete_comment(self, pull_request: PullRequest, comment_id: int) -> None:
        """Delete a comment; raises `ForgeError`."""
        self._rest.put("DELETE", _comment_path(pull_request, comment_id))

    def settle(self, pull_request: PullRequest, comment_id: int, *, is_settled: bool) -> None:
        """Do nothing: on GitHub only comments on lines of the diff are resolved."""

    def glance(self, pull_request: PullRequest) -> Glance | None:
        """Return what GraphQL tells in one request, or nothing where it does not tell enough."""
        from .glance import glance_at  # noqa: PLC0415 - not before the first request

        try:
            return glance_at(self._rest, pull_request)
        except ForgeError:
            return None

    def check(self, target: Target) -> Check | None:
        """Return QA.tech's check on the head commit; raises `ForgeError`."""
        from .checks import newest_check  # noqa: PLC0415 - not before the first request

        return newest_check(self._rest, target.repository, target.head_sha)

    def changes(self, target: Target) -> RawChanges:
        """Return description and diff, cut to a bound; raises `ForgeError`."""
        from .changes import changes_of  # noqa: PLC0415 - few runs need it

        return changes_of(self._rest, target)

    def deployments(self, repository: str, sha: str) -> list[Deployment]:
        """Return the deployments of a commit with their newest statuses; raises `ForgeError`."""
        from .deployments import deployments_of  # noqa: PLC0415 - few runs need it

        return deployments_of(self._rest, repository, sha)

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        """Return the open pull requests whose head is a commit; raises `ForgeError`.

        The commit of a fork is not known to the base repository, so there the branch is asked for.
        """
        path = f"/repos/{commit.repository}/commits/{commit.sha}/pulls"
        query: dict[str, object] = {"per_page": _PAGE}
        if commit.head:
            path = f"/repos/{commit.repository}/pulls"
            query |= {"state": "open", "head": commit.head}
        with naming("contents: read` and `pull-requests: read"):
            _, documents = self._rest.read(path, query)
        event = self._event.at(commit.repository)
        found = [from_document(document, event) for document in listed(documents)]
        return [it for it in found if it.is_open and it.head_sha == commit.sha]

    def may_write(self, repository: str, login: str) -> bool:
        """Tell whether somebody may write to a repository; raises `ForgeError`."""
        path = f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission"
        _, document = self._rest.read(path)
        return isinstance(document, dict) and document.get("permission") in {"admin", "write"}

    def acknowledge(self, repository: str, comment_id: int) -> None:
        """React to a comment; raises `ForgeError`."""
        path = f"/repos/{repository}/issues/comments/{comment_id}/reactions"
        with naming("pull-requests: write"):
            self._rest.put("POST", path, {"content": "eyes"})

    def set_status(self, target: Target, status: Status) -> None:
        """Set a status on the head commit; raises `ForgeError`."""
        url = {"target_url": status.url} if status.url else {}
        body = {"state": status.state, "context": status.context, "description": status.description}
        path = f"/repos/{target.repository}/statuses/{target.head_sha}"
        with naming("statuses: write"):
            self._rest.put("POST", path, body | url)


def _comments_path(pull_request: PullRequest) -> str:
    return f"/repos/{pull_request.repository}/issues/{pull_request.number}/comments"


def _comment_path(pull_request: PullRequest, comment_id: int) -> str:
    return f"/repos/{pull_request.repository}/issues/comments/{comment_id}"
