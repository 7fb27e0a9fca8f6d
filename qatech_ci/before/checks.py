"""The check that QA.tech's App writes on a commit, as evidence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .model import Evidence, Source, Verdict, is_conversation_id

NAME = "QA.tech / PR Review"
"""https://docs.qa.tech/configuration/github-app: whether it is a check run or a status is open."""
_PUBLISHERS = ("qatech", "qadottech")
_VERDICTS = {
    "success": Verdict.PASSED,
    "failure": Verdict.FAILED,
    "neutral": Verdict.UNVERIFIED,
}


@dataclass(frozen=True)
class Check:
    """A check run or commit status as it stands."""

    is_pending: bool
    conclusion: str
    """In the words of check runs: `success`, `failure`, `neutral`, … Empty while pending."""
    changed_at: datetime
    url: str


CONCLUSIONS_OF_STATUSES = {"success": "success", "failure": "failure", "error": "error"}
"""The states of a commit status, in the words of check runs."""


def newest(checks: Sequence[Check]) -> Check | None:
    """Return the newest of several; one that is pending wins: its word is still to come."""
    return max(checks, key=lambda check: (check.is_pending, check.changed_at), default=None)


def is_publisher(name: str) -> bool:
    """Tell whether an App's slug or login is QA.tech's.

    Anybody who may push can write a check or status of any name, through a workflow if not by
    hand; only the App that an administrator installed says what QA.tech found.
    """
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    return plain.startswith(_PUBLISHERS)


def check_evidence(
    check: Check | None,
    since: datetime,
    conversation_id: str,
) -> Iterator[Evidence]:
    """Yield what a check says that ended since the review started.

    An earlier one is about an earlier review, and one that links to another conversation is about
    another review of the same commit. A conclusion that says nothing about the change,
    such as `cancelled` or `stale`, is no evidence.
    """
    if check is None or check.is_pending or check.conclusion not in _VERDICTS:
        return
    is_ours = conversation_in(check, since) in {"", conversation_id}
    # The forge gives whole seconds, so what ended right after the start may seem to lie before.
    if is_ours and check.changed_at >= since.replace(microsecond=0):
        verdict = _VERDICTS[check.conclusion]
        yield Evidence(Source.CHECK, verdict, f"The check “{NAME}” says “{check.conclusion}”.")


def conversation_in(check: Check | None, since: datetime) -> str:
    """Return the conversation that a check links to, if it was written since the time given."""
    if check is None or check.changed_at < since.replace(microsecond=0):
        return ""
    found = re.search(r"/(chat[^/?#]+)/?(?:[?#].*)?$", check.url)
    return found[1] if found and is_conversation_id(found[1]) else ""
