"""A diff of bounded size out of the patches of single files."""

from collections.abc import Sequence
from dataclasses import dataclass

from .model import RawChanges

LARGEST_DIFF = 200_000
"""Characters. A reviewer reads no more of it with profit, and no request grows without bound."""


@dataclass(frozen=True)
class ChangedFile:
    """One file as a forge lists it."""

    name: str
    before: str
    """Its name before the change."""
    patch: str
    """Its hunks; empty where the forge has none, because the file is binary or too large."""
    is_new: bool = False
    is_gone: bool = False

    def part(self) -> str:
        """Return the file's part of a diff as git writes it, or nothing without a patch."""
        if not (self.patch and self.name):
            return ""
        old = "/dev/null" if self.is_new else f"a/{self.before}"
        new = "/dev/null" if self.is_gone else f"b/{self.name}"
        head = f"diff --git a/{self.before} b/{self.name}"
        return f"{head}\n--- {old}\n+++ {new}\n{self.patch}\n"


def fitted(description: str, files: Sequence[ChangedFile], unlisted: str = "") -> RawChanges:
    """Return description and diff; what is left out is counted, after what `unlisted` says."""
    parts: list[str] = []
    size = 0
    for part in (file.part() for file in files):
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
