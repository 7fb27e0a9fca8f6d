"""The job's log, as GitLab shows it.

GitLab acts on escape sequences and on section markers, which hold them, and on nothing else:
https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
"""

import re
from typing import TextIO

from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.ports import Clock
from qatech_ci.before.secrecy import Secrets

_LINE = "\r\x1b[0K"
"""What ends a section's marker: back to the line's start, and clear it."""
_COLOURS = {"Note": "36", "Warning": "33", "Error": "31"}
_MARKER = re.compile(r"section_(?=start:|end:)", re.IGNORECASE)


def harmless_log(text: str) -> str:
    """Return text without control characters, in which nothing reads as a section's marker."""
    return _MARKER.sub("section·", plain(text))


class JobLog:
    """Implements the port `Log`."""

    def __init__(self, stream: TextIO, secrets: Secrets, clock: Clock) -> None:
        self._stream = stream
        self._secrets = secrets
        self._clock = clock
        self._sections = 0

    def info(self, text: str) -> None:
        """Print."""
        self._print(self._clean(text))

    def group(self, title: str, text: str) -> None:
        """Print `text` in a section, folded under `title`."""
        self._sections += 1
        name = f"qatech_{self._sections}"
        line = " ".join(self._clean(title).split())
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

    def conceal(self, secret: str) -> None:
        """Keep `secret` out of everything that is written from now on."""
        self._secrets.add(secret)

    def _tell(self, kind: str, text: str) -> None:
        self._print(f"\x1b[{_COLOURS[kind]};1m{kind}: {self._clean(text)}\x1b[0m")

    def _clean(self, text: str) -> str:
        return harmless_log(self._secrets.redact(plain(text)))

    def _marker(self, kind: str, name: str) -> str:
        moment = int(self._clock.now().timestamp())
        return f"\x1b[0Ksection_{kind}:{moment}:{name}{_LINE}"

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)
