"""What the stand-in refuses, in the shape `{"message": …}` that QA.tech documents for errors."""

import re
from http import HTTPStatus
from typing import Any

from qatech_ci.before.sandbox.routing import NoRoute
from qatech_ci.before.sandbox.web import Refused, Request, Response
from qatech_ci.before.schemas import Problem, problems

DEFAULT_LIMIT = 20
"""How many messages are shown where the caller does not say; documented."""


def refuse(status: HTTPStatus, message: str) -> Refused:
    """Return the error with which to refuse a request."""
    return Refused(Response(status, {"message": message}))


def unrouted(request: Request, missing: NoRoute) -> Response:
    """Return the answer to a path that is not there (404) or not for this method (405)."""
    if not missing.allowed:
        return refuse(HTTPStatus.NOT_FOUND, f"Nothing is at {request.path}").response
    allowed = ", ".join(sorted(missing.allowed))
    message = f"{request.method} is not for {request.path}, which takes {allowed}"
    return refuse(HTTPStatus.METHOD_NOT_ALLOWED, message).response.adding({"Allow": allowed})


def authenticate(request: Request, token: str | None) -> None:
    """Refuse `request` unless it carries `token`; where that is None, any or none will do."""
    authorization = request.headers.get("Authorization")
    if authorization is None and token is None:
        return
    match = re.fullmatch(r"Bearer (\S+)", authorization or "", re.IGNORECASE)
    if not match or token not in (None, match[1]):
        raise refuse(HTTPStatus.UNAUTHORIZED, "Missing or invalid API key")


def valid_body(schema: str, request: Request) -> dict[str, Any]:
    """Return the body of `request`, refused unless it is JSON that fits the schema."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise refuse(HTTPStatus.BAD_REQUEST, "Content-Type: must be application/json")
    try:
        body = request.json()
    except ValueError as error:
        raise refuse(HTTPStatus.BAD_REQUEST, f"body: is not JSON: {error}") from error
    if found := [_said(problem) for problem in problems(schema, body)]:
        raise refuse(HTTPStatus.BAD_REQUEST, "; ".join(found))
    return dict(body)


def _said(problem: Problem) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem.path)
    # jsonschema quotes the value, and the query of a preview URL may be a secret.
    message = problem.message.replace(repr(problem.value), "the value")
    return f"{path.lstrip('.') or 'body'}: {message}"


def limit_of(request: Request) -> int:
    """Return the query's `limit`, refused unless it is a positive integer."""
    limit = request.query.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch("[0-9]{1,9}", limit) or not int(limit):
        raise refuse(HTTPStatus.BAD_REQUEST, "limit: must be a positive integer")
    return int(limit)
