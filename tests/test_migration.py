"""Who comes from QA.tech's own action finds every input, and the converted workflow works."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from containers import ROOT
from documents import Page, code_of
from fakes import NOON
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.main import main
from qatech_ci.before.sandbox import Scenario
from old_stand_ins import API_TOKEN, Job, Services, services
from test_recipes import METADATA, evaluated, needed_permissions, settings_of, workflows

PAGE = Page(ROOT / "docs" / "migration.md")
README = Page(ROOT / "README.md")
BEFORE, AFTER = workflows("migration.md", PAGE.text)
INPUTS = {
    "api_token",
    "api_url",
    "applications_config",
    "blocking",
    "context",
    "pr_url",
    "project_short_id",
}
OUTPUTS = {"chat_created", "chat_response", "chat_short_id", "chat_status", "chat_url"}
"""What QA.tech's action declares: https://github.com/QAdottech/run-action."""


def moved(page: Page, heading: str) -> dict[str, str]:
    """Return where each name of a table goes; nothing where it is no longer needed."""
    rows = [row.cells for row in page.rows if row.heading == heading]
    spans = [(code_of(old)[0], (code_of(new) or [""])[0]) for old, new, *_ in rows]
    return {old.partition(":")[0]: new.partition(":")[0] for old, new in spans}


def settings_before() -> dict[str, str]:
    """Return the inputs of the example for QA.tech's action."""
    (step,) = BEFORE.steps
    assert step["uses"].startswith("QAdottech/run-action/change-review@")
    inputs: dict[str, str] = step["with"]
    return inputs


def settings_after() -> dict[str, str]:
    """Return the inputs of the converted example."""
    ((_, step),) = AFTER.reviews
    inputs: dict[str, str] = step["with"]
    return inputs


def run(its: Services, folder: Path, **more: str) -> tuple[int, Job]:
    """Run the converted example against the stand-ins, with inputs added to it."""
    inputs = {name: evaluated(text) for name, text in settings_after().items()}
    inputs |= {"api-token": API_TOKEN, "preview-timeout-minutes": "0", **more}
    job = Job(folder)
    environ = job.environ(its, **{name.replace("-", "_"): text for name, text in inputs.items()})
    return main(environ, io.StringIO(), SimulatedClock(NOON)), job


def test_every_input_has_a_place_to_go() -> None:
    """On the page and in the README, and each of them exists here."""
    assert set(moved(PAGE, "Inputs")) == INPUTS
    readme = moved(README, "Moving over from QA.tech's action")
    assert set(readme) == INPUTS
    assert set(moved(PAGE, "Inputs").values()) <= set(METADATA["inputs"])
    assert set(readme.values()) - {""} <= set(METADATA["inputs"])


def test_every_output_has_a_place_to_go() -> None:
    """And each of them exists here."""
    assert set(moved(PAGE, "Outputs")) == OUTPUTS
    assert set(moved(PAGE, "Outputs").values()) <= set(METADATA["outputs"])


def test_the_example_is_the_same_workflow_converted() -> None:
    """Every input but the one that is the default here goes where the table says."""
    table = moved(PAGE, "Inputs")
    assert set(settings_before()) <= INPUTS
    converted = {table[name]: text for name, text in settings_before().items()}
    assert converted.pop("wait") == METADATA["inputs"]["wait"]["default"]
    assert settings_after() == converted


def test_the_example_has_the_permissions_that_it_needs() -> None:
    """The comment's, which QA.tech's action does not need, is among them."""
    ((job, step),) = AFTER.reviews
    assert set(needed_permissions(AFTER, settings_of(step))) <= set(job["permissions"].items())


def test_the_converted_workflow_starts_the_same_review(tmp_path: Path) -> None:
    """The pasted JSON says the same to QA.tech as before, and so do project and context."""
    before = {name: evaluated(text) for name, text in settings_before().items()}
    applications = json.loads(before["applications_config"])["applications"]
    with services() as its:
        assert run(its, tmp_path)[0] == 0
        body: Any = its.starts()[0].body
    assert body["applicationOverrides"] == [
        {"applicationShortId": name, **about} for name, about in applications.items()
    ]
    assert body["projectShortId"] == before["project_short_id"]
    assert body["context"].startswith(before["context"])


@pytest.mark.parametrize(
    ("pass_on", "exit_code", "gate"),
    [("", 1, "closed"), ("passed, failed, unverified, unknown", 0, "open")],
)
def test_a_reply_that_says_no_closes_the_gate(
    pass_on: str,
    exit_code: int,
    gate: str,
    tmp_path: Path,
) -> None:
    """A completed one, too; the page says what to write to have the old gate for a while."""
    assert not pass_on or f"pass-on: {pass_on}" in PAGE.code_spans
    with services(Scenario.FAILING) as its:
        code, job = run(its, tmp_path, **{"pass-on": pass_on})
    assert (code, job.outputs["gate"]) == (exit_code, gate)
    assert (job.outputs["verdict"], job.outputs["status"]) == ("failed", "COMPLETED")
    assert set(moved(PAGE, "Outputs").values()) <= {name for name, it in job.outputs.items() if it}
