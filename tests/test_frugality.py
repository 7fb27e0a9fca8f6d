"""What a run asks of GitHub: a repository's jobs share 1,000 requests an hour.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fakes import clock
from qatech_ci.before.checks import NAME
from qatech_ci.before.sandbox import GitHub, QaTech, serving
from qatech_ci.before.sandbox.web import Request, Response
from old_stand_ins import REPOSITORY, SHA, Job, Services, services
from test_main import run


@dataclass
class Watched:
    """QA.tech, and how many requests GitHub had had by its last answer."""

    qatech: QaTech
    github: GitHub
    before: list[int] = field(default_factory=list)

    def handle(self, request: Request) -> Response:
        """Answer, and note."""
        self.before.append(len(self.github.requests))
        return self.qatech.handle(request)

    def asked(self) -> tuple[list[str], list[str]]:
        """Return what GitHub was asked until the last answer, and what after it."""
        calls = [f"{call.method} {call.path.rpartition('/')[2]}" for call in self.github.requests]
        return calls[: self.before[-1]], calls[self.before[-1] :]


def asked(folder: Path, its: Services, attempt: str) -> tuple[list[str], list[str]]:
    """Run once, and return what GitHub was asked until the last reply and after it."""
    its.github.requests.clear()
    watched = Watched(its.qatech, its.github)
    job = Job(folder)
    with serving(watched) as url:
        environ = job.environ(its, api_url=f"{url}/v1") | {"GITHUB_RUN_ATTEMPT": attempt}
        ran = run(job, environ, clock())
    assert (ran.exit_code, job.outputs["verdict"]) == (0, "passed"), ran.log
    return watched.asked()


@pytest.mark.parametrize("comments", [0, 10, 5000])
def test_reporting_takes_three_requests(tmp_path: Path, comments: int) -> None:
    """Head and check together, the comment as it stands, and the comment anew."""
    with services() as its:
        written = written_by_people(its, comments)
        _, after = asked(tmp_path, its, "1")
    ours = str(written + 1)
    assert after == ["POST graphql", f"GET {ours}", f"PATCH {ours}"]


def written_by_people(its: Services, count: int) -> int:
    """Let people write comments, and return the id of the last."""
    last = 1_000_000_000
    for number in range(count):
        last = its.github.add_comment(REPOSITORY, 7, "octocat", f"Comment {number}")
    return last


@pytest.mark.parametrize(("comments", "lookups"), [(10, 1), (5000, 50)])
def test_only_the_first_run_looks_through_all_comments(
    tmp_path: Path,
    comments: int,
    lookups: int,
) -> None:
    """While the review runs; later runs find the comment among those that were changed last."""
    with services() as its:
        written_by_people(its, comments)
        first, _ = asked(tmp_path, its, "1")
        written_by_people(its, 90)
        second, after = asked(tmp_path, its, "2")
    assert first[:lookups] == ["POST graphql"] * lookups
    assert [call.partition(" ")[0] for call in first[lookups:]] == ["POST", "POST", "PATCH"]
    assert second.count("POST graphql") == 1
    assert len(after) == 3


def test_a_check_costs_no_further_request(tmp_path: Path) -> None:
    """It comes with the head."""
    with services() as its:
        its.github.add_check_run(REPOSITORY, SHA, NAME)
        _, after = asked(tmp_path, its, "1")
    assert [call.partition(" ")[0] for call in after] == ["POST", "GET", "PATCH"]
