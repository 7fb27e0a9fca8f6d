"""Markdown as a page that looks like GitHub: its renderer, its stylesheet, its alerts."""

import re
from hashlib import sha256
from html import escape

import cmarkgfm
from cmarkgfm.cmark import Options

WIDTH = 860
"""Pixels, about the width of a comment on a wide screen."""
THEMES = ("light", "dark")
_ALERT = re.compile(
    r"<blockquote>\n<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\n(.*?)</blockquote>", re.DOTALL
)
# Primer's octicons `report` and `alert`, 16 px: https://primer.style/octicons (MIT).
_ICONS = {
    "IMPORTANT": "M0 1.75C0 .784.784 0 1.75 0h12.5C15.216 0 16 .784 16 1.75v9.5A1.75 1.75 0 0 1 "
    "14.25 13H8.06l-2.573 2.573A1.458 1.458 0 0 1 3 14.543V13H1.75A1.75 1.75 0 0 1 0 11.25Zm1.75"
    "-.25a.25.25 0 0 0-.25.25v9.5c0 .138.112.25.25.25h2a.75.75 0 0 1 .75.75v2.19l2.72-2.72a.749."
    "749 0 0 1 .53-.22h6.5a.25.25 0 0 0 .25-.25v-9.5a.25.25 0 0 0-.25-.25Zm7 2.25v2.5a.75.75 0 0"
    " 1-1.5 0v-2.5a.75.75 0 0 1 1.5 0ZM9 9a1 1 0 1 1-2 0 1 1 0 0 1 2 0Z",
    "WARNING": "M6.457 1.047c.659-1.234 2.427-1.234 3.086 0l6.082 11.378A1.75 1.75 0 0 1 14.082 "
    "15H1.918a1.75 1.75 0 0 1-1.543-2.575Zm1.763.707a.25.25 0 0 0-.44 0L1.698 13.132a.25.25 0 0 "
    "0 .22.368h12.164a.25.25 0 0 0 .22-.368Zm.53 3.996v2.5a.75.75 0 0 1-1.5 0v-2.5a.75.75 0 0 1 "
    "1.5 0ZM9 11a1 1 0 1 1-2 0 1 1 0 0 1 2 0Z",
}
_FRAME = """\
body { margin: 0; padding: 12px; }
.box { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.top { padding: 8px 16px; border-bottom: 1px solid var(--line); background: var(--head);
  font: 14px/21px "Noto Sans", sans-serif; color: var(--quiet); }
.top b { color: var(--ink); }
.markdown-body { padding: 16px; font-size: 14px; }
"""
_COLOURS = {
    "light": "--line: #d1d9e0; --head: #f6f8fa; --quiet: #59636e; --ink: #1f2328;"
    " background: #ffffff;",
    "dark": "--line: #3d444d; --head: #151b23; --quiet: #9198a1; --ink: #f0f6fc;"
    " background: #0d1117;",
}
_HEADS = {
    "comment": "<b>github-actions</b> bot commented",
    "summary": "<b>review</b> summary",
}
_MEASURE = (
    "<script>document.documentElement.dataset.height ="
    " document.querySelector('.box').offsetHeight + 24</script>"
)


def body(markdown: str) -> str:
    """Return Markdown as the HTML that GitHub makes of it, alerts included."""
    # Raw HTML is what GitHub keeps of ours, such as the details element.
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    return _ALERT.sub(_alert, html)


def _alert(found: re.Match[str]) -> str:
    kind = found[1]
    icon = (
        f"<svg class='octicon' viewBox='0 0 16 16' width='16' height='16' \
style='margin-right:8px'><path d='{_ICONS[kind]}'/></svg>"
        if kind in _ICONS
        else ""
    )
    title = f"<p class='markdown-alert-title'>{icon}{kind.capitalize()}</p>"
    return f"<div class='markdown-alert markdown-alert-{kind.lower()}'>{title}<p>{found[2]}</div>"


def page(name: str, markdown: str, theme: str, stylesheet: str) -> str:
    """Return a page for the picture `name`, `comment-…` or `summary-…`, which tells its height."""
    head = _HEADS[name.partition("-")[0]]
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(name)}</title>"
        f"<style>{stylesheet}</style><style>{_FRAME}:root {{ {_COLOURS[theme]} }}</style>"
        f"<div class='box'><div class='top'>{head}</div>"
        f"<article class='markdown-body'>{body(markdown)}</article></div>{_MEASURE}</html>\n"
    )


def digest(name: str, markdown: str, version: str) -> str:
    """Return what tells whether a picture is current; `version` is the stylesheet's."""
    pages = [page(name, markdown, theme, version) for theme in THEMES]
    return sha256(f"{WIDTH}{pages}".encode()).hexdigest()
