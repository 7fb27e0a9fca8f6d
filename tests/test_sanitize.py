"""Untrusted text is shown and sets nothing off. The judges are renderings of both forges."""

import cProfile
import re
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from github_markdown import Element, bot_orders, facts, page, rendered
from gitlab_markdown import acts
from qatech_ci.redact import visible
from qatech_ci.report.sanitize import Sanitizer

_CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.md"))
_LARGE, _READ = 1_000_000, 60_000
_CUT = "<pre><code>```…&#10;</code></pre>"
_ROWS = "|a|&#10;|-|&#10;|b|&#10;|c|"
_GITHUB = Sanitizer(redact=lambda text: text)
_GITLAB = Sanitizer(host="git.example", is_gitlab=True, redact=lambda text: text)
_BOTH = pytest.mark.parametrize("sanitizer", [_GITHUB, _GITLAB], ids=["github", "gitlab"])

# Pieces that act, or that make others act when they meet.
_WORDS = """
@user @ user @org/team a@b.com mailto:a@b.com #12 # 12 GH-12 GH- owner/repo#12 owner/repo x 0 a
deadbeef1 0123456789abcdef0123456789abcdef01234567 o/r@abc1234 feedbacc ... .. x1234567y -12
https://github.com/o/r/issues/1 http://www.github.com/user www.github.com/user https://a.b/c_(d)
https://GitHub.com./o/r/pull/2 https://user:pw@github.com/o https://git&#104;ub.com/o https://
https://%67ithub.com/o https://github.com:443/o ftp://a.b http: // www. github.com .com :// x://
<https://github.com/o/r/commit/abc1234> <a@b.c> <ftp://a.b> <https://a.b/&#64;user>
https://é.com [ ] ( ) ]( ][ ](https://a.b/c) ](https://github.com/o/r/pull/1) ](/x)
](javascript:x) ![ ! ](https://qa.tech/i.png) [x] [^1] < > <!-- --> <b> </b> <details>
</details> </p> <img/src=x> </ <script> <? <![CDATA[ ]]> <!A <pre> </summary> ``` ```` ~~~ > >>
*** --- === \\| | :-: |-| * ** _ __ ~ ~~ ` `` \\ \\\\ $ $$ " ' . : ^ & &amp; &#64; &#35; &#10;
&#x200b; &#8238; &lt; &nbsp; &#124; &Tab; &NewLine; &commat; &num; &#0; &grave; &#37; &#36;
&#91; /approve /usr/bin bors Bors: /merge !1 $1 &1 %1 ~1 % alert#1 g/p gl-1 JIRA-1 AB X_1-2
UTF-8 %" ~" 50% %{ project_name } ~a::b [epic:1] [issue: [contact:a@b.c] [wiki_page:x
*iteration: {+ +} {- -} [+ +] [- -] $` `$ x$y [TOC] [[_TOC_]] `[TOC]` _TOC_ toc [[ ]] [[a|b]]
::include{file=x} >>> ;;; +++ smb://a/b é 日 @all @a/b ](https://a.b/%{commit_sha})
https://git.example/g/p/-/issues/1 <https://git.example/g> #1+s
"""
_OTHERS = [
    *(" ", " ", "  ", "    ", "\t", "\n", "\n", "\n\n", "\n\n", "\r", "\r\n", "\\\n", "  \n"),
    *("> ", "- ", "* ", "1. ", "2) ", "# ", "## ", "- [ ] ", "> [!NOTE]\n", "```js\n", "```math\n"),
    *("| a | b |\n|---|:-:|\n", "| ", "[x]: https://github.com/o/r/issues/3\n", "[^1]: x\n"),
    *("\n/merge\n", "\n@mergify rebase", "\nbors r+\n", "```suggestion:-0+0\n", "<div\n", "\n: x"),
    *("\u200b", "\u202e", "\u200d", "\u200c", "\ufeff", "\x00", "\x0b", "\x85", "\u2028", "\ud800"),
    *("😀", "\ufe0f", "می\u200cخ", "\U000e0041", "a" * 60, "[" * 40, "*" * 30, "> " * 30, "- " * 9),
]
_pieces = st.sampled_from(_WORDS.split()) | st.sampled_from(_OTHERS) | st.text(max_size=5)
_hostile = st.lists(_pieces, max_size=30).map("".join)


def _live(html: str, sanitizer: Sanitizer) -> dict[str, object]:
    """Return all that the judges object to."""
    found = facts(html, sanitizer.host)
    objections = {
        **(acts(html, sanitizer.host) if sanitizer.is_gitlab else {}),
        "mentions": found.mentions,
        "references": found.references,
        "raw HTML": found.raw_html,
        "comments": found.comments,
        "invisible": found.invisible,
        "links": [link for link in found.links if not re.match(r"(?i)https?://[^/]", link)],
        "images": [it for it in found.images if not re.match(r"https://([\w-]+\.)*qa\.tech/", it)],
        "orders": bot_orders(html),
        "blank lines": re.findall(r"\n[ \t]*\n", html),
        "Markdown": "" if rendered(html).strip("\n") == html.strip("\n") else html,
    }
    return {name: objection for name, objection in objections.items() if objection}


def _blocks(text: str, sanitizer: Sanitizer = _GITHUB) -> str:
    html, is_cut = sanitizer.blocks(text, _LARGE)
    assert not is_cut
    assert _live(html, sanitizer) == {}
    return html


def _inline(text: str, sanitizer: Sanitizer = _GITHUB) -> str:
    """Return what becomes of a text within a paragraph."""
    html = _blocks(text, sanitizer)
    assert html.startswith("<p>")
    return html.removeprefix("<p>").removesuffix("</p>")


def _letters(text: str) -> str:
    return "".join(text.split())


def _shape(element: Element) -> list[object]:
    """Return tags and text of the rendered tree; runs of spaces are one space to a reader."""
    shape: list[object] = []
    for child in element.children:
        if isinstance(child, Element):
            shape.append((child.tag, child.attributes.get("start"), _shape(child)))
        elif child.strip():
            shape.append(child if element.tag == "code" else re.sub(r"\s+", " ", child).strip())
    return shape


class TestGitHub:
    """What a reply could set off on GitHub, and what becomes of it."""

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("Hi @user, ask @org/team.", "Hi <code>@user</code>, ask <code>@org/team</code>."),
            ('(@user), "#1"', '(<code>@user</code>), "<code>#1</code>"'),
            ("&#64;user", "<code>@user</code>"),
            ("@&#8203;user", "<code>@user</code>"),
            ("@*user*", "<code>@</code><em>user</em>"),
            ("a@b.com", "<code>a@b.com</code>"),
            ("Lunch @ noon", "Lunch @ noon"),
            ("Duplicate of #12", "Duplicate of <code>#12</code>"),
            ("Fixes owner/repo#12.", "Fixes <code>owner/repo#12</code>."),
            ("gh-7", "<code>gh-7</code>"),
            ("o/r@abc1234", "<code>o/r@abc1234</code>"),
            ("since deadbeef1", "since <code>deadbeef1</code>"),
            ("defaced in C#, 50% of $5", "defaced in C#, 50% of $5"),
            ("日本@user。", "日本<code>@user</code>。"),
            ("<b>x</b> <!-- y -->", "&lt;b&gt;x&lt;/b&gt; &lt;!-- y --&gt;"),
            ("a&#10;b\nc\\\nd", "a b c<br>d"),
            ("~~a~~ **b** `@c`", "<del>a</del> <strong>b</strong> <code>@c</code>"),
        ],
    )
    def test_live_words_are_code(self, markdown: str, expected: str) -> None:
        """Nothing notifies or refers, however it was spelled; HTML is shown."""
        assert _inline(markdown) == expected

    @pytest.mark.parametrize(
        ("markdown", "href", "label"),
        [
            ("https://a.b/c_(d).", "https://a.b/c_(d)", "https://a.b/c_(d)"),
            ("(https://a.b/c)", "https://a.b/c", "https://a.b/c"),
            ("www.a.b/c", "http://www.a.b/c", "www.a.b/c"),
            ("https://a.b/?c=d&e=f", "https://a.b/?c=d&e=f", "https://a.b/?c=d&e=f"),
            ("https://github.com/o.", "https://redirect.github.com/o", None),
            ("www.GitHub.com/user", "https://redirect.github.com/user", None),
            ("<https://github.com:443/o>", "https://redirect.github.com/o", None),
            ("[it](http://github.com./o)", "https://redirect.github.com/o", "it"),
            ("https://gist.github.com/o", "https://gist.github.com/o", None),
            ("[https://github.com/o](https://a.b)", "https://a.b", "https://github.com/o"),
            ("[a <https://a.b> c](https://d.e 'title')", "https://d.e", "a https://a.b c"),
            ("[x][y]\n\n[y]: https://a.b", "https://a.b", "x"),
            ("![x](https://evil.example/i)", "https://evil.example/i", "image: x"),
            ("![@u](https://qa.tech.evil/i)", "https://qa.tech.evil/i", "image: @u"),
            ("![x](http://qa.tech/i)", "http://qa.tech/i", "image: x"),
            ("[![x](https://a.b/i)](https://c.d)", "https://c.d", "image: x"),
            ("<https://xn--80ak6aa92e.com>", "https://xn--80ak6aa92e.com", None),
        ],
    )
    def test_links_lead_to_the_web(self, markdown: str, href: str, label: str | None) -> None:
        """GitHub is reached by its redirect, and images from elsewhere are only linked."""
        root = page(_blocks(markdown))
        links = [it for it in _below(root) if it.tag == "a"]
        assert [(it.attributes["href"], it.text()) for it in links] == [(href, label or href)]

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("[mail](mailto:x@y.z)", "mail (<code>mailto:x@y.z</code>)"),
            ("<x@y.z>", "<code>x@y.z</code>"),
            ("[page](../issues/1)", "page (<code>../issues/1</code>)"),
            ("[none]()", "none"),
            ("[x](javascript:alert)", "[x](javascript:alert)"),
            ("ftp://a.b", "<code>ftp://a.b</code>"),
            ("https://u:p@github.com/o", "<code>https://u:p@github.com/o</code>"),
            ("https://%67ithub.com", "<code>https://%67ithub.com</code>"),
            ("![x](i.png)", "image: x"),
        ],
    )
    def test_other_links_are_text(self, markdown: str, expected: str) -> None:
        """With the destination where that is not the text."""
        assert _inline(markdown) == expected

    def test_a_long_url_is_no_link(self) -> None:
        """Browsers and proxies would cut it."""
        assert "<a" in _blocks(f"https://a.b/{'c' * 1988}")
        assert "<a" not in _blocks(f"https://a.b/{'c' * 1989}")

    @pytest.mark.parametrize(
        ("markdown", "alt"),
        [
            ("![a ![*d*](e)\n&#64;f](https://qa.tech/c)", "a d @f"),
            ('!["x"](https://cdn.qa.tech/c.png)', "&quot;x&quot;"),
        ],
    )
    def test_images_of_qa_tech_are_shown(self, markdown: str, alt: str) -> None:
        """With what a reader would see of their description."""
        assert re.fullmatch(rf'<img src="https://\S+" alt="{alt}">', _inline(markdown))

    @pytest.mark.parametrize("host", ["ghe.example", "GHE.example:8443"])
    def test_links_to_another_forge_are_text(self, host: str) -> None:
        """There is no redirect; GitHub may be linked there."""
        sanitizer = Sanitizer(host=host, redact=lambda text: text)
        for url in ("https://ghe.example/o/r/pull/1", "http://www.ghe.example:80/o"):
            assert _inline(url, sanitizer) == f"<code>{url}</code>"
        assert 'href="https://github.com/o"' in _inline("https://github.com/o", sanitizer)

    @pytest.mark.parametrize(
        "order", ["/approve", "/merge it", "bors r+", "Bors: try", "@dependabot merge"]
    )
    @pytest.mark.parametrize(
        "around", ["{}", "x\n{}", "> - {}", "```\n{}\n```", "    {}", "|{}|\n|-|"]
    )
    @_BOTH
    def test_no_line_is_an_order(self, order: str, around: str, sanitizer: Sanitizer) -> None:
        """Neither in the source nor in what a bot may read of a block of code."""
        html = _blocks(around.format(order), sanitizer)
        assert order.replace("@", "") in page(html).text().replace("@", "")
        assert all(line.startswith("<") for line in html.split("\n"))

    @pytest.mark.parametrize("order", ["/approve", "bors r+"])
    def test_no_order_starts_a_line_of_ours(self, order: str) -> None:
        """Wherever a line of plain text is put."""
        assert bot_orders(_GITHUB.line(order)) == bot_orders(_GITHUB.words(order)) == []

    def test_code_keeps_its_language_unless_it_would_be_drawn(self) -> None:
        """Colours are welcome, diagrams and suggestions are not."""
        for language in ("json", "JSON:table", "yml {a}"):
            assert _blocks(f"~~~ {language}\n{{}}\n~~~").startswith('<pre lang="')
        for language in ("mermaid", "math", "suggestion:-0+0", "d2 x", "c++", ""):
            assert (
                _blocks(f"~~~ {language}\nx\n\ny\n~~~")
                == "<pre><code>x&#10;&#10;y&#10;</code></pre>"
            )


class TestGitLab:
    """What GitLab reads into text, and what becomes of it."""

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("Hi @all, ask @g/sub.", "Hi `@all`, ask `@g/sub`."),
            ("See g/p!12, #1+s and &2.", "See `g/p!12`, `#1+s` and `&amp;2`."),
            ('%1 in %v1.0; %"two words"', '`%1` in `%v1.0`; `%"two` words"'),
            ("50% (60%), 70%. 60%,70%", "50% (60%), 70%. `60%,70%`"),
            ("~bug ~a::b ~ 5", "`~bug` `~a::b` ~ 5"),
            ("costs $5, $`x`$", "costs `$5`, `$``x``$`"),
            ("[vulnerability:1] [note: that]", "`[vulnerability:1]` [note: that]"),
            ('["contact:x"]', '`["contact:x"]`'),
            ("[wiki_page:a b]", "`[wiki_page:a` b]"),
            ("\\*iteration:1", "`*iteration:1`"),
            ("^alert#1 g/p> x", "`^alert#1` `g/p&gt;` x"),
            ("gl-1 closes JIRA-12: yes", "`gl-1` closes `JIRA-12`: yes"),
            ("UTF-8, SHA-256, CVE-2024-1", "UTF-8, SHA-256, CVE-2024-1"),
            ("abcdef1...abcdef2 defaced", "`abcdef1...abcdef2` `defaced`"),
            (f"{'a' * 60}..{'b' * 60}", f"`{'a' * 60}..{'b' * 60}`"),
            ("{+b c+} [-d-]", "`{+b` c+} `[-d-]`"),
            ("%{project_name}", "`%{project_name}`"),
            ("[TOC] `[toc]`", "`[TOC] ` `[toc] `"),
            ("[[a|b c]]", "`[[a|b` c]]"),
            ("smb://a.b/c", "`smb://a.b/c`"),
            ("[x](https://a.b/%{commit_sha})", "x (`https://a.b/%25%7Bcommit_sha%7D`)"),
            ("[it](https://www.Git.example:80/g)", "it (`https://www.Git.example:80/g`)"),
        ],
    )
    def test_live_words_are_code(self, markdown: str, expected: str) -> None:
        """Nothing refers, is drawn, counted or filled in, on GitLab or in Jira."""
        html = re.sub("`([^`]*)`", r"<code>\1</code>", expected)
        assert _inline(markdown, _GITLAB) == html


class TestBlocks:
    """Markdown as HTML."""

    @pytest.mark.parametrize("path", _CORPUS, ids=lambda path: path.stem)
    @_BOTH
    def test_ordinary_replies_look_the_same(self, path: Path, sanitizer: Sanitizer) -> None:
        """Headings, tables, lists, code, links and scripts; but a task's box is text."""
        reply = path.read_text(encoding="utf-8")
        without_boxes = re.sub(r"(?m)^(\s*(?:[-*]|\d+\.) )(?=\[[ x]\])", r"\1\\", reply)
        assert _shape(page(_blocks(reply, sanitizer))) == _shape(page(without_boxes))

    def test_each_item_and_cell_has_its_line(self) -> None:
        """The source stays readable, for who quotes it or reads it in an e-mail."""
        html = _blocks("| a | b |\n|:-|-:|\n| c |\n\n3. x\n   - y")
        assert html.split("\n") == [
            *("<table>", "<thead>", "<tr>", '<th align="left">a</th>'),
            *('<th align="right">b</th></tr></thead>', "<tbody>", "<tr>"),
            *('<td align="left">c</td>', '<td align="right"></td></tr></tbody></table>'),
            *('<ol start="3">', "<li>x", "<ul>", "<li>y</li></ul></li></ol>"),
        ]

    def test_secrets_are_redacted_before_and_after_parsing(self) -> None:
        """An entity is no way around it."""
        sanitizer = Sanitizer(redact=lambda text: text.replace("secret", "***"))
        text = "`secret` se&#99;ret [x](https://a.b/se&#99;ret) sec\u200bret ![se&#99;ret](i)\n\n"
        assert "secret" not in sanitizer.blocks(f"{text}    secret\n\n{text * 90}", _LARGE)[0]
        for write in (sanitizer.line, sanitizer.words, sanitizer.code):
            assert "secret" not in write("secret https://a.b/secret `secret`")
        assert "secret" not in sanitizer.pre("secret", 99) + sanitizer.link(
            "https://a.b/secret", ""
        )

    @pytest.mark.parametrize(
        ("text", "limit", "expected", "is_cut"),
        [
            ("one\n\ntwo\n\nthree", 24, "<p>one</p>\n<p>two</p>", True),
            ("one\n\ntwo", 21, "<p>one</p>\n<p>two</p>", False),
            ("|a|\n|-|\n|b|\n|c|", 56, f"<pre><code>{_ROWS}&#10;</code></pre>", False),
            ("one\n\n```\n2 3 4 5 6 7 8\n```", 48, f"<p>one</p>\n{_CUT}", True),
            ("> ```\n> <\n> ```", 15, "", True),
            ("one", 9, "", True),
            ("one", 0, "", True),
            ("", 0, "", False),
            ("one", -1, "", True),
        ],
    )
    def test_is_cut_at_the_end_of_a_block(
        self, text: str, limit: int, expected: str, *, is_cut: bool
    ) -> None:
        """What does not fit comes as it stands, if that is shorter, or cut."""
        assert _GITHUB.blocks(text, limit) == (expected, is_cut)

    def test_a_long_paragraph_is_cut_within(self) -> None:
        """It comes as it stands; otherwise there would be nothing to see."""
        html, is_cut = _GITHUB.blocks("😀<" * 5000, 16_000)
        assert is_cut
        assert re.fullmatch("<pre><code>(😀&lt;)+😀?…&#10;</code></pre>", html)
        assert 14_000 < len(html.encode()) <= 16_000

    @pytest.mark.parametrize("deep", ["> " * 500 + "x", "- " * 500 + "x", "> " * 22 + "x"])
    def test_what_is_nested_too_deep_comes_as_it_stands(self, deep: str) -> None:
        """No depth of nesting loses text or raises."""
        assert _blocks(f"{deep}\n/approve").startswith("<pre><code>")
        assert _blocks("> " * 21 + "x").startswith("<blockquote>")

    @given(_hostile)
    @example("- ```\n  x\n  ```\n  /merge")
    @example("- ```\n  x\n  ```\n  &#8203;\n  - y")
    @example("x\n&#8203;\ny")
    @example("- ```\n  ```\n  ```\n  ```\n  !\\[x\\](//evil.example/t.png) \\*\\*ok\\*\\*")
    @_BOTH
    def test_hostile_text_is_inert(self, sanitizer: Sanitizer, text: str) -> None:
        """The judges find nothing live, and nothing to be read as Markdown."""
        _blocks(text, sanitizer)

    @given(_hostile, st.integers(min_value=0, max_value=300))
    @_BOTH
    def test_fits_closed(self, sanitizer: Sanitizer, text: str, limit: int) -> None:
        """Whatever the text and the limit: it fits, it is inert, and what follows is outside."""
        html, is_cut = sanitizer.blocks(text, limit)
        assert len(html.encode()) <= limit
        assert _live(html, sanitizer) == {}
        whole = sanitizer.blocks(text, _LARGE)[0]
        if not is_cut and html != whole:
            kept, _, rest = html.rpartition("<pre><code>")
            assert whole.startswith(kept.rstrip("\n"))
            as_it_stands = _letters(unescape(rest.removesuffix("</code></pre>")))
            assert as_it_stands
            assert _letters(visible(text)).endswith(as_it_stands)
        last = page(f"<p>x</p>\n{html}\n<p>outside</p>").children[-2]
        assert isinstance(last, Element)
        assert (last.tag, last.text()) == ("p", "outside")

    @given(st.lists(st.sampled_from([*"*_`#>-|\n\n ", "\n\n", "word", "@user", "#12", "  "])))
    def test_reads_the_same(self, parts: list[str]) -> None:
        """Nothing that GitHub would show is lost."""
        text = "".join(parts)
        shown = page(_blocks(text)).text()
        assert re.findall("[a-z0-9]", shown) == re.findall("[a-z0-9]", page(text).text())


class TestLines:
    """Plain text in a line of ours."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "feat: *x* by @user\n fixes #12",
                "feat: *x* by <code>@user</code> fixes <code>#12</code>",
            ),
            ("https://github.com/o/r/pull/1!", "<code>https://github.com/o/r/pull/1</code>!"),
            ("a|b [c] <d> &amp; e\\", "a|b [c] &lt;d&gt; &amp;amp; e\\"),
            ("", ""),
        ],
    )
    def test_a_line_shows_that_very_text(self, text: str, expected: str) -> None:
        """As one line, what would be live as code."""
        assert _GITHUB.line(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Give `a: @b` for #1.", "Give <code>a: @b</code> for <code>#1</code>."),
            ("Give `a, @b", "Give `a, <code>@b</code>"),
        ],
    )
    def test_words_have_code_in_backticks(self, text: str, expected: str) -> None:
        """If these come in pairs."""
        assert _GITHUB.words(text) == expected

    @pytest.mark.parametrize("write", ["line", "words", "code"])
    def test_long_texts_are_cut(self, write: str) -> None:
        """At a number of characters, with what tells so."""
        method: Callable[[str, int], str] = getattr(_GITHUB, write)
        assert facts(f"<p>{method('a  b' * 9, 5)}</p>").visible.strip() == "a ba…"
        assert facts(f"<p>{method('a  b', 3)}</p>").visible.strip() == "a b"

    @given(_hostile)
    @_BOTH
    def test_hostile_text_is_inert_and_whole(self, sanitizer: Sanitizer, text: str) -> None:
        """In any element, as a line and as code."""
        for html in (sanitizer.line(text, 9999), sanitizer.code(text, 9999)):
            for around in ("<p>{}</p>", "<p>x {} y</p>", "<table>\n<tr>\n<td>{}</td></tr></table>"):
                block = around.replace("{}", html)
                assert _live(block, sanitizer) == {}
                assert _letters(visible(text)) in _letters(page(block).text())
        assert _live(f"<p>{sanitizer.words(text)}</p>", sanitizer) == {}

    @given(_hostile, st.integers(min_value=0, max_value=200))
    @example("https://github.com/o/r\nمی\u200cخ@user@user@user", 80)
    @_BOTH
    def test_code_in_a_block_fits(self, sanitizer: Sanitizer, text: str, limit: int) -> None:
        """On one line, inert, and whole where there is room."""
        html = sanitizer.pre(text, limit, "json")
        assert len(html.encode()) <= limit
        assert _live(html, sanitizer) == {}
        whole = sanitizer.pre(text, _LARGE)
        assert _live(whole, sanitizer) == {}
        assert "\n" not in whole
        assert _letters(page(whole).text()) == _letters(visible(text))


class TestLinks:
    """URLs with a label of ours."""

    @pytest.mark.parametrize(
        ("url", "href"),
        [
            ('https://a.b/?c="&d', "https://a.b/?c=%22&amp;d"),
            ("https://github.com/o/r", "https://redirect.github.com/o/r"),
            ("https://a.b/\u202ec", "https://a.b/c"),
        ],
    )
    def test_what_may_be_linked_is(self, url: str, href: str) -> None:
        """By the same rule as in text."""
        assert _GITHUB.link(url, "<b>x</b>") == f'<a href="{href}"><b>x</b></a>'

    @pytest.mark.parametrize("url", ["javascript:x", "https://u@a.b", "ftp://a.b", "/x", ""])
    def test_anything_else_is_its_label(self, url: str) -> None:
        """Which stays as it is."""
        assert _GITHUB.link(url, "<b>x</b>") == "<b>x</b>"

    def test_a_link_that_we_built_leads_to_the_forge(self) -> None:
        """Without a redirect."""
        link = _GITHUB.trusted_link("https://github.com/o?a&b", "x")
        assert link == '<a href="https://github.com/o?a&amp;b">x</a>'


_SLOW = """
![ [ [a]( < & `a *a_**b a_ ~~a >_ -_ -_a; >_a;b; [a]:_b; [a; |a a|b;-|-; f a@ 0a http:// x://( www.
%, A_ ](b)![](b)![](b)![;; [[[[[[[[[[[[[[[[[[[[[[[[;; *a*a*a*a*a*a*a;; _` ; //
"""


class TestTime:
    """What is made to be slow is not parsed for long."""

    @pytest.mark.parametrize("piece", _SLOW.split())
    def test_takes_no_more_than_a_few_times_what_prose_takes(self, piece: str) -> None:
        """In calls of functions. Were any pattern quadratic, this would not end for minutes."""
        text = piece.replace("_", " ").replace(";", "\n")
        assert _calls(text * (_READ // len(text))) < 4 * _calls_for_prose()

    def test_short_rows_of_a_wide_table_are_no_cells(self) -> None:
        """Each would be filled up with empty ones."""
        table = f"{'|a' * 200}|\n{'|-' * 200}|\n" + "x\n" * 40_000
        assert "<table>" not in _blocks(table)

    @pytest.mark.parametrize(
        "paragraph", ["[" * 400, "a* " * 1000, "a " * 3000, "[a] *b\n\n" * 2000]
    )
    def test_what_is_not_parsed_is_shown(self, paragraph: str) -> None:
        """As it stands."""
        assert _letters(page(_blocks(paragraph)).text()) == _letters(paragraph)

    def test_what_follows_the_part_that_is_parsed_is_shown(self) -> None:
        """As code, behind it."""
        html = _blocks("*a*\n\n" * 3000)
        assert html.startswith("<p><em>a</em></p>\n<p>")
        assert html.endswith("&#10;*a*&#10;</code></pre>")
        assert page(html).text().count("a") == 3000


def _calls(text: str) -> int:
    profile = cProfile.Profile()
    profile.runcall(_GITLAB.blocks, text, _READ)
    profile.runcall(_GITHUB.line, text)
    return sum(entry.callcount for entry in profile.getstats())


@cache
def _calls_for_prose() -> int:
    prose = "The **total** of `a` is right, see [it](https://a.b).\n\n- Opened a cart\n- Paid\n\n"
    return _calls(prose * (_READ // len(prose)))


def _below(element: Element) -> list[Element]:
    children = [it for it in element.children if isinstance(it, Element)]
    return [found for child in children for found in (child, *_below(child))]
