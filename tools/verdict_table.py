"""Writes the table of evidence and verdicts into docs/verdicts.md, from the code that judges."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from qatech_ci.before.model import Evidence, Source, Verdict
from qatech_ci.before.verdict import judge

PAGE = Path(__file__).parent.parent / "docs" / "verdicts.md"
SOURCES = (Source.CHECK, Source.VERDICT_BLOCK, Source.VERDICT_LINE)
WORDS = (None, Verdict.PASSED, Verdict.FAILED, Verdict.UNVERIFIED)
_BEGIN, _END = "<!-- table: begin -->\n", "<!-- table: end -->"


def rows() -> Iterator[tuple[Verdict | None, ...]]:
    """Yield what each source says and the verdict on it, for everything that they can say."""
    for words in product(WORDS, repeat=len(SOURCES)):
        said = zip(SOURCES, words, strict=True)
        evidence = [Evidence(source, word, "") for source, word in said if word]
        yield (*words, judge(evidence).verdict)


def with_table(page: str) -> str:
    """Return the page with the table as the code has it now."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{_table()}{_END}{after}"


def _table() -> str:
    lines = ["| check | verdict block | verdict line | verdict |", "| --- | --- | --- | --- |"]
    for row in rows():
        cells = [f"`{word}`" if word else "" for word in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
