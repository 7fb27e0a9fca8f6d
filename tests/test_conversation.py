"""Which message is the reply, and whether it is finished."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import NOON, conversation, reply
from qatech_ci.conversation import is_finished, latest_reply

MESSAGES = [reply(at=1), reply("later", at=9), reply("mine", at=12, role="user")]


@given(st.permutations(MESSAGES))
def test_time_decides_not_position(messages: list) -> None:  # type: ignore[type-arg]
    """The pages document newest first and show oldest first."""
    assert latest_reply(conversation(*messages)) == reply("later", at=9)


def test_a_users_message_is_never_the_reply() -> None:
    """Not even a completed one that is the newest."""
    assert latest_reply(conversation(MESSAGES[2])) is None


def test_only_a_reply_newer_than_ours_counts() -> None:
    """In a follow-up, the previous reply is complete already."""
    assert latest_reply(conversation(*MESSAGES), after=NOON.replace(second=9)) is None


def test_of_two_with_the_same_time_the_unfinished_counts() -> None:
    """Rather look once more than take half a conversation for its end."""
    unfinished = reply("more", at=9, status="PARTIAL")
    for order in itertools.permutations([MESSAGES[1], unfinished]):
        assert latest_reply(conversation(*order)) == unfinished


@pytest.mark.parametrize(
    ("status", "is_streaming", "finished"),
    [
        ("COMPLETED", False, True),
        ("COMPLETED", True, False),
        ("FAILED", False, True),
        ("FAILED", True, True),
        ("CANCELLED", False, True),
        ("CANCELLED", True, True),
        ("INITIATED", False, False),
        ("PARTIAL", False, False),
        ("PARTIAL", True, False),
        ("ARCHIVED", False, False),
        ("", False, False),
        ("", True, False),
    ],
)
def test_what_ends_a_reply(status: str, is_streaming: bool, finished: bool) -> None:  # noqa: FBT001 - a table
    """The whole table: a status that nobody documented is not an end."""
    assert is_finished(reply(status=status, is_streaming=is_streaming)) is finished
