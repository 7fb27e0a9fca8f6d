"""Pagination: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api."""

import re
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from qatech_ci.before.sandbox.github.endpoints import Asked
from qatech_ci.before.sandbox.github.state import number_of

Item = TypeVar("Item")
_DEFAULT_SIZE = 30
_BEFORE = re.compile("^/(?:repos/[^/]+/[^/]+|repositories/[0-9]+)/")


def page(asked: Asked, items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, str]]:
    """Return the part of `items` that was asked for, and the `Link` header if there are others."""
    size = min(_number(asked, "per_page", _DEFAULT_SIZE), asked.page_limit)
    current, last = _number(asked, "page", 1), -(-len(items) // size)
    links = ", ".join(
        f'<{_url(asked, number)}>; rel="{name}"'
        for name, number in _neighbours(current, last).items()
    )
    return items[(current - 1) * size : current * size], {"Link": links} if links else {}


def _number(asked: Asked, name: str, default: int) -> int:
    # GitHub does not refuse nonsense here, it takes the default.
    text = asked.request.query.get(name, "")
    return (int(text) if re.fullmatch("[0-9]{1,9}", text) else 0) or default


def _neighbours(current: int, last: int) -> dict[str, int]:
    back = {"prev": current - 1} if current > 1 else {}
    forth = {"next": current + 1, "last": last} if current < last else {}
    return back | forth | ({"first": 1} if current > 1 else {})


def _url(asked: Asked, number: int) -> str:
    # In these links GitHub names the repository by its id.
    path = _BEFORE.sub("", asked.request.path)
    query = urlencode({**asked.request.query, "page": str(number)})
    return f"{asked.links.api}/repositories/{number_of(asked.repository)}/{path}?{query}"
