"""Who may do what, and how often, in the stand-in for GitLab."""

from typing import Any

import pytest
from standins import START, Clock, ask
from test_sandbox_gitlab import HEAD, HERE, MR, PROJECT, gitlab

from qatech_ci.before.sandbox import GitLab, Request, Response
from qatech_ci.before.sandbox.gitlab import GUEST, MAINTAINER, REPORTER

NOTES = f"{MR}/notes"
STATUS = f"{HERE}/statuses/{HEAD}"
DEPLOYMENTS = f"{HERE}/deployments"


def bare(app: GitLab, method: str, path: str, **headers: str) -> Response:
    """Ask with these headers and no others, `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.handle(Request(method, path, headers=named))


@pytest.mark.parametrize(
    ("kind", "header", "status"),
    [
        ("personal", {"PRIVATE_TOKEN": "token"}, 200),
        ("project", {"PRIVATE_TOKEN": "token"}, 200),
        ("group", {"Authorization": "Bearer token"}, 200),
        ("personal", {"Authorization": "bearer token"}, 200),
        ("personal", {"JOB_TOKEN": "token"}, 401),
        ("job", {"PRIVATE_TOKEN": "token"}, 401),
        ("job", {"JOB_TOKEN": "token"}, 200),
        ("job", {"Authorization": "Bearer token"}, 200),
        ("personal", {"PRIVATE_TOKEN": "other"}, 401),
        ("personal", {"Authorization": "Basic token"}, 401),
        ("personal", {}, 401),
    ],
)
def test_a_token_goes_into_its_header(kind: str, header: dict[str, str], status: int) -> None:
    """Access tokens and job tokens have a header each; as a bearer either will do."""
    answer = bare(gitlab(kind=kind), "GET", DEPLOYMENTS, **header)
    assert answer.status == status
    if status == 401:
        assert answer.body == {"message": "401 Unauthorized"}


def test_who_am_i() -> None:
    """Tokens of projects and groups have a bot; job tokens are nobody to this endpoint."""
    person = ask(gitlab(login="octocat"), "GET", "/api/v4/user").body
    assert (person["username"], person["bot"]) == ("octocat", False)
    for kind in ("project", "group"):
        app = gitlab(login="project_1_bot", kind=kind)
        assert ask(app, "GET", "/api/v4/user").body["bot"] is True
    assert ask(gitlab(kind="job"), "GET", "/api/v4/user").status == 401
    assert bare(gitlab(), "GET", "/api/v4/user").status == 401
    assert ask(gitlab(scopes={"read_user"}), "GET", "/api/v4/user").status == 200


def test_a_token_tells_of_itself() -> None:
    """Its scopes and whose it is."""
    app = gitlab(scopes={"api", "read_api"})
    body = ask(app, "GET", "/api/v4/personal_access_tokens/self").body
    assert (body["scopes"], body["active"]) == (["api", "read_api"], True)
    assert body["user_id"] == ask(app, "GET", "/api/v4/user").body["id"]
    answer = ask(gitlab(kind="job"), "GET", "/api/v4/personal_access_tokens/self")
    assert answer.status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", MR, 200),
        ("GET", f"{HERE}/merge_requests", 200),
        ("GET", f"{HERE}/repository/commits/{HEAD}/merge_requests", 200),
        ("GET", NOTES, 200),
        ("GET", DEPLOYMENTS, 200),
        ("GET", f"{HERE}/environments", 200),
        ("GET", HERE, 404),
        ("GET", f"{MR}/diffs", 404),
        ("GET", f"{HERE}/repository/compare?from=main&to=main", 404),
        ("GET", f"{MR}/discussions", 401),
        ("GET", f"{HERE}/repository/commits/{HEAD}/statuses", 401),
        ("GET", f"{HERE}/members/all/1", 401),
        ("POST", NOTES, 401),
        ("POST", f"{MR}/discussions", 401),
        ("POST", STATUS, 401),
    ],
)
def test_job_tokens_read_a_little_and_write_nothing(method: str, path: str, status: int) -> None:
    """Where they are not known they count as no token at all: 401, or a hidden project."""
    app = gitlab(kind="job", project=PROJECT, access_level=MAINTAINER)
    assert ask(app, method, path, {"body": "x"}).status == status


def test_a_job_token_belongs_to_its_project() -> None:
    """Another project's is told so, unless the project is open to everybody."""
    app = gitlab(kind="job", project="mallory/shop")
    answer = ask(app, "GET", MR)
    assert answer.status == 403
    assert answer.body["message"] == (
        "403 Forbidden - Authentication by CI/CD job token not allowed from shop to shop."
    )
    app.add_project(PROJECT).visibility = "public"
    assert ask(app, "GET", MR).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_reading_is_not_writing(method: str) -> None:
    """`read_api` reads; the refusal names the scope that is missing."""
    answer = ask(gitlab(scopes={"read_api"}), method, NOTES, {"body": "x"})
    if method == "GET":
        assert answer.status == 200
    else:
        assert answer.status == 403
        assert (answer.body["error"], answer.body["scope"]) == ("insufficient_scope", "api")
    none = ask(gitlab(scopes=()), "GET", NOTES)
    assert (none.status, none.body["scope"]) == (403, "api read_api")


@pytest.mark.parametrize(
    ("level", "answers"),
    [
        (0, [404, 404, 404, 404, 404, 404]),
        (GUEST, [403, 404, 404, 403, 403, 200]),
        (REPORTER, [200, 200, 201, 403, 200, 200]),
        (30, [200, 200, 201, 201, 200, 200]),
    ],
)
def test_roles_in_a_private_project(level: int, answers: list[int]) -> None:
    """Strangers see nothing, guests no code, reporters comment, developers report statuses."""
    app = gitlab(access_level=level)
    asked = [
        ask(app, "GET", MR),
        ask(app, "GET", NOTES),
        ask(app, "POST", NOTES, {"body": "x"}),
        ask(app, "POST", STATUS, {"state": "success"}),
        ask(app, "GET", DEPLOYMENTS),
        ask(app, "GET", HERE),
    ]
    assert [answer.status for answer in asked] == answers
    assert {str(answer.body) for answer in asked if answer.status == 403} <= {
        str({"message": "403 Forbidden"})
    }


@pytest.mark.parametrize(
    ("visibility", "anonymous", "stranger"),
    [("private", 404, 404), ("internal", 404, 200), ("public", 200, 200)],
)
def test_visibility(visibility: str, anonymous: int, stranger: int) -> None:
    """Internal projects are open to whoever is signed in, public ones to everybody."""
    app = gitlab(access_level=0)
    app.add_project(PROJECT).visibility = visibility
    for path in (HERE, MR, f"{MR}/diffs", f"{HERE}/merge_requests"):
        assert bare(app, "GET", path).status == anonymous
        assert ask(app, "GET", path).status == stranger
    assert bare(app, "GET", NOTES).status == 401
    if stranger == 200:
        assert ask(app, "GET", HERE).body["permissions"]["project_access"] is None
        assert ask(app, "POST", NOTES, {"body": "x"}).status == 201


def test_a_role_can_be_given_for_one_project() -> None:
    """By the token or as a member; a member's role goes before the token's."""
    app = gitlab(access_level=MAINTAINER, project="octo-group/other")
    assert ask(app, "GET", HERE).status == 404
    app.add_member(PROJECT, "qatech-bot", GUEST)
    assert ask(app, "GET", HERE).status == 200
    assert ask(app, "GET", MR).status == 403


def test_members_are_looked_up_by_user_id() -> None:
    """Their access level, or not found for whoever is none."""
    app = gitlab()
    app.add_member(PROJECT, "octocat", MAINTAINER)
    app.add_member("octo-group/other", "mallory", MAINTAINER)
    notes = [app.add_note(PROJECT, 7, login, "hi") for login in ("octocat", "mallory")]
    ids = [ask(app, "GET", f"{NOTES}/{note.id}").body["author"]["id"] for note in notes]
    member = ask(app, "GET", f"{HERE}/members/all/{ids[0]}")
    assert (member.body["username"], member.body["access_level"]) == ("octocat", 40)
    missing = ask(app, "GET", f"{HERE}/members/all/{ids[1]}")
    assert (missing.status, missing.body) == (404, {"message": "404 Not found"})
    app.add_member(PROJECT, "mallory", 0)
    assert ask(app, "GET", f"{HERE}/members/all/{ids[1]}").status == 404


def test_any_token_can_be_let_in() -> None:
    """As somebody's; no token stays no token."""
    app = GitLab(now=Clock())
    app.add_project(PROJECT)
    app.add_token(None, "root")
    assert bare(app, "GET", "/api/v4/user", PRIVATE_TOKEN="x").body["username"] == "root"
    assert bare(app, "GET", "/api/v4/user").status == 401


def test_unknown_paths_and_methods() -> None:
    """The layer below GitLab's own code answers, and does not ask who it is."""
    app = gitlab()
    unknown = bare(app, "GET", "/api/v4/nowhere")
    assert (unknown.status, unknown.body) == (404, {"error": "404 Not Found"})
    assert bare(app, "GET", "/projects/1").status == 404
    wrong = bare(app, "DELETE", NOTES)
    assert (wrong.status, wrong.body) == (405, {"error": "405 Not Allowed"})
    assert wrong.headers["Allow"] == "GET, POST"


def test_the_rate_limit() -> None:
    """Every answer tells what is left; then it is 429 in plain text until the minute is over."""
    clock = Clock()
    app = GitLab(now=clock, budget=2)
    app.add_token("token")
    clock.advance(0.5)
    answers = [ask(app, "GET", "/api/v4/user") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert [call.counted for call in app.requests] == [True, True, False]
    last = answers[-1]
    assert last.encoded() == b"Retry later\n"
    assert (last.headers["Retry-After"], last.headers["RateLimit-Observed"]) == ("60", "3")
    assert last.headers["RateLimit-Name"] == "throttle_authenticated_api"
    assert last.headers["RateLimit-ResetTime"] == "Mon, 04 May 2026 10:31:00 GMT"
    assert last.headers["RateLimit-Reset"] == str(int(START.timestamp()) + 60)
    nobody = bare(app, "GET", "/api/v4/user")
    assert nobody.headers["RateLimit-Name"] == "throttle_unauthenticated_api"
    clock.advance(60)
    assert ask(app, "GET", "/api/v4/user").status == 200


def test_the_journal_shows_what_was_asked() -> None:
    """Without tokens, and without noting that it was looked at."""
    app = gitlab()
    ask(app, "POST", NOTES, {"body": "hello"})
    shown: Any = app.handle(Request("GET", "/_sandbox/requests")).body
    assert [(call["method"], call["status"]) for call in shown] == [("POST", 201)]
    assert len(app.requests) == 1
    assert app.requests[0].response.headers["X-Request-Id"] == "STANDIN000000"


def test_notes_can_be_counted_over_http() -> None:
    """`GET /_sandbox/notes` shows them without a token; 400 says how to ask."""
    app = gitlab()
    app.add_note(PROJECT, 7, "octocat", "hello")
    query = {"project": PROJECT, "iid": "7"}
    shown: Any = app.handle(Request("GET", "/_sandbox/notes", query)).body
    assert [(note["login"], note["body"]) for note in shown] == [("octocat", "hello")]
    for wrong in ({}, {"project": PROJECT, "iid": "8"}, {"project": "x", "iid": "7"}):
        answer = app.handle(Request("GET", "/_sandbox/notes", wrong))
        assert (answer.status, answer.body["message"][:3]) == (400, "Say")
