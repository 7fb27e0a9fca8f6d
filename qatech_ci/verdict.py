"""From a reply to evidence, and from evidence to a verdict."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .model import Message, Verdict

_LONGEST_READ = 100_000
"""Characters of a reply that are searched for a verdict line."""
_LINES = {
    "✅ Tests passing": Verdict.PASSED,
    "❌ Tests failing": Verdict.FAILED,
    "ℹ Unable to verify": Verdict.UNVERIFIED,  # noqa: RUF001 - the documented sign
}
_BY_LOWER_CASE = {line.lower(): line for line in _LINES}
_NOT_TEXT = "\0"


class Source(StrEnum):
    """Where evidence comes from, in the words of the output `verdict-source`."""

    LIFE_CYCLE = "life-cycle"
    VERDICT_LINE = "verdict-line"


@dataclass(frozen=True)
class Evidence:
    """What one source says about the review."""

    source: Source
    verdict: Verdict
    detail: str


@dataclass(frozen=True)
class Judgement:
    """A verdict, the sources that it rests on, and what led to it in a sentence."""

    verdict: Verdict
    sources: tuple[Source, ...]
    explanation: str


def evidence_in(reply: Message) -> Iterator[Evidence]:
    """Yield what a finished reply says, first by its life cycle, then by its verdict lines.

    That a reply is `COMPLETED` is no evidence: it can say that the tests fail.
    """
    if reply.status == "FAILED":
        yield Evidence(Source.LIFE_CYCLE, Verdict.ERROR, "QA.tech marked its reply as failed.")
    elif reply.status == "CANCELLED":
        yield Evidence(Source.LIFE_CYCLE, Verdict.CANCELLED, "The reply was cancelled in QA.tech.")
    else:
        for line in _verdict_lines(reply.text[:_LONGEST_READ]):
            detail = f"The reply's verdict line says “{line}”."
            yield Evidence(Source.VERDICT_LINE, _LINES[line], detail)


def judge(evidence: Sequence[Evidence]) -> Judgement:
    """Return the verdict that all evidence agrees on; `unknown` where there is none or it differs.

    No source outweighs another: where they contradict each other, somebody has to look.
    """
    verdicts = {item.verdict for item in evidence}
    sources = tuple(dict.fromkeys(item.source for item in evidence))
    told = " ".join(dict.fromkeys(item.detail for item in evidence))
    if not evidence:
        return Judgement(Verdict.UNKNOWN, (), "The reply has no verdict that could be read.")
    if len(verdicts) > 1:
        return Judgement(Verdict.UNKNOWN, sources, f"The evidence contradicts itself. {told}")
    return Judgement(verdicts.pop(), sources, told)


def _verdict_lines(text: str) -> Iterator[str]:
    """Yield the documented verdict lines that stand by themselves.

    A line counts where it opens a paragraph or heading of the reply's own: not in a list, a quote,
    a table or code, where the reviewer shows what somebody else wrote.
    """
    tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    for token in tokens:
        if token.type == "inline" and token.level == 1:
            line = re.sub(r"^verdict:\s*", "", _first_line(token)).rstrip(".! ")
            if line in _BY_LOWER_CASE:
                yield _BY_LOWER_CASE[line]


def _first_line(inline: Token) -> str:
    """Return the first line as it reads: lower case, without emphasis and variation marks."""
    words = []
    for child in inline.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            break
        words.append(_text(child))
    return " ".join("".join(words).replace("\ufe0f", "").lower().split())


def _text(token: Token) -> str:
    if token.type == "text":
        return token.content
    return "" if token.type.startswith(("em_", "strong_")) else _NOT_TEXT
