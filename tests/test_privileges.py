"""Least privilege: each feature works with the documented permissions, and says which one it lacks.

The stand-in for GitHub enforces them as GitHub documents them, endpoint by endpoint:
https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest
import yaml
from _pytest.mark import ParameterSet

from containers import ROOT
from fakes import NOON
from qatech_ci.before.checks import NAME
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.sandbox import GitHub, QaTech, Scenario, serving
from old_stand_ins import API_TOKEN, GITHUB_TOKEN, REPOSITORY, SHA, Job, Services
from test_main import Ran, run

BEFORE = "9049f1265b7d61be4a8904a9a27120d2064dab3b"
QUEUE = "c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c", "7638417db6d59f3c431d3e1f261cc637155684cd"
COMMENT_ID = 1_000_000_001
"""The first id that the stand-in gives: that of the comment with the command."""
QUIET = {"comment": "off", "commit_status": "off"}
Permissions = Mapping[str, str]


@dataclass
class Done:
    """A run with certain permissions, and what GitHub has of it."""

    ran: Ran
    github: GitHub

    @property
    def verdict(self) -> str:
        """The verdict, or nothing where there is none."""
        return self.ran.job.outputs.get("verdict", "")

    def refused(self) -> list[str]:
        """Return the calls that were refused for want of a permission."""
        calls = self.github.requests
        return [f"{it.method} {it.path}" for it in calls if it.status in {401, 403}]

    def comments(self) -> int:
        """Return how many comments are ours."""
        comments = self.github.comments(REPOSITORY, 7)
        return sum("QA.tech review: passed" in comment.body for comment in comments)

    def has_status(self) -> bool:
        """Tell whether the head commit has our status."""
        statuses = self.github.statuses(REPOSITORY, SHA)
        return any(it.context.startswith("qatech-ci") for it in statuses)


def passes(done: Done) -> bool:
    """Tell whether the review took place."""
    return done.verdict == "passed"


@dataclass(frozen=True)
class Feature:
    """Something that needs permissions: these, and no others."""

    needs: Permissions
    fixture: str = "pull_request_opened"
    inputs: Mapping[str, str] = field(default_factory=dict)
    works: Callable[[Done], bool] = passes
    is_vital: bool = False
    """True where there is nothing to review without it: the run ends with exit code 2."""


CHECKED = {"checks": "read", "statuses": "read"}
READS = {"pull-requests": "read"}
FINDS = {"contents": "read", **READS}
RAW = {"mode": "raw-changes", **QUIET}
REACTION = "the reaction to a command"
"""Without any access to pull requests there is no look-up either, so nothing to react to."""
FEATURES: Mapping[str, Feature] = {
    "the comment": Feature(
        {"pull-requests": "write", **CHECKED}, works=lambda done: done.comments() == 1
    ),
    "no comment": Feature({**READS, **CHECKED}, inputs=QUIET),
    "QA.tech's check": Feature(
        {**READS, **CHECKED},
        inputs=QUIET,
        works=lambda done: "check" in done.ran.job.outputs["verdict-source"],
    ),
    "a number": Feature(
        {**READS}, "workflow_dispatch", {"pull_request": "7", **QUIET}, is_vital=True
    ),
    "the commit status": Feature(
        {"statuses": "write"},
        inputs={"comment": "off", "commit_status": "on"},
        works=Done.has_status,
    ),
    "deployments": Feature(
        {"deployments": "read"},
        inputs={"application_overrides": "app_web: {deployment: Preview}", **QUIET},
        is_vital=True,
    ),
    "a push": Feature(FINDS, "push_branch", QUIET, is_vital=True),
    "a deployment status": Feature(FINDS, "deployment_status_success", QUIET, is_vital=True),
    "a run of a workflow": Feature(READS, "workflow_run_completed", QUIET, is_vital=True),
    "raw changes of a pull request": Feature(READS, inputs=RAW, is_vital=True),
    "raw changes of a push": Feature({"contents": "read"}, "push_branch", RAW, is_vital=True),
    "raw changes of a queue": Feature(
        {"contents": "read"}, "merge_group_checks_requested", RAW, is_vital=True
    ),
    "a command in a comment": Feature(
        READS, "issue_comment_created_on_pull_request", QUIET, is_vital=True
    ),
    REACTION: Feature(
        {"pull-requests": "write"},
        "issue_comment_created_on_pull_request",
        QUIET,
        works=lambda done: bool(done.github.reactions(COMMENT_ID)),
    ),
}
"""What is known not to be named as a workflow writes it."""


@contextmanager
def staged(permissions: Permissions) -> Iterator[Services]:
    """Serve a repository in which every feature has something to find."""
    clock = SimulatedClock(NOON)
    qatech = QaTech(API_TOKEN, scenario=Scenario.PASSING, now=clock.now, pace=0)
    github = GitHub(now=clock.now)
    github.add_token(GITHUB_TOKEN, permissions=permissions)
    github.add_pull_request(REPOSITORY, 7, head_sha=SHA)
    assert github.add_comment(REPOSITORY, 7, "octocat", "/qatech review") == COMMENT_ID
    github.add_collaborator(REPOSITORY, "octocat", "write")
    github.add_check_run(REPOSITORY, SHA, NAME)
    deployment = github.add_deployment(REPOSITORY, SHA, "Preview")
    url = "https://shop-7f3a.example.app"
    github.add_deployment_status(REPOSITORY, deployment, "success", environment_url=url)
    for base, head in ((BEFORE, SHA), QUEUE):
        github.add_comparison(REPOSITORY, base, head)
    with serving(qatech) as qatech_url, serving(github) as github_url:
        yield Services(qatech, github, f"{qatech_url}/v1", github_url)


def done_with(folder: Path, feature: Feature, permissions: Permissions) -> Done:
    """Run a feature with certain permissions."""
    job = Job(folder)
    with staged(permissions) as its:
        environ = job.environ(its, feature.fixture, **feature.inputs)
        payload = Path(environ["GITHUB_EVENT_PATH"])
        if feature.fixture.startswith("issue_comment"):
            payload.write_text(as_command(payload.read_text()))
        return Done(run(job, environ), its.github)


def as_command(text: str) -> str:
    """Return an event's payload with the stand-in's comment, which is a command, in it."""
    payload = json.loads(text)
    payload["comment"] |= {"id": COMMENT_ID, "body": "/qatech review"}
    return json.dumps(payload)


def lesser(permissions: Permissions) -> Iterator[tuple[str, Permissions]]:
    """Yield which permission is missing, and what is left without it."""
    for name, level in permissions.items():
        left = {key: value for key, value in permissions.items() if key != name}
        yield f"{name}: {level}", left
        if level == "write":
            yield f"{name}: {level}", {**left, name: "read"}


def without(name: str) -> Iterator[ParameterSet]:
    """Yield a feature with each way to have less than it needs."""
    feature = FEATURES[name]
    for missing, left in lesser(feature.needs):
        what = f"{name} without {missing}"
        has_level = missing.partition(":")[0] in left
        if name != REACTION or has_level:
            shown = f"{what}, with read" if has_level else what
            yield pytest.param(feature, missing, left, id=shown)


WITHOUT = [case for name in FEATURES for case in without(name)]


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_works_with_exactly_what_is_documented(tmp_path: Path, name: str) -> None:
    """Nothing that it needs is refused; what it can do without may be."""
    feature = FEATURES[name]
    done = done_with(tmp_path, feature, feature.needs)
    assert passes(done), done.ran.log
    assert feature.works(done), done.ran.log


@pytest.mark.parametrize(("feature", "missing", "left"), WITHOUT)
def test_a_missing_permission_is_named(
    tmp_path: Path,
    feature: Feature,
    missing: str,
    left: Permissions,
) -> None:
    """The verdict is there all the same, or the run says why it cannot be had."""
    done = done_with(tmp_path, feature, left)
    assert missing in done.ran.log
    assert "Traceback" not in done.ran.log
    assert done.ran.exit_code == (2 if feature.is_vital else 0)
    assert done.verdict == ("" if feature.is_vital else "passed")
    assert "QA.tech review: " in done.ran.job.summary


def test_no_permission_at_all_leaves_the_verdict(tmp_path: Path) -> None:
    """A review on `pull_request` needs nothing of GitHub but to tell people about it."""
    done = done_with(tmp_path, FEATURES["the comment"], {})
    assert (done.ran.exit_code, done.verdict) == (0, "passed")
    assert "QA.tech review: passed" in done.ran.job.summary


def documented() -> set[str]:
    """Return the permissions in the README's table."""
    section = (ROOT / "README.md").read_text().partition("\n## Permissions\n")[2]
    table = section.partition("\n## ")[0]
    return set(re.findall(r"`([a-z-]+: (?:read|write))`", table))


def test_the_documented_permissions_are_those_that_features_need() -> None:
    """None is missing from the table, and none is there for nothing."""
    needed = chain.from_iterable(it.needs.items() for it in FEATURES.values())
    assert documented() == {f"{name}: {level}" for name, level in needed}


def test_the_example_has_the_least_that_it_needs(tmp_path: Path) -> None:
    """With the permissions of the README's first workflow nothing is refused."""
    text = (ROOT / "README.md").read_text()
    example = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    permissions = example["jobs"]["review"]["permissions"]
    assert permissions == dict(FEATURES["the comment"].needs)
    done = done_with(tmp_path, FEATURES["the comment"], permissions)
    assert (passes(done), done.comments(), done.refused()) == (True, 1, [])


HOSTILE = "import os, pathlib; pathlib.Path(os.environ['TRACE']).touch(); raise SystemExit(99)\n"
WATCHER = """\
import os, runpy, sys
here = os.getcwd()
sys.addaudithook(lambda event, args: event == "open" and here in str(args[0]) and os._exit(7))
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@pytest.mark.parametrize("watch", [(), ("-c", WATCHER)], ids=["as it is", "watched"])
def test_a_hostile_workspace_has_no_say(tmp_path: Path, watch: tuple[str, ...]) -> None:
    """On `pull_request_target` it is a stranger's code: none of it is executed, none of it read."""
    workspace, trace = tmp_path / "workspace", tmp_path / "trace"
    for name in ("requests.py", "sitecustomize.py", "usercustomize.py", "github/__init__.py"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text(HOSTILE)
    (workspace / "action.yml").write_text("inputs: {}")
    with staged(FEATURES["the comment"].needs) as its:
        environ = Job(tmp_path).environ(its, wait="false") | {
            "GITHUB_EVENT_NAME": "pull_request_target",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(workspace),
            "HOME": str(workspace),
            "TRACE": str(trace),
        }
        command = [sys.executable, "-I", *watch, str(ROOT / "entrypoint.py")]
        done = subprocess.run(command, env=environ, cwd=workspace, timeout=60, check=False)
    assert (done.returncode, trace.exists()) == (0, False)
