"""The reviewer's reply: shown where it is short, folded where it is long."""

from qatech_ci.conversation import is_finished
from qatech_ci.markdown.api import fitted
from qatech_ci.markdown.characters import plain
from qatech_ci.model import Findings, Message, Verdict
from qatech_ci.page.facts import forge_host
from qatech_ci.reading import without_verdict_fences
from qatech_ci.report import Report
from qatech_ci.secrecy import Secrets

_LONGEST = 200_000
"""Bytes. Rendering more takes longer than a cancelled run has."""
_SHORT = 600
_SHORT_WHERE_NEEDED = 4000
"""Characters that a reply may have to be shown at once; more where nothing else tells."""
_CUT = "**The reply is longer than fits here.** {0}"
_BEFORE = "<details{0}><summary>{1}</summary><br>\n\n"
_AFTER = "\n\n</details>"


def reply(report: Report, secrets: Secrets, limit: int) -> list[str]:
    """Return the reply without its verdict block in at most `limit` UTF-8 bytes, if there is one.

    Nothing where there is no room for the note that it was cut.
    """
    if not (report.reply and report.reply.text.strip()):
        return []
    text = secrets.redact(plain(without_verdict_fences(report.reply.text)))
    is_open = len(text) <= (_SHORT_WHERE_NEEDED if _is_needed(report) else _SHORT)
    before = _BEFORE.format(" open" if is_open else "", _title(report.reply))
    room = min(limit - len(before) - len(_AFTER) - 4, _LONGEST)
    note = _CUT.format(_where(report))
    if room < len(note.encode()):
        return []
    body = fitted(text, room, note, forge_host=forge_host(report.target))
    return [f"{before}{body}{_AFTER}"] if body else []


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
