"""QA.tech's check, our status, and diffs: GitHub's answers as its documentation shows them."""

from typing import Any

import pytest

from fakes import PULL_REQUEST, SHA, clock
from fault_server import Fault, answer, serving
from qatech_ci.before.checks import NAME, Check
from qatech_ci.before.errors import ForgeError, PermissionMissing
from qatech_ci.before.github import GitHub, Rest
from qatech_ci.before.github.changes import LARGEST_DIFF
from qatech_ci.before.model import CommitRange, HeadCommit, RawChanges
from qatech_ci.before.ports import Deadline, Status, StatusState
from qatech_ci.before.sandbox import ALL_PERMISSIONS
from qatech_ci.before.sandbox import GitHub as StandIn
from qatech_ci.before.sandbox import serving as serving_stand_in
from qatech_ci.before.target import Event

EVENT = Event("pull_request", {}, "https://github.com", "octo-org/shop")
RANGE = CommitRange("octo-org/shop", "a" * 40, SHA, "Changes pushed", "https://x.example")
RUN: dict[str, Any] = {
    "name": NAME,
    "head_sha": SHA,
    "status": "completed",
    "conclusion": "success",
    "started_at": "2026-05-04T12:00:01Z",
    "completed_at": "2026-05-04T12:01:00Z",
    "details_url": "https://app.qa.tech/chat/chat_abc",
    "app": {"slug": "qa-tech", "owner": {"login": "QAdottech"}},
}
STATUS: dict[str, Any] = {
    "context": NAME,
    "state": "failure",
    "updated_at": "2026-05-04T12:02:00Z",
    "target_url": "https://app.qa.tech/chat/chat_abc",
    "creator": {"login": "qa-tech[bot]", "type": "Bot"},
}
NONE = answer({"total_count": 0, "check_runs": []})


def runs(*documents: dict[str, Any]) -> Fault:
    """Answer with check runs."""
    return answer({"total_count": len(documents), "check_runs": list(documents)})


def forge(url: str) -> GitHub:
    """Return the adapter."""
    return GitHub(Rest(url, "ghs_1", Deadline(clock(), 20)), EVENT)


def check_of(*script: Fault) -> Check | None:
    """Return the check that is found in two answers: check runs, then statuses."""
    with serving(*script) as server:
        return forge(server.url).check(PULL_REQUEST)


def test_a_check_run_is_found() -> None:
    """On the reviewed commit, asked for by its name."""
    with serving(runs(RUN), answer([])) as server:
        check = forge(server.url).check(PULL_REQUEST)
    assert check
    assert (check.is_pending, check.conclusion) == (False, "success")
    assert (check.changed_at.minute, check.url) == (1, "https://app.qa.tech/chat/chat_abc")
    first, second = server.received
    assert first.path.startswith(
        f"/repos/octo-org/shop/commits/{SHA}/check-runs?check_name=QA.tech"
    )
    assert second.path.startswith(f"/repos/octo-org/shop/commits/{SHA}/statuses?")


def test_a_commit_status_is_found() -> None:
    """It is not documented which of the two QA.tech writes."""
    check = check_of(NONE, answer([STATUS, STATUS | {"state": "success"}]))
    assert check
    assert (check.is_pending, check.conclusion) == (False, "failure")


@pytest.mark.parametrize(
    ("change", "pending", "conclusion"),
    [
        ({"status": "in_progress", "conclusion": None, "completed_at": None}, True, ""),
        ({"status": "queued", "conclusion": None, "completed_at": None}, True, ""),
        ({"conclusion": "neutral"}, False, "neutral"),
        ({"completed_at": "nonsense"}, False, "success"),
        ({"app": {"slug": "reviews", "owner": {"login": "QAdottech"}}}, False, "success"),
    ],
)
def test_how_a_check_run_stands(change: dict[str, Any], pending: bool, conclusion: str) -> None:  # noqa: FBT001 - a table
    """Pending until it is completed; the app is QA.tech's by its slug or its owner."""
    check = check_of(runs(RUN | change), answer([]))
    assert check
    assert (check.is_pending, check.conclusion) == (pending, conclusion)


@pytest.mark.parametrize("state", ["pending", "success", "error"])
def test_how_a_status_stands(state: str) -> None:
    """An error says nothing about the change."""
    check = check_of(NONE, answer([STATUS | {"state": state}]))
    assert check
    assert check.is_pending is (state == "pending")
    assert check.conclusion == ("" if state == "pending" else state)


def test_of_a_run_and_a_status_the_pending_one_counts() -> None:
    """Its word is still to come."""
    check = check_of(runs(RUN), answer([STATUS | {"state": "pending"}]))
    assert check
    assert check.is_pending


@pytest.mark.parametrize(
    "change",
    [
        {"app": {"slug": "github-actions", "owner": {"login": "github"}}},
        {"app": None},
        {"head_sha": "f" * 40},
        {"name": "QA.tech / PR review"},
    ],
)
def test_a_check_by_another_app_or_on_another_commit_is_none(change: dict[str, Any]) -> None:
    """A workflow of the pull request can write a check of any name."""
    assert check_of(runs(RUN | change), answer([])) is None


@pytest.mark.parametrize(
    "change",
    [
        {"creator": {"login": "github-actions[bot]", "type": "Bot"}},
        {"creator": {"login": "qa-tech", "type": "User"}},
        {"creator": None},
        {"context": "ci"},
    ],
)
def test_a_status_by_somebody_else_is_none(change: dict[str, Any]) -> None:
    """Whoever may push can write a status of any name."""
    assert check_of(NONE, answer([STATUS | change])) is None


def test_a_status_is_found_behind_any_number_of_others() -> None:
    """Other tools write statuses, too."""
    others = [STATUS | {"context": f"ci {number}"} for number in range(100)]
    check = check_of(NONE, answer(others), answer([STATUS]))
    assert check
    assert check.conclusion == "failure"


def test_statuses_that_never_end_are_left() -> None:
    """After a thousand of them."""
    others = [STATUS | {"context": f"ci {number}"} for number in range(100)]
    with serving(NONE, answer(others)) as server:
        assert forge(server.url).check(PULL_REQUEST) is None
    assert len(server.received) == 11


@pytest.mark.parametrize("document", [{"app": "x"}, {"app": {"slug": "qa-tech", "owner": 7}}])
def test_a_check_whose_app_is_odd_is_read_for_what_it_is(document: dict[str, Any]) -> None:
    """No app, no check; a time without a zone is one in UTC."""
    check = check_of(runs(RUN | document | {"completed_at": "2026-05-04T12:01:00"}), answer([]))
    assert (check is None) is (document["app"] == "x")


@pytest.mark.parametrize(
    ("files", "told"),
    [(300, "GitHub lists at most 300 files here."), (299, "")],
)
def test_a_comparison_that_may_be_cut_says_so(files: int, told: str) -> None:
    """GitHub has no word on how many more there are."""
    documents = [file(f"{number}.py") for number in range(files)]
    with serving(answer({"files": documents})) as server:
        assert forge(server.url).changes(RANGE).cut == told


def test_files_that_github_does_not_list_are_counted() -> None:
    """The pull request tells how many it has."""
    found = changes([file("a.py")], changed_files=3101)
    assert found.cut == "GitHub does not list 3100 more."


@pytest.mark.parametrize(
    ("script", "permission"),
    [
        ([answer({"message": "no"}, 403)], "checks: read"),
        ([NONE, answer({"message": "no"}, 403)], "statuses: read"),
    ],
)
def test_a_missing_permission_is_named(script: list[Fault], permission: str) -> None:
    """With what it is good for."""
    with pytest.raises(PermissionMissing, match=f"`permissions: {permission}`"):
        check_of(*script)


@pytest.mark.parametrize("document", [{}, {"check_runs": 7}, [], "x"])
def test_an_answer_without_a_list_is_an_error_of_ours(document: object) -> None:
    """Whatever a proxy makes of it."""
    with pytest.raises(ForgeError, match="no list"):
        check_of(answer(document), answer({"x": 1}))


@pytest.mark.parametrize("url", ["https://github.com/octo-org/shop/actions/runs/1", ""])
def test_a_status_is_set(url: str) -> None:
    """On the head commit, with a link to the run where there is one."""
    with serving(answer({"id": 1}, 201)) as server:
        forge(server.url).set_status(
            PULL_REQUEST,
            Status("qatech-ci", StatusState.PENDING, "Under way.", url),
        )
    (request,) = server.received
    assert (request.method, request.path) == ("POST", f"/repos/octo-org/shop/statuses/{SHA}")
    assert request.json() == {
        "state": "pending",
        "context": "qatech-ci",
        "description": "Under way.",
    } | ({"target_url": url} if url else {})


def test_a_status_that_may_not_be_set_names_the_permission() -> None:
    """And is not sent again."""
    with (
        serving(answer({"message": "no"}, 403)) as server,
        pytest.raises(PermissionMissing, match="statuses: write"),
    ):
        forge(server.url).set_status(PULL_REQUEST, Status("x", StatusState.ERROR, "", ""))
    assert len(server.received) == 1


def file(name: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a changed file as GitHub lists it."""
    return {"filename": name, "status": "modified", "patch": "@@ -1 +1 @@\n-a\n+b"} | fields


def changes(*pages: list[dict[str, Any]], **pull: Any) -> RawChanges:  # noqa: ANN401 - JSON
    """Return the changes of a pull request whose files are listed in these pages."""
    document = {"title": "Fix the total", "body": "It was wrong."} | pull
    with serving(answer(document), *map(answer, pages)) as server:
        found = forge(server.url).changes(PULL_REQUEST)
    assert len(server.received) == 1 + len(pages)
    return found


def test_the_changes_of_a_pull_request() -> None:
    """Title and description, and a diff as git writes it."""
    found = changes(
        [
            file("kept.py"),
            file("new.py", status="added"),
            file("gone.py", status="removed"),
            file("after.py", status="renamed", previous_filename="before.py"),
        ],
    )
    assert found.description == "Fix the total\n\nIt was wrong."
    assert found.diff.startswith(
        "diff --git a/kept.py b/kept.py\n--- a/kept.py\n+++ b/kept.py\n@@ -1 +1 @@\n-a\n+b\n",
    )
    assert "--- /dev/null\n+++ b/new.py\n" in found.diff
    assert "--- a/gone.py\n+++ /dev/null\n" in found.diff
    assert "diff --git a/before.py b/after.py\n" in found.diff
    assert found.cut == ""


def test_files_are_read_page_by_page() -> None:
    """A hundred a page."""
    names = [f"file{number}.py" for number in range(150)]
    found = changes([file(name) for name in names[:100]], [file(name) for name in names[100:]])
    assert found.diff.count("diff --git") == 150


def test_what_does_not_fit_is_left_out_and_counted() -> None:
    """Binary files have no patch; of a diff of 100 MB the beginning is sent."""
    large = "x" * 90_000
    files = [file(f"file{number}.py", patch=large) for number in range(50)]
    found = changes([*files, file("image.png", patch=None)])
    assert len(found.diff) <= LARGEST_DIFF
    assert found.cut.startswith("49 of 51 changed files are not in the diff")
    assert found.cut in found.description


def test_a_pull_request_without_commits_has_no_diff() -> None:
    """Nor need it have a title or a description."""
    assert changes([], title=None, body=None) == RawChanges("No description.", "", "")


def test_a_list_that_never_ends_is_left() -> None:
    """GitHub lists at most 3,000 files; a server that goes on does not hold us."""
    page = answer([file(f"{number}.py", patch=None) for number in range(100)])
    with serving(answer({"title": "x"}), page) as server:
        forge(server.url).changes(PULL_REQUEST)
    assert len(server.received) == 31


def test_the_changes_of_a_range() -> None:
    """Compared by GitHub; a branch's name is quoted."""
    with serving(answer({"files": [file("a.py")]})) as server:
        found = forge(server.url).changes(
            CommitRange("octo-org/shop", "feature/x y", SHA, "Pushed", "https://x.example"),
        )
    assert server.received[0].path == f"/repos/octo-org/shop/compare/feature%2Fx%20y...{SHA}"
    assert found.description == "Pushed"
    assert found.diff.startswith("diff --git a/a.py b/a.py\n")


def test_changes_that_may_not_be_read_name_the_permissions() -> None:
    """Both, since which of them is missing depends on the target."""
    with (
        serving(answer({"message": "no"}, 403)) as server,
        pytest.raises(PermissionMissing, match="contents: read"),
    ):
        forge(server.url).changes(RANGE)


@pytest.mark.parametrize("document", [{}, {"files": 7}, "x"])
def test_a_list_of_files_that_is_none_is_an_error_of_ours(document: object) -> None:
    """Whatever a proxy makes of it."""
    with serving(answer(document)) as server, pytest.raises(ForgeError, match="no list"):
        forge(server.url).changes(RANGE)


@pytest.fixture
def stand_in() -> StandIn:
    """Return a GitHub that the clock of the tests drives."""
    github = StandIn(now=clock().now)
    github.add_token("ghs_1", permissions=ALL_PERMISSIONS)
    github.add_pull_request("octo-org/shop", 7, head_sha=SHA, head_ref="fix-checkout-total")
    return github


def counted(stand_in: StandIn) -> int:
    """Return how many requests count against the rate limit."""
    return sum(call.counted for call in stand_in.requests)


def test_deployments_come_with_their_newest_status(stand_in: StandIn) -> None:
    """Of the head commit only."""
    first = stand_in.add_deployment("octo-org/shop", SHA, "Preview – shop")
    stand_in.add_deployment("octo-org/shop", SHA, "Preview – docs")
    stand_in.add_deployment("octo-org/shop", "f" * 40, "Production")
    stand_in.add_deployment_status("octo-org/shop", first, "in_progress")
    stand_in.add_deployment_status(
        "octo-org/shop",
        first,
        "success",
        environment_url="https://shop-pr-7.example.com",
    )
    with serving_stand_in(stand_in) as url:
        found = {it.environment: it for it in forge(url).deployments("octo-org/shop", SHA)}
    assert set(found) == {"Preview – shop", "Preview – docs"}
    assert found["Preview – shop"].state == "success"
    assert found["Preview – shop"].url == "https://shop-pr-7.example.com"
    assert (found["Preview – docs"].state, found["Preview – docs"].url) == ("", "")


def test_waiting_for_a_deployment_does_not_eat_the_budget(stand_in: StandIn) -> None:
    """Ten minutes of looks cost a handful of requests that count."""
    stand_in.add_deployment("octo-org/shop", SHA, "Preview – shop")
    with serving_stand_in(stand_in) as url:
        github = forge(url)
        for _ in range(40):
            (found,) = github.deployments("octo-org/shop", SHA)
            assert found.state == ""
        stand_in.add_deployment_status("octo-org/shop", found.id, "success")
        (found,) = github.deployments("octo-org/shop", SHA)
    assert found.state == "success"
    assert len(stand_in.requests) == 82
    assert counted(stand_in) <= 10


def test_without_etags_a_list_is_read_anew() -> None:
    """A server that does not know them costs more, and works."""
    with serving(answer([])) as server:
        github = forge(server.url)
        assert github.deployments("octo-org/shop", SHA) == []
        assert github.deployments("octo-org/shop", SHA) == []
    assert len(server.received) == 2


def test_deployments_that_may_not_be_read_name_the_permission(stand_in: StandIn) -> None:
    """As everything that is missing."""
    stand_in.add_token("ghs_1", permissions={"contents": "read"})
    with (
        serving_stand_in(stand_in) as url,
        pytest.raises(PermissionMissing, match="deployments: read"),
    ):
        forge(url).deployments("octo-org/shop", SHA)


@pytest.mark.parametrize(
    ("commit", "numbers"),
    [
        (HeadCommit("octo-org/shop", SHA), [7]),
        (HeadCommit("octo-org/shop", SHA, "octo-org:fix-checkout-total"), [7]),
        (HeadCommit("octo-org/shop", "e" * 40, "mona:patch-1"), [8]),
        (HeadCommit("octo-org/shop", "d" * 40), []),
        (HeadCommit("octo-org/shop", "f" * 40), []),
        (HeadCommit("octo-org/shop", "f" * 40, "mona:patch-1"), []),
    ],
)
def test_pull_requests_are_found_by_their_head(
    stand_in: StandIn,
    commit: HeadCommit,
    numbers: list[int],
) -> None:
    """Open ones whose head is that very commit; a fork's by its branch."""
    stand_in.add_pull_request(
        "octo-org/shop",
        8,
        head_sha="e" * 40,
        head_repository="mona/shop",
        head_ref="patch-1",
    )
    stand_in.add_pull_request("octo-org/shop", 9, head_sha="d" * 40, state="closed")
    with serving_stand_in(stand_in) as url:
        found = forge(url).open_pull_requests(commit)
    assert [pull_request.number for pull_request in found] == numbers


@pytest.mark.parametrize(
    ("role", "may"),
    [("admin", True), ("maintain", True), ("write", True), ("triage", False), ("read", False)],
)
def test_who_may_write(stand_in: StandIn, role: Any, may: bool) -> None:  # noqa: ANN401, FBT001 - a table
    """Whoever may push may ask for a review; a stranger may not."""
    stand_in.add_collaborator("octo-org/shop", "hubot", role)
    with serving_stand_in(stand_in) as url:
        assert forge(url).may_write("octo-org/shop", "hubot") is may
        assert not forge(url).may_write("octo-org/shop", "mallory")


def test_a_comment_is_acknowledged(stand_in: StandIn) -> None:
    """With a reaction, or a message that names the permission."""
    number = stand_in.add_comment("octo-org/shop", 7, "octocat", "/qatech review")
    with serving_stand_in(stand_in) as url:
        forge(url).acknowledge("octo-org/shop", number)
        assert [reaction.content for reaction in stand_in.reactions(number)] == ["eyes"]
        stand_in.add_token("ghs_1", permissions={"contents": "read"})
        with pytest.raises(PermissionMissing, match="pull-requests: write"):
            forge(url).acknowledge("octo-org/shop", number)
