"""The mission: one review of the target, taken up where it is under way already."""

from datetime import datetime
from typing import TYPE_CHECKING

from . import asking, wire
from .course import Course
from .errors import ActionError, ReviewerError
from .model import (
    ChangeReview,
    Conversation,
    Evidence,
    PullRequest,
    PullRequestChanges,
    RawChanges,
    Source,
    Target,
    Verdict,
)
from .ports import Glance
from .receipt import Receipt
from .reuse import conversation_of, earlier_receipt, is_settled, is_under_way
from .settings import Mode
from .verdict import Judgement, judge

if TYPE_CHECKING:
    from .gathering import Gatherer

_FRESH = 3.0
"""Seconds for which the head that was seen is taken for the head as it is."""


def review(course: Course, target: Target) -> Judgement:
    """Review the target and return the verdict.

    Raises `ReviewerError` where QA.tech fails, and `ForgeError` where the changes cannot be had.
    """
    request = requested(course, target)
    if isinstance(request.changes, RawChanges) and not request.changes.diff:
        return Judgement(
            Verdict.SKIPPED, f"There is no diff to review. {request.changes.cut}".strip()
        )
    digest = course.ports.signer.digest(wire.review_body(request))
    earlier = earlier_receipt(course, digest)
    known = conversation_of(earlier, course, target) if earlier else None
    if earlier and known and is_settled(earlier, course):
        return _repeated(earlier, known, course, target)
    if earlier and known and is_under_way(earlier):
        course.take_up(earlier, known)
        if course.located.command:
            course.remark("A review of this commit was under way; the command's words wait for it.")
        return _followed(known, course, target)
    course.sets_out(digest=digest)
    return _followed(_started(request, course), course, target)


def requested(course: Course, target: Target) -> ChangeReview:
    """Return what the user asks the reviewer to do; raises `ForgeError`."""
    settings = course.settings
    command = course.located.command
    context = f"{settings.context}\n\n{command.context if command else ''}".strip()
    return ChangeReview(_changes(course, target), course.overrides, context, settings.project)


def worded(request: ChangeReview, nonce: str) -> ChangeReview:
    """Return the request with the words that ask for a verdict block."""
    context = f"{request.context}\n\n{asking.request(nonce)}".strip()
    return ChangeReview(request.changes, request.overrides, context, request.project)


def _changes(course: Course, target: Target) -> PullRequestChanges | RawChanges:
    if course.settings.mode is Mode.PR:
        return PullRequestChanges(target.url, course.ports.forge.vcs_provider)
    changes = course.ports.forge.changes(target)
    if changes.cut:
        course.remark(changes.cut)
    return changes


def _repeated(
    earlier: Receipt,
    known: Conversation,
    course: Course,
    target: Target,
) -> Judgement:
    """Return an earlier verdict again, unless QA.tech's check says otherwise by now."""
    course.take_up(earlier, known)
    when = earlier.finished_at[:16].replace("T", " ")
    told = f"This commit was reviewed already, until {when} UTC."
    found = [Evidence(Source.RECEIPT, Verdict(earlier.verdict), told)]
    glance = _glance(course, target)
    judgement = judge(found + _gatherer(known, course, target, glance).checked())
    course.note(is_over=True)
    return judgement


def _started(request: ChangeReview, course: Course) -> Conversation:
    reviewer, deadline = course.ports.reviewer, course.deadline
    try:
        conversation = reviewer.start_review(worded(request, course.nonce), deadline)
    except ReviewerError as error:
        course.note(is_over=not error.may_have_started)
        raise
    course.begin(conversation, "Review started")
    return conversation


def _followed(conversation: Conversation, course: Course, target: Target) -> Judgement:
    """Return the verdict on the conversation's reply, or what else became of it."""
    if not course.settings.wait:
        return Judgement(Verdict.STARTED, "The review has been started.")
    reply = course.wait_for_reply(conversation)
    if reply is None:
        return Judgement(Verdict.TIMED_OUT, course.out_of_time)
    glance, seen_at = _glance(course, target), course.ports.clock.monotonic()
    judgement = judge(_gatherer(conversation, course, target, glance).gather(reply))
    is_fresh = course.ports.clock.monotonic() - seen_at < _FRESH
    _look_at_the_head(course, target, glance if is_fresh else None)
    course.note(is_over=True)
    return judgement


def _glance(course: Course, target: Target) -> Glance | None:
    """Return how head and check stand, in the one request that both can be had in."""
    if isinstance(target, PullRequest) and course.settings.mode is Mode.PR:
        return course.ports.forge.glance(target)
    return None


def _gatherer(
    conversation: Conversation,
    course: Course,
    target: Target,
    glance: Glance | None,
) -> "Gatherer":
    from .gathering import Gatherer  # noqa: PLC0415 - not needed before there is a reply

    return Gatherer(
        ports=course.ports,
        target=target,
        conversation_id=conversation.short_id,
        nonce=course.nonce,
        since=datetime.fromisoformat(course.receipt.started_at),
        deadline=course.deadline,
        has_check=course.settings.mode is Mode.PR,
        glance=glance,
    )


def _look_at_the_head(course: Course, target: Target, glance: Glance | None) -> None:
    """Say so if the pull request has newer commits than the one that was reviewed."""
    if not isinstance(target, PullRequest):
        return
    try:
        head_sha = _head_sha(course, target, glance)
    except ActionError as error:
        course.ports.log.notice(f"Whether there are newer commits could not be looked up. {error}")
        return
    if head_sha != target.head_sha:
        course.remark("The pull request has newer commits; this verdict is not about them.")


def _head_sha(course: Course, target: PullRequest, glance: Glance | None) -> str:
    if glance:
        return glance.head_sha
    return course.ports.forge.pull_request(target.repository, target.number).head_sha
