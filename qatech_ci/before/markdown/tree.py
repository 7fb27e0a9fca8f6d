"""Edits the parsed tree: links, images and text become what a stranger may write."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from string import punctuation

from markdown_it import MarkdownIt
from markdown_it.token import Token

from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.markdown.urls import Hosts
from qatech_ci.before.markdown.words import Kind, Piece, pieces

# Deeper than people nest, and shallow enough for Python's stack, which parsing and writing use.
_DEEPEST = 60
_SHOWN_OF_A_DESTINATION = 200
_STRUCK = frozenset({"s_open", "s_close"})

_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
_PARSER.enable(["table", "strikethrough"])


class TooDeep(Exception):
    """The text is nested deeper than the parser follows it, so that its end would be lost."""


def parsed(text: str) -> list[Token]:
    """Return the text as block tokens. Raises TooDeep."""
    tokens = _PARSER.parse(text)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        raise TooDeep
    return tokens


def tamed(tokens: list[Token], hosts: Hosts) -> list[Token]:
    """Return the block tokens with all that their text could set off taken out of it."""
    for token in tokens:
        if token.type == "fence":
            token.info = hosts.flavour.info(token.info)
        if token.type == "inline":
            token.children = list(_inline(token.children or [], hosts))
    return tokens


def _inline(children: list[Token], hosts: Hosts) -> Iterator[Token]:
    settled = _fused(_settled(iter(children), hosts, linked=False))
    if hosts.flavour.labels:
        settled = _fused(_surely_struck(list(settled)))
    # Twice: a text of controls alone is empty by then, and the code spans beside it touch.
    for token in _fused(_filled(_fused(_scanned(settled, hosts)))):
        if token.type == "code_inline":
            token.content = hosts.flavour.code(token.content)
        yield token


def _settled(children: Iterator[Token], hosts: Hosts, *, linked: bool) -> Iterator[Token]:
    """Settle which links and images stay. `linked`: inside of a link, where neither may be."""
    for token in children:
        if token.type == "link_open":
            inside = list(_until_close(children))
            yield from inside if linked else _link(token, inside, hosts)
        elif token.type == "image":
            yield from _image(token, hosts, linked=linked)
        else:
            yield token


def _until_close(children: Iterator[Token]) -> Iterator[Token]:
    """Yield what a link holds. markdown-it lets an autolink stand in a link's text."""
    depth = 1
    while depth:
        token = next(children)
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if depth:
            yield token


def _link(link: Token, inside: list[Token], hosts: Hosts) -> Iterator[Token]:
    destination = str(link.attrs["href"])
    shown = _visible(inside)
    target = hosts.linkable(destination)
    if target is None:
        yield from _settled(iter(inside), hosts, linked=True)
        yield from _mentioned(destination, shown)
    elif link.info == "auto":
        # What the parser shows of it is decoded, so that one name could pass for another.
        yield from _linked(target, [_text(target)])
    elif hosts.flavour.opens_wikilink(plain(shown)):
        yield from [*_settled(iter(inside), hosts, linked=True), _text(" ")]
        yield from _linked(target, [_text(target)])
    else:
        yield from _linked(target, _settled(iter(inside), hosts, linked=True))


def _mentioned(destination: str, shown: str) -> Iterator[Token]:
    """Yield what tells a reader where a link led that has become text."""
    if destination.removeprefix("mailto:") not in {"", shown.removeprefix("mailto:")}:
        yield _text(" (")
        yield _token("code_inline", destination[:_SHOWN_OF_A_DESTINATION])
        yield _text(")")


def _image(image: Token, hosts: Hosts, *, linked: bool) -> Iterator[Token]:
    source = str(image.attrs["src"])
    description = _visible(image.children or [])
    if hosts.shows_image(source) and hosts.flavour.describes(plain(description)):
        shown = _token("image", _one_line(description))
        shown.attrs = {"src": source}
        yield shown
        return
    target = hosts.linkable(source)
    described = _text(f"image: {description}")
    secure = target and target.lower().startswith("https:")
    yield from _linked(target, [described]) if target and secure and not linked else [described]


def _visible(tokens: list[Token]) -> str:
    """Return the text that a reader would see of inline tokens."""
    return "".join(
        _visible(token.children or []) if token.type == "image" else token.content or _space(token)
        for token in tokens
    )


def _space(token: Token) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else ""


def _surely_struck(tokens: list[Token]) -> list[Token]:
    """Leave strikethrough out if a mark is beside a letter: code inside would keep it from pairing.

    A mark pairs whatever it encloses only beside a space or punctuation (CommonMark 6.2), and two
    that touch are read as one.
    """
    texts = ["", *(_beside_marks(token) for token in tokens), ""]
    beside = {
        *(texts[n][-1:] for n, token in enumerate(tokens) if token.type == "s_open"),
        *(texts[n + 2][:1] for n, token in enumerate(tokens) if token.type == "s_close"),
    }
    if all(char in punctuation or char.isspace() for char in beside):
        return tokens
    return [token for token in tokens if token.type not in _STRUCK]


def _beside_marks(token: Token) -> str:
    if token.type in _STRUCK:
        return "s"
    return token.content if token.type == "text" else ""


def _scanned(tokens: Iterable[Token], hosts: Hosts) -> Iterator[Token]:
    """Cut the text into what stays text, code spans and links."""
    link = ""
    for token in tokens:
        if token.type == "text":
            for piece in pieces(token.content, hosts):
                yield from _piece(piece, link)
        else:
            link = str(token.attrs["href"]) if token.type == "link_open" else link
            link = "" if token.type == "link_close" else link
            yield token


def _piece(piece: Piece, link: str) -> Iterator[Token]:
    """Yield a piece as tokens. `link`: where the link leads that it stands in, if any."""
    if piece.kind is Kind.TEXT or (link and link == piece.target):
        yield _text(piece.text)
    elif piece.kind is Kind.CODE or link:
        yield _token("code_inline", piece.text)
    else:
        yield from _linked(piece.target, [_text(piece.text)])


def _linked(target: str, inside: Iterable[Token]) -> Iterator[Token]:
    start = Token("link_open", "a", 1, attrs={"href": target})
    yield start
    yield from inside
    yield Token("link_close", "a", -1)


def _fused(tokens: Iterable[Token]) -> Iterator[Token]:
    """Join neighbours that would be read as one, or, as code spans, not be read as two."""
    for kind, group in groupby(tokens, key=lambda token: token.type):
        if kind == "text":
            yield _text(_one_line("".join(token.content for token in group)))
        elif kind == "code_inline":
            yield _token(kind, "".join(token.content for token in group))
        else:
            yield from group


def _filled(tokens: Iterable[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.content or token.type != "text")


def _one_line(text: str) -> str:
    """Return decoded text as text of a line: entities can stand for controls and line ends."""
    return plain(text).replace("\n", " ")


def _text(content: str) -> Token:
    return _token("text", content)


def _token(kind: str, content: str) -> Token:
    return Token(kind, "", 0, content=content)
