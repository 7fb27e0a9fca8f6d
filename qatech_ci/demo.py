"""The action run on a pull request event against the embedded stand-ins, for people to look at."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from .clock import SimulatedClock
from .main import main as run_action
from .sandbox import GitHub, QaTech, Scenario, serving
from .sandbox.serve import HEAD_SHA, PULL_REQUEST, REPOSITORY, ready_made

_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_TOKEN = "stand-in-token"  # noqa: S105 - the stand-in's, worth nothing
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


def demonstrate(out: TextIO, folder: Path | None) -> int:
    """Show a passing and a failing review on `out`; with `folder`, keep each part in a file there.

    Returns 0 where they ended as a passing and a failing review end.
    """
    shown = [run(scenario) for scenario in (Scenario.PASSING, Scenario.FAILING)]
    for each in shown:
        _print(each, out)
        if folder:
            _keep(each, folder)
    return 0 if [each.exit_code for each in shown] == [0, 1] else 1


def run(scenario: Scenario) -> Shown:
    """Run the action once, the stand-in playing `scenario`."""
    clock, log = SimulatedClock(_START), StringIO()
    github = ready_made(clock.now)
    qatech = QaTech(_TOKEN, scenario=scenario, now=clock.now, pace=_PACE)
    with TemporaryDirectory() as name, serving(qatech) as api, serving(github) as forge:
        folder = Path(name)
        environ = _environ(folder, f"{api}/v1", forge)
        exit_code = run_action(environ, log, clock)
        return Shown(
            name=scenario.value,
            log=log.getvalue(),
            comment=_comment(github),
            summary=(folder / "summary").read_text(encoding="utf-8"),
            outputs=(folder / "output").read_text(encoding="utf-8"),
            exit_code=exit_code,
        )


def _environ(folder: Path, api_url: str, github_url: str) -> Mapping[str, str]:
    """Return the environment that the runner gives a container action."""
    (folder / "event.json").write_text(json.dumps(_event()), encoding="utf-8")
    return {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_API_URL": github_url,
        "GITHUB_RUN_ID": "1",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "INPUT_API-TOKEN": _TOKEN,
        "INPUT_GITHUB-TOKEN": _TOKEN,
        "INPUT_API-URL": api_url,
        "INPUT_APPLICATION-OVERRIDES": "app_web: https://shop-pr-7.example.com",
        "INPUT_PREVIEW-TIMEOUT-MINUTES": "0",
    }


def _event() -> Mapping[str, object]:
    return {
        "action": "opened",
        "number": PULL_REQUEST,
        "pull_request": {
            "number": PULL_REQUEST,
            "state": "open",
            "draft": False,
            "head": {
                "sha": HEAD_SHA,
                "ref": "fix-checkout-total",
                "repo": {"full_name": REPOSITORY},
            },
        },
    }


def _comment(github: GitHub) -> str:
    return "\n\n".join(comment.body for comment in github.comments(REPOSITORY, PULL_REQUEST))


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
