"""Telling that a flat object of texts keeps its schema, at no cost.

jsonschema is needed to say what is wrong with an input, seldom to see that nothing is.
"""

import re
from collections.abc import Mapping
from typing import Any

_KNOWN = {"type", "description", "pattern", "minLength", "maxLength", "format"}
_URL = r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?(\?[A-Za-z0-9._~/=&-]*)?"
"""URLs as they mostly are; others may be right as well, and are for the whole validator."""


def is_plainly_right(schema: Mapping[str, Any], document: object) -> bool:
    """Tell whether an object of texts keeps a schema without more than `properties` in it.

    False says nothing: only the whole validator tells whether the document is wrong.
    """
    rules = schema.get("properties")
    if not isinstance(document, Mapping) or not rules or schema.keys() - _OUTER:
        return False
    is_whole = all(name in document for name in schema.get("required", ()))
    return is_whole and all(_keeps(rules.get(name), value) for name, value in document.items())


_OUTER = {"$schema", "title", "description", "type", "properties", "required"}


def _keeps(rule: Mapping[str, Any] | None, value: object) -> bool:
    if not (
        rule and isinstance(value, str) and rule.get("type") == "string" and rule.keys() <= _KNOWN
    ):
        return False
    has_form = "format" not in rule or re.fullmatch(_URL, value)
    has_length = rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value))
    return bool(has_form and has_length and re.search(rule.get("pattern", ""), value))
