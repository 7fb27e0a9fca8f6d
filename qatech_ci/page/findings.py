"""What the verdict block names: failures, reasons, what was tested."""

from textwrap import indent

from qatech_ci.markdown.api import fitted
from qatech_ci.markdown.characters import plain
from qatech_ci.model import Failure, Verdict
from qatech_ci.page.facts import forge_host
from qatech_ci.page.inline import fitting, told
from qatech_ci.report import Report
from qatech_ci.secrecy import Secrets

_MOST = 20
"""Lines of a list."""
_ROOM = 10_000
_ROOM_BESIDE = 5000
"""UTF-8 bytes of the list of failures, and of a list beside it."""
_LONGEST_LINE = 400
"""Characters."""
_LONGEST_DETAILS = 1000
"""Characters on a line; UTF-8 bytes of several lines, twice that."""
_MORE = "- … and {0} more; see the output `reply`."
_CUT = "…"
_SEEN_AT_ONCE = 5
"""Lines of a list beside the point, above which it is folded."""


def findings(report: Report, secrets: Secrets) -> list[str]:
    """Return a list of each kind that the verdict block has."""
    if not report.ending:
        return []
    found = report.ending.judgement.findings
    has_passed = report.ending.judgement.verdict is Verdict.PASSED
    host = forge_host(report.target)
    failures = [_failure(it, host, secrets) for it in found.failures]
    reasons = [f"- {told(it, secrets, _LONGEST_LINE)}" for it in found.reasons]
    tested = [f"- {told(it, secrets, _LONGEST_LINE)}" for it in found.tested]
    is_seen = has_passed and len(tested) <= _SEEN_AT_ONCE
    return [
        *_shown(_counted(len(failures)), _listed(failures, _ROOM)),
        *_shown("Reasons", _listed(reasons, _ROOM_BESIDE)),
        *(_shown if is_seen else _folded)("Tested", _listed(tested, _ROOM_BESIDE)),
    ]


def _counted(failures: int) -> str:
    return "1 failure" if failures == 1 else f"{failures} failures"


def _failure(failure: Failure, host: str, secrets: Secrets) -> str:
    """Return a failure as an item; details of several lines stand below its title."""
    title = f"- **{told(failure.title, secrets, _LONGEST_LINE)}**"
    details = plain(secrets.redact(failure.details)).strip()
    if "\n" not in details:
        return f"{title}: {told(details, secrets, _LONGEST_DETAILS)}" if details else title
    shown = fitted(details, 2 * _LONGEST_DETAILS, _CUT, forge_host=host)
    return f"{title}\n\n{indent(shown, '  ')}\n"


def _shown(title: str, items: list[str]) -> list[str]:
    return ["\n".join([f"#### {title}", "", *items]).rstrip()] if items else []


def _folded(title: str, items: list[str]) -> list[str]:
    start = f"<details><summary>{title}</summary>\n"
    return ["\n".join([start, *items, "", "</details>"])] if items else []


def _listed(items: list[str], room: int) -> list[str]:
    kept = fitting(items, _MOST, room)
    left = len(items) - len(kept)
    return [*kept, _MORE.format(left)] if left else kept
