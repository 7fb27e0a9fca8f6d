"""One review from its start to its end, in sight of the pull request."""

from .commenting import CommentThread
from .errors import Cancelled, InputError, ReviewerError
from .gate import Gate
from .model import ChangeReview, Conversation, PullRequestChanges, Verdict
from .ports import Ports
from .report import Ending, Report, shown_place
from .reporting import Reporter
from .settings import CommentMode, Settings
from .target import Event, is_dependabot
from .verdict import Judgement, evidence_in, judge
from .waiting import Wait

_RESERVE = 30.0
_RESERVE_SHARE = 0.1
"""What is kept of the step's time for reporting: 30 s, or a tenth where the time is short."""


class Review:
    """Knows at any moment all that has been learnt, so that nothing is lost when it breaks off."""

    def __init__(self, settings: Settings, ports: Ports, report: Report) -> None:
        self._settings = settings
        self._ports = ports
        self._report = report.with_(run_url=ports.run_url, is_sandbox=settings.is_sandbox)
        self._thread = _thread(settings, ports, report)
        self._reporter = Reporter(self._thread, ports.files, ports.log, ports.secrets)
        self._signal = 0

    def conduct(self, event: Event) -> Judgement:
        """Return how the review ended; raises `InputError` where there is no token to start it."""
        try:
            return self._skipped(event) or self._reviewed()
        except ReviewerError as error:
            return Judgement(Verdict.ERROR, (), _told(error))
        except Cancelled as cancelled:
            self._signal = cancelled.signal
            return Judgement(Verdict.CANCELLED, (), "The run was cancelled.")

    def finish(self, judgement: Judgement, gate: Gate) -> int:
        """Report the end everywhere and return the exit code."""
        ending = Ending(judgement, gate, self._ports.clock.now())
        self._reporter.finish(self._report, ending)
        return 128 + self._signal if self._signal else gate.exit_code

    def _reviewed(self) -> Judgement:
        conversation = self._start()
        if not self._settings.wait:
            return Judgement(Verdict.STARTED, (), "The review has been started.")
        self._reporter.running(self._report)
        return self._judged(conversation)

    def _start(self) -> Conversation:
        for override in self._report.overrides:
            self._ports.log.info(f"{override.application} → {shown_place(override)}")
        request = ChangeReview(
            changes=PullRequestChanges(
                self._report.pull_request.url,
                self._ports.forge.vcs_provider,
            ),
            overrides=self._report.overrides,
            context=self._settings.context,
            project=self._settings.project,
        )
        conversation = self._ports.reviewer.start_review(request, self._ports.deadline)
        self._report = self._report.with_(conversation=conversation)
        self._ports.log.info(f"Review started: {conversation.url or conversation.short_id}")
        return conversation

    def _judged(self, conversation: Conversation) -> Judgement:
        ports = self._ports
        wait = Wait(conversation.short_id, ports.reviewer, ports.clock, ports.log)
        try:
            reply = wait.until(ports.deadline.earlier(_reserve(self._settings.timeout)))
        finally:
            self._report = self._report.with_(reply=wait.reply)
        if reply is None:
            return Judgement(Verdict.TIMED_OUT, (), self._out_of_time())
        return judge(list(evidence_in(reply)))

    def _out_of_time(self) -> str:
        minutes = self._settings.timeout / 60
        return f"The review had not ended within {minutes:g} minutes (`timeout-minutes`)."

    def _skipped(self, event: Event) -> Judgement | None:
        """Return why nothing can be reviewed, if so; raises `InputError` where a token is missing.

        Forks and Dependabot get no secrets on `pull_request`, so nobody can mend that in the step:
        https://docs.github.com/en/actions/security-for-github-actions/security-guides/using-secrets-in-github-actions
        """
        pull_request = self._report.pull_request
        if not pull_request.is_open:
            return Judgement(Verdict.SKIPPED, (), "The pull request is closed.")
        if self._settings.api_token or self._settings.is_sandbox:
            return None
        if pull_request.from_fork or is_dependabot(event):
            self._thread.mode = CommentMode.OFF
            return Judgement(Verdict.SKIPPED, (), _NO_SECRETS)
        raise InputError(
            "`api-token` is not set.",
            "Write `api-token: ${{ secrets.QATECH_API_TOKEN }}` and store the token as that "
            "secret, or try the step without one: `api-url: sandbox`.",
        )


_NO_SECRETS = (
    "The run has no `api-token`: GitHub gives no secrets to pull requests from forks and from "
    "Dependabot. See “Forks” in the README for the ways out."
)


def _thread(settings: Settings, ports: Ports, report: Report) -> CommentThread:
    applications = sorted(override.application for override in report.overrides)
    key = settings.key or " ".join(applications)
    return CommentThread(ports.forge, ports.log, report.pull_request, settings.comment, key)


def _reserve(timeout: float) -> float:
    return min(_RESERVE, _RESERVE_SHARE * timeout)


def _told(error: ReviewerError) -> str:
    if not error.may_have_started:
        return str(error)
    return f"{error} A review may have started all the same: look in QA.tech before another run."
