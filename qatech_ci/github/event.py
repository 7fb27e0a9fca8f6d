"""The event that started the run, and what it names.

Where each event carries it: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qatech_ci.errors import EventError, Ignored
from qatech_ci.forge import NUMBER, SHA, Deployed, Reference, read_reference
from qatech_ci.http.session import http_url
from qatech_ci.model import PullRequest, Run
from qatech_ci.redact import quoted

_REPOSITORY = r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"
_COMMAND = re.compile(r"/qatech[ \t]+review([ \t][^\r\n]*)?(?:[\r\n]|$)")
_SUCCEEDED = ("success", "ready")
_FAILED = ("failure", "failed", "error", "timed_out", "startup_failure", "action_required")


@dataclass(frozen=True)
class GitHubEvent:
    """What happened, where, and what the runner handed over about it."""

    name: str
    payload: Mapping[str, Any]
    server_url: str
    api_url: str
    repository: str
    actor: str = ""

    @property
    def command(self) -> str | None:
        """The words of a new comment that begins with `/qatech review`.

        It has to be the first thing: in a quoted reply or further down somebody shows a command
        and gives none. Nor is one that is edited in: its author need not be the comment's.
        """
        found = _COMMAND.match(self._text("comment.body"))
        is_new = self.name == "issue_comment" and self._text("action") == "created"
        return (found[1] or "").strip() if found and is_new else None

    @property
    def is_untrusted(self) -> bool:
        """See `Event`, and https://docs.github.com/en/actions/reference/security/secrets."""
        head = _at(self.payload, "pull_request.head")
        # The head is in another repository, or in one that has been deleted.
        is_fork = head and str(_at(head, "repo.full_name")).lower() != self.repository.lower()
        return bool(is_fork) or self.actor == "dependabot[bot]"

    def wants_status(self, target: PullRequest) -> bool:
        is_other = self._text("pull_request.number") not in {"", str(target.number)}
        return is_other or self.name not in {"pull_request", "merge_group"}

    @property
    def deployed(self) -> Deployed | None:
        if self.name == "deployment_status":
            names: tuple[str, ...] = (self._text("deployment.environment"),)
            # Older senders put the URL into target_url; without success that is a log.
            status, sha = self.payload.get(self.name), self._text("deployment.sha")
            url = str(_at(status, "environment_url") or _at(status, "target_url") or "")
        elif self._is_vercel:
            environment = self._text("client_payload.environment")
            project = self._text("client_payload.project.name")
            names = (environment, f"{environment} - {project}", project)
            url, sha = self._text("client_payload.url"), self._text("client_payload.git.sha")
            url = url if "://" in url or not url else f"https://{url}"
        else:
            return None
        found = f"the event `{self.name}` about “{names[0]}”"
        return Deployed(names, url, {sha}, found, is_cause=True)

    def subject(self, asked: str) -> Reference:
        """See `Event`. Also with the input, the event says which commit, and what failed."""
        if self.name == "issue_comment":
            if _at(self.payload, "issue.pull_request") is None and not asked:
                self._match("issue.number", NUMBER)
                raise Ignored("The comment is on an issue, not on a pull request.")
            if self.command is None:
                raise Ignored("The comment is no command. One would read: `/qatech review`.")
        if not asked:
            return self._found()
        named = read_reference(asked, self.server_url, self.repository, _REPOSITORY, "/pull/", "#")
        try:
            found = self._found()
        except EventError:
            return named
        is_here = named.repository.lower() == self.repository.lower()
        sha = found.head_sha if is_here and found.number in {0, named.number} else ""
        return replace(named, head_sha=sha, failure=found.failure)

    def _found(self) -> Reference:  # noqa: PLR0911 - one for each event
        match self.name:
            case "issue_comment":
                return Reference(self.repository, int(self._match("issue.number", NUMBER)))
            case "deployment_status":
                what = f"The deployment to “{self._text('deployment.environment')}”"
                return self._ended(what, self._text("deployment_status.state"), "deployment.sha")
            case "workflow_run" | "check_run" | "check_suite":
                return self._completed_run()
            case "merge_group":
                # The name of the queue's branch tells the pull request.
                branch = rf"refs/heads/gh-readonly-queue/.+/pr-({NUMBER})-[0-9a-f]+"
                return Reference(self.repository, int(self._match("merge_group.head_ref", branch)))
            case "push":
                if self.payload.get("deleted") is True:
                    raise Ignored("The branch was deleted.")
                return Reference(self.repository, head_sha=self._match("after", SHA))
            case "repository_dispatch" if found := self._dispatched():
                return found
            case name if name.startswith("pull_request"):
                number = self._match("pull_request.number", NUMBER)
                sha = self._match("pull_request.head.sha", SHA)
                if self._text("pull_request.state") == "closed":
                    raise Ignored("The pull request is closed.")
                return Reference(self.repository, int(number), sha)
        raise EventError(
            f"The event `{self.name}` leads to no pull request.",
            "Set the input `pull-request` to a number or URL, or run this step on `pull_request`.",
        )

    @property
    def _is_vercel(self) -> bool:
        return self._text("action").startswith("vercel.deployment.")

    def _completed_run(self) -> Reference:
        """Return what a workflow run or check was about; for a fork, only its branch tells."""
        run = self.payload.get(self.name)
        what = f"The `{self.name}` “{_at(run, 'name') or _at(run, 'id')}”"
        has_ended = "completed" in (self._text("action"), _at(run, "status"))
        state = str(_at(run, "conclusion")) if has_ended else "under way"
        found = self._ended(what, state, f"{self.name}.head_sha")
        match _at(run, "pull_requests"):
            case [{"number": number}] if re.fullmatch(NUMBER, str(number)):
                return replace(found, number=int(number))
        owner, branch = _at(run, "head_repository.owner.login"), _at(run, "head_branch")
        return replace(found, branch=f"{owner}:{branch}" if owner and branch else "")

    def _dispatched(self) -> Reference | None:
        """Return what a `repository_dispatch` names: Vercel's deployment, or a pull request."""
        # https://vercel.com/docs/git/vercel-for-github#repository-dispatch-events
        if self._is_vercel:
            state = self._text("action").removeprefix("vercel.deployment.")
            return self._ended("Vercel's deployment", state, "client_payload.git.sha")
        named = _at(self.payload, "client_payload.pull_request")
        number = str(_at(named, "number") or named)
        return Reference(self.repository, int(number)) if re.fullmatch(NUMBER, number) else None

    def _ended(self, what: str, state: str, sha_path: str) -> Reference:
        """Return the commit of what succeeded or failed; raises `Ignored` where it did neither."""
        if state not in _SUCCEEDED + _FAILED:
            raise Ignored(f"{what} is `{state}`: there is nothing to review.")
        failure = (f"{what} ended as `{state}`.", "See its own log.") if state in _FAILED else None
        return Reference(self.repository, head_sha=self._match(sha_path, SHA), failure=failure)

    def _text(self, path: str) -> str:
        return str(_at(self.payload, path) or "")

    def _match(self, path: str, pattern: str) -> str:
        """Return what stands at a path, or the group of it that the pattern has."""
        value = _at(self.payload, path)
        if isinstance(value, str | int) and (found := re.fullmatch(pattern, str(value))):
            return found[found.lastindex or 0]
        raise EventError(
            f"The payload of the event `{self.name}` has {quoted(str(value))} as `{path}`.",
            "Run the step on an event of GitHub's own, or set the input `pull-request`.",
        )


def read_event(environ: Mapping[str, str]) -> GitHubEvent:
    """Return the event that started the run; raises `EventError` where it is of no use."""
    event = GitHubEvent(
        name=environ.get("GITHUB_EVENT_NAME", ""),
        payload=_payload(environ.get("GITHUB_EVENT_PATH", "")),
        server_url=environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/"),
        api_url=(environ.get("GITHUB_API_URL", "") or "https://api.github.com").rstrip("/"),
        repository=environ.get("GITHUB_REPOSITORY", ""),
        actor=environ.get("GITHUB_ACTOR", ""),
    )
    parts = http_url(event.api_url)
    if not parts or parts.query or parts.fragment:
        told = f"`GITHUB_API_URL` is {quoted(event.api_url)}."
        raise EventError(told, "The runner sets it to an http(s) URL.")
    if not re.fullmatch(_REPOSITORY, event.repository):
        told = f"`GITHUB_REPOSITORY` is {quoted(event.repository)}."
        raise EventError(told, "It should read `owner/name`; the runner sets it.")
    return event


def read_run(environ: Mapping[str, str]) -> Run:
    """Return which run this is; outside of a run it has no number and no page."""
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    repository, number = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_RUN_ID", "")
    url = f"{server}/{repository}/actions/runs/{number}" if repository and number else ""
    return Run.of(url, number, environ.get("GITHUB_RUN_ATTEMPT", ""))


def _payload(path: str) -> Mapping[str, Any]:
    if not path:
        raise EventError(
            "`GITHUB_EVENT_PATH` is not set, so there is no event.",
            "Run this as a step of a workflow, or set it to a file with an event's payload.",
        )
    try:
        return {**json.loads(Path(path).read_bytes())}
    except OSError as error:
        why = f"cannot be read: {error.strerror or type(error).__name__}"
    except (ValueError, TypeError, RecursionError):
        why = "is not a JSON object"
    told = f"The event's payload, `GITHUB_EVENT_PATH` ({path}), {why}."
    raise EventError(told, "The runner writes this file; check what else in the job touches it.")


def _at(document: object, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what stands at a path such as `head.sha`, or None."""
    for key in path.split("."):
        document = document.get(key) if isinstance(document, Mapping) else None
    return document
