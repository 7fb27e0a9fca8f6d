"""Finds what a forge would bring to life in a text: mentions, references, commits, URLs."""

from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from markdown_it.common.normalize_url import normalizeLink

from qatech_ci.before.markdown.flavour import Flavour
from qatech_ci.before.markdown.urls import Hosts, bare_urls

_STOPS = ".!?:"


class Kind(Enum):
    """What a piece of text is to be."""

    TEXT = "text"
    CODE = "code"
    URL = "URL"


class Piece(NamedTuple):
    """A stretch of text; for a URL, `target` is where its link may lead."""

    kind: Kind
    text: str
    target: str = ""


def pieces(text: str, hosts: Hosts) -> Iterator[Piece]:
    """Yield the text in pieces, with all that would be live on the forge in code or URL pieces."""
    return (piece for piece in _pieces(text, hosts) if piece.text)


def _pieces(text: str, hosts: Hosts) -> Iterator[Piece]:
    edges = [0, *(edge for url in bare_urls(text, hosts.flavour) for edge in url), len(text)]
    for number, (start, end) in enumerate(pairwise(edges)):
        if number % 2:
            yield _url(text[start:end], hosts)
        else:
            yield from _words(text[start:end], hosts.flavour)


def _url(text: str, hosts: Hosts) -> Piece:
    full = normalizeLink(f"http://{text}" if text[:4].lower() == "www." else text)
    target = hosts.linkable(full)
    if target is None:
        return Piece(Kind.CODE, text)
    return Piece(Kind.URL, text if target == full else target, target)


def _words(text: str, flavour: Flavour) -> Iterator[Piece]:
    """Yield the pieces of what stands between two URLs."""
    start = 0
    for word in flavour.word.finditer(text):
        # One character more, which tells whether an `@` at the end has a name to follow.
        if flavour.live.search(text, word.start(), word.end() + 1):
            yield Piece(Kind.TEXT, text[start : word.start()])
            start = word.start() + len(word[0].rstrip(_STOPS))
            yield Piece(Kind.CODE, text[word.start() : start])
    yield Piece(Kind.TEXT, text[start:])
