"""The documents of the repository, read as GitHub shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from containers import ROOT

_NOT_OURS = {"corpus", "build", "dist", "node_modules"}
"""Folders whose Markdown is somebody else's, or is made anew at each run."""


@dataclass(frozen=True)
class Row:
    """One row of a table, below the heading that it stands under."""

    heading: str
    cells: tuple[Token, ...]


@dataclass(frozen=True)
class Page:
    """One document."""

    path: Path

    @property
    def name(self) -> str:
        """The path from the repository's root."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        """The document as it is written."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tokens(self) -> list[Token]:
        """The document parsed, inline tokens inside of their blocks."""
        markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        return markdown.parse(self.text)

    @property
    def inline(self) -> Iterator[Token]:
        """All inline tokens: text, links, images, code spans, HTML."""
        for token in self.tokens:
            yield from token.children or ()

    @property
    def headings(self) -> Iterator[str]:
        """The text of each heading."""
        for before, token in zip(self.tokens, self.tokens[1:], strict=False):
            if before.type == "heading_open":
                yield text_of(token)

    @property
    def anchors(self) -> set[str]:
        """What a link can point to within the page, as GitHub names it."""
        found: dict[str, int] = {}
        for heading in self.headings:
            slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            found[slug] = found.get(slug, -1) + 1
        return {
            f"{slug}-{n}" if n else slug for slug, last in found.items() for n in range(last + 1)
        }

    @property
    def targets(self) -> Iterator[str]:
        """Where links lead to and images come from, those in HTML among them."""
        for token in [*self.tokens, *self.inline]:
            if token.type in {"html_block", "html_inline"}:
                yield from re.findall(r'\b(?:href|src|srcset)="([^"\s]+)', token.content)
            for name in ("href", "src"):
                if value := token.attrGet(name):
                    yield str(value)

    @property
    def code_spans(self) -> Iterator[str]:
        """What stands in code spans."""
        for token in self.inline:
            if token.type == "code_inline":
                yield token.content

    @property
    def fences(self) -> Iterator[tuple[str, str]]:
        """The language and the text of each fenced block."""
        for token in self.tokens:
            if token.type == "fence":
                yield token.info, token.content

    @property
    def rows(self) -> Iterator[Row]:
        """The rows of all tables but for their heads."""
        heading, cells, is_body = "", [], False
        for before, token in zip(self.tokens, self.tokens[1:], strict=False):
            if before.type == "heading_open":
                heading = text_of(token)
            elif token.type in {"tbody_open", "tbody_close"}:
                is_body = token.type == "tbody_open"
            elif is_body and before.type == "td_open":
                cells.append(token)
            elif is_body and token.type == "tr_close":
                yield Row(heading, tuple(cells))
                cells = []


def text_of(token: Token) -> str:
    """Return the text of an inline token as a reader sees it."""
    return "".join(child.content for child in token.children or ())


def code_of(token: Token) -> list[str]:
    """Return the code spans of an inline token."""
    return [child.content for child in token.children or () if child.type == "code_inline"]


def pages() -> list[Page]:
    """Return all documents that are written here, hidden folders but `.github` left out."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    ours = (path for path in found if not _is_foreign(path))
    return [Page(ROOT / path) for path in sorted(ours)]


def _is_foreign(path: Path) -> bool:
    folders = path.parts[:-1]
    hidden = any(it.startswith(".") and it != ".github" for it in folders)
    return hidden or bool(_NOT_OURS & set(folders))
