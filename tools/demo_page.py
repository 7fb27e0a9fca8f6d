"""Puts what the demonstration kept on one HTML page, the Markdown rendered as GitHub renders it."""

import sys
from html import escape
from pathlib import Path

from tools.pictures.pages import body

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { border: 1px solid #8886; border-radius: 6px; padding: 0 1rem 1rem; margin: 1rem 0; }
pre { overflow-x: auto; background: #8881; padding: 1rem; border-radius: 6px; }
table { border-collapse: collapse; } th, td { border: 1px solid #8886; padding: .4rem .8rem; }
.markdown-alert { border-left: .25em solid #fc0; padding: 0 1rem; margin: 1rem 0; }
.markdown-alert-title { font-weight: bold; } .octicon { vertical-align: text-bottom; }
.note { background: #fc03; padding: .5rem 1rem; border-radius: 6px; }
"""
_PARTS = {
    "Comment on the pull request": "comment.md",
    "Job summary": "summary.md",
    "Log": "log.txt",
    "Outputs": "outputs.txt",
    "Exit code": "exit-code.txt",
}


def page(folder: Path) -> str:
    """Return the page for the runs that are kept in `folder`, a folder each."""
    runs = "\n".join(_run(run) for run in sorted(folder.iterdir(), reverse=True) if run.is_dir())
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>qatech-ci</title>"
        f"<style>{_STYLE}</style><h1>What the action shows</h1><p class='note'>Played by "
        f"stand-ins for QA.tech and GitHub, in simulated time: no agent ran.</p>{runs}</html>\n"
    )


def _run(folder: Path) -> str:
    parts = "\n".join(_part(title, folder / name) for title, name in _PARTS.items())
    return f"<h2>A {escape(folder.name)} review</h2>\n{parts}"


def _part(title: str, path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    shown = body(text) if path.suffix == ".md" else f"<pre>{escape(text)}</pre>"
    return f"<section><h3>{title}</h3>\n{shown}</section>"


def main() -> None:
    """Write the page beside the runs and say where it is."""
    folder = Path(sys.argv[1])
    target = folder / "index.html"
    target.write_text(page(folder), encoding="utf-8")
    print(f"As one page, rendered by GitHub's Markdown implementation: {target.resolve()}")


if __name__ == "__main__":
    main()
