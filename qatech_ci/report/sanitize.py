"""Untrusted text as HTML that shows it and sets nothing off.

Forges look for mentions, references and commands in the text of a comment but not within code, so
what would be live is shown as code. Blocks come without blank lines, each behind its tag: nothing
in them is Markdown to be read again (https://spec.commonmark.org/0.31.2/#html-blocks), and no line
of the source begins with a stranger's word. What takes long to parse comes as plain text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from qatech_ci.redact import visible

_MOST_CHARACTERS, _MOST_LINES, _MOST_COLUMNS = 60_000, 2000, 10
_LONGEST_PARAGRAPH, _MOST_MARKS, _MOST_MARKS_IN_ALL = 4000, 900, 12_000
"""Characters, those of syntax in a paragraph, and in all; a bracket takes the time of three."""
_DEEPEST = 24
"""Levels of blocks, of which a list takes two for each of its own."""
_LONGEST_URL = 2000
"""Characters. Browsers and proxies cut longer ones."""
# What is coloured. Other languages, such as `mermaid`, `math` and `suggestion`, are drawn.
_LANGUAGE = re.compile(
    "(?:bash|console|css|csv|diff|go|graphql|html|http|ini|java|javascript|js|json|jsx|kotlin|log"
    "|php|python|ruby|rust|scss|sh|shell|sql|swift|text|toml|tsx?|typescript|vue|xml|ya?ml)\\b"
)
# GFM section 6.9, extended autolinks, of any scheme as on GitLab: no punctuation or `)` at the end.
_IN_URL = r'[^\s<>()\[\]\\`|{}^"]'
_URL = re.compile(
    rf"(?i)((?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{{1,31}}://|(?<![a-z0-9])www\.)"
    rf"(?:{_IN_URL}|\({_IN_URL}*\))+(?<![?!.,:;*_~']))"
)
# No user info, percent-encoding or IPv6 literal in the host: nothing to be read in two ways.
_WEB = re.compile(r"(?ai)https?://(?:www\.)?([\w.-]+?)\.?(?::\d{1,5})?([/?#]\S*)?")
_IMAGE = re.compile(r"(?ai)https://([\w-]+\.)*qa\.tech([/?#]\S*)?")
_WORD = re.compile("[!-~]+")
# https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
# An `@` at the end of a text may meet a name that follows in other markup.
_LIVE_ON_GITHUB = re.compile(
    r"(?xi) @(?!\s) | \#\d | GH-\d | ://"
    r"| (?<![A-Z0-9])(?=[A-F]*[0-9])[A-F0-9]{7,40}(?![A-Z0-9])"
)
# https://docs.gitlab.com/user/markdown/ and, in https://gitlab.com/gitlab-org/gitlab, each model's
# `reference_pattern` and lib/banzai/filter, made wider where they differ between versions. Of what
# holds spaces, the word that begins it is enough. GitLab comments on Jira issues too; the prefixes
# left out name standards. `%` starts a milestone unless a space or a sentence's end follows.
_LIVE_ON_GITLAB = re.compile(
    r"(?xi) @(?!\s) | [#!&]\d | ~[^\s~] | \$(?!\s) | :// | /[\w.-]*> | %(?![),.;:!?']*(?:\s|$))"
    r"| \[\[ | [\[{][+-] | \[\"?[a-z_]{1,20}:(?!\s) | iteration:(?!\s) | (?<![A-Z0-9])GL-\d"
    r"| (?<![A-Z0-9_])(?!(?:CVE|CWE|ISO|RFC|SHA|UTF|WCAG)-)(?-i:[A-Z][A-Z0-9_]+-\d)"
    r"| (?<![A-Z0-9])[A-F0-9]{7,40}(?![A-Z0-9]) | (?=[A-F]{0,6}[0-9])[A-F0-9]{7}"
    r"| [A-F0-9]{7}\.{2,3}[A-F0-9]{7} | (?<![A-Z])TOC(?![A-Z])"
)
# The start of a line that orders a bot about, or is a quick action of GitLab's.
_ORDER = re.compile(r"(?im)^(?:/(?=[a-z][\w-]*(?:[\s<]|$))|@(?=[\w-])|b(?=ors\b))")


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - a rule's form
    """Read a table, unless it has so many columns that empty cells would take the time."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    return line.count("|") <= _MOST_COLUMNS + 1 and table(state, start, end, silent)


def _inline(state: StateCore) -> None:
    """Parse what stands in blocks, and mark as plain what would take long."""
    total = 0
    for token in state.tokens:
        if token.type == "inline":
            marks = sum(map(token.content.count, "[][][]*_~`<&"))
            total += marks
            is_slow = len(token.content) > _LONGEST_PARAGRAPH or marks > _MOST_MARKS
            token.meta["plain"] = is_slow or total > _MOST_MARKS_IN_ALL
            if token.content and not token.meta["plain"]:
                token.children = state.md.inline.parse(token.content, state.md, state.env, [])


_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
_PARSER.enable(["table", "strikethrough"])
_PARSER.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
_PARSER.core.ruler.at("inline", _inline)


@dataclass(frozen=True, kw_only=True)
class Sanitizer:
    """Makes untrusted text inert where it is read."""

    host: str = "github.com"
    """The forge's, to which no link may be live."""
    is_gitlab: bool = False
    """Which text is live: GitLab's or GitHub's."""
    redact: Callable[[str], str]
    """Removes secrets from text without invisible characters."""

    def blocks(self, text: str, limit: int) -> tuple[str, bool]:
        """Return Markdown as blocks of at most `limit` UTF-8 bytes, and whether something was cut.

        It is cut at the end of a block, or within what is shown as it stands: code, a paragraph
        that would take long to parse, and what nobody would nest so deep.
        """
        source = self._plain(text).strip("\n")
        kept = _beginning(source, max(limit, 0))
        parsed = _beginning(
            "\n".join(kept.split("\n", _MOST_LINES)[:_MOST_LINES]), _MOST_CHARACTERS
        )
        tokens = _PARSER.parse(parsed)
        if any(token.level >= _DEEPEST - 1 for token in tokens):
            parsed, tokens = "", []
        html, is_cut = self._rendered(tokens, limit)
        rest = kept[len(parsed) :].strip("\n")
        if rest and not is_cut:
            more, is_cut = _code_block(rest, limit - len(html.encode()) - 1)
            html = f"{html}\n{more}".strip("\n")
        return html, is_cut or len(kept) < len(source)

    def line(self, text: str, longest: int = 400) -> str:
        """Return plain text as inline HTML on one line, cut with … at `longest` characters."""
        return self._text(self._folded(text, longest))

    def words(self, text: str, longest: int = 1500) -> str:
        """Return a sentence of ours that may quote untrusted text: what is in backticks as code."""
        whole = self._folded(text, longest)
        parts = whole.split("`") if whole.count("`") % 2 == 0 else [whole]
        return "".join(self._coded(it) if n % 2 else self._text(it) for n, it in enumerate(parts))

    def code(self, text: str, longest: int = 400) -> str:
        """Return plain text as code on one line, cut with … at `longest` characters."""
        return self._coded(self._folded(text, longest))

    def pre(self, text: str, limit: int, language: str = "") -> str:
        """Return plain text as a block of code on one line, in at most `limit` UTF-8 bytes."""
        return _code_block(self._plain(text), limit, language)[0]

    def link(self, url: str, label_html: str) -> str:
        """Return a link if the URL leads to the web and not to the forge, else the label.

        GitHub is reached by its redirect, which leaves no back-reference there.
        """
        target = self._target(url)
        return self.trusted_link(target, label_html) if target else label_html

    def trusted_link(self, url: str, label_html: str) -> str:
        """Return a link to a URL that we built."""
        return f'<a href="{escape(url)}">{label_html}</a>'

    def _plain(self, text: str) -> str:
        return self.redact(visible(text))

    def _folded(self, text: str, longest: int) -> str:
        line = " ".join(self._plain(text).split())
        return line if len(line) <= longest else f"{line[: longest - 1]}…"

    def _rendered(self, tokens: list[Token], limit: int) -> tuple[str, bool]:
        """Return as many blocks as fit in `limit` bytes, closed, and whether that is not all."""
        html: list[str] = []
        closing: list[str] = []
        size, kept, ending = -1, 0, ""  # without the line end of the first block
        for token in tokens:
            if token.nesting < 0:
                closing.pop()
            elif token.nesting > 0:
                closing.append("" if token.hidden else f"</{token.tag}>")
            end = "".join(reversed(closing))
            written, is_cut = self._block(token, limit - size - len(end))
            html.append(written)
            size += len(written.encode())
            is_full = is_cut or size + len(end) > limit
            is_end = token.nesting <= 0 and token.type != "inline" and token.tag not in {"td", "th"}
            if written if is_cut else is_end and not is_full:
                kept, ending = len(html), end
            if is_full:
                return "".join([*html[:kept], ending]).lstrip("\n"), True
        return "".join(html).lstrip("\n"), False

    def _block(self, token: Token, room: int) -> tuple[str, bool]:
        """Return a block token in HTML, and whether something was cut to fit in `room` bytes."""
        if token.type in {"fence", "code_block"}:
            html, is_cut = _code_block(token.content, room - 1, token.info)
            return "\n" * bool(html) + html, is_cut
        if token.type != "inline":
            return _tag(token), False
        if token.meta["plain"]:
            return _fitted(token.content, room, self._text)
        return self._inline(token.children or []), False

    def _inline(self, tokens: list[Token]) -> str:
        html: list[str] = []
        closing = ""
        children = iter(tokens)
        for token in children:
            may_link = closing != "</a>"
            if token.type == "text":
                html.append(self._text(token.content, may_link=may_link))
            elif token.type == "code_inline":
                html.append(self._coded(token.content))
            elif token.type == "image":
                html.append(self._image(token, may_link=may_link))
            elif token.info == "auto":
                # The text of `<https://…>` is decoded: one name could pass for another there.
                next(children), next(children)
                address = str(token.attrs["href"]).removeprefix("mailto:")
                html.append(self._url(address) if may_link else self._coded(address))
            elif token.type == "link_open":
                url = str(token.attrs["href"])
                target = self._target(url)
                html.append(f'<a href="{escape(target)}">' * bool(target))
                closing = "</a>" if target else f" ({self.code(url, 200)})" * bool(url)
            elif token.type == "link_close":
                html.append(closing)
                closing = ""
            else:
                html.append(" " if token.type == "softbreak" else _tag(token))
        return "".join(html)

    def _image(self, token: Token, *, may_link: bool) -> str:
        """Return an image of QA.tech's, or else its description."""
        description = RendererHTML().renderInlineAsText(token.children, _PARSER.options, {})
        shown, url = self._folded(description, 400), str(token.attrs["src"])
        if _IMAGE.fullmatch(self._target(url)):
            return f'<img src="{escape(self._target(url))}" alt="{escape(shown)}">'
        text = self._text(f"image: {shown}")
        return self.link(url, text) if may_link else text

    def _text(self, text: str, *, may_link: bool = False) -> str:
        """Return text with what would be live as code, its URLs as links if they may be."""
        pieces = enumerate(_URL.split(self._plain(text).replace("\n", " ")))
        write = self._url if may_link else self._coded
        html = "".join(write(it) if n % 2 else _WORD.sub(self._word, it) for n, it in pieces)
        return _ORDER.sub(lambda found: f"&#{ord(found[0])};", html)

    def _url(self, url: str) -> str:
        target = self._target(url)
        # What a reader sees is where it leads.
        shown = escape(url if url in target else target, quote=False)
        return self.trusted_link(target, shown) if target else self._coded(url)

    def _word(self, word: re.Match[str]) -> str:
        """Return a word, as code if it is live, without the punctuation around it."""
        live = _LIVE_ON_GITLAB if self.is_gitlab else _LIVE_ON_GITHUB
        # One character more, which tells whether an `@` at the end has a name to follow.
        if not live.search(word.string, word.start(), word.end() + 1):
            return escape(word[0], quote=False)
        begun = word[0].lstrip("(\"'")
        code = begun.rstrip(").,:;?\"'")
        return f"{word[0][: -len(begun)]}{self._coded(code)}{begun[len(code) :]}"

    def _target(self, url: str) -> str:
        """Return where a link to this URL may lead; nothing where there may be none."""
        whole = f"http://{url}" if url[:4].lower() == "www." else url
        target = normalizeLink(self._plain(whole)) if len(whole) <= _LONGEST_URL else ""
        web = _WEB.fullmatch(target)
        # GitLab fills in placeholders (lib/banzai/filter/placeholders_post_filter.rb).
        if not web or len(target) > _LONGEST_URL or "%{" in unquote(unquote(target)):
            return ""
        name = web[1].lower()
        if name != self.host.lower().partition(":")[0]:
            return target
        return f"https://redirect.github.com{web[2] or ''}" if name == "github.com" else ""

    def _coded(self, text: str) -> str:
        code = escape(self._plain(text).replace("\n", " "), quote=False)
        # Alone in an element it makes GitLab write a table of contents, in code too
        # (lib/banzai/filter/table_of_contents_tag_filter.rb).
        space = " " * (code.lower() == "[toc]")
        return f"<code>{code}{space}</code>" if code else ""


def _code_block(text: str, limit: int, info: str = "") -> tuple[str, bool]:
    """Return code without orders in at most `limit` bytes, and whether it was cut."""
    language = _LANGUAGE.match(info.strip().lower())
    start = f'<pre lang="{language[0]}"><code>' if language else "<pre><code>"
    end = "&#10;</code></pre>"

    def written(code: str) -> str:
        return escape(_ORDER.sub(r" \g<0>", visible(code)), quote=False).replace("\n", "&#10;")

    code, is_cut = _fitted(text.removesuffix("\n"), limit - len(start + end), written)
    return f"{start}{code}{end}" if code or not is_cut else "", is_cut


def _tag(token: Token) -> str:
    tag = "del" if token.tag == "s" else token.tag
    if token.nesting < 0 or token.hidden:
        return "" if token.hidden else f"</{tag}>"
    align = str(token.attrs.get("style", "")).removeprefix("text-align:")
    values = {"start": token.attrs.get("start", ""), "align": align}
    attributes = "".join(f' {name}="{value}"' for name, value in values.items() if value != "")
    return "\n" * token.block + f"<{tag}{attributes}>"


def _beginning(text: str, size: int) -> str:
    """Return at most `size` characters, up to a line's end if that costs less than a fifth."""
    line_end = text.rfind("\n", 0, size)
    return text if len(text) <= size else text[: line_end if line_end > 0.8 * size else size]


def _fitted(text: str, room: int, written: Callable[[str], str]) -> tuple[str, bool]:
    """Return as much of a text as fits in `room` bytes once written, and whether it was cut."""
    length = min(len(text), room)
    while length > 0:
        is_cut = length < len(text)
        html = written(text[:length] + "…" * is_cut)
        size = len(html.encode())
        if size <= room:
            return html, is_cut
        length = length * room // size * 9 // 10
    return "", bool(text) or room < 0
