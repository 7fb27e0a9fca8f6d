"""GitLab's REST API over python-gitlab's own objects.

Left to itself python-gitlab sleeps through rate limits and takes its token along to other hosts:
both are switched off. https://python-gitlab.readthedocs.io/en/stable/api-usage.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import islice, takewhile
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from gitlab.v4.objects import Project, ProjectMergeRequest
from requests import PreparedRequest, RequestException, Response, Session

from qatech_ci.errors import ForgeError, NotFound, PermissionMissing, Skipped
from qatech_ci.forge import HeadCommit, fitted, matching
from qatech_ci.http import USER_AGENT, asked_delay, certificates, forge_call
from qatech_ci.http.deadline import Deadline
from qatech_ci.model import (
    Changes,
    Check,
    CheckState,
    Comment,
    CommitRange,
    CommitStatus,
    Deployment,
    PullRequest,
    Target,
)

from .event import GitLabEvent

_LONGEST_CALL = 20.0
"""Seconds that a call may take; one that lists may take three times as long."""
_LONGEST_PAUSE = 60.0
"""Seconds that a rate limit is waited for."""
_LOOKED_AT = 300
"""Deployments. GitLab has no filter for the commit, and what is deployed now is among the last."""
_DEVELOPER = 30
"""The least access level of whoever may write: https://docs.gitlab.com/api/members/#roles"""
_BOT = re.compile(r"(project|group)_\d+_bot(_[0-9a-f]+)?")
"""https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects"""
_STATES = {"success": "success", "failed": "failure", "canceled": "error", "skipped": "inactive"}
"""A deployment's states in GitHub's words; the others say that it is still under way."""
_JOB_TOKEN = "The job's own token (`CI_JOB_TOKEN`) may not do this. "  # noqa: S105 - a message
_ONCE: dict[str, Any] = {"obey_rate_limit": False}
_Answer = TypeVar("_Answer")


class _OneServer(Session):
    """A session in which a write goes nowhere else, and the token to no other server.

    A read may be led on within the server: that is how GitLab answers for a project that was
    renamed. An answer's link to its next page is followed by python-gitlab wherever it leads, so
    each request is looked at. python-gitlab's errors have no headers: the last ones are kept.
    """

    def __init__(self, server: str) -> None:
        super().__init__()
        self._place = urlsplit(server.lower())[:2]
        self.answered: Mapping[str, str] = {}

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # noqa: ANN401 - as requests has them
        if urlsplit(request.url or "")[:2] != self._place:
            raise ValueError("an answer leads to another server")
        response = super().send(request, **options)
        self.answered = response.headers
        return response

    def get_redirect_target(self, resp: Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is None or resp.request.method != "GET":
            return None
        there, here = urlsplit(urljoin(resp.url, target)), urlsplit(resp.url)
        return target if there[:2] == here[:2] else None


class GitLab:
    """Implements `Forge`."""

    provider = "gitlab"

    def __init__(
        self,
        api_url: str,
        token: str,
        job_token: str,
        ca_file: str,
        event: GitLabEvent,
        deadline: Deadline,
    ) -> None:
        # python-gitlab puts its own version of the API's path behind the server's address.
        self._server = api_url.removesuffix("/api/v4")
        self._tokens = {"private_token": token} if token else {"job_token": job_token or None}
        self._has_token = bool(token)
        self._verify = ca_file or certificates()
        self._event = event
        self._deadline = deadline
        self._session = _OneServer(self._server)
        self._gitlab: Gitlab | None = None
        self._writers: frozenset[str] | None = None
        self.date = deadline.clock.now()

    def renew(self) -> None:
        """Forget connections, which a signal may have left half used."""
        self._gitlab = None

    def allow(self) -> None:
        """Do nothing: a note starts no pipeline, so that nobody gives commands."""

    def acknowledge(self) -> None:
        """Do nothing, as there are no commands."""

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Return a merge request as it stands, and take note of GitLab's time."""

        def read() -> PullRequest:
            found = self._project(repository).mergerequests.get(number, **_ONCE).attributes
            return self._described(found, repository)

        described = self._read(f"merge request {number}", "Reporter", read)
        self.date = _moment(self._session.answered.get("Date")) or self._deadline.clock.now()
        return described

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        """Return the open merge requests whose head is a commit."""

        def read() -> list[PullRequest]:
            known = self._commit(commit.repository, commit.sha)
            found = known.merge_requests(get_all=True, per_page=100, **_ONCE)
            return [self._described(it, commit.repository) for it in found]

        opened = [it for it in self._read("the merge requests", "Reporter", read) if it.is_open]
        found = [it for it in opened if it.head_sha == commit.sha]
        if opened and not found:
            raise Skipped(f"The merge request has newer commits than {commit.sha[:7]}.")
        return found

    def comments(self, target: PullRequest, since: datetime | None = None) -> list[Comment]:
        """Return the notes of people and tokens, oldest first, or those changed since a time."""

        def is_changed(note: Any) -> bool:  # noqa: ANN401 - as python-gitlab has it
            # The header `Date` has whole seconds.
            moment = datetime.fromisoformat(note.updated_at)
            return since is None or moment >= since.replace(microsecond=0)

        def read() -> list[dict[str, Any]]:
            options = {"order_by": "updated_at", "sort": "desc", "per_page": 100}
            notes = self._notes(target).list(iterator=True, **options, **_ONCE)
            said = (it.attributes for it in takewhile(is_changed, notes) if not it.system)
            return sorted(said, key=lambda it: int(it["id"]))

        notes = self._read("the notes", "Reporter", read, seconds=3 * _LONGEST_CALL)
        return [self._comment(target, it, self._may_write(target, it)) for it in notes]

    def comment(self, target: PullRequest, number: int) -> Comment:
        """Return a note as it stands; raises `NotFound` where it has been deleted."""

        def read() -> Comment:
            note = self._notes(target).get(number, **_ONCE).attributes
            return self._comment(target, note, is_trusted=True)

        return self._read("the note", "Reporter", read)

    def create_comment(self, target: PullRequest, body: str) -> Comment:
        """Write a note, at most once."""

        def create() -> Comment:
            note = self._notes(target).create({"body": body}, **_ONCE).attributes
            return self._comment(target, note, is_trusted=True)

        return self._read("the new note", "Reporter", create, attempts=1)

    def edit_comment(self, target: PullRequest, number: int, body: str) -> None:
        """Write a note anew."""
        self._read(
            "the note",
            "Reporter",
            lambda: self._notes(target).update(number, {"body": body}, **_ONCE),
        )

    def delete_comment(self, target: PullRequest, number: int) -> None:
        """Delete a note."""
        self._read("the note", "Reporter", lambda: self._notes(target).delete(number, **_ONCE))

    def qatech_check(self, target: Target, since: datetime) -> Check:
        """Return nothing: on GitLab every developer can write a status of any name."""
        del target, since
        return Check(CheckState.NONE)

    def set_status(self, target: Target, status: CommitStatus) -> None:
        """Set an external commit status on the head commit.

        GitLab refuses to report again what a status is already, which is as good as done:
        https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
        """
        if isinstance(target, PullRequest) and target.from_fork:
            raise ForgeError(
                "GitLab takes no status for the head of a fork: it is on no branch of the project.",
                "Leave `commit-status` at `auto` or set it to `off`, and require the pipeline.",
            )
        branch = target.head_branch if isinstance(target, PullRequest) else self._event.branch
        fields = {
            "state": {"failure": "failed", "error": "failed"}.get(status.state, status.state),
            "name": status.context,
            "description": status.description,
            "target_url": status.url,
            "ref": branch,
        }
        given = {name: value for name, value in fields.items() if value}
        commit = self._commit(target.repository, target.head_sha)
        try:
            self._read(
                "the commit status", "Developer", lambda: commit.statuses.create(given, **_ONCE)
            )
        except ForgeError as error:
            if "Cannot transition status" not in error.what:
                raise

    def deployments(self, target: Target, patterns: Iterable[str]) -> list[Deployment]:
        """Return the deployments of the head commit, newest first.

        In a merged results pipeline they are of the merge that GitLab made. One that a later one
        took the place of is inactive: the environment's URL shows another commit by then.
        """
        wanted, shas = list(patterns), self._event.commits_of(target)

        def read() -> list[dict[str, Any]]:
            options = {"order_by": "id", "sort": "desc", "per_page": 100}
            listed = self._project(target.repository).deployments.list(
                iterator=True, **options, **_ONCE
            )
            return [it.attributes for it in islice(listed, _LOOKED_AT)]

        documents = self._read("the deployments", "Reporter", read, seconds=3 * _LONGEST_CALL)
        live: dict[str, int] = {}
        found: dict[str, Deployment] = {}
        for it in documents:
            environment = it.get("environment") or {}
            name, state = str(environment.get("name")), _STATES.get(str(it.get("status")), "")
            if state == "success":
                live.setdefault(name, it["id"])
            if it.get("sha") in shas and name not in found:
                is_replaced = state == "success" and live[name] != it["id"]
                url = str(environment.get("external_url") or "")
                found[name] = Deployment(it["id"], name, "inactive" if is_replaced else state, url)
        meant = {name for pattern in wanted for name in matching(found, pattern)}
        return [it for it in found.values() if it.environment in meant] or [*found.values()]

    def changes(self, target: Target) -> Changes:
        """Return description and diff, as git writes it with renames and modes, cut to a bound."""
        if isinstance(target, CommitRange):
            path, description = "", target.title
        else:
            # python-gitlab's `diffs` are the versions: https://docs.gitlab.com/api/merge_requests/
            project = quote(target.repository, safe="")
            path = f"/projects/{project}/merge_requests/{target.number}/diffs"
            description = f"{target.title}\n\n{target.body}".strip()

        def read() -> tuple[str, str]:
            if isinstance(target, CommitRange):
                project = self._project(target.repository)
                found: Any = project.repository_compare(target.base, target.head_sha, **_ONCE)
                files, is_cut = found["diffs"], found.get("compare_timeout") is True
            else:
                files, is_cut = (
                    self._client.http_list(path, get_all=True, per_page=100, **_ONCE),
                    False,
                )
            missing = sum(bool(it.get("too_large") or it.get("collapsed")) for it in files)
            told = ["GitLab ran out of time comparing."] * is_cut
            told += [f"GitLab leaves out the diffs of {missing} large files."] * bool(missing)
            return "".join(map(_diff_of, files)), " ".join(told)

        diff, told = self._read("the diff", "Reporter", read, seconds=3 * _LONGEST_CALL)
        changes = fitted(f"{description}\n\n{told}".strip(), diff)
        return replace(changes, left_out=f"{told} {changes.left_out}".strip())

    @property
    def _client(self) -> Gitlab:
        if self._gitlab is None:
            self._session = _OneServer(self._server)
            self._gitlab = Gitlab(
                url=self._server,
                ssl_verify=self._verify,
                timeout=_LONGEST_CALL,
                session=self._session,
                user_agent=USER_AGENT,
                keep_base_url=True,
                retry_transient_errors=False,
                **self._tokens,
            )
        return self._gitlab

    def _project(self, path: str) -> Project:
        return self._client.projects.get(path, lazy=True)

    def _commit(self, path: str, sha: str) -> Any:  # noqa: ANN401 - python-gitlab has no more to say
        return self._project(path).commits.get(sha, lazy=True)

    def _notes(self, target: PullRequest) -> Any:  # noqa: ANN401 - as above
        project = self._project(target.repository)
        merge_request: ProjectMergeRequest = project.mergerequests.get(target.number, lazy=True)
        return merge_request.notes

    def _described(self, found: dict[str, Any], repository: str) -> PullRequest:
        number, sha = found.get("iid"), str(found.get("sha"))
        if not isinstance(number, int) or not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", sha):
            raise ValueError("a merge request without number or head")
        return PullRequest(
            repository=repository,
            number=number,
            url=self._event.url_of(repository, number),
            head_sha=sha,
            head_branch=str(found.get("source_branch") or ""),
            base_branch=str(found.get("target_branch") or ""),
            title=str(found.get("title") or ""),
            body=str(found.get("description") or ""),
            author=str((found.get("author") or {}).get("username") or ""),
            labels=tuple(map(str, found.get("labels") or ())),
            is_draft=found.get("draft") is True,
            is_open=found.get("state") == "opened",
            from_fork=found.get("source_project_id") != found.get("target_project_id"),
        )

    def _comment(self, target: PullRequest, note: dict[str, Any], is_trusted: bool) -> Comment:  # noqa: FBT001 - a field
        number = int(note["id"])
        return Comment(number, f"{target.url}#note_{number}", str(note.get("body")), is_trusted)

    def _may_write(self, target: PullRequest, note: dict[str, Any]) -> bool:
        """Tell whether a note's author is a bot or may write; members are asked for if need be."""
        author = str((note.get("author") or {}).get("username"))
        if _BOT.fullmatch(author):
            return True
        if "<!-- qatech-ci " not in str(note.get("body")):
            return False
        if self._writers is None:
            members = self._read(
                "the members",
                "Reporter",
                lambda: [
                    it.attributes
                    for it in self._project(target.repository).members_all.list(
                        iterator=True, per_page=100, **_ONCE
                    )
                ],
            )
            writers = [it for it in members if int(it.get("access_level") or 0) >= _DEVELOPER]
            self._writers = frozenset(str(it.get("username")) for it in writers)
        return author in self._writers

    def _read(
        self,
        what: str,
        role: str,
        call: Callable[[], _Answer],
        *,
        seconds: float = _LONGEST_CALL,
        attempts: int = 3,
    ) -> _Answer:
        """Return what a call returns that may as well come twice."""

        def translate(error: Exception) -> ForgeError:
            if isinstance(error, GitlabError) and error.response_code:
                return self._refusal(what, role, error)
            why = type(error).__name__
            if isinstance(error, RequestException | TimeoutError):
                return ForgeError(f"GitLab did not answer for {what}: {why}.", retry_after=0.0)
            if isinstance(error, OSError):
                # requests looks for the file before it connects, and has no error of its own.
                told = f"GitLab cannot be asked for {what}: there is no file {self._verify}."
                return ForgeError(told, "Check `CI_SERVER_TLS_CA_FILE`.")
            told = f"GitLab's answer for {what} cannot be read: {why}."
            return ForgeError(told, "Check `CI_API_V4_URL`.")

        return forge_call(call, self._deadline, translate, seconds=seconds, attempts=attempts)

    def _refusal(self, what: str, role: str, error: GitlabError) -> ForgeError:
        status = error.response_code or 0
        message = " ".join(str(error.error_message or "no message").split()).rstrip(".")[:300]
        told = f"GitLab answered for {what} with {status}: {message}."
        if status >= 500 or status == 409:  # noqa: PLR2004 - server errors, and another update under way
            return ForgeError(told, retry_after=0.0)
        if status == 429:  # noqa: PLR2004 - the number is the name that people know
            delay = asked_delay(
                self._session.answered.get("Retry-After"), self._deadline.clock.now()
            )
            is_short = delay is not None and delay <= _LONGEST_PAUSE
            return ForgeError(
                told, "Run the job again later.", retry_after=delay if is_short else None
            )
        remedy = (
            "Set the masked CI/CD variable `QATECH_GITLAB_TOKEN` to a project or group access "
            f"token with the role {role} and the scope `api`."
        )
        if not self._has_token and status in {401, 403, 404}:
            # By 404 GitLab hides from a job what it may not see.
            return PermissionMissing(told, _JOB_TOKEN + remedy)
        if status in {401, 403}:
            is_unknown = status == 401  # noqa: PLR2004 - as above
            invalid = "Check `QATECH_GITLAB_TOKEN`: it is not valid."
            return PermissionMissing(told, invalid if is_unknown else remedy)
        if status == 404:  # noqa: PLR2004 - as above
            return NotFound(told, "Check the number, and that the token may see the project.")
        return ForgeError(told)


def _moment(date: str | None) -> datetime | None:
    """Return the moment of a `Date` header, or nothing where it is none."""
    try:
        return parsedate_to_datetime(date or "")
    except ValueError:
        return None


def _diff_of(file: dict[str, Any]) -> str:
    """Return a file's part of a diff as git writes it."""
    before, after = str(file.get("old_path")), str(file.get("new_path"))
    old_mode, new_mode = str(file.get("a_mode") or "0"), str(file.get("b_mode") or "0")
    lines = [f"diff --git a/{before} b/{after}"]
    if file.get("new_file"):
        lines.append(f"new file mode {new_mode}")
    elif file.get("deleted_file"):
        lines.append(f"deleted file mode {old_mode}")
    elif old_mode != new_mode:
        lines += [f"old mode {old_mode}", f"new mode {new_mode}"]
    if file.get("renamed_file"):
        lines += [f"rename from {before}", f"rename to {after}"]
    patch = str(file.get("diff") or "").rstrip("\n")
    if patch:
        lines.append("--- /dev/null" if file.get("new_file") else f"--- a/{before}")
        lines.append("+++ /dev/null" if file.get("deleted_file") else f"+++ b/{after}")
        lines.append(patch)
    return "\n".join(lines) + "\n"
