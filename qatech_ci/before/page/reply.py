"""The reviewer's reply: shown where it is short, folded where it is long."""

from qatech_ci.before.conversation import is_finished
from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.model import Findings, Message, Verdict
from qatech_ci.before.page.inline import Fit
from qatech_ci.before.reading import without_verdict_fences
from qatech_ci.before.report import Report

_LONGEST = 60_000
_LONGEST_CANCELLED = 10_000
"""Bytes. A text made to be slow takes seconds, and a cancelled run has three for everything."""
_SHORT = 600
_SHORT_WHERE_NEEDED = 4000
"""Characters that a reply may have to be shown at once; more where nothing else tells."""
_CUT = "**The reply is longer than fits here.** {0}"
_BEFORE = "<details{0}><summary>{1}</summary><br>\n\n"
_AFTER = "\n\n</details>"


def reply(report: Report, fit: Fit, limit: int) -> list[str]:
    """Return the reply without its verdict block in at most `limit` UTF-8 bytes, if there is one.

    Nothing where there is no room for the note that it was cut.
    """
    if not (report.reply and report.reply.text.strip()):
        return []
    text = fit.secrets.redact(plain(without_verdict_fences(report.reply.text)))
    is_open = len(text) <= (_SHORT_WHERE_NEEDED if _is_needed(report) else _SHORT)
    before = _BEFORE.format(" open" if is_open else "", _title(report.reply))
    room = min(limit - len(before) - len(_AFTER) - 4, _most(report))
    note = _CUT.format(_where(report))
    if room < len(note.encode()):
        return []
    body = fit.block(text, room, note)
    return [f"{before}{body}{_AFTER}"] if body else []


def _most(report: Report) -> int:
    is_cancelled = report.ending and report.ending.judgement.verdict is Verdict.CANCELLED
    return _LONGEST_CANCELLED if is_cancelled else _LONGEST


def _title(message: Message) -> str:
    return "Full reply" if is_finished(message) else "Reply so far"


def _is_needed(report: Report) -> bool:
    """Tell whether the reply alone says what happened."""
    judgement = report.ending.judgement if report.ending else None
    is_bad = judgement and judgement.verdict in (Verdict.FAILED, Verdict.UNKNOWN, Verdict.ANSWERED)
    return bool(judgement and is_bad and judgement.findings == Findings())


def _where(report: Report) -> str:
    if report.conversation and report.conversation.url:
        return f"[Read all of it in QA.tech.]({report.conversation.url})"
    return "The output `reply` holds all of it."
