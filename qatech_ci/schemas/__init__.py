"""JSON Schemas as files: QA.tech's requests and answers, our inputs, verdict block and `result`."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker, ValidationError


def problems(schema: str, document: object) -> list[ValidationError]:
    """Return every problem of `document` with a schema, sorted by place.

    `result` is the file of that name, `chat-api#conversation` one of several in a file.
    """
    errors = _validator(schema).iter_errors(document)
    return sorted(errors, key=lambda error: [str(part) for part in error.absolute_path])


@cache
def _validator(schema: str) -> Draft202012Validator:
    name, _, part = schema.partition("#")
    document = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    whole = document | ({"$ref": f"#/$defs/{part}"} if part else {})
    # `format: uri` is an annotation unless a checker is given:
    # https://python-jsonschema.readthedocs.io/en/stable/validate/#validating-formats
    return Draft202012Validator(whole, format_checker=FormatChecker(["uri"]))
