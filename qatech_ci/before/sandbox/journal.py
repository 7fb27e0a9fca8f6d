"""What a stand-in has been asked, for tests that count."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qatech_ci.before.sandbox.web import Request, Response

JOURNAL_PATH = "/_sandbox/requests"
"""Where a stand-in shows its journal; not part of the API that it stands for."""
_SCHEMES = ("Basic", "Bearer", "Token")


@dataclass(frozen=True)
class Call:
    """A request and the answer that it got."""

    request: Request
    response: Response
    counted: bool = True
    """Whether it took from the caller's rate limit."""

    @property
    def method(self) -> str:
        """The request's method."""
        return self.request.method

    @property
    def path(self) -> str:
        """The request's path."""
        return self.request.path

    @property
    def status(self) -> int:
        """The answer's status."""
        return self.response.status

    @property
    def body(self) -> Any:  # noqa: ANN401 - whatever JSON the caller sent
        """The request's body read as JSON; None where it is empty or not JSON."""
        try:
            return self.request.json()
        except ValueError:
            return None

    @property
    def scheme(self) -> str | None:
        """How the caller authenticated: `Basic`, `Bearer`, `Token`, `other`, or None."""
        authorization = self.request.headers.get("Authorization")
        if authorization is None:
            return None
        # A header without a scheme may be a bare token, hence the closed list.
        scheme = authorization.partition(" ")[0].capitalize()
        return scheme if scheme in _SCHEMES else "other"

    def shown(self) -> dict[str, object]:
        """Return the call as the journal shows it, without the token."""
        shown = {
            "method": self.method,
            "path": self.path,
            "status": int(self.status),
            "authorization": self.scheme,
            "counted": self.counted,
        }
        return shown if self.body is None else {**shown, "body": self.body}


def journal(calls: Iterable[Call]) -> Response:
    """Return the answer to `GET /_sandbox/requests`, oldest call first."""
    return Response(200, [call.shown() for call in calls])
