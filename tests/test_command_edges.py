"""Commands to the runner, at the edges: every character that means something to it."""

import pytest

from qatech_ci.before.logtext import LONGEST_ANNOTATION, annotation, command, harmless_log

HEAD = "::warning title=QA.tech review::"


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("100%", "100%25"),
        ("%0A", "%250A"),
        ("a\rb", "a%0Db"),
        ("a\nb", "a%0Ab"),
        ("a\r\nb", "a%0D%0Ab"),
        ("a: b, c", "a: b, c"),
    ],
)
def test_a_message_is_escaped_as_the_runner_undoes_it(message: str, data: str) -> None:
    """Percent signs first; colons and commas mean nothing in a message."""
    assert command("debug", message) == f"::debug::{data}"


def test_properties_are_parted_by_commas_and_escape_their_own() -> None:
    """A value can neither end its property nor the command."""
    assert command("error", "x", title="a,b: 5%", file="c\nd") == (
        "::error title=a%2Cb%3A 5%25,file=c%0Ad::x"
    )


def test_an_annotation_that_has_room_is_left_whole() -> None:
    """Up to 3900 characters, an escaped one counting three."""
    assert annotation("warning", "a" * 3900) == HEAD + "a" * 3900
    assert annotation("warning", "%" * 1300) == HEAD + "%25" * 1300


def test_an_annotation_that_is_too_long_is_cut_with_a_sign() -> None:
    """After 1300 characters, so that there is room even if each is escaped."""
    assert annotation("warning", "a" * 3901) == HEAD + "a" * 1300 + "…"
    assert annotation("warning", "%" * 1301) == HEAD + "%25" * 1300 + "…"
    assert len(annotation("warning", "\n" * 9000)) <= LONGEST_ANNOTATION


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a ::error::x", "a ::error::x"),
        ("  ::error::x", "·   ::error::x"),
        ("::", "· ::"),
        (": :x", ": :x"),
        ("##[error]##[x]", "## [error]## [x]"),
        ("one\r\n::two\n\nthree", "one\n· ::two\n\nthree"),
    ],
)
def test_only_what_the_runner_acts_on_is_changed(text: str, shown: str) -> None:
    """Colons at the start of a line and the older form anywhere; blank lines stay."""
    assert harmless_log(text) == shown
