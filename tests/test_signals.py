"""SIGINT and SIGTERM in every state, as a process and as process 1 of a container."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from threading import Event, Thread
from uuid import uuid4

import pytest

import containers
from fault_server import Received, serving, stall
from qatech_ci.before.sandbox import Scenario
from old_stand_ins import Job, Services, services
from test_entrypoint import COMMAND
from test_faults import Relay, call_to

BOUND = 5.0
"""Seconds between a signal and the end, whatever hangs."""
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
Meant = Callable[[Received], bool]


def never(request: Received) -> bool:
    """Mean no request at all."""
    return not request


def posting(request: Received) -> bool:
    """Mean the edit that writes the end into the comment."""
    return request.method == "PATCH" and b"QA.tech review: started" in request.body


@dataclass(frozen=True)
class State:
    """What a run is at when the signal comes."""

    qatech: Meant = never
    """What QA.tech does not answer."""
    github: Meant = never
    """What GitHub does not answer."""
    said: str = ""
    """What the log says by then; empty where a request that hangs tells it."""
    inputs: Mapping[str, str] = field(default_factory=dict)


STARTING = call_to("POST", "/chat/change-review")
POLLING = call_to("GET", "/chat/chat_")
DEPLOYMENT = {"application_overrides": "app_web: {deployment: Preview}"} | {
    "preview_timeout_minutes": "5"
}
STATES: dict[str, State] = {
    "starting": State(qatech=STARTING),
    "waiting for a deployment": State(said="Waiting for a deployment", inputs=DEPLOYMENT),
    "waiting for a preview": State(
        said="cannot be reached",
        inputs={
            "application_overrides": "app_web: http://127.0.0.1:1/",
            "allowed_preview_hosts": "127.0.0.1",
            "preview_timeout_minutes": "5",
        },
    ),
    "waiting for the next look": State(said="Review started"),
    "posting": State(github=posting, inputs={"wait": "false"}),
}
SLOW_STATES: dict[str, State] = {"polling": State(qatech=POLLING)}
"""The first look comes 11 s after the start."""


@dataclass
class Stage:
    """Both services, each of which hangs where it is meant to, and from then on if asked to."""

    services: Services
    qatech: Relay
    github: Relay
    all_hangs: Event


@contextmanager
def stage(state: State) -> Iterator[Stage]:
    """Serve a review that does not end by itself."""
    all_hangs = Event()
    with services(Scenario.NEVER, pace=1000) as its:
        qatech = Relay(its.qatech, stall, lambda it: all_hangs.is_set() or state.qatech(it))
        github = Relay(its.github, stall, lambda it: all_hangs.is_set() or state.github(it))
        with serving(qatech) as front, serving(github) as forge:
            fronts = Services(its.qatech, its.github, f"{front.url}/v1", forge.url)
            yield Stage(fronts, qatech, github, all_hangs)


@dataclass
class Running:
    """A run in a process of its own, and what it has said so far."""

    process: subprocess.Popen[str]
    kill: Callable[[Signals], object]
    said: list[str] = field(default_factory=list)
    wanted: str = ""
    has_said: Event = field(default_factory=Event)

    def listen(self) -> None:
        """Read the log to its end, in a thread of its own."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if self.wanted and self.wanted in line:
                self.has_said.set()

    def ended_within(self, number: Signals) -> float:
        """Send a signal and return how many seconds it took to end; fail after 30 of them."""
        sent = time.monotonic()
        self.kill(number)
        self.process.wait(timeout=30)
        return time.monotonic() - sent


@contextmanager
def started(
    command: list[str],
    environ: Mapping[str, str],
    kill: Callable[[subprocess.Popen[str]], Callable[[Signals], object]],
    wanted: str = "",
) -> Iterator[Running]:
    """Start a run and listen to it; it is killed at the end if it has not ended."""
    with subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        running = Running(process, kill(process), wanted=wanted)
        listener = Thread(target=running.listen, daemon=True)
        listener.start()
        try:
            yield running
        finally:
            process.kill()
            listener.join(timeout=10)


def as_process(
    job: Job,
    state: State,
    number: Signals,
    *,
    all_hangs: bool,
) -> float:
    """Signal the entry point in a state, check what it leaves, and return how long it took."""
    with stage(state) as its:
        environ = job.environ(its.services, **state.inputs)
        to_process = _to_process
        with started(COMMAND, environ, to_process, state.said) as running:
            return judged(job, state, its, running, number, all_hangs=all_hangs)


def _to_process(process: subprocess.Popen[str]) -> Callable[[Signals], object]:
    return process.send_signal


def as_process_1(
    job: Job,
    state: State,
    number: Signals,
    *,
    all_hangs: bool,
) -> float:
    """Do the same to the container: the entry point is its process 1."""
    name = f"qatech-ci-{uuid4().hex}"
    with stage(state) as its:
        environ = job.environ(its.services, **state.inputs)
        command = ["docker", "run", "--rm", "--name", name, "--network", "host"]
        command += ["--volume", f"{job.folder}:{job.folder}"]
        command += [part for key in environ for part in ("--env", key)]
        kill = ["docker", "kill", "--signal", number.name, name]
        try:
            with started(
                [*command, containers.IMAGE],
                environ,
                lambda _: lambda _: subprocess.run(kill, check=True, capture_output=True),
                state.said,
            ) as running:
                return judged(job, state, its, running, number, all_hangs=all_hangs)
        finally:
            subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)


def judged(
    job: Job,
    state: State,
    its: Stage,
    running: Running,
    number: Signals,
    *,
    all_hangs: bool,
) -> float:
    """Wait for the state, signal, and check exit code, summary, outputs and comment."""
    in_state = running.has_said if state.said else reached(its, state)
    assert in_state.wait(timeout=60), "".join(running.said)
    if all_hangs:
        its.all_hangs.set()
    took = running.ended_within(number)
    assert running.process.returncode == CODES[number], "".join(running.said)
    assert "QA.tech review: cancelled" in job.summary
    assert job.outputs["verdict"] == "cancelled"
    if not all_hangs:
        (comment,) = its.services.comments()
        assert "QA.tech review: cancelled" in comment
    return took


def reached(its: Stage, state: State) -> Event:
    """Return what is set once a request hangs that is meant to."""
    return its.qatech.reached if state.qatech is not never else its.github.reached


EITHER = pytest.mark.parametrize("number", list(CODES), ids=lambda number: number.name)
HANGING = pytest.mark.parametrize(
    "all_hangs", [False, True], ids=["services answer", "both services hang"]
)


@pytest.mark.slow
@pytest.mark.parametrize("name", STATES)
@EITHER
@HANGING
def test_a_signal_ends_the_process_in_five_seconds(
    tmp_path: Path,
    name: str,
    number: Signals,
    all_hangs: bool,  # noqa: FBT001 - a table
    record_property: Callable[[str, object], None],
) -> None:
    """Summary and outputs say cancelled, and so does the comment where it can be written."""
    took = as_process(Job(tmp_path), STATES[name], number, all_hangs=all_hangs)
    assert took < BOUND
    record_property("seconds", round(took, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_STATES)
@EITHER
def test_a_signal_ends_the_process_in_the_middle_of_a_look(
    tmp_path: Path,
    name: str,
    number: Signals,
) -> None:
    """QA.tech does not answer the look, and nothing more is asked of it."""
    took = as_process(Job(tmp_path), SLOW_STATES[name], number, all_hangs=False)
    assert took < BOUND


def test_a_second_signal_does_not_break_the_reporting(tmp_path: Path) -> None:
    """The runner sends SIGINT first and SIGTERM after it: the first one counts."""
    job, state = Job(tmp_path), STATES["starting"]
    with stage(state) as its:
        environ = job.environ(its.services)
        with started(COMMAND, environ, _to_process) as running:
            assert its.qatech.reached.wait(timeout=60)
            running.kill(signal.SIGINT)
            took = running.ended_within(signal.SIGTERM)
            assert running.process.returncode == 130
        (comment,) = its.services.comments()
    assert took < BOUND
    assert "QA.tech review: cancelled" in comment + job.summary


@pytest.mark.slow
@pytest.mark.container
@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("name", STATES | SLOW_STATES)
@EITHER
@HANGING
def test_a_signal_ends_process_1_of_a_container_in_five_seconds(
    tmp_path: Path,
    name: str,
    number: Signals,
    all_hangs: bool,  # noqa: FBT001 - a table
    record_property: Callable[[str, object], None],
) -> None:
    """`docker kill --signal`, as the runner's docker does it: the container is gone in time."""
    state = (STATES | SLOW_STATES)[name]
    took = as_process_1(Job(tmp_path), state, number, all_hangs=all_hangs)
    assert took < BOUND
    record_property("seconds", round(took, 2))


@EITHER
def test_a_signal_while_python_is_starting_ends_it(tmp_path: Path, number: Signals) -> None:
    """Process 1 ignores SIGTERM until there is a handler, so that comes before the imports."""
    python, *rest = COMMAND
    with subprocess.Popen(
        [python, "-X", "importtime", *rest],
        env={"PATH": os.environ["PATH"]},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert any("qatech_ci.before.errors" in line for line in process.stderr)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == CODES[number]
    assert "Traceback" not in said
