"""The entry point as a process: signals and the deadline in every state, hostile surroundings."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from signal import Signals
from threading import Event, Timer

import pytest

from containers import ROOT
from qatech_ci.qatech.sandbox import Scenario
from qatech_ci.report.page import TITLE
from stand_ins import github, server
from stand_ins.qatech import QaTech, QaTechApp
from stand_ins.server import DRIP, HANG, Fault, Faults, Request
from world import read_outputs

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-I", str(ROOT / "entrypoint.py")]
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
EXIT_CODES = {0, 1, 2, *CODES.values()}
_PATIENCE = 60.0
"""Seconds until a process that should have ended is killed: too many for a slow machine."""
_CLI = "import sys; from qatech_ci.cli import main; sys.exit(main([]))"
_EITHER = pytest.mark.parametrize("number", list(CODES), ids=lambda number: number.name)


@dataclass
class Trouble:
    """Answers to requests whose method and path hold `line` that do not come, or drip.

    All of them or only the first; `is_reached` is set with it.
    """

    line: str
    fault: Fault = HANG
    is_lasting: bool = True
    is_reached: Event = field(default_factory=Event)

    def decide(self, _: int, request: Request) -> Fault | None:
        """Return what comes in place of the answer."""
        is_over = self.is_reached.is_set() and not self.is_lasting
        if self.line not in request.line or is_over:
            return None
        self.is_reached.set()
        return self.fault


@dataclass
class Stage:
    """Both services, and the folder in which a run leaves what it writes."""

    folder: Path
    forge: github.GitHub
    qatech: QaTechApp
    forge_url: str
    qatech_url: str

    @contextmanager
    def started(self, *options: str, **inputs: str) -> Iterator["subprocess.Popen[str]"]:
        """Start a run; at the end wait for it. A run that does not end is killed."""
        environ = github.environ(self.folder, self.forge_url, self.qatech_url, None, **inputs)
        with subprocess.Popen(
            [COMMAND[0], *options, *COMMAND[1:]],
            env={"PATH": os.environ["PATH"], **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            watchdog = Timer(_PATIENCE, process.kill)
            watchdog.start()
            try:
                yield process
                process.communicate()
            finally:
                watchdog.cancel()
                process.kill()
        assert process.returncode in EXIT_CODES

    def run(self, **inputs: str) -> int:
        """Run to the end, and return the exit code."""
        with self.started(**inputs) as process:
            pass
        return process.returncode

    @property
    def summary(self) -> str:
        """The first line of the job summary."""
        return (self.folder / "summary").read_text(encoding="utf-8").split("\n")[0]

    @property
    def comment(self) -> str:
        """The first line of the only comment; empty without one."""
        assert len(self.forge.comments) < 2
        return "".join(it["body"].split("\n")[0] for it in self.forge.comments)

    @property
    def verdict(self) -> str:
        """The output `verdict`."""
        return read_outputs((self.folder / "output").read_text(encoding="utf-8"))["verdict"]


@contextmanager
def stage(
    folder: Path,
    *,
    at_github: Trouble | None = None,
    at_qatech: Trouble | None = None,
    scenario: Scenario = Scenario.NEVER,
    text: str = "",
) -> Iterator[Stage]:
    """Serve a review that does not end by itself; `text` is all that the reviewer says."""

    def now() -> datetime:
        return datetime.now(UTC)

    sandbox = QaTech(
        token=github.API_TOKEN,
        scenario=scenario,
        now=now,
        pace=0.1,
        reply=lambda question: text or question.usual,
    )
    forge, qatech = github.GitHub(now), QaTechApp(sandbox)
    with ExitStack() as stack:
        before_github = Faults(forge, at_github.decide) if at_github else forge
        before_qatech = Faults(qatech, at_qatech.decide) if at_qatech else qatech
        forge_url = stack.enter_context(server.serving(before_github))
        qatech_url = stack.enter_context(server.serving(before_qatech))
        yield Stage(folder, forge, qatech, forge_url, f"{qatech_url}/v1")


def until_said(process: "subprocess.Popen[str]", words: str) -> None:
    """Read the log until it says something."""
    assert process.stdout
    assert any(words in line for line in process.stdout), "The run ended before it said that."


_LOOK, _START, _COMMENTS = "GET /v1/chat/", "POST /v1/chat/change-review", "/issues/7/comments"
_PREVIEW = {
    "application_overrides": "app_web: http://127.0.0.1:1/",
    "allowed_preview_hosts": "127.0.0.1",
    "preview_timeout_minutes": "5",
}
_DEPLOYMENT = {
    "application_overrides": "app_web: {deployment: Preview}",
    "preview_timeout_minutes": "5",
}


@_EITHER
@pytest.mark.parametrize(
    ("words", "inputs", "has_comment"),
    [
        ("127.0.0.1:1", _PREVIEW, False),
        ("Waiting for a deployment", _DEPLOYMENT, False),
        ("Review started", {}, True),
    ],
    ids=["preview", "deployment", "reply"],
)
def test_a_signal_ends_a_run_that_waits(
    tmp_path: Path,
    number: Signals,
    words: str,
    inputs: Mapping[str, str],
    has_comment: bool,  # noqa: FBT001 - a table
) -> None:
    """Comment, summary and outputs say cancelled."""
    with stage(tmp_path) as its:
        with its.started(**inputs) as process:
            until_said(process, words)
            process.send_signal(number)
        assert process.returncode == CODES[number]
        assert its.verdict == "cancelled"
        assert f"{TITLE} cancelled" in its.summary
        assert f"{TITLE} cancelled" in its.comment
        assert any(_START in it.line for it in its.qatech.requests) is has_comment


@_EITHER
@pytest.mark.parametrize("fault", [HANG, DRIP], ids=["hangs", "drips"])
@pytest.mark.parametrize("line", [_COMMENTS, _START, _LOOK])
def test_a_signal_ends_a_run_that_is_not_answered(
    tmp_path: Path, number: Signals, fault: Fault, line: str
) -> None:
    """GitHub at the first look, QA.tech at the start and while polling, and never again."""
    trouble = Trouble(line, fault)
    with stage(tmp_path, at_github=trouble, at_qatech=trouble) as its:
        if line == _LOOK:
            # The next run continues what this one starts, so it looks at once.
            assert its.run(wait="false") == 0
            (tmp_path / "summary").unlink()
        with its.started() as process:
            assert trouble.is_reached.wait(_PATIENCE)
            process.send_signal(number)
        assert process.returncode == CODES[number]
        assert its.verdict == "cancelled"
        assert f"{TITLE} cancelled" in its.summary
        assert line == _COMMENTS or f"{TITLE} cancelled" in its.comment


@_EITHER
@pytest.mark.parametrize("is_lasting", [True, False], ids=["all hang", "one hangs"])
def test_a_signal_while_reporting_leaves_the_verdict(
    tmp_path: Path,
    number: Signals,
    is_lasting: bool,  # noqa: FBT001 - a table
) -> None:
    """The first verdict wins; the exit code tells of the signal."""
    trouble = Trouble(f"POST /repos/{github.REPOSITORY}{_COMMENTS}", is_lasting=is_lasting)
    with stage(tmp_path, at_github=trouble) as its:
        with its.started(wait="false") as process:
            assert trouble.is_reached.wait(_PATIENCE)
            process.send_signal(number)
        assert process.returncode == CODES[number]
        assert its.verdict == "started"
        assert f"{TITLE} started" in its.summary


@_EITHER
def test_a_signal_beside_an_error_leaves_what_that_says(tmp_path: Path, number: Signals) -> None:
    """The status is still being set; the exit code tells of the signal."""
    trouble = Trouble(f"POST /repos/{github.REPOSITORY}/statuses")
    with stage(tmp_path, at_github=trouble) as its:
        its.forge.diffs["7"] = None
        with its.started(mode="raw-changes", commit_status="on") as process:
            assert trouble.is_reached.wait(_PATIENCE)
            process.send_signal(number)
        assert process.returncode == CODES[number]
        told = (tmp_path / "summary").read_text(encoding="utf-8")
        assert "The diff is larger than GitHub gives" in told


def test_a_second_signal_is_ignored(tmp_path: Path) -> None:
    """The runner sends SIGINT and SIGTERM after it: the first one counts, and is reported."""
    starting = Trouble(_START)
    reporting = Trouble(f"POST /repos/{github.REPOSITORY}{_COMMENTS}", DRIP)
    with stage(tmp_path, at_qatech=starting, at_github=reporting) as its:
        with its.started() as process:
            assert starting.is_reached.wait(_PATIENCE)
            process.send_signal(signal.SIGINT)
            assert reporting.is_reached.wait(_PATIENCE)
            process.send_signal(signal.SIGTERM)
        assert process.returncode == CODES[signal.SIGINT]
        assert its.verdict == "cancelled"
        assert f"{TITLE} cancelled" in its.summary
        assert f"{TITLE} cancelled" in its.comment


@_EITHER
def test_a_signal_while_python_imports_ends_it(tmp_path: Path, number: Signals) -> None:
    """Process 1 ignores SIGTERM until there is a handler, so that comes before the imports."""
    with stage(tmp_path) as its:
        with its.started("-X", "importtime") as process:
            assert process.stderr
            assert any("qatech_ci.errors" in line for line in process.stderr)
            process.send_signal(number)
        assert process.returncode == CODES[number]
        assert not its.qatech.requests


@pytest.mark.parametrize("fault", [HANG, DRIP], ids=["hangs", "drips"])
@pytest.mark.parametrize("line", [_START, _COMMENTS])
def test_the_deadline_ends_a_run_that_is_not_answered(
    tmp_path: Path, fault: Fault, line: str
) -> None:
    """Three seconds: `timed-out`, the gate is closed, and all of it is reported."""
    trouble = Trouble(line, fault, is_lasting=False)
    with stage(tmp_path, at_github=trouble, at_qatech=trouble) as its:
        assert its.run(timeout_minutes="0.05") == 1
        assert trouble.is_reached.is_set()
        assert its.verdict == "timed-out"
        assert f"{TITLE} timed-out" in its.summary
        assert f"{TITLE} timed-out" in its.comment


_HOSTILE = "![" * 100_000


def test_a_hostile_reply_does_not_hold_a_signal_up(tmp_path: Path) -> None:
    """A reply that takes parsers seconds is in the comment, which says cancelled."""
    with stage(tmp_path, text=_HOSTILE) as its:
        assert its.run(wait="false") == 0
        with its.started() as process:
            until_said(process, "The reviewer is writing")
            process.send_signal(signal.SIGTERM)
        assert process.returncode == CODES[signal.SIGTERM]
        assert f"{TITLE} cancelled" in its.comment
        assert its.forge.comments[0]["body"].count("[") > 1000


def test_a_hostile_reply_is_reported(tmp_path: Path) -> None:
    """It has no verdict block, whoever asks for it, and so no verdict."""
    with stage(tmp_path, scenario=Scenario.MUTE, text=_HOSTILE) as its:
        assert its.run(wait="false") == 0
        assert its.run() == 1
        assert its.verdict == "unknown"
        assert f"{TITLE} unknown" in its.comment


_STRANGER = "import os, pathlib; pathlib.Path(os.environ['TRACE']).touch(); raise SystemExit(99)\n"


def test_a_hostile_workspace_has_no_say(tmp_path: Path) -> None:
    """On `pull_request_target` it is a stranger's code, and none of it is executed."""
    workspace, trace = tmp_path / "workspace", tmp_path / "trace"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    user_site = f".local/lib/{version}/site-packages"
    for folder in (".", user_site):
        for name in ("requests.py", "sitecustomize.py", "usercustomize.py", "github/__init__.py"):
            path = workspace / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_STRANGER)
    (workspace / user_site / "stranger.pth").write_text(_STRANGER)
    with stage(tmp_path) as its:
        done = subprocess.run(
            COMMAND,
            env={
                **github.environ(tmp_path, its.forge_url, its.qatech_url, None, wait="false"),
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(workspace),
                "PYTHONSTARTUP": str(workspace / "requests.py"),
                "HOME": str(workspace),
                "TRACE": str(trace),
            },
            cwd=workspace,
            timeout=_PATIENCE,
            check=False,
        )
        assert (done.returncode, trace.exists()) == (0, False)
        assert its.verdict == "started"


@pytest.mark.parametrize("options", [(), ("-c", _CLI)], ids=["entry point", "command"])
@pytest.mark.parametrize("inputs", [{"wait": "false"}, {"wait": "perhaps"}], ids=["runs", "not"])
def test_a_log_that_nobody_reads_changes_nothing(
    tmp_path: Path, inputs: Mapping[str, str], options: Sequence[str]
) -> None:
    """Neither what is reported nor the exit code."""
    code = 0 if inputs["wait"] == "false" else 2
    with stage(tmp_path) as its:
        with its.started(*options, **inputs) as process:
            assert process.stdout
            process.stdout.close()
            process.stdout = None
        assert process.returncode == code
        assert its.summary


def test_a_line_that_the_log_has_no_letters_for_does_not_end_it(tmp_path: Path) -> None:
    """The others are printed."""
    done = subprocess.run(
        [sys.executable, COMMAND[-1]],
        env={"PYTHONIOENCODING": "ascii", "INPUT_MODE": "käse"},
        cwd=tmp_path,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, b"")
    assert b"`mode`" not in done.stdout
    assert b"`application-overrides` is not set" in done.stdout


def test_text_that_the_locale_has_no_letters_for_is_told(tmp_path: Path) -> None:
    """A container may have no locale; bad input is an annotation, and no traceback."""
    done = subprocess.run(
        COMMAND,
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "INPUT_WAIT": "käse"},
        cwd=tmp_path,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, b"")
    assert b"::error title=QA.tech review::" in done.stdout
