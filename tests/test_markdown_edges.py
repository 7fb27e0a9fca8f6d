"""A stranger's text is made harmless, at the edges: single characters that must not get lost."""

import pytest

from qatech_ci.before.markdown.api import fitted, harmless


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[![x](https://a.b/i)](ftp://c.d)", "image: x (`ftp://c.d`)"),
        ("<https://xn--80ak6aa92e.com/%D1%8F>", "<https://xn--80ak6aa92e.com/%D1%8F>"),
        ("<mailto:x@y.z>", "mailto:`x@y.z`"),
        ("[x](https://a.b/c\\))", "[x](<https://a.b/c)>)"),
        ("[https://a.b](https://a.b)", "<https://a.b>"),
        ("[at https://a.b](https://a.b)", "[at https\\://a.b](https://a.b)"),
        (f"https://a.b/{'c' * 1988}", f"<https://a.b/{'c' * 1988}>"),
        (f"https://a.b/{'c' * 1989}", f"`https://a.b/{'c' * 1989}`"),
    ],
)
def test_a_link_leads_where_it_says(markdown: str, expected: str) -> None:
    """As it is spelled, once, and with the parentheses that belong to it."""
    assert harmless(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "description"),
    [
        ("![a ![*d*](e)](https://qa.tech/c)", "a d"),
        ("![a*b*c](https://qa.tech/c)", "abc"),
        ("![a\\\nb](https://qa.tech/c)", "a b"),
        ("![a\nb](https://qa.tech/c)", "a b"),
    ],
)
def test_an_image_is_described_by_what_a_reader_would_see(markdown: str, description: str) -> None:
    """Without marks, on one line, with spaces only where there were some."""
    assert harmless(markdown) == f"![{description}](https://qa.tech/c)"


def test_an_entity_is_what_it_stands_for() -> None:
    """A line end among them is a space, since it would end the line here."""
    assert harmless("a&#10;b X&#10;X") == "a b X X"


def test_only_the_word_that_is_live_becomes_code() -> None:
    """Its neighbours stay text."""
    assert harmless("a @user b") == "a `@user` b"
    assert harmless("a  @user, b #1") == "a `@user`, b `#1`"


def test_quotes_are_followed_as_deep_as_anybody_nests_them() -> None:
    """Beyond that, what is quoted comes as code."""
    assert harmless(57 * "> " + "x") == 57 * "> " + "x"
    assert harmless(58 * "> " + "x").startswith("```\n> ")


@pytest.mark.parametrize("markdown", ["Xerox X\nX", "- Box X", "- XX\n- X"])
def test_letters_and_spaces_at_the_edges_stay(markdown: str) -> None:
    """Only the ASCII spaces that Markdown itself drops are dropped."""
    assert harmless(markdown) == markdown
    assert harmless(f"{markdown}&nbsp;") == f"{markdown}\u00a0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abcdefgh\nijklmnop", "abcdefgh\ni"),
        ("abcdefghi\njklmnop", "abcdefghi"),
        ("ab\ncdefghijklmno", "ab\ncdefghi"),
    ],
)
def test_a_line_is_given_up_only_where_it_costs_little(text: str, expected: str) -> None:
    """Less than a fifth of the room; there is room for ten characters here."""
    assert fitted(text, 12, "") == expected


def test_what_is_cut_trusts_the_same_hosts() -> None:
    """An image that is shown when all fits is shown in what is left."""
    image = "![x](https://a.b/i)\n"
    text = fitted(image * 9, 60, "…", trusted_image_hosts=frozenset({"a.b"}))
    assert text == f"{image * 2}\n…"


def test_references_with_nothing_visible_between_them_are_one_code_span() -> None:
    """Two that touch would read as one odd one."""
    assert harmless("#1\ufe0f#2") == "`#1#2`"
