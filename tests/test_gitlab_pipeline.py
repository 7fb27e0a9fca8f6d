"""What GitLab's predefined variables tell of what is under review."""

from dataclasses import replace

import pytest

from fakes import SHA
from gitlab_stand_ins import MERGE_REQUEST_URL, PROJECT
from qatech_ci.before.errors import EventError, InputError
from qatech_ci.before.gitlab.context import read_api_url, read_context
from qatech_ci.before.gitlab.trigger import Pipeline
from qatech_ci.before.model import CommitRange, Found, HeadCommit, PullRequest, Reference
from qatech_ci.before.ports import Deployed

MERGED = "c" * 40
BEFORE = "b" * 40
MERGE_REQUEST = PullRequest(PROJECT, 7, MERGE_REQUEST_URL, SHA)
JOB = {
    "CI_COMMIT_SHA": SHA,
    "CI_JOB_ID": "12",
    "CI_JOB_URL": f"https://gitlab.com/{PROJECT}/-/jobs/12",
    "CI_PIPELINE_ID": "3",
    "CI_PROJECT_PATH": PROJECT,
    "CI_SERVER_URL": "https://gitlab.com",
}
DETACHED = JOB | {
    "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
    "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_PROJECT_ID": "101",
    "CI_MERGE_REQUEST_PROJECT_PATH": PROJECT,
    "CI_MERGE_REQUEST_PROJECT_URL": f"https://gitlab.com/{PROJECT}",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "101",
}
MERGED_RESULT = DETACHED | {
    "CI_COMMIT_SHA": MERGED,
    "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": SHA,
}
TRAIN = MERGED_RESULT | {"CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}
BRANCH = JOB | {
    "CI_COMMIT_BEFORE_SHA": BEFORE,
    "CI_COMMIT_BRANCH": "guest-checkout",
    "CI_DEFAULT_BRANCH": "main",
}


def find(
    variables: dict[str, str],
    requested: str = "",
    *,
    accepts_range: bool = False,
) -> Found:
    """Return what a pipeline with these variables is about."""
    return Pipeline(read_context(variables)).find(requested, accepts_range=accepts_range)


@pytest.mark.parametrize("variables", [DETACHED, MERGED_RESULT, TRAIN])
def test_a_merge_request_pipeline_tells_all_there_is_to_know(variables: dict[str, str]) -> None:
    """Its head too, where GitLab tests a merge of its own making."""
    assert find(variables) == MERGE_REQUEST


def test_a_fork_is_another_project() -> None:
    """Also one that has been deleted since, which has no id."""
    for source in ("102", ""):
        found = find(DETACHED | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source})
        assert found == replace(MERGE_REQUEST, from_fork=True)


def test_variables_that_may_be_missing() -> None:
    """The project's own path and the server's address stand in for those of the merge request."""
    kept = {name: DETACHED[name] for name in ("CI_MERGE_REQUEST_IID", *JOB)}
    assert find(kept) == MERGE_REQUEST
    own = kept | {"CI_SERVER_URL": "", "CI_API_V4_URL": "https://gitlab.example/sub/api/v4"}
    found = find(own)
    assert isinstance(found, PullRequest)
    assert found.url == f"https://gitlab.example/sub/{PROJECT}/-/merge_requests/7"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CI_MERGE_REQUEST_IID", "seven"),
        ("CI_MERGE_REQUEST_PROJECT_PATH", "shop"),
        ("CI_MERGE_REQUEST_PROJECT_URL", "javascript:x"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "main"),
        ("CI_COMMIT_SHA", "../x"),
        ("CI_SERVER_URL", "ftp://x"),
    ],
)
def test_a_variable_that_is_not_what_it_should_be(name: str, value: str) -> None:
    """Predefined variables can be overridden, so each is checked and named."""
    with pytest.raises(EventError, match=f"`{name}` is “"):
        find(DETACHED | {name: value})


def test_the_address_of_the_api() -> None:
    """GitLab sets it, and gitlab.com is what is meant where nobody does."""
    assert read_api_url({}) == "https://gitlab.com/api/v4"
    assert read_api_url({"CI_API_V4_URL": "http://127.0.0.1:1/api/v4/"}).endswith("/api/v4")
    with pytest.raises(EventError, match="`CI_API_V4_URL` is “nonsense”"):
        read_api_url({"CI_API_V4_URL": "nonsense"})


@pytest.mark.parametrize(
    ("api", "server"),
    [
        ("https://gitlab.example/api/v4", "https://gitlab.example"),
        ("https://GitLab.example:443/sub/api/v4", "https://gitlab.example/sub"),
        ("http://gitlab.example/api/v4", "http://gitlab.example"),
        ("https://gitlab.example/api/v4", ""),
        ("http://[::1]:8080/api/v4", "https://gitlab.example"),
    ],
)
def test_the_api_is_on_gitlabs_own_server(api: str, server: str) -> None:
    """Or on the machine itself, as the stand-in is."""
    assert read_api_url({"CI_API_V4_URL": api, "CI_SERVER_URL": server}) == api


@pytest.mark.parametrize(
    ("api", "server"),
    [
        ("https://evil.example/api/v4", "https://gitlab.example"),
        ("https://gitlab.example:8443/api/v4", "https://gitlab.example"),
        ("http://gitlab.example/api/v4", "https://gitlab.example"),
        ("http://gitlab.example/api/v4", ""),
        ("https://gitlab.example/api/v4", "nonsense"),
    ],
)
def test_the_tokens_go_to_no_other_server(api: str, server: str) -> None:
    """An earlier job's dotenv report wins over what GitLab sets."""
    told = "`CI_API_V4_URL` is .* and `CI_SERVER_URL` is .*The tokens go to"
    with pytest.raises(EventError, match=told):
        read_api_url({"CI_API_V4_URL": api, "CI_SERVER_URL": server})


@pytest.mark.parametrize(
    ("requested", "project", "number"),
    [
        ("8", PROJECT, 8),
        ("!8", PROJECT, 8),
        ("#8", PROJECT, 8),
        ("https://gitlab.com/a/b/c/-/merge_requests/9", "a/b/c", 9),
        ("https://gitlab.com/a/b/-/merge_requests/9/diffs", "a/b", 9),
    ],
)
def test_a_merge_request_that_is_named(requested: str, project: str, number: int) -> None:
    """By its number in this project, or by its page on this server, whatever the pipeline."""
    for variables in (JOB, DETACHED, BRANCH):
        assert find(variables, requested) == Reference(project, number)


@pytest.mark.parametrize(
    "requested",
    ["seven", "0", "https://evil.example/a/b/-/merge_requests/9", "https://gitlab.com/a/b/pull/9"],
)
def test_a_name_that_names_nothing(requested: str) -> None:
    """The message shows what would."""
    with pytest.raises(InputError, match=f"`7` or `!7`, or a URL such as {MERGE_REQUEST_URL}"):
        find(BRANCH, requested)


def test_a_branch_pipeline_with_an_open_merge_request() -> None:
    """GitLab tells it, be it in another project."""
    found = find(BRANCH | {"CI_OPEN_MERGE_REQUESTS": "group/upstream!333"})
    assert found == Reference("group/upstream", 333, SHA)


def test_a_branch_pipeline_that_cannot_decide() -> None:
    """Several merge requests, or none that is one."""
    with pytest.raises(EventError, match=r"several open merge requests: a/b!1, a/b!2"):
        find(BRANCH | {"CI_OPEN_MERGE_REQUESTS": "a/b!1,a/b!2"})
    with pytest.raises(EventError, match="`CI_OPEN_MERGE_REQUESTS` holds “x”"):
        find(BRANCH | {"CI_OPEN_MERGE_REQUESTS": "x"})


def test_a_branch_pipeline_without_one() -> None:
    """The commit is looked up; where a range will do, it is what was pushed."""
    assert find(BRANCH) == HeadCommit(PROJECT, SHA)
    pushed = find(BRANCH, accepts_range=True)
    url = f"https://gitlab.com/{PROJECT}/-/compare/{BEFORE}...{SHA}"
    assert pushed == CommitRange(PROJECT, BEFORE, SHA, "Changes pushed to guest-checkout", url)
    new = find(BRANCH | {"CI_COMMIT_BEFORE_SHA": "0" * 40}, accepts_range=True)
    assert isinstance(new, CommitRange)
    assert new.base == "main"
    with pytest.raises(EventError, match="`CI_DEFAULT_BRANCH` is not set"):
        find(JOB | {"CI_COMMIT_BRANCH": "x"}, accepts_range=True)


def test_a_pipeline_for_neither() -> None:
    """A tag is no merge request, and a job by hand may have no commit."""
    for variables in (JOB, {}, {"CI_COMMIT_BRANCH": "x"}):
        with pytest.raises(EventError, match="for no merge request and no branch"):
            find(variables)
    with pytest.raises(EventError, match="`CI_PROJECT_PATH` is “shop”"):
        find(BRANCH | {"CI_PROJECT_PATH": "shop"})


def test_where_the_runs_own_result_is_shown() -> None:
    """In the merge request's own pipelines, and on the head commit; not in a job by hand."""
    for variables in (DETACHED, MERGED_RESULT, TRAIN, BRANCH):
        assert Pipeline(read_context(variables)).shows_on(MERGE_REQUEST)
    elsewhere = JOB | {"CI_COMMIT_SHA": MERGED}
    assert not Pipeline(read_context(elsewhere)).shows_on(MERGE_REQUEST)
    newer = replace(MERGE_REQUEST, head_sha=MERGED)
    assert not Pipeline(read_context(DETACHED)).shows_on(newer)


def test_the_jobs_own_environment_is_a_preview() -> None:
    """A job that accesses an environment is told its URL."""
    told = {"CI_ENVIRONMENT_NAME": "review/7", "CI_ENVIRONMENT_URL": "https://7.example.app"}
    deployed = Pipeline(read_context(DETACHED | told)).deployed(MERGE_REQUEST)
    assert deployed == Deployed(
        ("review/7",), "https://7.example.app", "the job's environment “review/7”"
    )
    assert Pipeline(read_context(DETACHED)).deployed(MERGE_REQUEST) is None
    newer = replace(MERGE_REQUEST, head_sha=MERGED)
    assert Pipeline(read_context(DETACHED | told)).deployed(newer) is None


def test_no_comment_starts_a_pipeline() -> None:
    """So there is no command either."""
    pipeline = Pipeline(read_context(DETACHED))
    assert not pipeline.is_comment
    assert pipeline.command() is None


def test_a_token_that_is_missing() -> None:
    """A fork cannot have it; elsewhere the message says where it is stored."""
    pipeline = Pipeline(read_context(DETACHED))
    assert "from a fork" in pipeline.why_without_token(replace(MERGE_REQUEST, from_fork=True))
    for target in (MERGE_REQUEST, None):
        with pytest.raises(InputError, match="masked CI/CD variable `QATECH_API_TOKEN`"):
            pipeline.why_without_token(target)


def test_runs_are_ordered_by_pipeline_and_then_by_job() -> None:
    """A job of an older pipeline that is retried late has the higher number, and is older."""
    run = read_context(JOB).run
    assert (run.number, run.attempt, run.sha) == (3, 12, SHA)
    assert run.url == JOB["CI_JOB_URL"]
    assert read_context({}).run.number == 0
