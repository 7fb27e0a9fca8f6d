"""A stranger's text is made harmless and stays readable. The judge is GitHub's own renderer."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from github_markdown import Element, bot_orders, facts, invisible, page
from qatech_ci.before.markdown.api import fitted, harmless, harmless_line
from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.markdown.escaping import code_span

_CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.md"))
_NOTE = "The reply goes on in the conversation."
_SENTINEL = "What follows stays outside."

# Pieces that act, or that make others act when they meet.
_NAMES = ["@user", "@", "user", "@org/team", "a@b.com", "mailto:a@b.com", "xmpp:a@b.com"]
_REFERENCES = [
    *(
        "#12",
        "#",
        "12",
        "GH-12",
        "GH-",
        "owner/repo#12",
        "owner/repo",
        "Duplicate of #1",
        "fixes #3",
    ),
    *("deadbeef1", "0123456789abcdef0123456789abcdef01234567", "o/r@abc1234", "a", "b", "x", "0"),
]
_URLS = [
    *("https://github.com/o/r/issues/1", "http://www.github.com/user", "www.github.com/user"),
    *(
        "https://GitHub.com./o/r/pull/2",
        "https://user:pw@github.com/o",
        "https://git&#104;ub.com/o",
    ),
    *(
        "https://%67ithub.com/o",
        "https://github.com:443/o",
        "https://a.b/c_(d)?e=f&copy;g",
        "ftp://a.b",
    ),
    *("https://", "http:", "//", "www.", "github.com", ".com", "/o/r/issues/1", "https://é.com/ü"),
    *(
        "<https://github.com/o/r/commit/abc1234>",
        "<a@b.c>",
        "<ftp://a.b>",
        "<https://a.b/&#64;user>",
    ),
]
_LINKS = [
    *(
        "[",
        "]",
        "(",
        ")",
        "](",
        "][",
        "](https://a.b/c)",
        "](https://github.com/o/r/pull/1)",
        "](/x)",
    ),
    *(
        "](javascript:x)",
        "](data:x)",
        "![",
        "!",
        "](https://qa.tech/i.png)",
        "](<https://a.b/ c> 't')",
    ),
    *(
        "[x]",
        "[x]: https://github.com/o/r/issues/3\n",
        "[x]: <",
        "[^1]",
        "[^1]: x\n",
        '[x]: /u "t\n',
    ),
]
_HTML = [
    *(
        "<",
        ">",
        "<!--",
        "-->",
        "<b>",
        "</b>",
        "<details>",
        "</details>",
        "<img src=x>",
        "</",
        "<a href=",
    ),
    *("<script>", "<?", "<![CDATA[", "]]>", "<!A", "<pre>", "<div\n", "</summary>"),
]
_BLOCKS = [
    *(
        "```",
        "````",
        "~~~",
        "~~~~",
        "```js\n",
        "> ",
        ">",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "999999999. ",
    ),
    *(
        "# ",
        "## ",
        "#",
        "===",
        "---",
        "***",
        "___",
        "- [ ] ",
        "- [x] ",
        "> [!NOTE]\n",
        "    ",
        "  ",
        " ",
    ),
    *(
        "| a | b |\n|---|:-:|\n",
        "| ",
        "|",
        "\\|",
        ":-:",
        "|-|",
        "\t",
        "\n",
        "\n",
        "\n",
        "\n\n",
        "\n\n",
    ),
]
_MARKUP = [
    *(
        "*",
        "**",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "\\",
        "\\\\",
        "\\\n",
        "$",
        "$$",
        '"',
        "'",
        ".",
        ":",
        "^",
    ),
    *(
        "&",
        "&amp;",
        "&#64;",
        "&#35;",
        "&#10;",
        "&#x200b;",
        "&#8238;",
        "&lt;",
        "&nbsp;",
        "&#32;",
        "&#124;",
    ),
    *("&Tab;", "&NewLine;", "&commat;", "&num;", "&#0;", "&grave;"),
]
_ORDERS = [
    *(
        "/approve",
        "/approve it",
        "/usr/bin/env",
        "bors r+",
        "bors",
        "Bors: try",
        "@dependabot merge",
    ),
    *("\n/merge\n", "\n@mergify rebase", "\nbors try"),
]
_CHARACTERS = [
    *("\u200b", "\u202e", "\u2066", "\u200d", "\u200c", "\ufeff", "\x00", "\x0b", "\x1c", "\x85"),
    *(
        "\u2028",
        "\ud800",
        "\r",
        "\r\n",
        "é",
        "日本",
        "　",
        "😀",
        "\ufe0f",
        "می\u200cخ",
        "\U000e0041",
    ),
]
_LONG = ["a" * 60, "[" * 40, "*" * 30, "`" * 9, "> " * 30, "- " * 30, "(" * 20, "1" * 12, "#" * 8]
_hostile = st.lists(
    st.one_of(
        *(
            st.sampled_from(pieces)
            for pieces in (
                *(_NAMES, _REFERENCES, _URLS, _LINKS, _HTML, _BLOCKS, _BLOCKS, _MARKUP, _MARKUP),
                *(_ORDERS, _CHARACTERS, _LONG),
            )
        ),
        st.text(max_size=5),
    ),
    max_size=30,
).map("".join)


def _live(markdown: str, forge_host: str = "github.com") -> dict[str, object]:
    """Return all that the judge objects to."""
    found = facts(markdown, forge_host)
    objections = {
        "mentions": found.mentions,
        "references": found.references,
        "raw HTML": found.raw_html,
        "comments": found.comments,
        "invisible": found.invisible,
        "links": [link for link in found.links if not re.match(r"(?i)https?://[^/]", link)],
        "images": [src for src in found.images if not _is_ours(src)],
        "orders": bot_orders(markdown),
    }
    return {name: objection for name, objection in objections.items() if objection}


def _is_ours(src: str) -> bool:
    return bool(re.match(r"(?i)https://(?:[\w-]+\.)*qa\.tech(?:[/?#]|$)", src))


def _shape(element: Element) -> list[object]:
    """Return tags and text of the rendered tree; runs of spaces are one space to a reader."""
    shape: list[object] = []
    for child in element.children:
        if isinstance(child, Element):
            shape.append((child.tag, child.attributes.get("start"), _shape(child)))
        elif child.strip():
            shape.append(child if element.tag == "code" else re.sub(r"\s+", " ", child))
    return shape


def _elements(element: Element) -> list[Element]:
    return [child for child in element.children if isinstance(child, Element)]


def _tags(markdown: str) -> set[str]:
    def below(element: Element) -> set[str]:
        return {element.tag}.union(*map(below, _elements(element)))

    return below(page(markdown))


def _letters(text: str) -> str:
    """Return the text without spaces, on which the parsers of an odd entity may differ."""
    return "".join(text.split())


class TestJudge:
    """A judge that finds nothing anywhere would pass everything."""

    @pytest.mark.parametrize(
        ("markdown", "kind"),
        [
            ("hi @user", "mentions"),
            ("&#64;user", "mentions"),
            ("@*user*", "mentions"),
            ("| @org/team |\n|---|", "mentions"),
            ("see #12", "references"),
            ("owner/repo#12", "references"),
            ("GH-12", "references"),
            ("o/r@abc1234", "references"),
            ("at deadbeef1", "references"),
            ("https://github.com/o/r/issues/1", "references"),
            ("[x](https://www.github.com/o/r/pull/1)", "references"),
            ("www.github.com/user", "references"),
            ("![x](https://evil.example/x.png)", "images"),
            ("<img src=x>", "images"),
            ("<b>", "raw HTML"),
            ("<details>", "raw HTML"),
            ("</details>", "raw HTML"),
            ("<!-- x -->", "comments"),
            ("[x](ftp://a.b)", "links"),
            ("a@b.com", "links"),
            ("a\u200bb", "invisible"),
            ("a&#8238;b", "invisible"),
            ("a\u200db", "invisible"),
            ("> - /approve it", "orders"),
            ("  bors r+", "orders"),
            ("```\n@dependabot merge\n```", "orders"),
        ],
    )
    def test_sees_what_is_live(self, markdown: str, kind: str) -> None:
        """The judge finds each threat in Markdown that nobody has touched."""
        assert kind in _live(markdown)

    @pytest.mark.parametrize(
        "markdown",
        [
            "`@user` `#12` `deadbeef1`",
            "    hi @user #12",
            "<https://qa.tech/@user/#12>",
            "```\n /approve\n/usr/bin/env\n```",
            "`/approve` and /approve, some bors",
            "👩\u200d💻 \u0645\u06cc\u200c\u062e\u0648 ❤️ 1️⃣",
            "mail me @ home, in C#, on 2024-01-01",
        ],
    )
    def test_lets_pass_what_is_dead(self, markdown: str) -> None:
        """The judge does not object to what GitHub leaves alone."""
        assert _live(markdown) == {}


class TestThreats:
    """One by one, what a reply could set off, and what becomes of it."""

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("Hi @user, ask @org/team.", "Hi `@user`, ask `@org/team`."),
            ("&#64;user", "`@user`"),
            ("@*user*", "`@`*user*"),
            ("a@b.com", "`a@b.com`"),
            ("Lunch @ noon", "Lunch @ noon"),
            ("`a`@user`b`", "`a@userb`"),
        ],
    )
    def test_mentions_become_code(self, markdown: str, expected: str) -> None:
        """A name after an `@` notifies nobody, however it was spelled."""
        assert harmless(markdown) == expected

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("Duplicate of #12", "Duplicate of `#12`"),
            ("Fixes owner/repo#12.", "Fixes `owner/repo#12`."),
            ("gh-7", "`gh-7`"),
            ("owner/repo@abc1234", "`owner/repo@abc1234`"),
            ("since deadbeef1", "since `deadbeef1`"),
            ("550e8400-e29b-41d4-a716-446655440000", "`550e8400-e29b-41d4-a716-446655440000`"),
            ("defaced in C#", "defaced in C#"),
        ],
    )
    def test_references_become_code(self, markdown: str, expected: str) -> None:
        """Nothing refers to an issue, a pull request or a commit."""
        assert harmless(markdown) == expected

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("https://github.com/o/r/issues/1.", "<https://redirect.github.com/o/r/issues/1>."),
            ("www.GitHub.com/user", "<https://redirect.github.com/user>"),
            ("<https://github.com:443/o>", "<https://redirect.github.com/o>"),
            ("[it](http://github.com./o)", "[it](https://redirect.github.com/o)"),
            (
                "[https://github.com/o](https://a.b)",
                "[`https://redirect.github.com/o`](https://a.b)",
            ),
            ("https://gist.github.com/o", "<https://gist.github.com/o>"),
            ("https://u:p@github.com/o", "`https://u:p@github.com/o`"),
            ("<https://git&#104;ub.com/o>", None),
        ],
    )
    def test_links_to_github_are_redirected(self, markdown: str, expected: str | None) -> None:
        """A link to GitHub leaves no back-reference and still leads there."""
        assert expected in {None, harmless(markdown)}
        assert _live(harmless(markdown)) == {}

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("https://ghe.example/o/r/pull/1", "`https://ghe.example/o/r/pull/1`"),
            ("[it](https://ghe.example/o)", "it (`https://ghe.example/o`)"),
            ("https://github.com/o", "<https://github.com/o>"),
        ],
    )
    def test_links_to_another_forge_become_text(self, markdown: str, expected: str) -> None:
        """Where there is no redirect, a link to the forge goes and its text stays."""
        assert harmless(markdown, forge_host="GHE.example") == expected

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("[mail](mailto:x@y.z)", "mail (`mailto:x@y.z`)"),
            ("<x@y.z>", "`x@y.z`"),
            ("[page](../issues/1)", "page (`../issues/1`)"),
            ("[none]()", "none"),
            ("[a <https://a.b> c](ftp://d.e)", "a <https://a.b> c (`ftp://d.e`)"),
            ("[a <https://a.b> c](https://d.e)", "[a `https://a.b` c](https://d.e)"),
            ("ftp://a.b", "`ftp://a.b`"),
            ("HTTPS://github.com\ufb00", "`HTTPS://github.com\ufb00`"),
            (f"<https://a.b/{'c' * 2000}>", None),
            ("[x](javascript:alert)", r"\[x\](javascript:alert)"),
            ('[x](https://a.b "title")', "[x](https://a.b)"),
            ("[x](<https://a.b/(c>)", "[x](<https://a.b/(c>)"),
            ("[x](https://a.b/&amp;lt;)", "x (`https://a.b/&lt;`)"),
        ],
    )
    def test_links_lead_to_the_web_only(self, markdown: str, expected: str | None) -> None:
        """A link elsewhere becomes its text, with the destination where that is not the text."""
        assert expected in {None, harmless(markdown)}
        assert _live(harmless(markdown)) == {}

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("![cart](https://cdn.qa.tech/c.png 't')", "![cart](https://cdn.qa.tech/c.png)"),
            ("![a *b*\n`c` ![d](e)](https://qa.tech/c)", "![a b c d](https://qa.tech/c)"),
            ("![@u](https://evil.example/i)", "[image: `@u`](https://evil.example/i)"),
            ("![x](https://qa.tech.evil.example/i)", "[image: x](https://qa.tech.evil.example/i)"),
            ("![x](http://qa.tech/i)", "image: x"),
            ("![x](i.png)", "image: x"),
            ("[![x](https://a.b/i)](https://c.d)", "[image: x](https://c.d)"),
            ("!&#91;x](https://a.b)", r"!\[x\](<https://a.b>)"),
            ("!&#8203;[x](https://a.b)", r"\![x](https://a.b)"),
            ("Look!&#8203;[x](https://a.b)", r"Look\![x](https://a.b)"),
        ],
    )
    def test_images_come_from_trusted_hosts_only(self, markdown: str, expected: str) -> None:
        """No reader's browser is made to load an image from anywhere else."""
        assert harmless(markdown) == expected

    def test_other_image_hosts_can_be_trusted(self) -> None:
        """Who runs QA.tech's stand-in names its host."""
        image = "![x](https://img.example/i.png)"
        assert harmless(image, trusted_image_hosts=frozenset({"img.example"})) == image

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("/approve", r"\/approve"),
            ("> - /approve it", r"> - \/approve it"),
            ("bors r+", "&#98;ors r+"),
            ("fine\nBors: try", "fine\n&#66;ors: try"),
            ("@dependabot merge", "`@dependabot` merge"),
            ("&nbsp;/approve", "&#160;/approve"),
            (
                "```\n/approve\nbors r+\n@mergify x\n```",
                "```\n /approve\n bors r+\n @mergify x\n```",
            ),
            ("    /approve", "```\n /approve\n```"),
            ("```\n/usr/bin/env x\n```", "```\n/usr/bin/env x\n```"),
        ],
    )
    def test_no_line_orders_a_bot_about(self, markdown: str, expected: str) -> None:
        """Bots read the raw text, so orders are broken up there, in code too."""
        assert bot_orders(harmless(markdown)) == []
        assert harmless(markdown) == expected

    @pytest.mark.parametrize(
        "markdown",
        [
            "<b>x</b>",
            "<!-- x -->",
            "<details>\n\nx",
            "</details>",
            "<img src=x onerror=y>",
            "&lt;b>",
        ],
    )
    def test_html_is_shown_as_text(self, markdown: str) -> None:
        """HTML and comments can be read instead of taking effect."""
        assert _live(harmless(markdown)) == {}
        assert facts(harmless(markdown)).visible.strip() == markdown.replace("&lt;", "<").replace(
            "\n\n", "\n"
        )

    @pytest.mark.parametrize(
        "order", ["```", "~~~", "<pre>", "<!--", "> ```", "- ```\n  x", "`", "|"]
    )
    def test_nothing_swallows_what_follows(self, order: str) -> None:
        """A fence, a comment or an element left open does not reach beyond the text."""
        _assert_embeds(harmless(order))

    @pytest.mark.parametrize("deep", ["> " * 500, "- " * 500 + "x", "*" * 4001 + "a" + "*" * 4001])
    def test_what_is_nested_too_deep_comes_as_code(self, deep: str) -> None:
        """No depth of nesting loses text or raises; orders inside are broken up all the same."""
        text = harmless(f"{deep}\n/approve")
        assert text.startswith("```\n")
        assert text.endswith("\n /approve\n```")

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "text",
        [
            *("[" * 20_000, "![" * 10_000, "[a](" * 5_000, "`a" * 10_000, "*a **b " * 2_000),
            *("_" * 20_000, "<" * 20_000, "&" * 20_000, "|" * 20_000, "a_" * 10_000, "~" * 20_000),
            *(
                "https://" * 2_000,
                "www." * 5_000,
                "https://a" + ")" * 20_000,
                "@" * 20_000,
                "#1" * 10_000,
            ),
            *(
                "[a" * 10_000 + "]: x",
                "[]()" * 5_000,
                "> a\nb\n" * 3_000,
                "0" * 20_000,
                "a/" * 10_000,
            ),
            *("|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "x\n" * 6_000, "/a\n" * 6_000),
        ],
        ids=lambda text: text[:8],
    )
    def test_no_text_takes_long(self, text: str) -> None:
        """What is made to be slow is not: 20 kB would take minutes if any of it were quadratic."""
        start = time.process_time()
        harmless(text)
        assert time.process_time() - start < 8


class TestWriting:
    """What is written back says what was parsed."""

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("Title\nof two\n===", "# Title of two"),
            ("Title\\\nx\n---", "## Title x"),
            ("# a \\#", "# a \\#"),
            ("#", "#"),
            ("a\\\nb", "a\\\nb"),
            ("a\n&#32;\nb", "a\n&#32;\nb"),
            ("&#8203;", ""),
            ("-5 degrees\n\\+1\n\\# x\n7\\. y", "\\-5 degrees\n\\+1\n\\# x\n7\\. y"),
            ("x\n\\:-:", "x\n\\:-:"),
            ("x *&#32;b&#32;* y", "x  *b*  y"),
            ("**&#8203;**", ""),
            ("~~~~x~~~~y".join("aa"), "a~~x~~ya"),
            ("snake_case _em_ \\_x\\_", "snake_case _em_ \\_x\\_"),
            ("```c++ {a}\nx\n```", "```c++\nx\n```"),
            ("``` `\nx\n```", "\\`\\`\\` \\`\nx\n\n```\n```"),
            ("~~~ @user\n```\n~~~", "````\n```\n````"),
            ("999999999. a\n1. b", "999999999. a\n999999999. b"),
            ("09) a\n1) b", "9) a\n10) b"),
            (
                "|a\\|`b\\|c`|\n|-|\n|`\\\\|`*x*\\\\ |",
                "| a\\|`b\\|c` |\n| --- |\n| `\\ \\|`*x*&#92; |",
            ),
            ("|`a\\\\\\|b`|\n|-|", "| `a\\\\ \\|b` |\n| --- |"),
            ("|a|b|c|\n|:-|:-:|-:|\n|1|", "| a | b | c |\n| :-- | :-: | --: |\n| 1 |  |  |"),
            ("`` ` `` `` `a `` `  b `", "`` ` `` `` `a `` ` b`"),
            ("* a\n\n- b\n+ c", "* a\n\n- b\n\n+ c"),
            ("-\n- > a\n  > b\n\n  c", "-\n\n- > a\n  > b\n\n  c"),
        ],
    )
    def test_writes_back(self, markdown: str, expected: str) -> None:
        """Blocks and marks come out in one plain style."""
        assert harmless(markdown) == expected


class TestPlain:
    """Characters that a reader cannot see, and those that hold words and emoji together."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a\r\nb\rc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
            ("a\x00\x1b\x7f\x9fb\tc\n", "ab\tc\n"),
            ("\u202eevil\u202c \u2066x\u2069\u200e\u200f\u061c", "evil x"),
            ("a\u200bb\u2060c\ufeffd\u00ade\U000e0041f\ufff9", "abcdef"),
            ("a\ud800b\udfffc", "abc"),
            ("a\u200db \u200c a\ufe0f\U000e0101", "ab  a"),
            ("\u0645\u06cc\u200c\u062e\u0648 क्\u200dष", "\u0645\u06cc\u200c\u062e\u0648 क्\u200dष"),
            (
                "👩\u200d💻 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3",
                "👩\u200d💻 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3",
            ),
            ("葛\U000e0100 \u0600", "葛\U000e0100 \u0600"),
        ],
    )
    def test_drops_what_cannot_be_seen(self, text: str, expected: str) -> None:
        """Controls and invisible characters go; line ends become one; what joins stays."""
        assert plain(text) == expected

    @given(st.text(st.characters(categories=["C", "L", "M", "S", "Z"])) | _hostile)
    def test_leaves_nothing_to_drop(self, text: str) -> None:
        """What is plain stays as it is, and has no invisible character in it."""
        assert plain(plain(text)) == plain(text)
        assert "\r" not in plain(text)

    @given(_hostile)
    def test_leaves_nothing_invisible(self, text: str) -> None:
        """The judge sees no invisible character in it."""
        assert invisible(plain(text)) == []


class TestLine:
    """Plain text in one line of Markdown."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("feat: *x* by @user\nfixes #12", r"feat: \*x\* by `@user` fixes `#12`"),
            ("https://github.com/o/r/pull/1!", "`https://github.com/o/r/pull/1`!"),
            ("www.qa.tech and ftp://a.b", "`www.qa.tech` and `ftp://a.b`"),
            ("a|b [c] <d> &amp; e\\", r"a\|b \[c\] \<d> \&amp; e&#92;"),
            ("abc1234https://a.b", "`abc1234https://a.b`"),
            ("1. x", r"1\. x"),
            ("/approve", r"\/approve"),
            ("", ""),
        ],
    )
    def test_shows_the_text(self, text: str, expected: str) -> None:
        """Markdown's characters are escaped, what would be live comes as code."""
        assert harmless_line(text) == expected

    @given(_hostile)
    def test_is_dead_and_reads_the_same(self, text: str) -> None:
        """Anywhere in a line, the judge finds nothing live and reads the very text."""
        line = harmless_line(text)
        for around in ("{}", "x {} y", "- {}: z", "> **x** ({})"):
            markdown = around.replace("{}", line)
            assert _live(markdown) == {}
            shown = re.sub(r"^[->] ", "", around).replace("**", "").replace("{}", plain(text))
            assert _letters(facts(markdown).visible) == _letters(shown)
            assert facts(markdown).links == []

    @given(_hostile)
    def test_fits_a_cell(self, text: str) -> None:
        """In a table it neither ends its cell nor its row."""
        table = page(f"| a | b |\n| --- | --- |\n|{harmless_line(text)}| z |")
        cells = _elements(_elements(_elements(table)[0])[1])[0]
        assert [_letters(cell.text()) for cell in _elements(cells)] == [_letters(plain(text)), "z"]


class TestCodeSpan:
    """Any text as code."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a`b", "``a`b``"),
            ("`a`", "`` `a` ``"),
            (" a ", "`  a  `"),
            ("  ", "` `"),
            ("a\nb\tc", "`a b c`"),
            ("a|*b*@c.d", r"<code>a\|\*b\*</code><code>@c.d</code>"),
            ("", ""),
        ],
    )
    def test_holds_the_text(self, text: str, expected: str) -> None:
        """Backticks, spaces, newlines and pipes come through."""
        assert code_span(text) == expected

    @given(_hostile)
    @example("|@user a@b.com https://github.com/o #12 \\|")
    def test_is_code_wherever_it_stands(self, text: str) -> None:
        """In a paragraph and in a table, all of it is code and reads the very text."""
        span = code_span(text)
        assert _live(f"x {span} y") == {}
        assert facts(f"x {span} y").links == []
        assert _letters(facts(f"x {span} y").visible) == _letters(f"x{plain(text)}y")
        table = page(f"| a | b |\n| --- | --- |\n| {span} | z |")
        cells = _elements(_elements(_elements(table)[0])[1])[0]
        assert [_letters(cell.text()) for cell in _elements(cells)] == [_letters(plain(text)), "z"]


class TestFitted:
    """A reply in the room that a comment has."""

    def test_leaves_what_fits(self) -> None:
        """A text that fits has no note."""
        assert fitted("**fine**", 8, _NOTE) == "**fine**"

    def test_cuts_at_a_line_end(self) -> None:
        """What is cut ends with a whole line if one ends nearby, then says where it goes on."""
        text = fitted("one line of it\n" * 100, 200, _NOTE)
        assert text.endswith(f"of it\n\n{_NOTE}")
        assert len(text) <= 200

    def test_cuts_between_characters(self) -> None:
        """No character is torn apart."""
        assert fitted("😀" * 50, 50, "…") == "😀" * 11 + "\n\n…"

    def test_closes_a_fence(self) -> None:
        """The note stands outside of the code that was cut."""
        text = fitted("```\n" + "line\n" * 100, 120, _NOTE)
        assert text.endswith(f"```\n\n{_NOTE}")

    def test_counts_what_making_harmless_adds(self) -> None:
        """A text that fits as it is, yet not when made harmless, is cut."""
        text = fitted("@a " * 30, 100, _NOTE)
        assert len(text) <= 100
        assert text.startswith("`@a` `@a`")

    def test_passes_the_hosts_on(self) -> None:
        """The same hosts are trusted as in `harmless`."""
        image = "![x](https://a.b/i)"
        assert fitted(image, 99, _NOTE, trusted_image_hosts=frozenset({"a.b"})) == image
        assert fitted("https://a.b/i", 99, _NOTE, forge_host="a.b") == "`https://a.b/i`"

    @pytest.mark.parametrize(
        ("limit", "expected"), [(38, _NOTE), (40, _NOTE), (41, f"x\n\n{_NOTE}")]
    )
    def test_may_leave_nothing_but_the_note(self, limit: int, expected: str) -> None:
        """The note goes before the text."""
        assert fitted("x" * 99, limit, _NOTE) == expected

    def test_says_when_the_note_is_too_long(self) -> None:
        """A note over the limit is the caller's mistake."""
        with pytest.raises(ValueError, match="The note takes 38 bytes, more than the limit of 9"):
            fitted("x" * 99, 9, _NOTE)

    def test_needs_no_note(self) -> None:
        """An empty note adds nothing."""
        assert fitted("x" * 99, 12, "") == "x" * 10

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "line", ["Some *words* and @user at deadbeef1.\n\n", "- [x] `y`\n", "@a "]
    )
    def test_is_quick_with_megabytes(self, line: str) -> None:
        """5 MB are cut before they are parsed."""
        start = time.process_time()
        text = fitted(line * (5_000_000 // len(line)), 60_000, _NOTE)
        assert time.process_time() - start < 8
        assert 40_000 < len(text.encode()) <= 60_000

    @pytest.mark.parametrize(
        "markdown", ["![^@user](https://qa.tech/i.png)", "[^@user](https://qa.tech)"]
    )
    def test_a_caret_makes_no_footnote_of_an_image_or_a_link(self, markdown: str) -> None:
        """GitHub would not see the image then, and read its description as text."""
        text = harmless(markdown)
        assert _live(text) == {}
        assert bool(facts(text).images) is markdown.startswith("!")

    @given(_hostile, st.integers(min_value=40, max_value=200))
    def test_fits_and_is_harmless(self, text: str, limit: int) -> None:
        """Whatever the text and the limit, it fits, ends in the note if cut, and is dead."""
        cut = fitted(text, limit, _NOTE)
        assert len(cut.encode()) <= limit
        assert cut == harmless(text) or cut.endswith(_NOTE)
        assert _live(cut) == {}


class TestOrdinaryReplies:
    """What people get to read."""

    @pytest.mark.parametrize("path", _CORPUS, ids=lambda path: path.stem)
    def test_look_the_same(self, path: Path) -> None:
        """Headings, tables, lists, code, links and scripts of an ordinary reply are untouched."""
        reply = path.read_text(encoding="utf-8")
        assert _shape(page(harmless(reply))) == _shape(page(reply))
        assert _live(harmless(reply)) == {}

    def test_cover_what_replies_hold(self) -> None:
        """The corpus has every kind of element in it, so that the comparison means something."""
        tags = set().union(*(_tags(path.read_text(encoding="utf-8")) for path in _CORPUS))
        assert tags >= {
            *("h1", "h2", "h3", "p", "ul", "ol", "li", "pre", "code", "table", "td", "hr")
        }
        assert tags >= {*("a", "img", "em", "strong", "del", "br", "blockquote", "input")}


def _assert_embeds(markdown: str) -> None:
    around = f"<details><summary>x</summary>\n\n{markdown}\n\n</details>\n\n{_SENTINEL}"
    last = _elements(page(around))[-1]
    assert (last.tag, last.text()) == ("p", _SENTINEL)


class TestHostileText:
    """Any text at all."""

    @given(_hostile)
    @example("\n> a\n- b\n1. c\n| d |\n|---|\n```")
    def test_is_dead(self, text: str) -> None:
        """The judge finds nothing live, and nothing that swallows what follows."""
        markdown = harmless(text)
        assert _live(markdown) == {}
        _assert_embeds(markdown)

    @given(_hostile)
    def test_is_dead_on_another_forge(self, text: str) -> None:
        """The same holds for a forge with another name."""
        assert _live(harmless(text, forge_host="a.b"), "a.b") == {}

    @given(_hostile)
    def test_reads_the_same_when_made_harmless_twice(self, text: str) -> None:
        """Nothing is left to be done. Marks are overlooked: odd runs of them may pair anew."""
        once = harmless(text)
        twice = harmless(once)
        marks = str.maketrans("", "", "*_~")
        assert _letters(facts(twice).visible.translate(marks)) == _letters(
            facts(once).visible.translate(marks)
        )

    @given(st.text())
    def test_of_any_characters_is_dead(self, text: str) -> None:
        """The same for text that no grammar made."""
        markdown = harmless(text)
        assert invisible(markdown) == []
        assert _live(markdown) == {}
