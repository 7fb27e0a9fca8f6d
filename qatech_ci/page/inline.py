"""A stranger's words in a line of ours."""

from collections.abc import Iterable
from itertools import takewhile

from qatech_ci.markdown.api import harmless_line
from qatech_ci.markdown.characters import plain
from qatech_ci.markdown.escaping import code_span
from qatech_ci.secrecy import Secrets

_LONGEST_LINE = 400
_LONGEST_SENTENCE = 1500


def told(text: str, secrets: Secrets, longest: int = _LONGEST_SENTENCE) -> str:
    """Return at most `longest` characters as one harmless line, in which code spans stay code."""
    whole = clipped(secrets.redact(plain(text)).strip(), longest)
    parts = whole.split("`") if whole.count("`") % 2 == 0 else [whole]
    return "".join(
        code_span(part) if place % 2 else _kept_apart(part) for place, part in enumerate(parts)
    )


def _kept_apart(text: str) -> str:
    """Return a line made harmless, with the space around it that parts it from a code span."""
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}{harmless_line(text)}{after}"


def line(text: str, secrets: Secrets, longest: int = _LONGEST_LINE) -> str:
    """Return a stranger's text as one harmless line of at most `longest` characters of it."""
    return harmless_line(clipped(secrets.redact(plain(text)), longest))


def code(text: str, secrets: Secrets, longest: int = _LONGEST_LINE) -> str:
    """Return a stranger's text as code, at most `longest` characters of it."""
    return code_span(clipped(secrets.redact(plain(text)), longest))


def clipped(text: str, longest: int) -> str:
    """Return the text, or its beginning with an ellipsis, in at most `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def fitting(blocks: Iterable[str], most: int, room: int) -> list[str]:
    """Return the first blocks: at most `most`, and as many as fit into `room` UTF-8 bytes."""
    taken = 0

    def fits(block: str) -> bool:
        nonlocal taken
        taken += len(block.encode()) + 1
        return taken <= room

    return list(takewhile(fits, list(blocks)[:most]))
