"""The tables of inputs and outputs, from action.yml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .sections import table

METADATA = Path(__file__).parent.parent / "action.yml"


def declared(path: Path = METADATA) -> Mapping[str, Any]:
    """Return what action.yml declares."""
    metadata: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return metadata


def inputs(metadata: Mapping[str, Any]) -> str:
    """Return the inputs, each with its default and its meaning."""
    rows = (
        (f"`{name}`", _default(about), about["description"])
        for name, about in metadata["inputs"].items()
    )
    return table(("input", "default", "meaning"), rows)


def outputs(metadata: Mapping[str, Any]) -> str:
    """Return the outputs, each with what it holds."""
    rows = ((f"`{name}`", about["description"]) for name, about in metadata["outputs"].items())
    return table(("output", "value"), rows)


def _default(about: Mapping[str, str]) -> str:
    return f"`{about['default']}`" if about.get("default") else ""
