"""What the verdict block names: failures, reasons, what was tested."""

from textwrap import indent

from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.model import Failure, Verdict
from qatech_ci.before.page.inline import Fit, fitting
from qatech_ci.before.report import Report

_MOST = 20
"""Lines of a list."""
_ROOM = 10_000
_ROOM_BESIDE = 5000
"""UTF-8 bytes of the list of failures, and of a list beside it."""
_LONGEST_LINE = 400
"""Characters."""
_LONGEST_DETAILS = 1000
"""Characters; as UTF-8, made harmless, at most twice as many bytes."""
_MORE = "- … and {0} more; see the output `reply`."
_CUT = "…"
_SEEN_AT_ONCE = 5
"""Lines of a list beside the point, above which it is folded."""


def findings(report: Report, fit: Fit) -> list[str]:
    """Return a list of each kind that the verdict block has."""
    if not report.ending:
        return []
    found = report.ending.judgement.findings
    has_passed = report.ending.judgement.verdict is Verdict.PASSED
    # No more is written than can be shown: a stranger decides how many there are.
    failures = [_failure(it, fit) for it in found.failures[:_MOST]]
    reasons = [f"- {fit.told(it, _LONGEST_LINE)}" for it in found.reasons[:_MOST]]
    tested = [f"- {fit.told(it, _LONGEST_LINE)}" for it in found.tested[:_MOST]]
    is_seen = has_passed and len(found.tested) <= _SEEN_AT_ONCE
    count = len(found.failures)
    return [
        *_shown(_counted(count), _listed(failures, count, _ROOM)),
        *_shown("Reasons", _listed(reasons, len(found.reasons), _ROOM_BESIDE)),
        *(_shown if is_seen else _folded)(
            "Tested", _listed(tested, len(found.tested), _ROOM_BESIDE)
        ),
    ]


def _counted(failures: int) -> str:
    return "1 failure" if failures == 1 else f"{failures} failures"


def _failure(failure: Failure, fit: Fit) -> str:
    """Return a failure as an item; details of several lines stand below its title."""
    title = f"- **{fit.told(failure.title, _LONGEST_LINE)}**"
    details = plain(fit.secrets.redact(failure.details)).strip()
    if "\n" not in details:
        return f"{title}: {fit.told(details, _LONGEST_DETAILS)}" if details else title
    beginning = details[:_LONGEST_DETAILS]
    cut = f"\n\n{_CUT}" if len(beginning) < len(details) else ""
    shown = fit.block(f"{beginning}{cut}", 2 * _LONGEST_DETAILS, _CUT)
    return f"{title}\n\n{indent(shown, '  ')}\n"


def _shown(title: str, items: list[str]) -> list[str]:
    return ["\n".join([f"#### {title}", "", *items]).rstrip()] if items else []


def _folded(title: str, items: list[str]) -> list[str]:
    start = f"<details><summary>{title}</summary>\n"
    return ["\n".join([start, *items, "", "</details>"])] if items else []


def _listed(items: list[str], count: int, room: int) -> list[str]:
    kept = fitting(items, _MOST, room)
    left = count - len(kept)
    return [*kept, _MORE.format(left)] if left else kept
