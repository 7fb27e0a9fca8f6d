"""The console command."""

import io
import os
import signal
from pathlib import Path

import pytest

import payloads
from qatech_ci.before import __version__
from qatech_ci.before.cli import main
from qatech_ci.before.demo import demonstrate
from old_stand_ins import GITHUB_TOKEN, services


def test_the_demonstration_shows_what_a_user_would_see(tmp_path: Path) -> None:
    """A passing and a failing review: log, comment, summary, outputs and exit code of each."""
    out = io.StringIO()
    assert demonstrate(out, tmp_path) == 0
    shown = out.getvalue()
    for part in ("Log", "Comment on the pull request", "Job summary", "Outputs", "Exit code"):
        assert shown.count(f"{part}\n---") == 2
    assert "stand-ins" in shown
    for name, verdict, code in (("passing", "passed", "0"), ("failing", "failed", "1")):
        folder = tmp_path / name
        assert f"QA.tech review: {verdict}" in (folder / "comment.md").read_text()
        assert f"QA.tech review: {verdict}" in (folder / "summary.md").read_text()
        assert "Review started" in (folder / "log.txt").read_text()
        assert "verdict<<" in (folder / "outputs.txt").read_text()
        assert (folder / "exit-code.txt").read_text().strip() == code


def test_the_demonstration_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints, and keeps nothing unless it is told to."""
    assert main(["demo"]) == 0
    assert "A passing review, played by stand-ins" in capsys.readouterr().out


def test_running_is_the_default(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a command, and with `run`, the environment says what to do."""
    monkeypatch.setenv("INPUT_WAIT", "maybe")
    assert main([]) == 2
    assert main(["run"]) == 2
    assert capsys.readouterr().out.count("`wait` is “maybe”") == 2


def test_a_check_is_a_dry_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows the request that would be sent, and changes nothing, on GitHub neither."""
    environ = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(payloads.path("pull_request_opened")),
        "GITHUB_REPOSITORY": "octo-org/shop",
        "INPUT_APPLICATION-OVERRIDES": "app_web: env_staging",
        "INPUT_API-URL": "https://nowhere.invalid",
        "INPUT_GITHUB-TOKEN": GITHUB_TOKEN,
    }
    out = io.StringIO()
    with services() as its:
        for name, value in {**environ, "GITHUB_API_URL": its.github_url}.items():
            monkeypatch.setenv(name, value)
        assert main(["check"], out) == 0
        asked = {(call.method, call.path) for call in its.github.requests}
    assert {method for method, path in asked if path != "/graphql"} <= {"GET"}
    assert "::group::Dry run: POST /chat/change-review" in out.getvalue()
    assert '"shortId": "env_staging"' in out.getvalue()
    assert "`api-token` is not set. Store an API key" in out.getvalue()
    assert not list(tmp_path.iterdir())


def test_the_stand_ins_are_served_until_they_are_interrupted() -> None:
    """It tells where they are and that they are stand-ins."""

    class Interrupting(io.StringIO):
        def write(self, text: str) -> int:
            written = super().write(text)
            if "Interrupt to end" in text:
                os.kill(os.getpid(), signal.SIGINT)
            return written

    out = Interrupting()
    assert main(["sandbox", "--qatech-port", "0", "--github-port", "0"], out) == 0
    assert "stand-ins for QA.tech and GitHub" in out.getvalue()
    assert "The stand-ins have ended." in out.getvalue()


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """As the package has it."""
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == __version__
