"""Which URLs may be links or images, and where they may lead."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from qatech_ci.before.markdown.flavour import Flavour
from qatech_ci.before.markdown.github import GITHUB

# Leads to the same page and leaves no back-reference there, as Dependabot's comments use it.
_GITHUB_REDIRECT = "redirect.github.com"
# Browsers and proxies cut longer ones, and one definition can be referred to many times.
_LONGEST = 2000

_WEB = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
# No user info, percent-encoding or IPv6 literal: nothing that could be read in two ways.
_HOST = re.compile(r"\w[\w.-]*(?::\d{1,5})?")
_ENTITY = re.compile(r"&#?\w{1,32};")
_TRAILING = frozenset("?!.,:;*_~'")


@dataclass(frozen=True)
class Hosts:
    """The forge that the text is posted on, and the hosts that images may come from."""

    forge: str
    images: frozenset[str]
    flavour: Flavour = GITHUB

    def linkable(self, url: str) -> str | None:
        """Return a URL that the parser normalized as it may be linked; None if it may not be."""
        web = _WEB.fullmatch(url)
        if not web or len(url) > _LONGEST or not _HOST.fullmatch(web[2]):
            return None
        if _ENTITY.search(url) or self.flavour.barred.search(url):
            return None
        if _name(web[2]).removeprefix("www.") != _name(self.forge):
            return url
        return f"https://{_GITHUB_REDIRECT}{web[3]}" if _name(self.forge) == GITHUB.host else None

    def shows_image(self, url: str) -> bool:
        """Whether readers may be made to load the image at this URL."""
        web = _WEB.fullmatch(url)
        if not web or web[1].lower() != "https" or self.linkable(url) != url:
            return False
        name = _name(web[2])
        return any(name == host or name.endswith(f".{host}") for host in self.images)


def _name(authority: str) -> str:
    """Return the host as browsers resolve it, without port (UTS 46: case and width folded)."""
    host = authority.partition(":")[0]
    return unicodedata.normalize("NFKC", host).lower().rstrip(".")


def bare_urls(text: str, flavour: Flavour) -> Iterator[tuple[int, int]]:
    """Yield start and end of each URL that the forge would turn into a link by itself."""
    for found in flavour.url.finditer(text):
        yield found.start(), found.start() + _length(found[0])


def _length(url: str) -> int:
    """Return how much of it is the URL: GFM leaves punctuation and spare `)` at its end outside."""
    spare = url.count(")") - url.count("(")
    end = len(url)
    while url[end - 1] in _TRAILING or (url[end - 1] == ")" and spare > 0):
        spare -= url[end - 1] == ")"
        end -= 1
    return end
