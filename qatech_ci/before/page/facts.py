"""Where, on which commit, how long, and what it all rests on."""

import re

from markdown_it.common.normalize_url import normalizeLink

from qatech_ci.before.markdown.escaping import code_span
from qatech_ci.before.model import Conversation, Override, PreviewUrl, Target
from qatech_ci.before.page.inline import Fit, fitting
from qatech_ci.before.page.words import MEANINGS
from qatech_ci.before.report import Report, shown_place

_MOST = 20
"""Rows of a table."""
_ROOM = 10_000
"""UTF-8 bytes of a table."""
_LONGEST_NAME = 100
_LONGEST_PLACE = 60
_LONGEST_WHY = 300
_SHORT_SHA = 7
_AS_WRITTEN = Override.why


def facts(report: Report, fit: Fit) -> list[str]:
    """Return on a line, as far as they are known: conversation, environment, commit and time."""
    known = [
        _conversation(report.conversation, is_over=bool(report.ending)),
        _only_environment(report, fit),
        _commit(report.target),
        _time(report),
    ]
    return [" · ".join(filter(None, known))]


def _conversation(conversation: Conversation | None, *, is_over: bool) -> str:
    if not conversation:
        return ""
    if not conversation.url:
        return f"Conversation {code_span(conversation.short_id)}"
    words = "Open the conversation in QA.tech" if is_over else "Follow it live in QA.tech"
    return f"**[{words}]({conversation.url})**"


def _only_environment(report: Report, fit: Fit) -> str:
    """Return what was reviewed where, if a line is enough for that."""
    if not _is_simple(report):
        return ""
    application, place, _ = _cells(report.overrides[0], fit)
    return f"{application} on {place}"


def _is_simple(report: Report) -> bool:
    return len(report.overrides) == 1 and report.overrides[0].why == _AS_WRITTEN


def _commit(target: Target | None) -> str:
    """Return the commit, linked where its page on the forge can be told."""
    if not target:
        return ""
    short = code_span(target.head_sha[:_SHORT_SHA])
    server, repository, rest = target.url.partition(f"/{target.repository}/")
    if not (repository and re.fullmatch("[0-9a-f]{40,64}", target.head_sha)):
        return f"Commit {short}"
    # GitLab has a dash between a project and what is in it.
    within = "-/" if rest.startswith("-/") else ""
    return f"Commit [{short}]({server}{repository}{within}commit/{target.head_sha})"


def _time(report: Report) -> str:
    """Return how long it took or, while it runs, since when it does."""
    if not report.ending:
        return f"Since {report.started_at:%H:%M} UTC"
    minutes, seconds = divmod(int((report.ending.at - report.started_at).total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def environments(report: Report, fit: Fit) -> list[str]:
    """Return what was reviewed where as a table, with how it was found where that was work."""
    if _is_simple(report):
        return []
    overrides = report.overrides
    columns = ["Application", "Environment"]
    if any(override.why != _AS_WRITTEN for override in overrides):
        columns.append("Found")
    rows = [_row(_cells(it, fit)[: len(columns)]) for it in overrides[:_MOST]]
    kept = fitting(rows, _MOST, _ROOM)
    if left := len(overrides) - len(kept):
        kept.append(_row([f"… and {left} more", *[""] * (len(columns) - 1)]))
    return ["\n".join([_row(columns), _row(["---"] * len(columns)), *kept])] if kept else []


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(override: Override, fit: Fit) -> list[str]:
    application = fit.code(override.application, _LONGEST_NAME)
    preset = override.device_preset
    place = _place(override, fit) + _name(override, fit)
    on = f" on {fit.code(preset, _LONGEST_NAME)}" if preset else ""
    return [application, f"{place}{on}", fit.told(override.why, _LONGEST_WHY)]


def _place(override: Override, fit: Fit) -> str:
    """Return the environment's short name; a preview's leads to it, without its query."""
    place = shown_place(override)
    shown = fit.secrets.redact(place)
    label = fit.code(shown.removeprefix("https://").removesuffix("/"), _LONGEST_PLACE)
    if shown != place or not isinstance(override.environment, PreviewUrl):
        return label
    url = normalizeLink(shown.removesuffix("?…"))
    target = fit.url(url)
    return f"[{label}](<{target}>)" if target else label


def _name(override: Override, fit: Fit) -> str:
    environment = override.environment
    name = environment.name if isinstance(environment, PreviewUrl) else None
    return f" ({fit.line(name, _LONGEST_NAME)})" if name else ""


def foot(report: Report, fit: Fit) -> str:
    """Return the last line: what the verdict rests on, the run, and who wrote this."""
    ending = report.ending
    is_quiet = ending and ending.judgement.verdict in MEANINGS
    known = [
        fit.told(ending.judgement.explanation) if ending and is_quiet else "",
        f"[Log of the run]({report.run_url})" if report.run_url else "",
        "qatech-ci",
    ]
    return f"<sub>{' · '.join(filter(None, known))}</sub>"
