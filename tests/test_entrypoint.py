"""The entry point as a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from containers import ROOT
from qatech_ci.before.sandbox import Scenario
from old_stand_ins import Job, services

COMMAND = [sys.executable, "-I", str(ROOT / "entrypoint.py")]


def run(environ: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the entry point."""
    return subprocess.run(
        COMMAND,
        env={"PATH": os.environ["PATH"]} | environ,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "exit_code", "verdict"),
    [(Scenario.PASSING, 0, "passed"), (Scenario.FAILING, 1, "failed")],
)
def test_a_review_in_real_time(
    tmp_path: Path,
    scenario: Scenario,
    exit_code: int,
    verdict: str,
) -> None:
    """With the machine's clock: the exit code of the process is the gate."""
    job = Job(tmp_path)
    with services(scenario) as its:
        done = run(job.environ(its), tmp_path)
        assert len(its.starts()) == 1
        assert len(its.comments()) == 1
    assert (done.returncode, done.stderr) == (exit_code, "")
    assert job.outputs["verdict"] == verdict


def test_bad_input_is_told_on_the_log(tmp_path: Path) -> None:
    """Exit code 2, one annotation, nothing on the error stream."""
    done = run({}, tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("::error title=QA.tech review::`application-overrides` is not")


def test_text_that_the_locale_has_no_letters_for_is_printed_all_the_same(tmp_path: Path) -> None:
    """A container has no locale."""
    done = run({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "INPUT_WAIT": "käse"}, tmp_path)
    assert done.returncode == 2
    assert "se" in done.stdout


def test_sigterm_ends_the_process_as_cancelled(tmp_path: Path) -> None:
    """While it waits for the reply; comment, summary and outputs say so."""
    job = Job(tmp_path)
    with services(Scenario.NEVER, pace=1000) as its:
        process = subprocess.Popen(
            COMMAND,
            env={"PATH": os.environ["PATH"]} | job.environ(its),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        while "Review started" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        (comment,) = its.comments()
    assert process.returncode == 143
    assert "QA.tech review: cancelled" in comment
    assert "QA.tech review: cancelled" in job.summary
    assert job.outputs["verdict"] == "cancelled"
