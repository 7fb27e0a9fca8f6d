"""What a pull request or a range of commits changes, as a diff of bounded size."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from qatech_ci.before.diffs import LARGEST_DIFF, ChangedFile, fitted
from qatech_ci.before.model import CommitRange, PullRequest, RawChanges, Target

from .documents import listed, mapping, naming
from .rest import Rest

__all__ = ["LARGEST_DIFF", "changes_of"]
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
    return fitted(target.title, [_changed(file) for file in files], unlisted)


def _of_pull_request(rest: Rest, target: PullRequest) -> RawChanges:
    document = mapping(rest.read(f"/repos/{target.repository}/pulls/{target.number}")[1])
    files = list(_files(rest, target))
    more = int(document.get("changed_files") or 0) - len(files)
    unlisted = f"GitHub does not list {more} more." if more > 0 else ""
    description = f"{document.get('title') or ''}\n\n{document.get('body') or ''}".strip()
    return fitted(description, [_changed(file) for file in files], unlisted)


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


def _changed(file: dict[str, Any]) -> ChangedFile:
    name, status = str(file.get("filename") or ""), file.get("status")
    return ChangedFile(
        name=name,
        before=str(file.get("previous_filename") or name),
        patch=str(file.get("patch") or ""),
        is_new=status == "added",
        is_gone=status == "removed",
    )
