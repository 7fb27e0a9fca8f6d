"""From what the trigger names to what is under review, looked up where it must be."""

from dataclasses import dataclass

from .errors import EventError, ForgeError
from .model import Command, Found, HeadCommit, Nothing, Reference, Target
from .ports import Ports
from .settings import Mode, Settings

_EXAMPLE = "/qatech review focus on checkout"


@dataclass(frozen=True)
class Located:
    """What is under review, and if nothing is, why."""

    target: Target | None = None
    reason: str = ""
    command: Command | None = None
    """The comment that asked for the review."""


def locate(settings: Settings, ports: Ports) -> Located:
    """Return what is under review.

    Raises `EventError` and `InputError` where nobody can know what is meant, and `ForgeError`
    where it cannot be looked up. A message is about no pull request where the trigger has none.
    """
    command = None
    if ports.trigger.is_comment and not settings.pull_request:
        command = ports.trigger.command()
        reason = _refusal(command, ports)
        if reason:
            return Located(reason=reason)
    try:
        accepts_range = settings.mode is Mode.RAW_CHANGES
        found = ports.trigger.find(settings.pull_request, accepts_range=accepts_range)
    except EventError:
        if settings.mode is Mode.MESSAGE:
            return Located()
        raise
    located = _looked_up(found, ports)
    if located.target:
        ports.log.info(f"Under review: {located.target.url} at {located.target.head_sha}")
    return Located(located.target, located.reason, command)


def _refusal(command: Command | None, ports: Ports) -> str:
    """Return why a comment starts nothing, or nothing after it has been acknowledged."""
    if command is None:
        return f"The comment is no command. One would read: `{_EXAMPLE}`."
    if not ports.forge.may_write(command.repository, command.author):
        return "The command comes from somebody without write access."
    try:
        ports.forge.acknowledge(command.repository, command.comment_id)
    except ForgeError as error:
        ports.log.notice(f"The command could not be acknowledged. {error}")
    return ""


def _looked_up(found: Found, ports: Ports) -> Located:
    if isinstance(found, Nothing):
        return Located(reason=found.reason)
    if isinstance(found, Reference):
        return _referred(found, ports)
    if isinstance(found, HeadCommit):
        return _headed(found, ports)
    return Located(found)


def _referred(reference: Reference, ports: Ports) -> Located:
    pull_request = ports.forge.pull_request(reference.repository, reference.number)
    if reference.head_sha and pull_request.head_sha != reference.head_sha:
        return Located(reason="The pull request has newer commits than the one of this event.")
    return Located(pull_request)


def _headed(commit: HeadCommit, ports: Ports) -> Located:
    found = ports.forge.open_pull_requests(commit)
    if not found:
        return Located(reason=f"No open pull request has {commit.sha} as its head.")
    if len(found) > 1:
        numbers = ", ".join(f"#{pull_request.number}" for pull_request in found)
        raise EventError(
            f"Several open pull requests have {commit.sha} as their head: {numbers}.",
            "Set the input `pull-request` to one of them.",
        )
    return Located(found[0])
