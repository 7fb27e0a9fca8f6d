"""Writes text so that Markdown reads it as that very text."""

import re

from qatech_ci.before.markdown.characters import plain

# Brackets without brackets inside that cannot start a link or a definition stay as they are:
# task list boxes and alerts such as `[!NOTE]` depend on them.
_HARMLESS_BRACKETS = re.compile(r"\[([^\[\]]*)\](?![(:\[])")
_SPECIAL = re.compile(
    r"""
      (?P<last>\\(?=\||$))    # parsers of tables disagree on whether `\\|` ends a cell
    | [\\`*~<|\[\]]
    | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9])
    | :(?=//) | (?<=www)\.    # GFM section 6.9, extended autolinks
    | &(?=\#?\w{1,32};)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t]+")
_BLOCK_START = frozenset("#+->=:/")
_ORDERED_START = re.compile(r"^(\d+)([.)])(?=\s|$)")
_BORS = re.compile(r"bors\b", re.IGNORECASE)
_ORDER_IN_CODE = re.compile(
    r"^(?=/[a-z][a-z0-9_-]*(?:\s|$)|@[\w-]|bors\b)",
    re.MULTILINE | re.IGNORECASE,
)
_BACKTICKS = re.compile(r"`+")


def escaped(text: str) -> str:
    """Return the text, which is free of newlines, as Markdown for the midst of a line."""
    return _SPECIAL.sub(lambda found: "&#92;" if found["last"] else f"\\{found[0]}", text)


def escaped_prose(text: str) -> str:
    """Return the text like `escaped`, its spaces folded and its harmless brackets left alone."""
    parts = _HARMLESS_BRACKETS.split(_SPACES.sub(" ", text))
    return "".join(
        f"[{escaped(p)}]" if inside % 2 else escaped(p) for inside, p in enumerate(parts)
    )


def at_line_start(line: str) -> str:
    r"""Return an escaped line so that neither Markdown nor a bot takes its start for an order.

    Bots read the raw text, so `/command` and `bors r+` are broken up there: `\/command` and
    `&#98;ors r+` look the same to a reader. `@bot` is in a code span already. A space that is no
    ASCII space is written out, since parsers differ on whether it belongs to the text.
    """
    if line[:1] in _BLOCK_START:
        return f"\\{line}"
    if _BORS.match(line) or line[:1].isspace():
        return f"&#{ord(line[0])};{line[1:]}"
    return _ORDERED_START.sub(r"\1\\\2", line)


def ticked(code: str) -> str:
    """Return a code span of one line of code, between enough backticks (CommonMark 6.1)."""
    ticks = "`" * (_longest_run(code) + 1)
    padded = code.strip() and code[0] == code[-1] == " "
    space = " " if padded or "`" in {code[0], code[-1]} else ""
    return f"{ticks}{space}{code}{space}{ticks}"


def code_span(text: str) -> str:
    """Return a code span that holds the text, on one line, fit for a table's cell too.

    A pipe ends a cell even inside backticks and its escape shows outside of tables, so a text
    with pipes comes as `<code>`. Empty text gives an empty string.
    """
    line = _SPACES.sub(" ", plain(text).replace("\n", " "))
    if "|" in line:
        # An e-mail address would become a link here; cut in two, it does not.
        return f"<code>{escaped(line)}</code>".replace("@", "</code><code>@")
    return ticked(line) if line else ""


def fenced(code: str, language: str = "") -> str:
    """Return a fenced code block, in which a line that orders a bot about is moved by a space."""
    fence = "`" * max(3, _longest_run(code) + 1)
    end = "" if not code or code.endswith("\n") else "\n"
    return f"{fence}{language}\n{_ORDER_IN_CODE.sub(' ', code)}{end}{fence}"


def _longest_run(code: str) -> int:
    return max(map(len, _BACKTICKS.findall(code)), default=0)
