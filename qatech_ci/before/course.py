"""One run from its start to its end, knowing at any moment all that has been learnt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from .commenting import CommentThread
from .commit_status import CommitStatus, is_wanted
from .conversation import review_reply
from .defects import defect
from .errors import ActionError, Cancelled, PreviewError, PreviewTimeout, ReviewerError
from .gate import Gate, decide
from .locating import Located
from .model import Conversation, Message, Override, PullRequest, Target, Verdict
from .ports import Deadline, Ports
from .receipt import Receipt
from .report import Ending, Report
from .reporting import Reporter, is_settled
from .resolving import Resolver
from .settings import CommentMode, Mode, Settings
from .verdict import Judgement
from .waiting import Wait

_RESERVE = 30.0
_RESERVE_SHARE = 0.1
"""What is kept of the step's time for reporting: 30 s, or a tenth where the time is short."""


_UNHELD = 2
"""Not 1: a job that leaves the gate to its thread is let pass with that."""
_AFTER_SIGNAL = 3.0
"""Seconds for the comment and the commit status after a signal."""


class Course:
    """Where a mission keeps what it learns, so that nothing is lost when it breaks off."""

    def __init__(
        self,
        settings: Settings,
        ports: Ports,
        located: Located,
        overrides: tuple[Override, ...],
    ) -> None:
        target = located.target
        self.settings = settings
        self.ports = ports
        self.located = located
        self.overrides = overrides
        now = ports.clock.now()
        provider = ports.forge.vcs_provider
        self.report = Report(target, overrides, now, ports.run.url, settings.is_sandbox, provider)
        self.thread = self._hold = _thread(settings, ports, target, overrides)
        self.receipt = Receipt(
            head_sha=target.head_sha if target else "",
            digest="",
            salt=ports.clock.salt(),
            run=ports.run.number,
            attempt=ports.run.attempt,
            started_at=now.isoformat(),
        )
        status = _status(settings, ports, target, overrides)
        self._reporter = Reporter(self.thread, status, ports.files, ports.log, ports.secrets)
        self._signal = 0
        self._is_unheld = False

    @property
    def deadline(self) -> Deadline:
        """The end of all waiting; what is left then is for reporting."""
        reserve = min(_RESERVE, _RESERVE_SHARE * self.settings.timeout)
        return self.ports.deadline.earlier(reserve)

    @property
    def nonce(self) -> str:
        """The nonce of the review, the same for every run that takes it up."""
        return self.ports.signer.nonce(self.receipt.salt)

    def learn(self, **facts: Any) -> None:  # noqa: ANN401 - the fields of a report
        """Add facts to the report."""
        self.report = replace(self.report, **facts)

    def note(self, **facts: Any) -> None:  # noqa: ANN401 - the fields of a receipt
        """Add facts to the receipt."""
        self.receipt = replace(self.receipt, **facts)

    def remark(self, text: str) -> None:
        """Add something to know to the report and the log."""
        self.ports.log.notice(text)
        self.learn(remarks=(*self.report.remarks, text))

    def sets_out(self, **facts: Any) -> None:  # noqa: ANN401 - the fields of a receipt
        """Take note that something is about to be asked of the reviewer."""
        self.note(started_at=self.ports.clock.now().isoformat(), **facts)

    def begin(self, conversation: Conversation, what: str) -> None:
        """Take note of a conversation that has been started."""
        self.learn(conversation=conversation)
        self.note(conversation_id=self.ports.secrets.redact(conversation.short_id))
        self.ports.log.info(f"{what}: {conversation.url or conversation.short_id}")

    def take_up(self, earlier: Receipt, conversation: Conversation) -> None:
        """Go on where an earlier run left off."""
        self.note(
            digest=earlier.digest,
            salt=earlier.salt,
            started_at=earlier.started_at,
            taken_up=earlier.taken_up + 1,
        )
        self.begin(conversation, "Review taken up")
        self.learn(reply=review_reply(conversation))

    def wait_for_reply(
        self,
        conversation: Conversation,
        find: Callable[[Conversation], Message | None] = review_reply,
    ) -> Message | None:
        """Return the finished reply, or nothing when the time is up; what was read is kept.

        Raises `ReviewerError`.
        """
        self.announce()
        ports = self.ports
        tools = ports.reviewer, ports.clock, ports.log
        wait = Wait(conversation.short_id, *tools, find, self.report.reply, self._since)
        try:
            return wait.until(self.deadline)
        finally:
            self.learn(reply=wait.reply)

    @property
    def _since(self) -> float:
        """When the review was started, by this run or an earlier one, in monotonic seconds."""
        clock = self.ports.clock
        age = clock.now() - datetime.fromisoformat(self.receipt.started_at)
        return clock.monotonic() - max(age.total_seconds(), 0.0)

    @property
    def out_of_time(self) -> str:
        """What there is to say when the deadline has come."""
        minutes = self.settings.timeout / 60
        return f"The reply was not complete within {minutes:g} minutes (`timeout-minutes`)."

    def stay_silent(self) -> None:
        """Write neither comment nor commit status in this run."""
        self.thread = self._reporter.thread = self._reporter.status = None

    def hold(self) -> None:
        """Have a merge wait for the thread that an earlier run may have resolved."""
        if self._hold:
            self._hold.reopen(self.receipt)

    def resolve(self) -> None:
        """Find the previews and wait until they are up; what was found is part of the report.

        Raises `InputError`, `PreviewError` and `ForgeError`.
        """
        timeout = min(self.settings.preview_timeout, self.deadline.left())
        deadline = Deadline(self.ports.clock, self.ports.clock.monotonic() + timeout)
        resolver = Resolver(self.settings, self.ports, deadline)
        self.overrides = resolver.resolve(self.overrides, self.report.target)
        self.learn(overrides=self.overrides)

    def announce(self) -> None:
        """Say on the pull request that the reviewer is at work."""
        self._reporter.running(self.report, self.receipt)

    def follow(self, mission: Callable[["Course"], Judgement]) -> Judgement:
        """Return how a mission ended, also where it was broken off.

        Raises an `ActionError` that is no ending of a review, after the commit status has been
        ended.
        """
        try:
            return mission(self)
        except ReviewerError as error:
            return Judgement(Verdict.ERROR, _told(error))
        except PreviewTimeout as error:
            return Judgement(Verdict.TIMED_OUT, str(error))
        except PreviewError as error:
            return Judgement(Verdict.ERROR, str(error))
        except Cancelled as cancelled:
            return self._cancelled(cancelled, "The run was cancelled.")
        except ActionError:
            self._reporter.broken()
            self.hold()
            raise
        except Exception as error:  # noqa: BLE001 - what was learnt is still to be reported
            return Judgement(Verdict.ERROR, defect(error))

    def finish(self, judgement: Judgement) -> int:
        """Decide the gate, report the end everywhere, and return the exit code.

        What was found stays in the receipt and in words where a signal breaks the reporting off.
        """
        try:
            gate = self._end(judgement, judgement.verdict)
        except Cancelled as cancelled:
            found = f"{judgement.verdict}: {judgement.explanation}"
            told = f"The run was cancelled while it reported. It had found {found}"
            gate = self._end(self._cancelled(cancelled, told), judgement.verdict)
        if self._signal:
            return 128 + self._signal
        return _UNHELD if self._is_unheld else gate.exit_code

    def _end(self, judgement: Judgement, found: Verdict) -> Gate:
        settings = self.settings
        gate = decide(judgement.verdict, settings.pass_on, is_dry_run=settings.dry_run)
        ending = Ending(judgement, gate, self.ports.clock.now())
        self.note(verdict=found, finished_at=ending.at.isoformat())
        self._reporter.finish(self.report, ending, self.receipt)
        if self.ports.forge.holds_merges and not is_settled(ending):
            self._insist_on_the_thread()
        return gate

    def _insist_on_the_thread(self) -> None:
        """Make sure that a merge waits for the thread, also where nothing was to be written.

        Without it the merge would wait for nothing: the job may be one that is let pass.
        """
        self.hold()
        self._is_unheld = not (self._hold and self._hold.holds)
        if self._is_unheld:
            self.ports.log.error(
                "With `thread: true` an open thread holds the merge, and there is none that could "
                f"be created or reopened. So the exit code is {_UNHELD}, which "
                "`allow_failure: {exit_codes: [1]}` does not let pass."
            )

    def _cancelled(self, cancelled: Cancelled, told: str) -> Judgement:
        """Leave little time for reporting: the runner kills 10 s after its first signal."""
        self._signal = cancelled.signal
        self.ports.deadline.shorten(_AFTER_SIGNAL)
        return Judgement(Verdict.CANCELLED, told)


def _thread(
    settings: Settings,
    ports: Ports,
    target: Target | None,
    overrides: tuple[Override, ...],
) -> CommentThread | None:
    """Return the comment's thread where there is a pull request that takes one."""
    is_off = settings.comment is CommentMode.OFF or settings.dry_run
    if not isinstance(target, PullRequest) or is_off:
        return None
    key = _key(settings, overrides)
    return CommentThread(ports.forge, ports.log, target, settings.comment, key, ports.signer)


def _key(settings: Settings, overrides: tuple[Override, ...]) -> str:
    """Return what tells this review of a pull request from others."""
    key = settings.key or ", ".join(sorted(override.application for override in overrides))
    return f"message {key}" if settings.mode is Mode.MESSAGE else key


def _status(
    settings: Settings,
    ports: Ports,
    target: Target | None,
    overrides: tuple[Override, ...],
) -> CommitStatus | None:
    """Return the status of the head commit, where one is wanted and there is something to judge."""
    is_judged = settings.mode is not Mode.MESSAGE and not settings.dry_run
    if not (target and is_judged and is_wanted(settings.commit_status, ports.trigger, target)):
        return None
    context = f"qatech-ci ({_key(settings, overrides)})"
    return CommitStatus(ports.forge, ports.log, target, context, ports.run.url)


def _told(error: ReviewerError) -> str:
    if not error.may_have_started:
        return str(error)
    return f"{error} A review may have started all the same: look in QA.tech before another run."
