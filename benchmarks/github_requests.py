"""What a run asks of GitHub, counted by a stand-in."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .tables import table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from world import on_github


def measured() -> str:
    """Return the requests of a first run, of the next one, and of runs with more to do."""
    rows = []
    with TemporaryDirectory() as folder, on_github(Path(folder)) as world:
        for name, inputs in {
            "the first review of a pull request": {},
            "the same commit again": {},
            "another review, with a commit status": {"reuse": "false", "commit_status": "on"},
            "without a comment": {"reuse": "false", "comment": "off"},
        }.items():
            before = len(world.forge.requests)
            world.run(**inputs)
            rows.append([name, str(len(world.forge.requests) - before)])
    return table(["run", "requests"], rows)
