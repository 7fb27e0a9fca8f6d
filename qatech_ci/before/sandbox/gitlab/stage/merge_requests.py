"""Projects, merge requests and diffs."""

from collections.abc import Sequence

from qatech_ci.before.sandbox.gitlab.records import (
    Commit,
    Comparison,
    FileDiff,
    MergeRequest,
    Project,
)
from qatech_ci.before.sandbox.gitlab.stage.base import Stage

BASE_SHA = "c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc"


class MergeRequests(Stage):
    """Projects, merge requests and diffs."""

    def add_commit(self, project: str, sha: str, branch: str | None = None) -> None:
        """Let a project have a commit, on a branch or on none."""
        self.add_project(project).has(sha, branch)

    def add_merge_request(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        project: str,
        iid: int,
        *,
        sha: str,
        base_sha: str = BASE_SHA,
        source_project: str | None = "",
        draft: bool = False,
        state: str = "opened",
        author: str = "octocat",
        title: str = "Add a guest checkout",
        source_branch: str = "guest-checkout",
        target_branch: str = "main",
        description: str | None = None,
    ) -> MergeRequest:
        """Add a merge request, and its project if that is new; replace one of the same number.

        `source_project` is the fork that it comes from, empty for the project itself and None for
        a fork that has been deleted. Change what is returned to close or convert it, or to give
        it other files.
        """
        target = self.add_project(project)
        target.has(base_sha, target_branch)
        made = MergeRequest(
            id=next(self._state.ids),
            iid=iid,
            project=target,
            source=self._source(target, source_project),
            sha=sha,
            base_sha=base_sha,
            created_at=self._now(),
            updated_at=self._now(),
            source_branch=source_branch,
            target_branch=target_branch,
            title=title,
            author=author,
            state=state,
            draft=draft,
            description=description,
        )
        self._state.merge_requests[target.id, iid] = made
        self.push(project, iid, sha)
        return made

    def _source(self, target: Project, source: str | None) -> Project | None:
        if source == "":
            return target
        return None if source is None else self.add_project(source)

    def push(self, project: str, iid: int, sha: str) -> None:
        """Give a merge request another head. Raises `KeyError`.

        The commit of a fork is known to the project, yet on none of its branches.
        """
        merge_request = self.merge_request(project, iid)
        merge_request.sha, merge_request.updated_at = sha, self._now()
        merge_request.shas.append(sha)
        merge_request.project.has(sha)
        if merge_request.source:
            merge_request.source.has(sha, merge_request.source_branch)

    def add_diffs(self, project: str, iid: int, *files: FileDiff) -> None:
        """Let a merge request change exactly these files. Raises `KeyError`."""
        self.merge_request(project, iid).diffs = list(files)

    def add_comparison(
        self,
        project: str,
        refs: tuple[str, str],
        *,
        diffs: Sequence[FileDiff] = (FileDiff("README.md"),),
        commits: Sequence[Commit] | None = None,
    ) -> None:
        """Add what lies between two refs, by exactly these names; one commit unless some are given.

        Without it two refs have nothing between them only if they are the same.
        """
        place = self.add_project(project).id
        chosen = (Commit(refs[1]),) if commits is None else commits
        self._state.comparisons[place, refs[0], refs[1]] = Comparison(diffs, chosen)
