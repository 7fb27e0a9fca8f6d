"""What opens the gate: the block, QA.tech's check, and nothing that contradicts them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qatech_ci.model import Check, CheckState, Message, Verdict
from qatech_ci.verdict import (
    Judgement,
    decide_gate,
    demand,
    judge,
    read_reply,
    without_blocks,
)

NONCE = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_CORPUS = yaml.safe_load(
    (Path(__file__).parent / "corpus" / "replies.yaml").read_text(encoding="utf-8")
)
_CHECKS = {
    None: CheckState.NONE,
    "neutral": CheckState.NONE,
    "pending": CheckState.NONE,  # waited for in vain
    "success": CheckState.SUCCESS,
    "failure": CheckState.FAILURE,
    "cancelled": CheckState.UNREADABLE,
}


def messages(*texts: str) -> list[Message]:
    """Return finished messages of the assistant, oldest first."""
    return [
        Message(str(number), "assistant", _START + timedelta(seconds=number), text, "COMPLETED")
        for number, text in enumerate(texts)
    ]


def block(verdict: str, **more: object) -> str:
    """Return a fenced block of this run."""
    fields = "".join(f', "{key}": {value}' for key, value in more.items())
    return f'```qatech-verdict\n{{"nonce": "{NONCE}", "verdict": "{verdict}"{fields}}}\n```'


def verdict_of(*texts: str, check: CheckState = CheckState.NONE) -> Verdict:
    """Return the verdict on a review in which the assistant said `texts`."""
    return judge(read_reply(messages(*texts), NONCE), Check(check)).verdict


def _texts(entry: dict[str, Any]) -> list[str]:
    """Return what the assistant says in all, asked for the block where that is missing."""
    said = [_filled(it) for it in entry["said"]]
    if not read_reply(messages(*said), NONCE).word and entry.get("answer"):
        said.append(_filled(entry["answer"]))
    return said


def _filled(text: str) -> str:
    return text.replace("{nonce}", NONCE).replace("{other}", OTHER)


@pytest.mark.parametrize("entry", _CORPUS, ids=lambda it: f"{it['category']}-{_CORPUS.index(it)}")
def test_a_labelled_reply_comes_to_its_verdict(entry: dict[str, Any]) -> None:
    """The corpus: the question for the block is asked where it is needed, and answered or not."""
    texts = _texts(entry)
    assert verdict_of(*texts, check=_CHECKS[entry.get("check")]) == entry["verdict"]


def test_the_corpus_is_as_large_as_it_says() -> None:
    """At least 150 replies, and each category has several."""
    categories = [it["category"] for it in _CORPUS]
    assert len(_CORPUS) >= 150
    assert min(categories.count(it) for it in categories) >= 3


@pytest.mark.parametrize(
    ("block_word", "check", "words", "expected"),
    [
        ("", CheckState.NONE, "", "unknown"),
        ("passed", CheckState.NONE, "", "passed"),
        ("", CheckState.SUCCESS, "", "passed"),
        ("passed", CheckState.SUCCESS, "", "passed"),
        ("passed", CheckState.UNREADABLE, "", "unknown"),
        ("failed", CheckState.NONE, "", "failed"),
        ("failed", CheckState.SUCCESS, "", "unknown"),
        ("failed", CheckState.FAILURE, "Tests failing", "failed"),
        ("passed", CheckState.FAILURE, "", "unknown"),
        ("", CheckState.FAILURE, "", "failed"),
        ("passed", CheckState.NONE, "❌ Tests failing", "unknown"),
        ("", CheckState.NONE, "Changes requested", "failed"),
        ("", CheckState.SUCCESS, "Verdict: fail", "unknown"),
        ("blocked", CheckState.NONE, "", "blocked"),
        ("blocked", CheckState.SUCCESS, "", "blocked"),
        ("blocked", CheckState.FAILURE, "", "unknown"),
        ("unverified", CheckState.NONE, "", "unverified"),
        ("unverified", CheckState.SUCCESS, "", "unverified"),
        ("passed", CheckState.NONE, "Unable to verify", "unverified"),
        ("", CheckState.SUCCESS, "ℹ️ Unable to verify", "unverified"),
        ("", CheckState.NONE, "Unable to verify", "unknown"),
        ("pending", CheckState.NONE, "", "timed-out"),
        ("pending", CheckState.FAILURE, "", "unknown"),
        ("", CheckState.NONE, "✅ Tests passing", "unknown"),
    ],
)
def test_the_first_sentence_that_applies_decides(
    block_word: str, check: CheckState, words: str, expected: str
) -> None:
    """The order of the rule, over block, check and words."""
    text = "\n\n".join(filter(None, [words, block(block_word) if block_word else ""]))
    assert verdict_of(text, check=check) == expected


@pytest.mark.parametrize(
    "malformed",
    [
        block("PASSED"),
        block("passed", failures='[{"title": "The total is wrong"}]'),
        block("unverified", failures='["The total is wrong"]'),
        block("passed", tested='"checkout"'),
        block("passed").replace("}", ""),
        f"{block('passed')}\n\n{block('passed')}",
        "\n\n".join([block("passed")] * 20),
        block("passed") + block("failed"),
        f'```json\n{{"nonce": "{NONCE}", "nonce": "{NONCE}", "verdict": "passed"}}\n```',
        f'{{"nonce": "{NONCE}", "verdict": null}}',
        f'{{"nonce": "{NONCE}", "verdict": ["passed"]}}',
    ],
)
def test_what_is_nearly_right_opens_nothing(malformed: str) -> None:
    """A block that would open the gate is read strictly: asked for again, then `unknown`."""
    reading = read_reply(messages(f"All good.\n\n{malformed}"), NONCE)
    assert not reading.word
    assert judge(reading, Check(CheckState.SUCCESS)).verdict == Verdict.UNKNOWN


@pytest.mark.parametrize("word", ["FAILED", " Failed ", "failed"])
@pytest.mark.parametrize("failures", ['["a"]', '"a"', '[{"title": "a"}]', '[{"name": "a"}]'])
def test_failures_are_read_leniently(word: str, failures: str) -> None:
    """Whatever spelling a failure comes in, it closes the gate and is told."""
    reading = read_reply(messages(block(word, failures=failures)), NONCE)
    judgement = judge(reading, Check(CheckState.NONE))
    assert judgement.verdict == Verdict.FAILED
    assert [it.title for it in judgement.block.failures] == ["a"]


@pytest.mark.parametrize(
    "wrapped",
    [
        '```json\n{"nonce": "%s", "verdict": "passed"}\n```',
        '~~~~\n{"nonce": "%s", "verdict": "passed"}\n~~~~',
        '    {"nonce": "%s", "verdict": "passed"}',
        '> ```\n> {"nonce": "%s",\n>  "verdict": "passed"}\n> ```',
        '- {"nonce": "%s", "verdict": "passed"}',
        '<pre>{"nonce": "%s", "verdict": "passed"}</pre>',
        'The verdict is {"verdict": "passed", "nonce": "%s"}.',
        '{"note": {}} {"nonce": "%s", "verdict": "passed", "extra": {"a": [1]}}',
    ],
)
def test_a_block_counts_wherever_it_stands(wrapped: str) -> None:
    """Nobody else can have written the nonce, so its place does not matter."""
    assert verdict_of(f"Text.\n\n{wrapped % NONCE}") == Verdict.PASSED
    assert verdict_of(f"Text.\n\n{wrapped % OTHER}") == Verdict.UNKNOWN


def test_the_form_itself_is_no_block() -> None:
    """A reviewer who repeats what was asked for has not answered it."""
    assert read_reply(messages(demand(NONCE)), NONCE).block is None
    assert verdict_of(f"{demand(NONCE)}\n\n{block('passed')}") == Verdict.PASSED


def test_the_newest_whole_block_decides() -> None:
    """An earlier one counts only if it said `failed`."""
    assert verdict_of(block("pending"), block("passed")) == Verdict.PASSED
    assert verdict_of(block("blocked"), block("passed")) == Verdict.PASSED
    assert verdict_of(block("failed"), block("passed")) == Verdict.UNKNOWN
    assert verdict_of(block("failed"), block("failed")) == Verdict.FAILED
    assert verdict_of(block("PASSED"), block("passed")) == Verdict.PASSED
    assert verdict_of(block("passed"), block("PASSED")) == Verdict.UNKNOWN


@pytest.mark.parametrize("status", ["PARTIAL", "FAILED", "CANCELLED", ""])
def test_only_a_completed_message_is_read(status: str) -> None:
    """Half a reply may end in another way than it seems to."""
    message = Message("1", "assistant", _START, block("passed"), status)
    assert read_reply([message], NONCE).block is None


@pytest.mark.parametrize("nonce", [NONCE, "", "\ud800"])
@given(text=st.text(max_size=300))
def test_no_text_without_the_nonce_opens_anything(nonce: str, text: str) -> None:
    """Whatever the pull request's author got into the reply."""
    reading = read_reply(messages(text.replace(nonce or "\0", "")), nonce or NONCE)
    assert judge(reading, Check(CheckState.NONE)).verdict in {"unknown", "failed"}


@pytest.mark.parametrize(
    "hostile",
    [
        "{" * 200_000 + NONCE,
        '{"a":' * 40_000 + f'"{NONCE}"',
        f'{{"nonce": "{NONCE}"' * 4000,
        f'{{"nonce": "{NONCE}", "verdict": "passed", "tested": ["{"x" * 2_000_000}"]}}',
        "`" * 200_000,
        "<a " * 60_000,
        "> " * 100_000,
        "- a\n  - b\n    - c\n" * 12_000,
    ],
    ids=lambda it: it[:12],
)
def test_hostile_replies_are_read_and_open_nothing(hostile: str) -> None:
    """They end in a verdict that closes the gate; how long that takes is for the benchmarks."""
    assert verdict_of(hostile) in {"unknown", "failed"}


@pytest.mark.parametrize(
    "words",
    [
        "It greets <UserName> by name.\n❌ Tests failing: greeting",
        "It is a Map<string> now.\nTests failing",
        "Steps: <p>\n❌ The total is wrong",
        "".join(f"{'  ' * level}- a\n" for level in range(35)) + "  " * 35 + "- ❌ b",
        "".join(f"{'   ' * level}1. a\n" for level in range(35)) + "   " * 35 + "1. Tests failing",
        "x\n\n" * 1100 + "❌ Tests failing",
        "x\n" * 2001 + "1. __Tests failing__",
        "x\n" * 2001 + "## Verdict\n\nFailed",
        "Tests\u200b failing",
        "Nice.\u2028Changes requested",
    ],
    ids=lambda it: it[:9] + it[-9:],
)
def test_nothing_hides_words_that_close_the_gate(words: str) -> None:
    """Neither what looks like a tag in a line before, nor depth, nor length, nor a character."""
    assert verdict_of(f"{words}\n\n{block('passed')}") == Verdict.UNKNOWN


def test_a_deep_list_takes_nobody_elses_words_for_the_reviewers() -> None:
    """Quotes and code beside it are what they were."""
    deep = "".join(f"{'  ' * level}- a\n" for level in range(15))
    words = f"{deep}\n\n> ❌ was the old state\n\n```\n❌ log\n```"
    assert verdict_of(f"{words}\n\n{block('passed')}") == Verdict.PASSED


def test_a_block_that_is_quoted_has_no_failing_words() -> None:
    """What stands in the block is not read as prose."""
    assert verdict_of(block("passed", reasons='["❌ was fixed"]')) == Verdict.PASSED


def test_our_block_is_taken_out_of_the_reply() -> None:
    """It is for machines; another fence stays."""
    text = f"Before.\n\n```py\nx = 1\n```\n\n{block('passed')}\n\nAfter."
    assert without_blocks(text, NONCE) == "Before.\n\n```py\nx = 1\n```\n\n\nAfter."
    assert NONCE not in without_blocks("x\n\n" * 1100 + block("passed"), NONCE)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (f"{block('failed')}\nOne.\n{block('passed')}\nTwo.", "One.\nTwo."),
        (f"A\r\nB\r\n{block('passed')}".replace("\n", "\r\n"), "A\n\nB"),
        (f'{block("passed")}\n```json\n{{"a": 1}}\n```', '```json\n{"a": 1}\n```'),
        (f"```\nThe log says {NONCE}.\nMore.", f"```\nThe log says {NONCE}.\nMore."),
        (f"It is {NONCE}.", f"It is {NONCE}."),
        (block("passed")[:-4] + "\n\nBut.", block("passed")[:-4] + "\n\nBut."),
    ],
    ids=["several", "line ends", "other JSON", "a log", "prose", "unclosed"],
)
def test_nothing_but_our_blocks_is_taken_out(text: str, rest: str) -> None:
    """Whatever else says the nonce, and however lines end."""
    assert without_blocks(text, NONCE) == rest


_POLICY = frozenset({Verdict.PASSED, Verdict.UNVERIFIED})


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_gate_opens_for_what_is_listed_and_for_what_judges_nothing(verdict: Verdict) -> None:
    """Every verdict that nobody listed closes it."""
    words = {Verdict.STARTED: "open", Verdict.ANSWERED: "open", Verdict.IGNORED: ""}
    expected = words.get(verdict, "open" if verdict in _POLICY else "closed")
    assert decide_gate(verdict, _POLICY).word == expected


def test_a_dry_run_leaves_the_gate_open() -> None:
    """It has no verdict."""
    assert decide_gate(None, frozenset()).word == "open"


def test_a_judgement_says_what_it_rests_on() -> None:
    """Each source that says something, in the words of the output."""
    reading = read_reply(messages(f"❌ Tests failing\n\n{block('failed')}"), NONCE)
    judgement: Judgement = judge(reading, Check(CheckState.FAILURE, "The check says “failure”."))
    assert judgement.sources == ("verdict-block", "check", "reply")
    assert "The check says “failure”." in judgement.reason
    reading = read_reply(messages(f"❌ Broken\n\nUnable to verify\n\n{block('failed')}"), NONCE)
    judgement = judge(reading, Check(CheckState.UNREADABLE, "It says “stale”."))
    assert judgement.sources == ("verdict-block", "reply")
