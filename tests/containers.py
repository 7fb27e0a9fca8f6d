"""The container engine, where there is one."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
IMAGE = "qatech-ci:e2e"
LOCAL_BASE = "local/python:3.13-slim-trixie"
"""A base image built on this machine, for places where no image registry can be reached."""


@cache
def why_not() -> str:
    """Return why container tests cannot run here, or nothing where they can."""
    if not shutil.which("docker"):
        return "no container engine: docker is not installed"
    answered = subprocess.run(["docker", "info"], capture_output=True, check=False)
    return "" if answered.returncode == 0 else "no container engine answers"


@cache
def base_image() -> str:
    """Return the base image to build on; empty for the one that the Dockerfile pins."""
    chosen = os.environ.get("BASE_IMAGE", "")
    inspect = ["docker", "image", "inspect", LOCAL_BASE]
    is_there = subprocess.run(inspect, capture_output=True, check=False).returncode == 0
    return chosen or (LOCAL_BASE if is_there else "")


def build() -> None:
    """Build the image as a user would; raises where it does not build."""
    argument = ["--build-arg", f"PYTHON_IMAGE={base_image()}"] if base_image() else []
    subprocess.run(
        ["docker", "build", *argument, "-t", IMAGE, str(ROOT)],
        check=True,
        capture_output=True,
        timeout=900,
    )


def run(
    environ: Mapping[str, str],
    folder: Path,
    *options: str,
) -> subprocess.CompletedProcess[str]:
    """Run the image as the runner does, `folder` at its own path, on the host's network."""
    given = [part for name in environ for part in ("--env", name)]
    mount = ["--volume", f"{folder}:{folder}"]
    return subprocess.run(
        ["docker", "run", "--rm", "--network", "host", *mount, *given, *options, IMAGE],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def entry_point() -> list[str]:
    """Return the entry point of the image."""
    shown = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{json .Config.Entrypoint}}", IMAGE],
        check=True,
        capture_output=True,
        text=True,
    )
    parts: list[str] = json.loads(shown.stdout)
    return parts
