"""What a pull request or a range of commits changes, as a diff of bounded size."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from qatech_ci.model import CommitRange, PullRequest, RawChanges, Target

from .documents import listed, mapping, naming
from .rest import Rest

LARGEST_DIFF = 200_000
"""Characters. A reviewer reads no more of it with profit, and no request grows without bound."""
_PAGE = 100
_COMPARED = 300
_PAGES = 30
"""GitHub lists at most 3,000 files of a pull request.

https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
"""


def changes_of(rest: Rest, target: Target) -> RawChanges:
    """Return title, description and diff; raises `ForgeError`.

    The diff is put together file by file. GitHub refuses a whole diff that is large, and has no
    patch for a file that is binary or too large: such files are counted as left out.
    """
    if isinstance(target, PullRequest):
        with naming("pull-requests: read"):
            return _of_pull_request(rest, target)
    with naming("contents: read"):
        files = _compared(rest, target)
    # https://docs.github.com/en/rest/commits/commits#compare-two-commits: no word on how many more.
    unlisted = "GitHub lists at most 300 files here." if len(files) >= _COMPARED else ""
    return _fitted(target.title, files, unlisted)


def _of_pull_request(rest: Rest, target: PullRequest) -> RawChanges:
    document = mapping(rest.read(f"/repos/{target.repository}/pulls/{target.number}")[1])
    files = list(_files(rest, target))
    more = int(document.get("changed_files") or 0) - len(files)
    unlisted = f"GitHub does not list {more} more." if more > 0 else ""
    description = f"{document.get('title') or ''}\n\n{document.get('body') or ''}".strip()
    return _fitted(description, files, unlisted)


def _files(rest: Rest, target: PullRequest) -> Iterator[dict[str, Any]]:
    path = f"/repos/{target.repository}/pulls/{target.number}/files"
    for page in range(1, _PAGES + 1):
        _, documents = rest.read(path, {"per_page": _PAGE, "page": page})
        yield from listed(documents)
        if len(documents) < _PAGE:
            return


def _compared(rest: Rest, target: CommitRange) -> list[dict[str, Any]]:
    base = quote(target.base, safe="")
    path = f"/repos/{target.repository}/compare/{base}...{target.head_sha}"
    _, document = rest.read(path)
    return listed(document, "files")


def _fitted(description: str, files: list[dict[str, Any]], unlisted: str) -> RawChanges:
    parts: list[str] = []
    size = 0
    for file in files:
        part = _part(file)
        if part and size + len(part) <= LARGEST_DIFF:
            parts.append(part)
            size += len(part)
    left_out = len(files) - len(parts)
    cut = f"{_cut(left_out, len(files)) if left_out else ''} {unlisted}".strip()
    return RawChanges(f"{description}\n\n{cut}".strip() or "No description.", "".join(parts), cut)


def _cut(left_out: int, all_files: int) -> str:
    return (
        f"{left_out} of {all_files} changed files are not in the diff: "
        f"binary, too large, or beyond {LARGEST_DIFF:,} characters in all."
    )


def _part(file: dict[str, Any]) -> str:
    """Return one file's part of a diff as git writes it, or nothing where GitHub has no patch."""
    patch, name = file.get("patch"), file.get("filename")
    if not isinstance(patch, str) or not isinstance(name, str):
        return ""
    before = str(file.get("previous_filename") or name)
    old = "/dev/null" if file.get("status") == "added" else f"a/{before}"
    new = "/dev/null" if file.get("status") == "removed" else f"b/{name}"
    return f"diff --git a/{before} b/{name}\n--- {old}\n+++ {new}\n{patch}\n"
