"""GitLab: against the strict stand-in, and against a server that answers by script."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes import SHA, clock
from fault_server import (
    Fault,
    answer,
    bomb,
    drip,
    raw,
    refusing,
    reset_after_reading,
    sends,
    stall,
)
from fault_server import serving as serving_faults
from gitlab_stand_ins import GITLAB_TOKEN, JOB_TOKEN, MERGE_REQUEST_URL, PROJECT
from qatech_ci.before.bodies import LARGEST_BODY
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.errors import ForgeError, NotOnForge, PermissionMissing
from qatech_ci.before.gitlab.context import Context
from qatech_ci.before.gitlab.forge import GitLab
from qatech_ci.before.gitlab.rest import Access, Rest
from qatech_ci.before.model import CommitRange, HeadCommit, PullRequest
from qatech_ci.before.ports import Deadline, Forge, Run, Status, StatusState
from qatech_ci.before.sandbox import FileDiff, serving
from qatech_ci.before.sandbox import GitLab as StandIn
from qatech_ci.before.sandbox.gitlab import DEVELOPER, REPORTER

MERGE_REQUEST = PullRequest(PROJECT, 7, MERGE_REQUEST_URL, SHA)
MERGED = "c" * 40
NOTE = {"id": 5, "body": "b", "author": {"username": "me"}}
STATUS = Status("qatech-ci (app_web)", StatusState.PENDING, "Under way.", "https://x.example")


def forge(
    url: str,
    seconds: float = 20,
    token: str = GITLAB_TOKEN,
    context: Context | None = None,
    *,
    is_thread: bool = False,
) -> GitLab:
    """Return the adapter for a server at `url`."""
    access = Access(url, token, "" if token else JOB_TOKEN)
    context = context or Context("https://gitlab.com", PROJECT, SHA, Run())
    return GitLab(Rest(access, Deadline(clock(), seconds)), context, is_thread=is_thread)


@pytest.fixture
def stand_in() -> StandIn:
    """Return a GitLab with the merge request and a token that may do what is needed."""
    gitlab = StandIn(now=SimulatedClock(clock().now()).now)
    gitlab.add_merge_request(PROJECT, 7, sha=SHA)
    gitlab.add_token(GITLAB_TOKEN)
    gitlab.add_token(JOB_TOKEN, "octocat", kind="job", project=PROJECT)
    return gitlab


@pytest.fixture
def url(stand_in: StandIn) -> Iterator[str]:
    """Yield the address of the stand-in's API."""
    with serving(stand_in) as address:
        yield f"{address}/api/v4"


def test_a_merge_request_is_looked_up(url: str) -> None:
    """The head commit comes from the API where the pipeline does not tell it."""
    assert forge(url).pull_request(PROJECT, 7) == MERGE_REQUEST


def test_a_merge_request_from_a_fork(stand_in: StandIn, url: str) -> None:
    """Also where the fork has been deleted since."""
    stand_in.add_merge_request(PROJECT, 8, sha=SHA, source_project="mallory/shop")
    stand_in.add_merge_request(PROJECT, 9, sha=SHA, source_project=None)
    assert all(forge(url).pull_request(PROJECT, number).from_fork for number in (8, 9))


def test_a_merge_request_that_is_not_there_says_so(url: str) -> None:
    """The message names the call and says what to check."""
    with pytest.raises(NotOnForge, match=r"merge_requests/8 with 404.*Check the number"):
        forge(url).pull_request(PROJECT, 8)


@pytest.mark.parametrize("is_thread", [False, True])
def test_a_note_is_written_found_and_written_anew(
    stand_in: StandIn,
    url: str,
    *,
    is_thread: bool,
) -> None:
    """What was written is what is there; lines of GitLab's own are no notes."""
    gitlab = forge(url, is_thread=is_thread)
    stand_in.add_note(PROJECT, 7, "octocat", "requested review", system=True)
    created = gitlab.create_comment(MERGE_REQUEST, "one")
    edited = gitlab.edit_comment(MERGE_REQUEST, created.id, "two")
    (found,) = gitlab.comments(MERGE_REQUEST)
    assert found == replace(edited, is_own=True)
    assert (found.body, found.url) == ("two", f"{MERGE_REQUEST_URL}#note_{created.id}")
    assert gitlab.comment(MERGE_REQUEST, created.id) == edited
    gitlab.delete_comment(MERGE_REQUEST, created.id)
    with pytest.raises(NotOnForge):
        gitlab.comment(MERGE_REQUEST, created.id)


def test_all_notes_are_read_where_asked_for(stand_in: StandIn, url: str) -> None:
    """Page by page, and not a page more than is needed."""
    for number in range(150):
        stand_in.add_note(PROJECT, 7, "octocat", f"{number}")
    gitlab = forge(url)
    assert len(list(gitlab.comments(MERGE_REQUEST))) == 150
    stand_in.requests.clear()
    assert not next(gitlab.comments(MERGE_REQUEST)).is_own
    assert len(stand_in.requests) == 2, "who we are, and the first page"


def test_a_thread_is_resolved_and_reopened(stand_in: StandIn, url: str) -> None:
    """By the note's author, whatever its role; a later run finds the thread of the note."""
    stand_in.add_token(GITLAB_TOKEN, access_level=REPORTER)
    for _ in range(120):
        stand_in.add_note(PROJECT, 7, "octocat", "words")
    first = forge(url, is_thread=True)
    number = first.create_comment(MERGE_REQUEST, "one").id
    first.settle(MERGE_REQUEST, number, is_settled=True)
    assert stand_in.discussions(PROJECT, 7)[-1].resolved
    later = forge(url, is_thread=True)
    later.comment(MERGE_REQUEST, number)
    later.settle(MERGE_REQUEST, number, is_settled=False)
    assert not stand_in.discussions(PROJECT, 7)[-1].resolved


def test_a_thread_that_stands_as_it_should_is_left_alone(stand_in: StandIn, url: str) -> None:
    """So is a note on its own, which has nothing to resolve."""
    threaded, plain = forge(url, is_thread=True), forge(url)
    thread = threaded.create_comment(MERGE_REQUEST, "one").id
    note = plain.create_comment(MERGE_REQUEST, "two").id
    stand_in.requests.clear()
    threaded.settle(MERGE_REQUEST, thread, is_settled=False)
    plain.settle(MERGE_REQUEST, note, is_settled=True)
    assert not stand_in.requests
    with pytest.raises(ForgeError, match="Note is not resolvable"):
        threaded.settle(MERGE_REQUEST, note, is_settled=True)
    with pytest.raises(ForgeError, match="no thread with the note 1"):
        threaded.settle(MERGE_REQUEST, 1, is_settled=True)


def test_what_the_token_may_not_see_ends_no_list(stand_in: StandIn, url: str) -> None:
    """GitLab takes it out of a page, which is short then, and goes on with the next."""
    gitlab = forge(url, is_thread=True)
    for _ in range(120):
        stand_in.add_note(PROJECT, 7, "octocat", "internal").is_hidden = True
    created = gitlab.create_comment(MERGE_REQUEST, "one")
    for _ in range(120):
        stand_in.add_note(PROJECT, 7, "octocat", "internal").is_hidden = True
    later = forge(url, is_thread=True)
    assert [it.id for it in later.comments(MERGE_REQUEST)] == [created.id]
    later.settle(MERGE_REQUEST, created.id, is_settled=True)
    assert stand_in.discussions(PROJECT, 7)[120].resolved


@pytest.mark.parametrize("next_page", ["1", "0", "x", "", "9" * 40])
def test_a_list_does_not_go_in_circles(next_page: str) -> None:
    """Wherever the server leads."""
    with serving_faults(answer([], X_Next_Page=next_page)) as server:
        assert list(forge(server.url, token="").comments(MERGE_REQUEST)) == []


@pytest.mark.parametrize("access_level", [REPORTER, DEVELOPER])
def test_a_thread_in_which_somebody_has_replied(
    stand_in: StandIn,
    url: str,
    access_level: int,
) -> None:
    """A developer resolves all of it; a reporter only what it wrote itself, and says so."""
    stand_in.add_token(GITLAB_TOKEN, access_level=access_level)
    gitlab = forge(url, is_thread=True)
    number = gitlab.create_comment(MERGE_REQUEST, "one").id
    (thread,) = stand_in.discussions(PROJECT, 7)
    stand_in.add_note(PROJECT, 7, "octocat", "Why?", discussion_id=thread.id)
    if access_level == DEVELOPER:
        gitlab.settle(MERGE_REQUEST, number, is_settled=True)
    else:
        with pytest.raises(ForgeError, match=r"Somebody has replied.*the role Developer"):
            gitlab.settle(MERGE_REQUEST, number, is_settled=True)
    (thread,) = stand_in.discussions(PROJECT, 7)
    assert thread.resolved is (access_level == DEVELOPER)
    forge(url, is_thread=True).settle(MERGE_REQUEST, number, is_settled=False)
    (thread,) = stand_in.discussions(PROJECT, 7)
    assert not any(note.resolved for note in thread.notes)


def test_a_glance_tells_the_head(url: str) -> None:
    """There is no check of QA.tech's to be seen; where nothing can be read, nothing is told."""
    seen = forge(url).glance(MERGE_REQUEST)
    assert seen is not None
    assert (seen.head_sha, seen.check) == (SHA, None)
    assert forge(url).glance(replace(MERGE_REQUEST, number=8)) is None


def test_what_github_alone_has() -> None:
    """No check that is QA.tech's own, and no commands in comments."""
    with refusing() as nowhere:
        gitlab = forge(nowhere)
        look: Forge = gitlab
        assert look.check(MERGE_REQUEST) is None
        assert not gitlab.may_write(PROJECT, "octocat")
        gitlab.acknowledge(PROJECT, 5)


def test_a_status_may_be_reported_twice(stand_in: StandIn, url: str) -> None:
    """GitLab refuses the second time, and that is as good as done."""
    gitlab = forge(url)
    for state in (StatusState.PENDING, StatusState.PENDING, StatusState.ERROR):
        gitlab.set_status(MERGE_REQUEST, replace(STATUS, state=state, url=""))
    (status,) = stand_in.statuses(PROJECT, SHA)
    assert (status.name, status.status, status.target_url) == (STATUS.context, "failed", None)
    gitlab.set_status(MERGE_REQUEST, STATUS)
    newest = stand_in.statuses(PROJECT, SHA)[-1]
    assert (newest.status, newest.target_url) == ("pending", STATUS.url)


def test_the_role_for_a_status_is_named(stand_in: StandIn, url: str) -> None:
    """A reporter may write notes, and no statuses."""
    stand_in.add_token(GITLAB_TOKEN, access_level=REPORTER)
    with pytest.raises(PermissionMissing, match=r"Developer \(Maintainer .* the scope `api`"):
        forge(url).set_status(MERGE_REQUEST, STATUS)


def test_a_status_names_the_branch(stand_in: StandIn, url: str) -> None:
    """Of the merge request, or the one that was pushed to; a commit may be on several."""
    stand_in.add_commit(PROJECT, SHA, "main")
    forge(url).set_status(MERGE_REQUEST, STATUS)
    context = Context("https://gitlab.com", PROJECT, SHA, Run(), branch="topic")
    pushed = CommitRange(PROJECT, MERGED, SHA, "Changes pushed", "https://x.example")
    forge(url, context=context).set_status(pushed, STATUS)
    found = [status.pipeline.ref for status in stand_in.statuses(PROJECT, SHA)]
    assert found == ["guest-checkout", "topic"]
    gitlab = forge(url)
    own = gitlab.pull_request(PROJECT, 7)
    stand_in.requests.clear()
    gitlab.set_status(own, STATUS)
    assert len(stand_in.requests) == 1, "the branch is known"


def test_a_fork_takes_no_status() -> None:
    """Its commit is on no branch of the project; nobody is asked in vain."""
    with refusing() as nowhere, pytest.raises(ForgeError, match="comes from a fork"):
        forge(nowhere).set_status(replace(MERGE_REQUEST, from_fork=True), STATUS)


def test_a_status_that_somebody_else_is_writing_is_set_again() -> None:
    """GitLab says 409 for that moment."""
    busy = answer({"message": "Another update to this commit status is in progress"}, 409)
    context = Context("https://gitlab.com", PROJECT, SHA, Run())
    pushed = CommitRange(PROJECT, MERGED, SHA, "Changes pushed", "https://x.example")
    with serving_faults(busy, answer({}, 201)) as server:
        forge(server.url, context=context).set_status(pushed, STATUS)
    assert [it.method for it in server.received] == ["POST", "POST"]


@pytest.mark.parametrize("scopes", [("read_api",), ("read_repository",)])
def test_a_missing_scope_is_named(stand_in: StandIn, url: str, scopes: tuple[str, ...]) -> None:
    """With the variable to set."""
    stand_in.add_token(GITLAB_TOKEN, scopes=scopes)
    told = "403: insufficient_scope.*`QATECH_GITLAB_TOKEN`.*the role Reporter and the scope `api`"
    with pytest.raises(PermissionMissing, match=told):
        forge(url).create_comment(MERGE_REQUEST, "one")


def test_a_jobs_own_token_cannot_write(url: str) -> None:
    """GitLab says 401 to it, as to a token that is not valid; the message says which one helps."""
    with pytest.raises(PermissionMissing, match=r"`CI_JOB_TOKEN`.*`QATECH_GITLAB_TOKEN`"):
        forge(url, token="").create_comment(MERGE_REQUEST, "one")


def test_a_jobs_own_token_may_read(url: str) -> None:
    """Merge request, notes and deployments, without who it is itself."""
    gitlab = forge(url, token="")
    assert gitlab.pull_request(PROJECT, 7) == MERGE_REQUEST
    assert list(gitlab.comments(MERGE_REQUEST)) == []
    assert gitlab.deployments(PROJECT, SHA) == []


def test_what_is_hidden_from_a_jobs_own_token(url: str) -> None:
    """GitLab says 404 to it, and the message which token may see more."""
    told = r"404.*`CI_JOB_TOKEN`.*the role Reporter and the scope `read_api`"
    with pytest.raises(PermissionMissing, match=told):
        forge(url, token="").pull_request(PROJECT, 8)


def test_certificates_that_are_not_there_are_named() -> None:
    """Before anything is sent; by itself requests raises no error of its own for that."""
    access = Access("https://127.0.0.1:1", GITLAB_TOKEN, ca_file="/nowhere/ca.crt")
    context = Context("https://gitlab.com", PROJECT, SHA, Run())
    gitlab = GitLab(Rest(access, Deadline(clock(), 20)), context)
    told = "no file /nowhere/ca.crt.*`CI_SERVER_TLS_CA_FILE`"
    with pytest.raises(ForgeError, match=told):
        gitlab.comment(MERGE_REQUEST, 5)


def test_a_token_that_is_not_valid_is_named(url: str) -> None:
    """No role or scope would help it."""
    with pytest.raises(ForgeError, match="Check `QATECH_GITLAB_TOKEN`: it is not valid") as caught:
        forge(url, token="glpat-unknown").create_comment(MERGE_REQUEST, "one")
    assert not isinstance(caught.value, PermissionMissing)


def test_the_open_merge_requests_of_a_commit(stand_in: StandIn, url: str) -> None:
    """Only those that are open, and have it as their head."""
    stand_in.add_merge_request(PROJECT, 8, sha=SHA, state="closed")
    stand_in.add_merge_request(PROJECT, 9, sha=SHA)
    stand_in.push(PROJECT, 9, MERGED)
    assert forge(url).open_pull_requests(HeadCommit(PROJECT, SHA)) == [MERGE_REQUEST]


def test_the_deployments_of_a_commit(stand_in: StandIn, url: str) -> None:
    """With the environment's URL, and in the words of the port."""
    place = stand_in.add_environment(PROJECT, "review/7", external_url="https://7.example.app")
    states = {"success": "success", "failed": "failure", "canceled": "error", "running": ""}
    for status in states:
        stand_in.add_deployment(place, SHA, status)
    stand_in.add_deployment(place, MERGED, "failed")
    found = forge(url).deployments(PROJECT, SHA)
    assert [it.state for it in reversed(found)] == list(states.values())
    assert {(it.environment, it.url) for it in found} == {("review/7", "https://7.example.app")}


def test_a_deployment_that_another_took_the_place_of_is_no_preview(
    stand_in: StandIn,
    url: str,
) -> None:
    """The URL is the environment's: another commit is to be seen there by now."""
    place = stand_in.add_environment(PROJECT, "review/7", external_url="https://7.example.app")
    stand_in.add_deployment(place, SHA)
    stand_in.add_deployment(place, MERGED)
    (found,) = forge(url).deployments(PROJECT, SHA)
    assert (found.state, found.description) == ("inactive", "another one took its place")


def test_a_merged_results_pipeline_deploys_another_commit(stand_in: StandIn, url: str) -> None:
    """The merge that GitLab made counts as the head, of that merge request alone."""
    place = stand_in.add_environment(PROJECT, "review/7", external_url="https://7.example.app")
    stand_in.add_deployment(place, MERGED)
    context = Context("https://gitlab.com", PROJECT, MERGED, Run(), merge_request=MERGE_REQUEST)
    gitlab = forge(url, context=context)
    assert len(gitlab.deployments(PROJECT, SHA)) == 1
    assert gitlab.deployments(PROJECT, "d" * 40) == []


def test_only_the_last_deployments_are_looked_at(stand_in: StandIn, url: str) -> None:
    """A project may have many thousands, and GitLab has no filter for a commit."""
    place = stand_in.add_environment(PROJECT, "production")
    for _ in range(350):
        stand_in.add_deployment(place, MERGED)
    forge(url).deployments(PROJECT, SHA)
    assert len(stand_in.requests) == 3


def test_the_changes_of_a_merge_request(stand_in: StandIn, url: str) -> None:
    """Title, description and diff as git writes it; what has no diff is counted."""
    stand_in.add_merge_request(PROJECT, 7, sha=SHA, title="Fix it", description="So.")
    stand_in.add_diffs(
        PROJECT,
        7,
        FileDiff("new.py", diff="@@ -0,0 +1 @@\n+1\n", new_file=True),
        FileDiff("gone.py", diff="@@ -1 +0,0 @@\n-1\n", deleted_file=True),
        FileDiff("to.py", old_path="from.py", diff="@@ -1 +1 @@\n-1\n+2\n"),
        FileDiff("photo.png", diff=""),
    )
    found = forge(url).changes(MERGE_REQUEST)
    assert found.description.startswith("Fix it\n\nSo.\n\n1 of 4 changed files")
    assert "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+1\ndiff --git" in found.diff
    assert "--- a/gone.py\n+++ /dev/null\n" in found.diff
    assert "diff --git a/from.py b/to.py\n--- a/from.py\n+++ b/to.py\n" in found.diff


def test_the_changes_of_commits_outside_of_a_merge_request(stand_in: StandIn, url: str) -> None:
    """What was pushed, compared with what was there before."""
    diffs = (FileDiff("a.py", diff="@@ -1 +1 @@\n-1\n+2\n"),)
    stand_in.add_comparison(PROJECT, (MERGED, SHA), diffs=diffs)
    pushed = CommitRange(PROJECT, MERGED, SHA, "Changes pushed to main", "https://x.example")
    found = forge(url).changes(pushed)
    assert found.description == "Changes pushed to main"
    assert "+++ b/a.py" in found.diff
    with serving_faults(answer({"diffs": [], "compare_timeout": True})) as server:
        assert "ran out of time" in forge(server.url).changes(pushed).cut


@pytest.mark.parametrize("fault", [reset_after_reading, answer({"message": "x"}, 502)])
def test_a_read_is_repeated(fault: Fault) -> None:
    """A passing failure of a read is over in a moment."""
    with serving_faults(fault, fault, answer(NOTE)) as server:
        comment = forge(server.url).comment(MERGE_REQUEST, 5)
    assert (comment.id, comment.body) == (5, "b")
    assert len(server.received) == 3


@pytest.mark.parametrize(
    "fault",
    [
        reset_after_reading,
        answer({"message": "x"}, 502),
        answer({"message": "x"}, 429, Retry_After="1"),
        answer({"message": "x"}, 307, Location="/again"),
        answer({"message": "x"}, 302, Location="/again"),
    ],
)
@pytest.mark.parametrize("is_thread", [False, True])
def test_a_write_is_sent_once(fault: Fault, *, is_thread: bool) -> None:
    """python-gitlab by itself would sleep and send it again: eleven notes in the worst case."""
    with serving_faults(fault) as server, pytest.raises(ForgeError):
        forge(server.url, is_thread=is_thread).create_comment(MERGE_REQUEST, "one")
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "fault",
    [
        reset_after_reading,
        answer({"message": "x"}, 502),
        answer({"message": "x"}, 429, Retry_After="7"),
    ],
)
def test_writing_a_note_anew_may_be_repeated(fault: Fault) -> None:
    """It comes to the same, and a verdict is not lost for a moment's trouble."""
    with serving_faults(fault, answer(NOTE)) as server:
        assert forge(server.url).edit_comment(MERGE_REQUEST, 5, "b").id == 5
    assert len(server.received) == 2


@pytest.mark.parametrize("seconds", ["600", "soon", ""])
def test_a_rate_limit_that_lasts_is_told(seconds: str) -> None:
    """Nobody waits ten minutes, or for how long nobody knows."""
    limited = sends(raw(b"Retry later\n", 429, Retry_After=seconds))
    with serving_faults(limited) as server, pytest.raises(ForgeError, match="rate limit is used"):
        forge(server.url).edit_comment(MERGE_REQUEST, 5, "b")
    assert len(server.received) == 1


def test_a_read_is_led_on_within_the_server() -> None:
    """That is how GitLab answers for a project that was renamed."""
    moved = answer({}, 301, Location="/api/v4/projects/1/merge_requests/7/notes/5")
    with serving_faults(moved, answer(NOTE)) as server:
        assert forge(server.url).comment(MERGE_REQUEST, 5).id == 5
    assert server.received[1].headers["private-token"] == GITLAB_TOKEN


def test_the_token_goes_to_no_other_server() -> None:
    """By itself, requests would take it along."""
    with (
        serving_faults(answer(NOTE)) as other,
        serving_faults(answer({}, 302, Location=f"{other.url}/")) as server,
        pytest.raises(ForgeError, match="Check `CI_API_V4_URL`"),
    ):
        forge(server.url).comment(MERGE_REQUEST, 5)
    assert not other.received


@pytest.mark.parametrize("fault", [stall, drip])
def test_a_server_cannot_hold_a_call_up(fault: Fault) -> None:
    """Neither by silence nor by a byte at a time."""
    with serving_faults(fault) as server, pytest.raises(ForgeError, match="TimeoutError"):
        forge(server.url, seconds=0.3).create_comment(MERGE_REQUEST, "one")


@pytest.mark.parametrize(
    "fault",
    [
        sends(raw(b"{")),
        sends(raw(b"[" * 100_000)),
        sends(raw(b"")),
        answer({"id": 1}, 418),
        answer({"id": 1}, 404),
        answer([1], 400),
        answer({"message": {"base": ["x"]}}, 400),
    ],
)
def test_an_answer_that_is_not_gitlabs_is_an_error_of_ours(fault: Fault) -> None:
    """Whatever python-gitlab makes of it."""
    with serving_faults(fault) as server, pytest.raises(ForgeError):
        forge(server.url).create_comment(MERGE_REQUEST, "one")


def test_an_address_that_is_none_is_an_error_of_ours() -> None:
    """It is found out only when it is used."""
    with pytest.raises(ForgeError, match="cannot be read: ValueError"):
        forge("http://[::1").create_comment(MERGE_REQUEST, "one")


@pytest.mark.parametrize("document", [None, 5, "", {}, {"id": "x"}, {"notes": []}])
def test_documents_that_are_not_as_documented(document: object) -> None:
    """A proxy may answer 200 with anything."""
    with serving_faults(answer(document)) as server:
        gitlab, threaded = forge(server.url), forge(server.url, is_thread=True)
        with pytest.raises(ForgeError):
            list(gitlab.comments(MERGE_REQUEST))
        with pytest.raises(ForgeError):
            gitlab.pull_request(PROJECT, 7)
        for each in (gitlab, threaded):
            with pytest.raises(ForgeError):
                each.create_comment(MERGE_REQUEST, "one")


@pytest.mark.parametrize(
    "fault",
    [bomb(LARGEST_BODY), sends(raw(b'"' + b"x" * LARGEST_BODY + b'"'))],
    ids=["packed", "as it is"],
)
def test_an_answer_of_any_size_takes_no_more_than_its_share_of_memory(fault: Fault) -> None:
    """It is given up, and the message says so by the kind of failure."""
    with serving_faults(fault) as server, pytest.raises(ForgeError, match="ContentDecodingError"):
        forge(server.url).create_comment(MERGE_REQUEST, "one")


def test_a_gitlab_that_cannot_be_reached_says_so() -> None:
    """The kind of failure is named, without what a message could quote."""
    with refusing() as nowhere, pytest.raises(ForgeError, match="ConnectionError"):
        forge(nowhere).create_comment(MERGE_REQUEST, "one")


@pytest.mark.parametrize("token", [GITLAB_TOKEN, ""])
def test_the_tokens_are_in_no_error(token: str) -> None:
    """Neither in the message nor in what an exception carries."""
    with (
        serving_faults(answer({"message": "no"}, 401)) as server,
        pytest.raises(ForgeError) as caught,
    ):
        forge(server.url, token=token).create_comment(MERGE_REQUEST, "one")
    error = caught.value
    told = f"{error!r} {error.__context__!r} {error.__cause__!r}"
    assert GITLAB_TOKEN not in told
    assert JOB_TOKEN not in told
    assert GITLAB_TOKEN not in repr(Access("https://x.example", GITLAB_TOKEN, JOB_TOKEN))


def test_without_any_token_calls_are_anonymous() -> None:
    """A public project can be read."""
    access = Access("", "")
    with serving_faults(answer([])) as server:
        rest = Rest(replace(access, api_url=server.url), Deadline(clock(), 20))
        context = Context("https://gitlab.com", PROJECT, SHA, Run())
        assert list(GitLab(rest, context).comments(MERGE_REQUEST)) == []
    assert not {"private-token", "job-token"} & set(server.received[0].headers)


def test_a_pause_beyond_the_deadline_is_not_begun() -> None:
    """What GitLab asks for does not fit."""
    limited = answer({"message": "x"}, 429, Retry_After="30")
    with serving_faults(limited) as server, pytest.raises(ForgeError):
        forge(server.url).edit_comment(MERGE_REQUEST, 5, "b")
    assert len(server.received) == 1


def test_deployments_that_come_later_are_seen_later(stand_in: StandIn, url: str) -> None:
    """A deployment under way has no state yet."""
    place = stand_in.add_environment(PROJECT, "review/7", external_url="https://7.example.app")
    soon = clock().now() + timedelta(minutes=1)
    stand_in.add_deployment(place, SHA, finished_at=soon)
    (found,) = forge(url).deployments(PROJECT, SHA)
    assert found.state == ""
