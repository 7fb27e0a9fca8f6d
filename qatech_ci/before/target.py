"""From the event to what is under review.

Where each event carries it: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .errors import EventError, InputError
from .inputs import shown
from .model import CommitRange, Found, HeadCommit, Nothing, PullRequest, Reference
from .payload import Payload

_SHA = r"[0-9a-f]{40}|[0-9a-f]{64}"
_REF = r"[^\x00-\x20\x7f~^:?*\[\\]+"
_LOGIN = r"[A-Za-z0-9_-]+(\[bot\])?"
_REPOSITORY = r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"


@dataclass(frozen=True)
class Event:
    """What happened, where, and what the runner handed over about it."""

    name: str
    payload: Mapping[str, object]
    server_url: str
    repository: str
    actor: str = ""

    def at(self, repository: str) -> "Event":
        """Return the event as one of another repository on the same server."""
        return replace(self, repository=repository)


def find(event: Event, requested: str, *, accepts_range: bool = False) -> Found:
    """Return what the input `pull-request` or else the event names.

    With `accepts_range`, what was pushed or what a merge queue combined is a target by itself.
    Raises `InputError` where the input is neither a number nor a pull request's URL on this
    server, and `EventError` where the event carries no pull request or its payload is not whole.
    """
    if requested:
        return _requested(event, requested)
    payload = Payload(event.name, event.payload)
    if event.name in {"push", "merge_group"} and accepts_range:
        return _RANGES[event.name](event, payload)
    if event.name in _FINDERS:
        return _FINDERS[event.name](event, payload)
    raise _no_pull_request(event)


def is_dependabot(event: Event) -> bool:
    """Tell whether Dependabot caused the run, which then gets no Actions secrets.

    https://docs.github.com/en/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions
    """
    return event.actor == "dependabot[bot]"


def from_document(document: Mapping[str, object], event: Event) -> PullRequest:
    """Return the pull request that GitHub describes in `document`.

    Raises `EventError` where a part that the review needs is missing or not what it should be.
    The URL is built from the server and the number: what a payload says is not trusted for it.
    """
    described = Payload(event.name, document)
    head = described.part("head")
    number = described.number("number")
    return PullRequest(
        repository=_repository(event),
        number=number,
        url=f"{event.server_url}/{_repository(event)}/pull/{number}",
        head_sha=head.text("sha", _SHA),
        is_open=document.get("state") == "open",
        from_fork=_head_repository(head.document) != event.repository.lower(),
    )


def _requested(event: Event, requested: str) -> Reference:
    number = re.fullmatch(r"#?([1-9][0-9]{0,9})", requested)
    if number:
        return Reference(_repository(event), int(number[1]))
    server = re.escape(event.server_url)
    url = re.fullmatch(rf"{server}/({_REPOSITORY})/pull/([1-9][0-9]{{0,9}})(/[a-z]+)?/?", requested)
    if url:
        return Reference(url[1], int(url[2]))
    example = f"{event.server_url}/{event.repository}/pull/7"
    raise InputError(
        f"`pull-request` is {shown(requested)}.",
        f"Write a number such as `7`, or a URL such as {example}.",
    )


def _in_payload(event: Event, payload: Payload) -> PullRequest:
    return from_document(payload.part("pull_request").document, event)


def _commented(event: Event, payload: Payload) -> Reference | Nothing:
    issue = payload.part("issue")
    if "pull_request" not in issue.document:
        return Nothing("The comment is on an issue, not on a pull request.")
    return Reference(_repository(event), issue.number("number"))


def _deployed(event: Event, payload: Payload) -> HeadCommit | Nothing:
    state = payload.part("deployment_status").text("state", r"[a-z_]+")
    if state != "success":
        return Nothing(f"The deployment is not up: its state is `{state}`.")
    return HeadCommit(_repository(event), payload.part("deployment").text("sha", _SHA))


def _ran(event: Event, payload: Payload) -> Reference | HeadCommit:
    """Return what a workflow run or check was about; for a fork, only its branch tells."""
    run = payload.part(event.name)
    sha = run.text("head_sha", _SHA)
    listed = run.document.get("pull_requests")
    if isinstance(listed, list) and len(listed) == 1 and isinstance(listed[0], Mapping):
        return Reference(_repository(event), Payload(event.name, listed[0]).number("number"), sha)
    return HeadCommit(_repository(event), sha, _fork_head(run))


def _fork_head(run: Payload) -> str:
    if not isinstance(run.document.get("head_repository"), Mapping):
        return ""
    owner = run.part("head_repository").part("owner").text("login", _LOGIN)
    return f"{owner}:{run.text('head_branch', _REF)}"


def _queued(event: Event, payload: Payload) -> Reference:
    """Return the queued pull request, which the name of the queue's branch tells."""
    pattern = r"refs/heads/gh-readonly-queue/.+/pr-\d{1,10}-[0-9a-f]+"
    head_ref = payload.part("merge_group").text("head_ref", pattern)
    return Reference(_repository(event), int(head_ref.rpartition("/pr-")[2].partition("-")[0]))


def _pushed(event: Event, payload: Payload) -> HeadCommit:
    return HeadCommit(_repository(event), payload.text("after", f"(?!0+$)({_SHA})"))


def _dispatched(event: Event, payload: Payload) -> Reference | HeadCommit | Nothing:
    """Return what a `repository_dispatch` names: Vercel's deployment, or `pull_request`."""
    client = payload.part("client_payload")
    if str(event.payload.get("action", "")).startswith("vercel.deployment."):
        if event.payload["action"] not in VERCEL_READY:
            return Nothing(f"Vercel says `{event.payload['action']}`: there is nothing to review.")
        return HeadCommit(_repository(event), client.part("git").text("sha", _SHA))
    number = client.document.get("pull_request")
    if isinstance(number, int):
        return Reference(_repository(event), client.number("pull_request"))
    raise _no_pull_request(event)


VERCEL_READY = ("vercel.deployment.success", "vercel.deployment.ready")
"""https://vercel.com/docs/git/vercel-for-github#repository-dispatch-events"""


def _queued_range(event: Event, payload: Payload) -> CommitRange:
    group = payload.part("merge_group")
    base, head = group.text("base_sha", _SHA), group.text("head_sha", _SHA)
    return _range(event, base, head, "Changes combined by the merge queue")


def _pushed_range(event: Event, payload: Payload) -> CommitRange:
    """Return what was pushed; a branch that is new is compared with the default branch."""
    head, base = _pushed(event, payload).sha, payload.text("before", _SHA)
    if not base.strip("0"):
        base = payload.part("repository").text("default_branch", _REF)
    return _range(event, base, head, f"Changes pushed to {event.payload.get('ref')}")


def _range(event: Event, base: str, head: str, title: str) -> CommitRange:
    repository = _repository(event)
    url = f"{event.server_url}/{repository}/compare/{base}...{head}"
    return CommitRange(repository, base, head, title, url)


def _head_repository(head: Mapping[str, object]) -> str:
    """Return the head's repository in lower case; empty where the fork has been deleted."""
    repository = head.get("repo")
    name = repository.get("full_name") if isinstance(repository, Mapping) else None
    return name.lower() if isinstance(name, str) else ""


def _repository(event: Event) -> str:
    if re.fullmatch(_REPOSITORY, event.repository):
        return event.repository
    raise EventError(
        f"`GITHUB_REPOSITORY` is {shown(event.repository)}.",
        "It should read `owner/name`; the runner sets it.",
    )


def _no_pull_request(event: Event) -> EventError:
    return EventError(
        f"The event `{event.name}` carries no pull request.",
        "Set the input `pull-request` to a number or URL, or run this step on `pull_request`.",
    )


_FINDERS = {
    "check_run": _ran,
    "check_suite": _ran,
    "deployment_status": _deployed,
    "issue_comment": _commented,
    "merge_group": _queued,
    "pull_request": _in_payload,
    "pull_request_review": _in_payload,
    "pull_request_target": _in_payload,
    "push": _pushed,
    "repository_dispatch": _dispatched,
    "workflow_run": _ran,
}
_RANGES = {"merge_group": _queued_range, "push": _pushed_range}
