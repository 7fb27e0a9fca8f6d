"""Merge requests and their notes on GitLab."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from qatech_ci.before.deployments import Deployment
from qatech_ci.before.errors import ForgeError
from qatech_ci.before.model import HeadCommit, PullRequest, RawChanges, Target
from qatech_ci.before.ports import Comment, Glance, Status, StatusState

from .context import SHA, Context
from .documents import mapping, naming
from .notes import Notes
from .rest import Rest, project_path

_STATES = {
    StatusState.PENDING: "pending",
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failed",
    StatusState.ERROR: "failed",
}


class GitLab:
    """Implements the port `Forge`."""

    vcs_provider = "gitlab"
    has_check = False
    comment_right = "the role Reporter and the scope `api`"

    def __init__(self, rest: Rest, context: Context, *, is_thread: bool = False) -> None:
        self._rest = rest
        self._context = context
        self._notes = Notes(rest, is_thread=is_thread)
        self._branches: dict[tuple[str, int], str] = {}
        """By project and number of a merge request, its source branch."""
        self._is_thread = is_thread

    @property
    def holds_merges(self) -> bool:
        """Whether the note begins a thread, which “all threads must be resolved” waits for."""
        return self._is_thread

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Look a merge request up; raises `ForgeError`."""
        with naming("Reporter", "read_api"):
            document = self._rest.read(f"{project_path(repository)}/merge_requests/{number}")
        return self._from_document(mapping(document), repository)

    def comments(self, pull_request: PullRequest) -> Iterator[Comment]:
        """Yield the notes, those that were changed last first; raises `ForgeError`."""
        return self._notes.newest(pull_request)

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        """Write a note or begin a thread; raises `ForgeError`."""
        return self._notes.create(pull_request, body)

    def comment(self, pull_request: PullRequest, comment_id: int) -> Comment:
        """Return a note as it stands; raises `NotOnForge` where it has been deleted."""
        return self._notes.one(pull_request, comment_id)

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        """Write a note anew; raises `ForgeError`."""
        return self._notes.edit(pull_request, comment_id, body)

    def delete_comment(self, pull_request: PullRequest, comment_id: int) -> None:
        """Delete a note; raises `ForgeError`."""
        self._notes.delete(pull_request, comment_id)

    def settle(self, pull_request: PullRequest, comment_id: int, *, is_settled: bool) -> None:
        """Resolve the note's thread or reopen it, where there is one; raises `ForgeError`."""
        self._notes.settle(pull_request, comment_id, is_settled=is_settled)

    def glance(self, pull_request: PullRequest) -> Glance | None:
        """Return how the head stands, or nothing where that cannot be read."""
        try:
            found = self.pull_request(pull_request.repository, pull_request.number)
        except ForgeError:
            return None
        return Glance(found.head_sha, None)

    def check(self, target: Target) -> None:
        """Return nothing: on GitLab nobody's word is QA.tech's own.

        QA.tech documents its check for GitHub only, and on GitLab every developer can write a
        commit status of any name, where GitHub has Apps that an administrator installs.
        """

    def set_status(self, target: Target, status: Status) -> None:
        """Set an external commit status on the head commit; raises `ForgeError`.

        GitLab refuses to report again what a status is already, which is as good as done:
        https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
        """
        body = {
            "state": _STATES[status.state],
            "name": status.context,
            "description": status.description,
            "target_url": status.url,
            "ref": self._branch(target),
        }
        given = {name: value for name, value in body.items() if value}
        path = f"{project_path(target.repository)}/statuses/{target.head_sha}"
        try:
            with naming("Developer (Maintainer where the branch is protected)"):
                self._rest.put("POST", path, given)
        except ForgeError as error:
            if "Cannot transition status" not in error.what:
                raise

    def _branch(self, target: Target) -> str:
        """Return the branch that a status is for: a commit may be on several.

        Raises `ForgeError` for the head of a fork's, which is on no branch of the project.
        """
        if not isinstance(target, PullRequest):
            return self._context.branch
        if target.from_fork:
            raise ForgeError(
                "The merge request comes from a fork, and GitLab takes no status for its head: the "
                "commit is on no branch of this project.",
                "Leave `commit-status` at `auto` or set it to `off`, and require the pipeline.",
            )
        place = target.repository, target.number
        if place not in self._branches:
            self.pull_request(*place)
        return self._branches[place]

    def deployments(self, repository: str, sha: str) -> list[Deployment]:
        """Return the deployments of a commit; raises `ForgeError`.

        In a merged results pipeline they are of the merge that GitLab made, not of the head.
        """
        from .deployments import deployments_of  # noqa: PLC0415 - few runs need it

        own = self._context.merge_request
        is_head = own is not None and own.head_sha == sha
        shas = {sha, self._context.sha} if is_head else {sha}
        return deployments_of(self._rest, repository, shas)

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        """Return the open merge requests whose head is a commit; raises `ForgeError`.

        https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit
        """
        path = f"{project_path(commit.repository)}/repository/commits/{commit.sha}/merge_requests"
        with naming("Reporter", "read_api"):
            documents = [document for page in self._rest.pages(path) for document in page]
        found = [self._from_document(document, commit.repository) for document in documents]
        return [it for it in found if it.is_open and it.head_sha == commit.sha]

    def may_write(self, repository: str, login: str) -> bool:
        """Return False: a note starts no pipeline, so that nobody gives commands."""
        del repository, login
        return False

    def acknowledge(self, repository: str, comment_id: int) -> None:
        """Do nothing, as there are no commands."""

    def changes(self, target: Target) -> RawChanges:
        """Return description and diff, cut to a bound; raises `ForgeError`."""
        from .changes import changes_of  # noqa: PLC0415 - few runs need it

        return changes_of(self._rest, target)

    def _from_document(self, document: Mapping[str, Any], repository: str) -> PullRequest:
        number, head_sha = document.get("iid"), document.get("sha")
        if not isinstance(number, int) or not re.fullmatch(SHA, str(head_sha)):
            raise ForgeError("GitLab's answer holds a merge request without number or head.")
        self._branches[repository, number] = str(document.get("source_branch") or "")
        return PullRequest(
            repository=repository,
            number=number,
            url=self._context.merge_request_url(repository, number),
            head_sha=str(head_sha),
            is_open=document.get("state") == "opened",
            from_fork=document.get("source_project_id") != document.get("target_project_id"),
        )
