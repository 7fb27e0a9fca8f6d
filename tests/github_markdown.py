"""What GitHub would make of Markdown: a judge that is independent of the code that it judges.

GitHub renders with cmark-gfm and then looks for mentions and references in the text of the HTML
outside of `pre` and `code`. This does the same with cmark-gfm itself and regular expressions
written from GitHub's documentation, wide rather than narrow: what might act counts as acting.
https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
"""

import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser

from cmarkgfm.cmark import Options, markdown_to_html_with_extensions

# GitHub's own set but for the tag filter, which would hide what got through.
_EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]
_RENDERING = (
    Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG | Options.CMARK_OPT_FOOTNOTES
)

# Each tag that cmark-gfm writes for Markdown, with the attributes that it gives it.
_RENDERED: dict[str, frozenset[str]] = {
    "a": frozenset({"href"}),
    "blockquote": frozenset(),
    "br": frozenset(),
    "code": frozenset(),
    "del": frozenset(),
    "em": frozenset(),
    "h1": frozenset(),
    "h2": frozenset(),
    "h3": frozenset(),
    "h4": frozenset(),
    "h5": frozenset(),
    "h6": frozenset(),
    "hr": frozenset(),
    "img": frozenset({"src", "alt"}),
    "input": frozenset({"type", "checked", "disabled"}),
    "li": frozenset(),
    "ol": frozenset({"start"}),
    "p": frozenset(),
    "pre": frozenset({"lang"}),
    "strong": frozenset(),
    "table": frozenset(),
    "tbody": frozenset(),
    "td": frozenset({"align"}),
    "th": frozenset({"align"}),
    "thead": frozenset(),
    "tr": frozenset(),
    "ul": frozenset(),
}
_VOID = {"br", "hr", "img", "input"}
_INLINE = {"a", "br", "code", "del", "em", "img", "input", "strong"}
_QUOTED = {"code", "pre"}

# Stands in for what lies between two texts; neither a word's character nor a space.
_CODE = "\ufffc"

_MENTION = re.compile(r"(?<![A-Za-z0-9])@[A-Za-z0-9][A-Za-z0-9/_-]*")
_URL_SHAPED = re.compile(r"\s*(?:https?://|www\.)\S+\s*", re.IGNORECASE)
_REFERENCE = re.compile(
    r"""
      [\w./-]*\#[0-9]+                            # 12, owner/repo#12, user#12
    | \bGH-[0-9]+
    | [\w.-]+(?:/[\w.-]+)?@[0-9a-f]{7,40}\b       # owner/repo@sha, user@sha
    | \b(?=[0-9a-f]*[0-9])[0-9a-f]{7,40}\b        # sha
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Letters of any script, dashes and underscores would go on with another host's name.
_HOST_END = r"(?=[/?#:\\]|\s|$|[!-,;-@\[-^`{-~])"

_ORDER = re.compile(r"/[a-z][a-z0-9_-]*(?:\s|$)|@[\w-]+|bors\b", re.IGNORECASE)
_CONTAINERS = re.compile(r"\s*(?:(?:>|[-+*](?=\s|$)|\d{1,9}[.)](?=\s|$))\s*)*")
_POSITION = re.compile(r'<pre[^>]* data-sourcepos="(\d+):\d+-(\d+):\d+"')


@dataclass
class Facts:
    """What a rendered text holds, as far as it could act or be seen."""

    mentions: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    raw_html: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    invisible: list[str] = field(default_factory=list)
    visible: str = ""


@dataclass
class Element:
    """An element of the rendered page; `children` are elements and text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def text(self) -> str:
        """Return the text in it and below."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class _Page(HTMLParser):
    """Builds the tree of elements, and notes what no Markdown could have made."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self.open = [self.root]
        self.raw_html: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = _RENDERED.get(tag)
        if known is None or {name for name, _ in attrs} - known:
            self.raw_html.append(tag)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1].tag == tag:
            self.open.pop()
        elif tag not in _VOID:
            self.raw_html.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        children = self.open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += data
        else:
            children.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.raw_html.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.raw_html.append(data)

    def handle_pi(self, data: str) -> None:
        self.raw_html.append(data)


def rendered(markdown: str, options: int = _RENDERING) -> str:
    """Return the HTML that GitHub's renderer makes, before any sanitizing."""
    return str(markdown_to_html_with_extensions(markdown, options, _EXTENSIONS))


def page(markdown: str) -> Element:
    """Return the rendered tree."""
    return _page(markdown).root


def _page(markdown: str) -> _Page:
    parser = _Page()
    parser.feed(rendered(markdown))
    parser.close()
    return parser


def facts(markdown: str, forge_host: str = "github.com") -> Facts:
    """Return what GitHub would see in a comment of this Markdown."""
    parser = _page(markdown)
    found = Facts(raw_html=parser.raw_html, comments=parser.comments)
    found.visible = parser.root.text()
    found.invisible = invisible(markdown) + invisible(found.visible)
    _walk(parser.root, found, forge_host)
    for run in _runs(parser.root):
        found.mentions += _MENTION.findall(run)
    return found


def _walk(element: Element, found: Facts, forge_host: str) -> None:
    """Note links and images, and references in each text by itself, as GitHub's filters do."""
    if element.tag == "a":
        found.links.append(element.attributes.get("href", ""))
        found.references += _to_forge(found.links[-1], forge_host)
    if element.tag == "img":
        found.images.append(element.attributes.get("src", ""))
    for child in element.children:
        if isinstance(child, Element):
            _walk(child, found, forge_host)
        elif element.tag not in _QUOTED:
            found.references += _references(child, element, forge_host)


def _references(text: str, element: Element, forge_host: str) -> list[str]:
    """Return what refers to something. A link's own URL is no text in which GitHub would look."""
    if element.tag == "a" and _URL_SHAPED.fullmatch(text):
        return _to_forge(text, forge_host)
    return _REFERENCE.findall(text) + _forge_urls(text, forge_host)


def _to_forge(url: str, forge_host: str) -> list[str]:
    """Return the URL if it leads to the forge, not if it only carries such a URL further on."""
    return [found for found in _forge_urls(url, forge_host) if url.strip().startswith(found)]


def _forge_urls(text: str, forge_host: str) -> list[str]:
    """Return the URLs of the forge in a text: with scheme, or with `www.` as GFM links it."""
    host = re.escape(forge_host)
    start = rf"https?://(?:[^\s/?#\\]*@)?(?:www\.)?{host}\.?|(?<![A-Za-z0-9])www\.{host}\.?"
    return re.findall(rf"(?:{start}){_HOST_END}(?::\d+)?\S*", text, re.IGNORECASE)


def _runs(element: Element) -> list[str]:
    """Return the texts in which a mention could form: inline markup does not part them here."""
    runs = [""]
    for child in element.children:
        if isinstance(child, str):
            runs[-1] += child
        elif child.tag in _QUOTED or (child.tag == "a" and _URL_SHAPED.fullmatch(child.text())):
            runs[-1] += _CODE
        elif child.tag in _INLINE:
            first, *others = _runs(child)
            runs[-1] += first
            runs += others
        else:
            runs += [*_runs(child), ""]
    return runs


def invisible(text: str) -> list[str]:
    """Return what no reader sees: controls, format characters, and joiners where none joins."""
    return [
        f"{index}: U+{ord(char):04X}"
        for index, char in enumerate(text)
        if _is_invisible(char, text[index - 1 : index], text[index + 1 : index + 2])
    ]


def _is_invisible(char: str, before: str, after: str) -> bool:
    if char in "\n\t":
        return False
    if char in "\u200c\u200d":
        return not (_joins(before) and _joins(after))
    if unicodedata.name(char, "").startswith("VARIATION SELECTOR"):
        # The letter is an emoji; from U+20000 on are ideographs, some newer than `unicodedata`.
        is_letter = (before.isalpha() and before != "\u2139") or before >= "\U00020000"
        return not before or before.isspace() or is_letter != (ord(char) >= 0xE0100)
    if unicodedata.name(char, "").split(" ")[-2:] == ["NUMBER", "SIGN"]:
        return False
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and not _shown(char)


def _shown(char: str) -> bool:
    """Whether this is one of the format characters that have a glyph (Unicode 16, 9.2)."""
    return bool(re.match(r"ARABIC|SYRIAC|KAITHI|EGYPTIAN", unicodedata.name(char, ""))) and (
        char != "\u061c"
    )


def _joins(neighbour: str) -> bool:
    """Whether a joiner has something to join here: an emoji or a letter that is not Latin."""
    if not neighbour or ord(neighbour) < 0x600:
        return False
    return unicodedata.category(neighbour) in {"Lo", "Mn", "Mc", "So", "Sk", "Sm", "Lm"}


def bot_orders(markdown: str) -> list[str]:
    """Return the raw lines that would order a bot about.

    Bots read the raw text. Outside of code, spaces, quote and list markers before the order are
    overlooked; inside of code a space in front is what takes the order away.
    """
    code = _code_lines(markdown)
    outside = [
        line
        for number, line in enumerate(markdown.split("\n"), 1)
        if number not in code and _ORDER.match(_CONTAINERS.sub("", line, count=1))
    ]
    inside = [text for block in _all(page(markdown), "pre") for text in block.text().split("\n")]
    return outside + [line for line in inside if _ORDER.match(line)]


def _all(element: Element, tag: str) -> list[Element]:
    below = [child for child in element.children if isinstance(child, Element)]
    return [child for child in below if child.tag == tag] + [
        found for child in below for found in _all(child, tag)
    ]


def _code_lines(markdown: str) -> set[int]:
    html = rendered(markdown, _RENDERING | Options.CMARK_OPT_SOURCEPOS)
    spans = [(int(start), int(end)) for start, end in _POSITION.findall(html)]
    return {number for start, end in spans for number in range(start, end + 1)}
