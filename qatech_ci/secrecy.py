"""Keeping secrets out of whatever is written."""

import re
from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "***"
_SHORTEST_SECRET = 4
_SHORTEST_QUERY_VALUE = 8


class Secrets:
    """What must not be written, and the text without it."""

    def __init__(self) -> None:
        self._forms: list[str] = []

    def add(self, secret: str) -> list[str]:
        """Keep a secret, and return it in each form in which it could turn up.

        A text of fewer than 4 characters is no secret that could be told from chance.
        """
        if len(secret) < _SHORTEST_SECRET:
            return []
        encoded = b64encode(secret.encode()).decode()
        forms = {secret, quote(secret, safe=""), unquote(secret), encoded, encoded.rstrip("=")}
        self._forms = sorted({*self._forms, *forms}, key=len, reverse=True)
        return sorted(forms)

    def redact(self, text: str) -> str:
        """Return the text with every form of every secret replaced by `***`."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text


def shown_url(url: str) -> str:
    """Return a URL without what may be secret in it: user info, query and fragment.

    A preview behind protection is opened by a secret in the query:
    https://vercel.com/docs/deployment-protection/methods-to-bypass-deployment-protection/protection-bypass-automation
    """
    head, _, tail = url.partition("?") if "?" in url else url.partition("#")
    scheme, separator, rest = head.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}" + ("?…" if tail else "")


def without_url_secrets(text: str) -> str:
    """Return a text, which need not be a URL in good form, with what may be secret cut out."""
    without_user_info = re.sub(r"//[^/@\s]*@", "//…@", text)
    return re.sub(r"(://[^\s?#]*)[?#][^\s\"'}\]]+", r"\1?…", without_user_info)


def url_secrets(url: str) -> list[str]:
    """Return the parts of a URL that may be secret: its query, and the longer values in it.

    A value as short as `true` cannot be told from ordinary text, so it is no secret by itself.
    """
    query = urlsplit(url).query
    values = [pair.partition("=")[2] for pair in query.split("&")]
    return [part for part in (query, *values) if len(part) >= _SHORTEST_QUERY_VALUE]
