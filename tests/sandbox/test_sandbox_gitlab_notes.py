"""Notes, pages and parameters in the stand-in for GitLab."""

import pytest
from standins import Clock, ask
from test_sandbox_gitlab import HEAD, HERE, MR, PROJECT, gitlab

from qatech_ci.before.sandbox import GitLab
from qatech_ci.before.sandbox.gitlab import MAINTAINER, REPORTER

NOTES = f"{MR}/notes"


def with_notes(count: int) -> GitLab:
    """Return a stand-in whose merge request has so many notes."""
    app = gitlab()
    for number in range(count):
        app.add_note(PROJECT, 7, "octocat", f"note {number}")
    return app


def test_a_note_is_created() -> None:
    """201 with the note as the API shows it, by whom the token belongs to."""
    app = gitlab()
    answer = ask(app, "POST", NOTES, {"body": "hello"})
    made = app.notes(PROJECT, 7)[0]
    assert answer.status == 201
    assert (answer.body["id"], answer.body["body"]) == (made.id, "hello")
    assert (answer.body["type"], answer.body["system"]) == (None, False)
    assert answer.body["author"]["username"] == "qatech-bot"
    assert (answer.body["resolvable"], "resolved" in answer.body) == (False, False)
    assert (answer.body["noteable_type"], answer.body["noteable_iid"]) == ("MergeRequest", 7)
    assert ask(app, "GET", f"{NOTES}/{made.id}").body == answer.body


def test_a_note_is_edited_and_deleted() -> None:
    """PUT changes text and time of change; DELETE answers 204 without a body; then it is gone."""
    clock = Clock()
    app = gitlab(clock)
    path = f"{NOTES}/{app.add_note(PROJECT, 7, 'qatech-bot', 'old').id}"
    clock.advance(60)
    edited = ask(app, "PUT", path, {"body": "new"})
    assert (edited.status, edited.body["body"]) == (200, "new")
    assert edited.body["updated_at"] == "2026-05-04T10:31:00.000Z"
    assert edited.body["created_at"] == "2026-05-04T10:30:00.000Z"
    assert ask(app, "PUT", path, {}).body == edited.body
    deleted = ask(app, "DELETE", path)
    assert (deleted.status, deleted.body) == (204, None)
    assert ask(app, "GET", path).body == {"message": "404 Not found"}


@pytest.mark.parametrize(
    ("author", "system", "level", "status"),
    [
        ("qatech-bot", False, REPORTER, 200),
        ("octocat", False, 30, 403),
        ("octocat", False, MAINTAINER, 200),
        ("qatech-bot", True, MAINTAINER, 403),
    ],
)
def test_whose_notes_can_be_changed(author: str, system: bool, level: int, status: int) -> None:  # noqa: FBT001 - a column of the table
    """One's own, all for a maintainer; what GitLab wrote itself for nobody."""
    app = gitlab(access_level=level)
    path = f"{NOTES}/{app.add_note(PROJECT, 7, author, 'x', system=system).id}"
    assert ask(app, "PUT", path, {"body": "y"}).status == status
    assert ask(app, "DELETE", path).status in (status, 204)


def test_notes_come_newest_first() -> None:
    """By creation or by change, system notes among them unless they are filtered."""
    clock = Clock()
    app = gitlab(clock)
    for name in ("first", "second", "third"):
        app.add_note(PROJECT, 7, "qatech-bot", name, system=name == "second")
        clock.advance(1)
    first = app.notes(PROJECT, 7)[0]
    ask(app, "PUT", f"{NOTES}/{first.id}", {"body": "changed"})

    def listed(query: str) -> list[str]:
        return [note["body"] for note in ask(app, "GET", f"{NOTES}?{query}").body]

    assert listed("") == ["third", "second", "changed"]
    assert listed("sort=asc") == ["changed", "second", "third"]
    assert listed("sort=desc&order_by=updated_at") == ["changed", "third", "second"]
    assert listed("activity_filter=only_comments") == ["third", "changed"]
    assert listed("activity_filter=only_activity") == ["second"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, {"error": "body is missing"}),
        ({"body": None}, {"error": "body is missing"}),
        ({"body": ["x"]}, {"error": "body is invalid"}),
        ([], {"error": "body is missing"}),
        (b"{", {"error": "message body does not match declared format"}),
        ({"body": " \n"}, {"message": '400 Bad request - Note {:note=>["can\'t be blank"]}'}),
        (
            {"body": "✓" * 1_000_001},
            {
                "message": "400 Bad request - Note"
                ' {:note=>["is too long (maximum is 1000000 characters)"]}'
            },
        ),
    ],
)
def test_a_body_that_cannot_be_a_note_is_refused(body: object, answer: object) -> None:
    """400 in the words of the layer that refuses it."""
    app = gitlab()
    refused = ask(app, "POST", NOTES, body)
    assert (refused.status, refused.body) == (400, answer)
    assert app.notes(PROJECT, 7) == []


def test_the_longest_note_and_the_empty_edit() -> None:
    """A million characters pass; an edit to nothing is refused in other words than a new note."""
    app = gitlab()
    made = ask(app, "POST", NOTES, {"body": "✓" * 1_000_000})
    assert made.status == 201
    refused = ask(app, "PUT", f"{NOTES}/{made.body['id']}", {"body": " "})
    assert (refused.status, refused.body) == (400, {"error": "body is empty"})


def test_parameters_come_in_the_query_a_form_or_json() -> None:
    """GitLab takes them alike; another kind of body is none."""
    app = gitlab()
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    ask(app, "POST", f"{NOTES}?body=query")
    ask(app, "POST", NOTES, b"body=a+form", form)
    assert [note.body for note in app.notes(PROJECT, 7)] == ["query", "a form"]
    assert ask(app, "POST", NOTES, b"body=x", {"Content-Type": "text/plain"}).status == 400


def test_quick_actions_are_carried_out_and_not_shown() -> None:
    """Lines of commands vanish; nothing is left of a note of commands alone."""
    app = gitlab()
    made = ask(app, "POST", NOTES, {"body": "Done.\n/close\n/label ~bug\nText\n/nothing"})
    assert made.body["body"] == "Done.\nText\n/nothing"
    alone = ask(app, "POST", NOTES, {"body": "/approve"})
    assert (alone.status, alone.body["summary"]) == (202, ["Applied /approve"])
    edited = ask(app, "PUT", f"{NOTES}/{made.body['id']}", {"body": "x\n/merge"})
    assert edited.body["body"] == "x"
    assert app.quick_actions(PROJECT, 7) == ["close", "label ~bug", "approve", "merge"]
    assert len(app.notes(PROJECT, 7)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "```\n/close\n```",
        "<pre>\n/close\n</pre>",
        ">>>\n/close\n>>>",
        "> /close",
        " /close",
        "x /close",
    ],
)
def test_where_quick_actions_are_text(body: str) -> None:
    """Code, HTML and quotes keep theirs, and so does what does not begin a line."""
    app = gitlab()
    assert ask(app, "POST", NOTES, {"body": body}).body["body"] == body
    assert app.quick_actions(PROJECT, 7) == []


@pytest.mark.parametrize(
    "path",
    [
        f"{HERE}/merge_requests/8/notes",
        f"{NOTES}/1",
        f"{HERE}/merge_requests/8/notes/1",
    ],
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    """404 in GitLab's shape."""
    answer = ask(gitlab(), "GET", path)
    assert (answer.status, answer.body) == (404, {"message": "404 Not found"})


def test_a_note_belongs_to_its_merge_request() -> None:
    """It cannot be reached through another one."""
    app = with_notes(1)
    app.add_merge_request(PROJECT, 8, sha=HEAD)
    number = app.notes(PROJECT, 7)[0].id
    assert ask(app, "GET", f"{HERE}/merge_requests/8/notes/{number}").status == 404


@pytest.mark.parametrize(
    ("page", "bodies", "told", "relations"),
    [
        (1, ["note 0", "note 1"], ("2", ""), {"next": 2, "first": 1, "last": 3}),
        (2, ["note 2", "note 3"], ("3", "1"), {"prev": 1, "next": 3, "first": 1, "last": 3}),
        (3, ["note 4"], ("", "2"), {"prev": 2, "first": 1, "last": 3}),
    ],
)
def test_headers_lead_to_the_other_pages(
    page: int, bodies: list[str], told: tuple[str, str], relations: dict[str, int]
) -> None:
    """Counts, neighbours, and links in GitLab's order that keep the other parameters."""
    answer = ask(with_notes(5), "GET", f"{NOTES}?sort=asc&per_page=2&page={page}")
    assert [note["body"] for note in answer.body] == bodies
    assert (answer.headers["X-Next-Page"], answer.headers["X-Prev-Page"]) == told
    counts = ("X-Page", "X-Per-Page", "X-Total", "X-Total-Pages")
    assert [answer.headers[name] for name in counts] == [str(page), "2", "5", "3"]
    assert answer.headers["Link"] == ", ".join(
        f'<http://localhost{NOTES}?page={to}&per_page=2&sort=asc>; rel="{rel}"'
        for rel, to in relations.items()
    )


@pytest.mark.parametrize(
    ("query", "listed"),
    [("", 20), ("per_page=1000", 100), ("per_page=-1", 20), ("page=9", 0), ("page=-1", 20)],
)
def test_how_many_are_listed(query: str, listed: int) -> None:
    """Twenty unless asked otherwise, at most a hundred."""
    assert len(ask(with_notes(101), "GET", f"{NOTES}?{query}").body) == listed


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("per_page=0", "per_page has a value not allowed"),
        ("per_page=x", "per_page is invalid"),
        ("page=1.5", "page is invalid"),
        ("sort=up", "sort does not have a valid value"),
        ("order_by=id", "order_by does not have a valid value"),
    ],
)
def test_nonsense_in_parameters_is_refused(query: str, error: str) -> None:
    """400 by the layer below GitLab's own code."""
    answer = ask(gitlab(), "GET", f"{NOTES}?{query}")
    assert (answer.status, answer.body) == (400, {"error": error})


def test_nothing_is_one_empty_page() -> None:
    """An empty list has a first page, which is the last."""
    headers = ask(gitlab(), "GET", NOTES).headers
    assert (headers["X-Total"], headers["X-Total-Pages"], headers["X-Next-Page"]) == ("0", "1", "")


def test_long_lists_are_not_counted() -> None:
    """As from 10,000 on at GitLab: no totals and no last page, yet a next one."""
    app = GitLab(now=Clock(), page_limit=1, count_limit=1)
    app.add_merge_request(PROJECT, 7, sha=HEAD)
    app.add_token("token")
    for _ in range(2):
        app.add_note(PROJECT, 7, "octocat", "x")
    answer = ask(app, "GET", f"{NOTES}?per_page=100")
    assert (len(answer.body), answer.headers["X-Next-Page"]) == (1, "2")
    assert "X-Total" not in answer.headers
    assert 'rel="last"' not in answer.headers["Link"]


def test_a_note_is_reacted_to_once() -> None:
    """Again by the same caller is answered 404, as GitLab has it."""
    app = with_notes(1)
    path = f"{NOTES}/{app.notes(PROJECT, 7)[0].id}/award_emoji"
    made = ask(app, "POST", path, {"name": "eyes"})
    assert (made.status, made.body["name"]) == (201, "eyes")
    again = ask(app, "POST", path, {"name": "eyes"})
    assert again.body == {"message": "404 Award Emoji Name has already been taken Not Found"}
    assert [award["user"]["username"] for award in ask(app, "GET", path).body] == ["qatech-bot"]
