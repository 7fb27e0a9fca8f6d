"""Repositories, pull requests and diffs."""

from collections.abc import Sequence

from qatech_ci.before.sandbox.github.records import ChangedFile, Commit, Comparison
from qatech_ci.before.sandbox.github.stage.base import Stage
from qatech_ci.before.sandbox.github.state import PullRequest, key

BASE_SHA = "c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc"


class PullRequests(Stage):
    """Repositories, pull requests and diffs."""

    def add_repository(self, repository: str) -> None:
        """Add a private repository without pull requests; `repository` is owner and name."""
        self._state.repositories[key(repository)] = repository

    def add_pull_request(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        repository: str,
        number: int,
        *,
        head_sha: str,
        base_sha: str = BASE_SHA,
        head_repository: str | None = "",
        draft: bool = False,
        state: str = "open",
        author: str = "octocat",
        title: str = "Add a guest checkout",
        head_ref: str = "guest-checkout",
        base_ref: str = "main",
        body: str | None = None,
    ) -> PullRequest:
        """Add a pull request, and its repository if that is new; replace one of the same number.

        `head_repository` is the fork that it comes from, empty for the repository itself and None
        for a fork that has been deleted. Change what is returned to push, close or convert it, or
        to give it other files.
        """
        self.add_repository(repository)
        head = repository if head_repository == "" else head_repository
        pull = PullRequest(
            repository=repository,
            number=number,
            head_sha=head_sha,
            base_sha=base_sha,
            created_at=self._now(),
            head_repository=head,
            head_ref=head_ref,
            base_ref=base_ref,
            title=title,
            author=author,
            state=state,
            draft=draft,
            body=body,
        )
        self._state.pulls[key(repository), number] = pull
        return pull

    def add_comparison(  # noqa: PLR0913 - a caller names the few that matter to it
        self,
        repository: str,
        base: str,
        head: str,
        *,
        files: Sequence[ChangedFile] = (ChangedFile("README.md"),),
        commits: Sequence[Commit] | None = None,
        status: str = "ahead",
        merge_base: str | None = None,
        behind_by: int = 0,
    ) -> None:
        """Add what `GET …/compare/{base}...{head}` answers, for exactly these two names.

        Without `commits` there is one, `head`; the merge base is `base` unless given.
        """
        self.add_repository(repository)
        self._state.comparisons[key(repository), base, head] = Comparison(
            repository=repository,
            base=base,
            head=head,
            merge_base=merge_base or base,
            status=status,
            files=tuple(files),
            commits=(Commit(head),) if commits is None else tuple(commits),
            behind_by=behind_by,
        )
