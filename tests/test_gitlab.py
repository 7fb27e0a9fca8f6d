"""GitLab: the pipeline, the API against the stand-in and a server that fails, and the job."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatech_ci.errors import (
    EventError,
    ForgeError,
    NotFound,
    PermissionMissing,
    UsageError,
)
from qatech_ci.forge import Reference
from qatech_ci.gitlab.client import GitLab
from qatech_ci.gitlab.event import (
    GitLabEvent,
    input_values,
    misspelt,
    read_event,
    read_run,
)
from qatech_ci.gitlab.job import GitLabJob
from qatech_ci.http.deadline import Deadline
from qatech_ci.model import CheckState, PullRequest, Run
from qatech_ci.overrides import read_overrides
from qatech_ci.previews import check_event
from qatech_ci.report.report import OUTPUTS
from stand_ins import gitlab
from stand_ins.github import BASE_SHA, HEAD_SHA, MERGE_SHA, PREVIEW
from stand_ins.gitlab import BOT, GITLAB_TOKEN, PROJECT, changed_file
from stand_ins.server import DROP_BEFORE, Fault, Faults, Request, Response, serving
from world import SimulatedClock, on_gitlab

URL = f"https://gitlab.com/{PROJECT}/-/merge_requests/7"
TARGET = PullRequest(PROJECT, 7, URL, HEAD_SHA, head_branch="fix-checkout-total")
BRANCH = {"CI_MERGE_REQUEST_IID": "", "CI_COMMIT_BRANCH": "fix", "CI_PIPELINE_SOURCE": "push"}
MERGED = {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD_SHA, "CI_COMMIT_SHA": MERGE_SHA}
FORK = {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "202"}
STATUS = ("qatech-ci (app_web)", "failed: the gate is closed", "")
"""Context, description and URL."""
SECTION = re.compile(r"section_(?:start|end):\d+:([a-zA-Z0-9_.-]+)(?:\[[^\]]*\])?\r\x1b\[0K")
"""As GitLab's `build_trace_section_regex` has it."""


def pipeline(**variables: str) -> GitLabEvent:
    """Return a merge request pipeline of !7, changed by variables."""
    return read_event(gitlab.environ(Path(), "https://gitlab.com", "") | variables)


@pytest.mark.parametrize(
    ("variables", "subject"),
    [
        ({}, Reference(PROJECT, 7, HEAD_SHA)),
        (MERGED, Reference(PROJECT, 7, HEAD_SHA)),
        (MERGED | {"CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}, Reference(PROJECT, 7, HEAD_SHA)),
        (
            BRANCH | {"CI_OPEN_MERGE_REQUESTS": "octo-group/api!8"},
            Reference("octo-group/api", 8, HEAD_SHA),
        ),
        (BRANCH, Reference(PROJECT, 0, HEAD_SHA)),
    ],
)
def test_a_pipeline_leads_to_its_merge_request(variables: dict[str, str], subject: object) -> None:
    """Its own with the head of the source branch, the branch's only one, or the commit's."""
    found = pipeline(**variables).subject("")
    assert found == subject


@pytest.mark.parametrize(
    ("requested", "place"),
    [
        ("7", (PROJECT, 7)),
        ("!8", (PROJECT, 8)),
        ("octo-group/sub/api!9", ("octo-group/sub/api", 9)),
        (URL, (PROJECT, 7)),
        (f"{URL}/diffs?view=inline#note_5", (PROJECT, 7)),
    ],
)
def test_a_merge_request_is_named_by_hand(requested: str, place: tuple[str, int]) -> None:
    """A number, a reference, or a URL as browsers show it; any pipeline will do."""
    found = pipeline(CI_MERGE_REQUEST_IID="").subject(requested)
    assert found == Reference(*place)


@pytest.mark.parametrize(
    "requested", ["0", "seven", "shop!7", "https://evil.example/a/b/-/1", "7?"]
)
def test_what_names_no_merge_request_is_refused(requested: str) -> None:
    """With what to write instead."""
    with pytest.raises(UsageError, match=f"`pull-request` is .*such as {URL}"):
        pipeline().subject(requested)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"CI_MERGE_REQUEST_IID": "x"}, "`CI_MERGE_REQUEST_IID` is “x”"),
        ({"CI_COMMIT_SHA": "main"}, "`CI_COMMIT_SHA` is “main”"),
        (BRANCH | {"CI_PROJECT_PATH": ""}, "`CI_PROJECT_PATH`"),
        (BRANCH | {"CI_OPEN_MERGE_REQUESTS": "a/b!1,a/b!2"}, "several open .*a/b!1,a/b!2"),
        (BRANCH | {"CI_OPEN_MERGE_REQUESTS": "!1"}, "`CI_OPEN_MERGE_REQUESTS` is “!1”"),
        (BRANCH | {"CI_COMMIT_BRANCH": ""}, "no branch.*Set `QATECH_PULL_REQUEST`"),
    ],
)
def test_a_pipeline_that_leads_nowhere_says_so(variables: dict[str, str], told: str) -> None:
    """With the variable at fault, or the way out."""
    with pytest.raises(EventError, match=told):
        pipeline(**variables).subject("")


@pytest.mark.parametrize(
    ("variables", "is_untrusted", "wants_status"),
    [
        ({}, False, False),
        (FORK, True, False),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": ""}, True, False),
        (BRANCH | FORK, False, True),
    ],
)
def test_what_kind_of_pipeline_it_is(
    variables: dict[str, str], *, is_untrusted: bool, wants_status: bool
) -> None:
    """A fork's pipeline has no secrets, nor has one whose fork was deleted; none has commands."""
    found = pipeline(**variables)
    assert (found.is_untrusted, found.wants_status(TARGET)) == (is_untrusted, wants_status)
    assert (found.command, found.deployed) == (None, None)


@pytest.mark.parametrize(
    ("variables", "is_there"),
    [({}, True), (MERGED, True), ({"CI_COMMIT_SHA": BASE_SHA}, False)],
)
def test_a_job_brings_its_own_environment(variables: dict[str, str], *, is_there: bool) -> None:
    """Where the pipeline is for the commit under review, or for a merge of it."""
    named = {"CI_ENVIRONMENT_NAME": "review/fix", "CI_ENVIRONMENT_URL": PREVIEW}
    found = pipeline(**named, **variables).deployed
    assert found
    assert (found.environments, found.url, found.is_cause) == (("review/fix",), PREVIEW, False)
    assert (HEAD_SHA in found.shas) == is_there
    assert pipeline().deployed is None


@pytest.mark.parametrize(
    ("api_url", "server_url", "is_accepted"),
    [
        ("https://git.example/api/v4", "https://git.example", True),
        ("https://git.example:443/own/api/v4/", "https://git.example/own", True),
        ("http://127.0.0.1:9/api/v4", "https://git.example", True),
        ("", "", True),
        ("http://git.example/api/v4", "https://git.example", False),
        ("http://git.example:443/api/v4", "https://git.example", False),
        ("https://git.example:8443/api/v4", "https://git.example", False),
        ("https://git.example.evil/api/v4", "https://git.example", False),
        ("https://git.example@evil.example/api/v4", "https://git.example", False),
        ("https://evil.example/api/v4", "", False),
        ("ftp://git.example/api/v4", "ftp://git.example", False),
    ],
)
def test_tokens_go_to_gitlabs_own_server(
    api_url: str, server_url: str, *, is_accepted: bool
) -> None:
    """By scheme, host and port; from a loopback address nothing gets any further."""
    environ = {"CI_API_V4_URL": api_url, "CI_SERVER_URL": server_url}
    if is_accepted:
        assert read_event(environ).api_url == (api_url or "https://gitlab.com/api/v4").rstrip("/")
        return
    with pytest.raises(EventError, match="`CI_API_V4_URL`"):
        read_event(environ)


def test_a_run_is_known_by_pipeline_and_job() -> None:
    """A retry has a higher job; outside of a job there is no number."""
    assert read_run({"CI_PIPELINE_ID": "3", "CI_JOB_ID": "9", "CI_JOB_URL": URL}) == Run(URL, 3, 9)
    assert read_run({"CI_PIPELINE_ID": "three"}) == Run()


def test_inputs_are_variables_and_urls_are_deploy_outputs() -> None:
    """Of GitLab's own variables only the environment's URL; what is set by hand is kept."""
    environ = {
        "QATECH_PASS_ON": "any",
        "PREVIEW_URL": f" {PREVIEW}\n",
        "CI_ENVIRONMENT_URL": PREVIEW,
        "CI_PROJECT_URL": PREVIEW,
        "GITLAB_FEATURES": PREVIEW,
        "QATECH_API_URL": PREVIEW,
        "LONG": f"{PREVIEW}/{'x' * 2000}",
        "WORDS": f"see {PREVIEW}",
    }
    values = input_values(environ)
    assert values["pass-on"] == "any"
    output = {"outputs": {"url": PREVIEW}}
    expected = {"PREVIEW_URL": output, "CI_ENVIRONMENT_URL": output}
    assert json.loads(values["deploy-outputs"]) == expected
    assert input_values(environ | {"QATECH_DEPLOY_OUTPUTS": "{}"})["deploy-outputs"] == "{}"


def test_a_jobs_own_environment_need_not_be_reviewed() -> None:
    """The pipeline is not about it; another deployment of the commit may be meant."""
    named = {"CI_ENVIRONMENT_NAME": "docs", "CI_ENVIRONMENT_URL": PREVIEW}
    check_event(read_overrides("app_web: {deployment: review/*}"), pipeline(**named))


def test_no_other_forges_token_is_taken(tmp_path: Path) -> None:
    """A group may have both in its variables."""
    with on_gitlab(tmp_path) as world:
        world.run(github_token="ghp_of_somebody")
        tokens = {it.headers.get("PRIVATE-TOKEN") for it in world.forge.requests}
    assert tokens == {GITLAB_TOKEN}


def test_a_misspelt_variable_is_named_with_the_nearest_right_one() -> None:
    """Inputs are right, and so are the outputs of an earlier job's dotenv report."""
    right = ("QATECH_PASS_ON", "QATECH_GITLAB_TOKEN", "QATECH_VERDICT", "PASSON")
    environ = dict.fromkeys([*right, "QATECH_PASSON"], "x")
    (told,) = misspelt(environ, OUTPUTS)
    assert told == "`QATECH_PASSON` is no input. Did you mean `QATECH_PASS_ON`?"


@pytest.fixture
def app() -> gitlab.GitLab:
    """Return a GitLab with the merge request !7."""
    return gitlab.GitLab(SimulatedClock().now, GITLAB_TOKEN)


@pytest.fixture
def url(app: gitlab.GitLab) -> Iterator[str]:
    """Yield its address."""
    with serving(app) as address:
        yield address


def forge(url: str, token: str = GITLAB_TOKEN, **variables: str) -> GitLab:
    """Return the client in a pipeline of !7."""
    variables = {"CI_API_V4_URL": f"{url}/api/v4"} | variables
    return GitLab(token, pipeline(**variables), Deadline(SimulatedClock(), 600))


def test_a_merge_request_is_read(app: gitlab.GitLab, url: str) -> None:
    """As it stands, with GitLab's time; the page is built here."""
    app.merge_request().update(web_url="https://evil.example", labels=["shop"])
    client = forge(url)
    assert client.pull_request(PROJECT, 7) == replace(
        TARGET,
        base_branch="main",
        title="Fix the checkout total",
        body="It left the discount out.",
        author="octocat",
        labels=("shop",),
    )
    assert (client.name, client.date) == ("GitLab", SimulatedClock().now())
    app.merge_request().update(source_project_id=None, state="merged", draft=True)
    found = client.pull_request(PROJECT, 7)
    assert (found.from_fork, found.is_open, found.is_draft) == (True, False, True)


def test_open_merge_requests_of_a_commit(app: gitlab.GitLab, url: str) -> None:
    """Not those that are closed, or whose head has moved on."""
    app.add_merge_request(8)["state"] = "closed"
    found = forge(url).open_pull_requests(Reference(PROJECT, 0, HEAD_SHA))
    assert found == [(7, HEAD_SHA)]
    assert not forge(url).open_pull_requests(Reference(PROJECT, 0, "c" * 40))


def test_a_note_is_written_read_edited_and_deleted(app: gitlab.GitLab, url: str) -> None:
    """What was written is what is there."""
    client = forge(url)
    created = client.create_comment(TARGET, "one")
    client.edit_comment(TARGET, created.id, "two")
    found = client.comment(TARGET, created.id)
    assert (found.body, found.url) == ("two", f"{URL}#note_{created.id}")
    assert client.comments(TARGET) == [found]
    client.delete_comment(TARGET, created.id)
    assert not app.notes
    with pytest.raises(NotFound):
        client.comment(TARGET, created.id)


def test_notes_come_oldest_first_and_from_all_pages(app: gitlab.GitLab, url: str) -> None:
    """Without what GitLab itself says."""
    for number in range(130):
        app.add_note(str(number), system=number == 5)
    bodies = [it.body for it in forge(url).comments(TARGET)]
    assert bodies == [str(it) for it in range(130) if it != 5]


def test_only_whoever_may_write_is_trusted(app: gitlab.GitLab, url: str) -> None:
    """Tokens' own users and members from Developer on; it matters for notes with a state."""
    app.members |= {"reporter": 20}
    state = "<!-- qatech-ci x -->"
    for username in (BOT, "octocat", "reporter", "project_x_bot", "stranger"):
        app.add_note(state, username)
    found = [it.is_trusted for it in forge(url).comments(TARGET)]
    assert found == [True, True, False, False, False]


def test_nobodys_check_counts(url: str) -> None:
    """On GitLab every developer can write a status of any name; a command there is none."""
    client = forge(url)
    client.allow()
    assert client.qatech_check(TARGET, client.date).state is CheckState.NONE


def test_a_status_is_set_on_the_source_branch(app: gitlab.GitLab, url: str) -> None:
    """In GitLab's words. One that stands already is as good as set; a fork's head takes none."""
    client = forge(url)
    for state in ("pending", "pending", "failure"):
        client.set_status(TARGET, state, *STATUS)
    (status,) = app.statuses
    assert (status["status"], status["name"]) == ("failed", STATUS[0])
    assert (status["ref"], status["sha"]) == ("fix-checkout-total", HEAD_SHA)
    with pytest.raises(ForgeError, match="takes no status for the head of a fork"):
        client.set_status(replace(TARGET, from_fork=True), "failure", *STATUS)
    with pytest.raises(ForgeError, match="state does not have a valid value"):
        client.set_status(TARGET, "odd", *STATUS)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("success", "success"),
        ("running", ""),
        ("created", ""),
        ("failed", "failure"),
        ("canceled", "error"),
        ("skipped", "inactive"),
    ],
)
@pytest.mark.parametrize(
    ("sha", "variables"),
    [(HEAD_SHA, {}), (HEAD_SHA, BRANCH | {"CI_COMMIT_BRANCH": ""}), (MERGE_SHA, MERGED)],
)
def test_the_newest_deployment_of_the_commit_counts(
    app: gitlab.GitLab,
    url: str,
    sha: str,
    variables: dict[str, str],
    status: str,
    state: str,
) -> None:
    """In any pipeline; in one of merged results that of the merge. The URL is the environment's."""
    app.add_deployment(sha, "review/a", "failed")
    app.add_deployment(sha, "review/a", status)
    app.add_deployment(BASE_SHA, "other")
    (found,) = forge(url, **variables).deployments(TARGET, ["review/*"])
    assert (found.environment, found.state, found.url) == ("review/a", state, PREVIEW)


def test_a_commit_of_another_merge_requests_pipeline_is_not_this_ones(
    app: gitlab.GitLab, url: str
) -> None:
    """A number that is given by hand may be of any merge request."""
    app.add_deployment(MERGE_SHA, "review/a")
    other = MERGED | {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": BASE_SHA}
    assert not forge(url, **other).deployments(TARGET, ["review/*"])


def test_a_deployment_that_was_replaced_is_inactive(app: gitlab.GitLab, url: str) -> None:
    """By then its environment shows another commit; one that failed has replaced nothing."""
    app.add_deployment(HEAD_SHA, "review/a")
    app.add_deployment(HEAD_SHA, "review/b")
    app.add_deployment(BASE_SHA, "review/a")
    app.add_deployment(BASE_SHA, "review/b", "failed")
    found = forge(url).deployments(TARGET, ["review/*"])
    assert {it.environment: it.state for it in found} == {
        "review/a": "inactive",
        "review/b": "success",
    }


def test_only_the_last_deployments_are_looked_at(app: gitlab.GitLab, url: str) -> None:
    """There is no filter for a commit, and a project may have thousands."""
    app.add_deployment(HEAD_SHA, "review/a")
    for _ in range(400):
        app.add_deployment(BASE_SHA, "review/b")
    assert not forge(url).deployments(TARGET, ["review/*"])
    assert len(app.requests) == 3


DIFF = """diff --git a/a b/b
old mode 100644
new mode 100755
rename from a
rename to b
diff --git a/empty b/empty
new file mode 100644
diff --git a/gone b/gone
deleted file mode 100644
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-1
diff --git a/new b/new
new file mode 100644
--- /dev/null
+++ b/new
@@ -0,0 +1 @@
+1
diff --git a/large b/large
"""


def test_changes_are_as_git_writes_them(app: gitlab.GitLab, url: str) -> None:
    """With renames, modes and new empty files; what GitLab leaves out is said."""
    app.diffs[:] = [
        changed_file("b", "", old_path="a", renamed_file=True, b_mode="100755"),
        changed_file("empty", "", new_file=True, a_mode="0"),
        changed_file("gone", "@@ -1 +0,0 @@\n-1\n", deleted_file=True, b_mode="0"),
        changed_file("new", "@@ -0,0 +1 @@\n+1\n", new_file=True, a_mode="0"),
        changed_file("large", "", too_large=True),
    ]
    changes = forge(url).changes(replace(TARGET, title="Fix it", body="All."))
    assert changes.diff.splitlines() == DIFF.splitlines()
    assert changes.left_out == "GitLab leaves out the diffs of 1 large files."
    assert changes.description == f"Fix it\n\nAll.\n\n{changes.left_out}"


CALLS: dict[str, Callable[[GitLab], Any]] = {
    "pull_request": lambda it: it.pull_request(PROJECT, 7),
    "open": lambda it: it.open_pull_requests(Reference(PROJECT, 0, HEAD_SHA)),
    "comments": lambda it: it.comments(TARGET),
    "comment": lambda it: it.comment(TARGET, 5),
    "create": lambda it: it.create_comment(TARGET, "x"),
    "edit": lambda it: it.edit_comment(TARGET, 5, "x"),
    "delete": lambda it: it.delete_comment(TARGET, 5),
    "status": lambda it: it.set_status(TARGET, "failure", *STATUS),
    "deployments": lambda it: it.deployments(TARGET, ["*"]),
    "changes": lambda it: it.changes(TARGET),
}


def faulty(app: gitlab.GitLab, fault: Fault, times: int = 99) -> Faults:
    """Return a GitLab that fails the first times that it is asked."""
    return Faults(app, lambda number, _: fault if number <= times else None)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (401, PermissionMissing, "`QATECH_GITLAB_TOKEN`: it is not valid"),
        (403, PermissionMissing, "`QATECH_GITLAB_TOKEN`.*role (Reporter|Developer).*scope `api`"),
        (404, NotFound, "Check the number"),
        (418, ForgeError, "with 418: no"),
    ],
)
def test_a_refusal_says_what_is_missing(
    app: gitlab.GitLab, call: str, status: int, kind: type[ForgeError], told: str
) -> None:
    """Each call is made once, and the token is in no message."""
    with serving(faulty(app, Response(status, {"message": "no"}))) as url:
        with pytest.raises(kind, match=told) as caught:
            CALLS[call](forge(url))
        assert GITLAB_TOKEN not in f"{caught.value!r} {caught.value.__context__!r}"


@pytest.mark.parametrize("call", ["create", "changes", "status"])
def test_what_a_job_token_may_not_do_names_the_token_that_may(url: str, call: str) -> None:
    """It reads the merge request, and is answered 401 or 404 elsewhere."""
    client = forge(url, token="")
    assert client.pull_request(PROJECT, 7).number == 7
    with pytest.raises(PermissionMissing, match=r"`CI_JOB_TOKEN`.*Set .*`QATECH_GITLAB_TOKEN`"):
        CALLS[call](client)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "fault", [DROP_BEFORE, Response(502), Response(409), Response(429, None, {"Retry-After": "7"})]
)
def test_a_call_that_may_come_twice_is_made_again(
    app: gitlab.GitLab, call: str, fault: Fault
) -> None:
    """A note is created once: there could be two then. python-gitlab by itself sleeps and sends."""
    server = faulty(app, fault, times=1)
    app.add_note("x", BOT)["id"] = 5
    with serving(server) as url:
        if call == "create":
            with pytest.raises(ForgeError):
                CALLS[call](forge(url))
            assert len(server.requests) == 1
        else:
            CALLS[call](forge(url))
            assert len(server.requests) > 1


@pytest.mark.parametrize("asked", ["600", "soon", None])
def test_a_long_rate_limit_is_not_waited_for(app: gitlab.GitLab, asked: str | None) -> None:
    """Nor one of no known length."""
    server = faulty(app, Response(429, None, {"Retry-After": asked} if asked else {}))
    with serving(server) as url, pytest.raises(ForgeError, match="with 429"):
        CALLS["comments"](forge(url))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "call", ["pull_request", "open", "comments", "create", "deployments", "changes"]
)
@pytest.mark.parametrize(
    "body",
    ["{", "5", "null", '{"id": "x"}', "[1]"],
    ids=["cut", "number", "null", "object", "list"],
)
def test_an_answer_that_is_not_gitlabs_is_an_error_of_ours(
    app: gitlab.GitLab, call: str, body: str
) -> None:
    """Whatever python-gitlab makes of it."""
    with serving(faulty(app, Response(200, body))) as url:
        client = forge(url)
        with pytest.raises(ForgeError, match=r"cannot be read|without number or head"):
            CALLS[call](client)


class Elsewhere:
    """Another server, which must not be asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Response:
        """Answer like a list of anything."""
        self.requests.append(request)
        return Response(200, [])


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [200, 301, 307])
def test_tokens_and_writes_go_nowhere_else(app: gitlab.GitLab, call: str, status: int) -> None:
    """Neither by a redirect nor by the link to a next page."""
    elsewhere = Elsewhere()
    with serving(elsewhere) as there:
        headers = {"Location": f"{there}/x", "Link": f'<{there}/x>; rel="next"'}
        is_followed = status != 200 or call in {"open", "comments", "deployments", "changes"}
        with serving(faulty(app, Response(status, [], headers))) as url:
            if is_followed:
                with pytest.raises(ForgeError):
                    CALLS[call](forge(url))
            assert not elsewhere.requests


def test_a_read_is_led_on_within_the_server(app: gitlab.GitLab) -> None:
    """As GitLab does for a project that was renamed."""
    place = {"Location": "/api/v4/projects/101/merge_requests/7"}
    with serving(faulty(app, Response(301, None, place), times=1)) as url:
        assert forge(url).pull_request("octo-group/old", 7).head_sha == HEAD_SHA


def test_a_file_of_certificates_that_is_not_there_is_named(tmp_path: Path) -> None:
    """It is looked for before anybody is asked."""
    missing = str(tmp_path / "ca.pem")
    with pytest.raises(ForgeError, match=r"to trust is not there.*`CI_SERVER_TLS_CA_FILE`"):
        forge("https://127.0.0.1:1", CI_SERVER_TLS_CA_FILE=missing).pull_request(PROJECT, 7)


def job(folder: Path, *secrets: str) -> tuple[GitLabJob, StringIO]:
    """Return a job and its log."""
    stream = StringIO()
    made = GitLabJob({"CI_PROJECT_DIR": str(folder)}, stream)
    for secret in secrets:
        made.mask(secret)
    return made, stream


def test_the_log_is_coloured_and_folds(tmp_path: Path) -> None:
    """GitLab has no annotations; a section has a name of its own, and its title on one line."""
    made, stream = job(tmp_path)
    for tell in (made.info, made.notice, made.warning, made.error):
        tell("a")
    made.group("A\ntitle", "words")
    assert re.sub(r"(?<=:)\d{10}(?=:)", "MOMENT", stream.getvalue()) == (
        "a\n\x1b[36;1mNotice: a\x1b[0m\n\x1b[33;1mWarning: a\x1b[0m\n\x1b[31;1mError: a\x1b[0m\n"
        "\x1b[0Ksection_start:MOMENT:qatech_1[collapsed=true]\r\x1b[0KA title\nwords\n"
        "\x1b[0Ksection_end:MOMENT:qatech_1\r\x1b[0K\n"
    )


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n\x1b[section_:start1e")))
def test_no_text_is_a_section_an_escape_or_a_secret(text: str) -> None:
    """Our own markers are all that is left; what nobody sees parts no secret."""
    made, stream = job(Path("/nowhere"), "hunter22")
    made.info(f"section_start:1:x\r\x1b[0K{text}SECTION_END:1:x hunter22 hun\x00ter22")
    assert not {"\r", "\x1b"} & set(stream.getvalue())
    assert not re.search("section_(start|end):", stream.getvalue(), re.IGNORECASE)
    made.group(f"{text}hunter22", f"{text}section_end:1:qatech_1\r\x1b[0K")
    assert SECTION.findall(stream.getvalue()) == ["qatech_1"] * 2
    assert "hunter22" not in stream.getvalue()


def test_a_log_that_nobody_reads_does_not_end_the_run(tmp_path: Path) -> None:
    """What is found is reported elsewhere."""
    made, stream = job(tmp_path)
    stream.close()
    made.error("a")
    made.write_summary("b")
    assert (tmp_path / "qatech-summary.md").read_text() == "b\n"


def test_later_jobs_get_variables(tmp_path: Path) -> None:
    """One line each. What does not fit, or would be expanded, is empty and there all the same."""
    values = dict.fromkeys([*OUTPUTS, "result"], "") | {
        "verdict": "passed",
        "status": "a\nb=c",
        "conversation-id": "$CI_JOB_TOKEN",
        "conversation-url": "https://x.example/hunter22",
        "comment-url": "x" * 501,
        "reply": "words",
    }
    job(tmp_path, "hunter22")[0].write_outputs(values)
    assert (tmp_path / "qatech.env").read_text().splitlines() == [
        "QATECH_VERDICT=passed",
        "QATECH_GATE=",
        "QATECH_VERDICT_SOURCE=",
        "QATECH_STATUS=",
        "QATECH_CONVERSATION_ID=",
        "QATECH_CONVERSATION_URL=https://x.example/***",
        "QATECH_HEAD_SHA=",
        "QATECH_COMMENT_URL=",
    ]


def test_files_are_written_anew_in_place_of_links(tmp_path: Path) -> None:
    """The folder is a checkout of the code under review; what an earlier job left is removed."""
    elsewhere, summary = tmp_path / "elsewhere", tmp_path / "qatech-summary.md"
    elsewhere.write_text("kept")
    (tmp_path / "qatech.env").write_text("QATECH_VERDICT=passed\n")
    made, _ = job(tmp_path, "hunter22")
    assert not (tmp_path / "qatech.env").exists()
    summary.symlink_to(elsewhere)
    made.write_summary("One, hunter22")
    made.write_summary("Two, hunter22")
    assert (summary.read_text(), elsewhere.read_text()) == ("Two, ***\n", "kept")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Such as one whose place a folder has."""
    (tmp_path / "qatech.env").mkdir()
    with pytest.raises(UsageError, match=r"qatech\.env"):
        job(tmp_path)[0].write_outputs({"verdict": "passed"})
