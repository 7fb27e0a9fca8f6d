"""A stranger's text is made harmless on GitLab. The judge holds what GitLab reads into a note."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from github_markdown import facts, page
from gitlab_markdown import acts
from qatech_ci.before.markdown.api import fitted, harmless, harmless_line
from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.markdown.gitlab import GITLAB
from test_markdown import _CORPUS, _NOTE, _assert_embeds, _elements, _hostile, _letters, _shape

_HOST = "git.example"

# Pieces that act on GitLab, or that make others act when they meet.
_PIECES = [
    *("/merge", "\n/close\n", "\n/assign @x\n", "/shrug", "\n /approve", "\r/label ~x\r", "```\n"),
    *(
        "!1",
        "$1",
        "&1",
        "%1",
        "~1",
        "!",
        "$",
        "&",
        "%",
        "~",
        "^",
        "alert#1",
        "1",
        "g/p",
        ">",
        "GL-",
    ),
    *('%"', '~"', '"', "two words", "%v1.0", "~a::b", "50%", "~bug", "%{", "project_name", "}"),
    *(
        "[epic:1]",
        "[issue:",
        "[contact:a@b.c]",
        "[vulnerability:1]",
        "[wiki_page:x y]",
        "[issue:1|2]",
        "[",
        "]",
    ),
    *("*iteration:", "*iteration:1", '*iteration:"a b"', "JIRA-1", "AB", "-12", "UTF-8", "X_1-2"),
    *("feedbacc", "defaced", "0123456", "...", "..", "x1234567y", "a1b2c3d", "gl-1", "#1+s", "#1"),
    *("{+", "+}", "{-", "-}", "[+", "+]", "[-", "-]", "$`", "`$", "$$", "$$\n", "```math\n", "x$y"),
    *("```mermaid\n", "~~~plantuml\n", "```json:table\n", "```suggestion:-0+0\n", "```d2 x\n"),
    *(
        "[TOC]",
        "[[_TOC_]]",
        "toc",
        "`[TOC]`",
        "`[`",
        "_TOC_",
        "TOC",
        "*",
        "_",
        "`",
        "[[",
        "]]",
        "|",
    ),
    *(
        "[[a|b]]",
        "[[x](https://a.b)",
        "[[x]](https://a.b)",
        "![$",
        "](https://qa.tech/i.png)",
        "](https://a.b/%{commit_sha})",
        "<",
    ),
    *(";;;\n", "---\n", "+++\n", "::include{file=x}", ">>>\n", "\n: x", "coding: x\n", " ", "\n"),
    *("smb://a/b", "https://git.example/g/p/-/issues/1", "](https://git.example/g)", "://", "a"),
    *("https://GIT.example./x", "http://git.example:80/x", "<https://git.example/g>", "x://", "//"),
    *("@all", "@a/b", "@", "a.b", "é", "日", "&#37;", "&#36;", "&amp;", "\\", "&#91;", "&#8203;"),
]
_living = st.lists(st.sampled_from(_PIECES) | _hostile, max_size=12).map("".join)


def _gitlab(text: str) -> str:
    return harmless(text, forge_host=_HOST, flavour=GITLAB)


class TestJudge:
    """A judge that finds nothing anywhere would pass everything."""

    @pytest.mark.parametrize(
        ("markdown", "kind"),
        [
            ("fine\n/merge", "quick actions"),
            ("/assign @x\r", "quick actions"),
            ("````\n/close \n````", "quick actions"),
            ("hi @all", "references"),
            ("see g/p!12", "references"),
            ("$1", "references"),
            ("&1", "references"),
            ("%1", "references"),
            ("on 50%-x", "references"),
            ('%"two\nwords"', "references"),
            ("~bug", "references"),
            ('~"two words"', "references"),
            ("g/p>", "references"),
            ("gl-1", "references"),
            ("[vulnerability:1]", "references"),
            ("[work_item:1]", "references"),
            ("\\*iteration:1", "references"),
            ("^alert#1", "references"),
            ("JIRA-12", "references"),
            ("defaced1...defaced2", "references"),
            ("defaced", "references"),
            ("a {+b+}", "inline diffs"),
            ("a [-b-]", "inline diffs"),
            ("$`x`$", "math"),
            ("$x$", "parsed math"),
            ("$*x*$", "parsed math"),
            ("```math\nx\n```", "drawn"),
            ("> ~~~ mermaid\n> x", "drawn"),
            ("```suggestion:-0+1\nx\n```", "drawn"),
            ("[TOC]", "contents"),
            ("x `[toc]`", "contents"),
            ("[[_TOC_]]", "contents"),
            ("\\[[x]]", "wiki links"),
            ("[[x](https://a.b)", "parsed wiki links"),
            ("smb\\://a.b", "autolinks"),
            ("%{project_name}", "placeholders"),
            ("[x](https://a.b/%25{commit_sha})", "links filled in"),
            ("[x](https://www.GIT.example:8080/g)", "links to the instance"),
            ("\n;;;\nx\n;;;", "front matter"),
            ("---\nx\n---", "front matter"),
            ("::include{file=x}", "includes"),
            (">>>\nx\n>>>", "fenced quotes"),
            ("x\n\n: y", "definitions"),
            ("![x](https://evil.example/i)", "images"),
            ("<b>", "raw HTML"),
            ("<!-- x -->", "comments"),
            ("[x](ftp://a.b)", "links"),
            ("a\u200bb", "invisible"),
        ],
    )
    def test_sees_what_acts(self, markdown: str, kind: str) -> None:
        """The judge finds each threat in Markdown that nobody has touched."""
        assert kind in acts(markdown, _HOST)

    @pytest.mark.parametrize(
        "markdown",
        [
            "`@all` `!1` `~x` `%1` `$1` `JIRA-1` `[[x]]` `{+a+}` `deadbeef`",
            "```\n /merge\n@all #1 [[x]] $x$ {+a+}\n```",
            "    @all !1",
            "<https://a.b/@all/!1?x=$1>",
            "[see @all](https://a.b)",
            "/usr/bin/env, and/or, \\/merge",
            "50% of it, 100%. Q&A! C# at 5 $ a piece, ~ and UTF-8, feedback",
            "- [ ] a\n- [x] b",
            "> [!NOTE]\n> x",
            "```json\n{}\n```",
        ],
    )
    def test_lets_pass_what_is_dead(self, markdown: str) -> None:
        """The judge does not object to what GitLab leaves alone."""
        assert acts(markdown, _HOST) == {}


class TestThreats:
    """One by one, what a reply could set off on GitLab, and what becomes of it."""

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("/merge", r"\/merge"),
            ("> x\n\n/assign me", "> x\n\n\\/assign me"),
            ("x\r/close", "x\n\\/close"),
            ("````\n/close\n````", "```\n /close\n```"),
            ("- a\n\n  /shrug", "- a\n\n  \\/shrug"),
        ],
    )
    def test_no_line_is_a_quick_action(self, markdown: str, expected: str) -> None:
        """GitLab takes them from the raw text, so they are broken up there, in code too."""
        assert _gitlab(markdown) == expected

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("Hi @all, ask @g/sub.", "Hi `@all`, ask `@g/sub`."),
            ("See g/p!12, #1+s and &2.", "See `g/p!12`, `#1+s` and `&2`."),
            ("It is %1 in %v1.0!", "It is `%1` in `%v1.0`!"),
            ('%"two words" x', '`%"two words"` x'),
            ('%"two\nwords"', '`%`"two\nwords"'),
            ('"up 50%" he said', '"up `50%`" he said'),
            ("50% (60%), 70%.", "50% (60%), 70%."),
            ("60%,70%", "`60%`,70%"),
            ('~bug ~a::b ~"two words"', '`~bug` `~a::b` `~"two words"`'),
            ("~ 5", r"\~ 5"),
            ("costs $5", "costs `$5`"),
            ("[vulnerability:1] [epic:g&1]", "`[vulnerability:1]` `[epic:g&1]`"),
            ('["contact:x"]', '`["contact:x"]`'),
            ("[wiki_page:a|b]", r"`[wiki_page:a`\|b\]"),
            ("[note: that]", "[note: that]"),
            ('\\*iteration:"a b"', '`*iteration:"a b"`'),
            ("*iteration:[epic:1]*iteration:1", "`*iteration:[epic:1]*iteration:1`"),
            ("*iteration:[x](https://a.b)*", "*`iteration`:[x](https://a.b)*"),
            ("~~x~~~~y~~", "xy"),
            ("~~gone~~", "~~gone~~"),
            ("x~~gone~~", "xgone"),
            ("~~gone~~x", "gonex"),
            ("`x`~~gone~~`y`", "`x`~~gone~~`y`"),
            (
                "[[![i](https://a.example/i.png)]](https://b.example/)",
                "[image: i] <https://b.example/>",
            ),
            ("~~x #1~~y ~~z~~", "x `#1y` z"),
            ("~~x #1~~, y", "~~x `#1`~~, y"),
            ("^alert#1", "`^alert#1`"),
            ("g/p> x", "`g/p`> x"),
            ("gl-1 closes JIRA-12: yes", "`gl-1` closes `JIRA-12`: yes"),
            ("UTF-8, SHA-256, CVE-2024-1", "UTF-8, SHA-256, CVE-2024-1"),
            ("abcdef1...abcdef2", "`abcdef1...abcdef2`"),
            ("defaced by feedback", "`defaced` by feedback"),
        ],
    )
    def test_references_become_code(self, markdown: str, expected: str) -> None:
        """Nothing refers to a person, an issue, a label or a commit, on GitLab or in Jira."""
        assert _gitlab(markdown) == expected

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("a {+b c+} [-d-]", "a `{+b c+}` `[-d-]`"),
            ("in [-5, 5]", r"in `[-5`, 5\]"),
            ("$`x`$", "`$x$`"),
            ("$x$ $ y", "`$x$` $ y"),
            ("$*x*$", "`$`*x*`$`"),
            ("${HOME}", "`${HOME}`"),
            ("%{project_name}", "`%{project_name}`"),
            ("[TOC]", r"\[`TOC`\]"),
            ("`[TOC]`", "`[TOC] `"),
            ("[[_TOC_]]", r"`[[`*`TOC`*\]\]"),
            ("[[a|b]] [[c d]]", r"`[[a`\|b\]\] `[[c d]]`"),
            (";;;\nx", "`;;;`\nx"),
            ("::include{file=x}", r"\::include{file=x}"),
        ],
    )
    def test_extras_become_text(self, markdown: str, expected: str) -> None:
        """What GitLab would show otherwise is shown as it was written."""
        assert _gitlab(markdown).replace("_`TOC`_", "*`TOC`*") == expected

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("```mermaid\nx\n```", "```\nx\n```"),
            ("~~~ Math x\nx\n~~~", "```\nx\n```"),
            ("```suggestion:-0+0\nx\n```", "```\nx\n```"),
            ("```json:table\n{}\n```", "```json\n{}\n```"),
            ("```C++ {a}\nx\n```", "```C++\nx\n```"),
            ("```d2\nx\n```", "```\nx\n```"),
        ],
    )
    def test_fences_are_not_drawn(self, markdown: str, expected: str) -> None:
        """Only languages that are coloured keep their name."""
        assert _gitlab(markdown) == expected

    @pytest.mark.parametrize(
        ("markdown", "expected"),
        [
            ("https://git.example/g/p/-/issues/1.", "`https://git.example/g/p/-/issues/1`."),
            ("[it](https://www.Git.example:80/g)", "it (`https://www.Git.example:80/g`)"),
            ("https://github.com/o", "<https://github.com/o>"),
            ("smb://a.b/c", "`smb://a.b/c`"),
            ("https\\://\\<", "`https://`\\<"),
            ("[x](https://a.b/%{commit_sha})", "x (`https://a.b/%25%7Bcommit_sha%7D`)"),
            ("https://a.b/$c", "`https://a.b/$c`"),
            ("[[1]](https://a.b)", "[1] <https://a.b>"),
            ("[a](https://a.b)", "[a](https://a.b)"),
        ],
    )
    def test_links_leave_the_instance(self, markdown: str, expected: str) -> None:
        """A link to the instance would leave a reference there, so it goes and its text stays."""
        assert _gitlab(markdown) == expected

    def test_the_instance_is_gitlab_com_unless_named(self) -> None:
        """The flavour brings the host that it is known for."""
        link = "https://gitlab.com/g"
        assert harmless(link, flavour=GITLAB) == f"`{link}`"
        assert harmless(link) == f"<{link}>"
        assert fitted(link, 99, _NOTE, flavour=GITLAB) == f"`{link}`"

    @pytest.mark.parametrize("description", ["costs $5", "[x]", "%{commit_sha}"])
    def test_images_hold_no_syntax(self, description: str) -> None:
        """There is no code in a description, so an image whose own would act becomes a link."""
        text = _gitlab(f"![{description}](https://qa.tech/c.png)")
        assert text.startswith("[image: ")
        assert acts(text, _HOST) == {}

    @pytest.mark.parametrize("image", ["c.png", "c.mp4"])
    def test_images_follow_the_same_rule(self, image: str) -> None:
        """From QA.tech they stay, films too; from elsewhere they become links."""
        assert _gitlab(f"![x](https://qa.tech/{image})") == f"![x](https://qa.tech/{image})"
        assert _gitlab(f"![x](https://a.b/{image})") == f"[image: x](https://a.b/{image})"


class TestOrdinaryReplies:
    """What people get to read."""

    @pytest.mark.parametrize("path", _CORPUS, ids=lambda path: path.stem)
    def test_look_the_same(self, path: Path) -> None:
        """Headings, tables, lists, code, links and scripts of an ordinary reply are untouched."""
        reply = path.read_text(encoding="utf-8")
        assert _shape(page(_gitlab(reply))) == _shape(page(reply))
        assert acts(_gitlab(reply), _HOST) == {}


class TestHostileText:
    """Any text at all."""

    @given(_living)
    @example("[`TOC]`")
    @example("`[`TOC`]`")
    @example("$&#32;\nx$")
    @example("x\\\n/merge")
    def test_is_dead(self, text: str) -> None:
        """The judge finds nothing that acts, and nothing that swallows what follows."""
        markdown = _gitlab(text)
        assert acts(markdown, _HOST) == {}
        _assert_embeds(markdown)

    @given(_living)
    def test_line_is_dead_and_reads_the_same(self, text: str) -> None:
        """Anywhere in a line, nothing acts, and the very text is read."""
        line = harmless_line(text, flavour=GITLAB)
        for around in ("{}", "x {} y", "- {}; z"):
            markdown = around.replace("{}", line)
            assert acts(markdown, _HOST) == {}
            shown = re.sub(r"^- ", "", around).replace("{}", plain(text))
            assert _letters(facts(markdown).visible) == _letters(shown)

    @given(_living, st.integers(min_value=40, max_value=200))
    def test_fits_and_is_dead(self, text: str, limit: int) -> None:
        """Whatever the text and the limit, it fits, and nothing in it acts."""
        cut = fitted(text, limit, _NOTE, forge_host=_HOST, flavour=GITLAB)
        assert len(cut.encode()) <= limit
        assert cut == _gitlab(text) or cut.endswith(_NOTE)
        assert acts(cut, _HOST) == {}

    @given(_living)
    def test_reads_as_on_github(self, text: str) -> None:
        """What is read is what is read on GitHub, but for where a link leads that has become text.

        Marks are overlooked: odd runs of them may pair otherwise.
        """
        marks = str.maketrans("", "", "*_~")
        text = re.sub("[/.\ufe0e\ufe0f]", "", text)
        on_github = _letters(facts(harmless(text)).visible.translate(marks))
        assert _letters(facts(_gitlab(text)).visible.translate(marks)) == on_github

    @given(_living)
    def test_fits_a_cell(self, text: str) -> None:
        """In a table a line neither ends its cell nor its row."""
        line = harmless_line(text, flavour=GITLAB)
        rows = _elements(_elements(page(f"| a | b |\n| --- | --- |\n| {line} | z |"))[0])[1]
        cells = _elements(_elements(rows)[0])
        assert [_letters(cell.text()) for cell in cells] == [_letters(plain(text)), "z"]

    @given(st.text())
    def test_of_any_characters_is_dead(self, text: str) -> None:
        """The same for text that no grammar made."""
        assert acts(_gitlab(text), _HOST) == {}

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "text",
        [
            *(
                "[" * 20_000,
                "[-" * 10_000,
                "{+" * 10_000,
                "%" * 20_000,
                '%"' * 10_000,
                '~"a' * 7_000,
            ),
            *(
                "[a:b" * 5_000,
                "a://" * 5_000,
                "$" * 20_000,
                "%{" * 10_000,
                "a" * 20_000,
                "/" * 20_000,
            ),
            *("A-" * 10_000, "%;" * 10_000, "*iteration:" * 2_000, "a.b/" * 5_000, "[[a" * 7_000),
            *("A_" * 10_000, "~" * 20_000, "toc" * 7_000, "0a" * 10_000, "gl-" * 7_000),
        ],
        ids=lambda text: text[:8],
    )
    def test_no_text_takes_long(self, text: str) -> None:
        """What is made to be slow is not: 20 kB would take minutes if any of it were quadratic."""
        start = time.process_time()
        _gitlab(text)
        assert time.process_time() - start < 8


@pytest.mark.parametrize("dots", ["..", "..."])
def test_a_range_of_commits_is_code_within_a_word_too(dots: str) -> None:
    """GitLab's pattern for it has no boundary, so a run longer than a SHA holds one."""
    text = f"{'a' * 60}{dots}{'b' * 60}"
    assert acts(harmless_line(text, flavour=GITLAB), _HOST) == {}
    assert acts(harmless(text, forge_host=_HOST, flavour=GITLAB), _HOST) == {}


def test_a_bracket_before_a_bracket_would_open_a_wiki_link() -> None:
    """Space between the two does not matter."""
    assert GITLAB.opens_wikilink("  [x]")
    assert not GITLAB.opens_wikilink("x [y]  ")
