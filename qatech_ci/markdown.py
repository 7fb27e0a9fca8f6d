"""Strangers' Markdown, parsed in bounded time: what would take long is left as plain text."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_LONGEST, _MOST_LINES = 60_000, 2000  # characters and lines that are parsed: what fits a comment
_MOST_COLUMNS = 15
_LONGEST_PARAGRAPH, _MOST_MARKS, _MOST_MARKS_IN_ALL = 4000, 900, 12_000
"""Characters, those of syntax in a paragraph, and in all; a bracket takes the time of three."""


@dataclass(frozen=True)
class Block:
    """A block that stands in no other."""

    tokens: list[Token]
    place: slice  # in the text
    is_plain: bool  # whether it is not parsed, or nested so deep that the parser left something out


def parser(*, html: bool, deepest: int) -> MarkdownIt:
    """Return a parser of GitHub's Markdown. A paragraph that is not parsed has `meta["plain"]`.

    `deepest` counts levels of blocks, of which a list takes two for each of its own.
    """
    made = MarkdownIt("commonmark", {"html": html, "maxNesting": deepest})
    made.enable(["table", "strikethrough"])
    made.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    made.core.ruler.at("inline", _inline)
    return made


def blocks(made: MarkdownIt, text: str) -> Iterator[Block]:
    """Parse a text and yield its blocks; what is beyond the part that may be parsed comes last."""
    parsed = "\n".join(text.split("\n", _MOST_LINES)[:_MOST_LINES])[:_LONGEST]
    starts = [0, *accumulate(len(line) + 1 for line in parsed.split("\n"))]
    tokens: list[Token] = []
    for token in made.parse(parsed):
        tokens.append(token)
        if token.level == 0 and token.nesting <= 0:
            first, last = tokens[0].map or (0, 0)
            is_deep = any(it.level >= made.options["maxNesting"] - 1 for it in tokens)
            yield Block(tokens, slice(starts[first], starts[last] - 1), is_deep)
            tokens = []
    yield Block([], slice(len(parsed), None), is_plain=True)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - a rule's form
    """Read a table, unless it has so many columns that empty cells would take the time."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    return line.count("|") <= _MOST_COLUMNS + 1 and table(state, start, end, silent)


def _inline(state: StateCore) -> None:
    """Parse what stands in blocks, and mark as plain what would take long."""
    total = 0
    for token in state.tokens:
        if token.type == "inline":
            marks = sum(map(token.content.count, "[][][]*_~`<&"))
            total += marks
            is_slow = len(token.content) > _LONGEST_PARAGRAPH or marks > _MOST_MARKS
            token.meta["plain"] = is_slow or total > _MOST_MARKS_IN_ALL
            if token.content and not token.meta["plain"]:
                token.children = state.md.inline.parse(token.content, state.md, state.env, [])
