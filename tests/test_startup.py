"""What a run does before its first request, for which somebody waits."""

import json
import os
import subprocess
import sys
from pathlib import Path
from socket import socket
from tempfile import TemporaryFile
from threading import Event

import payloads
from containers import ROOT
from fault_server import FaultServer, serving

LATER = ("github", "requests", "urllib3", "jsonschema", "markdown_it", "mdformat")
"""Packages that take long to import and are not needed before the review has been started."""
OURS = ("page", "evidence", "gathering", "sandbox", "talk", "rehearsal", "github.pygithub")


def environment(server: FaultServer, folder: Path) -> dict[str, str]:
    """Return what the runner hands to the first run for a new pull request."""
    event = folder / "event.json"
    event.write_text(json.dumps(payloads.load("pull_request_opened")), encoding="utf-8")
    return {
        "PATH": os.environ["PATH"],
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "octo-org/shop",
        "GITHUB_API_URL": server.url,
        "GITHUB_RUN_ID": "1",
        "GITHUB_RUN_ATTEMPT": "1",
        "INPUT_API-TOKEN": "tok_123456",
        "INPUT_GITHUB-TOKEN": "ghs_123456",
        "INPUT_API-URL": f"{server.url}/v1",
        "INPUT_APPLICATION-OVERRIDES": "app_web: https://pr-7.example.com",
        "INPUT_PREVIEW-TIMEOUT-MINUTES": "0",
    }


def imported_before_the_first_request(folder: Path) -> tuple[str, set[str]]:
    """Return the first request's path, and what the process had imported when it arrived."""
    command = [sys.executable, "-I", "-X", "importtime", str(ROOT / "entrypoint.py")]
    arrived = Event()

    def keep_waiting(connection: socket, server: FaultServer) -> None:
        server.take(connection)
        arrived.set()
        connection.recv(1)

    with serving(keep_waiting) as server, TemporaryFile() as told:
        environ = environment(server, folder)
        process = subprocess.Popen(command, env=environ, stderr=told, stdout=subprocess.DEVNULL)
        assert arrived.wait(60)
        process.kill()
        process.wait()
        told.seek(0)
        lines = told.read().decode().splitlines()
    return server.received[0].path, {line.rpartition("|")[2].strip() for line in lines}


def test_what_is_not_needed_for_the_start_is_imported_later(tmp_path: Path) -> None:
    """The first request starts the review; GitHub and whatever writes Markdown come after it."""
    path, imported = imported_before_the_first_request(tmp_path)
    assert path == "/v1/chat/change-review"
    roots = {name.partition(".")[0] for name in imported}
    assert not roots & set(LATER)
    assert not imported & {f"qatech_ci.{name}" for name in OURS}
    assert {"yaml", "ssl", "qatech_ci"} <= roots, "What is needed is seen, so the rest would be."
