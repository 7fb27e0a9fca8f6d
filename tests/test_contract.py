"""What the metadata declares, the code reads and writes, and the README documents is the same."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from containers import ROOT
from fakes import NOON, PULL_REQUEST
from qatech_ci.before.errors import InputError
from qatech_ci.before.model import Verdict
from qatech_ci.before.report import Report, outputs
from qatech_ci.before.settings import DEFAULT_API_URL, read_settings

METADATA: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
README = (ROOT / "README.md").read_text()


@dataclass
class Recorder(Mapping[str, str]):
    """Inputs that note which of them were read."""

    read: set[str] = field(default_factory=set)

    def get(self, key: str, default: Any = "") -> Any:  # noqa: ANN401 - as Mapping has it
        self.read.add(key)
        return default

    def __getitem__(self, key: str) -> str:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def table(heading: str) -> dict[str, list[str]]:
    """Return the rows of the README's table under a heading, by the name in the first cell."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}


def test_inputs_are_declared_read_and_documented() -> None:
    """None is declared and ignored, none works without being declared."""
    recorder = Recorder()
    with pytest.raises(InputError):
        read_settings(recorder)
    assert set(METADATA["inputs"]) == recorder.read == set(table("Inputs"))


def test_outputs_are_declared_written_and_documented() -> None:
    """All of them, also before there is anything to say."""
    written = outputs(Report(PULL_REQUEST, (), NOON), "")
    assert set(METADATA["outputs"]) == set(written) == set(table("Outputs"))


@pytest.mark.parametrize("name", sorted(METADATA["inputs"]))
def test_a_declared_default_is_the_documented_one(name: str) -> None:
    """Word for word; without one, the table is blank or says where the value comes from."""
    declared = METADATA["inputs"][name].get("default")
    documented = table("Inputs")[name][0]
    assert documented == (f"`{declared}`" if declared else documented)
    assert declared or not documented.startswith("`")


def test_declared_defaults_are_those_of_the_code() -> None:
    """A local run without the runner's defaults behaves the same."""
    least = {"api-token": "tok_123456", "application-overrides": "app_a: env_b"}
    declared = {
        name: value["default"]
        for name, value in METADATA["inputs"].items()
        if "default" in value and name != "github-token"
    }
    assert read_settings(least) == read_settings(least | declared)
    assert declared["api-url"] == DEFAULT_API_URL


def test_descriptions_hold_no_expression() -> None:
    """A runner refuses an action whose descriptions do."""
    parts = [*METADATA["inputs"].values(), *METADATA["outputs"].values(), METADATA]
    assert not [part for part in parts if "${{" in part["description"]]


def test_verdicts_are_documented() -> None:
    """Every word that the output `verdict` can have."""
    assert set(table("Verdicts")) == set(Verdict)
    described = re.findall(r"[a-z-]+", METADATA["outputs"]["verdict"]["description"])
    assert set(Verdict) <= set(described)


def test_the_example_uses_inputs_that_exist() -> None:
    """The workflow at the top of the README can be pasted."""
    workflow = yaml.safe_load(README.split("```yaml\n")[1].split("```")[0])
    (step,) = workflow["jobs"]["review"]["steps"]
    assert set(step["with"]) <= set(METADATA["inputs"])
    assert workflow["jobs"]["review"]["permissions"] == {
        "pull-requests": "write",
        "checks": "read",
        "statuses": "read",
    }
