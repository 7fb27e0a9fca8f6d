"""What a GitLab pipeline tells of what is under review."""

import re

from qatech_ci.before.errors import EventError, InputError
from qatech_ci.before.inputs import shown
from qatech_ci.before.model import (
    Command,
    CommitRange,
    Found,
    HeadCommit,
    PullRequest,
    Reference,
    Target,
)
from qatech_ci.before.ports import Deployed

from .context import NUMBER, PROJECT, SHA, Context

NO_VARIABLES = (
    "The run has no `api-token`: a merge request from a fork runs with the fork's variables, not "
    "with this project's. Ways out: have a member of this project run the pipeline in it, from "
    "the merge request's page; or start the job by hand with `QATECH_PULL_REQUEST`; or add "
    "`skipped` to `pass-on`."
)
"""https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/#use-with-forked-projects"""


class Pipeline:
    """Implements the port `Trigger`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def is_comment(self) -> bool:
        """False: a note starts no pipeline."""
        return False

    def command(self) -> Command | None:
        """Return nothing, as no comment started the run."""
        return None

    def find(self, requested: str, *, accepts_range: bool) -> Found:
        """Return what the input, else the pipeline, is about; raises what the port names."""
        if requested:
            return _requested(self._context, requested)
        if self._context.merge_request:
            return self._context.merge_request
        return _of_branch(self._context, accepts_range=accepts_range)

    def deployed(self, target: Target) -> Deployed | None:
        """Return the environment that the job itself names, in a pipeline of the commit.

        https://docs.gitlab.com/ci/yaml/#environmentaction: with `access` or `verify` a job has an
        environment's URL without deploying to it.
        """
        context = self._context
        if not (context.environment and context.environment_url and self.shows_on(target)):
            return None
        why = f"the job's environment “{context.environment}”"
        return Deployed((context.environment,), context.environment_url, why)

    def shows_on(self, target: Target) -> bool:
        """Return whether the pipeline is one of the merge request, or of its head commit."""
        own = self._context.merge_request
        is_own = own is not None and own.url == target.url and own.head_sha == target.head_sha
        return is_own or self._context.sha == target.head_sha

    def why_without_token(self, target: Target | None) -> str:
        """Return that a fork has none of this project's variables; otherwise raises `InputError`.

        https://docs.gitlab.com/ci/variables/#protect-a-cicd-variable
        """
        if isinstance(target, PullRequest) and target.from_fork:
            return NO_VARIABLES
        raise InputError(
            "`api-token` is not set.",
            "Store it as the masked CI/CD variable `QATECH_API_TOKEN`. A protected variable "
            "reaches pipelines of protected branches only, so leave that off. Or try the job "
            "without one: `QATECH_API_URL: sandbox`.",
        )


def _requested(context: Context, requested: str) -> Reference:
    number = re.fullmatch(rf"[!#]?({NUMBER})", requested)
    if number:
        return Reference(_project(context), int(number[1]))
    server = re.escape(context.server_url)
    url = re.fullmatch(rf"{server}/({PROJECT})/-/merge_requests/({NUMBER})(/[a-z_]+)?/?", requested)
    if url:
        return Reference(url[1], int(url[3]))
    example = context.merge_request_url(context.project, 7)
    raise InputError(
        f"`pull-request` is {shown(requested)}.",
        f"Write a number such as `7` or `!7`, or a URL such as {example}.",
    )


def _of_branch(context: Context, *, accepts_range: bool) -> Found:
    """Return what a branch pipeline is about: its merge request, or else what was pushed."""
    if not (context.branch and re.fullmatch(SHA, context.sha)):
        raise EventError(
            "The pipeline is for no merge request and no branch.",
            "Set `QATECH_PULL_REQUEST` to a number or URL, or run the job in merge request "
            "pipelines: `rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]`.",
        )
    if len(context.open_merge_requests) > 1:
        several = ", ".join(context.open_merge_requests)
        raise EventError(
            f"The branch has several open merge requests: {several}.",
            "Set `QATECH_PULL_REQUEST` to one of them.",
        )
    for named in context.open_merge_requests:
        return _opened(context, named)
    if accepts_range:
        return _pushed(context)
    return HeadCommit(_project(context), context.sha)


def _opened(context: Context, named: str) -> Reference:
    """Return a merge request out of `CI_OPEN_MERGE_REQUESTS`, as in `group/shop!7`."""
    found = re.fullmatch(rf"({PROJECT})!({NUMBER})", named)
    if found:
        return Reference(found[1], int(found[3]), context.sha)
    raise EventError(
        f"`CI_OPEN_MERGE_REQUESTS` holds {shown(named)}.",
        "GitLab sets it; check that nothing overrides it, or set `QATECH_PULL_REQUEST`.",
    )


def _pushed(context: Context) -> CommitRange:
    """Return what was pushed; a branch that is new is compared with the default branch."""
    base = context.before if context.before.strip("0") else context.default_branch
    if not base:
        raise EventError(
            "`CI_DEFAULT_BRANCH` is not set, so there is nothing to compare the branch with.",
            "GitLab sets it; check that nothing overrides it.",
        )
    project = _project(context)
    return CommitRange(
        repository=project,
        base=base,
        head_sha=context.sha,
        title=f"Changes pushed to {context.branch}",
        url=f"{context.server_url}/{project}/-/compare/{base}...{context.sha}",
    )


def _project(context: Context) -> str:
    if re.fullmatch(PROJECT, context.project):
        return context.project
    raise EventError(
        f"`CI_PROJECT_PATH` is {shown(context.project)}.",
        "It should read `group/project`; GitLab sets it.",
    )
