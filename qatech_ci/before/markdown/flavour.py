"""What a forge reads into text, as far as forges differ."""

import re
from dataclasses import dataclass

# Quotes, brackets and other characters that RFC 3986 knows in no URL end one here.
REST_OF_URL = r'[^\s<>\[\]\\`|{}^"]+'
_LANGUAGE_END = re.compile(r"[^A-Za-z0-9+#._-]")


@dataclass(frozen=True)
class Flavour:
    """One forge's reading of Markdown, beyond GitHub Flavored Markdown's specification.

    Text is cut into stretches by `word`; a stretch in which `live` finds something becomes code.
    `url` finds what becomes a link by itself. No link or image may hold what is `barred`, which
    the forge would change. Only fences in `inert` languages keep them; the forge may draw others.
    `macros` act even in a code span, when all of it is one. Where there are `wikilinks`, a link's
    text does not start with a bracket; where `~` starts `labels`, text is struck out only where the
    marks are sure to pair.
    """

    host: str
    word: re.Pattern[str]
    live: re.Pattern[str]
    url: re.Pattern[str]
    barred: re.Pattern[str] = re.compile("(?!)")
    inert: re.Pattern[str] = re.compile(".*")
    macros: frozenset[str] = frozenset()
    wikilinks: bool = False
    labels: bool = False

    def info(self, info: str) -> str:
        """Return what a fence may say about its code: nothing if the forge might draw it."""
        language = _LANGUAGE_END.split(info.strip(), maxsplit=1)[0]
        return info if self.inert.fullmatch(language) else ""

    def opens_wikilink(self, text: str) -> bool:
        """Whether a bracket before this text would be the first of two."""
        return self.wikilinks and text.lstrip().startswith("[")

    def describes(self, text: str) -> bool:
        """Whether an image may have this description, in which no code is possible."""
        return not self.barred.search(text) and not self.opens_wikilink(text)

    def code(self, content: str) -> str:
        """Return a code span's content so that it is no macro: a space is added to one."""
        return f"{content} " if content.casefold() in self.macros else content
