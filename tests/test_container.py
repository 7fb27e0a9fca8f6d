"""The built image: as process 1, in workflows on GitHub's events, and as a job on GitLab."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from signal import Signals
from typing import Any
from uuid import uuid4

import pytest
import yaml

import containers
from qatech_ci.qatech.sandbox import Sandbox, Scenario, serving
from qatech_ci.report.page import TITLE
from stand_ins import github, gitlab, server
from test_docs import workflows
from test_processes import CODES, Stage, Trouble, stage

pytestmark = [pytest.mark.container, pytest.mark.slow, pytest.mark.usefixtures("image")]
_OURS = "OWNER/qatech-ci@v1"
_RECIPES = {
    place: text for place, text in workflows().items() if place.startswith(("README", "recipes"))
}
_PAYLOADS = {
    "pull_request": "pull_request_opened",
    "merge_group": "merge_group_checks_requested",
    "deployment_status": "deployment_status_success",
    "workflow_run": "workflow_run_completed",
    "issue_comment": "issue_comment_created_on_pull_request",
    "push": "push_branch",
}


@pytest.mark.parametrize("number", list(CODES), ids=lambda number: number.name)
def test_a_signal_ends_process_1(tmp_path: Path, number: Signals) -> None:
    """As the runner's docker sends it, while QA.tech does not answer: all of it is reported."""
    trouble, name = Trouble("/chat/change-review"), f"qatech-ci-{uuid4().hex}"
    with stage(tmp_path, at_qatech=trouble) as its:
        environ = github.environ(tmp_path, its.forge_url, its.qatech_url)
        command = containers.command(environ, tmp_path, "--name", name)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                assert trouble.is_reached.wait(60)
                kill = ["docker", "kill", "--signal", number.name, name]
                subprocess.run(kill, check=True, capture_output=True)
                process.wait(60)
            finally:
                remove = ["docker", "rm", "--force", name]
                subprocess.run(remove, check=False, capture_output=True)
        assert process.returncode == CODES[number]
        assert its.verdict == "cancelled"
        assert f"{TITLE} cancelled" in its.summary
        assert f"{TITLE} cancelled" in its.comment


def test_the_image_holds_what_runs_and_nothing_else(tmp_path: Path) -> None:
    """Python itself, isolated; packages are compiled; no pip, compiler or tests of libraries."""
    shown = ["docker", "image", "inspect", "--format", "{{json .Config.Entrypoint}}"]
    told = subprocess.run([*shown, containers.IMAGE], check=True, capture_output=True, text=True)
    python, *options = json.loads(told.stdout)
    assert options == ["-I", "/opt/qatech-ci/entrypoint.py"]
    script = (
        f"{python} -I -c 'import os, qatech_ci, requests; "
        "assert os.path.exists(qatech_ci.__cached__) and os.path.exists(requests.__cached__)'"
        " && find /opt/qatech-ci -type d '(' -name tests -o -name 'pip*' ')'; command -v cc gcc"
    )
    shell = [*containers.command({}, tmp_path, "--entrypoint", "sh"), "-c", script]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


def test_the_readmes_workflow_as_a_newcomer_tries_it(tmp_path: Path) -> None:
    """Pasted into an empty repository, without a token: a comment on the first try."""
    text = next(iter(_RECIPES.values()))
    token = "api-token: ${{ secrets.QATECH_API_TOKEN }}"
    assert token in text
    tried = text.replace(token, "api-url: sandbox").replace(_OURS, "./")
    with stage(tmp_path) as its:
        done = run(tmp_path, tried, "pull_request", its)
        assert done.returncode == 0, done.stdout
        assert f"{TITLE} passed" in its.comment
        assert "No review took place" in its.forge.comments[0]["body"]
        assert not its.qatech.requests, "The stand-in inside the action answers."


def cases() -> Iterator[tuple[str, str]]:
    """Yield each workflow of README and recipes with each event that it runs on."""
    for place, text in _RECIPES.items():
        events = yaml.load(text, Loader=yaml.BaseLoader)["on"]  # noqa: S506 - makes nothing but text
        yield from ((place, it) for it in ([events] if isinstance(events, str) else events))


@pytest.mark.parametrize(("place", "event"), list(cases()))
def test_a_recipe_starts_a_review(tmp_path: Path, place: str, event: str) -> None:
    """With its permissions and no others, on the preview that its deploy job hands over."""
    with stage(tmp_path) as its:
        document, preview = prepared(_RECIPES[place], its.qatech_url)
        job = document["jobs"]["review"]
        granted = job["permissions"].items()
        its.forge.permissions = {f"{name.replace('-', '_')}={level}" for name, level in granted}
        its.forge.add_deployment(github.HEAD_SHA, "Preview – shop", environment_url=preview)
        done = run(tmp_path, json.dumps(document), event, its)
        assert done.returncode == 0, done.stdout
        assert "::warning" not in done.stdout
        (start,) = [it.body for it in its.qatech.requests if it.path.endswith("/change-review")]
        (override,) = start["applicationOverrides"]
        assert override["environment"]["url"].startswith(preview)
        assert start["prUrl"] == f"https://github.com/{github.REPOSITORY}/pull/7"
        assert its.comment
        has_status = "statuses=write" in its.forge.permissions
        assert [it["context"] for it in its.forge.statuses] == ["qatech-ci (web)"] * has_status


def prepared(text: str, qatech_url: str) -> tuple[dict[str, Any], str]:
    """Return a recipe that speaks to the stand-ins, and the URL of its preview.

    Deploy steps, which need a provider, only hand over that URL; nobody waits for the verdict.
    """
    document = yaml.safe_load(text)
    document["on"] = document.pop(True)  # what YAML 1.1 takes the word for
    hosts = re.search(r"allowed-preview-hosts: '\*(.+)'", text)
    named = re.search(r"https://pr-.*\.example\.com", text)
    host = f"https://shop-pr-7{hosts[1]}" if hosts else github.PREVIEW
    preview = "https://pr-7.example.com" if named else host
    for job in document["jobs"].values():
        handed_over = re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", str(job.get("outputs")))
        stubs = [
            {"id": step, "run": f'echo "{name}={preview}" >> "$GITHUB_OUTPUT"'}
            for step, name in handed_over
        ]
        reviews = [it for it in job["steps"] if it.get("uses") == _OURS]
        for step in reviews:
            step["uses"] = "./"
            step["with"] |= {
                "api-url": qatech_url,
                "preview-timeout-minutes": "0",
                "wait": "false",
            }
        job["steps"] = stubs + reviews or [{"run": "true"}]
    return document, preview


def run(folder: Path, workflow: str, event: str, its: Stage) -> "subprocess.CompletedProcess[str]":
    """Run a workflow against the stand-ins."""
    command = {"comment": {"body": "/qatech review focus on checkout"}}
    changes: dict[str, Any] = command if event == "issue_comment" else {}
    return containers.act(
        folder,
        workflow,
        event,
        github.event(_PAYLOADS[event], **changes).payload,
        {"QATECH_API_TOKEN": github.API_TOKEN, "GITHUB_TOKEN": github.GITHUB_TOKEN},
        {"GITHUB_API_URL": its.forge_url, "GITHUB_REPOSITORY": github.REPOSITORY},
    )


def test_the_component_of_gitlab_runs_in_the_image(tmp_path: Path) -> None:
    """Its script, through a shell as GitLab's runner has it: a note, a summary, the variables."""

    def now() -> datetime:
        return datetime.now(UTC)

    job = (containers.ROOT / "templates" / "change-review.yml").read_text("utf-8")
    script = yaml.safe_load(job.partition("\n---\n")[2])
    (configured,) = script.values()
    forge = gitlab.GitLab(now)
    sandbox = Sandbox(token=github.API_TOKEN, scenario=Scenario.FAILING, now=now, pace=0.1)
    with server.serving(forge) as forge_url, serving(sandbox) as qatech_url:
        environ = gitlab.environ(tmp_path, forge_url, qatech_url)
        command = containers.command(environ, tmp_path, "--entrypoint", "")
        done = subprocess.run(
            [*command, "sh", "-c", *configured["script"]],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{TITLE} failed: 1 of 3" in "".join(it["body"] for it in forge.notes)
    assert "QATECH_VERDICT=failed\n" in (tmp_path / "qatech.env").read_text(encoding="utf-8")
    assert (tmp_path / "qatech-summary.md").exists()
    for token in (github.API_TOKEN, gitlab.GITLAB_TOKEN, gitlab.JOB_TOKEN):
        assert token not in done.stdout
