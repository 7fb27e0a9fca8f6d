"""The steps of a review: what is under review, asking QA.tech, and proving what it found."""

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qatech_ci.errors import (
    Ended,
    EventError,
    ForgeError,
    Ignored,
    Interrupted,
    PreviewError,
    QaTechError,
    Skipped,
)
from qatech_ci.forge import Event, Forge, Job, resolve
from qatech_ci.http.deadline import Deadline
from qatech_ci.model import Check, CheckState, Conversation, Verdict
from qatech_ci.overrides import api_form
from qatech_ci.previews import check_event, find_previews
from qatech_ci.qatech.api import MAY_HAVE_STARTED, QaTech
from qatech_ci.qatech.wait import FIRST_ANSWER, FIRST_REVIEW, LAST_LOOK, Wait
from qatech_ci.report.comment import ReviewComment
from qatech_ci.report.report import Report
from qatech_ci.report.sanitize import Sanitizer
from qatech_ci.report.signing import Signer
from qatech_ci.settings import Settings
from qatech_ci.verdict import PENDING, Judgement, Reading, demand, judge, read_reply

_CHECK_RESERVE = 10.0  # seconds kept for QA.tech's check and the head, or a tenth of what is left
_PENDING_CHECK = 60.0  # seconds for which a check that is pending is waited for after the block
_ASK_AGAIN = 60.0  # seconds between two questions while tests are still running
_LEAST = 2 * LAST_LOOK  # seconds; less is not worth a question, as a wait always leaves one look
_PAUSE = 5.0  # seconds between two looks at a check
_FRESH = 5.0  # seconds after which the head is read again before a start
_FAILED = "QA.tech marked its reply as failed. Run the job again; it starts a new review."
_ENDED_BY_QATECH = {
    "CANCELLED": (Verdict.CANCELLED, "The reply was cancelled in QA.tech."),
    "FAILED": (Verdict.ERROR, _FAILED),
}


@dataclass(frozen=True)
class Step:
    """The step that is run: what was asked for, what started it, and whom it speaks to."""

    settings: Settings
    event: Event
    forge: Forge
    job: Job
    qatech: QaTech
    signer: Signer
    sanitizer: Sanitizer
    deadline: Deadline


def find_target(step: Step, report: Report) -> None:
    """Find what is under review, if anything is; raises `UsageError`, `ForgeError` and `Ended`."""
    settings, event = step.settings, step.event
    if not (settings.api_token or settings.is_sandbox or settings.dry_run):
        # The event's own word comes first: what asks for no review lacks no token.
        with suppress(EventError):
            event.subject(settings.pull_request)
        raise Skipped(
            "The run has no `api-token`: pull requests from forks and from Dependabot get no "
            "secrets.",
            "Ways out: run on `workflow_run`, or on `pull_request_target` behind a label and "
            "without a checkout; or add `skipped` to `pass-on`.",
        )
    try:
        _look_up(step, report)
    except (EventError, Ended, ForgeError):
        is_message = settings.mode == "message" and event.command is None
        if settings.pull_request or not is_message:
            raise


def _look_up(step: Step, report: Report) -> None:
    subject = step.event.subject(step.settings.pull_request)
    check_event(step.settings.application_overrides, step.event)
    if step.event.command is not None:
        step.forge.allow()
        try:
            if not step.settings.dry_run:
                step.forge.acknowledge()
        except ForgeError as error:
            step.job.info(f"The command could not be acknowledged. {error}")
    target = resolve(subject, step.forge)
    if not target.is_open:
        raise Ignored("The pull request is closed.")
    report.pull_request = target
    if subject.failure:
        raise PreviewError(*subject.failure)
    step.job.info(f"Under review: {target.url} at {target.head_sha}")


def find_overrides(step: Step, report: Report) -> None:
    """Find what is reviewed where; raises as `find_previews`, and `Skipped` if the head moved."""
    settings, target, clock = step.settings, report.pull_request, step.deadline.clock
    before = clock.monotonic()
    report.overrides = find_previews(settings, target, step.event, step.forge, step.job)
    report.preview_seconds = clock.monotonic() - before
    if report.preview_seconds >= _FRESH and _has_moved(step, report):
        raise Skipped("The pull request's head moved before the review could start.")


def request_body(step: Step, report: Report) -> dict[str, Any]:
    """Return what QA.tech is asked, but for the block; raises `ForgeError` and `Skipped`."""
    settings, target = step.settings, report.pull_request
    project = "" if settings.conversation else settings.project  # a conversation has its own
    overrides = [api_form(it, shown=settings.dry_run) for it in report.overrides]
    body: dict[str, Any] = {"projectShortId": project, "applicationOverrides": overrides}
    if settings.mode == "message" or target is None:
        body |= {"message": settings.message}
    elif settings.mode == "pr":
        body |= {"context": settings.context, "mode": "pr"}
        body |= {"prUrl": target.url, "vcsProviderId": step.forge.name.lower()}
    else:
        changes = step.forge.changes(target)
        if not changes.diff:
            raise Skipped(f"There is no diff to review. {changes.left_out}".strip())
        if changes.left_out:
            report.remarks.append(changes.left_out)
        text = {"changeDescription": changes.description, "diff": changes.diff}
        body |= {"context": settings.context, "mode": "rawChanges", "changes": text}
    return {name: value for name, value in body.items() if value}


def start(step: Step, report: Report) -> Wait:
    """Start a review, at most once; raises a `QaTechError`."""
    report.salt = secrets.token_hex(16)
    report.nonce = step.signer.nonce(report.salt)
    report.review_started_at = step.forge.date
    words = [step.settings.context, step.event.command, demand(report.nonce)]
    body = report.request | {"context": "\n\n".join(filter(None, words))}
    try:
        report.conversation = step.qatech.start_review(body)
    except Interrupted:
        if step.qatech.may_have_started:
            report.remarks.append(MAY_HAVE_STARTED)
        raise
    _tell(step, "Review started", report.conversation)
    return _wait(step, report, report.nonce)


def resume(step: Step, report: Report, comment: ReviewComment | None) -> Wait | None:
    """Continue the review of the same commit, base and request that an earlier run has left.

    One that is under way, or one that passed, whose proof is read again. Whoever asks for a review
    in a comment gets another one, unless one is under way.
    """
    is_command = step.event.command is not None
    earlier = comment.earlier() if step.settings.reuse and comment else None
    taken_up = {""} if is_command else {"", Verdict.PASSED}
    if not (earlier and earlier.conversation and earlier.verdict in taken_up):
        return None
    report.salt, report.nonce = earlier.salt, step.signer.nonce(earlier.salt)
    report.review_started_at = datetime.fromisoformat(earlier.started_at)
    report.conversation = Conversation(earlier.conversation, "")
    wait = _wait(step, report, report.nonce)
    # It may be not found for a moment; a second review is dearer than another look.
    for pause in (0.0, _PAUSE):
        step.deadline.sleep(pause)
        try:
            report.conversation = wait.look()
        except QaTechError as error:
            if error.status == 404:
                continue
        break
    else:
        report.conversation = Conversation("", "")
        return None
    step.job.info(f"Continuing the review of an earlier run: {earlier.conversation}")
    report.is_repeated = bool(earlier.verdict)
    if is_command:
        report.remarks.append("A review of this commit was under way; the command starts no other.")
    return wait


def say(step: Step, report: Report) -> Wait:
    """Send the message, in its conversation or a new one; raises a `QaTechError`."""
    known: frozenset[str] = frozenset()
    if conversation := step.settings.conversation:
        known = frozenset(it.id for it in step.qatech.conversation(conversation).messages)
        report.conversation = step.qatech.send_message(conversation, report.request)
    else:
        report.conversation = step.qatech.start_chat(report.request)
    _tell(step, "Message sent", report.conversation)
    return _wait(step, report, step.settings.message, known)


def prove(step: Step, report: Report, wait: Wait) -> Judgement:
    """Wait for the reply and return what is proven for the commit; raises a `QaTechError`."""
    settings = step.settings
    is_soon = wait.messages or settings.mode == "message"
    is_done = wait.until_finished(step.deadline.left(), FIRST_ANSWER if is_soon else FIRST_REVIEW)
    has_ended = bool(wait.messages) and wait.messages[-1].is_finished
    if not (is_done if settings.mode == "message" else has_ended):
        within = f"{settings.timeout_minutes:g} minutes (`timeout-minutes`)"
        return Judgement(Verdict.TIMED_OUT, f"The reply was not complete within {within}.")
    reading = Reading()
    if wait.messages[-1].status == "COMPLETED":
        if settings.mode == "message":
            return Judgement(Verdict.ANSWERED, "The reviewer has answered.")
        reading = _read(step, report, wait)
    if ended := _ENDED_BY_QATECH.get(wait.messages[-1].status):
        report.is_final = True
        return Judgement(*ended, sources=("life-cycle",))
    try:
        judgement = judge(reading, _check(step, report))
    except Interrupted as end:
        if end.signal:
            raise
        return judge(reading, Check(CheckState.UNREADABLE, "There was no time left for it."))
    return _for_the_commit(step, report, judgement)


def _wait(step: Step, report: Report, mark: str, known: frozenset[str] = frozenset()) -> Wait:
    chat = report.conversation.short_id
    return Wait(step.qatech, chat, step.deadline, step.job, mark, report.messages, known)


def _tell(step: Step, what: str, conversation: Conversation) -> None:
    url = "" if step.settings.is_sandbox else conversation.url
    step.job.info(f"{what}: {url or conversation.short_id}")


def _read(step: Step, report: Report, wait: Wait) -> Reading:
    """Return what the reply says; ask for a whole block once, and again while tests are running."""
    nonce, deadline, is_asked = report.nonce, step.deadline, wait.has_asked
    form = demand(nonce)
    reserve = min(_CHECK_RESERVE, deadline.left() / 10)
    try:
        while (left := deadline.left() - reserve) > _LEAST:
            reading = read_reply(wait.messages, nonce)
            if reading.word == PENDING:
                is_newer = wait.until_newer(min(_ASK_AGAIN, left))
                if not is_newer and (left := deadline.left() - reserve) > _LEAST:
                    step.job.info("Tests are still running. Asking the reviewer again.")
                    wait.ask(f"Have the tests ended? Reply with their outcome. {form}", left)
            elif not reading.word and not is_asked:
                is_asked = True
                step.job.info("The reply has no whole verdict block. Asking the reviewer for it.")
                wait.ask(f"Your reply does not have exactly one whole verdict block. {form}", left)
            else:
                break
    except QaTechError as error:
        step.job.warning(f"The reviewer could not be asked for its verdict. {error}")
    return read_reply(wait.messages, nonce)


def _check(step: Step, report: Report) -> Check:
    """Return what QA.tech's check says; a minute is waited for it, and a failed read repeated."""
    target, since, deadline = report.pull_request, report.review_started_at, step.deadline
    if target is None or since is None:
        return Check(CheckState.NONE)
    end = deadline.clock.monotonic() + _PENDING_CHECK
    while True:
        try:
            check = step.forge.qatech_check(target, since)
            may_change = check.state is CheckState.PENDING and deadline.clock.monotonic() < end
        except ForgeError as error:
            check = Check(CheckState.UNREADABLE, str(error))
            may_change = error.retry_after is not None
        if not may_change or deadline.left() <= 2 * _PAUSE:
            break
        step.job.info(f"{check.told} Looking again.")
        deadline.sleep(_PAUSE)
    if check.refused:
        step.job.warning(f"What may not be read of QA.tech's check is none. {check.refused}")
    if check.state is CheckState.PENDING:
        report.remarks.append(f"{check.told} It was not waited for any longer.")
        return Check(CheckState.NONE)
    return check


def _for_the_commit(step: Step, report: Report, judgement: Judgement) -> Judgement:
    """Return the judgement; `unknown` where the head has moved, as QA.tech reviews it as it is."""
    try:
        report.is_outdated = _has_moved(step, report)
    except ForgeError as error:
        told = f"Whether the head has moved could not be read. {error}"
    else:
        report.is_final = judgement.verdict is not Verdict.TIMED_OUT
        if not report.is_outdated:
            return judgement
        told = "The pull request's head moved while the review ran, so it is about no one commit."
    return replace(judgement, verdict=Verdict.UNKNOWN, reason=f"{told} {judgement.reason}")


def _has_moved(step: Step, report: Report) -> bool:
    """Tell whether the pull request has another head by now; raises a `ForgeError`."""
    if (target := report.pull_request) is None:
        return False
    return step.forge.pull_request(target.repository, target.number).head_sha != target.head_sha
