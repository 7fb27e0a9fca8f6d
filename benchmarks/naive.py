"""A comment step as it is often written: list all comments, find one's own, create or update it."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.job import GITHUB_TOKEN
from qatech_ci.before.sandbox.serve import PULL_REQUEST, REPOSITORY

_MARKER = "<!-- naive -->"
_COMMENTS = f"/repos/{REPOSITORY}/issues/{PULL_REQUEST}/comments"
_ONE = f"/repos/{REPOSITORY}/issues/comments"
_NEXT = re.compile(r'<([^>]+)>; rel="next"')


def list_and_create(github: str) -> None:
    """List all comments in pages of 30, GitHub's default, and create one if ours is not there."""
    if not any(_is_ours(comment) for comment in _all(f"{github}{_COMMENTS}")):
        _send("POST", f"{github}{_COMMENTS}")


def list_and_update(github: str) -> None:
    """List all comments in pages of 100, GitHub's most, and update ours or create it."""
    ours = [it for it in _all(f"{github}{_COMMENTS}?per_page=100") if _is_ours(it)]
    if ours:
        _send("PATCH", f"{github}{_ONE}/{ours[0]['id']}")
    else:
        _send("POST", f"{github}{_COMMENTS}")


def _is_ours(comment: dict[str, Any]) -> bool:
    return str(comment["body"]).startswith(_MARKER)


def _all(url: str) -> Iterator[dict[str, Any]]:
    """Yield all comments, as the `Link` header leads from page to page."""
    while url:
        with urlopen(_request("GET", url)) as answer:  # noqa: S310 - the stand-in's address
            found = _NEXT.search(answer.headers.get("Link", ""))
            yield from json.load(answer)
        url = found[1] if found else ""


def _send(method: str, url: str) -> None:
    with urlopen(_request(method, url)) as answer:  # noqa: S310 - as above
        answer.read()


def _request(method: str, url: str) -> Request:
    body = None if method == "GET" else json.dumps({"body": f"{_MARKER}\nHello."}).encode()
    headers = {"Authorization": f"Bearer {GITHUB_TOKEN}"}
    return Request(url, body, headers, method=method)  # noqa: S310 - as above
