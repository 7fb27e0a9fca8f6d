"""A job of GitLab CI: where its inputs come from, and whom it speaks to."""

from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from qatech_ci.before.inputs import Inputs
from qatech_ci.before.ports import Clock, Deadline, Forge, Run, Trigger
from qatech_ci.before.secrecy import Secrets
from qatech_ci.before.settings import CommentMode, Settings

from .context import read_api_url, read_context
from .files import JobFiles
from .forge import GitLab
from .log import JobLog
from .rest import Access, Rest
from .trigger import Pipeline
from .variables import input_values


class GitLabJob:
    """Implements `Platform` for GitLab CI."""

    token_input = "gitlab-token"  # noqa: S105 - the name of an input

    def __init__(
        self,
        environ: Mapping[str, str],
        stdout: TextIO,
        secrets: Secrets,
        clock: Clock,
    ) -> None:
        self._environ = environ
        self.log = JobLog(stdout, secrets, clock)
        self._inputs = input_values(environ)
        self.files = JobFiles(Path(environ.get("CI_PROJECT_DIR") or "."), secrets)

    def inputs(self) -> Mapping[str, str]:
        """Return the inputs; the job's own token is concealed here, as it is none of them."""
        self.log.conceal(self._environ.get("CI_JOB_TOKEN", ""))
        self.files.clear()
        return self._inputs

    def connect(self, settings: Settings, deadline: Deadline) -> tuple[Forge, Trigger, Run]:
        """Return the forge, the trigger and the run.

        Raises `InputError` and `EventError` where the variables do not tell what they should.
        """
        context = read_context(self._environ)
        access = Access(
            api_url=read_api_url(self._environ),
            token=settings.forge_token,
            job_token=self._environ.get("CI_JOB_TOKEN", ""),
            # https://docs.gitlab.com/runner/configuration/tls-self-signed/
            ca_file=self._environ.get("CI_SERVER_TLS_CA_FILE", ""),
        )
        inputs = Inputs(self._inputs)
        is_thread = inputs.flag("thread", "false")
        if is_thread and settings.comment is not CommentMode.UPDATE:
            remedy = "With `thread: true` write `comment: update`: one thread holds the merge."
            inputs.note("comment", settings.comment, remedy)
        inputs.settle()
        forge = GitLab(Rest(access, deadline), context, is_thread=is_thread)
        return forge, Pipeline(context), context.run
