"""A job of GitLab CI: its log, and the files that it leaves behind as artifacts.

GitLab acts on escape sequences in a log and on section markers, which hold them:
https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from qatech_ci.errors import RunnerError
from qatech_ci.forge import write_whole
from qatech_ci.http.deadline import Clock
from qatech_ci.redact import Secrets, visible

from .event import read_run, variable

SUMMARY = "qatech-summary.md"
DOTENV = "qatech.env"
_NOT_IN_DOTENV = ("reply", "overrides", "result")
"""They have several lines, or are longer than GitLab takes."""
_LONGEST_VALUE = 500
"""Characters. All of them together stay below the 5 KB that gitlab.com takes:
https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv"""
_COLOURS = {"Note": "36", "Warning": "33", "Error": "31"}


class GitLabJob:
    """Implements `Job`."""

    def __init__(
        self, environ: Mapping[str, str], stdout: TextIO, known: Secrets, clock: Clock
    ) -> None:
        self.run = read_run(environ)
        self._stdout = stdout
        self._secrets = known
        self._clock = clock
        self._sections = 0
        self._folder = Path(environ.get("CI_PROJECT_DIR") or ".")
        for name in (SUMMARY, DOTENV):
            # Without a checkout nobody else removes what an earlier job has left.
            with suppress(OSError):
                (self._folder / name).unlink(missing_ok=True)

    def info(self, text: str) -> None:
        """Print."""
        self._print(self._harmless(text))

    def group(self, title: str, text: str) -> None:
        """Print `text` in a section, folded under `title`."""
        self._sections += 1
        name = f"qatech_{self._sections}"
        line = " ".join(self._harmless(title).split())
        self._print(self._marker("start", f"{name}[collapsed=true]") + line)
        self.info(text)
        self._print(self._marker("end", name))

    def notice(self, text: str) -> None:
        """Print in colour: something to know."""
        self._tell("Note", text)

    def warning(self, text: str) -> None:
        """Print in colour: something to mend, though the run goes on."""
        self._tell("Warning", text)

    def error(self, text: str) -> None:
        """Print in colour: why the job is red."""
        self._tell("Error", text)

    def mask(self, secret: str) -> None:
        """Keep `secret` out of everything that is written from now on."""
        self._secrets.add(secret)

    def redact(self, text: str) -> str:
        """Return a text without the secrets."""
        return self._secrets.redact(text)

    def write_summary(self, markdown: str) -> None:
        """Write the summary; raises `RunnerError`."""
        self._write(SUMMARY, f"{self.redact(markdown)}\n")

    def write_outputs(self, values: Mapping[str, str]) -> None:
        """Write the dotenv report: plain ASCII on one line each, and nothing to expand.

        What does not fit is empty, as half a value could be taken for another. None is left out: a
        later job would find that of another review in the pipeline in its place.
        """
        lines = []
        for name, value in values.items():
            clean = self.redact(value)
            fits = len(clean) <= _LONGEST_VALUE and re.fullmatch(r"[ -#%-~]*", clean)
            if name not in _NOT_IN_DOTENV:
                lines.append(f"{variable(name)}={clean if fits else ''}\n")
        self._write(DOTENV, "".join(lines))

    def _write(self, name: str, text: str) -> None:
        """Write a file in place of whatever is there, which may be a link to somewhere else."""
        path = self._folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise RunnerError(f"The file {path} cannot be replaced: {error.strerror}.") from None
        write_whole(path, text, f"`{name}`", "xb")

    def _tell(self, kind: str, text: str) -> None:
        self._print(f"\x1b[{_COLOURS[kind]};1m{kind}: {self._harmless(text)}\x1b[0m")

    def _harmless(self, text: str) -> str:
        """Return text without secrets and controls, in which nothing reads as a marker."""
        seen = self.redact(visible(text))
        return re.sub(r"section_(?=start:|end:)", "section·", seen, flags=re.IGNORECASE)

    def _marker(self, kind: str, name: str) -> str:
        moment = int(self._clock.now().timestamp())
        return f"\x1b[0Ksection_{kind}:{moment}:{name}\r\x1b[0K"

    def _print(self, line: str) -> None:
        # A log that nobody reads any more does not end the run.
        with suppress(OSError, ValueError):
            print(line, file=self._stdout, flush=True)
