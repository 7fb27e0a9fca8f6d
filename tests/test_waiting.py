"""Waiting for the reply."""

from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import NOON, FakeLog, FakeReviewer, clock, conversation, reply
from fault_server import answer, serving
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.errors import (
    AnswerLost,
    AnswerUnreadable,
    ConversationNotFound,
    ReviewerBroken,
    ReviewerError,
    ReviewerRefusal,
    ReviewerUnreachable,
    TokenRejected,
    refusal,
)
from qatech_ci.before.model import Conversation, Message
from qatech_ci.before.ports import Deadline
from qatech_ci.before.qatech import QaTech, Transport
from qatech_ci.before.waiting import Wait

SEEN = {
    "shortId": "chat_abc",
    "url": "https://app.qa.tech/p/shop/chat/chat_abc",
    "createdAt": "2026-05-04T12:00:00.000Z",
    "updatedAt": "2026-05-04T12:00:00.000Z",
    "messages": [
        {
            "id": "msg_1",
            "role": "assistant",
            "createdAt": "2026-05-04T12:00:10.000Z",
            "text": "✅ Tests passing",
            "status": "COMPLETED",
        }
    ],
}
DONE = conversation(reply())
PARTIAL = conversation(reply("✅ Te", status="PARTIAL", is_streaming=True))


def waited(
    script: list[Conversation | Exception],
    timeout: float = 600,
) -> tuple[Message | None, FakeLog, float]:
    """Return the reply, the log, and how long it took."""
    time, log = clock(), FakeLog()
    wait = Wait("chat_abc", FakeReviewer(script), time, log)
    return wait.until(Deadline(time, timeout)), log, time.monotonic()


def test_it_ends_with_the_finished_reply() -> None:
    """The reply is asked for until it is complete."""
    message, _, elapsed = waited([conversation(), PARTIAL, DONE])
    assert message == reply()
    assert elapsed < 20


def test_it_ends_at_the_deadline() -> None:
    """A review that never finishes cannot hold the job up, and the last look is before the end."""
    message, _, elapsed = waited([PARTIAL], timeout=120)
    assert message is None
    assert 115 <= elapsed <= 120


def test_what_was_read_last_is_kept() -> None:
    """A reply that was cut off by the deadline can still be shown."""
    time = clock()
    wait = Wait("chat_abc", FakeReviewer([PARTIAL]), time, FakeLog())
    wait.until(Deadline(time, 30))
    assert wait.reply == PARTIAL.messages[0]


def test_the_text_is_shown_folded_as_it_grows() -> None:
    """Each part is printed once."""
    texts = ["One\nTw", "One\nTwo\nThr", "One\nTwo\nThr"]
    growing = [conversation(reply(text, status="PARTIAL")) for text in texts]
    _, log, _ = waited([*growing, conversation(reply("One\nTwo\nThree"))])
    groups = [line for line in log.lines if line.startswith("group")]
    assert [line.partition(" | ")[2] for line in groups] == ["One\n", "Two\n", "Three"]


def test_half_a_line_is_not_shown() -> None:
    """A secret that comes in halves would not be known as one."""
    halves = [conversation(reply("It is s3cr", status="PARTIAL"))]
    _, log, _ = waited([*halves, conversation(reply("It is s3cr3t."))])
    assert "It is s3cr3t." in log.all()
    assert "s3cr\n" not in log.all() + "\n"


def test_something_is_said_at_least_once_a_minute() -> None:
    """A log that stands still looks like a job that hangs."""
    time, log = clock(), FakeLog()
    said: list[float] = []
    reviewer = FakeReviewer([PARTIAL], on_look=lambda: said.append(len(log.lines)))
    Wait("chat_abc", reviewer, time, log).until(Deadline(time, 1200))
    assert len(log.lines) >= 20
    assert len(log.lines) < reviewer.looks / 5


@pytest.mark.parametrize(
    "trouble",
    [
        ReviewerUnreachable("no route"),
        AnswerLost("reset"),
        AnswerUnreadable("not JSON"),
        ReviewerBroken("boom", "", 500),
        ConversationNotFound("not yet", "", 404),
    ],
)
def test_passing_trouble_is_survived_and_told(trouble: ReviewerError) -> None:
    """One failed look decides nothing; a conversation may not be found at first."""
    message, log, _ = waited([*[trouble] * 20, DONE])
    assert message == reply()
    assert f"{trouble.what} Asking again." in log.all()


def test_trouble_that_lasts_is_raised() -> None:
    """After five minutes without an answer there is no point in spending the rest of the job."""
    with pytest.raises(ReviewerBroken):
        waited([ReviewerBroken("boom", "", 500)], timeout=3600)


def test_a_refusal_ends_it_at_once() -> None:
    """A token that is rejected will not be accepted three seconds later."""
    with pytest.raises(TokenRejected):
        waited([TokenRejected("no", "", 401), DONE])


def test_a_reply_that_is_there_already_is_not_asked_for() -> None:
    """A run that takes a review up may find it finished."""
    looks = FakeReviewer([PARTIAL])
    wait = Wait("chat_abc", looks, clock(), FakeLog(), reply=reply())
    assert wait.until(Deadline(clock(), 600)) == reply()
    assert not looks.looks


def test_no_time_left_means_no_look() -> None:
    """A wait that begins after its deadline ends at once."""
    assert waited([DONE], timeout=0.5)[0] is None


def asked_to_wait(seconds: float, status: int = 429) -> ReviewerRefusal:
    """Return the error of an answer that carries `Retry-After`."""
    error = refusal(status, "GET /chat/chat_abc", "slow down")
    error.asked_delay = seconds
    return error


class Chance(SimulatedClock):
    """A simulated clock with chances that a seed decides."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(NOON)
        self._random = Random(seed)  # noqa: S311 - for jitter

    def random(self) -> float:
        """Return the next chance."""
        return self._random.random()


class TimedLog(FakeLog):
    """Notes when something was said."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self.at: list[float] = []
        self._now = now

    def info(self, text: str) -> None:
        super().info(text)
        self.at.append(self._now())


class Looks:
    """A wait whose looks are noted with their times, in seconds."""

    def __init__(
        self, script: list[Conversation | Exception], time: SimulatedClock | None = None
    ) -> None:
        self.time = time or Chance()
        self.at: list[float] = []
        self.log = TimedLog(self.time.monotonic)
        self._script = script

    def until(self, seconds: float, since: float | None = None) -> Message | None:
        """Wait until the finished reply or the deadline, `seconds` from the clock's start."""
        reviewer = FakeReviewer(self._script, on_look=self._note)
        wait = Wait("chat_abc", reviewer, self.time, self.log, since=since)
        return wait.until(Deadline(self.time, seconds))

    def _note(self) -> None:
        self.at.append(self.time.monotonic())

    @property
    def pauses(self) -> list[float]:
        """The times between the looks."""
        return [after - before for before, after in pairwise(self.at)]


@given(st.floats(0, 500), st.sampled_from([429, 503]), st.integers(0, 2**32))
def test_the_asked_pause_is_kept(seconds: float, status: int, seed: int) -> None:
    """`Retry-After` on a poll is obeyed, whatever chance says, and the review is still found."""
    looks = Looks([PARTIAL, asked_to_wait(seconds, status), DONE], Chance(seed))
    assert looks.until(1200) == reply()
    assert looks.pauses[1] >= seconds


@given(st.floats(0, 86_400), st.floats(20, 600))
def test_the_asked_pause_ends_with_the_deadline(seconds: float, timeout: float) -> None:
    """A service that asks for a day gets one last look before the time is up."""
    looks = Looks([asked_to_wait(seconds), PARTIAL])
    looks.until(timeout)
    assert looks.time.monotonic() <= timeout
    assert looks.pauses[0] >= min(seconds, timeout - 1 - looks.at[0]) - 1e-6


@pytest.mark.parametrize("status", [429, 503])
def test_the_header_reaches_the_wait(status: int) -> None:
    """What the service answers over HTTP decides when it is asked again."""
    time = clock()
    turned_away = answer({"message": "slow down"}, status, Retry_After="40")
    with serving(turned_away, answer(SEEN)) as server:
        reviewer = QaTech(Transport(server.url, "tok_a"), time)
        message = Wait("chat_abc", reviewer, time, FakeLog()).until(Deadline(time, 600))
    assert message
    assert time.monotonic() >= 52


def test_runs_that_are_told_the_same_moment_come_back_apart() -> None:
    """A date in `Retry-After` names one moment to everybody."""
    pauses = []
    for seed in range(200):
        looks = Looks([asked_to_wait(30), DONE], Chance(seed))
        looks.until(600)
        pauses += looks.pauses
    assert max(pauses) - min(pauses) > 2
    assert sum(pause < 31 for pause in pauses) < 100


def test_time_that_was_asked_for_does_not_try_the_patience() -> None:
    """A service that says when to come back has not failed to answer."""
    looks = Looks([asked_to_wait(400), asked_to_wait(400), DONE])
    assert looks.until(1800) == reply()


@given(st.integers(0, 2**32))
def test_looks_that_fail_come_seldom(seed: int) -> None:
    """Up to half a minute apart and never faster than usual, until the time is up."""
    looks = Looks([ReviewerBroken("boom", "", 500)], Chance(seed))
    looks.until(250)
    assert all(2.7 <= pause <= 30 for pause in looks.pauses[:-1])


def test_failures_slow_the_looks_down_and_an_answer_brings_the_pace_back() -> None:
    """What is down does not come up faster for being asked."""
    trouble = ReviewerBroken("boom", "", 500)
    looks = Looks([*[trouble] * 6, PARTIAL], clock())
    looks.until(180)
    assert looks.pauses[:6] == pytest.approx([3, 3, 4, 8, 15, 15])
    assert looks.pauses[6] < 5


def test_the_age_of_the_review_counts_from_its_start() -> None:
    """What was done between the start request and the wait is part of the first pause."""
    looks, late = Looks([PARTIAL], clock()), Looks([PARTIAL], clock())
    late.time.sleep(8)
    looks.until(60)
    late.until(60, since=0)
    assert late.at == looks.at
    assert late.log.lines == looks.log.lines


def test_a_review_of_an_hour_costs_few_looks() -> None:
    """And whenever its answer comes, it is read within half a minute."""
    looks = Looks([PARTIAL], clock())
    assert looks.until(3600) is None
    assert len(looks.at) < 350
    assert max(looks.pauses) <= 30


@given(st.integers(0, 2**32))
def test_something_is_said_once_a_minute_though_looks_are_seldom(seed: int) -> None:
    """Late in a long review the pauses are long enough to miss a minute."""
    looks = Looks([PARTIAL], Chance(seed))
    looks.until(7200)
    assert max(after - before for before, after in pairwise(looks.log.at)) <= 60
