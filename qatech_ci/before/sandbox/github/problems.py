"""GitHub's error answers: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from qatech_ci.before.sandbox.web import Response

DOCUMENTATION = "https://docs.github.com/rest"


def problem(
    status: HTTPStatus,
    message: str,
    documentation: str = "",
    errors: Sequence[Mapping[str, str]] = (),
) -> Response:
    """Return an error answer; `documentation` is a path below GitHub's REST documentation."""
    details = {"errors": list(errors)} if errors else {}
    pointer = {"documentation_url": DOCUMENTATION + documentation, "status": str(int(status))}
    return Response(status, {"message": message, **details, **pointer})


def not_found() -> Response:
    """Return what GitHub says of what is not there, or hidden from the caller."""
    return problem(HTTPStatus.NOT_FOUND, "Not Found")


def bad_credentials() -> Response:
    """Return what GitHub says to a token that it does not know."""
    return problem(HTTPStatus.UNAUTHORIZED, "Bad credentials")


def token_required() -> Response:
    """Return what GitHub says where a token is needed and none came."""
    return problem(HTTPStatus.UNAUTHORIZED, "Requires authentication")


def not_accessible(documentation: str, *, by_app: bool) -> Response:
    """Return what GitHub says to a token that lacks a permission."""
    kind = "integration" if by_app else "personal access token"
    return problem(HTTPStatus.FORBIDDEN, f"Resource not accessible by {kind}", documentation)


def exhausted(login: str) -> Response:
    """Return what GitHub says once the rate limit is used up.

    Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    message = f"API rate limit exceeded for {login or 'an anonymous caller'}."
    path = "/using-the-rest-api/rate-limits-for-the-rest-api"
    return problem(HTTPStatus.FORBIDDEN, message, path)


def no_commit(ref: str) -> Response:
    """Return what GitHub says to a SHA or branch that it does not have."""
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"No commit found for SHA: {ref}")


def invalid(documentation: str, errors: Sequence[Mapping[str, str]]) -> Response:
    """Return what GitHub says to fields that it does not take."""
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", documentation, errors)


def invalid_comment(code: str, message: str, documentation: str) -> Response:
    """Return what GitHub says to a comment that it does not take."""
    error = {"resource": "IssueComment", "code": code, "field": "data", "message": message}
    return invalid(documentation, [error])
