"""Comments in the stand-in for GitHub."""

from typing import Any

import pytest
from standins import COMMENTS, REPOSITORY, Clock, ask, github

from qatech_ci.before.sandbox import GitHub, Request, Response

ONE = "/repos/octo-org/shop/issues/comments/"


def with_comments(count: int) -> GitHub:
    """Return a stand-in whose pull request has so many comments."""
    app = github(Clock())
    for number in range(count):
        app.add_comment(REPOSITORY, 7, "octocat", f"comment {number}")
    return app


def links(answer: Response) -> dict[str, str]:
    """Return the `Link` header as relation and query of the URL, in its order."""
    parts = [part.split("; rel=") for part in answer.headers.get("Link", "").split(", ") if part]
    return {rel.strip('"'): url.strip("<>").partition("?")[2] for url, rel in parts}


def test_a_comment_is_created() -> None:
    """201 with the comment as the API shows it, by whom the token belongs to."""
    app = github(Clock())
    answer = ask(app, "POST", COMMENTS, {"body": "hello"})
    made = app.comments(REPOSITORY, 7)[0]
    assert answer.status == 201
    assert answer.headers["Location"] == f"http://localhost{ONE}{made.id}"
    assert answer.body["html_url"] == (
        f"https://github.com/octo-org/shop/pull/7#issuecomment-{made.id}"
    )
    assert (answer.body["body"], answer.body["created_at"]) == ("hello", "2026-05-04T10:30:00Z")
    assert answer.body["user"]["login"] == "github-actions[bot]"
    assert answer.body["user"]["type"] == "Bot"
    assert answer.body["author_association"] == "NONE"
    assert answer.body["performed_via_github_app"]["slug"] == "github-actions"


def test_a_persons_comment_says_so() -> None:
    """A person's comment comes from a user, a member, and through no app."""
    comment = ask(with_comments(1), "GET", COMMENTS).body[0]
    assert (comment["user"]["login"], comment["user"]["type"]) == ("octocat", "User")
    assert comment["author_association"] == "MEMBER"
    assert comment["performed_via_github_app"] is None


def test_a_comment_is_edited_and_deleted() -> None:
    """PATCH changes text and time of change; DELETE answers 204 without a body; then it is gone."""
    clock = Clock()
    app = github(clock)
    number = app.add_comment(REPOSITORY, 7, "octocat", "old")
    clock.advance(60)
    edited = ask(app, "PATCH", f"{ONE}{number}", {"body": "new"})
    assert (edited.status, edited.body["body"]) == (200, "new")
    assert edited.body["updated_at"] == "2026-05-04T10:31:00Z"
    assert edited.body["created_at"] == "2026-05-04T10:30:00Z"
    assert ask(app, "GET", f"{ONE}{number}").body == edited.body
    deleted = ask(app, "DELETE", f"{ONE}{number}")
    assert (deleted.status, deleted.body) == (204, None)
    assert ask(app, "GET", f"{ONE}{number}").status == 404


def test_comments_come_oldest_first_thirty_a_page() -> None:
    """Without parameters the first thirty are listed."""
    answer = ask(with_comments(31), "GET", COMMENTS)
    assert [comment["body"] for comment in answer.body][::29] == ["comment 0", "comment 29"]
    assert links(answer) == {"next": "page=2", "last": "page=2"}


@pytest.mark.parametrize(
    ("page", "bodies", "relations"),
    [
        (1, ["comment 0", "comment 1"], {"next": "2", "last": "3"}),
        (
            2,
            ["comment 2", "comment 3"],
            {"prev": "1", "next": "3", "last": "3", "first": "1"},
        ),
        (3, ["comment 4"], {"prev": "2", "first": "1"}),
    ],
)
def test_the_link_header_leads_to_the_other_pages(
    page: int, bodies: list[str], relations: dict[str, str]
) -> None:
    """Relations stand in GitHub's order and keep the other parameters."""
    answer = ask(with_comments(5), "GET", f"{COMMENTS}?per_page=2&page={page}")
    expected = {rel: f"per_page=2&page={to}" for rel, to in relations.items()}
    assert list(links(answer).items()) == list(expected.items())
    assert [comment["body"] for comment in answer.body] == bodies


def test_links_name_the_repository_by_id_and_can_be_followed() -> None:
    """As on github.com the next page is under /repositories/<id>; an unknown id is not found."""
    app = with_comments(31)
    url = ask(app, "GET", COMMENTS).headers["Link"].partition(">")[0].lstrip("<")
    path = url.removeprefix("http://localhost")
    assert path.startswith("/repositories/")
    assert [comment["body"] for comment in ask(app, "GET", path).body] == ["comment 30"]
    assert ask(app, "GET", "/repositories/1/issues/7/comments").status == 404
    assert ask(app, "GET", path.partition("/issues")[0]).body["full_name"] == REPOSITORY


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("per_page=1000", 100),
        ("per_page=0", 30),
        ("per_page=x", 30),
        ("page=9", 0),
        ("page=-1", 30),
    ],
)
def test_nonsense_in_paging_is_put_right(query: str, listed: int) -> None:
    """At most a hundred a page; what is not a number counts as the default."""
    assert len(ask(with_comments(101), "GET", f"{COMMENTS}?{query}").body) == listed


def test_one_page_has_no_links() -> None:
    """Where everything fits, there is no `Link` header."""
    assert "Link" not in ask(with_comments(30), "GET", COMMENTS).headers
    assert "Link" not in ask(with_comments(0), "GET", COMMENTS).headers


def test_the_largest_page_can_be_made_smaller() -> None:
    """`page_limit` makes many pages of few comments."""
    app = GitHub(now=Clock(), page_limit=1)
    app.add_token("token")
    app.add_pull_request(REPOSITORY, 7, head_sha="b" * 40)
    for _ in range(2):
        app.add_comment(REPOSITORY, 7, "octocat", "x")
    assert len(ask(app, "GET", f"{COMMENTS}?per_page=100").body) == 1


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "Problems parsing JSON"),
        ([], 422, 'Invalid request.\n\n"body" wasn\'t supplied.'),
        ({"text": "x"}, 422, 'Invalid request.\n\n"body" wasn\'t supplied.'),
        ({"body": 5}, 422, 'Invalid request.\n\n"body" wasn\'t supplied.'),
        ({"body": " \n"}, 422, "Validation Failed"),
        ({"body": "x" * 65_537}, 422, "Validation Failed"),
    ],
)
def test_a_body_that_cannot_be_a_comment_is_refused(
    body: object, status: int, message: str
) -> None:
    """Neither a new comment nor an edit takes it."""
    app = with_comments(1)
    comment = app.comments(REPOSITORY, 7)[0]
    for method, path in (("POST", COMMENTS), ("PATCH", f"{ONE}{comment.id}")):
        answer = ask(app, method, path, body)
        assert (answer.status, answer.body["message"]) == (status, message)
        assert answer.body["status"] == str(status)
    assert [comment.body for comment in app.comments(REPOSITORY, 7)] == ["comment 0"]


def test_the_error_names_the_longest_body() -> None:
    """65,536 characters pass, one more does not, however many bytes they are."""
    app = github(Clock())
    assert ask(app, "POST", COMMENTS, {"body": "✓" * 65_536}).status == 201
    error = ask(app, "POST", COMMENTS, {"body": "✓" * 65_537}).body["errors"][0]
    assert error["message"] == "Body is too long (maximum is 65536 characters)"
    assert error["code"] == "unprocessable"


@pytest.mark.parametrize(
    "path",
    [
        "/repos/octo-org/shop/issues/8/comments",
        "/repos/octo-org/other/issues/7/comments",
        "/repos/octo-org/other/issues/comments/1",
        f"{ONE}1",
        "/repos/octo-org/shop/issues/x/comments",
    ],
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    """404 in GitHub's shape."""
    answer = ask(github(Clock()), "GET", path)
    assert answer.status == 404
    assert answer.body == {
        "message": "Not Found",
        "documentation_url": "https://docs.github.com/rest",
        "status": "404",
    }


def test_a_comment_belongs_to_its_repository() -> None:
    """A comment cannot be reached through another repository; names have no case."""
    app = with_comments(1)
    app.add_repository("octo-org/other")
    number = app.comments("Octo-Org/Shop", 7)[0].id
    assert ask(app, "GET", f"/repos/octo-org/other/issues/comments/{number}").status == 404
    assert ask(app, "GET", f"/repos/OCTO-org/SHOP/issues/comments/{number}").status == 200


def test_comments_can_be_counted_over_http() -> None:
    """`GET /_sandbox/comments` shows them without a token and costs nothing."""
    app = with_comments(2)
    shown: Any = app.handle(
        Request("GET", "/_sandbox/comments", {"repository": REPOSITORY, "number": "7"})
    ).body
    assert [(comment["login"], comment["body"]) for comment in shown] == [
        ("octocat", "comment 0"),
        ("octocat", "comment 1"),
    ]
    assert app.requests == []


@pytest.mark.parametrize("query", [{}, {"repository": REPOSITORY}, {"number": "7"}])
def test_counting_comments_needs_a_pull_request(query: dict[str, str]) -> None:
    """400 says how to ask."""
    answer = github(Clock()).handle(Request("GET", "/_sandbox/comments", query))
    assert (answer.status, answer.body["message"][:3]) == (400, "Say")
