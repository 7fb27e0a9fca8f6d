"""Taking up what an earlier run has begun, so that one commit is reviewed once."""

from datetime import datetime

from .checks import conversation_in
from .course import Course
from .errors import ConversationNotFound, ForgeError, ReviewerError
from .model import Conversation, Target, Verdict
from .receipt import Receipt, is_same_review
from .waiting import MESSAGES

_MOST_TAKEN_UP = 3
_REPEATED = (Verdict.PASSED, Verdict.UNVERIFIED)
"""Verdicts to which another review of the same commit would come again."""


def earlier_receipt(course: Course, digest: str) -> Receipt | None:
    """Return the receipt of an earlier run for this commit and this very request."""
    if not (course.settings.reuse and course.thread):
        return None
    receipt, own = course.thread.earlier_receipt(), course.receipt
    if receipt and course.located.command and not receipt.is_over:
        # Whoever asks for a review gets the one of this commit that is under way.
        return receipt if is_same_review(receipt, own.head_sha, receipt.digest) else None
    return receipt if receipt and is_same_review(receipt, own.head_sha, digest) else None


def is_settled(earlier: Receipt, course: Course) -> bool:
    """Tell whether there is nothing to gain from another review: it ended, and the gate opens.

    Whoever asks for a review in a comment wants another one.
    """
    verdict = earlier.verdict
    is_repeated = earlier.is_over and verdict in _REPEATED
    return is_repeated and verdict in course.settings.pass_on and not course.located.command


def is_under_way(earlier: Receipt) -> bool:
    """Tell whether a review may still come to an end; one that never did so far is given up."""
    return not earlier.is_over and earlier.taken_up < _MOST_TAKEN_UP


def conversation_of(earlier: Receipt, course: Course, target: Target) -> Conversation | None:
    """Return the conversation of an earlier run, or nothing where QA.tech does not have it."""
    short_id = earlier.conversation_id or _left_by_the_check(earlier, course, target)
    if not short_id:
        return None
    try:
        known = course.ports.reviewer.conversation(short_id, course.ports.deadline, limit=MESSAGES)
    except ConversationNotFound:
        return None
    except ReviewerError as error:
        if not earlier.conversation_id:
            return None
        course.ports.log.notice(f"The earlier conversation could not be read yet. {error}")
        return Conversation(short_id, "")
    return known if _is_its_own(known, earlier, course) else None


def _is_its_own(known: Conversation, earlier: Receipt, course: Course) -> bool:
    """Tell whether a conversation is the review's: the check is one for the commit."""
    nonce = course.ports.signer.nonce(earlier.salt)
    return bool(earlier.conversation_id) or any(nonce in it.text for it in known.messages)


def _left_by_the_check(earlier: Receipt, course: Course, target: Target) -> str:
    """Return the conversation that QA.tech's check links to, after a start that was uncertain."""
    if earlier.is_over:
        return ""
    try:
        check = course.ports.forge.check(target)
    except ForgeError as error:
        course.ports.log.notice(f"QA.tech's check could not be read. {error}")
        return ""
    return conversation_in(check, datetime.fromisoformat(earlier.started_at))
