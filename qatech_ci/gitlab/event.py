"""The pipeline that started the run, and what it names.

https://docs.gitlab.com/ci/variables/predefined_variables/
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from qatech_ci.errors import EventError
from qatech_ci.forge import NUMBER, SHA, Deployed, Reference, read_reference
from qatech_ci.http.session import http_url
from qatech_ci.model import PullRequest, Run
from qatech_ci.redact import near, quoted
from qatech_ci.settings import NAMES, is_loopback

PREFIX = "QATECH_"
TOKEN_NAME = "gitlab-token"  # noqa: S105 - the name of an input
_PROJECT = r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+"
_RULES = "rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]"


@dataclass(frozen=True)
class GitLabEvent:
    """A pipeline, by its predefined variables."""

    variables: Mapping[str, str]
    server_url: str
    api_url: str

    command = None  # a note starts no pipeline

    @property
    def is_untrusted(self) -> bool:
        """Whether the merge request is a fork's, whose pipeline has the fork's variables."""
        # https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/#use-with-forked-projects
        source = self._get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
        is_other = source != self._get("CI_MERGE_REQUEST_PROJECT_ID")
        return is_other and bool(self._get("CI_MERGE_REQUEST_IID"))

    def wants_status(self, target: PullRequest) -> bool:
        return self._get("CI_MERGE_REQUEST_IID") != str(target.number)

    @property
    def deployed(self) -> Deployed | None:
        """The environment that the job itself names."""
        name, url = self._get("CI_ENVIRONMENT_NAME"), self._get("CI_ENVIRONMENT_URL")
        if not (name and url):
            return None
        found = f"the job's environment “{name}”"
        # With the action `access` or `verify` it has not deployed to its environment:
        # https://docs.gitlab.com/ci/yaml/#environmentaction
        return Deployed((name,), url, self.commits, found, is_cause=False)

    def subject(self, asked: str) -> Reference:
        if asked:
            own, page = self._matching(_PROJECT, "CI_PROJECT_PATH"), "/-/merge_requests/"
            return read_reference(asked, self.server_url, own, _PROJECT, page, "!#")
        iid, opened = self._get("CI_MERGE_REQUEST_IID"), self._get("CI_OPEN_MERGE_REQUESTS")
        if not iid and not self._get("CI_COMMIT_BRANCH"):
            raise EventError(
                "The pipeline is for no merge request and no branch.",
                f"Set `QATECH_PULL_REQUEST` to a number or URL, or run the job with `{_RULES}`.",
            )
        # In a merged results pipeline and in a merge train `CI_COMMIT_SHA` is a merge that GitLab
        # made; only there the other variable is set, and has the head.
        sha = self._matching(SHA, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA")
        if iid:
            project = self._matching(_PROJECT, "CI_MERGE_REQUEST_PROJECT_PATH", "CI_PROJECT_PATH")
            return Reference(project, int(self._matching(NUMBER, "CI_MERGE_REQUEST_IID")), sha)
        if "," in opened:
            told = f"The branch has several open merge requests: {opened}."
            raise EventError(told, "Set `QATECH_PULL_REQUEST` to one of them.")
        if opened:
            named = self._matching(rf"{_PROJECT}!{NUMBER}", "CI_OPEN_MERGE_REQUESTS")
            project, _, number = named.partition("!")
            return Reference(project, int(number), sha)
        return Reference(self._matching(_PROJECT, "CI_PROJECT_PATH"), 0, sha)

    @property
    def commits(self) -> set[str]:
        """The pipeline's commit and, where GitLab made it by a merge, the head."""
        names = ("CI_COMMIT_SHA", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
        return {self._get(it) for it in names if self._get(it)}

    def _get(self, name: str) -> str:
        return self.variables.get(name, "")

    def _matching(self, pattern: str, *names: str) -> str:
        """Return the first of the variables that is set; raises `EventError` for another form."""
        name = next(filter(self._get, names), names[-1])
        if re.fullmatch(pattern, self._get(name)):
            return self._get(name)
        raise EventError(
            f"`{name}` is {quoted(self._get(name))}.",
            "GitLab sets it; check that nothing overrides it, such as an earlier job's dotenv "
            "report.",
        )


def read_event(environ: Mapping[str, str]) -> GitLabEvent:
    """Return the pipeline that started the run; raises `EventError` where no token may be sent."""
    variables = {name: it.strip() for name, it in environ.items() if name.startswith("CI_")}
    server_url = variables.get("CI_SERVER_URL", "").rstrip("/") or "https://gitlab.com"
    api_url = variables.get("CI_API_V4_URL", "").rstrip("/") or "https://gitlab.com/api/v4"
    # Tokens go to GitLab's own server: scheme, host and port. A loopback address is a stand-in's.
    place, own = _place(api_url), _place(server_url)
    if place and own and (place == own or is_loopback(place[1])):
        return GitLabEvent(variables, server_url, api_url)
    raise EventError(
        f"`CI_API_V4_URL` is {quoted(api_url)}, and `CI_SERVER_URL` is {quoted(server_url)}.",
        "The tokens go to GitLab's own server only. GitLab sets both variables; check that nothing "
        "overrides them, such as an earlier job's dotenv report.",
    )


def read_run(environ: Mapping[str, str]) -> Run:
    """Return which run this is. A retry in an older pipeline is older than the newer pipeline."""
    number, attempt = environ.get("CI_PIPELINE_ID", ""), environ.get("CI_JOB_ID", "")
    return Run.of(environ.get("CI_JOB_URL", ""), number, attempt)


def input_values(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs by name: `QATECH_PASS_ON` is `pass-on`."""
    # GitHub's token is no input here; whoever has set it wants it masked.
    names = (*NAMES, TOKEN_NAME, "github-token")
    values = {it: environ.get(variable(it), "") for it in names}
    if not values["deploy-outputs"].strip():
        # `{output: PREVIEW_URL}` finds what an earlier job handed over in its dotenv report.
        found = {
            name: {"outputs": {"url": value.strip()}}
            for name, value in environ.items()
            if name == "CI_ENVIRONMENT_URL" or not name.startswith(("CI_", "GITLAB_", PREFIX))
            if re.fullmatch(r"https?://\S{1,2000}", value.strip())
        }
        values["deploy-outputs"] = json.dumps(found) if found else ""
    return values


def misspelt(environ: Mapping[str, str], outputs: tuple[str, ...]) -> list[str]:
    """Return what to say of `QATECH_…` variables that are neither inputs nor outputs."""
    known = {variable(it) for it in (*NAMES, TOKEN_NAME)}
    others = environ.keys() - known - {variable(it) for it in outputs}
    wrong = sorted(it for it in others if it.startswith(PREFIX))
    return [f"`{it}` is no input. {near(it, known)}".strip() for it in wrong]


def variable(name: str) -> str:
    """Return the variable of an input or output."""
    return f"{PREFIX}{name.upper().replace('-', '_')}"


def _place(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an http(s) URL."""
    if (parts := http_url(url)) is None:
        return None
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80}.get(parts.scheme, 443)
