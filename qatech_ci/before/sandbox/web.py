"""HTTP messages as values, so that a stand-in can be asked with and without a network."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol


class Headers(Mapping[str, str]):
    """Headers of a message, found whatever the case of the name.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.1
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._values = {name.lower(): value for name, value in headers.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True)
class Request:
    """A request as a stand-in sees it. `path` is percent-encoded and without the query."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Hidden from `repr`, for they carry the token."""
    body: bytes = b""
    root: str = ""
    """The path prefix under which the app is mounted; not part of `path`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", Headers(self.headers))

    @property
    def base_url(self) -> str:
        """Where the caller reaches the app, for links in answers."""
        return f"http://{self.headers.get('Host', 'localhost')}{self.root}"

    def json(self) -> Any:  # noqa: ANN401 - JSON is what a schema says of it, and it is not checked yet
        """Return the body read as JSON. Raises `ValueError` where it is not JSON (RFC 8259)."""
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _refuse_constant(constant: str) -> None:
    # Python reads NaN and Infinity, JSON does not have them.
    raise ValueError(f"{constant} is not JSON")


@dataclass(frozen=True)
class Response:
    """An answer. A `body` of None means none at all; anything else is sent as JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the body as it goes over the wire."""
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()

    def adding(self, headers: Mapping[str, str]) -> "Response":
        """Return the same answer with more headers."""
        return replace(self, headers={**self.headers, **headers})


class Refused(Exception):
    """A request will not be served; `response` says why. Not for a bug of the stand-in."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self.response = response


class App(Protocol):
    """Something that answers requests, one at a time."""

    def handle(self, request: Request) -> Response:
        """Return the answer to `request`; never raises for what a caller sent."""
        ...
