"""Receipts and what protects them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import PULL_REQUEST, SHA
from qatech_ci.before.receipt import Receipt, is_same_review, read, written
from qatech_ci.before.signing import Signer

SIGNER = Signer("tok_123456")
RECEIPT = Receipt(
    head_sha=SHA,
    digest="d" * 64,
    salt="0" * 32,
    run=12,
    attempt=2,
    conversation_id="chat_abc",
    verdict="passed",
    is_over=True,
    started_at="2026-05-04T12:00:00+00:00",
    finished_at="2026-05-04T12:01:00+00:00",
)
LINE = written(RECEIPT, PULL_REQUEST, 5, SIGNER)


def test_a_receipt_comes_back_as_it_was_written() -> None:
    """On one line that nobody sees."""
    assert read(LINE, PULL_REQUEST, 5, SIGNER) == RECEIPT
    assert LINE.startswith("<!-- ")
    assert "\n" not in LINE


@pytest.mark.parametrize(
    ("what", "line", "pull_request", "comment_id", "signer"),
    [
        ("cut", LINE[:-10], PULL_REQUEST, 5, SIGNER),
        ("cut in the middle", LINE[:60] + LINE[70:], PULL_REQUEST, 5, SIGNER),
        ("of another comment", LINE, PULL_REQUEST, 6, SIGNER),
        ("of another pull request", LINE, replace(PULL_REQUEST, number=8), 5, SIGNER),
        ("of another repository", LINE, replace(PULL_REQUEST, repository="a/b"), 5, SIGNER),
        ("of another token", LINE, PULL_REQUEST, 5, Signer("tok_other")),
        ("of another version", LINE.replace("v1.", "v2."), PULL_REQUEST, 5, SIGNER),
        ("with something in front", f"x{LINE}", PULL_REQUEST, 5, SIGNER),
        ("nothing at all", "", PULL_REQUEST, 5, SIGNER),
    ],
)
def test_any_other_receipt_counts_for_nothing(
    what: str,
    line: str,
    pull_request: object,
    comment_id: int,
    signer: Signer,
) -> None:
    """Cut, altered, copied, from another token or version."""
    assert read(line, pull_request, comment_id, signer) is None, what  # type: ignore[arg-type] # always one


@given(st.integers(0, len(LINE) - 1), st.characters(codec="utf-8"))
def test_one_changed_character_is_enough(place: int, character: str) -> None:
    """Anywhere in the line."""
    altered = LINE[:place] + character + LINE[place + 1 :]
    assert altered == LINE or read(altered, PULL_REQUEST, 5, SIGNER) in (None, RECEIPT)
    if altered.strip() != LINE:
        assert read(altered, PULL_REQUEST, 5, SIGNER) is None


def test_letters_of_a_repository_do_not_matter() -> None:
    """GitHub does not tell upper from lower case."""
    assert read(LINE, replace(PULL_REQUEST, repository="Octo-Org/Shop"), 5, SIGNER) == RECEIPT


@pytest.mark.parametrize(
    ("head_sha", "digest", "same"),
    [(SHA, "d" * 64, True), ("f" * 40, "d" * 64, False), (SHA, "e" * 64, False)],
)
def test_a_review_is_the_same_for_the_same_commit_and_request(
    head_sha: str,
    digest: str,
    same: bool,  # noqa: FBT001 - a table
) -> None:
    """Another commit, other overrides or other words make another review."""
    assert is_same_review(RECEIPT, head_sha, digest) is same


def test_parts_of_a_signature_do_not_run_together() -> None:
    """What is signed as two parts is not signed as two others."""
    assert SIGNER.sign("ab", "c") != SIGNER.sign("a", "bc")
    assert SIGNER.sign("ab") != SIGNER.sign("ab", "")


def test_a_nonce_comes_from_salt_and_token() -> None:
    """A later run finds it again; nobody without the token does."""
    assert SIGNER.nonce("s") == Signer("tok_123456").nonce("s")
    assert SIGNER.nonce("s") != SIGNER.nonce("t")
    assert SIGNER.nonce("s") != Signer("tok_other").nonce("s")
    assert len(SIGNER.nonce("s")) == 32


def test_the_token_is_in_no_signature() -> None:
    """Neither as it is nor as the bare key of a well-known digest."""
    assert "tok_123456" not in LINE
    assert SIGNER.digest({"a": 1}) == SIGNER.digest({"a": 1}) != Signer("other").digest({"a": 1})


def test_the_stand_in_needs_no_token() -> None:
    """Without one there is a key all the same, which protects nothing."""
    assert Signer("").sign("x") == Signer("").sign("x")
