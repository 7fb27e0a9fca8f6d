"""Files, comparisons, and how pull requests are found, in the stand-in for GitHub."""

import pytest
from githubkit_schemas.latest import models
from standins import HEAD_SHA, PULL, REPOSITORY, Clock, ask, github

from qatech_ci.before.sandbox import ChangedFile, Commit, GitHub

REPO = "/repos/octo-org/shop"
FORK_SHA = "f" * 40


def test_a_description_is_shown() -> None:
    """Null unless the author wrote one; it can be edited."""
    app = github(Clock())
    assert ask(app, "GET", PULL).body["body"] is None
    pull = app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA, body="Closes #1")
    assert ask(app, "GET", PULL).body["body"] == "Closes #1"
    pull.body = "Closes #2"
    assert ask(app, "GET", f"{REPO}/issues/7").body["body"] == "Closes #2"


def test_the_size_of_a_pull_request_is_that_of_its_files() -> None:
    """By default it changes one line of one file in one commit; it may have nothing at all."""
    app = github(Clock())
    pull = app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA)
    names = ("changed_files", "additions", "deletions", "commits")
    assert [ask(app, "GET", PULL).body[name] for name in names] == [1, 1, 1, 1]
    pull.files, pull.commits = [ChangedFile("a", additions=3), ChangedFile("b", deletions=4)], 2
    assert [ask(app, "GET", PULL).body[name] for name in names] == [2, 4, 5, 2]
    pull.files, pull.commits = [], 0
    assert [ask(app, "GET", PULL).body[name] for name in names] == [0, 0, 0, 0]
    assert ask(app, "GET", f"{PULL}/files").body == []


def test_files_have_the_documented_shape() -> None:
    """A binary file has no patch, a renamed one its previous name, and paths are quoted."""
    app = github(Clock())
    pull = app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA)
    pull.files = [
        ChangedFile("src/a b.py", patch="@@ -1 +1 @@\n-x\n+y", additions=2),
        ChangedFile("logo.png", status="added", additions=0, deletions=0, patch=None),
        ChangedFile("new.py", status="renamed", previous_filename="old.py", patch=""),
    ]
    files = ask(app, "GET", f"{PULL}/files").body
    assert [models.DiffEntry.model_validate(file).status for file in files] == [
        "modified",
        "added",
        "renamed",
    ]
    assert (files[0]["changes"], files[0]["patch"]) == (3, "@@ -1 +1 @@\n-x\n+y")
    assert files[0]["blob_url"] == (
        f"https://github.com/octo-org/shop/blob/{HEAD_SHA}/src/a%20b.py"
    )
    assert "patch" not in files[1]
    assert "previous_filename" not in files[0]
    assert (files[2]["previous_filename"], files[2]["patch"]) == ("old.py", "")


def test_files_come_in_pages_up_to_three_thousand() -> None:
    """At most a hundred a page, and every `next` can be followed to the last."""
    app = github(Clock())
    pull = app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA)
    pull.files = [ChangedFile(f"{number}.txt") for number in range(3001)]
    path, names = f"{PULL}/files?per_page=200", []
    while path:
        answer = ask(app, "GET", path)
        names += [file["filename"] for file in answer.body]
        parts = dict(part.split("; rel=")[::-1] for part in answer.headers["Link"].split(", "))
        path = parts.get('"next"', "").strip("<>").removeprefix("http://localhost")
    assert names == [f"{number}.txt" for number in range(3000)]
    assert len(app.requests) == 30


def compared(**permissions: str) -> GitHub:
    """Return a stand-in with a comparison of 302 files and 252 commits."""
    app = github(Clock(), **permissions)
    app.add_comparison(
        REPOSITORY,
        "main",
        "feature/x",
        files=[ChangedFile(f"{number}.txt") for number in range(302)],
        commits=[Commit(f"{number:040x}", f"commit {number}") for number in range(252)],
    )
    return app


def test_comparisons_have_the_documented_shape() -> None:
    """Both ends and at most 300 files and 250 commits between them; names may have slashes."""
    body = ask(compared(contents="read"), "GET", f"{REPO}/compare/main...feature%2Fx").body
    assert models.CommitComparison.model_validate(body)
    assert (len(body["files"]), len(body["commits"])) == (300, 250)
    assert (body["total_commits"], body["ahead_by"], body["behind_by"]) == (252, 252, 0)
    assert (body["status"], body["base_commit"]["sha"]) == ("ahead", "main")
    assert body["merge_base_commit"]["sha"] == "main"
    assert body["commits"][1]["commit"]["message"] == "commit 1"


@pytest.mark.parametrize(
    ("query", "commits", "has_files"),
    [("per_page=100", 100, True), ("page=2&per_page=100", 100, False), ("page=9", 12, False)],
)
def test_the_commits_of_a_comparison_come_in_pages(
    query: str,
    commits: int,
    has_files: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Once pages are asked for, the files are on the first one only."""
    body = ask(compared(contents="read"), "GET", f"{REPO}/compare/main...feature/x?{query}").body
    assert (len(body["commits"]), "files" in body) == (commits, has_files)


def test_a_comparison_has_one_commit_unless_told_otherwise() -> None:
    """Ids, status and merge base can be given; an unknown pair is not found."""
    app = github(Clock(), contents="read")
    app.add_comparison(
        REPOSITORY, "a" * 40, "b" * 40, status="diverged", merge_base="c" * 40, behind_by=2
    )
    body = ask(app, "GET", f"{REPO}/compare/{'a' * 40}...{'b' * 40}").body
    assert [commit["sha"] for commit in body["commits"]] == ["b" * 40]
    assert [file["filename"] for file in body["files"]] == ["README.md"]
    assert (body["status"], body["behind_by"]) == ("diverged", 2)
    assert body["merge_base_commit"]["sha"] == "c" * 40
    assert ask(app, "GET", f"{REPO}/compare/{'b' * 40}...{'a' * 40}").status == 404


def test_a_commit_can_be_read() -> None:
    """By SHA or by branch; its files are left out."""
    app = github(Clock(), contents="read")
    body = ask(app, "GET", f"{REPO}/commits/guest-checkout").body
    assert models.Commit.model_validate(body)
    assert body == ask(app, "GET", f"{REPO}/commits/{HEAD_SHA}").body
    assert body["sha"] == HEAD_SHA


def with_pulls() -> GitHub:
    """Return a stand-in with open, closed and foreign pull requests."""
    app = github(Clock(), contents="read", pull_requests="read")
    app.add_pull_request(REPOSITORY, 8, head_sha=HEAD_SHA, state="closed", base_ref="next")
    app.add_pull_request(REPOSITORY, 9, head_sha=FORK_SHA, head_repository="mallory/shop")
    app.add_pull_request(
        REPOSITORY, 10, head_sha=FORK_SHA, head_repository=None, author="ghost", head_ref="x"
    )
    app.add_repository("mallory/shop")
    return app


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [10, 9, 7]),
        ("?state=open", [10, 9, 7]),
        ("?state=closed", [8]),
        ("?state=all", [10, 9, 8, 7]),
        ("?head=mallory:guest-checkout", [9]),
        ("?head=octo-org:guest-checkout&state=all", [8, 7]),
        ("?head=ghost:x", [10]),
        ("?head=nobody:x", []),
        ("?head=guest-checkout", [10, 9, 7]),
        ("?base=next&state=all", [8]),
        ("?per_page=1&page=2", [9]),
    ],
)
def test_pull_requests_are_listed(query: str, numbers: list[int]) -> None:
    """Newest first, open ones by default; a `head` without an owner is taken no notice of."""
    pulls = ask(with_pulls(), "GET", f"{REPO}/pulls{query}").body
    assert [models.PullRequestSimple.model_validate(pull).number for pull in pulls] == numbers


@pytest.mark.parametrize(
    ("repository", "sha", "numbers"),
    [
        ("octo-org/shop", HEAD_SHA, [8, 7]),
        ("octo-org/shop", FORK_SHA, []),
        ("mallory/shop", FORK_SHA, [9]),
        ("octo-org/shop", "b" * 40, []),
    ],
)
def test_a_commit_leads_to_its_pull_requests(repository: str, sha: str, numbers: list[int]) -> None:
    """Closed ones included; those of a fork are found through the fork alone."""
    pulls = ask(with_pulls(), "GET", f"/repos/{repository}/commits/{sha}/pulls").body
    assert [models.PullRequestSimple.model_validate(pull).number for pull in pulls] == numbers


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        (f"{REPO}/pulls", "pull_requests=read"),
        (f"{PULL}/files", "pull_requests=read"),
        (f"{REPO}/compare/main...feature/x", "contents=read"),
        (f"{REPO}/commits/{HEAD_SHA}", "contents=read"),
        (f"{REPO}/commits/{HEAD_SHA}/pulls", "contents=read,pull_requests=read"),
    ],
)
def test_reading_needs_permissions(path: str, needed: str) -> None:
    """403 names all that is needed, and any part of it missing is refused."""
    permissions = dict(part.split("=") for part in needed.split(","))
    assert ask(compared(**permissions), "GET", path).status == 200
    for missing in permissions:
        rest = {name: level for name, level in permissions.items() if name != missing}
        answer = ask(compared(**(rest or {"issues": "write"})), "GET", path)
        assert answer.status == 403
        assert answer.headers["X-Accepted-GitHub-Permissions"] == needed
