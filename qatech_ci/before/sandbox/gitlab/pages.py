"""Pagination by offset: https://docs.gitlab.com/api/rest/#offset-based-pagination."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

from qatech_ci.before.sandbox.gitlab.endpoints import Asked
from qatech_ci.before.sandbox.gitlab.params import number
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter
from qatech_ci.before.sandbox.web import Response

Item = TypeVar("Item")
_DEFAULT_SIZE = 20


def paged(asked: Asked, items: Sequence[Item], shown: Callable[[Item], Any]) -> Response:
    """Return the part of `items` that was asked for, each as `shown` shows it.

    What is shown as None is left out after the pages have been cut, so that a page may be short
    without being the last. Source: GitLab's `lib/api/notes.rb`
    """
    size, current = _size(asked), max(number(asked, "page", 1), 1)
    chosen = items[(current - 1) * size : current * size]
    headers = _headers(asked, len(items), size, current)
    documents = [shown(item) for item in chosen]
    return Response(HTTPStatus.OK, [it for it in documents if it is not None], headers)


def _size(asked: Asked) -> int:
    size = number(asked, "per_page", _DEFAULT_SIZE)
    if size == 0:
        raise bad_parameter("per_page has a value not allowed")
    # What is no size counts as the default, and the largest page is given out without a word.
    return min(size if size > 0 else _DEFAULT_SIZE, asked.paging.limit)


def _headers(asked: Asked, total: int, size: int, current: int) -> dict[str, str]:
    last = max(-(-total // size), 1)
    told = {
        "X-Per-Page": str(size),
        "X-Page": str(current),
        "X-Next-Page": str(current + 1) if current < last else "",
        "X-Prev-Page": str(current - 1) if current > 1 else "",
    }
    counts = {"X-Total": str(total), "X-Total-Pages": str(last)}
    # https://docs.gitlab.com/api/rest/#pagination-response-headers: too long a list is not counted.
    counted = total <= asked.paging.count_limit
    return {**told, "Link": _links(asked, told, last if counted else 0)} | (
        counts if counted else {}
    )


def _links(asked: Asked, told: dict[str, str], last: int) -> str:
    pages = {
        "prev": told["X-Prev-Page"],
        "next": told["X-Next-Page"],
        "first": "1",
        "last": str(last or ""),
    }
    size = told["X-Per-Page"]
    return ", ".join(
        f'<{_url(asked, page, size)}>; rel="{rel}"' for rel, page in pages.items() if page
    )


def _url(asked: Asked, page: str, size: str) -> str:
    query = {**asked.request.query, "page": page, "per_page": size}
    return f"{asked.request.base_url}{asked.request.path}?{urlencode(sorted(query.items()))}"
