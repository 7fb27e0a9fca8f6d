"""QA.tech's stand-in, which keeps what it was asked and says what a test wants to hear."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qatech_ci.qatech.sandbox import Sandbox

from .server import Json, Request, Response


@dataclass(frozen=True)
class Call:
    """A request, without its token, and the status of its answer."""

    method: str
    path: str
    body: Any
    """None unless it was JSON."""
    status: int


class QaTech(Sandbox):
    """The sandbox, which notes what it was asked."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the sandbox's
        super().__init__(**options)
        self.requests: list[Call] = []

    def answer(
        self, method: str, path: str, query: Mapping[str, str], authorization: str, body: bytes
    ) -> tuple[int, dict[str, Any]]:
        """Return what the sandbox answers."""
        status, answer = super().answer(method, path, query, authorization, body)
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        self.requests.append(Call(method, path, document, status))
        return status, answer


class QaTechApp:
    """The sandbox as an app that faults can be put before; `change` alters what is read."""

    def __init__(self, sandbox: Sandbox, change: Callable[[Json], object] = lambda it: it) -> None:
        self.requests: list[Request] = []
        self._sandbox = sandbox
        self._change = change

    def handle(self, request: Request) -> Response:
        """Return the sandbox's answer."""
        self.requests.append(request)
        token, sent = request.headers.get("Authorization", ""), json.dumps(request.body).encode()
        call = (request.method, request.path, request.query, token, sent)
        status, shown = self._sandbox.answer(*call)
        return Response(status, self._change(shown) if request.method == "GET" else shown)
