"""Headless Chromium, which draws a page."""

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.pictures.png import small

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Without a sandbox of its own Chromium runs as root, too; it opens our pages alone. The others
# keep it from the network.
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_PATIENCE = 60
"""Seconds for one page."""
MISSING = (
    "No Chromium was found, and the pictures are drawn by one. Install it with fonts, on Debian:\n"
    "  apt-get install chromium fonts-noto-core fonts-noto-color-emoji fonts-liberation"
)


def chromium(path: str | None = None) -> str:
    """Return where Chromium is among the folders in `path`, by default `PATH`; or nothing."""
    return next(filter(None, (shutil.which(name, path=path) for name in _NAMES)), "")


def draw(browser: str, html: str, width: int, target: Path) -> None:
    """Draw a page that tells its height in `data-height`, `width` pixels wide, as a PNG.

    Raises `CalledProcessError` where Chromium fails.
    """
    with TemporaryDirectory() as name:
        source = Path(name, "page.html")
        source.write_text(html, encoding="utf-8")
        dom = _run(browser, name, width, 600, "--dump-dom", source.as_uri())
        (height,) = re.findall(r'<html[^>]* data-height="(\d+)"', dom)
        shot = Path(name, "page.png")
        _run(browser, name, width, int(height), f"--screenshot={shot}", source.as_uri())
        target.write_bytes(small(shot.read_bytes()))


def _run(browser: str, home: str, width: int, height: int, *order: str) -> str:
    size = f"--window-size={width},{height}"
    command = [browser, *_FLAGS, f"--user-data-dir={home}/profile", size, *order]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=_PATIENCE, check=True
    ).stdout
