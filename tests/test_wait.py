"""Which messages are the reply, whether it is finished, and when to look next."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatech_ci.gitlab.job import GitLabJob
from qatech_ci.http.deadline import Deadline
from qatech_ci.model import Conversation, Message
from qatech_ci.qatech.api import QaTech
from qatech_ci.qatech.wait import FIRST_ANSWER, FIRST_REVIEW, Wait, next_pause, replies
from world import SimulatedClock

_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def said(name: str, seconds: float, role: str = "assistant", status: str = "COMPLETED") -> Message:
    """Return a message whose text is its name."""
    return Message(name, role, _START + timedelta(seconds=seconds), name, status)


def ids(*messages: Message, mark: str = "ours") -> list[str]:
    """Return what the assistant said to us."""
    return [it.id for it in replies(messages, mark)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_messages_are_sorted_by_time_whatever_the_list_says(order: tuple[int, ...]) -> None:
    """The pages document newest first and show oldest first."""
    listed = [said("asked", 0, "user"), said("a", 1), said("b", 2), said("c", 3)]
    assert ids(*(listed[place] for place in order)) == ["a", "b", "c"]


def test_an_answer_to_somebody_else_is_not_for_us() -> None:
    """Until something of ours is answered again."""
    messages = [
        said("the request", 0, "user"),
        said("a", 1),
        said("a colleague's question", 2, "user"),
        said("not for us", 3),
        said("our question", 4, "user"),
        said("b", 5),
    ]
    assert ids(*messages, mark="our question") == ["a", "b"]


def test_both_sides_of_an_exchange_may_have_the_same_time() -> None:
    """The answer comes second, an unfinished one last."""
    messages = [said("b", 1, status="PARTIAL"), said("a", 1), said("asked", 1, "user")]
    assert ids(*messages) == ["a", "b"]


@pytest.mark.parametrize(
    "status", ["INITIATED", "PARTIAL", "COMPLETED", "CANCELLED", "FAILED", "", "NEW"]
)
@pytest.mark.parametrize("is_streaming", [True, False])
def test_only_a_documented_end_is_one(status: str, *, is_streaming: bool) -> None:
    """A status that nobody documents is no end, nor is `COMPLETED` while it streams."""
    message = Message("1", "assistant", _START, "", status, is_streaming)
    is_end = status in {"CANCELLED", "FAILED"} or (status == "COMPLETED" and not is_streaming)
    assert message.is_finished == is_end


class Conversations(QaTech):
    """Answers each look with the next conversation."""

    def __init__(self, *seen: Conversation) -> None:
        self._seen = list(seen)

    def conversation(self, conversation_id: str) -> Conversation:
        """Return the next one."""
        del conversation_id
        return self._seen.pop(0)


def test_what_was_read_stays_where_a_long_conversation_has_it_no_more(tmp_path: Path) -> None:
    """The API gives the last hundred messages; what has changed since is as it is now."""
    before = Conversation("chat_1", "", (said("a", 1), said("b", 2, status="PARTIAL")))
    after = Conversation("chat_1", "", (said("b", 2), said("c", 3)))
    clock = SimulatedClock()
    job = GitLabJob({"CI_PROJECT_DIR": str(tmp_path)}, StringIO())
    wait = Wait(Conversations(before, after), "chat_1", Deadline(clock, 60), job, "ours")
    wait.look()
    wait.look()
    assert [(it.id, it.status) for it in wait.messages] == [(it, "COMPLETED") for it in "abc"]


@given(
    elapsed=st.floats(0, 500_000),
    jitter=st.floats(0, 1),
    first=st.sampled_from([FIRST_REVIEW, FIRST_ANSWER]),
)
def test_the_pause_stays_within_what_is_recommended_in_spirit(
    elapsed: float, jitter: float, first: float
) -> None:
    """The first look comes when a reply may be done; later ones every few seconds."""
    pause = next_pause(elapsed, jitter, first)
    if elapsed < first:
        assert first <= elapsed + pause <= first + 3.001
    else:
        assert 2.7 <= pause <= 33.0
        assert elapsed > 600 or pause <= 6.6
