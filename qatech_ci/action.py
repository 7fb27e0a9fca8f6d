"""The story: a pull request is reviewed by QA.tech's agent, and the outcome gates the merge."""

import json

from .errors import ActionError, Ended, ForgeError, Ignored, Interrupted
from .model import Verdict
from .report.report import Report
from .review.reporter import Reporter, reserve, words_of
from .review.steps import Step, find_overrides, find_target, prove, request_body, resume, say, start
from .verdict import Judgement


def run(step: Step, *, is_check: bool = False) -> int:
    """Review what the event is about, report how it ended everywhere, and return the exit code.

    Raises an `ActionError` where the inputs, the event or the permissions are wrong. With
    `is_check`, what would keep a review from running is told by the exit code.
    """
    step.deadline.arm(step.settings.timeout_minutes * 60 - reserve(step.settings))
    report = Report(step.settings, step.deadline.clock.now(), step.job.run)
    reporter = Reporter(step, report)
    try:
        report.judgement = review(step, report, reporter)
        step.deadline.disarm()
    except (Ended, Interrupted) as end:
        step.deadline.disarm()
        if step.settings.dry_run and isinstance(end, Ended):
            told = report.remarks if isinstance(end, Ignored) else report.findings
            told.append(str(end))
        else:
            # What interrupted too late changes nothing.
            report.judgement = report.judgement or Judgement(end.verdict, str(end))
    except ActionError:
        reporter.publish_status()
        raise
    except Exception as error:  # noqa: BLE001 - what was learnt is still to be reported
        report.judgement = Judgement(Verdict.ERROR, words_of(error))
    exit_code = reporter.finish()
    return 1 if is_check and report.findings else exit_code


def review(step: Step, report: Report, reporter: Reporter) -> Judgement | None:
    """Review the pull request of the event; return how it ended, None for a dry run."""
    settings = step.settings
    find_target(step, report)
    find_overrides(step, report)
    report.request = request_body(step, report)
    if settings.dry_run:
        _dry_run(step, report)
        return None
    if settings.mode == "message":
        wait = say(step, report)
    else:
        wait = resume(step, report, reporter.comment) or start(step, report)
    if not (settings.wait or report.is_repeated):
        return Judgement(Verdict.STARTED, "QA.tech has been asked; nobody waits for its reply.")
    if settings.mode != "message":
        reporter.publish_comment()
    return prove(step, report, wait)


def _dry_run(step: Step, report: Report) -> None:
    """Show the request that would be sent, and find out what would keep a review from running."""
    if not step.settings.api_token and not step.settings.is_sandbox:
        report.findings.append("`api-token` is not set. Store QA.tech's API token as a secret.")
    if (target := report.pull_request) is not None:
        try:
            step.forge.comments(target)
            if refused := step.forge.qatech_check(target, step.forge.date).refused:
                report.remarks.append(refused)
        except ForgeError as error:
            report.remarks.append(str(error))
    text = json.dumps(report.request, indent=2, ensure_ascii=False)
    step.job.group("Dry run: what would be sent to QA.tech", text)
