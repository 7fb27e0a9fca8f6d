"""A job of GitLab CI: its log, and the files that it leaves behind as artifacts.

GitLab acts on escape sequences in a log and on section markers, which hold them:
https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import time
from typing import TextIO

from qatech_ci.forge import Job

from .event import read_run, variable

SUMMARY = "qatech-summary.md"
DOTENV = "qatech.env"
_NOT_IN_DOTENV = ("reply", "overrides", "result")  # of several lines, or too long for GitLab
_LONGEST_VALUE = 500
"""Characters. All of them together stay below the 5 KB that gitlab.com takes:
https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv"""
_COLOURS = {"notice": "36", "warning": "33", "error": "31"}


class GitLabJob(Job):
    """Implements `Job`."""

    def __init__(self, environ: Mapping[str, str], stdout: TextIO) -> None:
        super().__init__(read_run(environ), stdout)
        self._sections = 0
        self._folder = Path(environ.get("CI_PROJECT_DIR") or ".")
        for name in (SUMMARY, DOTENV):
            # Without a checkout nobody else removes what an earlier job has left.
            self._remove(name)

    def group(self, title: str, text: str) -> None:
        self._sections += 1
        moment, name = int(time()), f"qatech_{self._sections}"
        line = " ".join(self._harmless(title).split())
        self._print(f"\x1b[0Ksection_start:{moment}:{name}[collapsed=true]\r\x1b[0K{line}")
        self.info(text)
        self._print(f"\x1b[0Ksection_end:{moment}:{name}\r\x1b[0K")

    def write_summary(self, markdown: str) -> None:
        self._replace(SUMMARY, f"{self.secrets.redact(markdown)}\n")

    def write_outputs(self, values: Mapping[str, str]) -> None:
        """Write the dotenv report: plain ASCII on one line each, and nothing to expand.

        What does not fit is empty, as half a value could be taken for another. None is left out: a
        later job would find that of another review in the pipeline in its place.
        """
        lines = []
        for name, value in values.items():
            clean = self.secrets.redact(value)
            fits = re.fullmatch(rf"[ -#%-~]{{0,{_LONGEST_VALUE}}}", clean)
            if name not in _NOT_IN_DOTENV:
                lines.append(f"{variable(name)}={clean if fits else ''}\n")
        self._replace(DOTENV, "".join(lines))

    def _replace(self, name: str, text: str) -> None:
        """Write a file in place of whatever is there, which may be a link to somewhere else."""
        self._remove(name)
        self._write(self._folder / name, text, name, "xb")

    def _remove(self, name: str) -> None:
        with suppress(OSError):
            (self._folder / name).unlink()

    def _harmless(self, text: str) -> str:
        return re.sub(r"(?i)section_(?=start:|end:)", "section·", self._plain(text))

    def _annotate(self, kind: str, text: str) -> None:
        told = f"{kind.capitalize()}: {self._harmless(text)}"
        self._print(f"\x1b[{_COLOURS[kind]};1m{told}\x1b[0m")
