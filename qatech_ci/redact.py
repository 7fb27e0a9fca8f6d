"""What may be written: text without secrets, and without what a reader cannot see; messages."""

import re
from base64 import b64encode
from collections.abc import Iterable
from difflib import get_close_matches
from urllib.parse import parse_qsl, quote, unquote

HIDDEN = "***"
_SHORTEST = 4  # characters. A shorter text is no secret that could be told from chance
# Scripts in which a joiner or non-joiner changes the shape of letters: Arabic to Myanmar, Khmer,
# Mongolian, Arabic's presentation forms (Unicode 16, section 23.2.2).
_JOINING = "\u0600-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
# What emoji-variation-sequences.txt allows before a variation selector outside those blocks.
_EMOJI_BASE = _EMOJI + "#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299"
_IDEOGRAPH = "\u3400-\u9fff\U00020000-\U0003ffff"
# Controls other than tab and newline, surrogates, and the format characters (category Cf) but for
# Arabic's and Kaithi's visible number signs. The joiners and selectors are left to _JOINERS.
_INVISIBLE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\ud800-\udfff]"
)
# A joiner or selector, unless it shapes the letters (such as Persian or Hindi), emoji or ideograph
# that it stands at: words and emoji fall apart without.
_JOINERS = (
    f"(?!(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
    f"|(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_EMOJI_BASE}])[\ufe0e\ufe0f]"
    f"|(?<=[{_IDEOGRAPH}])[\U000e0100-\U000e01ef])"
    "[\u200c\u200d\ufe0e\ufe0f\U000e0100-\U000e01ef]"
)
_SCHEME = r"(?i:([a-z][a-z0-9+.-]*)):/{1,3}"
_URL = re.compile(rf"{_SCHEME}([^/\s?#\\]*)([^\s?#\"'<>]*)([?#]\S*)?")
_WORDS = re.compile(r"[A-Za-z]?[a-z]{1,14}([-_.][A-Za-z]?[a-z]{0,14})*([-_.][0-9]{1,4})?")
_SHORT = 8  # characters. A shorter value of a query that is one is `true` or the like
_LONG = 12  # characters. A shorter value of a query is a word as likely as a secret


def visible(text: str) -> str:
    r"""Return the text without what a reader cannot see; every kind of line end becomes `\n`."""
    seen = re.sub(_INVISIBLE, "", re.sub("\r\n?|[\u0085\u2028\u2029]", "\n", text))
    return seen if seen.isascii() else re.sub(_JOINERS, "", seen)


class Secrets:
    """What must not be written, and the text without it."""

    def __init__(self) -> None:
        self._forms: list[str] = []

    def add(self, secret: str) -> list[str]:
        """Keep a secret, and return it in each form in which it could turn up."""
        if len(secret) < _SHORTEST:
            return []
        plain = {secret, unquote(secret)}
        encoded = {b64encode(form.encode("utf-8", "replace")).decode() for form in plain}
        quoted = {quote(form, safe="", errors="replace") for form in plain}
        forms = plain | quoted | encoded | {form.rstrip("=") for form in encoded}
        self._forms = sorted({*self._forms, *forms}, key=len, reverse=True)
        return sorted(forms)

    def redact(self, text: str) -> str:
        """Return the text with every form of every secret replaced by `***`."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text


def shown_url(text: str) -> str:
    """Return a text whose URLs, in good form or not, have lost user info, query and fragment.

    A preview behind protection is opened by a secret in the query:
    https://vercel.com/docs/deployment-protection/methods-to-bypass-deployment-protection/protection-bypass-automation
    """

    def shown(found: re.Match[str]) -> str:
        authority, path = found[2].rpartition("@")[2], found[3]
        if "@" in path and ":" in re.sub(r"^[^:]*:[0-9]{1,5}$", "", authority) + path:
            # User info with a slash: where it ends is not sure, so that nothing of it is shown.
            authority, path = path.rpartition("@")[2].partition("/")[0], ""
        tail = "?…" if found[4] and len(found[4]) > 1 else ""
        return f"{found[1]}://{authority}{path}{tail}"

    return _URL.sub(shown, text)


def scheme_and_host(text: str) -> str:
    """Return what a message may quote of a value that may hold secrets: at most scheme and host."""
    host = r"([A-Za-z0-9.-]+(?::[0-9]{1,5})?)"
    found = re.fullmatch(rf"{_SCHEME}{host}([/?#\\][^\s@]*)?", text.strip())
    return f"{found[1]}://{found[2]}" if found else ""


def secrets_in(text: str) -> list[str]:
    """Return what in queries, fragments and user info is long and odd enough to be a secret.

    URLs may be malformed. A word such as `open` must not be hidden wherever else it stands; a query
    is left out where its URL is shown in any case.
    """
    found: list[str] = []
    for word in re.split(r"[\s\"'<>,{}]+", text):
        mark = re.search(r"[?#=]", word)
        tail = word[mark.end() :] if mark else ""
        found += re.split(r"[?#&;=\[\]]", tail) + ([tail] if mark and mark[0] != "=" else [])
        found += [value for _, value in parse_qsl(tail)]
        user_info = re.match(r"[^:/]{0,40}:/{0,3}([^?#]*)@", word)
        # A slash in user info comes with a colon; else `host/@name` would be taken for some.
        if user_info and re.match(r"[^/]*$|(?![^:/]+:[0-9]{1,5}/).*:", user_info[1]):
            found += re.split(r"[:/@]", user_info[1])
    return [it for it in dict.fromkeys(found) if len(it) >= _LONG and not _WORDS.fullmatch(it)]


def secret_values(query: str) -> list[str]:
    """Return the values of a query that was declared a secret, but for those too short for one."""
    values = (it.partition("=")[2] or it for it in query.split("&"))
    return [it for it in values if len(it) >= _SHORT]


def near(word: str, words: Iterable[str]) -> str:
    """Return a hint at the nearest of the words that would be right, or nothing."""
    found = get_close_matches(word, words, 1)
    return f"Did you mean `{found[0]}`? " if found else ""


def quoted(value: str) -> str:
    """Return a value as a message shows it: on one line, bounded, URLs without secrets."""
    line = " ".join(shown_url(value).split())
    return f"“{line}”" if len(line) <= 80 else f"“{line[:80]}…”"


def listed(words: Iterable[str]) -> str:
    """Return the words as a message lists them."""
    return ", ".join(f"`{word}`" for word in words)
