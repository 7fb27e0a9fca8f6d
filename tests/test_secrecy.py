"""Keeping secrets out of text."""

from base64 import b64encode
from urllib.parse import quote

import pytest

from qatech_ci.before.secrecy import Secrets, shown_url, url_secrets

TOKEN = "tok/a+b=c d"
PREVIEW = (
    "https://x.example/p?x-vercel-protection-bypass=s3cr3tvalue&x-vercel-set-bypass-cookie=true"
)


@pytest.mark.parametrize(
    "form",
    [TOKEN, quote(TOKEN, safe=""), b64encode(TOKEN.encode()).decode()],
)
def test_a_secret_is_hidden_in_each_of_its_forms(form: str) -> None:
    """As it is, as part of a URL, and in base64."""
    secrets = Secrets()
    assert form in secrets.add(TOKEN)
    assert secrets.redact(f"before {form} after") == "before *** after"


def test_the_longer_of_two_secrets_goes_first() -> None:
    """A secret that holds another leaves no rest behind."""
    secrets = Secrets()
    secrets.add("abcd")
    secrets.add("abcdefgh")
    assert secrets.redact("abcdefgh") == "***"


def test_a_text_too_short_to_tell_from_chance_is_no_secret() -> None:
    """Hiding every `a` would hide the text."""
    secrets = Secrets()
    assert secrets.add("") == secrets.add("abc") == []
    assert secrets.redact("abc") == "abc"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (PREVIEW, "https://x.example/p?…"),
        ("https://x.example/a/b", "https://x.example/a/b"),
        ("https://x.example/#token=1", "https://x.example/?…"),
        ("https://x.example?", "https://x.example"),
        ("https://me:pw@x.example/a@b", "https://x.example/a@b"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    """User info, query and fragment stay out."""
    assert shown_url(url) == shown


def test_a_bypass_secret_is_known_as_one() -> None:
    """The value that opens the preview is a secret; `true` is a word."""
    found = url_secrets(PREVIEW)
    assert "s3cr3tvalue" in found
    assert "true" not in found
    assert url_secrets("https://x.example/") == []


def test_a_fragment_is_secret_and_a_branch_is_not() -> None:
    """Hiding a branch's name or a commit wherever it stands would hide the report."""
    url = "https://x.example/#access_token=abcdef"
    assert url_secrets(url) == ["access_token=abcdef", "abcdef"]
    query = "branch=main&tenant=customer"
    assert url_secrets(f"https://x.example/?{query}") == [query]
    assert shown_url(f"{url}?z") == "https://x.example/?…"
