"""The composition root: from the environment to an exit code."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import TextIO

from . import action
from .clock import SystemClock
from .defects import defect
from .errors import ActionError, Cancelled, RunnerError
from .github import GitHub, Rest, WorkflowEvent
from .ports import Clock, Deadline, Ports
from .probe import HttpProber
from .qatech import QaTech, Transport
from .runner import RunnerFiles, RunnerLog, input_values, read_api_url, read_event, read_run
from .secrecy import Secrets
from .settings import read_settings
from .signing import Signer
from .timebox import deaf_threads

_COULD_NOT_RUN = 2
_STAND_IN_PACE = 20.0
"""Seconds that the stand-in's reply takes."""


def main(
    environ: Mapping[str, str] = os.environ,
    stdout: TextIO = sys.stdout,
    clock: Clock | None = None,
) -> int:
    """Run the action as the environment says and return its exit code. Never raises."""
    secrets = Secrets()
    log = RunnerLog(stdout, secrets, masks=environ.get("GITHUB_ACTIONS") == "true")
    files = RunnerFiles(environ, secrets)
    try:
        with _signals():
            return _run(environ, clock or SystemClock(), log, files, secrets)
    except ActionError as error:
        told, code = str(error), _COULD_NOT_RUN
    except Cancelled as cancelled:
        told, code = "The run was cancelled before it began.", 128 + cancelled.signal
    except Exception as error:  # noqa: BLE001 - the one place where nothing may get past
        told, code = defect(error), _COULD_NOT_RUN
    log.error(told)
    with suppress(RunnerError):
        files.summary(_not_run(told, secrets))
    return code


def _run(
    environ: Mapping[str, str],
    clock: Clock,
    log: RunnerLog,
    files: RunnerFiles,
    secrets: Secrets,
) -> int:
    values = input_values(environ)
    for name in ("api-token", "github-token"):
        log.conceal(values.get(name, "").strip())
    settings = read_settings(values)
    event, run = read_event(environ), read_run(environ)
    deadline = Deadline(clock, clock.monotonic() + settings.timeout)
    rest = Rest(read_api_url(environ), settings.github_token, deadline)
    with ExitStack() as stack:
        api_url = stack.enter_context(_stand_in(clock)) if settings.is_sandbox else settings.api_url
        ports = Ports(
            clock=clock,
            deadline=deadline,
            reviewer=QaTech(Transport(api_url, settings.api_token), clock),
            forge=GitHub(rest, event),
            trigger=WorkflowEvent(event, run),
            prober=HttpProber(settings.allowed_preview_hosts),
            log=log,
            files=files,
            secrets=secrets,
            signer=Signer(settings.api_token),
            run=run,
        )
        return action.run(settings, ports)


def _not_run(told: str, secrets: Secrets) -> str:
    from . import page  # noqa: PLC0415 - what writes Markdown is not needed before something ends

    return page.not_run(told, secrets)


@contextmanager
def _stand_in(clock: Clock) -> Iterator[str]:
    from .sandbox import QaTech as StandIn  # noqa: PLC0415 - few runs need the stand-in
    from .sandbox import serving  # noqa: PLC0415 - as above

    with ExitStack() as stack:
        with deaf_threads():
            stand_in = StandIn(None, now=clock.now, pace=_STAND_IN_PACE)
            url = stack.enter_context(serving(stand_in))
        yield f"{url}/v1"


@contextmanager
def _signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `Cancelled`, once; what follows must not break the reporting.

    The runner sends SIGINT, 7.5 s later SIGTERM, and 2.5 s later it kills.
    """

    def cancel(number: int, _: FrameType | None) -> None:
        for each in kept:
            signal.signal(each, signal.SIG_IGN)
        raise Cancelled(number)

    kept = {each: signal.signal(each, cancel) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)
