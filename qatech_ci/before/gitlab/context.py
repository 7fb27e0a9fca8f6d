"""What GitLab's predefined variables tell of the job and of what it is about.

https://docs.gitlab.com/ci/variables/predefined_variables/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qatech_ci.before.errors import EventError
from qatech_ci.before.inputs import is_loopback, shown
from qatech_ci.before.model import PullRequest
from qatech_ci.before.ports import Run

SHA = r"[0-9a-f]{40}|[0-9a-f]{64}"
PROJECT = r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+"
NUMBER = r"[1-9][0-9]{0,9}"
_URL = r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[!-~]*)?"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Context:
    """The job and its pipeline. What the pipeline does not have is empty."""

    server_url: str
    project: str
    """Path of the project that the pipeline runs in, as in `group/shop`."""
    sha: str
    """The commit that the pipeline is for; in a merged results pipeline one that GitLab made."""
    run: Run
    merge_request: PullRequest | None = None
    """The one that a merge request pipeline is for."""
    branch: str = ""
    before: str = ""
    """The commit that the branch was at before."""
    default_branch: str = ""
    open_merge_requests: tuple[str, ...] = ()
    """Those of the branch, each as in `group/shop!7`."""
    environment: str = ""
    environment_url: str = ""

    def merge_request_url(self, project: str, number: int) -> str:
        """Return the page of a merge request. It is built here: what an answer says may lie."""
        return f"{self.server_url}/{project}/-/merge_requests/{number}"


def read_context(environ: Mapping[str, str]) -> Context:
    """Return what the variables tell; raises `EventError` where one is not what it should be."""
    given = {name: value.strip() for name, value in environ.items() if name.startswith("CI_")}
    opened = given.get("CI_OPEN_MERGE_REQUESTS", "").split(",")
    return Context(
        server_url=_server_url(given),
        project=given.get("CI_PROJECT_PATH", ""),
        sha=given.get("CI_COMMIT_SHA", ""),
        run=_run(given),
        merge_request=_merge_request(given),
        branch=given.get("CI_COMMIT_BRANCH", ""),
        before=given.get("CI_COMMIT_BEFORE_SHA", ""),
        default_branch=given.get("CI_DEFAULT_BRANCH", ""),
        open_merge_requests=tuple(filter(None, map(str.strip, opened))),
        environment=given.get("CI_ENVIRONMENT_NAME", ""),
        environment_url=given.get("CI_ENVIRONMENT_URL", ""),
    )


def read_api_url(environ: Mapping[str, str]) -> str:
    """Return the address of the forge's API; raises `EventError` where it is none.

    The tokens go there, so it has to be on GitLab's own server, and behind TLS unless GitLab itself
    is not. A loopback address is the stand-in's: from there nothing gets any further.
    """
    url = environ.get("CI_API_V4_URL", "") or "https://gitlab.com/api/v4"
    place = _place(url)
    if place is None:
        raise EventError(f"`CI_API_V4_URL` is {shown(url)}.", "GitLab sets it to an http(s) URL.")
    if not is_loopback(place[1]):
        _check_place(place, url, environ.get("CI_SERVER_URL", ""))
    return url.rstrip("/")


def _check_place(place: tuple[str, str, int], url: str, server_url: str) -> None:
    told = f"`CI_API_V4_URL` is {shown(url)}, and `CI_SERVER_URL` is {shown(server_url)}."
    if server_url and place != _place(server_url):
        raise EventError(
            told,
            "The tokens go to GitLab's own server only, by scheme, host and port. GitLab sets both "
            "variables; check that nothing overrides them, such as an earlier job's dotenv report.",
        )
    if not server_url and place[0] != "https":
        raise EventError(
            told, "The tokens go to an https URL only, unless `CI_SERVER_URL` is http."
        )


def _place(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a URL, or nothing where it is none."""
    found = re.fullmatch(_URL, url)
    if found is None:
        return None
    scheme = url.partition(":")[0]
    port = int(found[2][1:]) if found[2] else _PORTS[scheme]
    return scheme, found[1].strip("[]").lower(), port


def _server_url(given: Mapping[str, str]) -> str:
    url = given.get("CI_SERVER_URL", "") or read_api_url(given).removesuffix("/api/v4")
    if re.fullmatch(_URL, url):
        return url.rstrip("/")
    raise EventError(f"`CI_SERVER_URL` is {shown(url)}.", "GitLab sets it to an http(s) URL.")


def _run(given: Mapping[str, str]) -> Run:
    """Return which run this is. A job that is retried gets a number that is higher.

    A retry in an older pipeline is older all the same, so the pipeline's number comes first.
    """
    return Run(
        url=given.get("CI_JOB_URL", ""),
        number=_number(given, "CI_PIPELINE_ID"),
        attempt=_number(given, "CI_JOB_ID"),
        sha=given.get("CI_COMMIT_SHA", ""),
    )


def _number(given: Mapping[str, str], name: str) -> int:
    value = given.get(name, "")
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else 0


def _merge_request(given: Mapping[str, str]) -> PullRequest | None:
    """Return the merge request of a merge request pipeline, which runs only where it is open.

    In a merged results pipeline and in a merge train `CI_COMMIT_SHA` is a merge that GitLab made,
    and only there `CI_MERGE_REQUEST_SOURCE_BRANCH_SHA` has the head.
    """
    if not given.get("CI_MERGE_REQUEST_IID"):
        return None
    number = int(_matching(given, "CI_MERGE_REQUEST_IID", NUMBER))
    own = "CI_MERGE_REQUEST_PROJECT_PATH"
    project = _matching(given, own if given.get(own) else "CI_PROJECT_PATH", PROJECT)
    head = "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"
    return PullRequest(
        repository=project,
        number=number,
        url=f"{_project_url(given, project)}/-/merge_requests/{number}",
        head_sha=_matching(given, head if given.get(head) else "CI_COMMIT_SHA", SHA),
        from_fork=_is_from_fork(given),
    )


def _project_url(given: Mapping[str, str], project: str) -> str:
    name = "CI_MERGE_REQUEST_PROJECT_URL"
    if given.get(name):
        return _matching(given, name, _URL).rstrip("/")
    return f"{_server_url(given)}/{project}"


def _is_from_fork(given: Mapping[str, str]) -> bool:
    """Tell whether the source is another project; where it has been deleted, it has no id."""
    source = given.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")
    return source != given.get("CI_MERGE_REQUEST_PROJECT_ID", "")


def _matching(given: Mapping[str, str], name: str, pattern: str) -> str:
    value = given.get(name, "")
    if re.fullmatch(pattern, value):
        return value
    raise EventError(
        f"`{name}` is {shown(value)}.",
        "GitLab sets it in merge request pipelines; check that nothing overrides it.",
    )
