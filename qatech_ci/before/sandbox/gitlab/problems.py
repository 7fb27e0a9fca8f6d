"""GitLab's error answers: https://docs.gitlab.com/api/rest/troubleshooting/."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from qatech_ci.before.sandbox.web import Refused, Response


class PlainText(Response):
    """An answer whose body is not JSON."""

    def encoded(self) -> bytes:
        """Return the body as it goes over the wire."""
        return str(self.body).encode()


def problem(status: HTTPStatus, message: object) -> Refused:
    """Return a refusal by GitLab's own code."""
    return Refused(Response(status, {"message": message}))


def unauthorized() -> Refused:
    """Return what GitLab says where a token is needed, and to one that it does not know."""
    return problem(HTTPStatus.UNAUTHORIZED, "401 Unauthorized")


def forbidden(reason: str = "") -> Refused:
    """Return what GitLab says to somebody whose role is too low, or why else it is forbidden."""
    return problem(HTTPStatus.FORBIDDEN, "403 Forbidden" + (reason and f" - {reason}"))


def not_found(what: str = "") -> Refused:
    """Return what GitLab says of what is not there, or hidden; the case of “found” varies so."""
    return problem(HTTPStatus.NOT_FOUND, f"404 {what} Not Found" if what else "404 Not found")


def bad_request(reason: str) -> Refused:
    """Return what GitLab says to a request that makes no sense."""
    return problem(HTTPStatus.BAD_REQUEST, f"400 Bad request - {reason}")


def invalid(errors: Mapping[str, Sequence[str]]) -> Refused:
    """Return what GitLab says to attributes that a record does not take."""
    return problem(HTTPStatus.BAD_REQUEST, {name: list(said) for name, said in errors.items()})


def invalid_note(complaint: str) -> Refused:
    """Return what GitLab says to a text that cannot be a note: the errors in Ruby's notation.

    Source: `process_note_creation_result` in GitLab's `lib/api/helpers/notes_helpers.rb`
    """
    return bad_request(f'Note {{:note=>["{complaint}"]}}')


def bad_parameter(complaint: str) -> Refused:
    """Return what Grape says, below GitLab's own code, to a parameter that is not as declared."""
    return Refused(Response(HTTPStatus.BAD_REQUEST, {"error": complaint}))


def insufficient_scope(needed: str) -> Refused:
    """Return what GitLab says to a token without one of the scopes that are `needed`."""
    body = {
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the"
        " access token.",
        "scope": needed,
    }
    return Refused(Response(HTTPStatus.FORBIDDEN, body))


def no_route(*, allowed: frozenset[str]) -> Response:
    """Return what Grape says to a path that it does not know, or not with this method."""
    if allowed:
        listed = {"Allow": ", ".join(sorted(allowed))}
        return Response(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "405 Not Allowed"}, listed)
    return Response(HTTPStatus.NOT_FOUND, {"error": "404 Not Found"})
