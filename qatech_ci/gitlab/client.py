"""GitLab's REST API over python-gitlab's own objects.

Left to itself python-gitlab sleeps through rate limits and takes its token along to other hosts:
both are switched off. https://python-gitlab.readthedocs.io/en/stable/api-usage.html
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from gitlab import Gitlab, GitlabError
from gitlab.const import AccessLevel
from gitlab.v4.objects import Project
from requests import PreparedRequest, Response, Session

from qatech_ci.errors import ForgeError, NotFound, PermissionMissing
from qatech_ci.forge import SHA, STATE_MARK, Forge, Reference, asks, fit_changes
from qatech_ci.http.session import SOCKET_TIMEOUT, USER_AGENT, certificates
from qatech_ci.model import Changes, Check, CheckState, Comment, Deployment, PullRequest

from .event import GitLabEvent

_LOOKED_AT = 300  # deployments; none is found by its commit, and what is live is among the last
_BOT = re.compile(r"(project|group)_\d+_bot(_[0-9a-f]+)?")
"""https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects"""
_STATES = {"success": "success", "failed": "failure", "canceled": "error", "skipped": "inactive"}
"""A deployment's states in GitHub's words; the others say that it is still under way."""
_ONCE: dict[str, Any] = {"obey_rate_limit": False}
_ALL_PAGES: dict[str, Any] = {"iterator": True, "per_page": 100, **_ONCE}


class _OneServer(Session):
    """Takes the token to no other server, whether by a redirect or by a link to a next page."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self._place = urlsplit(server.lower())[:2]
        self.answered: Mapping[str, str] = {}  # the last headers; python-gitlab's errors have none

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # noqa: ANN401 - as requests has them
        if urlsplit(request.url or "")[:2] != self._place:
            raise ValueError("an answer leads to another server")
        response = super().send(request, **options)
        self.answered = response.headers
        return response


class GitLab(Forge):
    """Implements `Forge`. Permissions are the least role of a token."""

    name = "GitLab"
    _event: GitLabEvent

    def renew(self) -> None:
        variables = self._event.variables
        # python-gitlab puts its own version of the API's path behind the server's address.
        server = self._event.api_url.removesuffix("/api/v4")
        self._session = _OneServer(server)
        self._client = Gitlab(
            url=server,
            private_token=self._token,
            job_token=None if self._token else variables.get("CI_JOB_TOKEN"),
            # https://docs.gitlab.com/runner/configuration/tls-self-signed/
            ssl_verify=variables.get("CI_SERVER_TLS_CA_FILE") or certificates(),
            timeout=SOCKET_TIMEOUT,
            session=self._session,
            user_agent=USER_AGENT,
            keep_base_url=True,
        )
        self._writers = cache(self._members)

    def allow(self) -> None:
        """Do nothing: a note starts no pipeline, so that nobody gives commands."""

    def acknowledge(self) -> None:
        """Do nothing, as there are no commands."""

    @asks("merge request {1}", "Reporter")
    def pull_request(self, repository: str, number: int) -> PullRequest:
        found = self._project(repository).mergerequests.get(number, **_ONCE).attributes
        self._take_date(self._session.answered.get("Date"))
        if not re.fullmatch(SHA, str(found["sha"])):
            raise ValueError("a merge request without a head")
        return PullRequest(
            repository=repository,
            number=number,
            # It is built here, as what an answer says may lie.
            url=f"{self._event.server_url}/{repository}/-/merge_requests/{number}",
            head_sha=found["sha"],
            head_branch=found["source_branch"] or "",
            base_branch=found["target_branch"] or "",
            title=found.get("title") or "",
            body=found.get("description") or "",
            author=(found.get("author") or {}).get("username") or "",
            labels=tuple(found.get("labels") or ()),
            is_draft=found.get("draft") is True,
            is_open=found["state"] == "opened",
            from_fork=found.get("source_project_id") != found.get("target_project_id"),
        )

    @asks("the merge requests", "Reporter")
    def open_pull_requests(self, commit: Reference) -> list[tuple[int, str]]:
        found = self._commit(commit.repository, commit.head_sha).merge_requests(**_ALL_PAGES)
        return [(int(it["iid"]), str(it["sha"])) for it in found if it["state"] == "opened"]

    @asks("the notes and who may write", "Reporter")
    def comments(self, target: PullRequest) -> list[Comment]:
        listed = self._notes(target).list(sort="asc", **_ALL_PAGES)
        notes = [it.attributes for it in listed if not it.system]
        return [_comment(target, it, is_trusted=self._may_write(target, it)) for it in notes]

    @asks("the note", "Reporter")
    def comment(self, target: PullRequest, number: int) -> Comment:
        return _comment(target, self._notes(target).get(number, **_ONCE).attributes)

    @asks("the new note", "Reporter", attempts=1)
    def create_comment(self, target: PullRequest, body: str) -> Comment:
        return _comment(target, self._notes(target).create({"body": body}, **_ONCE).attributes)

    @asks("the note", "Reporter")
    def edit_comment(self, target: PullRequest, number: int, body: str) -> None:
        self._notes(target).update(number, {"body": body}, **_ONCE)

    @asks("the note", "Reporter")
    def delete_comment(self, target: PullRequest, number: int) -> None:
        self._notes(target).delete(number, **_ONCE)

    def qatech_check(self, target: PullRequest, since: datetime) -> Check:
        """Return nothing: on GitLab every developer can write a status of any name."""
        del target, since
        return Check(CheckState.NONE)

    @asks("the commit status", "Developer")
    def set_status(
        self, target: PullRequest, state: str, context: str, description: str, url: str
    ) -> None:
        """Set an external commit status; one that stands already is as good as set."""
        if target.from_fork:
            raise ForgeError(
                "GitLab takes no status for the head of a fork: it is on no branch of the project.",
                "Leave `commit-status` at `auto` or set it to `off`, and require the pipeline.",
            )
        word = "failed" if state in {"failure", "error"} else state
        fields = {"state": word, "name": context, "description": description, "target_url": url}
        fields["ref"] = target.head_branch
        given = {name: value for name, value in fields.items() if value}
        try:
            self._commit(target.repository, target.head_sha).statuses.create(given, **_ONCE)
        except GitlabError as error:
            # https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
            if "Cannot transition status" not in str(error.error_message):
                raise

    @asks("the deployments", "Reporter")
    def deployments(self, target: PullRequest, patterns: Collection[str]) -> list[Deployment]:
        """Return the deployments of the head commit, or of the merge that GitLab made of it."""
        del patterns  # the state comes with the list
        known = self._project(target.repository).deployments
        listed = islice(known.list(order_by="id", sort="desc", **_ALL_PAGES), _LOOKED_AT)
        commits = self._event.commits
        shas = commits if target.head_sha in commits else {target.head_sha}
        live: dict[str, int] = {}
        found: dict[str, Deployment] = {}
        for it in (deployment.attributes for deployment in listed):
            environment = it.get("environment") or {}
            name, state = str(environment.get("name")), _STATES.get(str(it.get("status")), "")
            if state == "success" and live.setdefault(name, it["id"]) != it["id"]:
                state = "inactive"  # the environment's URL shows what was deployed later
            if it.get("sha") in shas and name not in found:
                url = str(environment.get("external_url") or "")
                found[name] = Deployment(it["id"], name, state, url)
        return [*found.values()]

    @asks("the diff", "Reporter")
    def changes(self, target: PullRequest) -> Changes:
        # python-gitlab's `diffs` are the versions: https://docs.gitlab.com/api/merge_requests/
        path = f"{self._project(target.repository).mergerequests.path}/{target.number}/diffs"
        files: list[Any] = [*self._client.http_list(path, **_ALL_PAGES)]
        missing = sum(bool(it.get("too_large") or it.get("collapsed")) for it in files)
        told = f"GitLab leaves out the diffs of {missing} large files." if missing else ""
        return fit_changes(target, "".join(map(_diff_of, files)), told)

    def _project(self, path: str) -> Project:
        return self._client.projects.get(path, lazy=True)

    def _commit(self, path: str, sha: str) -> Any:  # noqa: ANN401 - python-gitlab has no more to say
        return self._project(path).commits.get(sha, lazy=True)

    def _notes(self, target: PullRequest) -> Any:  # noqa: ANN401 - as above
        return self._project(target.repository).mergerequests.get(target.number, lazy=True).notes

    def _may_write(self, target: PullRequest, note: Mapping[str, Any]) -> bool:
        """Tell whether a note's author is a bot or may write; members are asked for if need be."""
        author = str((note.get("author") or {}).get("username"))
        if _BOT.fullmatch(author):
            return True
        return STATE_MARK in str(note.get("body")) and author in self._writers(target.repository)

    def _members(self, project: str) -> set[str]:
        """Return who may write: https://docs.gitlab.com/api/members/#roles."""
        listed = self._project(project).members_all.list(**_ALL_PAGES)
        return {str(it.username) for it in listed if it.access_level >= AccessLevel.DEVELOPER}

    def _answered(self, error: Exception) -> tuple[int, str, Mapping[str, str]] | None:
        if not isinstance(error, GitlabError) or not error.response_code:
            return None
        return error.response_code, str(error.error_message or ""), self._session.answered

    def _refused(self, status: int, permission: str) -> tuple[type[ForgeError], str]:
        remedy = (
            "Set the masked CI/CD variable `QATECH_GITLAB_TOKEN` to a project or group access "
            f"token with the role {permission} and the scope `api`."
        )
        if not self._token and status in {401, 403, 404}:
            # By 404 GitLab hides from a job what it may not see.
            told = f"The job's own token (`CI_JOB_TOKEN`) may not do this. {remedy}"
            return PermissionMissing, told
        return {
            401: (PermissionMissing, "Check `QATECH_GITLAB_TOKEN`: it is not valid."),
            403: (PermissionMissing, remedy),
            404: (NotFound, "Check the number, and that the token may see the project."),
        }.get(status, (ForgeError, ""))


def _comment(target: PullRequest, note: Mapping[str, Any], *, is_trusted: bool = True) -> Comment:
    number = int(note["id"])
    return Comment(number, f"{target.url}#note_{number}", str(note.get("body")), is_trusted)


def _diff_of(file: Mapping[str, Any]) -> str:
    """Return a file's part of a diff as git writes it."""
    old, new = file.get("old_path"), file.get("new_path")
    modes = str(file.get("a_mode") or "0"), str(file.get("b_mode") or "0")
    lines = [f"diff --git a/{old} b/{new}"]
    if file.get("new_file"):
        lines.append(f"new file mode {modes[1]}")
    elif file.get("deleted_file"):
        lines.append(f"deleted file mode {modes[0]}")
    elif modes[0] != modes[1]:
        lines += [f"old mode {modes[0]}", f"new mode {modes[1]}"]
    if file.get("renamed_file"):
        lines += [f"rename from {old}", f"rename to {new}"]
    if patch := str(file.get("diff") or "").rstrip("\n"):
        lines.append("--- /dev/null" if file.get("new_file") else f"--- a/{old}")
        lines += ["+++ /dev/null" if file.get("deleted_file") else f"+++ b/{new}", patch]
    return "\n".join(lines) + "\n"
