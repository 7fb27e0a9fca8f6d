"""The picture of the layers and the list of the modules, from what import-linter enforces."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from .sections import table

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "qatech_ci" / "before"
Layers = tuple[tuple[str, ...], ...]


def contract(path: Path = ROOT / "pyproject.toml") -> Layers:
    """Return the modules of each layer, from the top down, as the contract declares them."""
    declared = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (it["layers"] for it in declared if it["type"] == "layers")
    return tuple(tuple(layer.split(" | ")) for layer in layers)


def picture(layers: Layers) -> str:
    """Return the layers as a Mermaid chart: a box each, an arrow to the next one down."""
    boxes = [f'  L{place}["{" · ".join(modules)}"]' for place, modules in enumerate(layers)]
    arrows = [f"  L{place} --> L{place + 1}" for place in range(len(layers) - 1)]
    return "\n".join(["```mermaid", "flowchart TB", *boxes, *arrows, "```"])


def modules(layers: Layers) -> str:
    """Return the modules as a table, in the order of the layers, in the words of their docstrings.

    Raises `ValueError` where a module says nothing about itself.
    """
    return table(("module", "what it is"), _rows(layers))


def _rows(layers: Layers) -> Iterator[tuple[str, str]]:
    for name in (name for layer in layers for name in layer):
        folder = PACKAGE / name
        path = folder if folder.is_dir() else PACKAGE / f"{name}.py"
        yield f"[`{name}`](../{path.relative_to(ROOT)})", _first_paragraph(path)


def _first_paragraph(path: Path) -> str:
    source = path / "__init__.py" if path.is_dir() else path
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    if not said:
        raise ValueError(f"{path} has no docstring.")
    return " ".join(said.partition("\n\n")[0].split())
