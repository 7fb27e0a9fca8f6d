"""Which message answers ours in a conversation that goes on."""

from dataclasses import replace

import pytest

from fakes import conversation, reply
from qatech_ci.before.conversation import is_said, newest, reply_to, review_reply
from qatech_ci.before.model import Message

SAID = "Please test the cart"
BEFORE = reply("earlier", at=1)
OURS = reply(SAID, at=5, role="user")
AFTER = reply("It works", at=9)


def test_the_answer_is_newer_than_what_we_said() -> None:
    """The previous reply is complete already and answers something else."""
    assert reply_to(SAID, conversation(AFTER, OURS, BEFORE), None) == AFTER
    assert reply_to(SAID, conversation(OURS, BEFORE), None) is None


def test_an_answer_of_the_same_time_as_ours_counts() -> None:
    """Both may be written in one go."""
    at_once = replace(reply("At once", at=5), id="msg_at_once")
    assert reply_to(SAID, conversation(OURS, at_once), None) == at_once


def test_without_our_message_the_one_before_it_decides() -> None:
    """Ours need not be listed; what we had seen before is no answer, even with the same time."""
    twin = replace(BEFORE, id="msg_twin")
    oldest = reply("oldest", at=0)
    assert reply_to(SAID, conversation(BEFORE, AFTER), BEFORE) == AFTER
    assert reply_to(SAID, conversation(oldest, BEFORE), BEFORE) is None
    assert reply_to(SAID, conversation(BEFORE, twin), BEFORE) == twin
    assert reply_to(SAID, conversation(BEFORE), None) == BEFORE
    assert reply_to(SAID, conversation(), None) is None


def test_what_we_said_earlier_in_the_same_words_does_not_count() -> None:
    """Of several such messages the newest is what is to be answered."""
    early = reply(SAID, at=1, role="user")
    answer = reply("to the first", at=3)
    assert reply_to(SAID, conversation(early, answer), None) == answer
    assert reply_to(SAID, conversation(early, answer, OURS), None) is None
    assert reply_to(SAID, conversation(early, answer), answer) is None


@pytest.mark.parametrize(
    ("message", "is_ours"),
    [
        (OURS, True),
        (reply(f"\n{SAID}  ", role="user"), True),
        (reply("Something else", role="user"), False),
        (reply(SAID), False),
    ],
)
def test_our_words_are_known_again(message: Message, is_ours: bool) -> None:  # noqa: FBT001 - a table
    """By a user, whatever space is around them."""
    assert is_said(message, SAID) is is_ours
    assert is_said(message, f" {SAID}\n") is is_ours


def test_the_review_is_over_when_somebody_asks_for_something_else() -> None:
    """What is answered then is no review; what was said before the first reply is part of it."""
    first = reply("The review", at=5)
    more = reply("More of it", at=6)
    question = reply("And the cart?", at=7, role="user")
    answer = reply("It works", at=9)
    request = reply("Review this", at=1, role="user")
    addition = reply("With the cart", at=3, role="user")
    assert review_reply(conversation(answer, question, more, first, request)) == more
    assert review_reply(conversation(request, addition, first)) == first
    assert review_reply(conversation(request, first, more, question)) == more
    assert review_reply(conversation(first, more)) == more
    assert review_reply(conversation(request)) is None


def test_what_is_asked_at_the_time_of_the_first_reply_belongs_to_the_review() -> None:
    """Only what is newer than a reply can be said in answer to it."""
    request = reply("Review this", at=5, role="user")
    first = reply("The review", at=5)
    assert review_reply(conversation(request, first)) == first
    follow_up = reply("Again", at=7, role="user")
    later = reply("No review", at=7)
    assert review_reply(conversation(request, first, follow_up, later)) == first
    third = reply("And again", at=9, role="user")
    assert review_reply(conversation(first, follow_up, reply("Once", at=8), third)) == first


def test_the_newest_message_is_anybodys() -> None:
    """Wherever it stands, and nothing where there is none."""
    assert newest(conversation(OURS, AFTER, BEFORE)) == AFTER
    assert newest(conversation(BEFORE, OURS)) == OURS
    assert newest(conversation()) is None
