"""Making text harmless for the runner's log, and writing the runner's commands.

The runner acts on a line that begins with `::name::` after white space, and on `##[name]` anywhere
in a line: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions and the
runner's source, ActionCommand.cs.
"""

from .markdown.characters import plain

LONGEST_ANNOTATION = 4096
"""Characters. The runner cuts what is longer."""
_ROOM = 3900


def harmless_log(text: str) -> str:
    """Return text of which no line is a command to the runner, without control characters."""
    return "\n".join(_harmless(line) for line in plain(text).split("\n"))


def command(name: str, message: str, **properties: str) -> str:
    """Return a workflow command; message and properties are escaped as the runner unescapes them.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name}{' ' if given else ''}{given}::{_data(message)}"


def annotation(kind: str, text: str) -> str:
    """Return the command for an annotation: `notice`, `warning` or `error`."""
    clean = plain(text)
    cut = clean if len(_data(clean)) <= _ROOM else clean[: _ROOM // 3] + "…"
    return command(kind, cut, title="QA.tech review")


def _harmless(line: str) -> str:
    line = line.replace("##[", "## [")
    return f"· {line}" if line.strip().startswith("::") else line


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
