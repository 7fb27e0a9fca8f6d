"""The action run on a pull request against the embedded stand-ins, for people to look at."""

from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from .clock import SimulatedClock
from .main import main as run_action
from .sandbox import QaTech, Scenario, serving
from .scenes import SCENES, TOKEN

_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_PACE = 45.0
"""Simulated seconds that a review takes."""


@dataclass(frozen=True)
class Shown:
    """What a user would see of one run."""

    name: str
    log: str
    comment: str
    summary: str
    outputs: str
    exit_code: int


def demonstrate(out: TextIO, folder: Path | None, forge: str = "github") -> int:
    """Show a passing and a failing review on `out`; with `folder`, keep each part in a file there.

    Returns 0 where they ended as a passing and a failing review end.
    """
    shown = [run(scenario, forge) for scenario in (Scenario.PASSING, Scenario.FAILING)]
    for each in shown:
        _print(each, out)
        if folder:
            _keep(each, folder)
    return 0 if [each.exit_code for each in shown] == [0, 1] else 1


def run(scenario: Scenario, forge: str = "github") -> Shown:
    """Run the action once on a forge, QA.tech's stand-in playing `scenario`."""
    clock, log = SimulatedClock(_START), StringIO()
    scene = SCENES[forge](clock.now)
    qatech = QaTech(TOKEN, scenario=scenario, now=clock.now, pace=_PACE)
    with TemporaryDirectory() as name, serving(qatech) as api, serving(scene.app) as forge_url:
        folder = Path(name)
        exit_code = run_action(scene.environ(folder, f"{api}/v1", forge_url), log, clock)
        return Shown(
            name=scenario.value,
            log=log.getvalue(),
            comment=scene.comment(),
            summary=(folder / scene.summary).read_text(encoding="utf-8"),
            outputs=(folder / scene.outputs).read_text(encoding="utf-8"),
            exit_code=exit_code,
        )


def _print(shown: Shown, out: TextIO) -> None:
    title = f"A {shown.name} review, played by stand-ins in simulated time"
    parts = {
        "Log": shown.log,
        "Comment on the pull request": shown.comment,
        "Job summary": shown.summary,
        "Outputs": shown.outputs,
        "Exit code": str(shown.exit_code),
    }
    print(f"{title}\n{'=' * len(title)}\n", file=out)
    for name, text in parts.items():
        print(f"{name}\n{'-' * len(name)}\n{text.strip()}\n", file=out)


def _keep(shown: Shown, folder: Path) -> None:
    target = folder / shown.name
    target.mkdir(parents=True, exist_ok=True)
    (target / "log.txt").write_text(shown.log, encoding="utf-8")
    (target / "comment.md").write_text(shown.comment, encoding="utf-8")
    (target / "summary.md").write_text(shown.summary, encoding="utf-8")
    (target / "outputs.txt").write_text(shown.outputs, encoding="utf-8")
    (target / "exit-code.txt").write_text(f"{shown.exit_code}\n", encoding="utf-8")
