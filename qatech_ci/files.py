"""Files that a run leaves behind, written whole or not at all."""

from errno import ENOSPC
from io import SEEK_END
from pathlib import Path

from .errors import RunnerError


def write_whole(path: Path, text: str, what: str, mode: str = "ab") -> None:
    """Write all of a text or nothing: half of an output could be read as another one.

    Raises `RunnerError` where the file, which is `what`, cannot be written.
    """
    data = text.encode("utf-8", "replace")
    try:
        with path.open(mode, buffering=0) as file:
            before = file.seek(0, SEEK_END)
            if file.write(data) != len(data):
                file.truncate(before)
                raise OSError(ENOSPC, "there is no room for all of it")  # noqa: TRY301 - as the system would
    except OSError as error:
        raise RunnerError(
            f"The file of {what} ({path}) cannot be written: "
            f"{error.strerror or type(error).__name__}.",
            "The runner makes this file; check what else in the job touches it.",
        ) from None
