"""What the stand-in says, in Markdown in the manner of QA.tech's reviews."""

from collections.abc import Mapping, Sequence
from typing import Any

from qatech_ci.before.sandbox.qatech.scenarios import Application, Scenario, without_secrets
from qatech_ci.before.sandbox.qatech.verdicts import verdict_block

DISCLAIMER = (
    "_This reply comes from qatech-ci's stand-in for QA.tech: no agent ran and nothing was tested._"
)
# Source of the three verdict lines: QA.tech's documentation of the GitHub App's review.
_VERDICT_LINES = {
    Scenario.PASSING: "✅ Tests passing",
    Scenario.FAILING: "❌ Tests failing",
    Scenario.UNVERIFIABLE: "ℹ️ Unable to verify",  # noqa: RUF001 - the documented sign
    Scenario.FAILED: "The review stopped on an internal error before it came to a verdict.",
    Scenario.CANCELLED: "The review was cancelled before it came to a verdict.",
    Scenario.NEVER: "The review is under way and will stay so.",
}
_RESULTS = {
    Scenario.PASSING: "✅ Passed",
    Scenario.FAILING: "❌ Failed",
    Scenario.UNVERIFIABLE: "Nothing to see in the interface",
}
_FAILURE = """\
### ❌ Check out as a guest in `{application}`

1. Open the start page
2. Put the first product in the basket
3. Go to the checkout and fill in an address
4. Press **Pay now**

**Expected:** the order is confirmed.
**Found:** the page stays where it is and says "Something went wrong"."""
_PROSE = (
    "I had a look at the change and at the pages around it. The checkout is the part that it"
    " touches most. Tell me if there is anything in particular that I should look into."
)
# It repeats nothing of the message, which may hold secrets.
_ANSWER = f"QA.tech's agent would look into this now and report back.\n\n---\n\n{DISCLAIMER}"
_WITHOUT_VERDICT = (Scenario.VAGUE, Scenario.MUTE)


def subject(body: Mapping[str, Any]) -> str:
    """Return what a change-review request wants reviewed, in a few words."""
    return without_secrets(body["prUrl"]) if body["mode"] == "pr" else "raw changes"


def review(
    about: str, under_review: Sequence[Application], verdict: Scenario, nonce: str | None = None
) -> str:
    """Return the reply to a change review of `about`.

    With `nonce` it ends in the verdict block, where the scenario has a verdict to tell.
    """
    if verdict in _WITHOUT_VERDICT:
        return _joined(f"Change review of {about}", _PROSE, "---", DISCLAIMER)
    report = _report(about, under_review, verdict)
    return _joined(report, verdict_block(nonce, under_review, verdict))


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _report(about: str, under_review: Sequence[Application], verdict: Scenario) -> str:
    failures = [
        _FAILURE.format(application=application.short_id)
        for application in under_review
        if application.scenario is Scenario.FAILING
    ]
    head = [_VERDICT_LINES[verdict], f"Change review of {about}", _tested(under_review)]
    return _joined(*head, *failures, "---", DISCLAIMER)


def _tested(under_review: Sequence[Application]) -> str:
    rows = [
        f"| `{_cell(application.short_id)}` | {_cell(application.environment)} "
        f"| Check out as a guest | {_RESULTS.get(application.scenario, '⏹️ No result')} |"
        for application in under_review
    ]
    table = ["| Application | Environment | Test | Result |", "| --- | --- | --- | --- |", *rows]
    return "\n".join(table) if rows else "No application was under review."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def first_answer(under_review: Sequence[Application], verdict: Scenario, nonce: str | None) -> str:
    """Return the reply to a message that begins a conversation."""
    if verdict in _WITHOUT_VERDICT:
        return _ANSWER
    return _joined(_ANSWER, verdict_block(nonce, under_review, verdict))


def further_answer(
    under_review: Sequence[Application], verdict: Scenario, nonce: str | None
) -> str:
    """Return the reply to a follow-up: the verdict block alone, where it asks for that."""
    if verdict is Scenario.MUTE:
        return _ANSWER
    return verdict_block(nonce, under_review, verdict) or _ANSWER
