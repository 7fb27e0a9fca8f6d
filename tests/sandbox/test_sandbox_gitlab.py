"""Merge requests, diffs and projects in the stand-in for GitLab."""

from typing import Any

import pytest
from standins import Clock, ask

from qatech_ci.before.sandbox import FileDiff, GitLab
from qatech_ci.before.sandbox.gitlab import Commit

PROJECT = "octo-group/web/shop"
HERE = "/api/v4/projects/octo-group%2Fweb%2Fshop"
MR = f"{HERE}/merge_requests/7"
HEAD = "a" * 40
NEXT = "b" * 40


def gitlab(clock: Clock | None = None, **token: Any) -> GitLab:  # noqa: ANN401 - whatever add_token takes
    """Return a stand-in with an open merge request 7, and `token` as given, a developer's."""
    app = GitLab(now=clock or Clock())
    app.add_merge_request(PROJECT, 7, sha=HEAD)
    app.add_token("token", **token)
    return app


def test_a_project_is_found_by_path_and_by_id() -> None:
    """The path has its slashes encoded and no case; unknown ones are named as such."""
    app = gitlab()
    answer = ask(app, "GET", HERE)
    assert answer.status == 200
    assert answer.headers["Server"] == "qatech-ci stand-in for GitLab"
    assert answer.body["path_with_namespace"] == PROJECT
    assert answer.body["web_url"] == f"http://localhost/{PROJECT}"
    assert answer.body["permissions"]["project_access"]["access_level"] == 30
    assert ask(app, "GET", f"/api/v4/projects/{answer.body['id']}").body == answer.body
    assert ask(app, "GET", "/api/v4/projects/Octo-Group%2Fweb%2FSHOP").status == 200
    for name in ("2", "octo-group%2Fother"):
        missing = ask(app, "GET", f"/api/v4/projects/{name}")
        assert (missing.status, missing.body) == (404, {"message": "404 Project Not Found"})


def test_a_merge_request_is_shown_whole() -> None:
    """With the commits that it compares, where it is from and where it goes."""
    clock = Clock()
    app = gitlab(clock)
    body = ask(app, "GET", MR).body
    assert body["diff_refs"] == {
        "base_sha": body["diff_refs"]["start_sha"],
        "head_sha": HEAD,
        "start_sha": body["diff_refs"]["start_sha"],
    }
    assert (body["iid"], body["sha"], body["state"], body["draft"]) == (7, HEAD, "opened", False)
    assert body["source_project_id"] == body["target_project_id"] == body["project_id"]
    assert (body["source_branch"], body["target_branch"]) == ("guest-checkout", "main")
    assert body["web_url"] == f"http://localhost/{PROJECT}/-/merge_requests/7"
    assert body["created_at"] == "2026-05-04T10:30:00.000Z"
    assert (body["head_pipeline"], body["detailed_merge_status"]) == (None, "mergeable")
    clock.advance(60)
    app.push(PROJECT, 7, NEXT)
    assert ask(app, "GET", MR).body["sha"] == NEXT


def test_drafts_and_what_is_closed() -> None:
    """A draft says so in its title; what is not open cannot be merged."""
    app = gitlab()
    app.merge_request(PROJECT, 7).draft = True
    draft = ask(app, "GET", MR).body
    assert (draft["title"], draft["detailed_merge_status"]) == (
        "Draft: Add a guest checkout",
        "draft_status",
    )
    app.merge_request(PROJECT, 7).state = "closed"
    assert ask(app, "GET", MR).body["detailed_merge_status"] == "not_open"


def test_forks_and_forks_that_were_deleted() -> None:
    """The source is another project, or nothing at all."""
    app = gitlab()
    app.add_merge_request(PROJECT, 8, sha=NEXT, source_project="mallory/shop")
    app.add_merge_request(PROJECT, 9, sha=NEXT, source_project=None)
    fork = ask(app, "GET", f"{HERE}/merge_requests/8").body
    assert fork["source_project_id"] == 2 != fork["target_project_id"]
    assert ask(app, "GET", f"{HERE}/merge_requests/9").body["source_project_id"] is None


def test_merge_requests_are_listed_and_filtered() -> None:
    """By state, branches and number, newest first; lists show less than a single one."""
    clock = Clock()
    app = gitlab(clock)
    clock.advance(1)
    app.add_merge_request(PROJECT, 8, sha=NEXT, source_branch="other", state="merged")
    app.add_note(PROJECT, 7, "octocat", "hello")
    app.add_note(PROJECT, 7, "octocat", "added 1 commit", system=True)

    def listed(query: str) -> list[int]:
        return [mr["iid"] for mr in ask(app, "GET", f"{HERE}/merge_requests?{query}").body]

    assert listed("state=all") == [8, 7]
    assert listed("sort=asc") == [7, 8]
    assert listed("state=opened&source_branch=guest-checkout") == [7]
    assert listed("source_branch=other") == listed("iids[]=8") == [8]
    assert listed("target_branch=next") == []
    first = ask(app, "GET", f"{HERE}/merge_requests?state=opened").body[0]
    assert first["user_notes_count"] == 1
    assert "diff_refs" not in first
    answer = ask(app, "GET", f"{HERE}/merge_requests?state=open")
    assert (answer.status, answer.body) == (400, {"error": "state does not have a valid value"})


def test_the_merge_requests_of_a_commit() -> None:
    """Also those that have been pushed to since, and only those into this project."""
    app = gitlab()
    app.push(PROJECT, 7, NEXT)
    app.add_merge_request(PROJECT, 8, sha=HEAD, source_project="mallory/shop", state="closed")
    path = f"{HERE}/repository/commits/{HEAD}/merge_requests"
    assert [mr["iid"] for mr in ask(app, "GET", path).body] == [8, 7]
    assert [mr["iid"] for mr in ask(app, "GET", f"{path}?state=opened").body] == [7]
    app.add_member("mallory/shop", "qatech-bot", 30)
    fork = f"/api/v4/projects/mallory%2Fshop/repository/commits/{HEAD}/merge_requests"
    assert ask(app, "GET", fork).body == []
    unknown = ask(app, "GET", f"{HERE}/repository/commits/{'c' * 40}/merge_requests")
    assert (unknown.status, unknown.body) == (404, {"message": "404 Commit Not Found"})


def test_diffs_come_in_pages() -> None:
    """Each file with its paths; what is collapsed or too large has no diff."""
    app = gitlab()
    app.add_diffs(
        PROJECT,
        7,
        FileDiff("new.py", new_file=True),
        FileDiff("to.py", "from.py"),
        FileDiff("gone.py", deleted_file=True),
        FileDiff("big.py", too_large=True),
        FileDiff("long.py", collapsed=True),
    )
    answer = ask(app, "GET", f"{MR}/diffs?per_page=4")
    assert [file["new_path"] for file in answer.body] == ["new.py", "to.py", "gone.py", "big.py"]
    assert answer.headers["X-Next-Page"] == "2"
    new, moved, gone, big = answer.body
    assert (new["new_file"], new["a_mode"], new["old_path"]) == (True, "0", "new.py")
    assert (moved["renamed_file"], moved["old_path"]) == (True, "from.py")
    assert (gone["deleted_file"], gone["b_mode"]) == (True, "0")
    assert (big["too_large"], big["diff"]) == (True, "")
    last = ask(app, "GET", f"{MR}/diffs?per_page=4&page=2").body
    assert [(file["collapsed"], file["diff"]) for file in last] == [(True, "")]
    assert ask(app, "GET", f"{HERE}/merge_requests/9/diffs").body == {"message": "404 Not found"}


def test_versions_and_changes() -> None:
    """Each push is a version; the changes come all at once with the merge request."""
    app = gitlab()
    app.push(PROJECT, 7, NEXT)
    listed = ask(app, "GET", f"{MR}/versions").body
    assert [version["head_commit_sha"] for version in listed] == [NEXT, HEAD]
    one = ask(app, "GET", f"{MR}/versions/{listed[0]['id']}").body
    assert [file["new_path"] for file in one["diffs"]] == ["README.md"]
    assert ask(app, "GET", f"{MR}/versions/1").body == {"message": "404 Not found"}
    changed = ask(app, "GET", f"{MR}/changes").body
    assert (changed["iid"], changed["overflow"], len(changed["changes"])) == (7, False, 1)


def test_the_pages_for_people_can_be_elsewhere() -> None:
    """`server_url` says where."""
    app = GitLab(now=Clock(), server_url="https://gitlab.example.com")
    app.add_merge_request(PROJECT, 7, sha=HEAD)
    app.add_token("token")
    body = ask(app, "GET", MR).body
    assert body["web_url"] == f"https://gitlab.example.com/{PROJECT}/-/merge_requests/7"


def test_refs_are_compared() -> None:
    """What was added for two refs; nothing between a ref and itself; else not found."""
    app = gitlab()
    app.add_commit(PROJECT, HEAD, "release")
    app.add_comparison(PROJECT, ("main", HEAD), commits=[Commit(NEXT), Commit(HEAD, "Two\nlines")])
    path = f"{HERE}/repository/compare"
    body = ask(app, "GET", f"{path}?from=main&to={HEAD}").body
    assert [commit["id"] for commit in body["commits"]] == [NEXT, HEAD]
    assert (body["commit"]["title"], body["diffs"][0]["new_path"]) == ("Two", "README.md")
    same = ask(app, "GET", f"{path}?from=release&to=release").body
    assert (same["compare_same_ref"], same["commit"], same["diffs"]) == (True, None, [])
    assert ask(app, "GET", f"{path}?from=main&to=x").body == {"message": "404 Ref Not Found"}
    assert ask(app, "GET", f"{path}?from=x&to=x").status == 404
    assert ask(app, "GET", f"{path}?from=main").body == {"error": "to is missing"}
    app.add_comparison(PROJECT, ("main", NEXT))
    assert len(ask(app, "GET", f"{path}?from=main&to={NEXT}").body["commits"]) == 1


def test_staging_names_what_is_there() -> None:
    """What a test changes must have been added."""
    app = gitlab()
    assert app.add_project(PROJECT).path == PROJECT
    with pytest.raises(KeyError):
        app.push(PROJECT, 8, HEAD)
    with pytest.raises(KeyError):
        app.notes("octo-group/other", 7)
