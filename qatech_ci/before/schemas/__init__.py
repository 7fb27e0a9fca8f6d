"""JSON Schemas of the API's requests and answers and of the overrides input, as files.

The API's schemas are transcribed from QA.tech's OpenAPI pages "Start chat conversation", "Start
change review", "Send chat message" and "Get chat conversation".
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from qatech_ci.before.timebox import undisturbed

from .plain import is_plainly_right

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


@dataclass(frozen=True)
class Problem:
    """One way in which a document breaks its schema."""

    path: tuple[str | int, ...]
    """Where it stands in the document."""
    value: object
    """The offending value."""
    message: str
    """What is wrong with it."""
    expected: str
    """What would be right, in the words of the schema's `description`; may be empty."""


def problems(schema: str, document: object) -> Iterator[Problem]:
    """Yield every problem of `document` with the schema in `<schema>.json`, in document order."""
    if is_plainly_right(_schema(schema), document):
        return
    errors = _validator(schema).iter_errors(document)
    for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path]):
        expected = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
        yield Problem(tuple(error.absolute_path), error.instance, error.message, expected)


@cache
def _schema(name: str) -> dict[str, Any]:
    text = Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _validator(name: str) -> "Draft202012Validator":
    jsonschema = undisturbed(_jsonschema)
    # `format: uri` is an annotation unless a checker is given:
    # https://python-jsonschema.readthedocs.io/en/stable/validate/#validating-formats
    checker = jsonschema.FormatChecker(["uri"])
    validator: Draft202012Validator = jsonschema.Draft202012Validator(
        _schema(name),
        format_checker=checker,
    )
    return validator


def _jsonschema() -> ModuleType:
    # Importing it takes longer than all else that a run does before its first request.
    import jsonschema  # noqa: PLC0415 - see above

    return jsonschema
