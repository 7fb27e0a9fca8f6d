"""Run the action on a pull request against stand-ins, and show what a user would see of it.

`python -m tools.demo [github|gitlab] [FOLDER]`: a passing and a failing review in simulated time,
on the terminal in short, and whole as pages in the folder, by default build/demo.
"""

import os
import re
import sys
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from qatech_ci.qatech.sandbox import Scenario  # noqa: E402 - as below
from world import Outcome, World, on_github, on_gitlab  # noqa: E402 - the path comes first

__all__ = ["ROOT", "document", "on_github"]

WORLDS = {"github": on_github, "gitlab": on_gitlab}
_SHOWN = 18
"""Lines of a log or comment on the terminal."""
_STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 0; padding: 24px; color: #1f2328; }
main { max-width: 800px; margin: auto; }
section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 16px; margin: 16px 0; }
table { border-collapse: collapse; } td, th { border: 1px solid #d1d9e0; padding: 4px 12px; }
code { background: #818b981f; padding: 2px 5px; border-radius: 6px; font-size: 85%; }
pre { background: #f6f8fa; padding: 16px; overflow: auto; border-radius: 6px; font-size: 85%; }
pre code { background: none; padding: 0; } a { color: #0969da; }
blockquote { border-left: 4px solid #d1d9e0; margin: 0 0 16px; padding: 0 16px; }
.dark { background: #0d1117; color: #f0f6fc; } .dark a { color: #4493f8; }
.dark pre { background: #151b23; } .dark section, .dark td, .dark th { border-color: #3d444d; }
"""


def main(arguments: list[str]) -> int:
    """Show both reviews; return 0 where they ended as a passing and a failing one end."""
    forge = arguments[0] if arguments else "github"
    folder = Path(arguments[1]) if len(arguments) > 1 else ROOT / "build" / "demo"
    codes = []
    for scenario in (Scenario.PASSING, Scenario.FAILING):
        with TemporaryDirectory() as work, WORLDS[forge](Path(work), scenario=scenario) as world:
            outcome = world.run()
        page = keep(folder / scenario.value, world, outcome)
        print("\n".join(told(scenario.value, world, outcome)))
        print(f"Page: {os.path.relpath(page)}\n")
        codes.append(outcome.exit_code)
    return 0 if codes == [0, 1] else 1


def told(name: str, world: World, outcome: Outcome) -> Iterator[str]:
    """Yield what a person wants to know of a run, in short."""
    yield f"A {name} review, played by stand-ins in simulated time: nothing was reviewed"
    yield from ["", "Log:", *shortened(shown_log(outcome.log).splitlines())]
    yield from ["", "Comment:", *shortened(as_text(world.comments[0]).splitlines())]
    yield ""
    yield (
        f"Verdict: {outcome.verdict} · gate: {outcome.outputs['gate']} · "
        f"exit code: {outcome.exit_code}"
    )


def shown_log(log: str) -> str:
    """Return a log as the runner shows it: commands acted upon, masks gone, groups folded."""
    seen = re.sub(r"(?m)^::add-mask::.*\n", "", log)
    seen = re.sub(r"(?ms)^::group::(.*?)\n.*?^::endgroup::", r"▸ \1", seen)
    seen = re.sub(
        r"(?s)\x1b\[0Ksection_start:\S*\r\x1b\[0K(.*?)\n.*?section_end:\S*", r"▸ \1", seen
    )
    seen = re.sub(r"(?m)^::(\w+)( title=[^:]*)?::", lambda it: f"{it[1].title()}: ", seen)
    return re.sub("\x1b\\[[0-9;]*[mK]", "", seen.replace("%0A", "\n  "))


def shortened(lines: list[str]) -> list[str]:
    """Return lines for the terminal: not too many, none too long."""
    kept = [f"  {line[:110]}{'…' if len(line) > 110 else ''}" for line in lines[:_SHOWN]]
    return [*kept, "  …"] if len(lines) > _SHOWN else kept


def as_text(html: str) -> str:
    """Return what a reader sees of a comment, folded parts as their titles."""
    folded = re.sub(
        r"<details><summary>(.*?)</summary>.*?</details>", r"▸ \1\n", html, flags=re.DOTALL
    )
    marked = re.sub(r"<li>", "- ", re.sub(r"<!--.*?-->", "", folded))
    text = unescape(re.sub(r"<[^>]*>", "", marked))
    return re.sub(r"\n{2,}", "\n", text).strip()


def keep(folder: Path, world: World, outcome: Outcome) -> Path:
    """Write log, comment, summary and outputs, and one page with all; return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    comment = world.comments[0]
    (folder / "log.txt").write_text(outcome.log, encoding="utf-8")
    (folder / "comment.html").write_text(comment, encoding="utf-8")
    (folder / "summary.html").write_text(outcome.summary, encoding="utf-8")
    outputs = "".join(f"{name}={value}\n" for name, value in outcome.outputs.items())
    (folder / "outputs.txt").write_text(outputs, encoding="utf-8")
    parts = {
        "Comment": comment,
        "Job summary": outcome.summary,
        "Log": f"<pre>{escape(shown_log(outcome.log))}</pre>",
    }
    sections = [f"<h2>{name}</h2><section>{body}</section>" for name, body in parts.items()]
    page = folder / "page.html"
    page.write_text(document("".join(sections)), encoding="utf-8")
    return page


def document(body: str, theme: str = "light") -> str:
    """Return a page around what GitHub would show."""
    head = f"<meta charset=utf-8><title>qatech-ci</title><style>{_STYLE}</style>"
    return f"<!doctype html>{head}<body class={theme}><main>{body}</main></body>\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
