"""A step of GitHub Actions: where its inputs come from, and whom it speaks to."""

from collections.abc import Mapping
from typing import TextIO

from qatech_ci.before.ports import Deadline, Forge, Run, Trigger
from qatech_ci.before.runner import (
    RunnerFiles,
    RunnerLog,
    input_values,
    read_api_url,
    read_event,
    read_run,
)
from qatech_ci.before.secrecy import Secrets
from qatech_ci.before.settings import Settings

from .forge import GitHub
from .rest import Rest
from .trigger import WorkflowEvent


class GitHubStep:
    """Implements `Platform` for GitHub Actions."""

    token_input = "github-token"  # noqa: S105 - the name of an input

    def __init__(self, environ: Mapping[str, str], stdout: TextIO, secrets: Secrets) -> None:
        self._environ = environ
        is_run = environ.get("GITHUB_ACTIONS") == "true"
        self.log = RunnerLog(stdout, secrets, masks=is_run)
        self.files = RunnerFiles(environ, secrets)

    def inputs(self) -> Mapping[str, str]:
        """Return the inputs by name."""
        return input_values(self._environ)

    def connect(self, settings: Settings, deadline: Deadline) -> tuple[Forge, Trigger, Run]:
        """Return the forge, the trigger and the run; raises `EventError`."""
        event, run = read_event(self._environ), read_run(self._environ)
        rest = Rest(read_api_url(self._environ), settings.forge_token, deadline)
        return GitHub(rest, event), WorkflowEvent(event, run), run
