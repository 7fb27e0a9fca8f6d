"""Both stand-ins on two ports, for a person or a container to talk to."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import TextIO

from qatech_ci.before.sandbox.github import ALL_PERMISSIONS, GitHub
from qatech_ci.before.sandbox.journal import JOURNAL_PATH
from qatech_ci.before.sandbox.qatech import QaTech, Scenario
from qatech_ci.before.sandbox.wire import serving

REPOSITORY = "octo-org/shop"
PULL_REQUEST = 7
PREVIEW_URL = "https://shop-pr-7.example.com"
HEAD_SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"

_NEVER = Event()
_NOTICE = """\
These are qatech-ci's stand-ins for QA.tech and GitHub.
Nothing is tested and nothing leaves this machine.

QA.tech  {qatech}/v1
         set the input api-url to it; {tokens}
GitHub   {github}
         set GITHUB_API_URL to it; any token is accepted

{repository} has the open pull request {number} with the head {head_sha},
which is deployed in the environment Preview at {preview}.
Words in the environments under review decide how a review ends:
{words}.
{journal} on either shows what it was asked. Interrupt to end."""


def _now() -> datetime:
    return datetime.now(UTC)


def ready_made(now: Callable[[], datetime]) -> GitHub:
    """Return a GitHub that lets any token do everything, with a pull request and its preview.

    `octo-org/shop` has the open pull request 7, and its head is deployed in “Preview”.
    """
    github = GitHub(now=now)
    github.add_token(None, permissions=ALL_PERMISSIONS)
    github.add_pull_request(REPOSITORY, PULL_REQUEST, head_sha=HEAD_SHA)
    deployment = github.add_deployment(REPOSITORY, HEAD_SHA, "Preview")
    github.add_deployment_status(REPOSITORY, deployment, "success", environment_url=PREVIEW_URL)
    return github


def serve(  # noqa: PLR0913 - each is an option of the console command or a port for its tests
    out: TextIO,
    *,
    host: str = "127.0.0.1",
    qatech_port: int = 8001,
    github_port: int = 8002,
    token: str | None = None,
    now: Callable[[], datetime] = _now,
    wait: Callable[[], object] = _NEVER.wait,
) -> None:
    """Serve QA.tech and GitHub until `wait` returns or is interrupted, and tell `out` where.

    `token` is the only one that QA.tech accepts; None accepts any and none at all. Port 0 lets
    the system choose. Raises `OSError` where a port cannot be had.
    """
    qatech, github = QaTech(token, now=now), ready_made(now)
    with (
        serving(qatech, host, qatech_port) as qatech_url,
        serving(github, host, github_port) as github_url,
    ):
        try:
            print(_notice(qatech_url, github_url, token), file=out, flush=True)
            wait()
        except KeyboardInterrupt:
            print("The stand-ins have ended.", file=out, flush=True)


def _notice(qatech_url: str, github_url: str, token: str | None) -> str:
    return _NOTICE.format(
        qatech=qatech_url,
        github=github_url,
        tokens="any token is accepted" if token is None else "only the given token is accepted",
        repository=REPOSITORY,
        number=PULL_REQUEST,
        head_sha=HEAD_SHA,
        preview=PREVIEW_URL,
        words=", ".join(reversed(Scenario)),
        journal=JOURNAL_PATH,
    )
