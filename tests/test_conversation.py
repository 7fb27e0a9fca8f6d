"""Which message is the reply, and whether it is finished."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import conversation, reply
from qatech_ci.before.conversation import is_finished, latest_reply, newest, reply_to, review_reply

MESSAGES = [reply(at=1), reply("later", at=9), reply("mine", at=12, role="user")]


@given(st.permutations(MESSAGES))
def test_time_decides_not_position(messages: list) -> None:  # type: ignore[type-arg]
    """The pages document newest first and show oldest first."""
    assert latest_reply(conversation(*messages)) == reply("later", at=9)


def test_a_users_message_is_never_the_reply() -> None:
    """Not even a completed one that is the newest."""
    assert latest_reply(conversation(MESSAGES[2])) is None


def test_only_an_answer_to_what_we_said_counts() -> None:
    """In a follow-up, the previous reply is complete already."""
    previous, question = reply("old", at=5), reply("And?", at=9, role="user")
    answer = reply("new", at=9)
    assert reply_to("And?", conversation(previous, question), previous) is None
    assert reply_to("And?", conversation(previous, question, answer), previous) == answer
    assert reply_to("And?", conversation(previous, reply("x", at=7), question), previous) is None


def test_where_our_message_is_not_listed_the_previous_one_is_the_bound() -> None:
    """Not every answer holds what was asked."""
    previous, answer = reply("old", at=5), replace(reply("new", at=5), id="other")
    assert reply_to("And?", conversation(previous, answer), previous) == answer
    assert reply_to("And?", conversation(previous, reply("older", at=3)), previous) is None
    assert reply_to("Hi", conversation(previous), None) == previous


def test_what_is_asked_later_is_no_part_of_the_review() -> None:
    """Somebody goes on in the conversation after the reviewer has spoken."""
    opening, review = reply("Review it.", at=0, role="user"), reply("❌", at=9)
    later, chat = reply("And if?", at=20, role="user"), reply("✅", at=30)
    assert review_reply(conversation(opening, review, later, chat)) == review
    assert review_reply(conversation(opening)) is None
    assert review_reply(conversation(reply("first", at=5), review)) == review


def test_the_newest_message_is_anybodys() -> None:
    """It bounds what was said before ours."""
    assert newest(conversation(*MESSAGES)) == MESSAGES[2]
    assert newest(conversation()) is None


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
