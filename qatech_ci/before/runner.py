"""The Actions runner: its environment, its log, and the files through which it is spoken to."""

import json
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from errno import ENOSPC
from io import SEEK_END, FileIO
from pathlib import Path
from typing import TextIO

from .errors import EventError, RunnerError
from .inputs import shown
from .logtext import annotation, command, harmless_log
from .markdown.characters import plain
from .model import Case
from .ports import Run
from .secrecy import Secrets
from .target import Event

_ANNOTATIONS = 10
"""Of each kind a step; the runner drops more.

https://docs.github.com/en/actions/reference/limits
"""
_LARGEST_SUMMARY = 1024 * 1024
_LARGEST_PAYLOAD = 32 * 1024 * 1024


def input_values(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs by name. The runner upper-cases the name and keeps its hyphens."""
    prefix = "INPUT_"
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in environ.items()
        if name.startswith(prefix)
    }


def read_event(environ: Mapping[str, str]) -> Event:
    """Return the event that started the run; raises `EventError` where its payload is no use."""
    return Event(
        name=environ.get("GITHUB_EVENT_NAME", ""),
        payload=_payload(environ.get("GITHUB_EVENT_PATH", "")),
        server_url=environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/"),
        repository=environ.get("GITHUB_REPOSITORY", ""),
        actor=environ.get("GITHUB_ACTOR", ""),
    )


def read_api_url(environ: Mapping[str, str]) -> str:
    """Return the address of the forge's API; raises `EventError` where it is none."""
    url = environ.get("GITHUB_API_URL", "") or "https://api.github.com"
    if re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[!-~]*)?", url):
        return url.rstrip("/")
    raise EventError(f"`GITHUB_API_URL` is {shown(url)}.", "The runner sets it to an http(s) URL.")


def read_run(environ: Mapping[str, str]) -> Run:
    """Return which run this is; outside of a run it has no number and no page."""
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    repository, number = environ.get("GITHUB_REPOSITORY", ""), _number(environ, "GITHUB_RUN_ID")
    return Run(
        url=f"{server}/{repository}/actions/runs/{number}" if repository and number else "",
        number=number,
        attempt=_number(environ, "GITHUB_RUN_ATTEMPT"),
        sha=environ.get("GITHUB_SHA", ""),
    )


def _number(environ: Mapping[str, str], name: str) -> int:
    value = environ.get(name, "")
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else 0


def _payload(path: str) -> Mapping[str, object]:
    if not path:
        raise EventError(
            "`GITHUB_EVENT_PATH` is not set, so there is no event.",
            "Run this as a step of a workflow, or set it to a file with an event's payload.",
        )
    try:
        with Path(path).open("rb") as file:
            document = json.loads(file.read(_LARGEST_PAYLOAD))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EventError(_unusable(path, f"cannot be read: {reason}"), _REMEDY) from None
    except RecursionError:
        raise EventError(_unusable(path, "is nested too deeply"), _REMEDY) from None
    except ValueError:
        raise EventError(_unusable(path, "is not JSON"), _REMEDY) from None
    if isinstance(document, dict):
        return document
    raise EventError(_unusable(path, "is not a JSON object"), _REMEDY)


def _unusable(path: str, why: str) -> str:
    return f"The event's payload, `GITHUB_EVENT_PATH` ({path}), {why}."


_REMEDY = "The runner writes this file; check what else in the job touches it."


class RunnerLog:
    """The step's log. Implements the port `Log`."""

    def __init__(self, stream: TextIO, secrets: Secrets, *, masks: bool) -> None:
        """Write to `stream`. With `masks` the runner is told what to mask in its own log.

        Where no runner reads the log, such a command would print what it is meant to hide.
        """
        self._stream = stream
        self._secrets = secrets
        self._masks = masks
        self._annotated: Counter[str] = Counter()

    def info(self, text: str) -> None:
        """Print."""
        self._print(self._secrets.redact(harmless_log(text)))

    def group(self, title: str, text: str) -> None:
        """Print `text` folded under `title`."""
        self._print(command("group", self._secrets.redact(harmless_log(title))))
        self.info(text)
        self._print(command("endgroup", ""))

    def notice(self, text: str) -> None:
        """Print and annotate: something to know."""
        self._annotate("notice", text)

    def warning(self, text: str) -> None:
        """Print and annotate: something to mend, though the run goes on."""
        self._annotate("warning", text)

    def error(self, text: str) -> None:
        """Print and annotate: why the step is red."""
        self._annotate("error", text)

    def conceal(self, secret: str) -> None:
        """Keep `secret` out of everything that is written from now on."""
        for form in self._secrets.add(secret):
            if self._masks:
                self._print(command("add-mask", form))

    def _annotate(self, kind: str, text: str) -> None:
        self._annotated[kind] += 1
        if self._annotated[kind] > _ANNOTATIONS:
            self.info(f"{kind}: {text}")
        else:
            self._print(annotation(kind, self._secrets.redact(plain(text))))

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class RunnerFiles:
    """The files for the summary and the outputs. Implements the port `Files`."""

    def __init__(self, environ: Mapping[str, str], secrets: Secrets) -> None:
        self._summary = environ.get("GITHUB_STEP_SUMMARY", "")
        self._outputs = environ.get("GITHUB_OUTPUT", "")
        self._secrets = secrets

    def summary(self, markdown: str) -> None:
        """Add to the job summary. Raises `RunnerError` where the file cannot be written.

        The runner drops a summary of more than 1 MiB whole, so it is the caller's part to fit it.
        """
        _append(self._summary, "GITHUB_STEP_SUMMARY", self._secrets.redact(markdown) + "\n")

    def test_report(self, cases: Sequence[Case]) -> None:
        """Do nothing: a step has annotations, and GitHub lists no tests."""

    def outputs(self, values: Mapping[str, str]) -> None:
        """Write all outputs at once. Raises `RunnerError` where the file cannot be written."""
        blocks = [self._block(name, self._secrets.redact(value)) for name, value in values.items()]
        _append(self._outputs, "GITHUB_OUTPUT", "".join(blocks))

    def _block(self, name: str, value: str) -> str:
        """Return one output between delimiters that nobody can guess and its value does not have.

        https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#multiline-strings
        """
        delimiter = f"qatech-{secrets.token_hex(16)}"
        return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def write_whole(file: FileIO, data: bytes) -> None:
    """Write all of it or nothing: half of an output could be read as another one."""
    before = file.seek(0, SEEK_END)
    if file.write(data) != len(data):
        file.truncate(before)
        raise OSError(ENOSPC, "there is no room for all of it")


def _append(path: str, variable: str, text: str) -> None:
    """Append in one write, so that no reader finds half of it. No path: nobody wants it."""
    if not path:
        return
    try:
        with Path(path).open("ab", buffering=0) as file:
            write_whole(file, text.encode("utf-8", "replace"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RunnerError(
            f"The file of `{variable}` ({path}) cannot be written: {reason}.",
            "The runner makes this file; check what else in the job touches it.",
        ) from None
