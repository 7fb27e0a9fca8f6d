"""Keeping secrets out of text, at the edges."""

import pytest

from qatech_ci.before.secrecy import Secrets, shown_url, url_secrets, without_url_secrets


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        ("four", "four"),
        ("a/b c", "a%2Fb%20c"),
        ("ab%2Fcd", "ab/cd"),
        ("a%2Fb", "YS9i"),
        ("tok/a+b=c d", "dG9rL2ErYj1jIGQ="),
        ("tok/a+b=c d", "dG9rL2ErYj1jIGQ"),
        ("secret_e", "c2VjcmV0X2U"),
        ("x_5u", "eF81dQ"),
    ],
)
def test_nothing_of_a_secret_is_left_in_any_form(secret: str, written: str) -> None:
    """As it is, in a URL, out of one, and in base64 with or without its padding."""
    secrets = Secrets()
    assert written in secrets.add(secret)
    assert secrets.redact(f"<{written}>") == "<***>"


def test_only_the_padding_may_be_missing() -> None:
    """A letter at the end of base64 belongs to it, so a secret has no more forms than these."""
    assert Secrets().add("secreW") == ["c2VjcmVX", "secreW"]
    assert Secrets().add("secret_e") == ["c2VjcmV0X2U", "c2VjcmV0X2U=", "secret_e"]


def test_a_secret_inside_of_another_leaves_no_rest_behind() -> None:
    """The longer one goes first, whichever comes first by the alphabet or was added first."""
    for pair in (["bcde", "abcdef"], ["abcdef", "bcde"], ["cdef", "abcdef"]):
        secrets = Secrets()
        for secret in pair:
            secrets.add(secret)
        assert secrets.redact("abcdef") == "***"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.example/?a=1?b=2", "https://x.example/?…"),
        ("https://x.example/?a=1#b?c", "https://x.example/?…"),
        ("https://x.example/#a?b#c", "https://x.example/?…"),
        ("https://x.example/?#a", "https://x.example/?…"),
        ("https://x.example/#a#b", "https://x.example/?…"),
        ("https://me:pw@x.example/a://b", "https://x.example/a://b"),
        ("https://me:pw@x.example/a/b@c/d", "https://x.example/a/b@c/d"),
        ("https://me:p@w@x.example/", "https://x.example/"),
    ],
)
def test_a_url_that_repeats_its_signs_shows_no_secret(url: str, shown: str) -> None:
    """The first question mark begins the query, the first slash the path."""
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://me:pw@x.example/a.", "see https://…@x.example/a."),
        ("//me@x.example and //you@y.example", "//…@x.example and //…@y.example"),
        ("https://x.example/a@b", "https://x.example/a@b"),
        ("mail me@x.example", "mail me@x.example"),
        ("at https://x.example/p?token=1 now", "at https://x.example/p?… now"),
        ("at https://x.example/p#token=1 now", "at https://x.example/p?… now"),
        ("{'url': 'https://x.example/?t=1'}", "{'url': 'https://x.example/?…'}"),
        ('["https://x.example?t=1"]', '["https://x.example?…"]'),
        ("https://a.example?s=1 https://b.example?s=2", "https://a.example?… https://b.example?…"),
        ("is this it? #12", "is this it? #12"),
    ],
)
def test_text_around_a_url_stays_without_its_secrets(text: str, shown: str) -> None:
    """User info, query and fragment are cut out of what need not be a URL in good form."""
    assert without_url_secrets(text) == shown


@pytest.mark.parametrize(
    ("tail", "secrets"),
    [
        ("?key=123456", ["key=123456", "123456"]),
        ("?key=12345", ["key=12345"]),
        ("?a=1", []),
        ("?ab=1", ["ab=1"]),
        ("?branch=main-line", ["branch=main-line"]),
        ("?MyTOKEN=abcdef#sid=ghijkl", ["MyTOKEN=abcdef", "sid=ghijkl", "abcdef", "ghijkl"]),
        ("?key=c2VjcmV0dmFsdWU=", ["key=c2VjcmV0dmFsdWU=", "c2VjcmV0dmFsdWU="]),
        ("?a=1&key=hunter22&b", ["a=1&key=hunter22&b", "hunter22"]),
        ("", []),
    ],
)
def test_a_value_is_secret_by_the_name_it_goes_by(tail: str, secrets: list[str]) -> None:
    """From six characters on; query and fragment are so as a whole, from four on."""
    assert url_secrets(f"https://x.example/{tail}") == secrets


def test_a_form_that_is_too_short_hides_nothing() -> None:
    """Six signs may stand for two spaces, and every text has some."""
    secrets = Secrets()
    secrets.add("%20%20")
    assert secrets.redact("one  two") == "one  two"
