"""The built image: other people's servers, a hostile workspace, a real workflow run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import containers
import payloads
from qatech_ci.before.sandbox import Scenario
from old_stand_ins import API_TOKEN, GITHUB_TOKEN, PREVIEW, Job, services

pytestmark = [pytest.mark.container, pytest.mark.slow, pytest.mark.usefixtures("image")]
HOSTILE = (
    "import pathlib; pathlib.Path('/github/workspace/executed').touch(); raise SystemExit(99)\n"
)
WORKFLOW = f"""
on: pull_request
jobs:
  review:
    runs-on: ubuntu-latest
    permissions:
      pull-requests: write
    steps:
      - id: review
        uses: ./
        with:
          api-token: ${{{{ secrets.QATECH_API_TOKEN }}}}
          github-token: ${{{{ secrets.FORGE_TOKEN }}}}
          api-url: API_URL
          preview-timeout-minutes: 0
          application-overrides: |
            app_web: {PREVIEW}
      - if: always()
        env:
          VERDICT: ${{{{ steps.review.outputs.verdict }}}}
          GATE: ${{{{ steps.review.outputs.gate }}}}
        run: echo "a later step reads $VERDICT, gate $GATE"
"""


DEPLOYED = """
on: pull_request
jobs:
  deploy-web:
    runs-on: ubuntu-latest
    outputs:
      preview-url: ${{ steps.deploy.outputs.preview-url }}
      deployment-id: ${{ steps.deploy.outputs.deployment-id }}
    steps:
      - id: deploy
        run: |
          echo "preview-url=https://shop-7f3a.example.app" >> "$GITHUB_OUTPUT"
          echo "deployment-id=7" >> "$GITHUB_OUTPUT"
  review:
    needs: deploy-web
    runs-on: ubuntu-latest
    permissions:
      pull-requests: write
    steps:
      - uses: ./
        with:
          api-token: ${{ secrets.QATECH_API_TOKEN }}
          github-token: ${{ secrets.FORGE_TOKEN }}
          api-url: API_URL
          preview-timeout-minutes: 0
          deploy-outputs: ${{ toJSON(needs) }}
          application-overrides: |
            app_web: {output: deploy-web}
"""


@pytest.mark.parametrize(
    ("scenario", "exit_code", "verdict"),
    [(Scenario.PASSING, 0, "passed"), (Scenario.FAILING, 1, "failed")],
)
def test_the_container_reviews_with_whatever_servers_it_is_given(
    tmp_path: Path,
    scenario: Scenario,
    exit_code: int,
    verdict: str,
) -> None:
    """Inputs and the runner's variables are all it knows."""
    job = Job(tmp_path)
    with services(scenario) as its:
        done = containers.run(job.environ(its), tmp_path)
        assert len(its.starts()) == 1
        assert len(its.comments()) == 1
    assert (done.returncode, done.stderr) == (exit_code, "")
    assert job.outputs["verdict"] == verdict


def test_a_hostile_workspace_executes_nothing(tmp_path: Path) -> None:
    """The workspace is the pull request's code; its modules are not ours."""
    workspace, job = tmp_path / "workspace", Job(tmp_path)
    home = workspace / "home" / ".local" / "lib" / "python3.13" / "site-packages"
    for folder in (workspace, workspace / "qatech_ci" / "before", workspace / "github", home):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ("requests.py", "sitecustomize.py", "qatech_ci/__init__.py", "github/__init__.py"):
        (workspace / name).write_text(HOSTILE)
    (home / "usercustomize.py").write_text(HOSTILE)
    with services() as its:
        environ = job.environ(its) | {
            "PYTHONPATH": "/github/workspace",
            "PYTHONSTARTUP": "/github/workspace/requests.py",
            "HOME": "/github/workspace/home",
        }
        mounted = ("--volume", f"{workspace}:/github/workspace", "--workdir", "/github/workspace")
        done = containers.run(environ, tmp_path, *mounted)
    assert done.returncode == 0
    assert not (workspace / "executed").exists()


def test_the_entry_point_is_python_itself_isolated() -> None:
    """A shell in between would drop the inputs' variables and the signals."""
    program, isolated, script = containers.entry_point()
    assert program.endswith("/bin/python")
    assert isolated == "-I"
    assert script.endswith("entrypoint.py")


def test_the_package_in_the_image_is_precompiled() -> None:
    """Without it, the start takes more than twice as long."""
    code = (
        "import sys, pathlib, qatech_ci, requests; "
        "sys.exit(not all(pathlib.Path(m.__cached__).exists() for m in (qatech_ci, requests)))"
    )
    python = containers.entry_point()[0]
    done = subprocess.run(
        ["docker", "run", "--rm", "--entrypoint", python, containers.IMAGE, "-I", "-c", code],
        check=False,
    )
    assert done.returncode == 0


def test_the_image_holds_nothing_that_only_building_needs() -> None:
    """No pip, no compiler, no tests of libraries, no caches."""
    script = (
        "command -v pip pip3 cc gcc; ls -d /root/.cache 2>/dev/null; "
        "find /opt/qatech-ci -type d -name tests; find /opt/qatech-ci -type d -name 'pip*'"
    )
    command = ["docker", "run", "--rm", "--entrypoint", "sh", containers.IMAGE, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # The stand-in base of the tests has Debian's pip, which the official one does not have.
    assert set(done.stdout.split()) <= {"/usr/bin/pip", "/usr/bin/pip3"}


@pytest.mark.parametrize(
    ("scenario", "verdict", "gate"),
    [(Scenario.PASSING, "passed", "open"), (Scenario.FAILING, "failed", "closed")],
)
def test_a_workflow_on_pull_request(
    tmp_path: Path,
    scenario: Scenario,
    verdict: str,
    gate: str,
) -> None:
    """One start request, one comment, and the outputs read by a later step."""
    with services(scenario) as its:
        text = WORKFLOW.replace("API_URL", its.qatech_url)
        done = act(tmp_path, text, its.github_url)
        assert len(its.starts()) == 1
        assert len(its.comments()) == 1
    assert f"a later step reads {verdict}, gate {gate}" in done.stdout
    assert (done.returncode == 0) is (gate == "open")
    assert API_TOKEN not in done.stdout
    assert GITHUB_TOKEN not in done.stdout


def test_a_deploy_job_feeds_the_review(tmp_path: Path) -> None:
    """Through `toJSON(needs)`: the URL that the deploy handed over is the one that is reviewed."""
    with services() as its:
        done = act(tmp_path, DEPLOYED.replace("API_URL", its.qatech_url), its.github_url)
        assert done.returncode == 0, done.stdout
        (start,) = its.starts()
    assert isinstance(start.body, dict)
    (override,) = start.body["applicationOverrides"]
    assert override["environment"] == {"url": "https://shop-7f3a.example.app"}


@pytest.mark.parametrize(
    ("event", "fixture"),
    [
        ("deployment_status", "deployment_status_success"),
        ("issue_comment", "issue_comment_created_on_pull_request"),
    ],
)
def test_workflows_on_other_events(tmp_path: Path, event: str, fixture: str) -> None:
    """The pull request is found, and one review is started for it."""
    with services() as its:
        text = WORKFLOW.replace("API_URL", its.qatech_url).replace(
            "on: pull_request", f"on: {event}"
        )
        done = act(tmp_path, text, its.github_url, event, fixture)
        assert done.returncode == 0, done.stdout
        (start,) = its.starts()
    assert isinstance(start.body, dict)
    assert start.body["prUrl"] == "https://github.com/octo-org/shop/pull/7"


def test_the_readmes_workflow_as_a_newcomer_tries_it(tmp_path: Path) -> None:
    """Pasted into an empty repository, without a token: a comment, and a summary in the log."""
    readme = (containers.ROOT / "README.md").read_text(encoding="utf-8")
    workflow = readme.partition("```yaml\n")[2].partition("```")[0]
    token = "api-token: ${{ secrets.QATECH_API_TOKEN }}"
    assert token in workflow
    tried = workflow.replace(token, "api-url: sandbox").replace("OWNER/qatech-ci@v1", "./")
    with services() as its:
        done = act(tmp_path, tried, its.github_url)
        assert done.returncode == 0, done.stdout
        assert not its.starts(), "The stand-in inside the action answers, and no other server."
        (comment,) = its.comments()
    assert "QA.tech review: passed" in comment
    assert "stand-in" in comment
    assert "https://pr-7.example.com" in done.stdout


def act(
    folder: Path,
    workflow: str,
    github_url: str,
    event: str = "pull_request",
    fixture: str = "pull_request_opened",
) -> subprocess.CompletedProcess[str]:
    """Run a workflow on an event in a repository that holds nothing but the action."""
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / ".github" / "workflows" / "review.yml").write_text(workflow)
    (folder / "action.yml").write_text(yaml.safe_dump(built_action()))
    shutil.copy(payloads.path(fixture), folder / "event.json")
    (folder / "secrets").write_text(_SECRETS)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    base = containers.base_image() or "python:3.13-slim-trixie"
    options = ["--bind", "--pull=false", "--network", "host", "--eventpath", "event.json"]
    options += ["--platform", f"ubuntu-latest={base}"]
    options += ["--secret-file", "secrets", "--env", f"GITHUB_API_URL={github_url}"]
    options += ["--env", "GITHUB_REPOSITORY=octo-org/shop"]
    return subprocess.run(
        [str(Path(sys.executable).parent / "act"), event, *options],
        cwd=folder,
        env=os.environ | {"HOME": str(folder), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


_SECRETS = f"""
QATECH_API_TOKEN={API_TOKEN}
FORGE_TOKEN={GITHUB_TOKEN}
GITHUB_TOKEN={GITHUB_TOKEN}
"""


def built_action() -> dict[str, object]:
    """Return the action's metadata, pointing at the image that was built."""
    metadata: dict[str, object] = yaml.safe_load((containers.ROOT / "action.yml").read_text())
    runs = {"using": "docker", "image": f"docker://{containers.IMAGE}"}
    return metadata | {"runs": runs}
