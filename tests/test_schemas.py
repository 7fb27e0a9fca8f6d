"""What keeps a schema, told without jsonschema and with it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from containers import ROOT
from fakes import PULL_REQUEST
from qatech_ci.before.errors import InputError
from qatech_ci.before.model import (
    ChangeReview,
    DeployedEnvironment,
    DeployOutput,
    PullRequestChanges,
    RawChanges,
)
from qatech_ci.before.overrides import read_overrides
from qatech_ci.before.schemas import problems
from qatech_ci.before.schemas.plain import is_plainly_right
from qatech_ci.before.wire import message_body, review_body

FOLDER = ROOT / "qatech_ci" / "before" / "schemas"
OVERRIDE = json.loads((FOLDER / "override.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(OVERRIDE, format_checker=FormatChecker(["uri"]))
PATTERNS = [rule["pattern"] for rule in OVERRIDE["properties"].values() if "pattern" in rule]
URLS = st.from_regex(r"\Ahttps?://[a-z.:0-9@-]{1,12}[/?#a-z%.&=~ü-]{0,12}\Z")
VALUES = st.one_of(st.text(max_size=250), URLS, *(st.from_regex(it) for it in PATTERNS))
FIELDS = st.dictionaries(st.sampled_from([*OVERRIDE["properties"], "other"]), VALUES, max_size=4)
APPLICATION = {"application": "app_web"}


@given(FIELDS, st.booleans())
def test_what_is_plainly_right_is_right(fields: dict[str, str], is_named: bool) -> None:  # noqa: FBT001 - drawn
    """Jsonschema would find nothing wrong with it either."""
    document = fields | (APPLICATION if is_named else {})
    if is_plainly_right(OVERRIDE, document):
        assert VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    "environment",
    [
        {"url": "https://shop-git-fix-acme.vercel.app/"},
        {"url": "http://pr-7.example.com:8080/shop/index.html?x-bypass=a1&b=2", "name": "PR 7"},
        {"environment": "env_aB3xY9", "device-preset": "preset_iphone15"},
        {"build": "build_9f2"},
        {"output": "deploy-blog.page-url"},
        {"deployment": "Preview – store"},
    ],
)
def test_what_people_write_is_plainly_right(environment: dict[str, str]) -> None:
    """So that jsonschema need not be imported before the review is started."""
    assert is_plainly_right(OVERRIDE, APPLICATION | environment)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": {"a": {"type": "string", "enum": ["b"]}}},
        {"properties": {"a": {"type": "string"}}, "additionalProperties": False},
        {"properties": {"a": {"type": "integer"}}},
        {"properties": {"b": {"type": "string"}}},
        {"properties": {"a": {"type": "string"}}, "required": ["b"]},
        {"properties": {"a": {"type": "string", "pattern": "^b$"}}},
        {"properties": {"a": {"type": "string", "minLength": 2}}},
        {"properties": {"a": {"type": "string", "maxLength": 0}}},
        {"properties": {"a": {"type": "string", "format": "uri"}}},
    ],
)
def test_what_is_not_flat_or_not_kept_is_for_the_validator(schema: dict[str, Any]) -> None:
    """A keyword that is not known here could forbid it."""
    assert not is_plainly_right(schema, {"a": "x"})
    assert not is_plainly_right({"properties": {"a": {"type": "string"}}}, "x")


@given(FIELDS, st.text(), st.sampled_from(["", "proj_a"]))
def test_every_request_for_a_review_keeps_the_apis_schema(
    fields: dict[str, str],
    context: str,
    project: str,
) -> None:
    """Whatever overrides are accepted; so nothing has to be checked again before it is sent."""
    overrides = read({"app_web": fields} if fields else {"app_web": "https://a.example"})
    changes = PullRequestChanges(PULL_REQUEST.url, "github")
    body = review_body(ChangeReview(changes, overrides, context, project))
    assert not list(problems("change-review-request", body))
    raw = ChangeReview(RawChanges("No description.", "diff"), overrides, context, project)
    assert not list(problems("change-review-request", review_body(raw)))
    assert not list(problems("chat-request", message_body("Hello", overrides, project)))


def read(document: dict[str, Any]) -> tuple[Any, ...]:
    """Return the overrides that are sent as they were written; none where they are refused."""
    with suppress(InputError):
        found = read_overrides(json.dumps(document))
        unresolved = (DeployOutput, DeployedEnvironment)
        return tuple(it for it in found if not isinstance(it.environment, unresolved))
    return ()
