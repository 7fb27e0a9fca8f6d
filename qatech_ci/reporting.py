"""Telling people and later steps how a run stands. Trouble here never changes a verdict."""

from dataclasses import dataclass

from . import page
from .commenting import CommentThread
from .errors import RunnerError
from .model import Verdict
from .ports import Files, Log
from .report import Ending, Report, outputs
from .secrecy import Secrets


@dataclass(frozen=True)
class Reporter:
    """Writes one run's comment, summary, outputs and annotation."""

    thread: CommentThread
    files: Files
    log: Log
    secrets: Secrets

    def running(self, report: Report) -> None:
        """Say on the pull request that the review is under way."""
        self.thread.publish(page.comment(report, self.secrets))

    def finish(self, report: Report, ending: Ending) -> None:
        """Say everywhere how the run ended. The outputs come last, with the comment's URL."""
        report = report.with_(ending=ending)
        self._annotate(ending)
        self.thread.publish(page.comment(report, self.secrets))
        try:
            self.files.summary(page.summary(report, self.secrets))
            self.files.outputs(outputs(report, self.thread.url))
        except RunnerError as error:
            self.log.warning(str(error))

    def _annotate(self, ending: Ending) -> None:
        judgement, gate = ending.judgement, ending.gate
        text = f"{judgement.verdict}: {judgement.explanation} Gate {gate.word}: {gate.reason}"
        if not gate.is_open:
            self.log.error(text)
        elif judgement.verdict in (Verdict.PASSED, Verdict.STARTED):
            self.log.info(text)
        else:
            self.log.notice(text)
