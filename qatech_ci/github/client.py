"""GitHub's REST API over PyGithub's own objects.

Left to itself PyGithub repeats each call ten times, writes among them, and sleeps through rate
limits: https://pygithub.readthedocs.io/en/stable/utilities.html. Here each call is made once,
bounded in time, and a read is made again where that helps. Objects are made lazily from numbers:
the URLs in an answer may lead elsewhere.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from github import Auth, Github, GithubException
from github.GithubObject import NotSet
from urllib3.util import Retry

from qatech_ci.errors import ForgeError, Ignored, NotFound, PermissionMissing, Skipped
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

from .event import GitHubEvent, pull_request_in

if TYPE_CHECKING:
    from github.CheckRun import CheckRun
    from github.CommitStatus import CommitStatus as GitHubStatus
    from github.Repository import Repository

LONGEST_CALL = 20.0
"""Seconds that a call may take; one that lists may take three times as long."""
_LONGEST_PAUSE = 60.0
"""Seconds that a rate limit is waited for."""
_WRITERS = ("OWNER", "MEMBER", "COLLABORATOR")
_PUBLISHERS = ("qatech", "qadottech")
_COMMENTS = "pull-requests: write"
_CHECK = ", so that QA.tech's own check counts"
_Answer = TypeVar("_Answer")

# It logs redirects with their addresses, past our log with its masks.
logging.getLogger("github").setLevel(logging.CRITICAL)


class GitHub:
    """Implements `Forge`."""

    provider = "github"

    def __init__(self, api_url: str, token: str, event: GitHubEvent, deadline: Deadline) -> None:
        self._api_url = api_url
        self._token = token
        self._event = event
        self._deadline = deadline
        self._github: Github | None = None
        self.date = deadline.clock.now()

    def renew(self) -> None:
        """Forget connections, which a signal may have left half used."""
        self._github = None

    def allow(self) -> None:
        """Raise `Ignored` where the author of a command may not write, or is unknown."""
        author = str((self._event.payload["comment"].get("user") or {}).get("login"))
        try:
            permission = self._read(
                "the author's permission",
                "metadata: read",
                lambda: self._repository(self._event.repository).get_collaborator_permission(
                    author
                ),
            )
        except NotFound:
            permission = "none"
        if permission not in {"admin", "write"}:
            raise Ignored("The command comes from somebody without the right to write.")

    def acknowledge(self) -> None:
        """React to a command."""
        payload, repository = self._event.payload, self._event.repository
        number = int(payload["comment"].get("id") or 0)
        issue = int(payload["issue"].get("number") or 0)
        comment = self._repository(repository).get_issue(issue).get_comment(number)
        self._once("the reaction", _COMMENTS, lambda: comment.create_reaction("eyes"))

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it stands, and take note of GitHub's time."""

        def read() -> tuple[PullRequest, str]:
            pull = self._repository(repository).get_pull(number)
            described = pull_request_in(pull.raw_data, repository, self._event.server_url)
            return described, str(pull.raw_headers.get("date", ""))

        found, date = self._read(f"pull request {number}", "pull-requests: read", read)
        self.date = _moment(date) or self._deadline.clock.now()
        return found

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        """Return the open pull requests whose head is a commit.

        The commit of a fork is not known to the base repository, so there the branch is asked for.
        """
        repository = self._repository(commit.repository)

        def read() -> list[tuple[int, str]]:
            if commit.branch:
                pulls = repository.get_pulls("open", head=commit.branch)
            else:
                pulls = repository.get_commit(commit.sha).get_pulls()
            return [(it.number, it.head.sha) for it in pulls if it.state == "open"]

        permission = "pull-requests: read` and `contents: read"
        found = self._read("the commit's pull requests", permission, read)
        numbers = [number for number, sha in found if sha == commit.sha]
        if found and not numbers:
            raise Skipped(f"The pull request has newer commits than {commit.sha[:7]}.")
        return [self.pull_request(commit.repository, number) for number in numbers]

    def comments(self, target: PullRequest, since: datetime | None = None) -> list[Comment]:
        """Return the comments, oldest first, or those that were changed since a time."""
        issue = self._repository(target.repository).get_issue(target.number)

        def read() -> list[Comment]:
            found = issue.get_comments(since=since or NotSet)
            return [
                Comment(
                    id=it.id,
                    url=_comment_url(target, it.id),
                    body=it.body or "",
                    is_trusted=it.author_association in _WRITERS
                    or (it.user is not None and it.user.type == "Bot"),
                )
                for it in found
            ]

        return self._read("the comments", _COMMENTS, read, seconds=3 * LONGEST_CALL)

    def comment(self, target: PullRequest, number: int) -> Comment:
        """Return a comment as it stands; raises `NotFound` where it has been deleted."""
        issue = self._repository(target.repository).get_issue(target.number)
        body = self._read("the comment", _COMMENTS, lambda: issue.get_comment(number).body)
        return Comment(number, _comment_url(target, number), body or "", is_trusted=True)

    def create_comment(self, target: PullRequest, body: str) -> Comment:
        """Write a comment, at most once."""
        issue = self._repository(target.repository).get_issue(target.number)

        def create() -> int:
            # A redirect of a POST leaves an object without an id.
            return int(issue.create_comment(body).id)

        number = self._once("the new comment", _COMMENTS, create)
        return Comment(number, _comment_url(target, number), body, is_trusted=True)

    def edit_comment(self, target: PullRequest, number: int, body: str) -> None:
        """Write a comment anew."""
        issue = self._repository(target.repository).get_issue(target.number)
        self._read("the comment", _COMMENTS, lambda: issue.get_comment(number).edit(body))

    def delete_comment(self, target: PullRequest, number: int) -> None:
        """Delete a comment."""
        issue = self._repository(target.repository).get_issue(target.number)
        self._read("the comment", _COMMENTS, lambda: issue.get_comment(number).delete())

    def qatech_check(self, target: Target, since: datetime) -> Check:
        """Return what QA.tech's App says of the head commit since a time of GitHub's clock.

        Check runs and commit statuses: which of the two it writes is not documented. Where one
        kind may not be read, the other counts all the same.
        """
        commit = self._repository(target.repository).get_commit(target.head_sha)
        found: list[Check] = []
        refused = ""
        kinds: Sequence[tuple[str, Callable[[], list[Check]]]] = (
            ("checks", lambda: [_of_run(it, since) for it in commit.get_check_runs()]),
            ("statuses", lambda: list(_of_statuses(commit.get_statuses(), since))),
        )
        for kind, read in kinds:
            try:
                found += self._read(f"the commit's {kind}", f"{kind}: read{_CHECK}", read)
            except PermissionMissing as error:
                refused = refused or str(error)
        return replace(_worst(found), refused=refused)

    def set_status(self, target: Target, status: CommitStatus) -> None:
        """Set a status on the head commit."""
        commit = self._repository(target.repository).get_commit(target.head_sha)
        self._read(
            "the commit status",
            "statuses: write",
            lambda: commit.create_status(
                status.state,
                target_url=status.url or NotSet,
                description=status.description,
                context=status.context,
            ),
        )

    def deployments(self, target: Target, patterns: Iterable[str]) -> list[Deployment]:
        """Return the deployments of the head commit, newest first.

        The state is read of the newest one in each environment that a pattern means.
        """
        repository, wanted = self._repository(target.repository), list(patterns)

        def read() -> list[Deployment]:
            listed = list(repository.get_deployments(sha=target.head_sha))
            newest = {it.environment: it.id for it in sorted(listed, key=lambda it: it.id)}
            names = {name for pattern in wanted for name in matching(newest, pattern)}
            return [
                self._with_state(repository, number, environment)
                if environment in names
                else Deployment(number, environment)
                for environment, number in newest.items()
            ]

        return self._read("the deployments", "deployments: read", read, seconds=3 * LONGEST_CALL)

    def _with_state(self, repository: "Repository", number: int, environment: str) -> Deployment:
        for status in repository.get_deployment(number).get_statuses():
            # Newest first. Older senders have the URL in target_url, which else is a log.
            url = status.environment_url or (status.target_url if status.state == "success" else "")
            told = str(status.description or "")
            return Deployment(number, environment, str(status.state or ""), str(url or ""), told)
        return Deployment(number, environment)

    def changes(self, target: Target) -> Changes:
        """Return description and diff, as git writes it with renames and modes, cut to a bound."""
        path, permission = f"/repos/{target.repository}", "pull-requests: read"
        if isinstance(target, CommitRange):
            path += f"/compare/{target.base}...{target.head_sha}"
            permission, description = "contents: read", target.title
        else:
            path += f"/pulls/{target.number}"
            description = f"{target.title}\n\n{target.body}".strip()
        # PyGithub's objects have no whole diff: https://docs.github.com/en/rest/pulls/pulls
        diff = self._read("the diff", permission, lambda: self._diff(path))
        return fitted(description, diff)

    def _diff(self, path: str) -> str:
        headers = {"Accept": "application/vnd.github.diff"}
        requester = self._client.requester
        status, answered, text = requester.requestJson("GET", path, headers=headers)
        if status >= 400:  # noqa: PLR2004 - the errors of RFC 9110
            raise requester.createException(status, answered, {"message": text[:300]})
        return text

    @property
    def _client(self) -> Github:
        if self._github is None:
            self._github = Github(
                auth=Auth.Token(self._token) if self._token else None,
                base_url=self._api_url,
                timeout=int(LONGEST_CALL),
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
        return self._github

    def _repository(self, name: str) -> "Repository":
        return self._client.get_repo(name)

    def _once(self, what: str, permission: str, call: Callable[[], _Answer]) -> _Answer:
        return self._read(what, permission, call, attempts=1)

    def _read(
        self,
        what: str,
        permission: str,
        call: Callable[[], _Answer],
        *,
        seconds: float = LONGEST_CALL,
        attempts: int = 3,
    ) -> _Answer:
        """Return what a call returns that may as well come twice."""

        def translate(error: Exception) -> ForgeError:
            if isinstance(error, GithubException):
                return _refusal(what, permission, error, self._deadline.clock.now())
            why = type(error).__name__
            if isinstance(error, OSError):  # what requests raises, and time-outs
                return ForgeError(f"GitHub did not answer for {what}: {why}.", retry_after=0.0)
            told = f"GitHub's answer for {what} cannot be read: {why}."
            return ForgeError(told, "Check `GITHUB_API_URL`.")

        return forge_call(call, self._deadline, translate, seconds=seconds, attempts=attempts)


def _of_run(run: "CheckRun", since: datetime) -> Check:
    if run.app is None or not _is_qatech(run.app.slug):
        return Check(CheckState.NONE)
    told = f"QA.tech's check “{run.name}” says “{run.conclusion}”."
    if run.status != "completed":
        return Check(CheckState.PENDING, f"QA.tech's check “{run.name}” is still pending.")
    if not _is_since(run.completed_at, since) or run.conclusion in {"neutral", "skipped"}:
        return Check(CheckState.NONE)
    if run.conclusion in {"cancelled", "stale", None}:
        return Check(CheckState.UNREADABLE, told)
    is_success = run.conclusion == "success"
    return Check(CheckState.SUCCESS if is_success else CheckState.FAILURE, told)


def _of_statuses(statuses: Iterable["GitHubStatus"], since: datetime) -> Iterable[Check]:
    """Yield the newest status of each of QA.tech's contexts; they come newest first."""
    seen: set[str] = set()
    for status in statuses:
        creator = status.creator
        if creator is None or creator.type != "Bot" or not _is_qatech(creator.login):
            continue
        if status.context in seen:
            continue
        seen.add(status.context)
        told = f"QA.tech's status “{status.context}” says “{status.state}”."
        if status.state in {"pending", "expected"}:
            yield Check(CheckState.PENDING, f"QA.tech's status “{status.context}” is pending.")
        elif _is_since(status.updated_at, since):
            is_success = status.state == "success"
            yield Check(CheckState.SUCCESS if is_success else CheckState.FAILURE, told)


def _worst(checks: list[Check]) -> Check:
    """Return what counts of several: each of them can close the gate, none opens it alone."""
    order = (
        CheckState.FAILURE,
        CheckState.UNREADABLE,
        CheckState.PENDING,
        CheckState.SUCCESS,
        CheckState.NONE,
    )
    return min(checks, key=lambda it: order.index(it.state), default=Check(CheckState.NONE))


def _is_qatech(name: str | None) -> bool:
    """Tell whether an App's slug or a bot's login is QA.tech's.

    Anybody who may push can write a check of any name, through a workflow if not by hand; only the
    App that an administrator installed says what QA.tech found.
    """
    plain = "".join(letter for letter in str(name).lower() if letter.isalnum())
    return plain.startswith(_PUBLISHERS)


def _is_since(moment: datetime | None, since: datetime) -> bool:
    """Compare whole seconds, which is what GitHub gives."""
    if moment is None:
        return False
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware >= since.replace(microsecond=0)


def _refusal(what: str, permission: str, error: GithubException, now: datetime) -> ForgeError:
    document = error.data if isinstance(error.data, dict) else {}
    message = " ".join(str(document.get("message") or "no message").split()).rstrip(".")[:300]
    told = f"GitHub answered for {what} with {error.status}: {message}."
    headers = {key.lower(): str(value) for key, value in (error.headers or {}).items()}
    if error.status in {403, 429} and _is_rate_limit(headers, message):
        delay = asked_delay(headers.get("retry-after"), now)
        is_short = delay is not None and delay <= _LONGEST_PAUSE
        remedy = "The token's rate limit is used up; run the job again later."
        return ForgeError(told, remedy, retry_after=delay if is_short else None)
    kind = {403: PermissionMissing, 404: NotFound}.get(error.status, ForgeError)
    remedy = {
        401: "Check `github-token`: it is not valid.",
        403: f"Give the job `permissions: {permission}`.",
        404: "Check the number, and that `github-token` may see it.",
        406: "The diff is larger than GitHub gives; review it in mode `pr`.",
    }.get(error.status, "")
    return kind(told, remedy, retry_after=0.0 if error.status >= 500 else None)  # noqa: PLR2004 - the server errors of RFC 9110


def _is_rate_limit(headers: dict[str, str], message: str) -> bool:
    """Tell a rate limit from a missing permission; both are answered with 403.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    is_used_up = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return is_used_up or "rate limit" in message.lower()


def _moment(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None


def _comment_url(target: PullRequest, number: int) -> str:
    return f"{target.url}#issuecomment-{number}"
