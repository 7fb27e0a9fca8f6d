"""From the start of the process to the start request on the wire, and the memory it takes by then.

The baseline is Python that does nothing, `python -I -c pass`, from its start to its end.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.doorman import Doorman, doorman
from benchmarks.job import Occasion, Services, environ, ready_github
from qatech_ci.before.sandbox import serving

ROUNDS = 25
_PATIENCE = 30.0
_ENTRY_POINT = Path(__file__).parent.parent / "entrypoint.py"
_PYTHON = (sys.executable, "-I")
_WAITING = "print(flush=True); input()"
OCCASIONS: Mapping[str, Occasion] = {
    "first attempt": Occasion(),
    "second attempt": Occasion(attempt=2),
}
"""Either looks first for what an earlier run has done, with a request to GitHub, here to the
stand-in on the same machine."""


@dataclass
class _Series:
    """The rounds of one kind of run."""

    seconds: list[float] = field(default_factory=list)
    kib: list[int] = field(default_factory=list)
    """Resident memory."""

    def told(self, baseline: "_Series") -> dict[str, float]:
        """Return the medians and their ratios to the baseline.

        The ratio of the quickest rounds holds on a machine that is busy with something else too.
        """
        seconds, kib = median(self.seconds), median(self.kib)
        return {
            "ms": round(1000 * seconds, 1),
            "x bare": round(seconds / median(baseline.seconds), 2),
            "x bare, quickest": round(min(self.seconds) / min(baseline.seconds), 2),
            "MB": round(kib * 1024 / 1e6, 1),
            "x bare memory": round(kib / median(baseline.kib), 2),
        }


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the medians of interleaved rounds, so that a busy moment hits all kinds alike."""
    bare, subjects = _Series(), {name: _Series() for name in OCCASIONS}
    with ExitStack() as stack:
        standing = stack.enter_context(doorman())
        github = stack.enter_context(serving(ready_github(comments=10)))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        # The first round of each fills the machine's caches and does not count.
        for number in range(rounds + 1):
            series = {"bare": bare, **subjects} if number else None
            for name, it in _round(standing, folder, Services(standing.url, github)):
                if series:
                    series[name].seconds.append(it[0])
                    series[name].kib.append(it[1])
    told = {name: series.told(bare) for name, series in subjects.items()}
    return {"rounds": rounds, "bare": bare.told(bare), **told}


def _round(
    standing: Doorman, folder: Path, services: Services
) -> Iterator[tuple[str, tuple[float, int]]]:
    yield "bare", (_bare_seconds(), _bare_kib())
    for name, occasion in OCCASIONS.items():
        yield name, _run(standing, environ(folder, services, occasion))


def _bare_seconds() -> float:
    start = time.perf_counter()
    subprocess.run([*_PYTHON, "-c", "pass"], env={}, check=True)
    return time.perf_counter() - start


def _bare_kib() -> int:
    with subprocess.Popen(
        [*_PYTHON, "-c", _WAITING], env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout  # noqa: S101 - a pipe was asked for
        process.stdout.readline()
        found = resident_kib(process.pid)
        process.kill()
    return found


def _run(standing: Doorman, variables: Mapping[str, str]) -> tuple[float, int]:
    start = time.perf_counter()
    with subprocess.Popen(
        [*_PYTHON, str(_ENTRY_POINT)], env=variables, stdout=subprocess.DEVNULL
    ) as process:
        try:
            arrival = standing.arrival(_PATIENCE)
            return arrival - start, resident_kib(process.pid)
        finally:
            process.kill()


def resident_kib(pid: int) -> int:
    """Return the most memory that a process has had resident, in KiB.

    Source: `VmHWM` in https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (found,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(found.split()[1])
