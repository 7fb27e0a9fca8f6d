"""Text without secrets, and without what a reader cannot see."""

import re
import unicodedata
from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatech_ci.redact import (
    HIDDEN,
    Secrets,
    scheme_and_host,
    secrets_in,
    shown_url,
    visible,
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
SECRET = "aB3xY9/kL2+mN7="
ODD = "9f2c4e7a1b3d5c6e"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne"),
        ("a\tb\x00\x07\x1b[31mc\x7f\x9b", "a\tb[31mc"),
        ("pay\u202eeman\u2066pal\u200e", "payemanpal"),
        ("z\u200be\u2060r\ufeffo\u00ad", "zero"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("lone\ud800", "lone"),
        ("a\u200db\ufe0f", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        (f"{FAMILY} ❤\ufe0f 1\ufe0f\u20e3", f"{FAMILY} ❤\ufe0f 1\ufe0f\u20e3"),
        ("❤\ufe0f\u200d\U0001f525", "❤\ufe0f\u200d\U0001f525"),
        ("葛\U000e0100", "葛\U000e0100"),
        ("Größe, 価格, цена", "Größe, 価格, цена"),
    ],
)
def test_what_a_reader_cannot_see_is_dropped(text: str, seen: str) -> None:
    """Controls and invisible formats go; what shapes words and emoji stays where it does."""
    assert visible(text) == seen


@given(st.text() | st.text(alphabet="a\r\n\u200c\u200d\ufe0f\U000e0100\u2764\U0001f525م葛1"))
def test_nothing_invisible_is_left(text: str) -> None:
    """No control but tab and newline is left, no surrogate; a second look changes nothing."""
    seen = visible(text)
    assert visible(seen) == seen
    controls = [it for it in seen if unicodedata.category(it) in {"Cc", "Cs"}]
    assert set(controls) <= {"\n", "\t"}


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        b64encode(SECRET.encode()).decode(),
        b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_secret_is_redacted_in_each_form(form: str) -> None:
    """As it is, percent-encoded, and in base64, which is how HTTP authentication sends it."""
    secrets = Secrets()
    assert form in secrets.add(SECRET)
    assert secrets.redact(f"<{form}>") == f"<{HIDDEN}>"


def test_a_secret_that_came_encoded_is_redacted_decoded() -> None:
    """A server may decode a query before it shows it in an error page."""
    secrets = Secrets()
    secrets.add("p%C3%A4ss%20word")
    assert secrets.redact("päss word, p%C3%A4ss%20word") == f"{HIDDEN}, {HIDDEN}"


def test_the_longer_of_two_secrets_goes_first_and_a_short_one_is_none() -> None:
    """Otherwise its end would be left; and hidden, an `e` would take letters out of every word."""
    secrets = Secrets()
    assert [secrets.add(it) == [] for it in ("secret", "secret-and-more", "", "end")] == [
        False,
        False,
        True,
        True,
    ]
    assert secrets.redact("secret-and-more, the end") == f"{HIDDEN}, the end"


@given(st.lists(st.text(min_size=4)), st.text())
def test_no_secret_survives(secrets: list[str], text: str) -> None:
    """Whatever the secrets are, none stands in the text, but where it is made of asterisks."""
    known = Secrets()
    for secret in secrets:
        known.add(secret)
    told = known.redact(text.join(["", *secrets, ""]))
    assert not [it for it in secrets if it in told and "*" not in it]


URLS = [
    ("https://x.example/a?k=v", "https://x.example/a?…"),
    ("https://x.example/#/login", "https://x.example/?…"),
    ("https://x.example?", "https://x.example"),
    ("https://x.example:8443/a", "https://x.example:8443/a"),
    ("https://u:p@x.example/a", "https://x.example/a"),
    ("https://u:p/q@x.example/a", "https://x.example"),
    ("https://u@v@x.example", "https://x.example"),
    ("htps:/u:p@x.example?k", "htps://x.example?…"),
]


@pytest.mark.parametrize(("url", "shown"), URLS)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    """User info, query and fragment go, in good form or not."""
    assert shown_url(url) == shown
    assert shown_url(f"See {url} and “{url}”.").startswith(f"See {shown} and “{shown}")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("htps://x.example/a?k=v#f", "htps://x.example"),
        ("https://x.example:8443/", "https://x.example:8443"),
        ("https://u:p@x.example", ""),
        ("https://u:p", ""),
        ("https://x.example a", ""),
        ("x.example", ""),
        ("", ""),
    ],
)
def test_a_message_quotes_at_most_scheme_and_host(text: str, quoted: str) -> None:
    """And nothing where it is not sure what is the host."""
    assert scheme_and_host(text) == quoted


@pytest.mark.parametrize(
    "tail",
    [
        "?open",
        "?passed",
        "?e",
        "#/login",
        "?tab=settings&mode=dark",
        "?verdict=passed",
        "?page=2",
        "#checkout-summary",
        "?variant=feature-flag-12",
    ],
)
def test_a_word_is_no_secret(tail: str) -> None:
    """Hidden, it would vanish from outputs and reply; a query as a whole stands nowhere else."""
    found = secrets_in(f"app_web: https://shop-pr-7.example.com/{tail}")
    assert not [it for it in found if re.fullmatch(r"[\w./-]+", it)]


@pytest.mark.parametrize(
    "text",
    [
        f"https://x.example?{ODD}",
        f"https://x.example?k={ODD}&open",
        f"https://x.example#{ODD}",
        f"https://x.example/#access_token={ODD}",
        f"https://u:{ODD}@x.example",
        f"https://{ODD}@x.example",
        f"https://u:a/{ODD}@x.example",
        f"https://x.example?a[{ODD}]=c",
        f"https://x.example?[{ODD}",
        f"htps:/u:{ODD}@x.example",
        f"app_web: {{uri: 'https://x.example?k={ODD}'}}",
        f"app_web: {{output: deploy, query: k={ODD}}}",
        f'{{"deploy": {{"outputs": {{"url": "https://x.example?k={ODD}"}}}}}}',
    ],
)
def test_a_long_odd_value_is_a_secret_wherever_it_stands(text: str) -> None:
    """In a query, a fragment or user info, in good form or not, in YAML and in JSON."""
    assert ODD in secrets_in(text)


def test_an_encoded_value_is_a_secret_decoded_too() -> None:
    """Tools show queries in either form."""
    encoded = "p%C3%A4ss%20words%201"
    assert {encoded, "päss words 1"} <= set(secrets_in(f"https://x.example?k={encoded}"))


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    """Nothing in it leads to an exception, and all that is found is long."""
    assert all(len(it) >= 12 for it in secrets_in(text))
    assert isinstance(shown_url(text) + scheme_and_host(text), str)
