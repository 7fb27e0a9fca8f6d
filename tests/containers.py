"""The container engine, where there is one, and workflows that run in it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

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
    inspect = ["docker", "image", "inspect", LOCAL_BASE]
    is_there = subprocess.run(inspect, capture_output=True, check=False).returncode == 0
    return os.environ.get("BASE_IMAGE", "") or (LOCAL_BASE if is_there else "")


def build() -> None:
    """Build the image as a user would; raises where it does not build."""
    argument = ["--build-arg", f"PYTHON_IMAGE={base_image()}"] if base_image() else []
    command = ["docker", "build", *argument, "-t", IMAGE, str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=900)


def command(environ: Mapping[str, str], folder: Path, *options: str) -> list[str]:
    """Return what runs the image with `folder` at its own path, on the host's network."""
    given = [part for name, value in environ.items() for part in ("--env", f"{name}={value}")]
    mount = ["--volume", f"{folder}:{folder}", "--workdir", str(folder)]
    return ["docker", "run", "--rm", "--network", "host", *mount, *given, *options, IMAGE]


def act(
    folder: Path,
    workflow: str,
    event: str,
    payload: Mapping[str, Any],
    secrets: Mapping[str, str],
    environ: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    """Run a workflow on an event in a repository that holds nothing but the action.

    `uses: ./` is the action, in the image that was built.
    """
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / ".github" / "workflows" / "workflow.yml").write_text(workflow, encoding="utf-8")
    metadata = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    metadata["runs"] = {"using": "docker", "image": f"docker://{IMAGE}"}
    (folder / "action.yml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    (folder / "event.json").write_text(json.dumps(payload), encoding="utf-8")
    lines = [f"{name}={value}\n" for name, value in secrets.items()]
    (folder / "secrets").write_text("".join(lines), encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    options = ["--bind", "--pull=false", "--network", "host", "--eventpath", "event.json"]
    options += ["--platform", f"ubuntu-latest={base_image() or 'python:3.13-slim-trixie'}"]
    options += ["--secret-file", "secrets"]
    options += [part for it in environ.items() for part in ("--env", "=".join(it))]
    return subprocess.run(
        [str(Path(sys.executable).parent / "act"), event, *options],
        cwd=folder,
        env=os.environ | {"HOME": str(folder), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
