"""The stand-in for GitLab behind real ports, and the variables that a job there would have."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qatech_ci.before.sandbox import Call, GitLab, QaTech, Scenario, serving
from old_stand_ins import API_TOKEN, PREVIEW, SHA

GITLAB_TOKEN = "glpat-canary_7b52009b"
JOB_TOKEN = "glcbt-canary_64_9c1f"
PROJECT = "octo-group/web/shop"
MERGE_REQUEST_URL = f"https://gitlab.com/{PROJECT}/-/merge_requests/7"
PROJECT_ID = "101"


@dataclass
class GitLabServices:
    """QA.tech and GitLab, and where they are."""

    qatech: QaTech
    gitlab: GitLab
    qatech_url: str
    gitlab_url: str

    def starts(self) -> list[Call]:
        """Return the requests that started a review."""
        calls = self.qatech.requests
        return [call for call in calls if call.path == "/v1/chat/change-review"]

    def comments(self) -> list[str]:
        """Return the notes of the merge request."""
        return [note.body for note in self.gitlab.notes(PROJECT, 7)]


@contextmanager
def gitlab_services(
    scenario: Scenario = Scenario.PASSING,
    pace: float = 0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[GitLabServices]:
    """Serve both. `pace` is how many seconds a reply takes."""
    qatech = QaTech(API_TOKEN, scenario=scenario, now=now, pace=pace)
    gitlab = GitLab(now=now)
    gitlab.add_merge_request(PROJECT, 7, sha=SHA)
    gitlab.add_token(GITLAB_TOKEN)
    gitlab.add_token(JOB_TOKEN, "octocat", kind="job", project=PROJECT)
    with serving(qatech) as qatech_url, serving(gitlab) as gitlab_url:
        yield GitLabServices(qatech, gitlab, f"{qatech_url}/v1", f"{gitlab_url}/api/v4")


@dataclass(frozen=True)
class GitLabJob:
    """A folder in which a job finds its project."""

    folder: Path

    @property
    def outputs(self) -> dict[str, str]:
        """The dotenv report, read as GitLab reads it, under the names of the outputs."""
        path = self.folder / "qatech.env"
        lines = path.read_text().splitlines() if path.exists() else []
        pairs = [line.split("=", 1) for line in lines]
        return {name[len("QATECH_") :].lower().replace("_", "-"): value for name, value in pairs}

    @property
    def summary(self) -> str:
        """The summary."""
        return (self.folder / "qatech-summary.md").read_text()

    @property
    def report(self) -> str:
        """The JUnit report."""
        return (self.folder / "qatech-junit.xml").read_text()

    def environ(self, services: GitLabServices, **inputs: str) -> dict[str, str]:
        """Return the variables of a job in a merge request pipeline, with inputs."""
        values = {
            "api_token": API_TOKEN,
            "gitlab_token": GITLAB_TOKEN,
            "api_url": services.qatech_url,
            "application_overrides": f"app_web: {PREVIEW}",
            "preview_timeout_minutes": "0",
        } | inputs
        return {
            "CI": "true",
            "CI_API_V4_URL": services.gitlab_url,
            "CI_COMMIT_SHA": SHA,
            "CI_DEFAULT_BRANCH": "main",
            "CI_JOB_ID": "2",
            "CI_JOB_TOKEN": JOB_TOKEN,
            "CI_JOB_URL": f"https://gitlab.com/{PROJECT}/-/jobs/2",
            "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": PROJECT_ID,
            "CI_MERGE_REQUEST_PROJECT_PATH": PROJECT,
            "CI_MERGE_REQUEST_PROJECT_URL": f"https://gitlab.com/{PROJECT}",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": PROJECT_ID,
            "CI_PIPELINE_ID": "1",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_PROJECT_DIR": str(self.folder),
            "CI_PROJECT_PATH": PROJECT,
            "CI_SERVER_URL": "https://gitlab.com",
            "GITLAB_CI": "true",
        } | {f"QATECH_{name.upper()}": value for name, value in values.items()}


def of_branch(environ: dict[str, str], **variables: str) -> dict[str, str]:
    """Return the variables of the same job in a branch pipeline, with others beside them."""
    kept = {
        name: value for name, value in environ.items() if not name.startswith("CI_MERGE_REQUEST")
    }
    told = {"CI_COMMIT_BRANCH": "guest-checkout", "CI_PIPELINE_SOURCE": "push"}
    return kept | told | variables
