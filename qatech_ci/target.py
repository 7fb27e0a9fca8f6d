"""From the event to the pull request under review.

Where each event carries it: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .errors import EventError, InputError
from .inputs import shown
from .model import CommitRange, PullRequest

_WITH_PULL_REQUEST = ("pull_request", "pull_request_target")
_SHA = r"[0-9a-f]{40}|[0-9a-f]{64}"
_BRANCH = r"[^\x00-\x20\x7f~^:?*\[\\]+"
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


@dataclass(frozen=True)
class Reference:
    """A pull request of which the event tells only repository and number: look it up."""

    repository: str
    number: int


Found = PullRequest | Reference | CommitRange


def find(event: Event, requested: str, *, accepts_range: bool = False) -> Found:
    """Return the pull request that the input `pull-request` or else the event names.

    With `accepts_range`, what was pushed or what a merge queue combined is a target by itself.

    Raises `InputError` where the input is neither a number nor a pull request's URL on this
    server, and `EventError` where the event carries no pull request or its payload is not whole.
    """
    if requested:
        return _requested(event, requested)
    if event.name in _WITH_PULL_REQUEST:
        return from_document(_object(event, event.payload, "pull_request"), event)
    if event.name == "merge_group":
        return _merge_group(event, accepts_range=accepts_range)
    if event.name == "push" and accepts_range:
        return _pushed(event)
    raise EventError(
        f"The event `{event.name}` carries no pull request.",
        "Set the input `pull-request` to a number or URL, or run this step on `pull_request`.",
    )


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
    head = _object(event, document, "head")
    number = _number(event, document)
    return PullRequest(
        repository=_repository(event),
        number=number,
        url=f"{event.server_url}/{_repository(event)}/pull/{number}",
        head_sha=_text(event, head, "sha", _SHA),
        head_ref=_text(event, head, "ref", r"[^\x00-\x1f\x7f]+"),
        is_open=document.get("state") == "open",
        is_draft=document.get("draft") is True,
        from_fork=_head_repository(head) != event.repository.lower(),
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


def _merge_group(event: Event, *, accepts_range: bool) -> Reference | CommitRange:
    """Return the queued pull request, which the name of the queue's branch tells.

    https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
    """
    group = _object(event, event.payload, "merge_group")
    head_ref = _text(event, group, "head_ref", r"refs/heads/gh-readonly-queue/.+/pr-\d+-[0-9a-f]+")
    if not accepts_range:
        return Reference(_repository(event), int(head_ref.rpartition("/pr-")[2].partition("-")[0]))
    base, head = (_text(event, group, f"{end}_sha", _SHA) for end in ("base", "head"))
    return _range(event, base, head, "Changes combined by the merge queue")


def _pushed(event: Event) -> CommitRange:
    """Return what was pushed; a branch that is new is compared with the default branch."""
    head = _text(event, event.payload, "after", f"(?!0+$)({_SHA})")
    base = _text(event, event.payload, "before", _SHA)
    if not base.strip("0"):
        repository = _object(event, event.payload, "repository")
        base = _text(event, repository, "default_branch", _BRANCH)
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


def _object(event: Event, document: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = document.get(key)
    if isinstance(value, Mapping):
        return value
    raise _incomplete(event, key, value)


def _number(event: Event, document: Mapping[str, object]) -> int:
    value = document.get("number")
    if isinstance(value, int) and value > 0:
        return value
    raise _incomplete(event, "number", value)


def _text(event: Event, document: Mapping[str, object], key: str, pattern: str) -> str:
    value = document.get(key)
    if isinstance(value, str) and re.fullmatch(pattern, value):
        return value
    raise _incomplete(event, key, value)


def _incomplete(event: Event, key: str, value: object) -> EventError:
    return EventError(
        f"The pull request that came with the event `{event.name}` has {shown(value)} as `{key}`.",
        "Run the step on an event of GitHub's own, or set the input `pull-request`.",
    )
