"""A stranger's text in, harmless Markdown out."""

from collections.abc import Iterable
from itertools import groupby

from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.markdown.escaping import at_line_start, escaped, fenced, ticked
from qatech_ci.before.markdown.flavour import Flavour
from qatech_ci.before.markdown.github import GITHUB
from qatech_ci.before.markdown.tree import TooDeep, parsed, tamed
from qatech_ci.before.markdown.urls import Hosts
from qatech_ci.before.markdown.words import Kind, Piece, pieces
from qatech_ci.before.markdown.writer import written

_IMAGES = frozenset({"qa.tech"})
_BETWEEN = "\n\n"


def harmless(
    text: str,
    *,
    forge_host: str | None = None,
    trusted_image_hosts: frozenset[str] = _IMAGES,
    flavour: Flavour = GITHUB,
) -> str:
    """Return a stranger's Markdown so that it looks the same and sets nothing off.

    No mention, reference to an issue or a commit, order to a bot, HTML, comment, invisible
    character, image or link is live in it on a forge of this flavour, but for http(s) links and
    for https images from `trusted_image_hosts` and their subdomains. Links to `forge_host`, by
    default the flavour's own, lead through GitHub's redirect, which leaves no back-reference; on
    another forge they become text. Nested too deep to be read, the text comes as a code block. It
    stands between blank lines, in any block. Never raises. 60 kB take a tenth of a second, or a
    few seconds if they are made to be slow.
    """
    return _harmless(plain(text), _hosts(forge_host, trusted_image_hosts, flavour))


def harmless_line(text: str, *, flavour: Flavour = GITHUB) -> str:
    """Return plain text, such as a title, as one line of Markdown that shows that very text.

    Nothing in it is live: names, references and URLs come as code spans. It may stand anywhere
    in a line, in a table's cell too.
    """
    line = " ".join(plain(text).split())
    nowhere = Hosts("", frozenset(), flavour)
    found = groupby(pieces(line, nowhere), key=lambda piece: piece.kind is Kind.TEXT)
    return at_line_start("".join(_spelled(is_text, group) for is_text, group in found))


def _spelled(is_text: bool, group: Iterable[Piece]) -> str:  # noqa: FBT001 - a key of groupby
    text = "".join(piece.text for piece in group)
    return escaped(text) if is_text else ticked(text)


def fitted(
    text: str,
    limit: int,
    note: str,
    *,
    forge_host: str | None = None,
    trusted_image_hosts: frozenset[str] = _IMAGES,
    flavour: Flavour = GITHUB,
) -> str:
    """Return `harmless(text)` in at most `limit` UTF-8 bytes.

    A text that is too long is cut, at a line's end if one is near, and `note`, trusted Markdown,
    follows as a paragraph of its own. Raises ValueError when the note alone is over the limit.
    """
    hosts = _hosts(forge_host, trusted_image_hosts, flavour)
    if len(text) <= limit and _size(whole := _harmless(plain(text), hosts)) <= limit:
        return whole
    if _size(note) > limit:
        raise ValueError(f"The note takes {_size(note)} bytes, more than the limit of {limit}.")
    room = limit - _size(note) - len(_BETWEEN)
    body = _shortened(plain(text[:limit]), room, hosts)
    return _BETWEEN.join(part for part in (body, note) if part)


def _hosts(forge: str | None, images: frozenset[str], flavour: Flavour) -> Hosts:
    return Hosts(flavour.host if forge is None else forge, images, flavour)


def _harmless(source: str, hosts: Hosts) -> str:
    try:
        return written(tamed(parsed(source), hosts))
    except (TooDeep, RecursionError):
        return fenced(source)


def _shortened(source: str, room: int, hosts: Hosts) -> str:
    """Return the beginning that takes `room` bytes once harmless. What fits is found by ratio."""
    size = room
    while size > 0:
        body = _harmless(_beginning(source, size), hosts)
        if _size(body) <= room:
            return body
        size = int(size * room / _size(body) * 0.95)
    return ""


def _beginning(source: str, size: int) -> str:
    """Cut at a code point, or at a line's end if that costs less than a fifth."""
    start = source.encode()[:size].decode(errors="ignore")
    line_end = start.rfind("\n")
    return start[:line_end] if line_end > 0.8 * len(start) else start


def _size(text: str) -> int:
    return len(text.encode())
