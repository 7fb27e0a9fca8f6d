"""Writes a tree back as Markdown, by mdformat's renderer with stricter rules for what it holds."""

import re
from collections.abc import Sequence
from types import MappingProxyType, SimpleNamespace

from markdown_it.token import Token
from mdformat.renderer import MDRenderer, RenderContext, RenderTreeNode

from qatech_ci.before.markdown.escaping import at_line_start, escaped_prose, fenced, ticked

_LANGUAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+#._-]{0,39}")
# CommonMark 5.2: a list item's number has at most nine digits.
_LAST_NUMBER = 999_999_999
_LINE_IN_ITEM = re.compile(r"\n(?=[^\n])")
_DELIMITERS = {"left": ":--", "center": ":-:", "right": "--:"}


def _text(node: RenderTreeNode, _context: RenderContext) -> str:
    return escaped_prose(node.content)


def _inside(node: RenderTreeNode, context: RenderContext) -> str:
    """Write what a node holds. An exclamation mark would make an image of a link after it."""
    written = [child.render(context) for child in node.children]
    for number, child in enumerate(node.children):
        if child.type == "link" and number and written[number - 1].endswith("!"):
            written[number - 1] = f"{written[number - 1][:-1]}\\!"
    return "".join(written)


def _paragraph(node: RenderTreeNode, context: RenderContext) -> str:
    """Write the lines. One that has gone blank would end the paragraph, so it gets an entity."""
    text = _inside(node, context)
    if not text.strip():
        return ""
    return "\n".join(at_line_start(line.strip(" ")) or "&#32;" for line in text.split("\n"))


def _heading(node: RenderTreeNode, context: RenderContext) -> str:
    """Write an ATX heading; a hash at its end would be taken for a closing one."""
    text = _inside(node, context).replace("\n", " ").strip()
    hashes = "#" * int(node.tag[1:])
    return f"{hashes} {text[:-1]}\\#" if text.endswith("#") else f"{hashes} {text}".rstrip()


def _hardbreak(node: RenderTreeNode, _context: RenderContext) -> str:
    return " " if _within(node, "heading") else "\\\n"


def _within(node: RenderTreeNode, *kinds: str) -> bool:
    parent = node.parent
    return parent is not None and (parent.type in kinds or _within(parent, *kinds))


def _marked(node: RenderTreeNode, context: RenderContext) -> str:
    """Write emphasis. Markers touch what they mark (CommonMark 6.2), so spaces go outside."""
    text = _inside(node, context)
    core = text.strip()
    if not core or (node.parent and node.parent.type == node.type == "s"):
        return text
    before, _, after = text.partition(core)
    return f"{before}{node.markup}{core}{node.markup}{after}"


def _link(node: RenderTreeNode, context: RenderContext) -> str:
    target = str(node.attrs["href"])
    if [child.content for child in node.children] == [target]:
        return f"<{target}>"
    return f"[{_no_footnote(_inside(node, context))}]({_destination(target)})"


def _image(node: RenderTreeNode, _context: RenderContext) -> str:
    shown = _no_footnote(escaped_prose(node.content))
    return f"![{shown}]({_destination(str(node.attrs['src']))})"


def _no_footnote(text: str) -> str:
    """Escape a caret that would make a footnote of a bracket before it, and so no image or link."""
    return f"\\{text}" if text.startswith("^") else text


def _destination(url: str) -> str:
    """Write a normalized URL without entities: only parentheses could be misread."""
    return f"<{url}>" if "(" in url or ")" in url else url


def _code_inline(node: RenderTreeNode, _context: RenderContext) -> str:
    if not _within(node, "th", "td"):
        return ticked(node.content)
    # Parsers disagree on whether the pipe of `\\|` ends the cell, so a space parts the two.
    return ticked(node.content.replace("\\|", "\\ |").replace("|", "\\|"))


def _code_block(node: RenderTreeNode, _context: RenderContext) -> str:
    language = _LANGUAGE.match(node.info.strip())
    return fenced(node.content, language[0] if language else "")


def _list(node: RenderTreeNode, context: RenderContext) -> str:
    """Write a list with its own marker: a list beside it has another one (CommonMark 5.3).

    mdformat's own would look at every item for each item to know whether the list is tight.
    """
    blocks = (block for item in node.children for block in item.children)
    tight = all(block.hidden for block in blocks if block.type == "paragraph")
    gap = "\n" if tight else "\n\n"
    items = zip(_markers(node), node.children, strict=True)
    return gap.join(_item(marker, item, gap, context) for marker, item in items)


def _markers(node: RenderTreeNode) -> list[str]:
    if node.type == "bullet_list":
        return [node.markup] * len(node.children)
    start = int(node.attrs.get("start", 1))
    return [f"{min(start + n, _LAST_NUMBER)}{node.markup}" for n in range(len(node.children))]


def _item(marker: str, item: RenderTreeNode, gap: str, context: RenderContext) -> str:
    blocks = [child.render(context) for child in item.children]
    indented = _LINE_IN_ITEM.sub("\n" + " " * (len(marker) + 1), gap.join(filter(None, blocks)))
    return f"{marker} {indented}".rstrip(" ")


def _table(node: RenderTreeNode, context: RenderContext) -> str:
    rows = [row for section in node.children for row in section.children]
    head, *body = ([_inside(cell, context) for cell in row.children] for row in rows)
    delimiters = [_delimiter(cell) for cell in rows[0].children]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, delimiters, *body))


def _delimiter(cell: RenderTreeNode) -> str:
    side = str(cell.attrs.get("style", "")).removeprefix("text-align:")
    return _DELIMITERS.get(side, "---")


_RENDERERS = {
    "text": _text,
    "inline": _inside,
    "paragraph": _paragraph,
    "heading": _heading,
    "hardbreak": _hardbreak,
    "em": _marked,
    "strong": _marked,
    "s": _marked,
    "link": _link,
    "image": _image,
    "code_inline": _code_inline,
    "code_block": _code_block,
    "fence": _code_block,
    "bullet_list": _list,
    "ordered_list": _list,
    "table": _table,
}
_OPTIONS = MappingProxyType({"parser_extension": [SimpleNamespace(RENDERERS=_RENDERERS)]})


def written(tokens: Sequence[Token]) -> str:
    """Return the block tokens as Markdown, without a newline at its end."""
    return MDRenderer().render(tokens, _OPTIONS, {}).removesuffix("\n")
