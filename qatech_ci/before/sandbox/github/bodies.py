"""The bodies that callers send."""

from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.github.endpoints import Asked
from qatech_ci.before.sandbox.github.problems import problem
from qatech_ci.before.sandbox.web import Refused


def sent(asked: Asked) -> dict[str, Any]:
    """Return the body of the request; refused unless it is JSON, empty unless an object."""
    try:
        body = asked.request.json()
    except ValueError:
        raise Refused(problem(HTTPStatus.BAD_REQUEST, "Problems parsing JSON")) from None
    return body if isinstance(body, dict) else {}
