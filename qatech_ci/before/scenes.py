"""Where a demonstration takes place: a forge's stand-in, and what a run there has and leaves."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from .sandbox import App, GitLab
from .sandbox.serve import HEAD_SHA, PULL_REQUEST, REPOSITORY, ready_made

TOKEN = "stand-in-token"  # noqa: S105 - the stand-ins', worth nothing
_PROJECT = "octo-group/shop"
_INPUTS = {
    "api-token": TOKEN,
    "application-overrides": "app_web: https://shop-pr-7.example.com",
    "preview-timeout-minutes": "0",
}


class Scene(Protocol):
    """A forge with a pull request that is open."""

    summary: str
    """The file that the summary is in."""
    outputs: str
    """The file that the outputs are in."""

    @property
    def app(self) -> App:
        """The stand-in."""
        ...

    def environ(self, folder: Path, api_url: str, forge_url: str) -> Mapping[str, str]:
        """Return the environment of a run, whose files are in `folder`."""
        ...

    def comment(self) -> str:
        """Return what is said on the pull request."""
        ...


class OnGitHub:
    """A pull request event, as the runner hands it to a container action."""

    summary = "summary"
    outputs = "output"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.app = ready_made(now)

    def environ(self, folder: Path, api_url: str, forge_url: str) -> Mapping[str, str]:
        """Return the runner's variables, after its files have been written."""
        (folder / "event.json").write_text(json.dumps(_event()), encoding="utf-8")
        inputs = _INPUTS | {"api-url": api_url, "github-token": TOKEN}
        return {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_API_URL": forge_url,
            "GITHUB_RUN_ID": "1",
            "GITHUB_OUTPUT": str(folder / self.outputs),
            "GITHUB_STEP_SUMMARY": str(folder / self.summary),
        } | {f"INPUT_{name.upper()}": value for name, value in inputs.items()}

    def comment(self) -> str:
        """Return the comments."""
        found = self.app.comments(REPOSITORY, PULL_REQUEST)
        return "\n\n".join(comment.body for comment in found)


class OnGitLab:
    """A job in a merge request pipeline."""

    summary = "qatech-summary.md"
    outputs = "qatech.env"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.app = GitLab(now=now)
        self.app.add_token(None)
        self.app.add_merge_request(_PROJECT, PULL_REQUEST, sha=HEAD_SHA)

    def environ(self, folder: Path, api_url: str, forge_url: str) -> Mapping[str, str]:
        """Return the predefined variables that matter, and the inputs."""
        inputs = _INPUTS | {"api-url": api_url, "gitlab-token": TOKEN}
        return {
            "CI_API_V4_URL": f"{forge_url}/api/v4",
            "CI_COMMIT_SHA": HEAD_SHA,
            "CI_JOB_URL": f"https://gitlab.com/{_PROJECT}/-/jobs/1",
            "CI_MERGE_REQUEST_IID": str(PULL_REQUEST),
            "CI_MERGE_REQUEST_PROJECT_PATH": _PROJECT,
            "CI_PROJECT_DIR": str(folder),
            "CI_SERVER_URL": "https://gitlab.com",
            "GITLAB_CI": "true",
        } | {f"QATECH_{name.upper().replace('-', '_')}": value for name, value in inputs.items()}

    def comment(self) -> str:
        """Return the notes."""
        return "\n\n".join(note.body for note in self.app.notes(_PROJECT, PULL_REQUEST))


SCENES: Mapping[str, Callable[[Callable[[], datetime]], Scene]] = {
    "github": OnGitHub,
    "gitlab": OnGitLab,
}


def _event() -> Mapping[str, object]:
    return {
        "action": "opened",
        "number": PULL_REQUEST,
        "pull_request": {
            "number": PULL_REQUEST,
            "state": "open",
            "draft": False,
            "head": {
                "sha": HEAD_SHA,
                "ref": "fix-checkout-total",
                "repo": {"full_name": REPOSITORY},
            },
        },
    }
