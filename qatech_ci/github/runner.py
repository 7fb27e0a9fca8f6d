"""The Actions runner: its log, and the files through which it is spoken to.

The runner acts on a line that begins with `::name::` after white space, and on `##[name]` anywhere
in a line: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions and the
runner's source, ActionCommand.cs.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from qatech_ci.forge import write_whole
from qatech_ci.redact import Secrets, visible

from .event import read_run

_ANNOTATIONS = 10
"""Of each kind a step; the runner drops more: https://docs.github.com/en/actions/reference/limits"""
_LONGEST_ANNOTATION = 1300
"""Characters. The runner cuts 4,096 bytes of what is written, escaped."""


class Runner:
    """Implements `Job` for a step of a workflow."""

    def __init__(self, environ: Mapping[str, str], stdout: TextIO, known: Secrets) -> None:
        self.run = read_run(environ)
        self._environ = environ
        self._stdout = stdout
        self._secrets = known
        # Where no runner reads the log, a mask would print what it is meant to hide.
        self._has_runner = environ.get("GITHUB_ACTIONS") == "true"
        self._annotated: Counter[str] = Counter()

    def info(self, text: str) -> None:
        """Print."""
        self._print(self._harmless(text))

    def group(self, title: str, text: str) -> None:
        """Print `text` folded under `title`."""
        self._print(_command("group", self._harmless(title)))
        self.info(text)
        self._print(_command("endgroup", ""))

    def notice(self, text: str) -> None:
        """Print and annotate: something to know."""
        self._annotate("notice", text)

    def warning(self, text: str) -> None:
        """Print and annotate: something to mend, though the run goes on."""
        self._annotate("warning", text)

    def error(self, text: str) -> None:
        """Print and annotate: why the step is red."""
        self._annotate("error", text)

    def mask(self, secret: str) -> None:
        """Keep `secret` out of everything that is written from now on, the log first."""
        for form in self._secrets.add(secret):
            if self._has_runner:
                self._print(_command("add-mask", form))

    def redact(self, text: str) -> str:
        """Return a text without the secrets."""
        return self._secrets.redact(text)

    def write_summary(self, markdown: str) -> None:
        """Add to the job summary; raises `RunnerError` where the file cannot be written."""
        self._append("GITHUB_STEP_SUMMARY", f"{self.redact(markdown)}\n")

    def write_outputs(self, values: Mapping[str, str]) -> None:
        """Write all outputs or none; raises `RunnerError` where the file cannot be written.

        Between delimiters that nobody can guess:
        https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#multiline-strings
        """
        delimiter = f"qatech-{secrets.token_hex(16)}"
        blocks = [
            f"{name}<<{delimiter}\n{visible(self.redact(value))}\n{delimiter}\n"
            for name, value in values.items()
        ]
        self._append("GITHUB_OUTPUT", "".join(blocks))

    def _harmless(self, text: str) -> str:
        """Return text without secrets of which no line is a command to the runner."""
        lines = self.redact(visible(text)).replace("##[", "## [").split("\n")
        return "\n".join(f"· {it}" if it.strip().startswith("::") else it for it in lines)

    def _annotate(self, kind: str, text: str) -> None:
        self._annotated[kind] += 1
        clean = self.redact(visible(text))
        if self._annotated[kind] > _ANNOTATIONS:
            self.info(f"{kind}: {clean}")
            return
        is_short = len(clean) <= _LONGEST_ANNOTATION
        cut = clean if is_short else f"{clean[:_LONGEST_ANNOTATION]}…"
        self._print(_command(kind, cut, title="QA.tech review"))

    def _print(self, line: str) -> None:
        try:
            print(line, file=self._stdout, flush=True)
        except (OSError, ValueError):
            # Nobody reads the log any more. What is found is reported elsewhere all the same.
            return

    def _append(self, variable: str, text: str) -> None:
        path = self._environ.get(variable, "")
        if path:
            write_whole(Path(path), text, f"`{variable}`")


def input_values(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs by name. The runner upper-cases the name and keeps its hyphens."""
    prefix = "INPUT_"
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in environ.items()
        if name.startswith(prefix)
    }


def _command(name: str, message: str, **properties: str) -> str:
    """Return a workflow command; message and properties are escaped as the runner unescapes them.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    data = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    given = ",".join(f"{key}={value}" for key, value in properties.items())
    return f"::{name}{' ' if given else ''}{given}::{data}"
