"""What the pictures were drawn from, kept beside them."""

import json
from pathlib import Path

from tools.pictures.pages import THEMES, digest
from tools.pictures.samples import samples

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "pictures"
NODE = ROOT / "tools" / "node"
STYLESHEET = "github-markdown-css"
"""GitHub's stylesheet for Markdown as a package: https://www.npmjs.com/package/github-markdown-css"""
_MANIFEST = "manifest.json"


def digests() -> dict[str, str]:
    """Return the digest of each picture's source as the code has it now."""
    package = json.loads((NODE / "package.json").read_text(encoding="utf-8"))
    version = package["devDependencies"][STYLESHEET]
    return {name: digest(name, text, version) for name, text in samples().items()}


def drawn(folder: Path = FOLDER) -> dict[str, str]:
    """Return the digest of what each picture in the folder was drawn from."""
    manifest = folder / _MANIFEST
    if not manifest.is_file():
        return {}
    kept: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return {name: it for name, it in kept.items() if all(map(Path.is_file, files(name, folder)))}


def keep(current: dict[str, str], folder: Path = FOLDER) -> None:
    """Write down what the pictures have been drawn from."""
    text = json.dumps(current, indent=2, sort_keys=True)
    (folder / _MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def files(name: str, folder: Path = FOLDER) -> list[Path]:
    """Return the files of a picture, one for each theme."""
    return [folder / f"{name}-{theme}.png" for theme in THEMES]
