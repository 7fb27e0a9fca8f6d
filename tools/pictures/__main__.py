"""Draws the pictures whose source has changed, and drops those that have none any more."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.pictures.browser import MISSING, chromium, draw
from tools.pictures.pages import THEMES, WIDTH, page
from tools.pictures.record import FOLDER, NODE, STYLESHEET, digests, drawn, files, keep
from tools.pictures.samples import samples

_NO_NPM = "npm was not found. It fetches GitHub's stylesheet: install Node.js."


def main() -> None:
    """Bring the pictures in the documents up to date."""
    print(update(FOLDER))


def update(folder: Path, path: str | None = None) -> str:
    """Bring the pictures in a folder up to date and return what was done.

    `path` lists the folders with programs, by default `PATH`. Raises `SystemExit` with what to
    install where a picture has to be drawn and cannot be.
    """
    current, before, texts = digests(), drawn(folder), samples()
    stale = {name: texts[name] for name in current if before.get(name) != current[name]}
    if stale:
        _draw(stale, folder, path)
    wanted = {file for name in current for file in files(name, folder)}
    for file in set(folder.glob("*.png")) - wanted:
        file.unlink()
    keep(current, folder)
    return f"{len(stale)} of {len(current)} pictures were drawn anew in {folder}."


def _draw(texts: Mapping[str, str], folder: Path, path: str | None) -> None:
    browser = chromium(path) or sys.exit(MISSING)
    npm = shutil.which("npm", path=path) or sys.exit(_NO_NPM)
    sheets = _stylesheets(npm)
    for name, text in texts.items():
        for theme, target in zip(THEMES, files(name, folder), strict=True):
            draw(browser, page(name, text, theme, sheets[theme]), WIDTH, target)


def _stylesheets(npm: str) -> dict[str, str]:
    """Return GitHub's stylesheet for each theme, fetched as the lock has it."""
    with TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE / name, folder)
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(install, cwd=folder, check=True)
        package = Path(folder, "node_modules", STYLESHEET)
        sheets = {theme: package / f"github-markdown-{theme}.css" for theme in THEMES}
        return {theme: sheet.read_text(encoding="utf-8") for theme, sheet in sheets.items()}


if __name__ == "__main__":
    main()
