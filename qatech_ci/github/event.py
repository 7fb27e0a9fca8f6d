"""The event that started the run, and what it names.

Where each event carries it: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from qatech_ci.errors import EventError, Ignored, InputError
from qatech_ci.forge import Deployed, Reference
from qatech_ci.model import CommitRange, PullRequest, Run, Target
from qatech_ci.redact import shown_url
from qatech_ci.settings import quoted

_REQUIRED_BY_JOB = ("pull_request", "merge_group")
_LARGEST_PAYLOAD = 32 * 1024 * 1024
_SHA = r"[0-9a-f]{40}|[0-9a-f]{64}"
_REPOSITORY = r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"
_NUMBER = r"[1-9][0-9]{0,9}"
_COMMAND = re.compile(r"/qatech[ \t]+review(?:[ \t](?P<context>.*))?")
_FAILED = ("failure", "error", "timed_out", "startup_failure", "action_required")


@dataclass(frozen=True)
class GitHubEvent:
    """What happened, where, and what the runner handed over about it."""

    name: str
    payload: Mapping[str, Any]
    server_url: str
    repository: str
    actor: str = ""

    @cached_property
    def command(self) -> str | None:
        """The words of a new comment that begins with `/qatech review`.

        It has to be the first thing: in a quoted reply or further down somebody shows a command
        and gives none. Nor is one that is edited in: its author need not be the comment's.
        """
        body = _part(self.payload, "comment").get("body")
        first_line = re.split(r"[\r\n]", str(body or ""), maxsplit=1)[0]
        found = _COMMAND.fullmatch(first_line)
        if self.name != "issue_comment" or self.payload.get("action") != "created" or not found:
            return None
        return (found["context"] or "").strip()

    @property
    def is_untrusted(self) -> bool:
        """Whether the run may lack secrets: a fork's pull request, or one of Dependabot's.

        https://docs.github.com/en/actions/reference/security/secrets
        """
        pull = _part(self.payload, "pull_request")
        is_fork = bool(pull.get("head")) and _is_from_fork(pull, self.repository)
        return is_fork or self.actor == "dependabot[bot]"

    @property
    def wants_status(self) -> bool:
        return self.name not in _REQUIRED_BY_JOB

    def subject(self, requested: str, *, accepts_range: bool) -> Reference | CommitRange:
        """Return what is named; also with the input, the event says which commit, and whether."""
        if self.name == "issue_comment":
            self._check_comment(requested)
        named = self._requested(requested) if requested else None
        try:
            found = self._found(accepts_range=accepts_range and not requested)
        except EventError:
            if named is None:
                raise
            return named
        if named is None or isinstance(found, CommitRange):
            return named or found
        is_other = found.number not in {0, named.number}
        if is_other or found.repository.lower() != named.repository.lower():
            return replace(named, failure=found.failure)
        return replace(found, repository=named.repository, number=named.number)

    def _found(self, *, accepts_range: bool) -> Reference | CommitRange:
        if accepts_range and self.name in {"push", "merge_group"}:
            return self._range()
        finders: dict[str, Callable[[], Reference]] = {
            "issue_comment": self._commented,
            "deployment_status": self._deployment,
            "workflow_run": self._completed_run,
            "check_run": self._completed_run,
            "check_suite": self._completed_run,
            "merge_group": self._queued,
            "push": self._pushed_commit,
            "repository_dispatch": self._dispatched,
        }
        if self.name in finders:
            return finders[self.name]()
        if self.name.startswith("pull_request"):
            return self._pull_request()
        raise self._no_pull_request()

    @property
    def environments(self) -> tuple[str, ...]:
        if self.name == "deployment_status":
            return (str(self._part("deployment").get("environment")),)
        if not self._is_vercel:
            return ()
        client = self._part("client_payload")
        environment, name = str(client.get("environment")), _part(client, "project").get("name")
        return (environment, f"{environment} - {name}", str(name))

    def deployed(self, target: Target) -> Deployed | None:
        if self.name == "deployment_status":
            status = self._part("deployment_status")
            # Older senders put the URL into target_url; without success that is a log.
            url = str(status.get("environment_url") or status.get("target_url") or "")
            sha = self._part("deployment").get("sha")
        elif self._is_vercel:
            url = str(self._part("client_payload").get("url") or "")
            url = url if "://" in url or not url else f"https://{url}"
            sha = _part(self._part("client_payload"), "git").get("sha")
        else:
            return None
        if not url or sha != target.head_sha:
            return None
        found = f"the event `{self.name}` about “{self.environments[0]}”"
        return Deployed(self.environments, url, found)

    @property
    def _is_vercel(self) -> bool:
        return str(self.payload.get("action", "")).startswith("vercel.deployment.")

    @property
    def _repository(self) -> str:
        if re.fullmatch(_REPOSITORY, self.repository):
            return self.repository
        raise EventError(
            f"`GITHUB_REPOSITORY` is {quoted(self.repository)}.",
            "It should read `owner/name`; the runner sets it.",
        )

    def _check_comment(self, requested: str) -> None:
        if "pull_request" not in self._need("issue") and not requested:
            raise Ignored("The comment is on an issue, not on a pull request.")
        if self.command is None:
            raise Ignored("The comment is no command. One would read: `/qatech review`.")

    def _requested(self, requested: str) -> Reference:
        """Return the pull request of a number, `owner/name#7`, or a URL with what browsers add."""
        server = re.escape(self.server_url)
        found = re.fullmatch(
            rf"(?:{server}/({_REPOSITORY})/pull/|({_REPOSITORY})#|#?)({_NUMBER})"
            rf"(?(1)(?:/[A-Za-z0-9/_.-]*)?(?:[?#]\S*)?)",
            requested,
            re.IGNORECASE,
        )
        if found:
            return Reference(found[1] or found[2] or self._repository, int(found[3]))
        raise InputError(
            f"`pull-request` is {quoted(requested)}.",
            f"Write a number such as `7`, `owner/name#7`, or a URL such as {self.server_url}/"
            f"{self.repository}/pull/7.",
        )

    def _pull_request(self) -> Reference:
        pull = self._need("pull_request")
        described = pull_request_in(pull, self._repository, self.server_url)
        if not described.is_open or self.payload.get("action") == "closed":
            raise Ignored("The pull request is closed.")
        fields = ("title", "body", "author", "labels", "is_draft")
        told = {it: getattr(described, it) for it in fields if getattr(described, it)}
        return Reference(self._repository, described.number, described.head_sha, told=told)

    def _deployment(self) -> Reference:
        status, deployment = self._need("deployment_status"), self._need("deployment")
        state = str(status.get("state"))
        failure = None
        if state in _FAILED:
            what = f"The deployment to “{deployment.get('environment')}” ended as `{state}`."
            failure = (what, "See the deploy's own log.")
        elif state != "success":
            raise Ignored(f"The deployment's state is `{state}`: there is nothing to review yet.")
        sha = self._text(deployment, "sha", _SHA)
        return Reference(self._repository, head_sha=sha, failure=failure)

    def _completed_run(self) -> Reference:
        """Return what a workflow run or check was about; for a fork, only its branch tells."""
        run, kind = self._need(self.name), f"`{self.name}`"
        if self.payload.get("action") != "completed" and run.get("status") != "completed":
            raise Ignored(f"The {kind} has not ended yet.")
        conclusion, failure = str(run.get("conclusion")), None
        if conclusion in _FAILED:
            what = f"The {kind} “{run.get('name') or run.get('id')}” ended as `{conclusion}`."
            failure = (what, "See its own log.")
        elif conclusion != "success":
            raise Ignored(f"The {kind} ended as `{conclusion}`.")
        sha, pulls = self._text(run, "head_sha", _SHA), run.get("pull_requests")
        if isinstance(pulls, list) and len(pulls) == 1 and isinstance(pulls[0], Mapping):
            number = self._number(pulls[0], "number")
            return Reference(self._repository, number, sha, failure=failure)
        owner = _part(_part(run, "head_repository"), "owner").get("login")
        branch = f"{owner}:{run.get('head_branch')}" if owner and run.get("head_branch") else ""
        return Reference(self._repository, 0, sha, branch, failure=failure)

    def _queued(self) -> Reference:
        """Return the queued pull request, which the name of the queue's branch tells."""
        pattern = r"refs/heads/gh-readonly-queue/.+/pr-\d{1,10}-[0-9a-f]+"
        head_ref = self._text(self._need("merge_group"), "head_ref", pattern)
        return Reference(self._repository, int(head_ref.rpartition("/pr-")[2].partition("-")[0]))

    def _commented(self) -> Reference:
        return Reference(self._repository, self._number(self._need("issue"), "number"))

    def _pushed_commit(self) -> Reference:
        return Reference(self._repository, head_sha=self._pushed())

    def _pushed(self) -> str:
        if self.payload.get("deleted") is True or not str(self.payload.get("after")).strip("0"):
            raise Ignored("The branch was deleted.")
        return self._text(self.payload, "after", _SHA)

    def _dispatched(self) -> Reference:
        """Return what a `repository_dispatch` names: Vercel's deployment, or a pull request.

        https://vercel.com/docs/git/vercel-for-github#repository-dispatch-events
        """
        client = self._part("client_payload")
        if self._is_vercel:
            kind = str(self.payload["action"]).removeprefix("vercel.deployment.")
            has_failed = kind in {"error", "failed"}
            if not has_failed and kind not in {"success", "ready"}:
                raise Ignored(f"Vercel says `{kind}`: there is nothing to review.")
            sha = self._text(_part(client, "git"), "sha", _SHA)
            failure = ("Vercel says that the deployment failed.", "See its own log.")
            return Reference(self._repository, 0, sha, failure=failure if has_failed else None)
        named = client.get("pull_request")
        number = named.get("number") if isinstance(named, Mapping) else named
        if isinstance(number, int | str) and re.fullmatch(_NUMBER, str(number)):
            return Reference(self._repository, int(number))
        raise self._no_pull_request()

    def _range(self) -> CommitRange:
        """Return what was pushed or queued; a new branch is compared with the default branch."""
        if self.name == "merge_group":
            group, title = self._need("merge_group"), "Changes combined by the merge queue"
            base = self._text(group, "base_sha", _SHA)
            head = self._text(group, "head_sha", _SHA)
        else:
            head, base = self._pushed(), str(self.payload.get("before"))
            title = f"Changes pushed to {self.payload.get('ref')}"
            if not re.fullmatch(_SHA, base) or not base.strip("0"):
                base = self._text(self._need("repository"), "default_branch", r"[^\s~^:?*\[\\]+")
        url = f"{self.server_url}/{self._repository}/compare/{base}...{head}"
        return CommitRange(self._repository, base, head, title, url)

    def _part(self, key: str) -> Mapping[str, Any]:
        return _part(self.payload, key)

    def _need(self, key: str) -> Mapping[str, Any]:
        value = self.payload.get(key)
        if isinstance(value, Mapping):
            return value
        raise self._incomplete(key, value)

    def _number(self, document: Mapping[str, Any], key: str) -> int:
        value = document.get(key)
        if isinstance(value, int) and value > 0:
            return value
        raise self._incomplete(key, value)

    def _text(self, document: Mapping[str, Any], key: str, pattern: str) -> str:
        value = document.get(key)
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise self._incomplete(key, value)

    def _incomplete(self, key: str, value: object) -> EventError:
        return EventError(
            f"The payload of the event `{self.name}` has {quoted(str(value))} as `{key}`.",
            "Run the step on an event of GitHub's own, or set the input `pull-request`.",
        )

    def _no_pull_request(self) -> EventError:
        return EventError(
            f"The event `{self.name}` leads to no pull request.",
            "Set the input `pull-request` to a number or URL, or run this step on `pull_request`.",
        )


def pull_request_in(document: Mapping[str, Any], repository: str, server_url: str) -> PullRequest:
    """Return the pull request that GitHub describes; raises `EventError` where it is not whole.

    The URL is built from server and number: what a payload says is not trusted for it.
    """
    head, number = _part(document, "head"), document.get("number")
    sha = head.get("sha")
    if not isinstance(number, int) or not re.fullmatch(_SHA, str(sha)):
        raise EventError(
            f"A pull request has {quoted(str(number))} as `number` and {quoted(str(sha))} as "
            "`head.sha`.",
            "Run the step on an event of GitHub's own, or set the input `pull-request`.",
        )
    labels = document.get("labels")
    return PullRequest(
        repository=repository,
        number=number,
        url=f"{server_url}/{repository}/pull/{number}",
        head_sha=str(sha),
        head_branch=str(head.get("ref") or ""),
        base_branch=str(_part(document, "base").get("ref") or ""),
        title=str(document.get("title") or ""),
        body=str(document.get("body") or ""),
        author=str(_part(document, "user").get("login") or ""),
        labels=tuple(str(it.get("name")) for it in (labels or ()) if isinstance(it, Mapping)),
        is_draft=document.get("draft") is True,
        is_open=document.get("state", "open") == "open",
        from_fork=_is_from_fork(document, repository),
    )


def read_event(environ: Mapping[str, str]) -> GitHubEvent:
    """Return the event that started the run; raises `EventError` where its payload is no use."""
    return GitHubEvent(
        name=environ.get("GITHUB_EVENT_NAME", ""),
        payload=_payload(environ.get("GITHUB_EVENT_PATH", "")),
        server_url=environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/"),
        repository=environ.get("GITHUB_REPOSITORY", ""),
        actor=environ.get("GITHUB_ACTOR", ""),
    )


def read_run(environ: Mapping[str, str]) -> Run:
    """Return which run this is; outside of a run it has no number and no page."""
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    number, attempt = (
        int(value) if re.fullmatch(r"[0-9]{1,18}", value) else 0
        for value in (environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", ""))
    )
    repository = environ.get("GITHUB_REPOSITORY", "")
    url = f"{server}/{repository}/actions/runs/{number}" if repository and number else ""
    return Run(url, number, attempt)


def read_api_url(environ: Mapping[str, str]) -> str:
    """Return the address of GitHub's API; raises `EventError` where it is none."""
    url = environ.get("GITHUB_API_URL", "") or "https://api.github.com"
    if re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[!-~]*)?", url):
        return url.rstrip("/")
    raise EventError(
        f"`GITHUB_API_URL` is “{shown_url(url)}”.", "The runner sets it to an http(s) URL."
    )


def _payload(path: str) -> Mapping[str, Any]:
    if not path:
        raise EventError(
            "`GITHUB_EVENT_PATH` is not set, so there is no event.",
            "Run this as a step of a workflow, or set it to a file with an event's payload.",
        )
    try:
        with Path(path).open("rb") as file:
            document = json.loads(file.read(_LARGEST_PAYLOAD))
    except OSError as error:
        why = f"cannot be read: {error.strerror or type(error).__name__}"
    except (ValueError, RecursionError):
        why = "is not JSON"
    else:
        if isinstance(document, dict):
            return document
        why = "is not a JSON object"
    raise EventError(
        f"The event's payload, `GITHUB_EVENT_PATH` ({path}), {why}.",
        "The runner writes this file; check what else in the job touches it.",
    )


def _part(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}


def _is_from_fork(pull_request: Mapping[str, Any], repository: str) -> bool:
    """Tell whether the head is in another repository, or in one that has been deleted."""
    name = _part(_part(pull_request, "head"), "repo").get("full_name")
    return not isinstance(name, str) or name.lower() != repository.lower()
