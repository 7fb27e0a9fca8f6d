"""What people see on the pull request and in the job summary.

All of it is HTML in blocks without blank lines, so that nothing in it is Markdown to be read again.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from qatech_ci.model import Failure, Override, PreviewUrl, Verdict
from qatech_ci.overrides import api_form, shown_environment
from qatech_ci.settings import Mode

from .report import OUTPUTS, Report, outputs, results
from .sanitize import Sanitizer

TITLE = "QA.tech review"
LARGEST_STATE = 3000
"""Characters of the signed state below a comment."""
LARGEST_COMMENT = 65_000
"""UTF-8 bytes. GitHub names a limit of 65,536 characters; 65,000 bytes is safe either way."""
LARGEST_SUMMARY = 1_000_000
"""UTF-8 bytes. The runner drops a summary of more than 1 MiB whole."""
_LONGEST_LIST = 15_000
"""UTF-8 bytes of all failures, and of the table of what was tested."""
_MOST = 50
_LONGEST_DETAILS = 4000
"""UTF-8 bytes."""
_SIGNS = {
    None: "⏳",
    Verdict.PASSED: "✅",
    Verdict.FAILED: "❌",
    Verdict.UNVERIFIED: "ℹ️",  # noqa: RUF001 - QA.tech's own sign
    Verdict.BLOCKED: "🚧",
    Verdict.UNKNOWN: "❓",
    Verdict.ERROR: "⚠️",
    Verdict.TIMED_OUT: "⌛",
    Verdict.CANCELLED: "🚫",
    Verdict.SKIPPED: "⏭️",
    Verdict.IGNORED: "➖",  # noqa: RUF001 - a sign, no minus
    Verdict.STARTED: "🔎",
    Verdict.ANSWERED: "💬",
}
_NEXT = {
    Verdict.FAILED: "Fix what does not work and push: the next run reviews the new commit.",
    Verdict.UNVERIFIED: "Test the change in another way before you merge.",
    Verdict.BLOCKED: "Let the reviewer in: see what the reply says, then run the job again.",
    Verdict.UNKNOWN: "Read the reply. Another run of the job starts a new review.",
    Verdict.TIMED_OUT: "Another run of the job continues a review that is still under way.",
    Verdict.CANCELLED: "Another run of the job continues a review that is still under way.",
}
_RUNNING = "The reviewer is at work. This comment follows the review to its verdict."
_STAND_IN = (
    "<blockquote><b>No review took place.</b> <code>api-url</code> is <code>sandbox</code>: a "
    "stand-in answered in QA.tech's place.</blockquote>"
)


def comment(report: Report, sanitizer: Sanitizer) -> str:
    """Return the comment's text, in `LARGEST_COMMENT` bytes with its state."""
    blocks = _lead(report, sanitizer)
    blocks += [*_failures(report, sanitizer), *_tested(report, sanitizer)]
    after = [_facts(report, sanitizer), _foot(report, sanitizer)]
    room = LARGEST_COMMENT - LARGEST_STATE - _size([*blocks, *after]) - 100
    return _joined([*blocks, *_reply(report, sanitizer, room), *after])


def summary(report: Report, sanitizer: Sanitizer) -> str:
    """Return the job summary: the comment's blocks, and what the verdict rests on."""
    gate, judgement = report.gate, report.judgement
    if judgement and judgement.verdict is Verdict.IGNORED:
        return f"<p>{TITLE}: ignored. {sanitizer.words(judgement.reason)}</p>"
    blocks = _lead(report, sanitizer)
    has_failures = judgement is not None and bool(judgement.block.failures)
    if judgement and (judgement.verdict is Verdict.PASSED or has_failures):
        blocks.append(f"<p>{sanitizer.words(judgement.reason)}</p>")
    if gate and gate.word:
        blocks.append(f"<p><b>Gate {gate.word}:</b> {sanitizer.words(gate.reason)}</p>")
    blocks += [*_failures(report, sanitizer), *_tested(report, sanitizer)]
    after = [
        _facts(report, sanitizer),
        *_environments(report, sanitizer),
        *_request(report, sanitizer),
        *_tables(report, sanitizer),
        _foot(report, sanitizer),
    ]
    room = min(LARGEST_SUMMARY - _size([*blocks, *after]) - 100, 2 * LARGEST_COMMENT)
    return _joined([*blocks, *_reply(report, sanitizer, room), *after])


def not_run(problems: str, sanitizer: Sanitizer) -> str:
    """Return the summary of a run that could not begin: the problems, one a line."""
    lines = [f"<li>{sanitizer.words(line)}</li>" for line in problems.splitlines()[:_MOST] if line]
    return _joined([f"<h3>⚠️ {TITLE}: not run</h3>", "<ul>", *lines, "</ul>"])


def is_headed(body: str) -> bool:
    """Tell whether a comment begins with our heading."""
    return re.match(rf"<h3>[^<>\n]{{1,8}} {re.escape(TITLE)}\b", body) is not None


def headline(report: Report) -> str:
    """Return the verdict with a count, as the first line says it."""
    verdict = report.verdict
    if verdict is None:
        return "dry run: nothing was judged" if report.settings.dry_run else "is running"
    if verdict is Verdict.FAILED:
        rows = results(report.judgement.block) if report.judgement else []
        failed = sum(works is False for _, works in rows)
        return f"failed: {failed} of {len(rows)}" if failed else "failed"
    if verdict is Verdict.UNVERIFIED and not (report.judgement and report.judgement.block.tested):
        return "unverified: nothing was tested"
    if verdict is Verdict.STARTED:
        return "started: nothing was judged"
    return str(verdict)


def _lead(report: Report, sanitizer: Sanitizer) -> list[str]:
    verdict, judgement = report.verdict, report.judgement
    outdated = " (outdated: there are newer commits)" if report.is_outdated else ""
    blocks = [f"<h3>{_SIGNS[verdict]} {TITLE} {headline(report)}{outdated}</h3>"]
    if report.settings.is_sandbox:
        blocks.append(_STAND_IN)
    if judgement is None and not report.settings.dry_run:
        blocks.append(f"<p>{_RUNNING}</p>")
    is_told = verdict is Verdict.FAILED and judgement and judgement.block.failures
    if judgement and verdict is not Verdict.PASSED and not is_told:
        blocks.append(f"<p>{sanitizer.words(judgement.reason)}</p>")
    if judgement and judgement.block.reasons and verdict is not Verdict.PASSED:
        items = [f"<li>{sanitizer.line(it)}</li>" for it in judgement.block.reasons[:_MOST]]
        blocks.append(_joined(["<ul>", *_fitting(items), "</ul>"]))
    is_broken = verdict in {Verdict.TIMED_OUT, Verdict.CANCELLED} and not report.conversation
    if verdict in _NEXT and not is_broken:
        blocks.append(f"<p><b>Next:</b> {_NEXT[verdict]}</p>")
    told = [*report.findings, *report.remarks][:_MOST]
    return blocks + _fitting(f"<p>{sanitizer.words(it)}</p>" for it in told)


def _failures(report: Report, sanitizer: Sanitizer) -> list[str]:
    """Return a block for each failure: steps as steps, expected and found on their own lines."""
    failures = report.judgement.block.failures if report.judgement else ()
    blocks = _fitting(_failure(it, sanitizer) for it in failures[:_MOST])
    left = len(failures) - len(blocks)
    more = [f"<p>… and {left} more; see the output <code>result</code>.</p>"] if left else []
    return [*blocks, *more]


def _failure(failure: Failure, sanitizer: Sanitizer) -> str:
    told = failure.details[:_LONGEST_DETAILS]
    details = re.sub(
        r"\n(?=[*_ -]{0,4}(?:expected|found|actual)\b)", "\n\n", told, flags=re.IGNORECASE
    )
    lines = re.sub(r"(?<!\n)\n(?![\n\s]|[-*+]\s|\d+[.)]\s)", "  \n", details)
    body, is_cut = sanitizer.blocks(lines, _LONGEST_DETAILS)
    end = "\n<p>…</p>" if is_cut else ""
    return _joined([f"<h4>❌ {sanitizer.line(failure.title)}</h4>", f"{body}{end}"])


def _tested(report: Report, sanitizer: Sanitizer) -> list[str]:
    """Return the table of what was tested with its result, folded."""
    rows = results(report.judgement.block) if report.judgement else []
    signs = {True: "✅", False: "❌", None: ""}
    cells = [
        f"<tr>\n<td>{sanitizer.line(title)}</td>\n<td>{signs[works]}</td>\n</tr>"
        for title, works in rows[:_MOST]
    ]
    kept = _fitting(cells)
    if not kept:
        return []
    left = len(rows) - len(kept)
    more = [f"<tr>\n<td>… and {left} more</td>\n<td></td>\n</tr>"] if left else []
    head = "<tr>\n<th>Tested</th>\n<th>Result</th>\n</tr>"
    table = _joined(["<table>", head, *kept, *more, "</table>"])
    return [_folded(f"Tested: {len(rows)}", table)]


def _reply(report: Report, sanitizer: Sanitizer, room: int) -> list[str]:
    """Return what the assistant said, folded where the blocks before it say what matters."""
    if not report.reply:
        return []
    block = report.judgement.block if report.judgement else None
    title = "Full reply" if report.judgement else "Reply so far"
    body, is_cut = sanitizer.blocks(report.reply, max(room - 600, 0))
    if is_cut:
        where = "The output <code>reply</code> has all of it."
        body += f"\n<p><b>The reply is longer than fits here.</b> {where}</p>"
    is_folded = block is not None and bool(block.tested or block.failures)
    return [_folded(title, body, is_open=not is_folded)]


def _facts(report: Report, sanitizer: Sanitizer) -> str:
    """Return on one line: what was reviewed where, on which commit, and how long."""
    facts = [
        _place(report.overrides[0], sanitizer) if len(report.overrides) == 1 else "",
        f"{len(report.overrides)} applications" if len(report.overrides) > 1 else "",
        _commit(report, sanitizer),
        _change(report, sanitizer),
        _time(report.started_at, report.finished_at),
        _conversation(report, sanitizer),
    ]
    return f"<p>{' · '.join(filter(None, facts))}</p>"


def _place(override: Override, sanitizer: Sanitizer) -> str:
    shown = sanitizer.redact(shown_environment(override.environment))
    label = sanitizer.code(shown.removeprefix("https://").rstrip("/"), 60)
    if isinstance(override.environment, PreviewUrl) and "***" not in shown:
        label = sanitizer.link(shown.removesuffix("?…"), label)
    preset = f" on {sanitizer.code(override.device_preset)}" if override.device_preset else ""
    return f"{sanitizer.code(override.application)} on {label}{preset}"


def _commit(report: Report, sanitizer: Sanitizer) -> str:
    target = report.target
    if target is None:
        return ""
    short = sanitizer.code(target.head_sha[:7])
    server, found, rest = target.url.partition(f"/{target.repository}/")
    within = "-/" if rest.startswith("-/") else ""
    url = f"{server}{found}{within}commit/{target.head_sha}"
    return f"commit {sanitizer.trusted_link(url, short)}" if found else f"commit {short}"


def _change(report: Report, sanitizer: Sanitizer) -> str:
    pull_request = report.pull_request
    if pull_request is None or not pull_request.title:
        return ""
    branch = (
        f" ({sanitizer.code(pull_request.head_branch, 60)})" if pull_request.head_branch else ""
    )
    return f"{sanitizer.line(pull_request.title, 100)}{branch}"


def _time(begun: datetime, ended: datetime | None) -> str:
    if ended is None:
        return f"since {begun:%H:%M} UTC"
    minutes, seconds = divmod(int((ended - begun).total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _conversation(report: Report, sanitizer: Sanitizer) -> str:
    conversation = report.conversation
    if conversation is None or report.settings.is_sandbox:
        return ""
    if not conversation.url:
        return f"conversation {sanitizer.code(conversation.short_id)}"
    words = "conversation in QA.tech" if report.judgement else "follow it live in QA.tech"
    return sanitizer.trusted_link(conversation.url, words)


def _environments(report: Report, sanitizer: Sanitizer) -> list[str]:
    """Return how each preview was found, and how long that took."""
    rows = [
        f"<tr>\n<td>{_place(it, sanitizer)}</td>\n<td>{sanitizer.words(it.found or 'as written')}"
        "</td>\n</tr>"
        for it in report.overrides[:_MOST]
    ]
    took = f"<p>Previews took {report.preview_seconds:.0f} s.</p>"
    return [_joined(["<table>", *_fitting(rows), "</table>", took])] if rows else []


def _request(report: Report, sanitizer: Sanitizer) -> list[str]:
    if not report.request:
        return []
    shown = report.request | {
        "applicationOverrides": [api_form(it, shown=True) for it in report.overrides]
    }
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    is_chat = report.settings.mode is Mode.MESSAGE
    call = "POST /chat" if is_chat else "POST /chat/change-review"
    return [
        _folded(
            f"Request: {call}", sanitizer.pre(text, 20_000, "json"), is_open=report.settings.dry_run
        )
    ]


def _tables(report: Report, sanitizer: Sanitizer) -> list[str]:
    """Return outputs and settings, folded; the longer outputs are above already."""
    values = outputs(report)
    shown = {name: values[name] for name in OUTPUTS if name not in {"reply", "overrides"}}
    return [
        _folded("Outputs", _table(shown, sanitizer)),
        _folded("Settings", _table(report.settings.shown, sanitizer)),
    ]


def _table(rows: Mapping[str, str], sanitizer: Sanitizer) -> str:
    cells = [
        f"<tr>\n<td>{sanitizer.code(name)}</td>\n<td>{sanitizer.code(value, 200)}</td>\n</tr>"
        for name, value in rows.items()
        if value
    ]
    return _joined(["<table>", *_fitting(cells), "</table>"])


def _foot(report: Report, sanitizer: Sanitizer) -> str:
    log = sanitizer.trusted_link(report.run.url, "log of the run") + " · " if report.run.url else ""
    return f"<p><sub>{log}qatech-ci</sub></p>"


def _folded(title: str, body: str, *, is_open: bool = False) -> str:
    start = "<details open>" if is_open else "<details>"
    return _joined([f"{start}<summary>{title}</summary>", body, "</details>"])


def _fitting(blocks: Iterable[str]) -> list[str]:
    """Return the first blocks, as many as fit into the room of a list."""
    kept: list[str] = []
    for block in blocks:
        if _size([*kept, block]) > _LONGEST_LIST:
            break
        kept.append(block)
    return kept


def _size(blocks: Iterable[str]) -> int:
    return sum(len(block.encode()) + 1 for block in blocks)


def _joined(blocks: Iterable[str]) -> str:
    return "\n".join(block for block in blocks if block)
