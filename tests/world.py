"""A run of the action against stand-ins, in simulated time, as a test sees it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from qatech_ci.http.deadline import Clock
from qatech_ci.main import main
from qatech_ci.qatech.sandbox import Question, Scenario, serving
from stand_ins import github, gitlab, server
from stand_ins.qatech import QaTech
from stand_ins.server import App

PACE = 45.0
"""Simulated seconds that a reply takes."""


class SimulatedClock(Clock):
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def monotonic(self) -> float:
        """Return seconds since the start."""
        return self.elapsed

    def now(self) -> datetime:
        """Return the date and time."""
        return datetime(2026, 1, 5, 9, 0, tzinfo=UTC) + timedelta(seconds=self.elapsed)

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting."""
        self.elapsed += seconds

    def random(self) -> float:
        """Return the middle of the range."""
        return 0.5


@dataclass(frozen=True)
class Outcome:
    """What a run leaves behind."""

    exit_code: int
    log: str
    summary: str
    outputs: dict[str, str]

    @property
    def verdict(self) -> str:
        """The output `verdict`."""
        return self.outputs.get("verdict", "")

    @property
    def result(self) -> dict[str, Any]:
        """The output `result`."""
        document: dict[str, Any] = json.loads(self.outputs["result"])
        return document


@dataclass
class World:
    """GitHub or GitLab, QA.tech and a clock, all stood in for. Inputs have underscores."""

    folder: Path
    clock: SimulatedClock
    forge: Any
    qatech: QaTech
    forge_url: str
    qatech_url: str
    environ: Callable[..., dict[str, str]]
    run_number: int = 0
    changes: dict[str, str] = field(default_factory=dict)
    """Variables that each run has in place of the usual ones."""

    def run(self, *event: github.Event, **inputs: str) -> Outcome:
        """Run the action once, each time as the next run of the workflow."""
        return self._run(event, inputs, is_check=False)

    def check(self, *event: github.Event, **inputs: str) -> Outcome:
        """Do what `qatech-ci check` does."""
        return self._run(event, inputs, is_check=True)

    def _run(
        self, event: tuple[github.Event, ...], inputs: dict[str, str], *, is_check: bool
    ) -> Outcome:
        self.run_number += 1
        folder = self.folder / str(self.run_number)
        folder.mkdir()
        environ = self.environ(folder, self.forge_url, self.qatech_url, *event, **inputs)
        number = {"GITHUB_RUN_ID": str(self.run_number), "CI_PIPELINE_ID": str(self.run_number)}
        log = StringIO()
        code = main({**environ, **number, **self.changes}, log, self.clock, is_check=is_check)
        return Outcome(
            code,
            log.getvalue(),
            _text(folder / "summary") or _text(folder / "qatech-summary.md"),
            read_outputs(_text(folder / "output")) or _dotenv(_text(folder / "qatech.env")),
        )

    @property
    def comments(self) -> list[str]:
        """The bodies of the pull request's comments, or the merge request's notes."""
        written = getattr(self.forge, "comments", None) or getattr(self.forge, "notes", [])
        return [it["body"] for it in written if not it.get("system")]

    @property
    def starts(self) -> int:
        """How many requests have started a review."""
        return sum(it.path.endswith("/change-review") for it in self.qatech.requests)


@contextmanager
def on_github(
    folder: Path,
    *,
    scenario: Scenario | None = None,
    reply: Callable[[Question], str] = lambda question: question.usual,
    between: Callable[[App], App] = lambda app: app,
) -> Iterator[World]:
    """Yield a world with the pull request 7; `between` may put faults before GitHub."""
    clock = SimulatedClock()
    forge = github.GitHub(clock.now)
    qatech = QaTech(
        token=github.API_TOKEN, scenario=scenario, now=clock.now, pace=PACE, reply=reply
    )
    with ExitStack() as stack:
        forge_url = stack.enter_context(server.serving(between(forge)))
        qatech_url = stack.enter_context(serving(qatech))
        yield World(folder, clock, forge, qatech, forge_url, qatech_url, github.environ)


@contextmanager
def on_gitlab(folder: Path, *, scenario: Scenario | None = None) -> Iterator[World]:
    """Yield a world with the merge request !7."""
    clock = SimulatedClock()
    forge = gitlab.GitLab(clock.now)
    qatech = QaTech(token=github.API_TOKEN, scenario=scenario, now=clock.now, pace=PACE)
    with ExitStack() as stack:
        forge_url = stack.enter_context(server.serving(forge))
        qatech_url = stack.enter_context(serving(qatech))
        yield World(folder, clock, forge, qatech, forge_url, qatech_url, gitlab.environ)


def read_outputs(text: str) -> dict[str, str]:
    """Read `GITHUB_OUTPUT` back as the runner does: `name<<DELIMITER`, lines, `DELIMITER`."""
    found = re.finditer(r"^([\w-]+)<<(\S+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
    return {it[1]: it[3] for it in found}


def _dotenv(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {
        name.removeprefix("QATECH_").lower().replace("_", "-"): value for name, _, value in pairs
    }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
