"""Runs that die, and runs beside each other, as real processes."""

import io
import multiprocessing
import signal
import subprocess
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from qatech_ci.before.main import main
from qatech_ci.before.sandbox import Scenario
from old_stand_ins import Job, services
from test_entrypoint import COMMAND, run

ROUNDS = 100


@pytest.mark.slow
def test_a_run_that_was_killed_is_taken_up(tmp_path: Path) -> None:
    """SIGKILL while it polls, then again: one start request, one comment with the verdict."""
    job = Job(tmp_path)
    with services(Scenario.PASSING, pace=2) as its:
        environ = job.environ(its)
        process = subprocess.Popen(COMMAND, env=environ, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        while not any("receipt" in body for body in its.comments()):
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        assert not job.outputs
        done = run(environ, tmp_path)
        assert len(its.starts()) == 1
        (comment,) = its.comments()
    assert done.returncode == 0
    assert "QA.tech review: passed" in comment
    assert "Review taken up" in done.stdout


@pytest.mark.slow
def test_runs_that_start_at_the_same_instant_end_with_one_comment(tmp_path: Path) -> None:
    """Two processes for the same pull request, a hundred times."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["qatech_ci.before.main"])
    barrier = context.Barrier(2)
    for _ in range(ROUNDS):
        with services() as its:
            environs = [Job(tmp_path).environ(its, wait="false") for _ in range(2)]
            for number, environ in enumerate(environs, start=1):
                environ["GITHUB_RUN_ID"] = str(number)
            pair = [context.Process(target=start, args=(barrier, environ)) for environ in environs]
            for process in pair:
                process.start()
            for process in pair:
                process.join(timeout=60)
            assert [process.exitcode for process in pair] == [0, 0]
            assert len(its.comments()) == 1


def start(barrier: Barrier, environ: dict[str, str]) -> None:
    """Run the action when the other process is ready too."""
    barrier.wait(timeout=60)
    raise SystemExit(main(environ, io.StringIO()))
