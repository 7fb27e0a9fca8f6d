"""The story: a pull request is reviewed by QA.tech's agent, and the outcome gates the merge."""

import json
from collections.abc import Callable
from pathlib import Path

from .errors import ActionError, Ended, ForgeError, Ignored, Interrupted
from .http.deadline import AFTER_SIGNAL
from .model import Override, Verdict
from .overrides import shown_environment
from .previews import find_previews, from_outputs
from .qatech.wait import elapsed_time
from .report import page, status
from .report.comment import ReviewComment
from .report.report import Report, outputs
from .report.sanitize import Sanitizer
from .review import (
    Step,
    check_head,
    comment_of,
    find_target,
    prove,
    request_body,
    resume,
    say,
    start,
    state_of,
)
from .settings import Mode, Settings
from .verdict import Judgement, decide_gate

_RESERVE, _RESERVE_SHARE = 30.0, 0.2
"""Of the step's time what is kept for reporting: 30 s, or a fifth where the time is short."""
_LAST = 1.0
"""Seconds for what is left to report after something has used up the time."""


def run(step: Step, sanitizer: Sanitizer, *, is_check: bool = False) -> int:
    """Review what the event is about, report how it ended everywhere, and return the exit code.

    Raises an `ActionError` where the inputs, the event or the permissions are wrong. With
    `is_check`, what would keep a review from running is told by the exit code.
    """
    step.deadline.arm(step.settings.timeout - _reserve(step.settings))
    report = Report(step.settings, step.deadline.clock.now(), step.job.run)
    reporter = _Reporter(step, report, sanitizer)
    try:
        review(step, report, reporter)
        step.deadline.disarm()
    except (Ended, Interrupted) as end:
        step.deadline.disarm()
        _end(step, report, end)
    except ActionError:
        reporter.publish_status()
        raise
    except Exception as error:  # noqa: BLE001 - what was learnt is still to be reported
        report.end(Judgement(Verdict.ERROR, defect(error)))
    exit_code = reporter.finish()
    return 1 if is_check and report.findings else exit_code


def review(step: Step, report: Report, reporter: "_Reporter") -> None:
    """Review the pull request of the event."""
    settings, clock = step.settings, step.deadline.clock
    find_target(step, report)
    before = clock.monotonic()
    report.overrides = _previews(step, report)
    report.preview_seconds = clock.monotonic() - before
    check_head(step, report)
    report.request = request_body(step, report)
    if settings.dry_run:
        _dry_run(step, report)
    elif settings.mode is Mode.MESSAGE:
        report.end(say(step, report))
    else:
        reporter.comment = comment_of(step, report)
        wait = resume(step, report, reporter.comment) or start(step, report)
        if settings.wait or report.is_repeated:
            reporter.publish_comment()
            report.end(prove(step, report, wait))
        else:
            report.end(Judgement(Verdict.STARTED, "The review has been started; nobody waits."))


class _Reporter:
    """Tells people and later steps how the run stands. Trouble here never changes a verdict."""

    def __init__(self, step: Step, report: Report, sanitizer: Sanitizer) -> None:
        self.comment: ReviewComment | None = None
        self._step = step
        self._report = report
        self._sanitizer = sanitizer

    def publish_comment(self, *, is_last: bool = False) -> None:
        """Write the comment, where there is one to write."""
        if self.comment is None:
            self.comment = comment_of(self._step, self._report)
        if self.comment is None:
            return
        try:
            text = page.comment(self._report, self._sanitizer)
            self.comment.publish(text, state_of(self._step, self._report), is_last=is_last)
        except Exception as error:  # noqa: BLE001 - the review goes on, whatever else fails
            self._step.job.warning(f"The comment could not be written. {defect(error)}")
        finally:
            self._report.comment_url = self.comment.url

    def publish_status(self) -> None:
        """Set the commit status, where one is wanted."""
        step = self._step
        self._tolerating(
            "The commit status",
            lambda: status.publish(self._report, step.event, step.forge, step.job, step.signer),
        )

    def finish(self) -> int:
        """Decide the gate, say everywhere how the run ended, and return the exit code."""
        step, report = self._step, self._report
        step.deadline.disarm()
        report.finished_at = step.deadline.clock.now()
        report.gate = decide_gate(report.verdict, step.settings.pass_on)
        step.forge.renew()
        has_signal = step.deadline.signal != 0
        step.deadline.arm(AFTER_SIGNAL if has_signal else _reserve(step.settings))
        if report.verdict not in {Verdict.IGNORED, Verdict.SKIPPED}:
            self._tolerating("The comment", lambda: self.publish_comment(is_last=True))
        self.publish_status()
        step.deadline.disarm()
        self._tolerating("The outputs", lambda: step.job.write_outputs(outputs(report)))
        self._tolerating(
            "The summary",
            lambda: step.job.write_summary(page.summary(report, self._sanitizer)),
        )
        _tell_the_end(step, report)
        return 128 + step.deadline.signal if step.deadline.signal else report.gate.exit_code

    def _tolerating(self, what: str, write: Callable[[], None]) -> None:
        """Write something; what goes wrong is told, and goes no further."""
        step = self._step
        try:
            write()
        except Interrupted:
            step.forge.renew()
            step.deadline.arm(_LAST)
            step.job.info(f"{what}: there was no time left for it.")
        except ActionError as error:
            step.job.warning(f"{what} could not be written. {error}")
        except Exception as error:  # noqa: BLE001 - the verdict stands, whatever else fails
            step.job.warning(f"{what} could not be written. {defect(error)}")


def _reserve(settings: Settings) -> float:
    return min(_RESERVE, _RESERVE_SHARE * settings.timeout)


def _previews(step: Step, report: Report) -> tuple[Override, ...]:
    """Return the overrides with previews that are up, and say how each was found."""
    if report.target is None:
        return from_outputs(step.settings.overrides, step.settings.deploy_outputs)
    overrides = find_previews(
        step.settings, report.target, step.event, step.forge, step.job, step.deadline
    )
    for override in overrides:
        place = shown_environment(override.environment)
        step.job.info(f"{override.application} → {place} ({override.found or 'as written'})")
    return overrides


def _end(step: Step, report: Report, end: Ended | Interrupted) -> None:
    """Take note of how the run ended; a dry run has findings in place of a verdict."""
    if isinstance(end, Interrupted):
        minutes = step.settings.timeout / 60
        late = f"The time was up after {minutes:g} minutes (`timeout-minutes`)."
        told = "The run was cancelled." if end.signal else late
    else:
        told = str(end)
        if getattr(end, "may_have_started", False):
            told += " A review may have started: look in QA.tech before you run this again."
    if step.settings.dry_run and not isinstance(end, Interrupted):
        if isinstance(end, Ignored):
            report.remarks.append(told)
        else:
            report.findings.append(told)
    else:
        report.end(Judgement(end.verdict, told))


def _dry_run(step: Step, report: Report) -> None:
    """Show the request that would be sent, and find out what would keep a review from running."""
    if not step.settings.api_token and not step.settings.is_sandbox:
        report.findings.append("`api-token` is not set. Store QA.tech's API token as a secret.")
    target = report.pull_request
    if target is not None:
        for what, look in (
            ("The comments", lambda: step.forge.comments(target)),
            ("QA.tech's check", lambda: step.forge.qatech_check(target, step.forge.date)),
        ):
            try:
                look()
            except ForgeError as error:
                report.remarks.append(f"{what} could not be read. {error}")
    text = json.dumps(report.request, indent=2, ensure_ascii=False)
    step.job.group("Dry run: what would be sent to QA.tech", text)


def _tell_the_end(step: Step, report: Report) -> None:
    """Say in the log how the run ended, with annotations where somebody has to look."""
    job, verdict, gate = step.job, report.verdict, report.gate
    judgement = report.judgement
    if judgement and judgement.verdict is Verdict.IGNORED:
        job.info(f"Ignored: {judgement.reason}")
        return
    if step.settings.is_sandbox:
        job.warning("`api-url` is `sandbox`: a stand-in answered, and no review took place.")
    for finding in report.findings:
        job.error(finding)
    for remark in report.remarks:
        job.notice(remark)
    for failure in judgement.block.failures if judgement else ():
        job.error(f"{failure.title}\n{failure.details}".strip())
    if report.comment_url:
        job.info(f"Comment: {report.comment_url}")
    took = step.deadline.clock.now() - report.started_at
    told = f"Verdict: {verdict or 'none, a dry run'}. {judgement.reason if judgement else ''}"
    ending = f"{told.strip()} Gate: {gate.word if gate and gate.word else 'not asked'}."
    if gate and gate.word == "closed":
        job.error(f"{ending} {gate.reason}")
    elif verdict in {Verdict.PASSED, Verdict.ANSWERED, Verdict.STARTED, None}:
        job.info(ending)
    else:
        job.notice(ending)
    job.info(f"Duration: {elapsed_time(took.total_seconds())}")


def defect(error: Exception) -> str:
    """Return where a defect of our own shows. Its message could quote anything, so it stays out."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
    return (
        f"A defect in qatech-ci: {type(error).__name__} at {place}. "
        "Please report it with this line; the review in QA.tech is not affected."
    )
