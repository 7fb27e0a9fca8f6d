"""What GitLab would make of Markdown: a judge that is independent of the code that it judges.

GitLab renders with a CommonMark parser and then runs filters over the texts of the HTML, most of
them outside of `pre`, `code` and `a`. This does the same with cmark-gfm and the patterns of those
filters, wide rather than narrow: where GitLab's versions differ, what acts in any of them acts
here, and no name has to exist. Paths are those of https://gitlab.com/gitlab-org/gitlab.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from github_markdown import Element, facts, page, rendered

# lib/gitlab/quick_actions/extractor.rb's `commands_regex`, with any name: a line of its own, of
# which nothing but a carriage return is dropped. That code and HTML are left out is not relied on.
_QUICK_ACTION = re.compile(r"^/[a-z][a-z0-9_-]*(?: [^\n]*)?\s*$", re.IGNORECASE | re.MULTILINE)

# app/models/{user,project,issue,work_item,merge_request,snippet,label,milestone,commit,
# commit_range}.rb, ee/app/models/{epic,iteration,vulnerability}.rb, lib/gitlab/regex.rb,
# app/models/integrations/jira.rb: each `reference_pattern`, without the paths in front.
_REFERENCES = re.compile(
    r"""
      (?<![a-zA-Z0-9_])@[a-zA-Z0-9_.][a-zA-Z0-9_.\-/]*
    | [a-zA-Z0-9_.][a-zA-Z0-9_.-]*/[a-zA-Z0-9_./-]+>
    | \#\d+ | !\d+ | \$\d+ | &\d+ | \^alert\#\d+
    | (?<![A-Za-z0-9])[Gg][Ll]-\d+
    | ~(?:[A-Za-z0-9_\-?.&]+|".+?")
    | %(?:[^"\s]+\b|"[^"]+")
    | \*iteration:(?:\d+|"[^"]+"|\w+)
    | \["?(?:issue|epic|work_item|vulnerability|feature_flag|contact|wiki_page|iteration):
        [^\]\s][^\]]*\]
    | (?<![A-Za-z0-9_])[A-Z][A-Z_0-9]+-\d+
    | \b[0-9a-fA-F]{7,40}\b | [0-9a-fA-F]{7,40}\.{2,3}[0-9a-fA-F]{7,40}
    """,
    re.VERBOSE,
)
# Names of standards, which look like a Jira issue's key: what the code leaves alone on purpose.
_STANDARD = re.compile(r"(?:CVE|CWE|ISO|RFC|SHA|UTF|WCAG)-\d+")

# lib/banzai/filter/inline_diff_filter.rb
_DIFF = re.compile(r"\[-.*?-\]|\{-.*?-\}|\[\+.*?\+\]|\{\+.*?\+\}")
# lib/banzai/filter/gollum_tags_filter.rb
_WIKI = re.compile(r"\[\[(.+?)\]\]")
# lib/banzai/filter/autolink_filter.rb
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://[^\s>]+")
# lib/banzai/filter/placeholders_post_filter.rb
_PLACEHOLDER = re.compile(r"%\{\w+\}")
# lib/banzai/filter/math_filter.rb: `$` before a space starts no math, a second one or code does.
_MATH = re.compile(r"\$(?!\s|$)|\$\$", re.MULTILINE)

# lib/banzai/filter/front_matter_filter.rb
_FRONT_MATTER = re.compile(r"\A(?:[^\n]*coding:[^\n]*)?\s*^(?:---|\+\+\+|;;;)", re.MULTILINE)
# lib/banzai/filter/{include,blockquote_fence}_filter.rb, and what the parser itself knows
# (lib/banzai/filter/markdown_engines/glfm_markdown.rb).
_PARSED = {
    "includes": re.compile(r"^::include\{file=.{1,1024}\}", re.MULTILINE),
    "fenced quotes": re.compile(r"^\s*>>>", re.MULTILINE),
    "definitions": re.compile(r"^\s*:\s", re.MULTILINE),
    "parsed wiki links": re.compile(r"\[\["),
}

# lib/banzai/filter/{math,mermaid,plantuml,suggestion,json_table}_filter.rb, and of
# lib/gitlab/kroki.rb what asciidoctor-kroki 0.10 has.
_DRAWN = frozenset(
    {
        *("math", "mermaid", "plantuml", "suggestion", "actdiag", "blockdiag", "bpmn", "bytefield"),
        *("c4plantuml", "d2", "dbml", "diagramsnet", "ditaa", "dot", "erd", "excalidraw"),
        *("graphviz", "nomnoml", "nwdiag", "packetdiag", "pikchr", "rackdiag", "seqdiag"),
        *("structurizr", "svgbob", "symbolator", "tikz", "umlet", "vega", "vegalite", "wavedrom"),
        *("wireviz", "geojson", "topojson", "stl", "metrics"),
    }
)
_CODE_OR_ESCAPE = re.compile(r"\\.|(`+)(?!`).*?[^`]\1(?!`)|`+|<https?://[^\s>]*>")


def acts(markdown: str, host: str = "gitlab.com") -> dict[str, list[str]]:
    """Return all that GitLab would act on in a note of this Markdown, by kind."""
    root = page(markdown)
    found = {
        **_in_raw_text(markdown),
        **_in_texts(root),
        **_in_tree(root, host),
        **_anywhere(markdown),
    }
    return {kind: acting for kind, acting in found.items() if acting}


def _anywhere(markdown: str) -> dict[str, list[str]]:
    """Return what is no matter of the forge: HTML, links elsewhere than to the web, images."""
    found = facts(markdown)
    return {
        "raw HTML": found.raw_html,
        "comments": found.comments,
        "invisible": found.invisible,
        "links": [link for link in found.links if not re.match(r"(?i)https?://[^/]", link)],
        "images": [src for src in found.images if not _is_ours(src)],
    }


def _is_ours(src: str) -> bool:
    return bool(re.match(r"(?i)https://(?:[\w-]+\.)*qa\.tech(?:[/?#]|$)", src))


def _in_raw_text(markdown: str) -> dict[str, list[str]]:
    """Return what GitLab's parser, or what comes before it, reads in the raw text.

    The parser reads nothing in HTML blocks, which are rendered as they stand.
    """
    is_html = rendered(markdown).strip("\n") == markdown.strip("\n")
    prose = "" if is_html else _without_code(markdown)
    return {
        "quick actions": [found[0] for found in _QUICK_ACTION.finditer(markdown)],
        "front matter": [found[0] for found in _FRONT_MATTER.finditer(markdown)],
        "parsed math": _MATH.findall(prose),
        **{kind: pattern.findall(prose) for kind, pattern in _PARSED.items()},
    }


def _without_code(markdown: str) -> str:
    """Return the lines without fenced blocks, code spans, autolinks and escaped characters."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        start = re.match(r"(?:[\s>]|[-+*] |\d+[.)] )*(`{3,})", line)
        if not fence and start:
            fence = start[1]
        elif fence:
            fence = "" if re.fullmatch(rf"[\s>]*{fence}", line) else fence
        else:
            lines.append(_CODE_OR_ESCAPE.sub("\ufffc", line))
    return "\n".join(lines)


def _in_texts(root: Element) -> dict[str, list[str]]:
    """Return what the filters find in texts, each by itself."""
    outside = [text for text, above in _texts(root) if not above & {"pre", "code"}]
    unlinked = [text for text, above in _texts(root) if not above & {"pre", "code", "a"}]
    return {
        "references": [found for text in unlinked for found in _references(text)],
        "inline diffs": _all(_DIFF, outside),
        "wiki links": _all(_WIKI, outside),
        "autolinks": _all(_SCHEME, unlinked),
        "placeholders": _all(_PLACEHOLDER, outside),
    }


def _references(text: str) -> list[str]:
    found = [match[0] for match in _REFERENCES.finditer(text)]
    return [reference for reference in found if not _STANDARD.fullmatch(reference)]


def _all(pattern: re.Pattern[str], texts: list[str]) -> list[str]:
    return [found[0] for text in texts for found in pattern.finditer(text)]


def _texts(element: Element, above: frozenset[str] = frozenset()) -> Iterator[tuple[str, set[str]]]:
    """Yield each text with the tags of the elements that it stands in."""
    for child in element.children:
        if isinstance(child, str):
            yield child, {*above, element.tag}
        else:
            yield from _texts(child, above | {element.tag})


def _in_tree(root: Element, host: str) -> dict[str, list[str]]:
    """Return what the filters find in elements and what is next to them."""
    elements = [root, *_below(root)]
    links = [element.attributes.get("href", "") for element in elements if element.tag == "a"]
    sources = [element.attributes.get("src", "") for element in elements if element.tag == "img"]
    return {
        "links to the instance": [link for link in links if _leads_to(link, host)],
        "links filled in": [url for url in links + sources if "%{" in unquote(unquote(url))],
        "drawn": [name for pre in elements for name in _language(pre) if name in _DRAWN],
        "contents": [found for element in elements for found in _contents(element)],
        "math": [found for element in elements for found in _math(element)],
    }


def _below(element: Element) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from _below(child)


def _leads_to(link: str, host: str) -> bool:
    name = (urlsplit(link).hostname or "").rstrip(".")
    return unquote(name).removeprefix("www.") == host.lower()


def _language(pre: Element) -> list[str]:
    """Return a block's language as lib/banzai/filter/code_language_filter.rb does."""
    return [pre.attributes.get("lang", "").partition(":")[0].lower()] if pre.tag == "pre" else []


def _contents(element: Element) -> list[str]:
    """Return a tag for a table of contents (lib/banzai/filter/table_of_contents_tag_filter.rb).

    The text that holds it may be in any element, `code` too, if that holds nothing else.
    """
    whole = element.text().casefold()
    if whole == "[toc]" and any("toc" in text.lower() for text in _own(element)):
        return [whole]
    marked = [child for child in element.children if isinstance(child, Element)]
    tocs = [text for em in marked if em.tag == "em" for text in _own(em) if text.lower() == "toc"]
    return tocs if whole == "[[toc]]" else []


def _own(element: Element) -> list[str]:
    return [child for child in element.children if isinstance(child, str)]


def _math(element: Element) -> list[str]:
    """Return code between two dollar signs (lib/banzai/filter/math_filter.rb)."""
    children = element.children
    return [
        child.text()
        for before, child, after in zip(children, children[1:], children[2:], strict=False)
        if isinstance(child, Element) and child.tag == "code"
        if isinstance(before, str) and before.endswith("$")
        if isinstance(after, str) and after.startswith("$")
    ]
