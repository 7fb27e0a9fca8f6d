"""Waiting for the reply."""

import pytest

from fakes import FakeLog, FakeReviewer, clock, conversation, reply
from qatech_ci.errors import (
    AnswerLost,
    AnswerUnreadable,
    ConversationNotFound,
    ReviewerBroken,
    ReviewerError,
    ReviewerUnreachable,
    TokenRejected,
)
from qatech_ci.model import Conversation, Message
from qatech_ci.ports import Deadline
from qatech_ci.waiting import Wait

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


def test_no_time_left_means_no_look() -> None:
    """A wait that begins after its deadline ends at once."""
    assert waited([DONE], timeout=0.5)[0] is None
