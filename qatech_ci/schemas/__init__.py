"""JSON Schemas as files: QA.tech's requests and answers, our inputs, the verdict block, `result`.

The API's are transcribed from QA.tech's OpenAPI pages "Start chat conversation", "Start change
review chat", "Send chat message" and "Get chat conversation".
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker


@dataclass(frozen=True)
class Problem:
    """One way in which a document breaks its schema."""

    path: tuple[str | int, ...]
    """Where it stands in the document."""
    value: object
    """The offending value."""
    message: str
    """What is wrong with it, in words that quote the value."""
    expected: str
    """What would be right, in the words of the schema's `description`; may be empty."""


def problems(schema: str, document: object) -> Iterator[Problem]:
    """Yield every problem of `document` with a schema, in document order.

    `result` is the file of that name, `chat-api#conversation` one of several in a file.
    """
    errors = _validator(schema).iter_errors(document)
    for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path]):
        expected = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
        yield Problem(tuple(error.absolute_path), error.instance, error.message, expected)


@cache
def _validator(schema: str) -> Draft202012Validator:
    name, _, part = schema.partition("#")
    document = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    whole = document | ({"$ref": f"#/$defs/{part}"} if part else {})
    # `format: uri` is an annotation unless a checker is given:
    # https://python-jsonschema.readthedocs.io/en/stable/validate/#validating-formats
    return Draft202012Validator(whole, format_checker=FormatChecker(["uri"]))
