"""Writes into the documents what they take from elsewhere: `make docs`.

| page | section | from |
| --- | --- | --- |
| README.md | inputs, outputs | action.yml |
| docs/verdicts.md | the table of evidence | the code that judges |
| docs/architecture.md | layers, modules | import-linter's contract, docstrings |

Figures come from `make bench`: they are measured, so they differ from run to run.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from . import layers, metadata_tables, verdict_table
from .sections import with_section

ROOT = Path(__file__).parent.parent


def readme(page: str) -> str:
    """Return the README with the inputs and outputs that action.yml declares."""
    metadata = metadata_tables.declared()
    page = with_section(page, "inputs", metadata_tables.inputs(metadata))
    return with_section(page, "outputs", metadata_tables.outputs(metadata))


def architecture(page: str) -> str:
    """Return the page with the layers that are enforced, and what each module says it is."""
    contract = layers.contract()
    page = with_section(page, "layers", layers.picture(contract))
    return with_section(page, "modules", layers.modules(contract))


PAGES: Mapping[str, Callable[[str], str]] = {
    "README.md": readme,
    "docs/architecture.md": architecture,
    "docs/verdicts.md": verdict_table.with_table,
}
"""The pages, each with what brings it up to date."""


def main() -> None:
    """Write the pages anew, and tell which of them changed."""
    for name, updated in PAGES.items():
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = updated(before)
        path.write_text(after, encoding="utf-8")
        print(f"{name}: {'as it was' if before == after else 'changed'}")


if __name__ == "__main__":
    main()
