"""The console command on GitLab."""

import io
from pathlib import Path

import pytest

from gitlab_stand_ins import GitLabJob, gitlab_services
from qatech_ci.before.cli import main


def test_the_demonstration_runs_on_gitlab_too(tmp_path: Path) -> None:
    """A passing and a failing review: log, note, summary, outputs and exit code of each."""
    out = io.StringIO()
    assert main(["demo", "--forge", "gitlab", "--save", str(tmp_path)], out) == 0
    assert "A failing review, played by stand-ins" in out.getvalue()
    for name, verdict in (("passing", "passed"), ("failing", "failed")):
        folder = tmp_path / name
        assert f"QA.tech review: {verdict}" in (folder / "comment.md").read_text()
        assert f"QATECH_VERDICT={verdict}\n" in (folder / "outputs.txt").read_text()
        assert "/-/merge_requests/7" in (folder / "log.txt").read_text()


def test_a_check_is_a_dry_run_on_gitlab_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It shows the request that would be sent, and sends nothing."""
    out = io.StringIO()
    with gitlab_services() as its:
        for name, value in GitLabJob(tmp_path).environ(its).items():
            monkeypatch.setenv(name, value)
        assert main(["check"], out) == 0
        assert not its.starts()
    assert '"vcsProviderId": "gitlab"' in out.getvalue()
