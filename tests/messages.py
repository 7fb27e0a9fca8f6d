"""Every text that the package can say, with `…` for what differs from run to run."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus

from containers import ROOT
from qatech_ci.before.errors import refusal

_STATUSES = (400, 401, 403, 404, 429, 500)
"""The answers that QA.tech documents, and the one that any service behind a proxy may give."""


@cache
def messages() -> tuple[str, ...]:
    """Return the texts of the package but for docstrings and the stand-ins."""
    paths = [it for it in (ROOT / "qatech_ci" / "before").rglob("*.py") if "sandbox" not in it.parts]
    said = [text for path in paths for text in texts(path.read_text(encoding="utf-8"))]
    return (*said, *(str(refusal(HTTPStatus(status), "…", "…")) for status in _STATUSES))


def texts(module: str) -> Iterator[str]:
    """Yield the texts in a module; of an f-string, all but the module's own words is `…`."""
    tree = ast.parse(module)
    words = dict(_words(tree))
    passed_over = {id(it.value) for it in ast.walk(tree) if isinstance(it, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed_over |= {id(part) for part in node.values}
            yield "".join(_part(part, words) for part in node.values)
        elif id(node) not in passed_over and (text := _text(node)):
            yield text


def _words(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, _text(node.value)


def _part(node: ast.expr, words: Mapping[str, str]) -> str:
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return words.get(node.value.id) or "…"
    return _text(node) or "…"


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
