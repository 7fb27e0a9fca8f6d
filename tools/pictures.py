"""Draw the pictures of the documents with Chromium: `python -m tools.pictures`.

A failed and a passed review's comment and a summary, for light and dark pages.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from qatech_ci.qatech.sandbox import Question, Scenario

from .demo import ROOT, document, on_github

FOLDER = ROOT / "docs" / "pictures"
_WIDTH = 860
_HEIGHTS = {"comment-failed": 560, "comment-passed": 280, "summary": 800}
"""Pixels, as much as the page needs."""


def main() -> int:
    """Draw each picture; return 1 where there is no Chromium."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("There is no Chromium on PATH to draw with.")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, body in pages():
        for theme in ("light", "dark"):
            draw(browser, document(f"<section>{body}</section>", theme), name, theme)
            print(f"docs/pictures/{name}-{theme}.png")
    return 0


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the HTML of each picture."""
    for name, scenario in (("failed", Scenario.FAILING), ("passed", Scenario.PASSING)):
        with TemporaryDirectory() as folder, on_github(Path(folder), reply=_said) as world:
            url = f"app_web: https://shop-pr-7.{scenario.value}.example.com"
            outcome = world.run(application_overrides=url)
        yield f"comment-{name}", world.comments[0]
        if scenario is Scenario.FAILING:
            yield "summary", outcome.summary


def _said(question: Question) -> str:
    """Return a reply in the manner of a review; which one, the preview's URL tells."""
    url = question.body["applicationOverrides"][0]["environment"]["url"]
    block = _FAILED if "failing" in url else {"verdict": "passed", "tested": _TESTED}
    lead = "The discount is not taken off." if "failing" in url else "All of it works."
    return f"{lead}\n\n```qatech-verdict\n{json.dumps({'nonce': question.nonce, **block})}\n```"


_TESTED = ["Apply a discount code", "Check out as a guest", "See the total in the order"]
_FAILED = {
    "verdict": "failed",
    "reasons": ["The total in the basket ignores the discount code."],
    "tested": _TESTED,
    "failures": [
        {
            "title": _TESTED[0],
            "details": "1. Put a mug into the basket\n2. Enter the code `SUMMER`\n"
            "3. Press **Apply**\nExpected: the total is 9.00 €.\nFound: the total stays 12.00 €.",
        }
    ],
}


def draw(browser: str, page: str, name: str, theme: str) -> None:
    """Draw one page. Chromium is kept from asking for anything on the network."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--hide-scrollbars",
            "--force-device-scale-factor=2",
            f"--user-data-dir={folder}/profile",
            f"--window-size={_WIDTH},{_HEIGHTS[name]}",
            f"--screenshot={FOLDER / f'{name}-{theme}.png'}",
            source.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
