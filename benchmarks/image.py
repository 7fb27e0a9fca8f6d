"""The size of the built image by layer, where a container engine has it."""

import json
import shutil
import subprocess

IMAGE = "qatech-ci:e2e"
"""The name that the tests of the image give it."""
_OURS = "/opt/qatech-ci"


def measure() -> dict[str, object]:
    """Return the layers with their sizes in MB, and how the image compares to its base."""
    docker = shutil.which("docker")
    if not docker:
        return {"skipped": "docker is not installed"}
    shown = subprocess.run(
        [docker, "history", "--human=false", "--format", "{{json .}}", "--no-trunc", IMAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.returncode:
        return {"skipped": f"no container engine has {IMAGE}; `make e2e` builds it"}
    layers = [json.loads(line) for line in shown.stdout.splitlines()]
    return figures(layers) | {"packages MB": _packages(docker)}


def _packages(docker: str) -> dict[str, float]:
    """Return the packages of a megabyte and more with their sizes."""
    code = f"du -sk {_OURS}/lib/python3*/site-packages/*"
    command = [docker, "run", "--rm", "--entrypoint", "sh", IMAGE, "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sizes = [line.split("\t") for line in told.splitlines()]
    found = {path.rpartition("/")[2]: round(int(size) / 1024, 1) for size, path in sizes}
    return dict(sorted(((name, mb) for name, mb in found.items() if mb >= 1), key=_by_size))


def _by_size(item: tuple[str, float]) -> float:
    return -item[1]


def figures(layers: list[dict[str, str]]) -> dict[str, object]:
    """Return the sizes of layers; whatever does not write into our folder is the base."""
    sizes = [(layer["CreatedBy"], int(layer["Size"])) for layer in layers]
    ours = {_short(made): _mb(size) for made, size in sizes if _OURS in made and size}
    base = sum(size for made, size in sizes if _OURS not in made)
    total = sum(size for _, size in sizes)
    return {
        "layers MB": {"base": _mb(base), **ours},
        "MB": _mb(total),
        "x base": round(total / base, 2),
    }


def _short(made: str) -> str:
    return "entry point" if "entrypoint.py" in made else "the action and its dependencies"


def _mb(size: int) -> float:
    return round(size / 1e6, 1)
