"""Reports of every kind, made up, judged and put into words by the action's own code."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from qatech_ci.before import page
from qatech_ci.before.errors import refusal
from qatech_ci.before.evidence import evidence_in
from qatech_ci.before.gate import decide
from qatech_ci.before.github.trigger import NO_SECRETS
from qatech_ci.before.model import (
    Conversation,
    Evidence,
    Message,
    Override,
    PreviewUrl,
    PullRequest,
    SavedEnvironment,
    Source,
    Verdict,
)
from qatech_ci.before.report import Ending, Report
from qatech_ci.before.secrecy import Secrets
from qatech_ci.before.verdict import Judgement, judge
from tools.pictures.replies import FAILED, NONCE, PASSED, SO_FAR, UNCLEAR, UNVERIFIED

_START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
_PASS_ON = (Verdict.PASSED, Verdict.UNVERIFIED)
_CHECK = Evidence(Source.CHECK, Verdict.FAILED, "The check “QA.tech / PR Review” says “failure”.")
_NEWER = "The pull request has newer commits; this verdict is not about them."
_OUT_OF_TIME = "The reply was not complete within 30 minutes (`timeout-minutes`)."
_REQUEST = """\
POST /chat/change-review
{
  "mode": "pr",
  "prUrl": "https://github.com/octo-org/shop/pull/7",
  "vcsProviderId": "github"
}"""
_PULL_REQUEST = PullRequest(
    repository="octo-org/shop",
    number=7,
    url="https://github.com/octo-org/shop/pull/7",
    head_sha="6dcb09b5b57875f334f61aebed695e2e4193db5e",
)
_WEB = Override("app_web", PreviewUrl("https://shop-pr-7.example.com"))
_FOUND = replace(_WEB, why="output `preview-url` of `deploy-web`")
_PHONE = Override("app_phone", SavedEnvironment("env_staging1"), device_preset="preset_iphone15")
_ASKED = Report(
    _PULL_REQUEST,
    (_WEB,),
    _START,
    "https://github.com/octo-org/shop/actions/runs/1",
)
_RUNNING = replace(
    _ASKED,
    conversation=Conversation("chat_k3Jd9", "https://app.qa.tech/p/shop/chat/chat_k3Jd9"),
)


def _ended(report: Report, judgement: Judgement, *, seconds: int, is_dry: bool = False) -> Report:
    gate = decide(judgement.verdict, _PASS_ON, is_dry_run=is_dry)
    return replace(report, ending=Ending(judgement, gate, _START + timedelta(seconds=seconds)))


def _judged(text: str, *others: Evidence, seconds: int = 402) -> Report:
    """Return the report of a review that ended with this reply."""
    message = _message(text, "COMPLETED")
    judgement = judge([*evidence_in(message, NONCE), *others])
    return _ended(replace(_RUNNING, reply=message), judgement, seconds=seconds)


def _message(text: str, status: str) -> Message:
    return Message("msg_1", "assistant", _START, text, status)


def _ending(verdict: Verdict, told: str, report: Report = _RUNNING, *, seconds: int) -> Report:
    return _ended(report, Judgement(verdict, told), seconds=seconds)


_REFUSED = str(refusal(401, "POST /chat/change-review", "Invalid API token."))
_HALF = replace(_RUNNING, reply=_message(SO_FAR, "RUNNING"))
_SECOND = replace(_judged(FAILED), overrides=(_FOUND, _PHONE))
_SILENT = "The review has been started."
_DRY = "A dry run: the request was put together and not sent."

COMMENTS: Mapping[str, Report] = MappingProxyType(
    {
        "running": _RUNNING,
        "passed": _judged(PASSED),
        "failed": _SECOND,
        "unverified": _judged(UNVERIFIED, seconds=95),
        "unknown": _judged(UNCLEAR),
        "contradiction": _judged(PASSED, _CHECK),
        "timed-out": _ending(Verdict.TIMED_OUT, _OUT_OF_TIME, _HALF, seconds=1770),
        "cancelled": _ending(Verdict.CANCELLED, "The run was cancelled.", seconds=72),
        "error": _ending(Verdict.ERROR, _REFUSED, _ASKED, seconds=2),
        "started": _ending(Verdict.STARTED, _SILENT, seconds=2),
        "outdated": replace(_judged(PASSED), remarks=(_NEWER,)),
        "stand-in": replace(_judged(PASSED), is_sandbox=True),
    }
)
"""Reports that become comments, by the name of the picture."""
SUMMARIES: Mapping[str, Report] = MappingProxyType(
    {
        "passed": COMMENTS["passed"],
        "failed": COMMENTS["failed"],
        "skipped": _ending(Verdict.SKIPPED, NO_SECRETS, _ASKED, seconds=1),
        "dry-run": _ended(
            replace(_ASKED, request=_REQUEST),
            Judgement(Verdict.SKIPPED, _DRY),
            seconds=1,
            is_dry=True,
        ),
    }
)
"""Reports that become job summaries; a run that skips writes no comment."""
NOT_RUN = (
    "`timeout-minutes` is `soon`. Write a number of minutes, such as `30`.\n"
    "`pass-on` lists `pased`. It takes `passed`, `failed`, `unverified`, `unknown` and others."
)


def samples() -> dict[str, str]:
    """Return the Markdown of every picture by its name."""
    secrets = Secrets()
    comments = {f"comment-{name}": page.comment(it, secrets) for name, it in COMMENTS.items()}
    summaries = {f"summary-{name}": page.summary(it, secrets) for name, it in SUMMARIES.items()}
    return comments | summaries | {"summary-not-run": page.not_run(NOT_RUN, secrets)}
