"""Keeping secrets out of whatever is written."""

import re
from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "***"
_SHORTEST = 4
_SHORTEST_VALUE = 6
"""Characters. A word as short as `true` would be hidden wherever it stands."""
_TELLING = r"auth|access|bypass|code|credential|jwt|key|password|secret|session|share|sid|sig|token"
"""Names of query parameters whose values are secret by themselves."""


class Secrets:
    """What must not be written, and the text without it."""

    def __init__(self) -> None:
        self._forms: list[str] = []

    def add(self, secret: str) -> list[str]:
        """Keep a secret, and return it in each form in which it could turn up.

        A text of fewer than 4 characters is no secret that could be told from chance.
        """
        if len(secret) < _SHORTEST:
            return []
        plain = {secret, unquote(secret)}
        encoded = {b64encode(form.encode()).decode() for form in plain}
        quoted = {quote(form, safe="") for form in plain}
        found = plain | quoted | encoded | {form.rstrip("=") for form in encoded}
        forms = {form for form in found if len(form) >= _SHORTEST}
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
    parts = re.split("[?#]", url, maxsplit=1)
    scheme, separator, rest = parts[0].partition("://")
    host, slash, path = rest.partition("/")
    tail = "?…" if len(parts) > 1 and parts[1] else ""
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}{tail}"


def without_url_secrets(text: str) -> str:
    """Return a text, which need not be a URL in good form, with what may be secret cut out."""
    without_user_info = re.sub(r"//[^/@\s]*@", "//…@", text)
    return re.sub(r"[?#][^\s\"'}\]]*=[^\s\"'}\]]*", "?…", without_user_info)


def url_secrets(url: str) -> list[str]:
    """Return the parts of a URL that are secret: query and fragment, and telling values in them.

    Not every value: hiding a branch's name or a commit wherever it stands would hide the report.
    """
    parts = urlsplit(url)
    pairs = [pair.partition("=") for pair in f"{parts.query}&{parts.fragment}".split("&")]
    values = [value for name, _, value in pairs if re.search(_TELLING, name.lower())]
    telling = [value for value in values if len(value) >= _SHORTEST_VALUE]
    return [part for part in (parts.query, parts.fragment, *telling) if len(part) >= _SHORTEST]
