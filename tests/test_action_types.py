"""action.yml and action-types.yml, as editors, generators and the marketplace read them.

The rules are those of https://github.com/typesafegithub/github-actions-typing.
"""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from containers import ROOT
from qatech_ci.before.model import Source, Verdict
from qatech_ci.before.settings import ANY, CommentMode, Mode, StatusMode, read_settings

METADATA: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TYPES: dict[str, Any] = yaml.safe_load((ROOT / "action-types.yml").read_text(encoding="utf-8"))
LEAST = {"api-token": "tok_123456", "application-overrides": "app_a: env_b"}
TYPED = [
    (kind, name, about)
    for kind, typed in TYPES.items()
    for name, about in typed.items()
]  # fmt: skip
COLOURS = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}
"""https://docs.github.com/en/actions/reference/metadata-syntax-reference#brandingcolor"""
ICONS_LEFT_OUT = {
    "coffee",
    "columns",
    "divide",
    "divide-circle",
    "divide-square",
    "frown",
    "hexagon",
    "key",
    "meh",
    "mouse-pointer",
    "smile",
    "tool",
    "x-octagon",
}
"""Of Feather's icons. The same page has them."""
TOO_LONG = 125
"""Characters. The form for a release says that a description must be shorter."""


def _of(kind: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON Schema
    """Return the rule of a type: nothing is missing, and there is nothing beside it."""
    properties = {"type": {"const": kind}, **more}
    required = [name for name in properties if name not in {"name", "named-values"}]
    return {"properties": properties, "required": required, "additionalProperties": False}


_WORD = {"type": "string", "pattern": r"\S"}
_VALUES = {"type": "array", "items": _WORD, "minItems": 1}
_NAMED = {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}
_SINGLE = [
    _of("string"),
    _of("boolean"),
    _of("float"),
    _of("integer", **{"name": _WORD, "named-values": _NAMED}),
    _of("enum", **{"name": _WORD, "allowed-values": _VALUES}),
]
_LIST = _of(
    "list", **{"separator": {"type": "string", "minLength": 1}, "list-item": {"oneOf": _SINGLE}}
)
RULES = Draft202012Validator({"type": "object", "oneOf": [*_SINGLE, _LIST]})


def allowed(kind: str, name: str) -> set[str]:
    """Return the values that a type lists, of the list's items where it is a list."""
    about: Mapping[str, Any] = TYPES[kind][name]
    values = about.get("list-item", about)["allowed-values"]
    assert len(values) == len(set(values))
    return set(values)


def test_every_input_and_output_has_a_type() -> None:
    """And nothing else has: whoever checks the file takes that for a mistake."""
    assert set(TYPES) == {"inputs", "outputs"}
    for kind, typed in TYPES.items():
        assert list(typed) == list(METADATA[kind])


@pytest.mark.parametrize(("kind", "name", "about"), TYPED)
def test_a_type_keeps_to_the_rules(kind: str, name: str, about: object) -> None:
    """A type that is known, with what it needs."""
    assert name in METADATA[kind]
    assert [it.message for it in RULES.iter_errors(about)] == []


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"type": "text"},
        {"type": "string", "allowed-values": ["a"]},
        {"type": "enum"},
        {"type": "enum", "allowed-values": []},
        {"type": "enum", "allowed-values": [True]},
        {"type": "enum", "allowed-values": [" "]},
        {"type": "enum", "allowed-values": ["a"], "separator": ","},
        {"type": "list", "separator": ","},
        {"type": "list", "list-item": {"type": "string"}},
        {"type": "list", "separator": ",", "list-item": {"type": "list"}},
        {"type": "boolean", "default": "true"},
    ],
)
def test_a_type_that_breaks_the_rules_would_be_seen(about: object) -> None:
    """Each of them is refused by the rules of the specification, too."""
    assert not RULES.is_valid(about)


def test_lists_of_values_are_those_of_the_code() -> None:
    """What an editor offers is what the action accepts and writes."""
    assert allowed("inputs", "mode") == set(Mode)
    assert allowed("inputs", "comment") == set(CommentMode)
    assert allowed("inputs", "commit-status") == set(StatusMode)
    assert allowed("inputs", "pass-on") == {*Verdict, ANY} - {Verdict.STARTED, Verdict.ANSWERED}
    assert allowed("outputs", "verdict") == set(Verdict)
    assert allowed("outputs", "verdict-source") == set(Source)


@pytest.mark.parametrize(("kind", "name", "about"), TYPED)
def test_what_a_type_admits_is_accepted(kind: str, name: str, about: Mapping[str, Any]) -> None:
    """Every listed value of an input, both truth values, and a number with decimals."""
    samples = {"boolean": ["true", "false"], "float": ["1.5"]}
    item = about.get("list-item", about)
    for value in item.get("allowed-values") or samples.get(item["type"], []):
        if kind == "inputs":
            more = {"message": "Hello"} if (name, value) == ("mode", "message") else {}
            assert read_settings(LEAST | more | {name: value})


def test_the_marketplace_takes_the_action() -> None:
    """A name, a short description, an author, an icon and a colour that there is."""
    assert METADATA["name"]
    assert METADATA["author"]
    assert 0 < len(METADATA["description"]) < TOO_LONG
    assert METADATA["branding"]["color"] in COLOURS
    assert METADATA["branding"]["icon"] not in ICONS_LEFT_OUT


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_descriptions_read_as_sentences(kind: str) -> None:
    """On one line, from a capital letter or a word of the contract to a full stop."""
    for about in METADATA[kind].values():
        text = about["description"]
        assert text.splitlines() == [text]
        assert text.endswith(".")
        assert text[0].isupper() or text[0] == "`"
