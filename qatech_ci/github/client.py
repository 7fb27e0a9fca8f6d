"""GitHub's REST API over PyGithub's own objects.

Left to itself PyGithub repeats each call ten times, writes among them, and sleeps through rate
limits: https://pygithub.readthedocs.io/en/stable/utilities.html. Here each call is made once,
bounded in time, and a read is made again where that helps. Objects are made lazily from numbers:
the URLs in an answer may lead elsewhere.
"""

import logging
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from github import Auth, Github, GithubException
from github.Commit import Commit
from github.GithubObject import NotSet
from github.Issue import Issue
from urllib3.util import Retry

from qatech_ci.errors import ForgeError, Ignored, NotFound, PermissionMissing
from qatech_ci.forge import SHA, Forge, Reference, asks, fit_changes, match_names
from qatech_ci.http.session import SOCKET_TIMEOUT, USER_AGENT, certificates
from qatech_ci.model import Changes, Check, CheckState, Comment, Deployment, PullRequest

from .event import GitHubEvent

_COMMENTS = "pull-requests: write"

# It logs redirects with their addresses, past our log with its masks.
logging.getLogger("github").setLevel(logging.CRITICAL)


class GitHub(Forge):
    """Implements `Forge`."""

    name = "GitHub"
    _event: GitHubEvent

    def renew(self) -> None:
        self._client = Github(
            auth=Auth.Token(self._token) if self._token else None,
            base_url=self._event.api_url,
            timeout=SOCKET_TIMEOUT,
            user_agent=USER_AGENT,
            per_page=100,
            verify=certificates(),
            # Nothing is made again by itself. A redirect that PyGithub does not follow would
            # pass for an empty answer, so that it is an error here.
            retry=Retry(total=0, status_forcelist=(302, 303, 307, 308), allowed_methods=None),
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )

    def allow(self) -> None:
        with suppress(NotFound):
            if self._permission() in {"admin", "write"}:
                return
        raise Ignored("The command comes from somebody without the right to write.")

    @asks("the author's permission", "contents: read")
    def _permission(self) -> str:
        author = str((self._event.payload["comment"].get("user") or {}).get("login"))
        return self._client.get_repo(self._event.repository).get_collaborator_permission(author)

    @asks("the reaction", _COMMENTS, attempts=1)
    def acknowledge(self) -> None:
        issue, comment = self._event.payload["issue"], self._event.payload["comment"]
        found = self._client.get_repo(self._event.repository).get_issue(int(issue["number"]))
        found.get_comment(int(comment["id"])).create_reaction("eyes")

    @asks("pull request {1}", "pull-requests: read")
    def pull_request(self, repository: str, number: int) -> PullRequest:
        pull = self._client.get_repo(repository).get_pull(number)
        if not re.fullmatch(SHA, pull.head.sha):
            raise ValueError("a pull request without a head")
        self._take_date(str(pull.raw_headers.get("date", "")))
        return PullRequest(
            repository=repository,
            number=number,
            # It is built here, as what an answer says may lie.
            url=f"{self._event.server_url}/{repository}/pull/{number}",
            head_sha=pull.head.sha,
            head_branch=pull.head.ref or "",
            base_branch=pull.base.ref or "",
            title=pull.title or "",
            body=pull.body or "",
            author=pull.user.login if pull.user else "",
            labels=tuple(it.name for it in pull.labels or () if it.name),
            is_draft=pull.draft is True,
            is_open=pull.state != "closed",
        )

    @asks("the commit's pull requests", "pull-requests: read` and `contents: read")
    def open_pull_requests(self, commit: Reference) -> list[tuple[int, str]]:
        repository = self._client.get_repo(commit.repository)
        # A fork's commit is not known to the base repository, so its branch is asked for.
        if commit.branch:
            pulls = repository.get_pulls("open", head=commit.branch)
        else:
            pulls = repository.get_commit(commit.head_sha).get_pulls()
        return [(it.number, it.head.sha) for it in pulls if it.state == "open"]

    @asks("the comments", _COMMENTS)
    def comments(self, target: PullRequest) -> list[Comment]:
        found = []
        for it in self._issue(target).get_comments():
            is_bot = it.user is not None and it.user.type == "Bot"
            is_trusted = is_bot or it.author_association in {"OWNER", "MEMBER", "COLLABORATOR"}
            found.append(_comment(target, it.id, it.body or "", is_trusted=is_trusted))
        return found

    @asks("the comment", _COMMENTS)
    def comment(self, target: PullRequest, number: int) -> Comment:
        return _comment(target, number, self._issue(target).get_comment(number).body or "")

    @asks("the new comment", _COMMENTS, attempts=1)
    def create_comment(self, target: PullRequest, body: str) -> Comment:
        # A redirect of a POST leaves an object without an id.
        return _comment(target, int(self._issue(target).create_comment(body).id), body)

    @asks("the comment", _COMMENTS)
    def edit_comment(self, target: PullRequest, number: int, body: str) -> None:
        self._issue(target).get_comment(number).edit(body)

    @asks("the comment", _COMMENTS)
    def delete_comment(self, target: PullRequest, number: int) -> None:
        self._issue(target).get_comment(number).delete()

    def qatech_check(self, target: PullRequest, since: datetime) -> Check:
        """Return the worst of check runs and commit statuses; it is not documented which there are.

        Where one kind may not be read, the other counts all the same.
        """
        found, refused = [Check(CheckState.NONE)], ""
        for read in (self._check_runs, self._statuses):
            try:
                found += read(target, since)
            except PermissionMissing as error:
                refused = refused or str(error)
        worst_first = list(CheckState)
        return replace(min(found, key=lambda it: worst_first.index(it.state)), refused=refused)

    @asks("the commit's checks", "checks: read")
    def _check_runs(self, target: PullRequest, since: datetime) -> list[Check]:
        found = []
        for it in self._commit(target).get_check_runs():
            if it.app is not None and _is_qatech(it.app.slug):
                word = it.conclusion if it.status == "completed" else "pending"
                found.append(_check(f"check “{it.name}”", word, it.completed_at, since))
        return found

    @asks("the commit's statuses", "statuses: read")
    def _statuses(self, target: PullRequest, since: datetime) -> list[Check]:
        newest: dict[str, Check] = {}  # by context; statuses come newest first
        for it in self._commit(target).get_statuses():
            if it.creator is not None and it.creator.type == "Bot" and _is_qatech(it.creator.login):
                check = _check(f"status “{it.context}”", it.state, it.updated_at, since)
                newest.setdefault(it.context, check)
        return list(newest.values())

    @asks("the commit status", "statuses: write")
    def set_status(
        self, target: PullRequest, state: str, context: str, description: str, url: str
    ) -> None:
        self._commit(target).create_status(state, url or NotSet, description, context)

    @asks("the deployments", "deployments: read")
    def deployments(self, target: PullRequest, patterns: Collection[str]) -> list[Deployment]:
        repository = self._client.get_repo(target.repository)
        listed = sorted(repository.get_deployments(sha=target.head_sha), key=lambda it: it.id)
        found = {it.environment: Deployment(it.id, it.environment) for it in listed}
        for name in {name for pattern in patterns for name in match_names(found, pattern)}:
            number = found[name].id
            # Newest first. Older senders have the URL in target_url, which else is a log.
            if it := next(iter(repository.get_deployment(number).get_statuses()), None):
                url = it.environment_url or (it.target_url if it.state == "success" else "")
                told = it.state or "", url or "", it.description or ""
                found[name] = Deployment(number, name, *told)
        return list(found.values())

    @asks("the diff", "pull-requests: read")
    def changes(self, target: PullRequest) -> Changes:
        # PyGithub's objects have no whole diff: https://docs.github.com/en/rest/pulls/pulls
        path = f"/repos/{target.repository}/pulls/{target.number}"
        headers, requester = {"Accept": "application/vnd.github.diff"}, self._client.requester
        status, answered, text = requester.requestJson("GET", path, headers=headers)
        if status >= 400:
            raise requester.createException(status, answered, {"message": text})
        return fit_changes(target, text)

    def _issue(self, target: PullRequest) -> Issue:
        return self._client.get_repo(target.repository).get_issue(target.number)

    def _commit(self, target: PullRequest) -> Commit:
        return self._client.get_repo(target.repository).get_commit(target.head_sha)

    def _answered(self, error: Exception) -> tuple[int, str, Mapping[str, str]] | None:
        if not isinstance(error, GithubException):
            return None
        document = error.data if isinstance(error.data, dict) else {}
        return error.status, str(document.get("message") or ""), error.headers or {}

    def _refused(self, status: int, permission: str) -> tuple[type[ForgeError], str]:
        return {
            401: (ForgeError, "Check `github-token`: it is not valid."),
            403: (PermissionMissing, f"Give the job `permissions: {permission}`."),
            404: (NotFound, "Check the number, and that `github-token` may see it."),
            406: (ForgeError, "The diff is larger than GitHub gives; review it in mode `pr`."),
        }.get(status, (ForgeError, ""))


def _check(what: str, word: str | None, moment: datetime | None, since: datetime) -> Check:
    """Return what a check run or commit status of QA.tech's says with a word of that moment."""
    told = f"QA.tech's {what} says “{word}”."
    if word in {"pending", "expected"}:
        return Check(CheckState.PENDING, f"QA.tech's {what} is still pending.")
    # GitHub's times have whole seconds.
    is_earlier = moment is not None and moment < since.replace(microsecond=0)
    if is_earlier or word in {"neutral", "skipped"}:
        return Check(CheckState.NONE)
    if moment is None or word in {"cancelled", "stale", None}:
        return Check(CheckState.UNREADABLE, told)
    return Check(CheckState.SUCCESS if word == "success" else CheckState.FAILURE, told)


def _is_qatech(name: str | None) -> bool:
    """Tell whether an App's slug or a bot's login is QA.tech's.

    Anybody who may push can write a check of any name, through a workflow if not by hand; only the
    App that an administrator installed says what QA.tech found.
    """
    return re.sub(r"[\W_]", "", str(name).lower()).startswith(("qatech", "qadottech"))


def _comment(target: PullRequest, number: int, body: str, *, is_trusted: bool = False) -> Comment:
    return Comment(number, f"{target.url}#issuecomment-{number}", body, is_trusted)
