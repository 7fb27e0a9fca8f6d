"""Telling people and later steps how a run stands. Trouble here never changes a verdict."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType

from .commenting import CommentThread
from .commit_status import CommitStatus
from .errors import RunnerError
from .model import Verdict
from .ports import Files, Log
from .receipt import Receipt
from .report import Ending, Report, cases, outputs
from .secrecy import Secrets
from .timebox import undisturbed

_QUIET = (Verdict.PASSED, Verdict.STARTED, Verdict.ANSWERED)


@dataclass
class Reporter:
    """Writes one run's comment, commit status, summary, outputs and annotations."""

    thread: CommentThread | None
    status: CommitStatus | None
    files: Files
    log: Log
    secrets: Secrets

    def running(self, report: Report, receipt: Receipt) -> None:
        """Say on the pull request that the review is under way."""
        if self.status:
            self.status.pending()
        self._comment(report, receipt)

    def broken(self) -> None:
        """End the commit status of a run that broke off."""
        if self.status:
            self.status.broken()

    def finish(self, report: Report, ending: Ending, receipt: Receipt) -> None:
        """Say everywhere how the run ended.

        The outputs follow the comment, whose URL is one of them; the summary, which takes longest
        to write, comes last.
        """
        report = replace(report, ending=ending)
        self._annotate(ending)
        self._comment(report, receipt)
        if self.status:
            self.status.end(ending.judgement.verdict, ending.gate)
        with self._tolerated():
            self.files.outputs(outputs(report, self.thread.url if self.thread else ""))
        with self._tolerated():
            self.files.test_report(cases(ending.judgement))
        with self._tolerated():
            self.files.summary(undisturbed(_page).summary(report, self.secrets))

    @contextmanager
    def _tolerated(self) -> Iterator[None]:
        try:
            yield
        except RunnerError as error:
            self.log.warning(str(error))

    def _comment(self, report: Report, receipt: Receipt) -> None:
        if self.thread:
            self.thread.publish(undisturbed(_page).comment(report, self.secrets), receipt)
            self.thread.settle(is_settled=is_settled(report.ending))

    def _annotate(self, ending: Ending) -> None:
        judgement, gate = ending.judgement, ending.gate
        text = f"{judgement.verdict}: {judgement.explanation} Gate {gate.word}: {gate.reason}"
        if not gate.is_open:
            self.log.error(text)
        elif judgement.verdict in _QUIET:
            self.log.info(text)
        else:
            self.log.notice(text)
        for failure in judgement.findings.failures:
            self.log.error(f"{failure.title}\n{failure.details}".strip())


def is_settled(ending: Ending | None) -> bool:
    """Tell whether nobody has to look: not before there is a verdict and the gate is open."""
    if ending is None or ending.judgement.verdict is Verdict.STARTED:
        return False
    return ending.gate.is_open


def _page() -> ModuleType:
    # What writes Markdown is imported while the reviewer is at work, when nobody waits for it.
    from . import page  # noqa: PLC0415 - see above

    return page
