"""The clone that a release is made in, and its remote's tags."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WORKFLOWS = ".github/workflows"
# GitHub's own for what workflows commit; see its documentation of actions/checkout.
_AUTHOR = "github-actions[bot]"
_EMAIL = "41898282+github-actions[bot]@users.noreply.github.com"


class NotReleasable(Exception):
    """The tag, the commit or the image is not what a release is made of. Says what is wrong."""


@dataclass(frozen=True)
class Tag:
    """A tag of the remote: the object that it names, and the commit that it leads to.

    They differ for an annotated tag.
    """

    object: str
    commit: str


@dataclass(frozen=True)
class Clone:
    """A clone at the commit that was tagged. Every method raises `CalledProcessError` as git fails.

    Neither its index nor its files are touched.
    """

    folder: Path

    @property
    def head(self) -> str:
        """The commit that is checked out: the one that was tagged."""
        return self._git("rev-parse", "HEAD").strip()

    def file(self, path: str, commit: str = "HEAD") -> str:
        """Return a file of a commit, byte for byte."""
        return self._git("show", f"{commit}:{path}")

    def fetched(self, commit: str, path: str) -> str:
        """Return a file of a commit that only the remote has."""
        self._git("fetch", "--quiet", "--no-tags", "origin", commit)
        return self.file(path, commit)

    def tags(self) -> dict[str, Tag]:
        """Return the remote's tags by name."""
        listed = self._git("ls-remote", "--tags", "origin").splitlines()
        refs = {ref.removeprefix("refs/tags/"): sha for sha, ref in map(str.split, listed)}
        names = [name for name in refs if not name.endswith("^{}")]
        return {name: Tag(refs[name], refs.get(f"{name}^{{}}", refs[name])) for name in names}

    def commit(self, message: str, changed: Mapping[str, str]) -> str:
        """Return a commit on top of the head with files rewritten and without the workflows.

        `changed` has their texts by path. Of the same head, message and texts it is always the same
        commit: its date is the head's. GitHub lets no workflow's token push a ref whose workflows
        differ from those that it replaces, and a major tag that moves from release to release would
        be such a ref. Who uses an action needs none of them.
        """
        date = self._git("show", "--no-patch", "--format=%cI", "HEAD").strip()
        tree, signed = self._tree(changed), _signature(date)
        return self._git("commit-tree", tree, "-p", "HEAD", "-m", message, environ=signed).strip()

    def _tree(self, changed: Mapping[str, str]) -> str:
        drop = ("rm", "-r", "--cached", "--quiet", "--ignore-unmatch", "--", WORKFLOWS)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", "HEAD", environ=index)
            self._git(*drop, environ=index)
            for path, text in changed.items():
                blob = self._git("hash-object", "-w", "--stdin", text=text).strip()
                self._git("update-index", "--cacheinfo", f"100644,{blob},{path}", environ=index)
            return self._git("write-tree", environ=index).strip()

    def move(self, names: Sequence[str], commit: str, seen: Mapping[str, Tag]) -> None:
        """Move tags of the remote to a commit: all or none, and only if they are where seen."""
        late = [it for it in names if it not in seen or seen[it].commit != commit]
        expected = {it: seen[it].object if it in seen else "" for it in late}
        leases = [f"--force-with-lease=refs/tags/{it}:{at}" for it, at in expected.items()]
        refs = [f"{commit}:refs/tags/{it}" for it in late]
        if refs:
            self._git("push", "--quiet", "--atomic", *leases, "origin", *refs)

    def _git(
        self, *arguments: str, text: str = "", environ: Mapping[str, str] | None = None
    ) -> str:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - whichever git the runner has
            cwd=self.folder,
            env={**os.environ, **(environ or {})},
            input=text.encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        return done.stdout.decode()


def _signature(date: str) -> dict[str, str]:
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", _AUTHOR), ("EMAIL", _EMAIL), ("DATE", date))
    }
