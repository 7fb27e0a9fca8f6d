"""What people see on the pull request and in the job summary.

All of it is HTML in blocks without blank lines, so that nothing in it is Markdown to be read again.
"""

import json
import re
from collections.abc import Iterable
from itertools import islice

from qatech_ci.model import Failure, Override, Verdict
from qatech_ci.overrides import api_form, shown_environment

from .report import Report, outputs, results
from .sanitize import Sanitizer

TITLE = "QA.tech review"
HEADING = re.compile(rf"<h3>[^<>\n]{{1,8}} {re.escape(TITLE)}\b")  # begins each of our comments
LARGEST_STATE = 3000  # characters of the signed state below a comment
LARGEST_COMMENT = 65_000  # UTF-8 bytes; GitHub names a limit of 65,536 characters
LARGEST_SUMMARY = 1_000_000  # UTF-8 bytes. The runner drops a summary of more than 1 MiB whole
_LONGEST_LIST = 15_000  # UTF-8 bytes of all failures, and of the table of what was tested
_MOST = 50
_LONGEST_DETAILS = 4000  # UTF-8 bytes
_CONTINUES = "Another run of the job continues a review that is still under way."
_SHOWN = {
    None: "⏳ The reviewer is at work. This comment follows the review to its verdict.",
    Verdict.PASSED: "✅",
    Verdict.FAILED: "❌ Fix what does not work and push: the next run reviews the new commit.",
    Verdict.UNVERIFIED: "ℹ️ Test the change in another way before you merge.",  # noqa: RUF001 - QA.tech's own sign
    Verdict.BLOCKED: "🚧 Let the reviewer in: see what the reply says, then run the job again.",
    Verdict.UNKNOWN: "❓ Read the reply. Another run of the job starts a new review.",
    Verdict.ERROR: "⚠️",
    Verdict.TIMED_OUT: f"⌛ {_CONTINUES}",
    Verdict.CANCELLED: f"🚫 {_CONTINUES}",
    Verdict.SKIPPED: "⏭️",
    Verdict.STARTED: "🔎",
    Verdict.ANSWERED: "💬",
}
"""The sign of each verdict on a page, and of none yet; behind it what comes next."""
_STAND_IN = (
    "<blockquote><b>No review took place.</b> <code>api-url</code> is <code>sandbox</code>: a "
    "stand-in answered in QA.tech's place.</blockquote>"
)


def comment(report: Report, sanitizer: Sanitizer) -> str:
    """Return the comment's text, in `LARGEST_COMMENT` bytes with its state."""
    return _page(report, sanitizer, LARGEST_COMMENT - LARGEST_STATE, _lead(report, sanitizer), [])


def summary(report: Report, sanitizer: Sanitizer) -> str:
    """Return the job summary: the comment's blocks, and what the verdict rests on."""
    gate, judgement = report.gate, report.judgement
    if judgement and judgement.verdict is Verdict.IGNORED:
        return f"<p>{TITLE}: ignored. {sanitizer.words(judgement.reason)}</p>"
    lead = _lead(report, sanitizer)
    if judgement and (reason := f"<p>{sanitizer.words(judgement.reason)}</p>") not in lead:
        lead.append(reason)
    lead.append(f"<p><b>Gate {gate.word}:</b> {sanitizer.words(gate.reason)}</p>")
    return _page(report, sanitizer, LARGEST_SUMMARY, lead, _evidence(report, sanitizer))


def not_run(problems: str, sanitizer: Sanitizer) -> str:
    """Return the summary of a run that could not begin: the problems, one a line."""
    lines = [f"<li>{sanitizer.words(line)}</li>" for line in problems.splitlines()[:_MOST] if line]
    return _joined([f"<h3>⚠️ {TITLE}: not run</h3>", "<ul>", *lines, "</ul>"])


def headline(report: Report) -> str:
    """Return the verdict with a count, as the first line says it."""
    verdict, rows = report.verdict, results(report.block)
    if verdict is None:
        return "dry run: nothing was judged" if report.settings.dry_run else "is running"
    if verdict is Verdict.FAILED and (failed := sum(works is False for _, works in rows)):
        return f"failed: {failed} of {len(rows)}"
    if verdict is Verdict.UNVERIFIED and not report.block.tested:
        return "unverified: nothing was tested"
    return "started: nothing was judged" if verdict is Verdict.STARTED else str(verdict)


def _page(report: Report, sanitizer: Sanitizer, room: int, lead: list[str], rest: list[str]) -> str:
    """Return what has happened, in `room` bytes; of the reply as much as is left."""
    failures = report.block.failures
    others = "<p>… and {} more; see the output <code>result</code>.</p>"
    shown = _fitting((_failure(it, sanitizer) for it in failures), len(failures), others)
    before = [*lead, *shown, _tested(report, sanitizer)]
    log = sanitizer.trusted_link(report.run.url, "log of the run") + " · " if report.run.url else ""
    after = [_facts(report, sanitizer), *rest, f"<p><sub>{log}qatech-ci</sub></p>"]
    left = room - len(_joined([*before, *after]).encode()) - 700  # for what is around the reply
    return _joined([*before, _reply(report, sanitizer, min(left, 2 * LARGEST_COMMENT)), *after])


def _lead(report: Report, sanitizer: Sanitizer) -> list[str]:
    verdict, judgement, block = report.verdict, report.judgement, report.block
    sign, _, what_next = _SHOWN[verdict].partition(" ")
    outdated = " (outdated: there are newer commits)" if report.is_outdated else ""
    blocks = [f"<h3>{sign} {TITLE} {headline(report)}{outdated}</h3>"]
    blocks += [_STAND_IN] * report.settings.is_sandbox
    if judgement and verdict is not Verdict.PASSED:
        if not (verdict is Verdict.FAILED and block.failures):
            blocks.append(f"<p>{sanitizer.words(judgement.reason)}</p>")
        items = _fitting(f"<li>{sanitizer.line(it)}</li>" for it in block.reasons)
        blocks += [_joined(["<ul>", *items, "</ul>"])] * bool(items)
    may_be_unasked = verdict in {None, Verdict.TIMED_OUT, Verdict.CANCELLED}
    if what_next and (report.conversation.short_id or not may_be_unasked):
        blocks.append(f"<p>{'<b>Next:</b> ' * bool(verdict)}{what_next}</p>")
    told = [*report.findings, *report.remarks]
    return blocks + _fitting(f"<p>{sanitizer.words(it)}</p>" for it in told)


def _failure(failure: Failure, sanitizer: Sanitizer) -> str:
    """Return a failure with steps as steps, expected and found on their own lines."""
    details = sanitizer.plain(failure.details)[:_LONGEST_DETAILS]
    parted = re.sub(r"(?i)\n(?=[*_ -]{0,4}(?:expected|found|actual)\b)", "\n\n", details)
    lines = re.sub(r"(?<!\n)\n(?![\n\s]|[-*+]\s|\d+[.)]\s)", "  \n", parted)
    body, is_cut = sanitizer.blocks(lines, _LONGEST_DETAILS)
    return _joined([f"<h4>❌ {sanitizer.line(failure.title)}</h4>", body, "<p>…</p>" * is_cut])


def _tested(report: Report, sanitizer: Sanitizer) -> str:
    """Return the table of what was tested with its result, folded."""
    signs = {True: "✅", False: "❌", None: ""}
    rows = [(sanitizer.line(title), signs[works]) for title, works in results(report.block)]
    table = _table(rows, "<tr>\n<th>Tested</th>\n<th>Result</th>\n</tr>")
    return _folded(f"Tested: {len(rows)}", table) if rows else ""


def _reply(report: Report, sanitizer: Sanitizer, room: int) -> str:
    """Return what the assistant said, folded where the blocks before it say what matters."""
    if not report.reply:
        return ""
    body, is_cut = sanitizer.blocks(report.reply, room)
    if is_cut:
        where = "The output <code>reply</code> has all of it."
        body += f"\n<p><b>The reply is longer than fits here.</b> {where}</p>"
    is_open = not (report.block.tested or report.block.failures)
    return _folded("Full reply" if report.judgement else "Reply so far", body, is_open=is_open)


def _facts(report: Report, sanitizer: Sanitizer) -> str:
    """Return on one line: what was reviewed where, on which commit, and how long."""
    target, conversation = report.pull_request, report.conversation
    places = [_place(it, sanitizer) for it in report.overrides]
    facts = [f"{len(places)} applications"] if len(places) > 1 else places
    if target is not None:
        url = f"{target.url.rsplit('/', 2)[0]}/commit/{target.head_sha}"
        short = sanitizer.trusted_link(url, sanitizer.code(target.head_sha[:7]))
        branch = f" ({sanitizer.code(target.head_branch, 60)})" if target.head_branch else ""
        facts += [f"commit {short}", sanitizer.line(target.title, 100) + branch]
    if report.finished_at is None:
        facts.append(f"since {report.started_at:%H:%M} UTC")
    else:
        took = int((report.finished_at - report.started_at).total_seconds())
        facts.append(f"{took // 60} min {took % 60} s" if took >= 60 else f"{took} s")
    if conversation.short_id and not report.settings.is_sandbox:
        words = "conversation in QA.tech" if report.judgement else "follow it live in QA.tech"
        named = f"conversation {sanitizer.code(conversation.short_id)}"
        facts.append(sanitizer.link(conversation.url, words) if conversation.url else named)
    return f"<p>{' · '.join(filter(None, facts))}</p>"


def _place(override: Override, sanitizer: Sanitizer) -> str:
    shown = sanitizer.redact(shown_environment(override))
    label = sanitizer.code(shown.removeprefix("https://").rstrip("/"), 60)
    if override.kind == "url" and "***" not in shown:
        label = sanitizer.link(shown.removesuffix("?…"), label)
    preset = f" on {sanitizer.code(override.device_preset)}" if override.device_preset else ""
    return f"{sanitizer.code(override.application)} on {label}{preset}"


def _evidence(report: Report, sanitizer: Sanitizer) -> list[str]:
    """Return how previews were found, the request, the outputs and the settings."""
    settings, overrides, values = (
        report.settings,
        report.overrides,
        outputs(report, sanitizer.plain),
    )
    found = [(_place(it, sanitizer), sanitizer.words(it.found or "as written")) for it in overrides]
    took = f"<p>Previews took {report.preview_seconds:.0f} s.</p>"
    blocks = [_table(found), took] if found else []
    if report.request:
        forms = [api_form(it, shown=True) for it in overrides]
        shown = report.request | ({"applicationOverrides": forms} if forms else {})
        text = json.dumps(shown, indent=2, ensure_ascii=False)
        chat = f"/chat/{settings.conversation}".rstrip("/")
        call = chat if settings.mode == "message" else "/chat/change-review"
        request = sanitizer.pre(text, 20_000, "json")
        blocks.append(_folded(f"Request: POST {call}", request, is_open=settings.dry_run))
    # The longer outputs are above already.
    short = {it: values[it] for it in values if it not in {"reply", "overrides", "result"}}
    for title, named in (("Outputs", short), ("Settings", settings.shown)):
        rows = [(sanitizer.code(it), sanitizer.code(named[it], 200)) for it in named if named[it]]
        blocks.append(_folded(title, _table(rows)))
    return blocks


def _table(rows: list[tuple[str, str]], head: str = "") -> str:
    """Return a table of cells in HTML, as many rows as fit."""
    written = (f"<tr>\n<td>{a}</td>\n<td>{b}</td>\n</tr>" for a, b in rows)
    others = "<tr>\n<td>… and {} more</td>\n<td></td>\n</tr>"
    return _joined(["<table>", head, *_fitting(written, len(rows), others), "</table>"])


def _folded(title: str, body: str, *, is_open: bool = False) -> str:
    return _joined([f"<details{' open' * is_open}><summary>{title}</summary>", body, "</details>"])


def _fitting(blocks: Iterable[str], total: int = 0, others: str = "") -> list[str]:
    """Return the first blocks, as many as a list has room for; `others` counts those left out."""
    kept: list[str] = []
    for block in islice(blocks, _MOST):
        if len(_joined([*kept, block]).encode()) >= _LONGEST_LIST:
            break
        kept.append(block)
    left = total - len(kept)
    return kept + [others.format(left)] * (left > 0)


def _joined(blocks: Iterable[str]) -> str:
    return "\n".join(block for block in blocks if block)
