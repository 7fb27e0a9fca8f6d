"""The files that a job leaves behind as artifacts."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from qatech_ci.before.errors import RunnerError
from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.model import Case
from qatech_ci.before.runner import write_whole
from qatech_ci.before.secrecy import Secrets

from .dotenv import dotenv
from .junit import junit

SUMMARY = "qatech-summary.md"
JUNIT = "qatech-junit.xml"
DOTENV = "qatech.env"


class JobFiles:
    """Implements the port `Files`. Each file is written anew, in the project's folder."""

    def __init__(self, folder: Path, secrets: Secrets) -> None:
        self._folder = folder
        self._secrets = secrets

    def clear(self) -> None:
        """Remove what an earlier job has left: GitLab would take it for this job's.

        Without a checkout nobody else cleans the folder. What cannot be removed is told when it
        is written.
        """
        for name in (SUMMARY, JUNIT, DOTENV):
            with suppress(OSError):
                (self._folder / name).unlink(missing_ok=True)

    def summary(self, markdown: str) -> None:
        """Write the summary; raises `RunnerError` where the file cannot be written."""
        self._write(SUMMARY, f"{markdown}\n")

    def test_report(self, cases: Sequence[Case]) -> None:
        """Write the JUnit report; raises `RunnerError` where the file cannot be written."""
        clean = self._clean
        known = [Case(clean(it.name), it.outcome, clean(it.details)) for it in cases]
        self._write(JUNIT, junit(known))

    def outputs(self, values: Mapping[str, str]) -> None:
        """Write the dotenv report; raises `RunnerError` where the file cannot be written."""
        redacted = {name: self._secrets.redact(value) for name, value in values.items()}
        self._write(DOTENV, dotenv(redacted))

    def _clean(self, text: str) -> str:
        """Return text without secrets, also those that a character parted which nobody sees."""
        return self._secrets.redact(plain(text))

    def _write(self, name: str, text: str) -> None:
        """Write a file in place of whatever is there.

        The folder is a checkout of the code under review, in which a file of that name may be a
        link to somewhere else.
        """
        path = self._folder / name
        try:
            path.unlink(missing_ok=True)
            with path.open("xb", buffering=0) as file:
                write_whole(file, self._secrets.redact(text).encode("utf-8", "replace"))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RunnerError(
                f"The file {path} cannot be written: {reason}.",
                "It belongs into `CI_PROJECT_DIR`; check what else in the job touches it.",
            ) from None
