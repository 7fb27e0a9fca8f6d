"""What the image weighs, layer by layer, where an engine answers."""

import shutil
import subprocess

from .tables import table

_IMAGE = "qatech-ci:dev"


def measured() -> str:
    """Return the layers above nothing, the newest first; build it before with `make image`."""
    docker = shutil.which("docker")
    if docker is None:
        return "No container engine answered."
    command = [docker, "history", "--format", "{{.Size}}\t{{.CreatedBy}}", _IMAGE]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        return f"There is no image `{_IMAGE}`; `make image` builds it."
    layers = [line.split("\t") for line in found.stdout.splitlines()]
    rows = [[size, f"`{made[:60].strip()}`"] for size, made in layers if not size.startswith("0B")]
    return table(["size", "made by"], rows)
