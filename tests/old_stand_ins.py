"""The stand-ins behind real ports, and the environment that a runner would give the action."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import payloads
from qatech_ci.before.sandbox import Call, GitHub, QaTech, Scenario, serving
from test_logtext_and_runner import read_outputs

API_TOKEN = "tok_canary_5d41402a"
GITHUB_TOKEN = "ghs_canary_7b52009b"
REPOSITORY = "octo-org/shop"
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
PERMISSIONS = {
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "pull-requests": "write",
    "statuses": "write",
}
PREVIEW = "https://shop-pr-7.example.com"


@dataclass
class Services:
    """QA.tech and GitHub, and where they are."""

    qatech: QaTech
    github: GitHub
    qatech_url: str
    github_url: str

    def starts(self) -> list[Call]:
        """Return the requests that started a review."""
        calls = self.qatech.requests
        return [call for call in calls if call.path == "/v1/chat/change-review"]

    def comments(self) -> list[str]:
        """Return the comments on the pull request."""
        return [comment.body for comment in self.github.comments(REPOSITORY, 7)]


@contextmanager
def services(
    scenario: Scenario = Scenario.PASSING,
    pace: float = 0,
    now: object = None,
) -> Iterator[Services]:
    """Serve both. `pace` is how many seconds a reply takes."""
    clock = now if callable(now) else lambda: datetime.now(UTC)
    qatech = QaTech(API_TOKEN, scenario=scenario, now=clock, pace=pace)
    github = GitHub(now=clock)
    github.add_token(GITHUB_TOKEN, permissions=PERMISSIONS)
    github.add_pull_request(REPOSITORY, 7, head_sha=SHA)
    github.add_collaborator(REPOSITORY, "octocat", "write")
    with serving(qatech) as qatech_url, serving(github) as github_url:
        yield Services(qatech, github, f"{qatech_url}/v1", github_url)


@dataclass(frozen=True)
class Job:
    """A folder with the files that the runner hands to a step."""

    folder: Path

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs, read as the runner reads them."""
        path = self.folder / "output"
        return read_outputs(path.read_text()) if path.exists() else {}

    @property
    def summary(self) -> str:
        """The job summary."""
        return (self.folder / "summary").read_text()

    def environ(
        self,
        services: Services,
        fixture: str = "pull_request_opened",
        **inputs: str,
    ) -> dict[str, str]:
        """Return the environment of a step on an event, with inputs, underscores for hyphens."""
        values = {
            "api-token": API_TOKEN,
            "github-token": GITHUB_TOKEN,
            "api-url": services.qatech_url,
            "application-overrides": f"app_web: {PREVIEW}",
            "preview-timeout-minutes": "0",
        } | {name.replace("_", "-"): value for name, value in inputs.items()}
        event = self.folder / "event.json"
        event.write_text(payloads.path(fixture).read_text())
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_API_URL": services.github_url,
            "GITHUB_EVENT_NAME": payloads.EVENTS[fixture],
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "1",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        } | {f"INPUT_{name.upper()}": value for name, value in values.items()}
