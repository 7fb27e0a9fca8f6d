"""Sections of a page that are written by a program, between marks that no reader sees."""

import re
from collections.abc import Iterable


def with_section(page: str, name: str, text: str) -> str:
    """Return the page with `text` between the marks of the section `name`.

    Raises `ValueError` where the page does not have both marks exactly once, in their order.
    """
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    section = re.compile(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    if page.count(begin) != 1 or page.count(end) != 1 or not section.search(page):
        raise ValueError(f"The page has no single section {name!r}: {begin.strip()} … {end}")
    return section.sub(lambda _: f"{text.strip()}\n", page)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; `|` in a cell stays text."""
    first, *others = (tuple(cell.replace("|", r"\|") for cell in row) for row in (head, *rows))
    return "\n".join(_line(row) for row in (first, ("---",) * len(first), *others))


def _line(cells: Iterable[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
