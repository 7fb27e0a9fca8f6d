"""What each verdict is called, what it means, and what to do about it."""

from qatech_ci.before.model import PullRequest, Verdict
from qatech_ci.before.report import Report

RUNNING = "⏳ QA.tech review: running"
TITLES = {
    Verdict.PASSED: "✅ QA.tech review: passed",
    Verdict.FAILED: "❌ QA.tech review: failed",
    Verdict.UNVERIFIED: "ℹ️ QA.tech review: unverified",  # noqa: RUF001 - QA.tech's own sign
    Verdict.UNKNOWN: "❓ QA.tech review: no clear verdict",
    Verdict.ERROR: "⚠️ QA.tech review: error",
    Verdict.TIMED_OUT: "⌛ QA.tech review: timed out",
    Verdict.CANCELLED: "🚫 QA.tech review: cancelled",
    Verdict.SKIPPED: "⏭️ QA.tech review: skipped",
    Verdict.STARTED: "🔎 QA.tech review: started",
    Verdict.ANSWERED: "💬 QA.tech has answered",
}
STAND_IN = (
    "> [!WARNING]\n"
    "> `api-url` is `sandbox`: a stand-in answered in QA.tech's place. No review took place."
)
AT_WORK = "The reviewer is at work. This comment follows it to its verdict."
MEANINGS = {
    Verdict.PASSED: "",
    Verdict.FAILED: "",
    Verdict.UNVERIFIED: "The reviewer says that this change cannot be verified through the "
    "interface.",
}
"""Verdicts on the change itself. Those that are missing need their explanation up front."""
NOTHING_TESTED = "Nothing was tested."
OPEN = "**Gate open:** this review does not block the merge."
CLOSED = "**Gate closed:** this review blocks the merge where it is required."

_LOOK = "Look at the conversation: {0}"
_TAKEN_UP = "Another run takes up a review that is still under way."


def next_steps(report: Report, verdict: Verdict) -> tuple[str, ...]:
    """Return what to do now, beside what the gate's reason and the explanation say already."""
    if verdict is Verdict.SKIPPED:
        return _after_skipping(report)
    if verdict is Verdict.UNVERIFIED or report.conversation:
        return _STEPS.get(verdict, ())
    return ()


def _after_skipping(report: Report) -> tuple[str, ...]:
    if report.request:
        return ("Set `dry-run` to `false` to have it reviewed.",)
    if isinstance(report.target, PullRequest) and not report.target.is_open:
        return ("Reopen the pull request to have it reviewed.",)
    return ()


_STEPS = {
    Verdict.UNVERIFIED: ("Test it in another way before you merge.",),
    Verdict.UNKNOWN: ("To get a verdict, run the job again: it starts a new review.",),
    Verdict.ERROR: (_LOOK.format("it shows how far the review came."),),
    Verdict.TIMED_OUT: (_LOOK.format("the review may be complete by now."), _TAKEN_UP),
    Verdict.CANCELLED: (_LOOK.format("the review may go on without this run."), _TAKEN_UP),
}
