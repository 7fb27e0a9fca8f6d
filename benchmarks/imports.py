"""What the libraries cost that could stand at the start, each in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Mapping
from statistics import median
from typing import Any

ROUNDS = 15
_NEEDED = "import ssl, json, dataclasses, enum, hmac, re, datetime, threading, pathlib, secrets"
CANDIDATES: Mapping[str, str] = {
    "bare": "pass",
    "http.client": "import http.client, ssl",
    "urllib3": "import urllib3",
    "requests": "import requests",
    "what the start needs of the standard library": f"{_NEEDED}, http.client",
    "… and PyYAML: what the action imports of others": f"{_NEEDED}, http.client, yaml",
    "… with urllib3 instead of http.client": f"{_NEEDED}, urllib3, yaml",
    "… with requests instead of http.client": f"{_NEEDED}, requests, yaml",
    "jsonschema": "import jsonschema",
    "markdown-it and mdformat": "import markdown_it, mdformat.renderer",
    "PyGithub": "import github",
}


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return each one's median as a multiple of bare Python, all of them measured in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    for _ in range(rounds):
        for name, code in CANDIDATES.items():
            seconds[name].append(_seconds(code))
    bare = median(seconds["bare"])
    return {name: round(median(found) / bare, 2) for name, found in seconds.items()}


def _seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", code], env={}, check=True)
    return time.perf_counter() - start
