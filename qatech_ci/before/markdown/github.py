"""What GitHub reads into text."""

import re

from qatech_ci.before.markdown.flavour import REST_OF_URL, Flavour

# https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
# An `@` at the end may meet a name that follows in other markup.
_LIVE = r"""
      @(?!\s)
    | \#\d
    | GH-\d
    | (?<![A-Z0-9])(?=[A-F]*[0-9])[A-F0-9]{7,40}(?![A-Z0-9])
    """

GITHUB = Flavour(
    host="github.com",
    word=re.compile(r"[A-Za-z0-9_@#/.+$-]+"),
    live=re.compile(_LIVE, re.VERBOSE | re.IGNORECASE),
    # GFM section 6.9, extended autolinks.
    url=re.compile(
        rf"(?:https?|ftp)://{REST_OF_URL}|(?<![a-z0-9])www\.{REST_OF_URL}",
        re.IGNORECASE,
    ),
)
