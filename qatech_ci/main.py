"""From the environment to objects to an exit code."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from . import action
from .errors import Ended, Interrupted, UsageError
from .forge import Event, Forge, Job
from .github.client import GitHub
from .github.event import read_event
from .github.runner import Runner, input_values
from .http.deadline import Clock, Deadline
from .http.session import BoundedSession, host_of
from .previews import from_outputs
from .qatech.api import QaTech
from .qatech.sandbox import Sandbox, serving
from .redact import secret_values, secrets_in
from .report import page
from .report.report import OUTPUTS
from .report.sanitize import Sanitizer
from .report.signing import Signer
from .review.reporter import words_of
from .review.steps import Step
from .settings import Settings, read_settings

_BEGINNING = 60.0  # seconds for reading inputs and event
_STAND_IN_PACE = 20.0  # seconds that the stand-in's reply takes


@dataclass(frozen=True)
class Platform:
    """Where the run takes place: GitHub Actions or GitLab CI."""

    job: Job
    values: Mapping[str, str]  # the inputs by name
    token_name: str
    sanitizer: Sanitizer
    read_event: Callable[[], Event]  # raises `EventError`
    connect: Callable[[str, Event, Deadline], Forge]  # takes the forge's token and its own event


def main(
    environ: Mapping[str, str] = os.environ,
    stdout: TextIO | None = None,
    clock: Clock | None = None,
    *,
    is_check: bool = False,
) -> int:
    """Run the action as the environment says and return its exit code. Never raises."""
    platform_of = _on_gitlab if environ.get("GITLAB_CI") == "true" else _on_github
    platform = platform_of(environ, stdout or sys.stdout)
    deadline = Deadline(clock or Clock(), _BEGINNING)
    with deadline.watched():
        try:
            return _run(platform, deadline, is_check=is_check)
        except (Exception, Interrupted) as error:  # noqa: BLE001 - nothing may get past here
            told = words_of(error)
        deadline.disarm()
    for line in told.splitlines():
        platform.job.error(line)
    with suppress(UsageError):
        platform.job.write_summary(page.not_run(told, platform.sanitizer))
    return 128 + deadline.signal if deadline.signal else 2  # it could not run


def _run(platform: Platform, deadline: Deadline, *, is_check: bool) -> int:
    job, values = platform.job, platform.values
    tokens = [values.get(it, "").strip() for it in ("api-token", "github-token", "gitlab-token")]
    written = "\n".join(values.get(it, "") for it in ("application-overrides", "deploy-outputs"))
    job.mask(*tokens, *secrets_in(written))
    settings, event = _read(platform)
    job.mask(*secret_values("&".join(it.query for it in settings.application_overrides)))
    stand_in = serving(Sandbox(now=deadline.clock.now, pace=_STAND_IN_PACE))
    with stand_in if settings.is_sandbox else nullcontext(settings.api_url) as api_url:
        session = BoundedSession(deadline, settings.api_token)
        session.trust_env = not settings.is_sandbox  # no proxy leads to the stand-in
        step = Step(
            settings=settings,
            event=event,
            forge=platform.connect(settings.forge_token, event, deadline),
            job=job,
            qatech=QaTech(session, api_url),
            signer=Signer(settings.api_token),
            sanitizer=platform.sanitizer,
            deadline=deadline,
        )
        return action.run(step, is_check=is_check)


def _read(platform: Platform) -> tuple[Settings, Event]:
    """Return settings and event; raises `UsageError` with all that is wrong with them."""
    # What needs no network is told at once.
    problems: list[str] = []
    values, is_reviewed = platform.values, True
    try:
        event = platform.read_event()
        is_reviewed = bool(values.get("api-token", "").strip()) or not event.is_untrusted
        if values.get("mode", "").strip().lower() != "message":
            event.subject(values.get("pull-request", "").strip())
    except UsageError as error:
        problems.append(str(error))
    except Ended:  # the story tells it, with its verdict
        is_reviewed = False
    if not is_reviewed:
        # It does not matter then which application and where.
        values = {**values, "application-overrides": "", "deploy-outputs": ""}
    try:
        settings = read_settings(values, platform.token_name, is_reviewed=is_reviewed)
        with suppress(Ended):
            from_outputs(settings.application_overrides, settings.deploy_outputs)
    except UsageError as error:
        problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    return settings, event


def _on_github(environ: Mapping[str, str], stdout: TextIO) -> Platform:
    job, read = Runner(environ, stdout), partial(read_event, environ)
    host = host_of(environ.get("GITHUB_SERVER_URL", "")) or "github.com"
    sanitizer = Sanitizer(host=host, redact=job.secrets.redact)
    return Platform(job, input_values(environ), "github-token", sanitizer, read, GitHub)


def _on_gitlab(environ: Mapping[str, str], stdout: TextIO) -> Platform:
    # A run is on one forge, and python-gitlab is large.
    from .gitlab import client, event, job  # noqa: PLC0415 - see above

    log, read = job.GitLabJob(environ, stdout), partial(event.read_event, environ)
    log.mask(environ.get("CI_JOB_TOKEN", ""))
    for told in event.misspelt(environ, (*OUTPUTS, "result")):
        log.warning(told)
    host = host_of(environ.get("CI_SERVER_URL", "")) or "gitlab.com"
    sanitizer = Sanitizer(host=host, is_gitlab=True, redact=log.secrets.redact)
    values = event.input_values(environ)
    return Platform(log, values, event.TOKEN_NAME, sanitizer, read, client.GitLab)
