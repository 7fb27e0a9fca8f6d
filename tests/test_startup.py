"""What a run does before its first request, for which somebody waits."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from socket import socket
from tempfile import TemporaryFile
from threading import Event

import pytest

import payloads
from containers import ROOT
from fault_server import FaultServer, raw, serving

LATER = ("github", "gitlab", "requests", "urllib3", "jsonschema", "markdown_it", "mdformat")
"""Packages that take long to import and are not needed before the review has been started."""
OURS = (
    "page",
    "evidence",
    "gathering",
    "sandbox",
    "talk",
    "rehearsal",
    "github.pygithub",
    "gitlab.python_gitlab",
)


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


def gitlab_environment(server: FaultServer, folder: Path) -> dict[str, str]:
    """Return what a job on GitLab has that takes up no earlier review."""
    return {
        "PATH": os.environ["PATH"],
        "CI_API_V4_URL": f"{server.url}/api/v4",
        "CI_COMMIT_SHA": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_PROJECT_DIR": str(folder),
        "CI_PROJECT_PATH": "octo-group/shop",
        "GITLAB_CI": "true",
        "QATECH_API_TOKEN": "tok_123456",
        "QATECH_API_URL": f"{server.url}/v1",
        "QATECH_APPLICATION_OVERRIDES": "app_web: https://pr-7.example.com",
        "QATECH_PREVIEW_TIMEOUT_MINUTES": "0",
        "QATECH_REUSE": "false",
    }


NO_COMMENTS: dict[str, object] = {"pullRequest": {"comments": {"pageInfo": {}, "nodes": []}}}


def imported_before_the_start(
    folder: Path,
    environment: Callable[[FaultServer, Path], dict[str, str]],
) -> tuple[list[str], set[str]]:
    """Return the requests' paths, and what the process had imported when the last one arrived.

    GitHub is asked first whether an earlier run has reviewed the commit, over GraphQL.
    """
    command = [sys.executable, "-I", "-X", "importtime", str(ROOT / "entrypoint.py")]
    arrived = Event()

    def keep_waiting(connection: socket, server: FaultServer) -> None:
        server.take(connection)
        if server.received[-1].path == "/graphql":
            connection.sendall(raw(json.dumps({"data": {"repository": NO_COMMENTS}}).encode()))
            return
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
    paths = [request.path for request in server.received]
    return paths, {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize(
    ("environment", "own", "other"),
    [(environment, "github", "gitlab"), (gitlab_environment, "gitlab", "github")],
)
def test_what_is_not_needed_for_the_start_is_imported_later(
    tmp_path: Path,
    environment: Callable[[FaultServer, Path], dict[str, str]],
    own: str,
    other: str,
) -> None:
    """The forge's library and whatever writes Markdown come after the review has been started.

    Of the other forge nothing is imported at all.
    """
    paths, imported = imported_before_the_start(tmp_path, environment)
    assert [path for path in paths if path != "/graphql"] == ["/v1/chat/change-review"]
    roots = {name.partition(".")[0] for name in imported}
    assert not roots & set(LATER)
    assert not imported & {f"qatech_ci.{name}" for name in OURS}
    assert f"qatech_ci.{own}.forge" in imported
    assert f"qatech_ci.{other}" not in imported
    assert {"yaml", "ssl", "qatech_ci"} <= roots, "What is needed is seen, so the rest would be."
