"""What is told of a run: comment, commit status, outputs, summary and log."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from traceback import extract_tb

from qatech_ci.errors import ActionError, Interrupted
from qatech_ci.http.deadline import AFTER_SIGNAL
from qatech_ci.model import Verdict
from qatech_ci.qatech.wait import elapsed_time
from qatech_ci.report import page, status
from qatech_ci.report.comment import ReviewComment
from qatech_ci.report.report import Report, outputs
from qatech_ci.settings import Settings
from qatech_ci.verdict import decide_gate

from .steps import Step

_RESERVE, _RESERVE_SHARE = 30.0, 0.2  # seconds kept for reporting, or the share of a short time
_LONGEST_REPLY = 60_000  # characters in the log
_ANNOTATIONS = 10  # of a kind a step: https://docs.github.com/en/actions/reference/limits
_LAST = 1.0  # seconds for what is left to report after something has used up the time


class Reporter:
    """Tells people and later steps how the run stands. Trouble here never changes a verdict."""

    def __init__(self, step: Step, report: Report) -> None:
        self._step = step
        self._report = report

    @cached_property
    def comment(self) -> ReviewComment | None:
        """The comment of this review; None where there is no pull request to write on."""
        step, report, target = self._step, self._report, self._report.pull_request
        if target is None or step.settings.dry_run or step.settings.comment == "off":
            return None
        return ReviewComment(step.forge, step.job, step.signer, report, target)

    def publish_comment(self, *, is_last: bool = False) -> None:
        """Write the comment, where there is one to write."""
        if self.comment is None or self._report.verdict in {Verdict.IGNORED, Verdict.SKIPPED}:
            return
        with self._tolerating("The comment", is_last=is_last):
            self.comment.publish(page.comment(self._report, self._step.sanitizer), is_last=is_last)

    def publish_status(self) -> None:
        """Set the commit status, where one is wanted."""
        step = self._step
        with self._tolerating("The commit status"):
            status.publish(self._report, step.event, step.forge, step.signer)

    def finish(self) -> int:
        """Decide the gate, say everywhere how the run ended, and return the exit code."""
        step, report, deadline = self._step, self._report, self._step.deadline
        deadline.disarm()
        report.finished_at = deadline.clock.now()
        report.gate = decide_gate(report.verdict, step.settings.pass_on)
        step.forge.renew()
        deadline.arm(AFTER_SIGNAL if deadline.signal else reserve(step.settings))
        self.publish_comment(is_last=True)
        self.publish_status()
        deadline.disarm()
        with self._tolerating("The outputs"):
            step.job.write_outputs(outputs(report, step.sanitizer.plain))
        with self._tolerating("The summary"):
            step.job.write_summary(page.summary(report, step.sanitizer))
        _tell_the_end(step, report)
        return 128 + deadline.signal if deadline.signal else int(report.gate.word == "closed")

    @contextmanager
    def _tolerating(self, what: str, *, is_last: bool = True) -> Iterator[None]:
        """Write something; what goes wrong is told, and goes no further."""
        step = self._step
        try:
            yield
        except Interrupted:
            # While the review runs it ends the review, and afterwards only what is written.
            if not is_last:
                raise
            step.forge.renew()
            step.deadline.arm(_LAST)
            step.job.info(f"{what}: there was no time left for it.")
        except Exception as error:  # noqa: BLE001 - the verdict stands, whatever else fails
            step.job.warning(f"{what} could not be written. {words_of(error)}")


def reserve(settings: Settings) -> float:
    """Return the seconds of the step's time that are kept for reporting."""
    return min(_RESERVE, _RESERVE_SHARE * settings.timeout_minutes * 60)


def _tell_the_end(step: Step, report: Report) -> None:
    """Say in the log how the run ended, with annotations where somebody has to look."""
    job, verdict, gate = step.job, report.verdict, report.gate
    reason = report.judgement.reason if report.judgement else ""
    if verdict is Verdict.IGNORED:
        job.info(f"Ignored: {reason}")
        return
    if step.settings.is_sandbox:
        job.warning("`api-url` is `sandbox`: a stand-in answered, and no review took place.")
    for finding in report.findings:
        job.error(finding)
    for remark in report.remarks:
        job.notice(remark)
    if reply := step.sanitizer.plain(report.reply):
        cut = f"{reply[:_LONGEST_REPLY]}…" if len(reply) > _LONGEST_REPLY else reply
        job.group("Full reply", cut)
    for number, failure in enumerate(report.block.failures, 1):
        tell = job.error if number < _ANNOTATIONS else job.info
        tell(f"{failure.title}\n{failure.details}".strip())
    if report.comment_url:
        job.info(f"Comment: {report.comment_url}")
    took = step.deadline.clock.now() - report.started_at
    ending = f"Verdict: {verdict or 'none, a dry run'}. {reason}".strip() + f" Gate: {gate.word}."
    if gate.word == "closed":
        job.error(f"{ending} {gate.reason}")
    elif verdict in {Verdict.PASSED, Verdict.ANSWERED, Verdict.STARTED, None}:
        job.info(ending)
    else:
        job.notice(ending)
    job.info(f"Duration: {elapsed_time(took.total_seconds())}")


def words_of(error: BaseException) -> str:
    """Return what to say of an error: of a defect only where it is, as it could quote anything."""
    if isinstance(error, ActionError | Interrupted):
        return str(error)
    frame = extract_tb(error.__traceback__)[-1]
    return (
        f"A defect in qatech-ci: {type(error).__name__} at {Path(frame.filename).name}:"
        f"{frame.lineno}. Please report it with this line; the review in QA.tech is not affected."
    )
