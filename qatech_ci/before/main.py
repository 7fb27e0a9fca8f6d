"""The composition root: from the environment to an exit code."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Protocol, TextIO

from . import action
from .clock import SystemClock
from .defects import defect
from .errors import ActionError, Cancelled, RunnerError
from .ports import Clock, Deadline, Files, Forge, Log, Ports, Run, Trigger
from .probe import HttpProber
from .qatech import QaTech, Transport
from .secrecy import Secrets
from .settings import Settings, read_settings
from .signing import Signer
from .timebox import deaf_threads

_COULD_NOT_RUN = 2
_STAND_IN_PACE = 20.0
"""Seconds that the stand-in's reply takes."""


class Platform(Protocol):
    """Where the run takes place: whose job it is, and whose pull requests are reviewed."""

    token_input: str
    """The input that holds the forge's token."""

    @property
    def log(self) -> Log:
        """Where people follow the run."""
        ...

    @property
    def files(self) -> Files:
        """What the run leaves behind."""
        ...

    def inputs(self) -> Mapping[str, str]:
        """Return the inputs by name."""
        ...

    def connect(self, settings: Settings, deadline: Deadline) -> tuple[Forge, Trigger, Run]:
        """Return the forge and what started the run; raises `UsageError`."""
        ...


def main(
    environ: Mapping[str, str] = os.environ,
    stdout: TextIO = sys.stdout,
    clock: Clock | None = None,
) -> int:
    """Run the action as the environment says and return its exit code. Never raises."""
    secrets, clock = Secrets(), clock or SystemClock()
    platform = _platform(environ, stdout, secrets, clock)
    try:
        with _signals():
            return _run(platform, clock, secrets)
    except ActionError as error:
        told, code = str(error), _COULD_NOT_RUN
    except Cancelled as cancelled:
        told, code = "The run was cancelled before it began.", 128 + cancelled.signal
    except Exception as error:  # noqa: BLE001 - the one place where nothing may get past
        told, code = defect(error), _COULD_NOT_RUN
    platform.log.error(told)
    with suppress(RunnerError):
        platform.files.summary(_not_run(told, secrets))
    return code


def _platform(
    environ: Mapping[str, str],
    stdout: TextIO,
    secrets: Secrets,
    clock: Clock,
) -> Platform:
    """Return what the run takes place on; each is imported only where it is the one."""
    if environ.get("GITLAB_CI") == "true":
        from .gitlab import GitLabJob  # noqa: PLC0415 - see above

        return GitLabJob(environ, stdout, secrets, clock)
    from .github import GitHubStep  # noqa: PLC0415 - see above

    return GitHubStep(environ, stdout, secrets)


def _run(platform: Platform, clock: Clock, secrets: Secrets) -> int:
    values = platform.inputs()
    for name in ("api-token", platform.token_input):
        platform.log.conceal(values.get(name, "").strip())
    settings = read_settings(values, platform.token_input)
    deadline = Deadline(clock, clock.monotonic() + settings.timeout)
    forge, trigger, run = platform.connect(settings, deadline)
    with ExitStack() as stack:
        api_url = stack.enter_context(_stand_in(clock)) if settings.is_sandbox else settings.api_url
        ports = Ports(
            clock=clock,
            deadline=deadline,
            reviewer=QaTech(Transport(api_url, settings.api_token), clock),
            forge=forge,
            trigger=trigger,
            prober=HttpProber(settings.allowed_preview_hosts),
            log=platform.log,
            files=platform.files,
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
