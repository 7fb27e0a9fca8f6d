"""A small world for the model of the whole run: what QA.tech and GitHub really have, and each run.

Every call of a run at a port passes one gate, `World.call`. There a schedule lets something befall
the run, before the call has its effect or after it, so that its answer is lost.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

import payloads
from fakes import DOWN, NOON, PULL_REQUEST, UP, FakeFiles, FakeLog
from qatech_ci.before import action, receipt
from qatech_ci.before.checks import Check
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.commenting import marker
from qatech_ci.before.deployments import Deployment
from qatech_ci.before.errors import (
    ActionError,
    AnswerLost,
    AnswerUnreadable,
    Cancelled,
    ConversationNotFound,
    EventError,
    ForgeError,
    NotOnForge,
    PermissionMissing,
    RequestInvalid,
    ReviewerBroken,
    ReviewerError,
    ReviewerUnreachable,
    RunnerError,
    TokenRejected,
    TooManyRequests,
)
from qatech_ci.before.github import WorkflowEvent
from qatech_ci.before.model import (
    Case,
    ChangeReview,
    Conversation,
    HeadCommit,
    Message,
    Override,
    PullRequest,
    RawChanges,
    Target,
    Verdict,
)
from qatech_ci.before.ports import Comment, Deadline, Glance, Ports, ProbeResult, Run, Status
from qatech_ci.before.receipt import Receipt
from qatech_ci.before.settings import read_settings
from qatech_ci.before.signing import Signer
from qatech_ci.before.target import Event

TOKEN = "tok_123456"
SECRET = "s3cr3tvalue"
KEY = "web"
LOGIN = "github-actions[bot]"
STRANGER = "mallory"
MOST_TAKEN_UP = 3
LATENCY = 0.2
LONGEST_CALL = 30.0
_NONCE = re.compile(r'"nonce": "([0-9a-f]{32})"')
_RESULT = TypeVar("_RESULT")


class Kind(StrEnum):
    """What can befall a run."""

    KILL = "kill"
    SIGNAL = "signal"
    FAILURE = "failure"
    RIVAL = "rival"
    PUSH = "push"
    DELETION = "deletion"


class Killed(BaseException):
    """SIGKILL: nothing catches it, and what the process knew is gone."""


class _Down(Exception):
    """The preview does not answer."""


class Saying(StrEnum):
    """What a reply says, `{nonce}` being that of the request. Each quotes secrets it should not."""

    PASSED = "✅ Tests passing"
    FAILED = "❌ Tests failing"
    UNVERIFIED = "ℹ️ Unable to verify"
    PASSED_BLOCK = '```qatech-verdict\n{{"nonce": "{nonce}", "verdict": "passed"}}\n```'
    FAILED_BLOCK = '```qatech-verdict\n{{"nonce": "{nonce}", "verdict": "failed"}}\n```'
    FOREIGN = '```qatech-verdict\n{{"nonce": "somebody else\'s", "verdict": "passed"}}\n```'
    CONTRADICTION = (
        '✅ Tests passing\n\n```qatech-verdict\n{{"nonce": "{nonce}", "verdict": "failed"}}\n```'
    )
    SILENT = "I have looked at it."


WORDS = {
    Saying.PASSED: {Verdict.PASSED},
    Saying.FAILED: {Verdict.FAILED},
    Saying.UNVERIFIED: {Verdict.UNVERIFIED},
    Saying.PASSED_BLOCK: {Verdict.PASSED},
    Saying.FAILED_BLOCK: {Verdict.FAILED},
    Saying.FOREIGN: set[Verdict](),
    Saying.CONTRADICTION: {Verdict.PASSED, Verdict.FAILED},
    Saying.SILENT: set[Verdict](),
}
BLOCKS = {
    Saying.PASSED_BLOCK: {Verdict.PASSED},
    Saying.FAILED_BLOCK: {Verdict.FAILED},
    Saying.CONTRADICTION: {Verdict.FAILED},
}
"""The words of the blocks alone: an answer to the question for one counts by nothing else."""
CONCLUSIONS = {
    "success": Verdict.PASSED,
    "failure": Verdict.FAILED,
    "neutral": Verdict.UNVERIFIED,
}


@dataclass(frozen=True)
class Script:
    """How a review goes at QA.tech. Times are in seconds."""

    says: Saying = Saying.PASSED
    takes: float = 20
    status: str = "COMPLETED"
    """Of the finished reply; `PARTIAL` never finishes."""
    answer: Saying = Saying.SILENT
    """To the question for the verdict."""
    check: str = ""
    """The conclusion of QA.tech's check, `pending` for ever, or none."""
    is_chatty: bool = False
    is_reversed: bool = False


@dataclass(frozen=True)
class Trouble:
    """What befalls a run at the `nth` call of one name, from 1."""

    call: str
    nth: int
    kind: Kind
    is_after: bool = False
    choice: int = 0
    """Which of the call's failures."""
    rival: "Plan | None" = None


@dataclass(frozen=True)
class Plan:
    """What a run is asked to do, how the review goes that it may start, and what befalls it."""

    script: Script = Script()
    site: str = "a"
    """Which preview: another one makes another request."""
    reuse: bool = True
    wait: bool = True
    minutes: int = 2
    pass_on: str = "passed, unverified"
    is_late: bool = False
    """True where the run was created before the one that it competes with."""
    troubles: tuple[Trouble, ...] = ()


Request = tuple[str, str]
"""What one review is enough for: the commit and the overrides."""


@dataclass
class Review:
    """A review that QA.tech really started."""

    short_id: str
    request: Request
    script: Script
    nonce: str
    at: float
    moment: int
    by: "Attempt"
    questions: list[tuple[float, str]] = field(default_factory=list)
    is_known: bool = False
    """True where the run that started it got the answer."""
    is_shown: bool = False
    """True once a receipt on the pull request has named it."""
    lost: str = ""
    """Why the receipt that named it is no longer there, where that has a reason."""

    @property
    def url(self) -> str:
        """The conversation's page."""
        return f"https://app.qa.tech/p/shop/chat/{self.short_id}"

    def messages(self, now: float) -> tuple[Message, ...]:
        """Return the conversation as it stands, in the order that the script wants."""
        shown = [_message("user", self.at, f"Review this. {self.nonce}", "COMPLETED")]
        if now >= self.at + 1:
            shown += self._reply(now)
        for at, text in self.questions:
            shown += self._answer(at, text, now)
        return tuple(reversed(shown) if self.script.is_reversed else shown)

    def _reply(self, now: float) -> list[Message]:
        before = [_message("assistant", self.at + 0.5, "On it.", "COMPLETED")]
        script, text = self.script, self._text(self.script.says)
        elapsed = now - self.at
        status = script.status if elapsed >= script.takes else "INITIATED"
        status = "PARTIAL" if status == "INITIATED" and elapsed >= script.takes / 2 else status
        told = text if elapsed >= script.takes else text[: len(text) // 3]
        main = _message("assistant", self.at + 1, told, status, elapsed < script.takes + 1)
        return [*(before if script.is_chatty else []), main]

    def _answer(self, at: float, question: str, now: float) -> list[Message]:
        shown = [_message("user", at, question, "COMPLETED")]
        if now < at + 1:
            return shown
        text, is_done = self._text(self.script.answer), now >= at + 5
        status = "COMPLETED" if is_done else "PARTIAL"
        told = text if is_done else ""
        return [*shown, _message("assistant", at + 1, told, status, not is_done)]

    def _text(self, says: Saying) -> str:
        return f"{says.value.format(nonce=self.nonce)}\n\nSeen: {SECRET} {TOKEN} @octocat"

    def check(self, now: float) -> Check | None:
        """Return the check that QA.tech wrote about this review."""
        script, ends = self.script, self.at + self.script.takes
        if not script.check:
            return None
        is_pending = now < ends or script.check == "pending"
        conclusion = "" if is_pending else script.check
        changed = self.at if is_pending else ends
        return Check(is_pending, conclusion, NOON + timedelta(seconds=changed), self.url)


def _message(role: str, at: float, text: str, status: str, is_streaming: bool = False) -> Message:  # noqa: FBT001, FBT002 - as in the API
    moment = NOON + timedelta(seconds=at)
    return Message(f"msg_{role}_{at}", role, moment, text, status, is_streaming)


@dataclass
class Attempt:
    """A run as it really went, whatever it says about itself."""

    plan: Plan
    number: int
    attempt: int
    sha: str
    log: FakeLog = field(default_factory=FakeLog)
    files: FakeFiles = field(default_factory=FakeFiles)
    salt: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    """The calls that failed, in order."""
    disturbances: int = 0
    """How often somebody else acted while one of its calls was under way."""
    signal: int = 0
    is_killed: bool = False
    exit_code: int | None = None
    broke_off: BaseException | None = None
    """What came out of the story instead of an exit code."""
    late: float = 0.0
    """Seconds past its deadline at the end; what others took while it stood still is not its."""
    released: float = 0.0
    """When it last stood still while others acted."""
    pages: list[str] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    looked: int = -1
    """When it read what earlier runs left, on the world's count of events."""
    seen: Receipt | None = None
    read: dict[int, int] = field(default_factory=dict)
    """The version of each comment that it last read or wrote."""
    listed: int = -1
    """When it last listed the comments."""
    created: list[int] = field(default_factory=list)
    is_robbed: bool = False
    """True where somebody deleted its comment while it was at work."""
    starts: int = 0
    is_gone: bool = False
    """True where QA.tech did not have the conversation that it asked for first."""
    left: list[tuple[Receipt, str]] = field(default_factory=list)
    """The receipts that stood at its end, each with the comment's title."""
    heard: dict[str, tuple[str, set[Verdict]]] = field(default_factory=dict)
    """The finished reply that reached it out of each conversation: status and words."""
    answered: dict[str, set[Verdict]] = field(default_factory=dict)
    """What the reviewer said when it was asked for its verdict and the run waited for it."""
    check: tuple[str, Check] | None = None
    """The check that it saw last, and whose it is."""
    last_call: str = ""
    call_before: str = ""
    """The one before that, lines of the log aside."""

    @property
    def request(self) -> Request:
        """What it is about."""
        return (self.sha, self.plan.site)

    @property
    def order(self) -> tuple[int, int]:
        """Its age among runs."""
        return (self.number, self.attempt)

    @property
    def comment_failures(self) -> list[str]:
        """The calls for its comment that failed."""
        return [it for it in self.failures if "comment" in it]


@dataclass
class World:
    """What is really there."""

    mode: str = "update"
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(NOON))
    head: str = PULL_REQUEST.head_sha
    comments: dict[int, Comment] = field(default_factory=dict)
    versions: Counter[int] = field(default_factory=Counter)
    born: dict[int, int] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    active: list[Attempt] = field(default_factory=list)
    outages: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Calls that fail until a time, and how."""
    hidden: float = 0.0
    """Seconds for which QA.tech does not find a conversation that it has just started."""
    moment: int = 0
    """Counts events, so that two at the same time have an order."""
    made: int = 0
    """Counts the comments that were ever written."""
    wrong: list[str] = field(default_factory=list)
    """What broke a promise at the moment it was done."""
    counts: Counter[str] = field(default_factory=Counter)
    signer: Signer = field(default_factory=lambda: Signer(TOKEN))

    # Runs

    def execute(self, plan: Plan, earlier: Attempt | None = None) -> Attempt:
        """Let a run go to its end, also that of being killed."""
        attempt = self._attempt(plan, earlier)
        self.attempts.append(attempt)
        self.active.append(attempt)
        self.counts["runs"] += 1
        deadline = Deadline(self.clock, self.clock.monotonic() + plan.minutes * 60)
        try:
            attempt.exit_code = self._story(attempt, deadline)
        except Killed:
            attempt.is_killed = True
        except (ActionError, Cancelled) as error:
            attempt.broke_off = error
        attempt.late = self.clock.monotonic() - max(deadline.at, attempt.released)
        attempt.left = self._left()
        self.active.remove(attempt)
        return attempt

    def newest(self, number: int) -> Attempt:
        """Return the last attempt of a run."""
        return max((it for it in self.attempts if it.number == number), key=lambda it: it.attempt)

    def _left(self) -> list[tuple[Receipt, str]]:
        found = [(self.receipt_in(it), it.body.splitlines()) for it in self.ours()]
        return [(it, lines[2]) for it, lines in found if it]

    def _attempt(self, plan: Plan, earlier: Attempt | None) -> Attempt:
        taken, number = {it.number for it in self.attempts}, 100 * (1 + len(self.attempts))
        if plan.is_late and self.active:
            number = max({*range(self.active[-1].number)} - taken)
        again, sha = 1, self.head
        if earlier:
            number, again, sha = earlier.number, earlier.attempt + 1, earlier.sha
        return Attempt(plan, number, again, sha)

    def _story(self, attempt: Attempt, deadline: Deadline) -> int:
        plan, gate = attempt.plan, Gate(self, attempt, deadline)
        values = {
            "api-token": TOKEN,
            "application-overrides": f"app_web: https://{plan.site}.example.com/?key={SECRET}",
            "timeout-minutes": str(plan.minutes),
            "preview-timeout-minutes": "1",
            "pass-on": plan.pass_on,
            "comment": self.mode,
            "commit-status": "on",
            "key": KEY,
            "reuse": str(plan.reuse).lower(),
            "wait": str(plan.wait).lower(),
        }
        settings = read_settings(values)
        attempt.log.conceal(TOKEN)
        return action.run(settings, _ports(gate, self._event(attempt)))

    def _event(self, attempt: Attempt) -> Event:
        """Return the event of a commit."""
        payload = payloads.load("pull_request_opened")
        payload["pull_request"]["head"]["sha"] = attempt.sha
        repository = PULL_REQUEST.repository
        return Event("pull_request", payload, "https://github.com", repository, "octocat")

    # What befalls a run

    def call(
        self,
        gate: "Gate",
        name: str,
        effect: Callable[[], _RESULT],
        failures: tuple[Callable[[], Exception], ...] = (),
    ) -> _RESULT:
        """Let a run do something, and whatever the schedule has for that moment befall it."""
        self.moment += 1
        attempt = gate.attempt
        attempt.calls[name] += 1
        if name != "log":
            attempt.call_before, attempt.last_call = attempt.last_call, name
        trouble = gate.troubles.get((name, attempt.calls[name]))
        failing = self._failing(gate, name, trouble, failures)
        if failing:
            error, is_done = failing
            if is_done:
                effect()
            raise error
        if trouble and not trouble.is_after:
            self._befall(attempt, trouble)
        result = effect()
        if trouble and trouble.is_after:
            self._befall(attempt, trouble)
        return result

    def _failing(
        self,
        gate: "Gate",
        name: str,
        trouble: Trouble | None,
        failures: tuple[Callable[[], Exception], ...],
    ) -> tuple[Exception, bool] | None:
        """Return the call's failure, if it fails, and whether it has its effect all the same."""
        if not failures:
            return None
        is_local = name in LOCAL
        left = LONGEST_CALL if is_local else gate.deadline.left()
        until, choice = self.outages.get(name, (0.0, 0))
        fails = trouble is not None and trouble.kind is Kind.FAILURE
        if not fails and self.clock.monotonic() >= until and left > 0:
            self.clock.sleep(0 if is_local else min(left, LATENCY))
            return None
        choice = trouble.choice if trouble and fails else choice
        error = failures[choice % len(failures) if left > 0 else 0]()
        is_lost = _may_have_happened(error) and left > 0
        gate.attempt.failures.append(name)
        self.counts["faults"] += 1
        self.clock.sleep(0 if is_local else min(left, LONGEST_CALL if is_lost else LATENCY))
        return error, bool(trouble and fails and trouble.is_after and is_lost)

    def _befall(self, attempt: Attempt, trouble: Trouble) -> None:
        if trouble.kind is Kind.KILL:
            self.counts["kills"] += 1
            raise Killed
        if trouble.kind is Kind.SIGNAL and not attempt.signal:
            self.counts["signals"] += 1
            attempt.signal = 15
            raise Cancelled(15)
        if trouble.kind in {Kind.RIVAL, Kind.PUSH, Kind.DELETION}:
            self._intervene(attempt, trouble)

    def _intervene(self, attempt: Attempt, trouble: Trouble) -> None:
        attempt.disturbances += 1
        if trouble.kind is Kind.PUSH:
            self.push()
        elif trouble.kind is Kind.DELETION:
            self.delete()
        elif trouble.rival:
            self.counts["rivals"] += 1
            self.execute(trouble.rival)
        attempt.released = self.clock.monotonic()

    # What people do

    def push(self) -> None:
        """Move the head."""
        self.head = f"{int(self.head, 16) + 1:040x}"

    def rest(self) -> None:
        """Let an hour pass."""
        self.clock.sleep(3600)

    def delete(self) -> None:
        """Delete our comments, as somebody who tidies up."""
        for attempt in self.active:
            attempt.is_robbed = True
        numbers = {it.id for it in self.ours()}
        kept = {number: it for number, it in self.comments.items() if number not in numbers}
        self.change(None, lambda: setattr(self, "comments", kept))

    def copy(self) -> None:
        """Write what our comment says, marker and receipt included, under a stranger's name."""
        for comment in self.ours()[:1]:
            self._write(STRANGER, comment.body)

    # Comments

    def ours(self) -> list[Comment]:
        """Return our comments of the one key, oldest first."""
        first = f"{marker(KEY)}\n"
        own = [it for it in self.comments.values() if it.is_own]
        return sorted((it for it in own if it.body.startswith(first)), key=lambda it: it.id)

    def receipt_in(self, comment: Comment) -> Receipt | None:
        """Return the receipt of a comment."""
        line = comment.body.partition("\n")[2].partition("\n")[0]
        return receipt.read(line, PULL_REQUEST, comment.id, self.signer)

    def standing(self) -> Receipt | None:
        """Return the receipt that the next run is to find: of the one comment, or of the newest."""
        ours = self.ours()
        if self.mode == "update":
            return self.receipt_in(ours[0]) if ours else None
        told = [it for it in map(self.receipt_in, ours) if it and it.digest]
        return told[-1] if told else None

    def change(self, by: Attempt | None, write: Callable[[], _RESULT]) -> _RESULT:
        """Change the comments, and keep the reason why a receipt is no longer there."""
        before = self.standing()
        result = write()
        after = self.standing()
        named = {it.conversation_id for it in (before, after) if it}
        for review in self.reviews:
            if after and review.short_id == after.conversation_id:
                review.is_shown, review.lost = True, ""
            elif review.short_id in named:
                review.lost = _why_lost(review, by)
        return result

    def create(self, attempt: Attempt, body: str) -> Comment:
        """Write a comment of ours; a second one is wrong, unless it could not be known of."""
        known = [it for it in self.ours() if self.born[it.id] <= attempt.listed]
        if self.mode == "update" and known:
            self.counts["duplicate comments"] += 1
            self.wrong.append("A second comment was written beside one that had been listed.")
        comment = self.change(attempt, lambda: self._write(LOGIN, body))
        attempt.created.append(comment.id)
        attempt.read[comment.id] = self.versions[comment.id]
        return comment

    def edit(self, attempt: Attempt, comment_id: int, body: str) -> Comment:
        """Write a comment anew; a newer run's is wrong, unless it came between look and write."""
        existing = self.comments[comment_id]
        written = self.receipt_in(existing)
        has_seen = attempt.read.get(comment_id) == self.versions[comment_id]
        is_race = not has_seen and attempt.call_before in LOOKS
        if written and written.order > attempt.order and not is_race:
            self.wrong.append("An older run wrote over a newer one's comment.")
        edited = replace(existing, body=body)
        self.change(attempt, lambda: self.comments.update({comment_id: edited}))
        self.versions[comment_id] += 1
        attempt.read[comment_id] = self.versions[comment_id]
        return edited

    def _write(self, author: str, body: str) -> Comment:
        self.made += 1
        url = f"{PULL_REQUEST.url}#issuecomment-{self.made}"
        comment = Comment(self.made, url, body, is_own=author == LOGIN)
        self.comments[comment.id], self.born[comment.id] = comment, self.moment
        self.versions[comment.id] = 1
        return comment

    # Reviews

    def review(self, short_id: str) -> Review | None:
        """Return a review by its conversation."""
        return next((it for it in self.reviews if it.short_id == short_id), None)

    def attempt_of(self, found: Receipt) -> Attempt:
        """Return the run that asked for the review that a receipt tells of."""
        return next(it for it in self.attempts if it.salt == found.salt)

    def start(self, attempt: Attempt, nonce: str) -> Review:
        """Start a review; a second one for the same request needs a reason."""
        earlier = [it for it in self.reviews if it.request == attempt.request]
        if earlier:
            reason = self.reason_for_another(attempt, earlier)
            self.counts[f"another review: {reason or 'no reason'}"] += 1
            if not reason:
                self.counts["duplicate reviews"] += 1
                self.wrong.append("A second review was started without a reason.")
        number = len(self.reviews) + 1
        at, script = self.clock.monotonic(), attempt.plan.script
        review = Review(f"chat_{number}", attempt.request, script, nonce, at, self.moment, attempt)
        self.reviews.append(review)
        return review

    def reason_for_another(self, attempt: Attempt, earlier: list[Review]) -> str:
        """Return why a run may start another review of the same request, or nothing."""
        if not attempt.plan.reuse or self.mode == "off":
            return "the settings ask for it"
        if attempt.looked < 0:
            return "the earlier comment could not be read"
        seen = attempt.seen
        if seen and self.attempt_of(seen).request == attempt.request:
            return self._reason_in(seen, attempt)
        reasons = [self._reason_unseen(it, attempt) for it in earlier]
        return reasons[-1] if all(reasons) else ""

    def _reason_in(self, seen: Receipt, attempt: Attempt) -> str:
        """Return why the review that a receipt tells of is not taken up."""
        is_good = seen.verdict in {Verdict.PASSED, Verdict.UNVERIFIED}
        if seen.is_over and not (is_good and seen.verdict in attempt.plan.pass_on):
            return "the earlier one ended otherwise"
        if not seen.is_over and seen.taken_up >= MOST_TAKEN_UP:
            return "three runs took the earlier one up"
        if attempt.is_gone:
            return "QA.tech did not have the earlier conversation"
        if not seen.conversation_id:
            return "whether the earlier one had started was uncertain"
        return ""

    def _reason_unseen(self, review: Review, attempt: Attempt) -> str:
        """Return why nothing told of a review when a run looked."""
        if review.moment > attempt.looked:
            return "it had looked before the other started"
        if review.is_shown:
            return review.lost
        if review.by in self.active:
            return "the other had not written its receipt yet"
        return self._reason_unwritten(review)

    def _reason_unwritten(self, review: Review) -> str:
        """Return why the run that started a review left no receipt that names it."""
        if not review.is_known:
            return "whether the earlier one had started was uncertain"
        if review.by.is_killed or review.by.comment_failures:
            return "the other could not leave a receipt"
        if review.by.is_robbed:
            return "somebody had deleted the comment"
        newest = max(it.order for it in self.attempts if it.created or it.read)
        if newest > review.by.order:
            return "a newer run had the comment"
        later = max(number for it in self.attempts for number in it.created)
        is_hidden = self.mode == "new" and later > max(review.by.created)
        return "a comment that was created later is the one that counts" if is_hidden else ""


def _why_lost(review: Review, by: Attempt | None) -> str:
    """Return why a receipt may go: not through a run of the same request that had no reason."""
    if by is None:
        return "somebody had deleted the comment"
    if by.request != review.request:
        return "a run of another request had written the comment"
    if by.order < review.by.order:
        return "an older run had written over the comment"
    return "a run that started another had written the comment" if by.starts else ""


def _may_have_happened(error: Exception) -> bool:
    if isinstance(error, ReviewerError):
        return error.may_have_started
    return type(error) is ForgeError and error.what == _LOST


# Failures of calls, each made anew: the adapters' own, as they document them.

_LOST = "The answer was lost."


def _unsure(error: ReviewerError) -> ReviewerError:
    error.may_have_started = True
    return error


_STARTING: tuple[Callable[[], Exception], ...] = (
    lambda: ReviewerUnreachable("No connection."),
    lambda: AnswerLost(_LOST),
    lambda: _unsure(ReviewerBroken("502.", "", 502)),
    lambda: _unsure(AnswerUnreadable("Not JSON.")),
    lambda: TooManyRequests("429.", "", 429),
    lambda: TokenRejected("401.", "", 401),
    lambda: RequestInvalid("400.", "", 400),
)
_POLLING: tuple[Callable[[], Exception], ...] = (
    lambda: ReviewerUnreachable("No connection."),
    lambda: AnswerLost(_LOST),
    lambda: ReviewerBroken("502.", "", 502),
    lambda: AnswerUnreadable("Not JSON."),
    lambda: TooManyRequests("429.", "", 429),
    lambda: ConversationNotFound("404.", "", 404),
    lambda: TokenRejected("401.", "", 401),
)
_FORGE: tuple[Callable[[], Exception], ...] = (
    lambda: ForgeError(_LOST),
    lambda: PermissionMissing("403.", "Give the job x."),
    lambda: ForgeError("The rate limit is used up."),
)
_LOOKING_UP: tuple[Callable[[], Exception], ...] = (
    *_FORGE,
    lambda: EventError("The answer holds no pull request."),
)
_WRITING_FILES: tuple[Callable[[], Exception], ...] = (lambda: RunnerError("No space."),)
_PROBING: tuple[Callable[[], Exception], ...] = (_Down,)

FALLIBLE = (
    *("start_review", "send_message", "conversation", "comments", "comment", "create_comment"),
    *("edit_comment", "delete_comment", "glance", "check", "pull_request", "set_status", "probe"),
    *("summary", "outputs"),
)
LOOKS = ("comment", "comments")
LOCAL = ("summary", "outputs")
"""Calls that no deadline bounds."""
SLOW = (*(it for it in FALLIBLE if it not in LOCAL), "sleep")
"""Calls that take time, so that another run can act meanwhile."""
CALLS = (*FALLIBLE, "sleep", "now", "log")


# The ports of one run


class Gate:
    """One run's way into the world, with the deadline that bounds it."""

    def __init__(self, world: World, attempt: Attempt, deadline: Deadline) -> None:
        self.world = world
        self.attempt = attempt
        self.deadline = deadline
        self.troubles = {(it.call, it.nth): it for it in attempt.plan.troubles}

    def call(
        self,
        name: str,
        effect: Callable[[], _RESULT],
        failures: tuple[Callable[[], Exception], ...] = (),
    ) -> _RESULT:
        """Do something in the world."""
        return self.world.call(self, name, effect, failures)


def _ports(gate: Gate, event: Event) -> Ports:
    attempt, log = gate.attempt, _Log(gate)
    run = Run("https://github.com/octo-org/shop/actions/runs/1", *attempt.order, attempt.sha)
    return Ports(
        clock=_Clock(gate),
        deadline=gate.deadline,
        reviewer=_Reviewer(gate),
        forge=_Forge(gate),
        prober=_Prober(gate),
        log=log,
        files=_Files(gate),
        secrets=attempt.log.secrets,
        signer=gate.world.signer,
        run=run,
        trigger=WorkflowEvent(event, run),
    )


class _Clock:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._clock = gate.world.clock

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def now(self) -> datetime:
        return self._gate.call("now", self._clock.now)

    def sleep(self, seconds: float) -> None:
        """Sleep as long, also where another run acts meanwhile."""
        until = self._clock.monotonic() + seconds
        self._gate.call("sleep", lambda: self._clock.sleep(max(until - self.monotonic(), 0)))

    def random(self) -> float:
        return self._clock.random()

    def salt(self) -> str:
        self._gate.attempt.salt = self._clock.salt()
        return self._gate.attempt.salt


class _Reviewer:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._world = gate.world
        self._attempt = gate.attempt

    def start_review(self, review: ChangeReview, deadline: Deadline) -> Conversation:
        self._attempt.starts += 1
        (nonce,) = _NONCE.findall(review.context)
        started = self._gate.call(
            "start_review", lambda: self._world.start(self._attempt, nonce), _STARTING
        )
        started.is_known = True
        return Conversation(started.short_id, started.url)

    def start_conversation(
        self,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
        project: str = "",
    ) -> Conversation:
        raise NotImplementedError

    def send_message(
        self,
        conversation_id: str,
        text: str,
        deadline: Deadline,
        *,
        overrides: Iterable[Override] = (),
    ) -> Conversation:
        review = self._found(conversation_id)
        asked = (self._world.clock.monotonic(), text)
        self._gate.call("send_message", lambda: review.questions.append(asked), _STARTING)
        return Conversation(review.short_id, review.url)

    def conversation(self, conversation_id: str, deadline: Deadline, *, limit: int) -> Conversation:
        is_first = self._attempt.calls["conversation"] == 0 and not self._attempt.starts
        has_waited = self._attempt.last_call == "sleep"
        try:
            seen = self._gate.call("conversation", lambda: self._shown(conversation_id), _POLLING)
        except ReviewerError as error:
            self._attempt.is_gone |= is_first and isinstance(error, ConversationNotFound)
            if not has_waited:
                # Whether it was asked cannot be known then, so nothing counts as an answer.
                self._attempt.answered.pop(conversation_id, None)
            raise
        self._hear(seen, counts=has_waited or conversation_id in self._attempt.heard)
        return seen

    def _found(self, conversation_id: str) -> Review:
        review = self._world.review(conversation_id)
        if not review or self._world.clock.monotonic() < review.at + self._world.hidden:
            raise ConversationNotFound("404.", "", 404)
        return review

    def _shown(self, conversation_id: str) -> Conversation:
        review = self._found(conversation_id)
        messages = review.messages(self._world.clock.monotonic())
        return Conversation(review.short_id, review.url, messages)

    def _hear(self, seen: Conversation, *, counts: bool) -> None:
        """Note the finished replies that have reached the run."""
        review = self._found(seen.short_id)
        main = NOON + timedelta(seconds=review.at + 1)
        for it in seen.messages:
            if it.role != "assistant" or it.status in {"INITIATED", "PARTIAL"} or it.is_streaming:
                continue
            if it.created_at == main:
                self._attempt.heard[seen.short_id] = (it.status, WORDS[review.script.says])
            elif it.created_at > main and counts:
                self._attempt.answered[seen.short_id] = BLOCKS.get(review.script.answer, set())


class _Forge:
    vcs_provider = "github"
    has_check = True
    comment_right = "`pull-requests: write`"
    holds_merges = False

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._world = gate.world
        self._attempt = gate.attempt

    def pull_request(self, repository: str, number: int) -> PullRequest:
        head = self._gate.call("pull_request", lambda: self._world.head, _LOOKING_UP)
        return replace(PULL_REQUEST, head_sha=head)

    def comments(self, pull_request: PullRequest) -> Iterator[Comment]:
        world, attempt = self._world, self._attempt
        listing = self._gate.call("comments", lambda: _Listing.of(world), _FORGE)
        if attempt.looked < 0:
            attempt.looked, attempt.seen = listing.moment, listing.standing
        attempt.listed = listing.moment
        attempt.read |= listing.versions
        yield from listing.comments

    def comment(self, pull_request: PullRequest, comment_id: int) -> Comment:
        comment, version = self._gate.call("comment", lambda: self._shown(comment_id), _FORGE)
        self._attempt.read[comment_id] = version
        return comment

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        world, attempt = self._world, self._attempt
        return self._gate.call("create_comment", lambda: world.create(attempt, body), _FORGE)

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        def edit() -> Comment:
            self._shown(comment_id)
            return self._world.edit(self._attempt, comment_id, body)

        return self._gate.call("edit_comment", edit, _FORGE)

    def settle(self, pull_request: PullRequest, comment_id: int, *, is_settled: bool) -> None:
        """Do nothing, as on GitHub."""

    def delete_comment(self, pull_request: PullRequest, comment_id: int) -> None:
        def delete() -> None:
            self._shown(comment_id)
            self._world.change(self._attempt, lambda: self._world.comments.pop(comment_id))

        self._gate.call("delete_comment", delete, _FORGE)

    def _shown(self, comment_id: int) -> tuple[Comment, int]:
        if comment_id not in self._world.comments:
            raise NotOnForge("404.")
        return self._world.comments[comment_id], self._world.versions[comment_id]

    def glance(self, pull_request: PullRequest) -> Glance | None:
        world, sha = self._world, pull_request.head_sha
        try:
            found = self._gate.call("glance", lambda: (world.head, *self._checked(sha)), _FORGE)
        except ForgeError:
            return None
        head, review, check = found
        return Glance(head, self._noted(review, check))

    def check(self, target: Target) -> Check | None:
        found = self._gate.call("check", lambda: self._checked(target.head_sha), _FORGE)
        return self._noted(*found)

    def _noted(self, review: Review | None, check: Check | None) -> Check | None:
        self._attempt.check = None
        if review and check and not check.is_pending:
            self._attempt.check = (review.short_id, check)
        return check

    def _checked(self, sha: str) -> tuple[Review | None, Check | None]:
        """Return the newest check on a commit; one that is pending wins."""
        now = self._world.clock.monotonic()
        on_it = [it for it in self._world.reviews if it.request[0] == sha]
        found = [(it, check) for it in on_it if (check := it.check(now))]
        return max(found, key=lambda it: (it[1].is_pending, it[1].changed_at), default=(None, None))

    def set_status(self, target: Target, status: Status) -> None:
        self._gate.call("set_status", lambda: self._attempt.statuses.append(status), _FORGE)

    def changes(self, target: Target) -> RawChanges:
        raise NotImplementedError

    def deployments(self, repository: str, sha: str) -> list[Deployment]:
        raise NotImplementedError

    def open_pull_requests(self, commit: HeadCommit) -> list[PullRequest]:
        raise NotImplementedError

    def may_write(self, repository: str, login: str) -> bool:
        raise NotImplementedError

    def acknowledge(self, repository: str, comment_id: int) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class _Listing:
    """The comments as they stood when they were listed."""

    comments: list[Comment]
    versions: dict[int, int]
    moment: int
    standing: Receipt | None

    @classmethod
    def of(cls, world: World) -> "_Listing":
        comments = list(world.comments.values())
        versions = {it.id: world.versions[it.id] for it in comments}
        return cls(comments, versions, world.moment, world.standing())


class _Prober:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def probe(self, url: str, seconds: float) -> ProbeResult:
        try:
            return self._gate.call("probe", lambda: UP, _PROBING)
        except _Down:
            return DOWN


class _Log:
    """The log, whose every line is a moment at which a signal can come."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._log = gate.attempt.log

    def info(self, text: str) -> None:
        self._gate.call("log", lambda: self._log.info(text))

    def group(self, title: str, text: str) -> None:
        self._gate.call("log", lambda: self._log.group(title, text))

    def notice(self, text: str) -> None:
        self._gate.call("log", lambda: self._log.notice(text))

    def warning(self, text: str) -> None:
        self._gate.call("log", lambda: self._log.warning(text))

    def error(self, text: str) -> None:
        self._gate.call("log", lambda: self._log.error(text))

    def conceal(self, secret: str) -> None:
        self._gate.call("log", lambda: self._log.conceal(secret))


class _Files:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._attempt = gate.attempt

    def summary(self, markdown: str) -> None:
        self._gate.call("summary", lambda: self._attempt.pages.append(markdown), _WRITING_FILES)

    def test_report(self, cases: Sequence[Case]) -> None:
        """Do nothing, as on GitHub."""

    def outputs(self, values: Mapping[str, str]) -> None:
        self._gate.call("outputs", lambda: self._attempt.files.outputs(values), _WRITING_FILES)
