"""Reading a reply's Markdown: what stands in it as the reviewer's own.

CommonMark's own parser tells a top-level paragraph, heading or fence from the same words in a
quote, a list, a table or inside another fence, where the reviewer shows what somebody else wrote.
"""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

FENCE = "qatech-verdict"
_LONGEST_READ = 200_000
"""Characters of a reply that are read."""
_NOT_TEXT = "\0"


def own_lines(text: str) -> Iterator[str]:
    """Yield the first line of each top-level paragraph and heading as it reads.

    Lower case, one space between words, without emphasis and variation marks. Code, links and
    images in a line come as a character that no text has.
    """
    for token in _tokens(text):
        if token.type == "inline" and token.level == 1:
            yield _first_line(token)


def verdict_fences(text: str) -> Iterator[str]:
    """Yield the content of each top-level fence that is marked as a verdict block."""
    for token in _tokens(text):
        if _is_verdict_fence(token):
            yield token.content


def without_verdict_fences(text: str) -> str:
    """Return the reply without its verdict blocks, which are for machines."""
    fences = [token.map for token in _tokens(text) if _is_verdict_fence(token)]
    hidden = {line for span in fences if span for line in range(*span)}
    if not hidden:
        return text
    lines = text.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(lines) if number not in hidden).rstrip()


def _tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark", {"html": False}).parse(text[:_LONGEST_READ])


def _is_verdict_fence(token: Token) -> bool:
    return token.type == "fence" and token.level == 0 and token.info.strip() == FENCE


def _first_line(inline: Token) -> str:
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
