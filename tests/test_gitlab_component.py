"""The component and the configurations in the documents are what GitLab accepts, and this job."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from containers import ROOT
from qatech_ci.before.gitlab.dotenv import NAMES
from qatech_ci.before.gitlab.files import DOTENV, JUNIT, SUMMARY
from qatech_ci.before.gitlab.variables import input_values
from qatech_ci.before.overrides import read_overrides
from qatech_ci.before.settings import CommentMode, Mode, Settings, StatusMode, read_settings

TEXT = (ROOT / "templates" / "change-review.yml").read_text(encoding="utf-8")
HEADER, JOB = TEXT.split("\n---\n")
INPUTS: dict[str, Any] = yaml.safe_load(HEADER)["spec"]["inputs"]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "gitlab.md").read_text(encoding="utf-8")
OWN = {"job-name", "stage", "image", "rules", "thread"}
SECRET = {"api-token", "github-token"}
KINDS: dict[str, Any] = {"string": str, "boolean": bool, "number": (int, float), "array": list}


def interpolated(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration as GitLab makes it, which puts inputs in as text, others as JSON.

    Source: GitLab's lib/gitlab/ci/config/interpolation/text_template.rb
    """
    known = {name: declared["default"] for name, declared in INPUTS.items()} | dict(values)

    def value(found: re.Match[str]) -> str:
        given = known[found[1]]
        return given if isinstance(given, str) else json.dumps(given)

    config: dict[str, Any] = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", value, JOB))
    return config


def settings_of(job: Mapping[str, Any]) -> Settings:
    """Return the settings that a job's variables make."""
    return read_settings(input_values(job["variables"]), "gitlab-token")


def recipes() -> Iterator[dict[str, Any]]:
    """Yield the configurations in the document."""
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        yield yaml.safe_load(block)


RECIPES = list(recipes())


def included() -> list[dict[str, Any]]:
    """Return the inputs of each inclusion of the component in the document."""
    found = [each for recipe in RECIPES for each in recipe.get("include", [])]
    return [each["inputs"] for each in found if "inputs" in each]


def check(folder: Path, config: Mapping[str, Any]) -> str:
    """Return what GitLab's published schema has against a configuration."""
    path = folder / ".gitlab-ci.yml"
    path.write_text(yaml.safe_dump(config))
    program = str(Path(sys.executable).parent / "check-jsonschema")
    command = [program, "--builtin-schema", "vendor.gitlab-ci", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout


def test_the_header_declares_inputs_as_gitlab_reads_them() -> None:
    """https://docs.gitlab.com/ci/yaml/#specinputs: each has a default of its type."""
    assert set(yaml.safe_load(HEADER)) == {"spec"}
    for name, declared in INPUTS.items():
        assert set(declared) <= {"default", "description", "options", "type"}, name
        assert isinstance(declared["default"], KINDS[declared.get("type", "string")]), name
        assert declared["description"].endswith("."), name


def test_the_component_has_the_inputs_of_the_action() -> None:
    """With the same defaults; tokens are variables, as inputs can be read by everybody."""
    assert set(INPUTS) == set(ACTION["inputs"]) - SECRET | OWN
    for name in set(INPUTS) - OWN:
        default = ACTION["inputs"][name].get("default", "")
        declared = INPUTS[name]["default"]
        assert (declared if isinstance(declared, str) else json.dumps(declared)) == default, name


def test_each_choice_lists_what_the_job_accepts() -> None:
    """GitLab refuses what is not in the list before the pipeline starts."""
    sets = {"mode": Mode, "comment": CommentMode, "commit-status": StatusMode}
    assert {name: list(kind) for name, kind in sets.items()} == {
        name: declared["options"] for name, declared in INPUTS.items() if "options" in declared
    }


def test_each_input_reaches_the_job() -> None:
    """Under the variable that the job reads, whatever signs are in it."""
    signs = "a: 'b' \"c\" #d {e} [f] \\ %"
    words = {
        name: signs
        for name, declared in INPUTS.items()
        if set(declared) == {"default", "description"} and name not in OWN
    }
    (job,) = interpolated(words).values()
    values = input_values(job["variables"])
    assert {name: values[name] for name in words} == words
    assert set(INPUTS) - OWN | {"thread"} <= set(values)


def test_the_defaults_make_a_job_that_gitlab_accepts(tmp_path: Path) -> None:
    """Checked against the schema that GitLab publishes."""
    config = interpolated({"application-overrides": "{app_web: env_staging1}"})
    assert check(tmp_path, config) == ""
    job = config["qatech-review"]
    assert settings_of(job) == read_settings(
        {"application-overrides": "{app_web: env_staging1}", "deploy-outputs": "{}"}
    )
    artifacts = job["artifacts"]
    assert artifacts["when"] == "always"
    assert artifacts["paths"] == [SUMMARY]
    assert artifacts["reports"] == {"junit": JUNIT, "dotenv": DOTENV}


def test_the_job_runs_what_the_image_runs() -> None:
    """The runner's shell takes the place of the entry point."""
    (job,) = interpolated({}).values()
    entry_point = re.findall(r"^ENTRYPOINT (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert job["image"]["entrypoint"] == [""]
    assert job["script"] == [" ".join(json.loads(entry_point[0]))]


def test_the_schema_finds_what_is_wrong(tmp_path: Path) -> None:
    """Else the tests before would say nothing."""
    assert "rules" in check(tmp_path, {"job": {"script": "x", "rules": "always"}})


@pytest.mark.slow
@pytest.mark.parametrize("config", RECIPES)
def test_the_recipes_are_what_gitlab_accepts(tmp_path: Path, config: dict[str, Any]) -> None:
    """A job that adds to the component's has no script of its own."""
    whole = {
        name: interpolated({})["qatech-review"] | value if name == "qatech-review" else value
        for name, value in config.items()
    }
    assert check(tmp_path, whole) == ""


@pytest.mark.slow
@pytest.mark.parametrize("inputs", included())
def test_the_recipes_use_the_component_as_it_is(tmp_path: Path, inputs: dict[str, Any]) -> None:
    """Known inputs of the right type, and overrides that can be read."""
    for name, value in inputs.items():
        assert isinstance(value, KINDS[INPUTS[name].get("type", "string")]), name
    config = interpolated(inputs)
    assert check(tmp_path, config) == ""
    (job,) = config.values()
    assert read_overrides(settings_of(job).application_overrides)


def test_the_recipes_set_variables_that_the_job_reads() -> None:
    """In the jobs that are written out, too."""
    jobs = [recipe["qatech-review"] for recipe in RECIPES if "qatech-review" in recipe]
    written = [job for job in jobs if "variables" in job]
    assert len(written) == 2
    for job in written:
        names = {name for name in job["variables"] if name.startswith("QATECH_")}
        assert set(input_values(dict.fromkeys(names, "x"))) <= set(INPUTS) | {"deploy-outputs"}
        assert read_overrides(settings_of(job).application_overrides)


def test_the_document_lists_its_sections() -> None:
    """In order."""
    listed = re.findall(r"^- \[(.+)\]\(#", PAGE, re.MULTILINE)
    assert listed == re.findall(r"^## (.+)$", PAGE, re.MULTILINE)


def test_the_document_names_the_variables_for_later_jobs() -> None:
    """All of them."""
    for name in NAMES:
        assert f"`QATECH_{name.upper().replace('-', '_')}`" in PAGE
