"""Who may do what, and how often, in the stand-in for GitHub."""

import pytest
from standins import COMMENTS, HEAD_SHA, PULL, REPOSITORY, START, Clock, ask, github

from qatech_ci.before.sandbox import GitHub, Request

ISSUE = "/repos/octo-org/shop/issues/7"
REPO = "/repos/octo-org/shop"


@pytest.mark.parametrize(
    ("permissions", "reads", "writes"),
    [
        ({"pull_requests": "write"}, 200, 201),
        ({"issues": "write"}, 200, 201),
        ({"pull_requests": "read"}, 200, 403),
        ({"issues": "read"}, 200, 403),
        ({"issues": "admin"}, 200, 201),
        ({"contents": "write"}, 403, 403),
    ],
)
def test_comments_need_one_of_two_permissions(
    permissions: dict[str, str], reads: int, writes: int
) -> None:
    """`issues` or `pull-requests`, read to read and write to write."""
    app = github(Clock(), **permissions)
    assert ask(app, "GET", COMMENTS).status == reads
    assert ask(app, "GET", ISSUE).status == reads
    assert ask(app, "POST", COMMENTS, {"body": "x"}).status == writes


def test_a_missing_permission_is_named() -> None:
    """403 in GitHub's words, and a header that lists what would do."""
    answer = ask(github(Clock(), contents="read"), "POST", COMMENTS, {"body": "x"})
    assert answer.body == {
        "message": "Resource not accessible by integration",
        "documentation_url": "https://docs.github.com/rest/issues/comments",
        "status": "403",
    }
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "issues=write; pull_requests=write"


def test_a_persons_token_is_called_so() -> None:
    """The refusal of a personal access token has its own words."""
    app = github(Clock())
    app.add_token("token", "octocat", {})
    answer = ask(app, "GET", PULL)
    assert answer.body["message"] == "Resource not accessible by personal access token"


def test_reading_a_pull_request_needs_its_permission() -> None:
    """`issues: read` opens the issue, not the pull request; the repository needs nothing."""
    app = github(Clock(), issues="read")
    assert ask(app, "GET", PULL).status == 403
    assert ask(app, "GET", ISSUE).status == 200
    assert ask(app, "GET", REPO).status == 200


@pytest.mark.parametrize("authorization", ["Bearer wrong", "token wrong", "Bearer", "nonsense"])
def test_an_unknown_token_is_refused(authorization: str) -> None:
    """401 Bad credentials, whatever is asked."""
    for path in (PULL, "/user", "/rate_limit", "/nowhere"):
        answer = ask(github(Clock()), "GET", path, headers={"Authorization": authorization})
        assert (answer.status, answer.body["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", REPO, 404),
        ("GET", PULL, 404),
        ("GET", COMMENTS, 404),
        ("POST", COMMENTS, 404),
        ("GET", "/user", 401),
        ("POST", "/graphql", 401),
        ("GET", "/rate_limit", 200),
    ],
)
def test_without_a_token_a_private_repository_is_hidden(
    method: str, path: str, status: int
) -> None:
    """404 hides the repository; who wants to know who they are gets 401."""
    assert github(Clock()).handle(Request(method, path)).status == status


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token"])
def test_both_ways_to_send_a_token_work(scheme: str) -> None:
    """GitHub takes `Bearer` and `token`."""
    headers = {"Authorization": f"{scheme} token"}
    assert ask(github(Clock()), "GET", PULL, headers=headers).status == 200


def test_any_token_can_be_let_in() -> None:
    """A token added as None stands for every other one, yet some token there must be."""
    app = GitHub(now=Clock())
    app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA)
    app.add_token(None)
    assert ask(app, "GET", PULL, headers={"Authorization": "Bearer whatever"}).status == 200
    assert app.handle(Request("GET", PULL)).status == 404


def test_a_workflows_token_is_not_a_user() -> None:
    """`GET /user` is refused to an app's installation and answers a person."""
    app = github(Clock())
    assert ask(app, "GET", "/user").body["message"] == "Resource not accessible by integration"
    app.add_token("personal", "octocat")
    answer = ask(app, "GET", "/user", headers={"Authorization": "Bearer personal"})
    assert (answer.status, answer.body["login"]) == (200, "octocat")


@pytest.mark.parametrize(
    "query", ["{ viewer { login } }", "query{viewer{login}}", "query Who {\n viewer { login }\n}"]
)
def test_graphql_tells_who_is_calling(query: str) -> None:
    """`viewer { login }` works for a workflow's token too."""
    answer = ask(github(Clock()), "POST", "/graphql", {"query": query})
    assert answer.body == {"data": {"viewer": {"login": "github-actions[bot]"}}}


@pytest.mark.parametrize("body", [{"query": "{ viewer { id } }"}, {"query": 5}, {}, []])
def test_graphql_answers_other_queries_with_errors(body: object) -> None:
    """Status 200 with `errors`, as GraphQL does, naming the stand-in."""
    answer = ask(github(Clock()), "POST", "/graphql", body)
    assert answer.status == 200
    assert "stand-in" in answer.body["errors"][0]["message"]


def test_graphql_refuses_what_is_not_json() -> None:
    """400, as everywhere."""
    assert ask(github(Clock()), "POST", "/graphql", b"{").status == 400


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("PATCH", PULL), ("GET", "/")])
def test_unknown_paths_and_methods_are_not_found(method: str, path: str) -> None:
    """GitHub does not tell the two apart."""
    assert ask(github(Clock()), method, path).status == 404


def test_every_answer_tells_the_rate_limit() -> None:
    """Limit, use, rest, resource and the end of the window; a request id and the banner as well."""
    clock = Clock()
    app = github(clock)
    ask(app, "GET", PULL)
    clock.advance(600)
    headers = ask(app, "GET", "/nowhere").headers
    assert headers["X-RateLimit-Limit"] == "1000"
    assert headers["X-RateLimit-Used"] == "2"
    assert headers["X-RateLimit-Remaining"] == "998"
    assert headers["X-RateLimit-Resource"] == "core"
    assert headers["X-RateLimit-Reset"] == str(int(START.timestamp()) + 3600)
    assert headers["X-GitHub-Request-Id"] == "STANDIN:000001"
    assert headers["Server"] == "qatech-ci stand-in for GitHub"


def test_a_used_up_rate_limit_refuses_until_the_reset() -> None:
    """403 with nothing remaining, for this token and resource alone, for an hour."""
    clock = Clock()
    app = GitHub(now=clock, budget=2)
    app.add_token("token")
    app.add_token("other")
    app.add_pull_request(REPOSITORY, 7, head_sha=HEAD_SHA)
    assert [ask(app, "GET", PULL).status for _ in range(4)] == [200, 200, 403, 403]
    refused = ask(app, "GET", PULL)
    assert refused.body["message"] == "API rate limit exceeded for github-actions[bot]."
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert ask(app, "GET", PULL, headers={"Authorization": "Bearer other"}).status == 200
    assert ask(app, "POST", "/graphql", {"query": "{viewer{login}}"}).status == 200
    assert [call.counted for call in app.requests] == [True, True, *[False] * 3, True, True]
    clock.advance(3600)
    assert ask(app, "GET", PULL).status == 200


def test_anonymous_callers_have_a_rate_limit_too() -> None:
    """Without a token the limit runs out all the same."""
    app = GitHub(now=Clock(), budget=1)
    assert app.handle(Request("GET", REPO)).status == 404
    refused = app.handle(Request("GET", REPO))
    assert refused.body["message"] == "API rate limit exceeded for an anonymous caller."


def test_asking_for_the_rate_limit_is_free() -> None:
    """`GET /rate_limit` shows every resource and counts for none, even when all is used up."""
    app = GitHub(now=Clock(), budget=1)
    app.add_token("token")
    for _ in range(2):
        ask(app, "GET", "/nowhere")
    answer = ask(app, "GET", "/rate_limit")
    assert answer.status == 200
    assert answer.body["rate"] == answer.body["resources"]["core"]
    assert answer.body["rate"]["remaining"] == 0
    assert answer.body["resources"]["graphql"]["remaining"] == 1


@pytest.mark.parametrize("known", ["{tag}", '"other", {tag}', "{strong}"])
def test_what_the_caller_has_is_not_sent_again(known: str) -> None:
    """A matching `If-None-Match` gets 304 without a body, and that does not count."""
    app = github(Clock())
    tag = ask(app, "GET", COMMENTS).headers["ETag"]
    condition = known.format(tag=tag, strong=tag.removeprefix("W/"))
    answer = ask(app, "GET", COMMENTS, headers={"If-None-Match": condition})
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, None, tag)
    assert answer.headers["X-RateLimit-Used"] == "1"
    assert [call.counted for call in app.requests] == [True, False]


def test_a_change_changes_the_etag() -> None:
    """After a new comment the old tag no longer matches; errors and writes have no tag."""
    app = github(Clock())
    tag = ask(app, "GET", COMMENTS).headers["ETag"]
    assert "ETag" not in ask(app, "POST", COMMENTS, {"body": "x"}).headers
    assert "ETag" not in ask(app, "GET", "/nowhere").headers
    assert ask(app, "GET", COMMENTS, headers={"If-None-Match": tag}).status == 200


def test_a_further_page_changes_the_etag() -> None:
    """A page whose comments stay the same changes with its links to other pages."""
    app = github(Clock())
    tags = set()
    for _ in range(2):
        app.add_comment(REPOSITORY, 7, "octocat", "x")
        tags.add(ask(app, "GET", f"{COMMENTS}?per_page=1").headers["ETag"])
    assert len(tags) == 2


def test_the_journal_shows_what_counted() -> None:
    """`GET /_sandbox/requests` lists the calls without tokens, and is not in the list itself."""
    app = github(Clock())
    ask(app, "POST", COMMENTS, {"body": "x"})
    ask(app, "GET", "/rate_limit", headers={"Authorization": "token token"})
    shown = [ask(app, "GET", "/_sandbox/requests").body for _ in range(2)]
    assert shown[0] == shown[1]
    assert [(call["path"], call["counted"], call["authorization"]) for call in shown[0]] == [
        (COMMENTS, True, "Bearer"),
        ("/rate_limit", False, "Token"),
    ]
    assert ask(app, "POST", "/_sandbox/requests").status == 404
