"""A clock to be set, and short ways to ask the stand-ins."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from qatech_ci.before.sandbox import App, GitHub, QaTech, Request, Response, Scenario

START = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
PACE = 10.0
REPOSITORY = "octo-org/shop"
PULL = "/repos/octo-org/shop/pulls/7"
COMMENTS = "/repos/octo-org/shop/issues/7/comments"
HEAD_SHA = "a" * 40


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def ask(
    app: App,
    method: str,
    target: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Ask `app` directly; `body` goes as JSON unless it is bytes already."""
    path, _, query = target.partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "Authorization": "Bearer token", **(headers or {})}
    return app.handle(Request(method, path, pairs, sent, b"" if body is None else content))


def qatech(clock: Clock, scenario: Scenario | None = None) -> QaTech:
    """Return a stand-in whose replies take ten seconds and whose ids count up."""
    numbers = iter(range(1, 1000))
    return QaTech(
        "token", scenario=scenario, now=clock, pace=PACE, new_id=lambda: f"{next(numbers):03d}"
    )


def override(environment: Mapping[str, str], application: str = "app_web") -> dict[str, Any]:
    """Return one override as the API takes it."""
    return {"applicationShortId": application, "environment": environment}


def review_request(*overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change-review request in PR mode; one override is enough unless some are given."""
    return {
        "mode": "pr",
        "prUrl": "https://github.com/octo-org/shop/pull/7",
        "vcsProviderId": "github",
        "applicationOverrides": list(overrides) or [override({"url": "https://pr-7.example.com"})],
    }


def started(app: QaTech, body: object = None) -> str:
    """Start a review and return the conversation's short id."""
    answer = ask(app, "POST", "/v1/chat/change-review", body or review_request())
    return str(answer.body["shortId"])


def latest(app: QaTech, short_id: str) -> dict[str, Any]:
    """Return the newest message of a conversation."""
    message: dict[str, Any] = ask(app, "GET", f"/v1/chat/{short_id}").body["messages"][0]
    return message


def github(clock: Clock, **permissions: str) -> GitHub:
    """Return a stand-in with an open pull request 7, and `token` with these permissions."""
    app = GitHub(now=clock)
    app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA)
    named = {name.replace("_", "-"): level for name, level in permissions.items()}
    app.add_token("token", permissions=named or {"pull-requests": "write"})
    return app
