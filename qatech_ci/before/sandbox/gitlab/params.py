"""What callers send, checked and converted as Grape does it below GitLab's own code."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from qatech_ci.before.sandbox.gitlab.endpoints import Asked
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter
from qatech_ci.before.sandbox.web import Request

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def sent(request: Request) -> dict[str, Any]:
    """Return the parameters of a request, whether they came in the query, a form or JSON."""
    return {**request.query, **_body(request)}


def _body(request: Request) -> Mapping[str, Any]:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    if not request.body or kind != "application/json":
        return {}
    try:
        body = request.json()
    except ValueError:
        raise bad_parameter("message body does not match declared format") from None
    return body if isinstance(body, dict) else {}


def text(asked: Asked, name: str) -> str | None:
    """Return a text, None where it was not sent."""
    value = asked.sent.get(name)
    if isinstance(value, dict | list):
        raise bad_parameter(f"{name} is invalid")
    return None if value is None else str(value)


def required(asked: Asked, name: str) -> str:
    """Return a text that must be sent, be it empty."""
    value = text(asked, name)
    if value is None:
        raise bad_parameter(f"{name} is missing")
    return value


def choice(asked: Asked, name: str, values: Sequence[str], default: str = "") -> str:
    """Return one of `values`, or the default, where it was not sent."""
    value = text(asked, name)
    if value is not None and value not in values:
        raise bad_parameter(f"{name} does not have a valid value")
    return value or default


def flag(asked: Asked, name: str) -> bool | None:
    """Return a boolean, None where it was not sent."""
    value = text(asked, name)
    if value is None:
        return None
    if value.lower() not in _FLAGS:
        raise bad_parameter(f"{name} is invalid")
    return _FLAGS[value.lower()]


def number(asked: Asked, name: str, default: int) -> int:
    """Return a whole number."""
    value = text(asked, name)
    if value is None:
        return default
    if not re.fullmatch("-?[0-9]{1,18}", value):
        raise bad_parameter(f"{name} is invalid")
    return int(value)
