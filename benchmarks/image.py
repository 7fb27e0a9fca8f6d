"""What the image adds to its base, where an engine answers."""

import re
import shutil
import subprocess

from .tables import table

_IMAGE = "qatech-ci:dev"
_COPIED = re.compile(r"COPY .*(/opt/qatech-ci/\S*)")


def measured() -> str:
    """Return the layers with files of ours, the newest first; `make image` builds them."""
    docker = shutil.which("docker")
    if docker is None:
        return "No container engine answered."
    command = [docker, "history", "--no-trunc", "--format", "{{.Size}}\t{{.CreatedBy}}", _IMAGE]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        return f"There is no image `{_IMAGE}`; `make image` builds it."
    layers = [line.split("\t") for line in found.stdout.splitlines()]
    ours = [[size, f"`{paths[0]}`"] for size, made in layers if (paths := _COPIED.findall(made))]
    return table(["size", "layer"], ours)
