"""The Actions runner: its log, and the files through which it is spoken to.

The runner acts on a line that begins with `::name::` after white space, and on `##[name]` anywhere
in a line: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions and the
runner's source, ActionCommand.cs, which unescapes what the toolkit's command.ts escapes.
"""

from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import TextIO

from qatech_ci.forge import Job

from .event import read_run

_LONGEST_ANNOTATION = 1300  # characters. The runner cuts 4,096 bytes of what is written, escaped


class Runner(Job):
    """Implements `Job` for a step of a workflow."""

    def __init__(self, environ: Mapping[str, str], stdout: TextIO) -> None:
        super().__init__(read_run(environ), stdout)
        self._environ = environ

    def group(self, title: str, text: str) -> None:
        self._command("group", self._harmless(title))
        self.info(text)
        self._command("endgroup", "")

    def mask(self, *secrets: str) -> None:
        forms = [form for secret in secrets for form in self.secrets.add(secret)]
        # Where no runner reads the log, a mask would print what it is meant to hide.
        if self._environ.get("GITHUB_ACTIONS") == "true":
            for form in forms:
                self._command("add-mask", form)

    def write_summary(self, markdown: str) -> None:
        self._append("GITHUB_STEP_SUMMARY", f"{self.secrets.redact(markdown)}\n")

    def write_outputs(self, values: Mapping[str, str]) -> None:
        # One that nobody can guess: no value ends early, with another output behind it.
        end = f"qatech-{token_hex(16)}"
        blocks = [f"{name}<<{end}\n{self._plain(it)}\n{end}\n" for name, it in values.items()]
        self._append("GITHUB_OUTPUT", "".join(blocks))

    def _harmless(self, text: str) -> str:
        lines = self._plain(text).replace("##[", "## [").split("\n")
        return "\n".join(f"· {it}" if it.strip().startswith("::") else it for it in lines)

    def _annotate(self, kind: str, text: str) -> None:
        clean = self._plain(text)
        cut = f"{clean[:_LONGEST_ANNOTATION]}…" if len(clean) > _LONGEST_ANNOTATION else clean
        self._command(f"{kind} title=QA.tech review", cut)

    def _command(self, name: str, message: str) -> None:
        escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        self._print(f"::{name}::{escaped}")

    def _append(self, variable: str, text: str) -> None:
        if path := self._environ.get(variable, ""):
            self._write(Path(path), text, variable)


def input_values(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs by name. The runner upper-cases the name and keeps its hyphens."""
    return {
        name.removeprefix("INPUT_").lower(): value
        for name, value in environ.items()
        if name.startswith("INPUT_")
    }
