"""Untrusted text as HTML that shows it and sets nothing off.

Forges look for mentions, references and commands in the text of a comment but not within code, so
what would be live is shown as code. Blocks come without blank lines, each behind its tag: nothing
in them is Markdown to be read again (https://spec.commonmark.org/0.31.2/#html-blocks), and no line
of the source begins with a stranger's word. What takes long to parse comes as plain text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from qatech_ci.markdown import blocks, parser
from qatech_ci.redact import visible

_LARGEST_BLOCK = 1_000_000  # UTF-8 bytes. Any block of what is parsed fits
_LONGEST_URL = 2000  # characters. Browsers and proxies cut longer ones
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
_PARSER = parser(html=False, deepest=24)


@dataclass(frozen=True, kw_only=True)
class Sanitizer:
    """Makes untrusted text inert where it is read."""

    host: str = "github.com"  # the forge's, to which no link may be live
    is_gitlab: bool = False  # which text is live: GitLab's or GitHub's
    redact: Callable[[str], str]  # removes secrets from text without invisible characters

    def blocks(self, text: str, limit: int) -> tuple[str, bool]:
        """Return Markdown as blocks of at most `limit` UTF-8 bytes, and whether that is not all.

        From the first block that does not fit, or is nested too deep, it is shown as it stands.
        """
        source = self.plain(text).strip("\n")
        kept: list[str] = []
        room, rest = limit, ""
        for block in blocks(_PARSER, source):
            html = "".join(map(self._rendered, block.tokens)).strip("\n")
            if block.is_plain or len(html.encode()) > room:
                rest = source[block.place.start :].strip("\n")
                break
            kept.append(html)
            room -= len(html.encode()) + 1
        more, is_cut = _code_block(rest, room) if rest else ("", False)
        return "\n".join(filter(None, [*kept, more])), is_cut

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
        return _code_block(self.plain(text), limit, language)[0]

    def link(self, url: str, label_html: str) -> str:
        """Return a link if there may be one to this URL, else the label."""
        return self.trusted_link(self._target(url), label_html)

    def trusted_link(self, url: str, label_html: str) -> str:
        """Return a link to a URL that we built, or the label where there is none."""
        return f'<a href="{escape(url)}">{label_html}</a>' if url else label_html

    def plain(self, text: str) -> str:
        """Return text without secrets and without what nobody sees; cut it only after that."""
        return self.redact(visible(text))

    def _folded(self, text: str, longest: int) -> str:
        line = " ".join(self.plain(text).split())
        return line if len(line) <= longest else f"{line[: longest - 1]}…"

    def _rendered(self, token: Token) -> str:
        if token.type in {"fence", "code_block"}:
            return "\n" + _code_block(token.content, _LARGEST_BLOCK, token.info)[0]
        if token.type != "inline":
            return _tag(token)
        if token.meta["plain"]:
            return self._text(token.content)
        return "".join(self._inline(token.children or []))

    def _inline(self, tokens: list[Token]) -> Iterator[str]:
        closing = ""
        children = iter(tokens)
        for token in children:
            may_link = closing != "</a>"
            if token.type == "text":
                yield self._text(token.content, may_link=may_link)
            elif token.type == "code_inline":
                yield self._coded(token.content)
            elif token.type == "image":
                yield self._image(token, may_link=may_link)
            elif token.info == "auto":
                # The text of `<https://…>` is decoded: one name could pass for another there.
                next(children), next(children)
                address = str(token.attrs["href"]).removeprefix("mailto:")
                yield self._url(address) if may_link else self._coded(address)
            elif token.type == "link_open":
                url = str(token.attrs["href"])
                target = self._target(url)
                yield f'<a href="{escape(target)}">' * bool(target)
                closing = "</a>" if target else f" ({self.code(url, 200)})" * bool(url)
            elif token.type == "link_close":
                yield closing
                closing = ""
            else:
                yield " " if token.type == "softbreak" else _tag(token)

    def _image(self, token: Token, *, may_link: bool) -> str:
        """Return an image of QA.tech's, or else its description."""
        description = RendererHTML().renderInlineAsText(token.children, _PARSER.options, {})
        shown, target = self._folded(description, 400), self._target(str(token.attrs["src"]))
        if _IMAGE.fullmatch(target):
            return f'<img src="{escape(target)}" alt="{escape(shown)}">'
        return self.trusted_link(target if may_link else "", self._text(f"image: {shown}"))

    def _text(self, text: str, *, may_link: bool = False) -> str:
        """Return text with what would be live as code, its URLs as links if they may be."""
        pieces = enumerate(_URL.split(self.plain(text).replace("\n", " ")))
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
        target = normalizeLink(self.plain(whole)) if len(whole) <= _LONGEST_URL else ""
        web = _WEB.fullmatch(target)
        # GitLab fills in placeholders (lib/banzai/filter/placeholders_post_filter.rb).
        if not web or len(target) > _LONGEST_URL or "%{" in unquote(unquote(target)):
            return ""
        name = web[1].lower()
        if name != self.host.lower().partition(":")[0]:
            return target
        # GitHub is reached by its redirect, which leaves no back-reference there.
        return f"https://redirect.github.com{web[2] or ''}" if name == "github.com" else ""

    def _coded(self, text: str) -> str:
        code = escape(self.plain(text).replace("\n", " "), quote=False)
        # Alone in an element it makes GitLab write a table of contents, in code too
        # (lib/banzai/filter/table_of_contents_tag_filter.rb).
        space = " " * (code.lower() == "[toc]")
        return f"<code>{code}{space}</code>" if code else ""


def _code_block(text: str, limit: int, info: str = "") -> tuple[str, bool]:
    """Return code without orders in at most `limit` bytes, and whether it was cut."""
    language = _LANGUAGE.match(info.strip().lower())
    start = f'<pre lang="{language[0]}"><code>' if language else "<pre><code>"
    end = "&#10;</code></pre>"
    code, room = text.removesuffix("\n"), limit - len(start + end)
    if not code and room >= 0:
        return f"{start}{end}", False
    length = min(len(code), room)
    while length > 0:
        # A cut may leave a joiner with nothing to join.
        shown = visible(code[:length] + "…" * (length < len(code)))
        written = escape(_ORDER.sub(r" \g<0>", shown), quote=False).replace("\n", "&#10;")
        if (size := len(written.encode())) <= room:
            return f"{start}{written}{end}", length < len(code)
        length = length * room // size * 9 // 10
    return "", True


def _tag(token: Token) -> str:
    tag = "del" if token.tag == "s" else token.tag
    if token.nesting < 0 or token.hidden:
        return "" if token.hidden else f"</{tag}>"
    # The start of a list, or a cell's alignment, for which forges do not take a style.
    attributes = RendererHTML.renderAttrs(token).replace('style="text-align:', 'align="')
    return "\n" * token.block + f"<{tag}{attributes}>"
