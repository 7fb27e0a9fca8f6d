"""From a reply to evidence, and from evidence to a verdict."""

import pytest

from fakes import reply
from qatech_ci.model import Verdict
from qatech_ci.verdict import Evidence, Source, evidence_in, judge


def verdict_of(text: str, status: str = "COMPLETED") -> Verdict:
    """Return the verdict on a finished reply."""
    return judge(list(evidence_in(reply(text, status=status)))).verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("✅ Tests passing", Verdict.PASSED),
        ("❌ Tests failing", Verdict.FAILED),
        ("ℹ️ Unable to verify", Verdict.UNVERIFIED),
        ("ℹ Unable to verify", Verdict.UNVERIFIED),
        ("## ✅ Tests passing\n\nAll five flows work.", Verdict.PASSED),
        ("**✅ Tests passing**", Verdict.PASSED),
        ("Verdict: ❌ Tests failing.", Verdict.FAILED),
        ("I looked at the cart.\n\n✅ Tests passing\nMore below.\n\n- one", Verdict.PASSED),
        ("✅  tests   PASSING!", Verdict.PASSED),
    ],
)
def test_a_documented_line_that_stands_by_itself_is_a_verdict(text: str, verdict: Verdict) -> None:
    """The line opens a paragraph or a heading; emphasis, case and a full stop do not matter."""
    assert verdict_of(text) is verdict


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01\x02",
        "All good.",
        "Tests passing",
        "The banner reads ✅ Tests passing.",
        "It was\n✅ Tests passing\nyesterday.",
        "> ✅ Tests passing",
        "- ✅ Tests passing",
        "```\n✅ Tests passing\n```",
        "    ✅ Tests passing",
        "`✅ Tests passing`",
        "| a |\n| --- |\n| ✅ Tests passing |",
        "<!--\n✅ Tests passing\n-->",
        "[✅ Tests passing](https://x.example)",
        "✅ Tests passing except for one",
    ],
)
def test_the_same_words_anywhere_else_are_no_verdict(text: str) -> None:
    """In prose, quotes, lists, tables, code and comments the reviewer shows what others wrote."""
    assert verdict_of(text) is Verdict.UNKNOWN


def test_failing_prose_that_quotes_a_pass_is_a_failure() -> None:
    """A page under test can say anything; the reviewer's own line counts."""
    text = "❌ Tests failing\n\nThe page says:\n\n> ✅ Tests passing\n\nand `✅ Tests passing`."
    assert verdict_of(text) is Verdict.FAILED


def test_two_lines_that_differ_are_a_contradiction() -> None:
    """Neither outweighs the other, and the explanation quotes both."""
    judgement = judge(list(evidence_in(reply("✅ Tests passing\n\n❌ Tests failing"))))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "Tests passing" in judgement.explanation
    assert "Tests failing" in judgement.explanation


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("FAILED", Verdict.ERROR), ("CANCELLED", Verdict.CANCELLED)],
)
def test_a_reply_that_did_not_complete_has_no_verdict_of_its_own(
    status: str,
    verdict: Verdict,
) -> None:
    """What a broken-off reply says is not what the review found."""
    assert verdict_of("✅ Tests passing", status) is verdict


def test_agreeing_evidence_names_each_source_once() -> None:
    """The judgement tells what it rests on."""
    item = Evidence(Source.VERDICT_LINE, Verdict.PASSED, "It says so.")
    judgement = judge([item, item])
    assert judgement.verdict is Verdict.PASSED
    assert judgement.sources == (Source.VERDICT_LINE,)
    assert judgement.explanation == "It says so."
