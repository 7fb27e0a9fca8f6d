"""A thousand runs that start in one instant, against one stand-in, and what an outage does to them.

The runs are threads around the action's own `Wait`, `QaTech` and `Transport`, in real time.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from random import Random
from statistics import fmean
from threading import Thread
from typing import Any

from benchmarks.fleet_stand_in import HOST, Script
from benchmarks.polling import POLICIES, Policy
from qatech_ci.before.clock import SystemClock
from qatech_ci.before.errors import ReviewerError
from qatech_ci.before.ports import Deadline
from qatech_ci.before.qatech import QaTech, Transport
from qatech_ci.before.waiting import Wait

RUNS = 1000
_LEAD = 1.0
"""Seconds until the start, for the threads to be there."""
_STEADY = 14
"""By then every run has looked once."""
_OUTAGE_BEGINS, _OUTAGE_ENDS, _DONE, _END = 35, 50, 80, 90
_AFTER = 15
"""Seconds after the outage in which a rush would show."""


class _Silence:
    """A log that nobody reads. Implements the port `Log`."""

    def info(self, text: str) -> None: ...
    def group(self, title: str, text: str) -> None: ...
    def notice(self, text: str) -> None: ...
    def warning(self, text: str) -> None: ...
    def error(self, text: str) -> None: ...
    def conceal(self, secret: str) -> None: ...


class _Punctual(SystemClock):
    """The machine's clock, which notes by how much it oversleeps."""

    def __init__(self) -> None:
        self.late = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        start = self.monotonic()
        super().sleep(seconds)
        self.late = max(self.late, self.monotonic() - start - seconds)


@dataclass
class _Run:
    """One run's wait for its reply."""

    number: int
    base_url: str
    start: float
    clock: _Punctual = field(default_factory=_Punctual)
    is_done: bool = False

    def wait(self) -> None:
        """Wait for the reply from the start on."""
        name = f"chat_fleet{self.number}"
        reviewer = QaTech(Transport(self.base_url, "stand-in-token"), self.clock)
        self.clock.sleep(max(self.start - self.clock.monotonic(), 0.0))
        waiting = Wait(name, reviewer, self.clock, _Silence(), since=self.start)
        try:
            self.is_done = bool(waiting.until(Deadline(self.clock, self.start + _END)))
        except ReviewerError:
            self.is_done = False


def measure(runs: int = RUNS) -> dict[str, object]:
    """Return what a fleet of `runs` did to the stand-in, second by second."""
    script = Script(time.monotonic() + _LEAD, _OUTAGE_BEGINS, _OUTAGE_ENDS, _DONE)
    command = [sys.executable, "-m", "benchmarks.fleet_stand_in", json.dumps(asdict(script))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as stand_in:
        assert stand_in.stdout  # noqa: S101 - a pipe was asked for
        url = f"http://{HOST}:{int(stand_in.stdout.readline())}"
        fleet = [_Run(number, url, script.start) for number in range(runs)]
        _go(fleet)
        told, _ = stand_in.communicate()
    return _figures(fleet, json.loads(told))


def _go(fleet: Iterable[_Run]) -> None:
    threads = [Thread(target=run.wait, daemon=True) for run in fleet]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _figures(fleet: list[_Run], counts: Mapping[str, Any]) -> dict[str, object]:
    series = [counts["seconds"].get(str(second), 0) for second in range(_END)]
    before = series[_STEADY:_OUTAGE_BEGINS]
    after = series[_OUTAGE_ENDS : _OUTAGE_ENDS + _AFTER]
    return {
        "runs": len(fleet),
        "ended well": sum(run.is_done for run in fleet),
        "requests": sum(series),
        "before": _told(before),
        "outage s": _OUTAGE_ENDS - _OUTAGE_BEGINS,
        "during": _told(series[_OUTAGE_BEGINS:_OUTAGE_ENDS]),
        "after": _told(after),
        "x peak after": round(max(after) / max(before), 2),
        "refused": counts["refused"],
        "all back s": round(max(counts["back"].values()), 1),
        "latest wake-up s": round(max(run.clock.late for run in fleet), 2),
        "spread without jitter": spread(POLICIES["3 s loop"], len(fleet)),
        "seconds": series,
        "outage": [_OUTAGE_BEGINS, _OUTAGE_ENDS],
    }


def _told(counts: list[int]) -> dict[str, float]:
    mean = fmean(counts)
    return {"mean": round(mean, 1), "peak": max(counts), "spread": round(max(counts) / mean, 2)}


def spread(policy: Policy, runs: int) -> float:
    """Return peak over mean of the looks per second of runs that start together, computed."""
    chance = Random(0)  # noqa: S311 - for jitter
    counts = [0] * _OUTAGE_BEGINS
    for _ in range(runs):
        look = policy(0.0, chance.random())
        while look < len(counts):
            counts[int(look)] += 1
            look += policy(look, chance.random())
    steady = counts[_STEADY:]
    return round(max(steady) / fmean(steady), 2)
