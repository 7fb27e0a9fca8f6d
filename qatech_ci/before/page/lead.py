"""The first glance: the verdict, what it means for the merge, and what to do next."""

from qatech_ci.before.model import Verdict
from qatech_ci.before.page.inline import Fit, fitting
from qatech_ci.before.page.words import (
    AT_WORK,
    CLOSED,
    MEANINGS,
    NOTHING_TESTED,
    OPEN,
    RUNNING,
    STAND_IN,
    TITLES,
    next_steps,
)
from qatech_ci.before.report import Ending, Report
from qatech_ci.before.verdict import Judgement

_MOST_REMARKS = 10
_ROOM = 6000
"""UTF-8 bytes of all remarks."""
_LONGEST_REMARK = 500
_SENTENCE_END = ". "


def lead(report: Report, fit: Fit) -> list[str]:
    """Return the blocks that come first."""
    ending = report.ending
    return [
        f"### {TITLES[ending.judgement.verdict] if ending else RUNNING}",
        *([STAND_IN] if report.is_sandbox else []),
        *(_ended(report, ending, fit) if ending else [AT_WORK]),
        *_remarks(report, fit),
    ]


def _ended(report: Report, ending: Ending, fit: Fit) -> list[str]:
    judgement, gate = ending.judgement, ending.gate
    why, _, way_out = gate.reason.partition(_SENTENCE_END)
    meaning = f"{OPEN if gate.is_open else CLOSED} {why}{'.' if way_out else ''}"
    steps = [*next_steps(report, judgement.verdict), *filter(None, [way_out])]
    blocks = [_what(judgement, fit), meaning, _listed(steps)]
    return [block for block in blocks if block]


def _what(judgement: Judgement, fit: Fit) -> str:
    """Return what happened, where the verdict's name does not say it."""
    what = MEANINGS.get(judgement.verdict, fit.told(judgement.explanation))
    return f"{what} {NOTHING_TESTED}" if judgement.verdict is Verdict.SKIPPED else what


def _listed(steps: list[str]) -> str:
    """Return what to do next, as a list where it is more than one thing."""
    if len(steps) == 1:
        return f"**Next:** {steps[0]}"
    return "\n".join(["**Next:**", "", *(f"- {step}" for step in steps)]) if steps else ""


def _remarks(report: Report, fit: Fit) -> list[str]:
    """Return what else there is to know about the verdict, in a box that nobody overlooks."""
    told_all = (fit.told(remark, _LONGEST_REMARK) for remark in report.remarks)
    remarks = fitting(told_all, _MOST_REMARKS, _ROOM)
    return ["> [!IMPORTANT]\n> " + "\n>\n> ".join(remarks)] if remarks else []
