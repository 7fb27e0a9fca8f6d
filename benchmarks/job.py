"""The job that is measured: a pull request event against the stand-ins."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qatech_ci.before.sandbox import GitHub
from qatech_ci.before.sandbox.serve import HEAD_SHA, PULL_REQUEST, REPOSITORY, ready_made

API_TOKEN = "stand-in-token"  # noqa: S105 - the stand-in's, worth nothing
GITHUB_TOKEN = "stand-in-github-token"  # noqa: S105 - as above


@dataclass(frozen=True)
class Occasion:
    """Why a run happens."""

    action: str = "opened"
    head_sha: str = HEAD_SHA
    run: int = 1
    attempt: int = 1


@dataclass(frozen=True)
class Services:
    """Where the stand-ins are."""

    qatech_url: str
    github_url: str


def _now() -> datetime:
    return datetime.now(UTC)


def ready_github(comments: int, now: Callable[[], datetime] = _now) -> GitHub:
    """Return a GitHub with an open pull request on which others have written `comments`."""
    github = ready_made(now)
    for number in range(comments):
        github.add_comment(REPOSITORY, PULL_REQUEST, f"user-{number % 40}", f"Remark {number}.")
    return github


def environ(folder: Path, services: Services, occasion: Occasion) -> dict[str, str]:
    """Return the environment that the runner gives a step; `folder` is for its files."""
    event = folder / "event.json"
    event.write_text(json.dumps(_event(occasion)), encoding="utf-8")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_API_URL": services.github_url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ATTEMPT": str(occasion.attempt),
        "GITHUB_RUN_ID": str(occasion.run),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": "1" * 40,  # of the merge commit that GitHub tries out
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "INPUT_API-TOKEN": API_TOKEN,
        "INPUT_API-URL": services.qatech_url,
        "INPUT_APPLICATION-OVERRIDES": "app_web: https://shop-pr-7.example.com",
        "INPUT_GITHUB-TOKEN": GITHUB_TOKEN,
        "INPUT_PREVIEW-TIMEOUT-MINUTES": "0",
    }


def _event(occasion: Occasion) -> dict[str, object]:
    place = {"full_name": REPOSITORY}
    head = {"sha": occasion.head_sha, "ref": "fix-checkout-total", "repo": place}
    pull = {"number": PULL_REQUEST, "state": "open", "draft": False, "head": head}
    return {"action": occasion.action, "number": PULL_REQUEST, "pull_request": pull}
