"""What a merge request or a range of commits changes, as a diff of bounded size."""

from itertools import chain
from typing import Any

from qatech_ci.before.diffs import ChangedFile, fitted
from qatech_ci.before.model import CommitRange, PullRequest, RawChanges, Target

from .documents import listed, mapping, naming
from .rest import Rest, project_path


def changes_of(rest: Rest, target: Target) -> RawChanges:
    """Return title, description and diff; raises `ForgeError`.

    https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs: a file that is too large
    is listed without its diff, and counted as left out.
    """
    with naming("Reporter", "read_api"):
        if isinstance(target, PullRequest):
            return _of_merge_request(rest, target)
        return _compared(rest, target)


def _of_merge_request(rest: Rest, target: PullRequest) -> RawChanges:
    path = f"{project_path(target.repository)}/merge_requests/{target.number}"
    document = mapping(rest.read(path))
    files = [_changed(it) for it in chain.from_iterable(rest.pages(f"{path}/diffs"))]
    description = f"{document.get('title') or ''}\n\n{document.get('description') or ''}".strip()
    return fitted(description, files)


def _compared(rest: Rest, target: CommitRange) -> RawChanges:
    """https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits."""
    path = f"{project_path(target.repository)}/repository/compare"
    document = rest.read(path, {"from": target.base, "to": target.head_sha})
    files = [_changed(it) for it in listed(document, "diffs")]
    is_cut = mapping(document).get("compare_timeout") is True
    return fitted(target.title, files, "GitLab ran out of time comparing." if is_cut else "")


def _changed(document: dict[str, Any]) -> ChangedFile:
    name = str(document.get("new_path") or "")
    return ChangedFile(
        name=name,
        before=str(document.get("old_path") or name),
        patch=str(document.get("diff") or "").rstrip("\n"),
        is_new=document.get("new_file") is True,
        is_gone=document.get("deleted_file") is True,
    )
