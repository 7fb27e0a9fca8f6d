"""Reading a reply's Markdown: what stands in it as the reviewer's own.

CommonMark's own parser tells a top-level paragraph, heading or fence from the same words in a
quote, a list, a table or inside another fence, where the reviewer shows what somebody else wrote.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .timebox import undisturbed

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FENCE = "qatech-verdict"
LONGEST_READ = 200_000
"""Characters. A longer reply is not read: its end, which may contradict its beginning, would be
missing."""
_NOT_TEXT = "\0"
_LABEL = r"verdict\s*[:\u2013\u2014-]\s*"


def verdict_candidates(text: str) -> Iterator[str]:
    """Yield the lines that stand where a reply's verdict stands, as they read.

    That is the first or the last block of the reply, headings at the beginning aside, a line that
    is labelled as the verdict, and the line below a heading that says so. In between, the reviewer
    tells of other things: a section, or what somebody claims.

    Lower case, one space between words, without emphasis, variation marks and label. Code, links
    and images in a line come as a character that no text has.
    """
    blocks = list(_blocks(text))
    opening = next((place for place, it in enumerate(blocks) if not it.is_heading), len(blocks))
    for place, block in enumerate(blocks):
        labelled = re.sub(_LABEL, "", block.line, count=1) if re.match(_LABEL, block.line) else ""
        is_below_label = place > 0 and blocks[place - 1].line == "verdict"
        introduced = place > 0 and blocks[place - 1].ends_with_colon
        is_last = place == len(blocks) - 1 and not introduced
        if labelled or place <= opening or is_below_label or is_last:
            yield labelled or block.line


def verdict_fences(text: str) -> Iterator[str]:
    """Yield the content of each top-level fence that is marked as a verdict block."""
    for token in _tokens(text):
        if is_verdict_fence(token):
            yield token.content


def without_verdict_fences(text: str) -> str:
    """Return the reply without its verdict blocks, which are for machines."""
    fences = [token.map for token in _tokens(text) if is_verdict_fence(token)]
    hidden = {line for span in fences if span for line in range(*span)}
    if not hidden:
        return text
    # The lines of CommonMark, whose numbers these are; Python's `splitlines` knows more ends.
    lines = re.split(r"\r\n|\r|\n", text)
    return "\n".join(line for number, line in enumerate(lines) if number not in hidden).rstrip()


@dataclass(frozen=True)
class _Block:
    """A top-level block by its first line; what is no paragraph or heading has none."""

    line: str = _NOT_TEXT
    is_heading: bool = False
    ends_with_colon: bool = False


def _blocks(text: str) -> Iterator[_Block]:
    tokens = _tokens(text)
    for token, inline in zip(tokens, [*tokens, None][1:], strict=True):
        if (
            token.level
            or token.nesting < 0
            or token.type == "html_block"
            or is_verdict_fence(token)
        ):
            continue
        if token.type in {"paragraph_open", "heading_open"} and inline:
            is_heading = token.type == "heading_open"
            ends_with_colon = inline.content.rstrip(" *_").endswith(":")
            yield _Block(_first_line(inline), is_heading, ends_with_colon)
        else:
            yield _Block()


def _tokens(text: str) -> "list[Token]":
    return undisturbed(_markdown_it)("commonmark").parse(text[:LONGEST_READ])


def _markdown_it() -> "type[MarkdownIt]":
    # Nobody reads before there is a reply, and importing this takes a while.
    from markdown_it import MarkdownIt  # noqa: PLC0415 - see above

    return MarkdownIt


def is_verdict_fence(token: "Token") -> bool:
    """Tell whether a token is a top-level fence that is marked as a verdict block."""
    return token.type == "fence" and token.level == 0 and token.info.strip() == FENCE


def _first_line(inline: "Token") -> str:
    words = []
    for child in inline.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            break
        words.append(_text(child))
    return " ".join("".join(words).replace("\ufe0f", "").lower().split())


def _text(token: "Token") -> str:
    if token.type == "text":
        return token.content
    return "" if token.type.startswith(("em_", "strong_")) else _NOT_TEXT
