"""What people see on the pull request and in the job summary."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from .markdown.api import fitted, harmless_line
from .markdown.characters import plain
from .markdown.escaping import code_span
from .model import Conversation, Failure, Findings, Override, PreviewUrl, Verdict
from .reading import without_verdict_fences
from .report import Report, shown_place
from .secrecy import Secrets

LARGEST_COMMENT = 65_000
"""UTF-8 bytes. GitHub names a limit of 65,536 characters; 65,000 bytes is safe either way."""
LARGEST_SUMMARY = 1_000_000
"""UTF-8 bytes. The runner drops a summary of more than 1 MiB whole."""
_MARKER = 2500
"""UTF-8 bytes that marker and receipt in front of a comment may take."""
_MOST = 20
"""Lines of a list."""
_LONGEST_LINE = 400
_LONGEST_REQUEST = 10_000
_LONGEST_REPLY = 200_000
"""Bytes. Rendering more takes longer than a cancelled run has."""

_TITLES = {
    Verdict.PASSED: "✅ QA.tech review: passed",
    Verdict.FAILED: "❌ QA.tech review: failed",
    Verdict.UNVERIFIED: "ℹ️ QA.tech review: unverified",  # noqa: RUF001 - QA.tech's own sign
    Verdict.UNKNOWN: "❓ QA.tech review: no clear verdict",
    Verdict.ERROR: "⚠️ QA.tech review: error",
    Verdict.TIMED_OUT: "⌛ QA.tech review: timed out",
    Verdict.CANCELLED: "🚫 QA.tech review: cancelled",
    Verdict.SKIPPED: "⏭️ QA.tech review: skipped",
    Verdict.STARTED: "🔎 QA.tech review: started",
    Verdict.ANSWERED: "💬 QA.tech has answered",
}
_RUNNING = "⏳ QA.tech review: running"
_STAND_IN = (
    "> [!WARNING]\n"
    "> `api-url` is `sandbox`: a stand-in answered in QA.tech's place. No review took place."
)
_CUT = "**The reply is longer than fits here.** {where}"


def comment(report: Report, secrets: Secrets) -> str:
    """Return the comment's text, at most `LARGEST_COMMENT` bytes of UTF-8 with its marker."""
    return _page(report, secrets, LARGEST_COMMENT - _MARKER)


def summary(report: Report, secrets: Secrets) -> str:
    """Return the job summary, at most `LARGEST_SUMMARY` bytes of UTF-8."""
    return _page(report, secrets, LARGEST_SUMMARY)


def not_run(told: str, secrets: Secrets) -> str:
    """Return the job summary of a run that ended before there was anything to report."""
    text = "\n\n".join(harmless_line(line) for line in secrets.redact(told).splitlines())
    return f"### ⚠️ QA.tech review: not run\n\n{text[:LARGEST_SUMMARY]}"


def _page(report: Report, secrets: Secrets, limit: int) -> str:
    head = [
        _title(report),
        *_stand_in(report),
        *_verdict(report, secrets),
        *(_told(remark, secrets) for remark in report.remarks),
        *_findings(report, secrets),
        *_facts(report),
        *_environments(report, secrets),
        *_request(report, secrets),
    ]
    foot = _foot(report)
    taken = sum(len(block.encode()) + 2 for block in [*head, foot])
    whole = "\n\n".join([*head, *_reply(report, secrets, limit - taken), foot])
    return secrets.redact(whole)


def _title(report: Report) -> str:
    return f"### {_TITLES[report.ending.judgement.verdict] if report.ending else _RUNNING}"


def _stand_in(report: Report) -> list[str]:
    return [_STAND_IN] if report.is_sandbox else []


def _verdict(report: Report, secrets: Secrets) -> list[str]:
    """Return why the gate stands as it does, and what the verdict rests on."""
    if not report.ending:
        return ["The reviewer is at work. This comment follows it to its verdict."]
    gate = report.ending.gate
    explanation = _told(report.ending.judgement.explanation, secrets)
    return [f"**Gate {gate.word}.** {gate.reason}", explanation]


def _findings(report: Report, secrets: Secrets) -> list[str]:
    """Return the failures as a list, where the verdict block names them."""
    findings = report.ending.judgement.findings if report.ending else Findings()
    return [
        *_list("Failures", [_failure(it, secrets) for it in findings.failures]),
        *_list("Reasons", [_line(it, secrets) for it in findings.reasons]),
        *_list("Tested", [_line(it, secrets) for it in findings.tested]),
    ]


def _told(text: str, secrets: Secrets) -> str:
    """Return a sentence of ours, which may quote a stranger: its code spans stay code."""
    parts = secrets.redact(plain(text)).split("`")
    return "".join(
        code_span(part) if place % 2 else _kept_apart(part) for place, part in enumerate(parts)
    )


def _kept_apart(text: str) -> str:
    """Return a line made harmless, with the space around it that parts it from a code span."""
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}{harmless_line(text)}{after}"


def _failure(failure: Failure, secrets: Secrets) -> str:
    details = f": {_line(failure.details, secrets)}" if failure.details else ""
    return f"**{_line(failure.title, secrets)}**{details}"


def _line(text: str, secrets: Secrets) -> str:
    return harmless_line(secrets.redact(plain(text))[:_LONGEST_LINE])


def _list(title: str, lines: list[str]) -> list[str]:
    shown = [f"- {line}" for line in lines[:_MOST]]
    if len(lines) > _MOST:
        shown.append(f"- … and {len(lines) - _MOST} more; see the output `reply`.")
    return ["\n".join([f"{title}:", "", *shown])] if shown else []


def _request(report: Report, secrets: Secrets) -> list[str]:
    """Return what a dry run would have sent, in a fence that nothing in it can close."""
    if not report.request:
        return []
    text = plain(secrets.redact(report.request))[:_LONGEST_REQUEST]
    longest = max(map(len, re.findall(r"`+", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}\n{text}\n{fence}"]


def _facts(report: Report) -> list[str]:
    """Return commit, conversation and duration on a line, as far as they are known."""
    facts = [f"Commit {code_span(report.target.head_sha[:12])}"] if report.target else []
    if report.conversation:
        facts.append(f"Conversation {_link(report.conversation)}")
    if report.ending:
        facts.append(_duration(report.ending.at - report.started_at))
    return [" · ".join(facts)] if facts else []


def _environments(report: Report, secrets: Secrets) -> list[str]:
    """Return what was reviewed where, and how each environment was found, as a table."""
    rows = [_environment_row(override, secrets) for override in report.overrides[:_MOST]]
    if len(report.overrides) > _MOST:
        rows.append(f"| … and {len(report.overrides) - _MOST} more | | |")
    head = ["| Application | Environment | Found |", "| --- | --- | --- |"]
    return ["\n".join([*head, *rows])] if rows else []


def _environment_row(override: Override, secrets: Secrets) -> str:
    preset = f" on {code_span(override.device_preset)}" if override.device_preset else ""
    place = code_span(shown_place(override))
    why = harmless_line(secrets.redact(override.why))
    return f"| {code_span(override.application)} | {place}{_name(override)}{preset} | {why} |"


def _name(override: Override) -> str:
    environment = override.environment
    name = environment.name if isinstance(environment, PreviewUrl) else None
    return f" ({harmless_line(name)})" if name else ""


def _link(conversation: Conversation) -> str:
    short_id = code_span(conversation.short_id)
    return f"[{short_id}]({conversation.url})" if conversation.url else short_id


def _duration(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _reply(report: Report, secrets: Secrets, limit: int) -> list[str]:
    if not (report.reply and report.reply.text.strip()):
        return []
    is_failure = report.ending and report.ending.judgement.verdict is Verdict.FAILED
    before = f"<details{' open' if is_failure else ''}><summary>Reply</summary>\n\n"
    after = "\n\n</details>"
    room = limit - len(before) - len(after) - 4
    note = _CUT.format(where=_where(report))
    reply = secrets.redact(plain(without_verdict_fences(report.reply.text)))
    text = fitted(reply, min(room, _LONGEST_REPLY), note, forge_host=_forge_host(report))
    return [f"{before}{text}{after}"] if text else []


def _forge_host(report: Report) -> str:
    host = urlsplit(report.target.url).hostname if report.target else ""
    return host or "github.com"


def _where(report: Report) -> str:
    if report.conversation and report.conversation.url:
        return f"[Read all of it in QA.tech.]({report.conversation.url})"
    return "The output `reply` holds all of it."


def _foot(report: Report) -> str:
    run = f" · [run]({report.run_url})" if report.run_url else ""
    return f"<sub>qatech-ci{run}</sub>"
