"""What the metadata declares, the code reads and writes, and the documents say is the same."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from containers import ROOT
from qatech_ci.model import Verdict
from qatech_ci.report.report import OUTPUTS
from qatech_ci.settings import CHOICES, NAMES, Settings, read_settings
from qatech_ci.verdict import decide_gate

_ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_TYPES: dict[str, Any] = yaml.safe_load((ROOT / "action-types.yml").read_text(encoding="utf-8"))
_HEADER, _JOB = (ROOT / "templates" / "change-review.yml").read_text("utf-8").split("\n---\n")
_COMPONENT: dict[str, Any] = yaml.safe_load(_HEADER)["spec"]["inputs"]
_SCHEMAS = sorted((ROOT / "qatech_ci" / "schemas").glob("*.json"))
_LEAST = {"api-token": "tok_123456", "application-overrides": "app_a: env_b"}
_OF_A_JOB = ("job-name", "stage", "image", "rules")
"""Inputs of the GitLab component that are the job's, not the action's."""


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """Return the rows of the tables under a heading, by the name in the first cell."""
    section = (ROOT / page).read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    lines = section.partition("\n## ")[0].splitlines()
    cells = [line.strip("|").split("|") for line in lines if line.startswith("| `")]
    return {name.strip(" `"): [it.strip() for it in others] for name, *others in cells}


def settings(values: dict[str, str]) -> Settings:
    """Return what a run does with these inputs; what it shows of them does not matter."""
    return replace(read_settings(values, "github-token", is_reviewed=False), shown={})


@pytest.mark.parametrize("page", ["docs/reference.md", "README.md"])
def test_inputs_are_declared_read_and_documented_with_their_defaults(page: str) -> None:
    """None is declared and ignored, none works without being declared; the order is the same."""
    declared = {name: it.get("default", "") for name, it in _ACTION["inputs"].items()}
    assert tuple(declared) == (*NAMES, "github-token") == tuple(_TYPES["inputs"])
    told = rows(page, "Inputs")
    assert set(told) == set(declared)
    assert list(told) == list(declared) or page == "README.md"
    # What `key` is by default is no value that could be written.
    values = {name: cells[0].strip("`") for name, cells in told.items() if name != "key"}
    assert {it for it in values if values[it] and values[it] != declared[it]} <= {"pull-request"}
    assert all(values[it] for it in values if declared[it])


def test_declared_defaults_are_those_of_the_code() -> None:
    """On GitLab and on the command line, where nothing declares them, a run behaves the same."""
    declared = {it: _ACTION["inputs"][it].get("default", "") for it in NAMES}
    assert settings(declared | _LEAST) == settings(_LEAST)


def test_outputs_are_declared_written_and_documented() -> None:
    """In the same order; README and reference name each of them."""
    names = [*OUTPUTS, "result"]
    assert list(_ACTION["outputs"]) == names == list(_TYPES["outputs"])
    assert list(rows("docs/reference.md", "Outputs")) == names
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Outputs\n")[2]
    assert re.findall(r"(?:^| · )`([a-z-]+)`", readme.strip().partition("\n")[0]) == names


def test_types_have_the_words_of_the_code() -> None:
    """https://github.com/typesafegithub/github-actions-typing."""
    inputs, outputs = _TYPES["inputs"], _TYPES["outputs"]
    passing = settings(_LEAST | {"pass-on": "any"}).pass_on
    for name in ("mode", "comment", "commit-status"):
        assert inputs[name]["allowed-values"] == list(CHOICES[name])
    assert set(inputs["pass-on"]["list-item"]["allowed-values"]) == {*passing, "any"}
    assert set(outputs["verdict"]["allowed-values"]) == set(Verdict)
    sources = outputs["verdict-source"]["list-item"]["allowed-values"]
    assert re.findall(r"`(.+?)`", _ACTION["outputs"]["verdict-source"]["description"]) == sources
    flags = {name for name, it in inputs.items() if it["type"] == "boolean"}
    assert flags == {
        it for it in NAMES if _ACTION["inputs"][it].get("default") in ("true", "false")
    }


def test_the_table_of_verdicts_has_every_verdict_with_its_gate() -> None:
    """With the default of `pass-on`, as the code decides; `ignored` asks for no gate."""
    told = {name: cells[-1].strip("–") for name, cells in rows("README.md", "Verdicts").items()}
    assert told == {str(it): decide_gate(it, settings(_LEAST).pass_on).word for it in Verdict}
    described = re.findall(r"`([a-z-]+)`", _ACTION["outputs"]["verdict"]["description"])
    assert described == list(told)


@pytest.mark.parametrize("path", _SCHEMAS, ids=lambda path: path.stem)
def test_a_schema_is_one(path: Path) -> None:
    """Of JSON Schema 2020-12."""
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_the_schema_of_the_result_has_all_outputs_and_verdicts() -> None:
    """What runs write is validated where they are run."""
    schema = json.loads((ROOT / "qatech_ci/schemas/result.json").read_text(encoding="utf-8"))
    assert set(OUTPUTS) <= set(schema["required"]) <= set(schema["properties"])
    assert set(schema["properties"]["verdict"]["enum"]) == {"", *Verdict}


def test_the_action_is_what_github_accepts() -> None:
    """Its published schema; and a runner refuses descriptions with expressions."""
    assert accepts("vendor.github-actions", ROOT / "action.yml") == ""
    parts = [*_ACTION["inputs"].values(), *_ACTION["outputs"].values(), _ACTION]
    assert not [part for part in parts if "${{" in part["description"]]


def test_the_component_has_the_inputs_of_the_action(tmp_path: Path) -> None:
    """But for tokens, which are no inputs on GitLab; each reaches the job with its default."""
    names = [it for it in NAMES if it != "api-token"]
    assert list(_COMPONENT) == [*_OF_A_JOB, *names]
    declared = {it: _COMPONENT[it]["default"] for it in names}
    texts = {
        it: value if isinstance(value, str) else str(value).lower()
        for it, value in declared.items()
    }
    assert texts == {it: _ACTION["inputs"][it].get("default", "") for it in names}

    def value(found: re.Match[str]) -> str:
        given = _COMPONENT[found[1]]["default"]
        return given if isinstance(given, str) else json.dumps(given)

    path = tmp_path / ".gitlab-ci.yml"
    path.write_text(re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", value, _JOB), encoding="utf-8")
    (job,) = yaml.safe_load(path.read_text(encoding="utf-8")).values()
    variables = {f"QATECH_{it.upper().replace('-', '_')}": texts[it] for it in names}
    assert {it: job["variables"][it] for it in variables} == variables
    assert accepts("vendor.gitlab-ci", path) == ""


def accepts(schema: str, path: Path) -> str:
    """Return what a published schema has against a file."""
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", schema]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
