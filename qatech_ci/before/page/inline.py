"""A stranger's words in a line of ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from qatech_ci.before.markdown.api import fitted, harmless_line
from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.markdown.escaping import code_span
from qatech_ci.before.markdown.flavour import Flavour
from qatech_ci.before.markdown.urls import Hosts
from qatech_ci.before.secrecy import Secrets

_LONGEST_LINE = 400
_LONGEST_SENTENCE = 1500


@dataclass(frozen=True)
class Fit:
    """Makes a stranger's words fit for a page: free of secrets, and harmless where it is read."""

    secrets: Secrets
    flavour: Flavour
    host: str
    """The forge's, to which no live link may lead."""

    def told(self, text: str, longest: int = _LONGEST_SENTENCE) -> str:
        """Return at most `longest` characters as one harmless line, with its code spans as code."""
        whole = clipped(self.secrets.redact(plain(text)).strip(), longest)
        parts = whole.split("`") if whole.count("`") % 2 == 0 else [whole]
        return "".join(
            self._coded(part) if place % 2 else self._kept_apart(part)
            for place, part in enumerate(parts)
        )

    def line(self, text: str, longest: int = _LONGEST_LINE) -> str:
        """Return a stranger's text as one harmless line of at most `longest` characters of it."""
        words = clipped(self.secrets.redact(plain(text)), longest)
        return harmless_line(words, flavour=self.flavour)

    def code(self, text: str, longest: int = _LONGEST_LINE) -> str:
        """Return a stranger's text as code, at most `longest` characters of it."""
        return self._coded(clipped(self.secrets.redact(plain(text)), longest))

    def block(self, text: str, limit: int, note: str) -> str:
        """Return a stranger's Markdown in `limit` bytes of UTF-8, with `note` where it was cut."""
        return fitted(text, limit, note, forge_host=self.host, flavour=self.flavour)

    def url(self, url: str) -> str | None:
        """Return a URL that may be linked, or nothing."""
        return Hosts(self.host, frozenset(), self.flavour).linkable(url)

    def _coded(self, text: str) -> str:
        return code_span(self.flavour.code(text))

    def _kept_apart(self, text: str) -> str:
        """Return a line made harmless, with the space around it that parts it from a code span."""
        before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
        return f"{before}{harmless_line(text, flavour=self.flavour)}{after}"


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
