"""The built image as a job on GitLab: GitLab's variables by hand, other people's servers."""

import subprocess
from pathlib import Path

import pytest

import containers
from gitlab_stand_ins import (
    GITLAB_TOKEN,
    JOB_TOKEN,
    MERGE_REQUEST_URL,
    GitLabJob,
    gitlab_services,
)
from qatech_ci.before.sandbox import Scenario
from old_stand_ins import API_TOKEN
from test_gitlab_component import interpolated

pytestmark = [pytest.mark.container, pytest.mark.slow, pytest.mark.usefixtures("image")]


@pytest.mark.parametrize(
    ("scenario", "exit_code", "verdict"),
    [(Scenario.PASSING, 0, "passed"), (Scenario.FAILING, 1, "failed")],
)
def test_the_container_reviews_a_merge_request(
    tmp_path: Path,
    scenario: Scenario,
    exit_code: int,
    verdict: str,
) -> None:
    """One start request for the merge request, one note, a JUnit report; codes as on GitHub."""
    job = GitLabJob(tmp_path)
    with gitlab_services(scenario) as its:
        done = containers.run(job.environ(its), tmp_path)
        (start,) = its.starts()
        (note,) = its.comments()
    assert (done.returncode, done.stderr) == (exit_code, "")
    assert isinstance(start.body, dict)
    assert (start.body["vcsProviderId"], start.body["prUrl"]) == ("gitlab", MERGE_REQUEST_URL)
    assert f"QA.tech review: {verdict}" in note
    assert (verdict == "failed") is ("<failure>" in job.report)
    assert job.outputs["verdict"] == verdict
    for token in (API_TOKEN, GITLAB_TOKEN, JOB_TOKEN):
        assert token not in done.stdout + note + job.summary + job.report


def test_the_container_says_what_is_wrong_with_2(tmp_path: Path) -> None:
    """As on GitHub, and nothing has been started."""
    with gitlab_services() as its:
        environ = GitLabJob(tmp_path).environ(its, api_token="")
        done = containers.run(environ, tmp_path)
        assert not its.starts()
    assert done.returncode == 2
    assert "`QATECH_API_TOKEN`" in done.stdout


def test_the_components_script_runs_in_the_image(tmp_path: Path) -> None:
    """Through a shell, as GitLab's runner has it, in the project's folder."""
    (configured,) = interpolated({}).values()
    job = GitLabJob(tmp_path)
    with gitlab_services() as its:
        environ = job.environ(its)
        given = [part for name in environ for part in ("--env", name)]
        mounted = ["--volume", f"{tmp_path}:{tmp_path}", "--workdir", str(tmp_path)]
        image = ["--entrypoint", "", containers.IMAGE, "sh", "-c", *configured["script"]]
        done = subprocess.run(
            ["docker", "run", "--rm", "--network", "host", *given, *mounted, *image],
            env=environ | {"PATH": "/usr/bin:/bin:/usr/local/bin"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    assert job.outputs["gate"] == "open"
