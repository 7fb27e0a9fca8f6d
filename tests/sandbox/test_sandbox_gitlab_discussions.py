"""Threads in the stand-in for GitLab."""

import pytest
from standins import Clock, ask
from test_sandbox_gitlab import HEAD, MR, PROJECT, gitlab

from qatech_ci.before.sandbox import GitLab
from qatech_ci.before.sandbox.gitlab import REPORTER

ALL = f"{MR}/discussions"
POSITION = {
    "base_sha": HEAD,
    "start_sha": HEAD,
    "head_sha": HEAD,
    "position_type": "text",
    "new_path": "README.md",
    "new_line": 1,
}


def thread(app: GitLab, login: str = "octocat") -> str:
    """Add a thread by `login` and return its path."""
    return f"{ALL}/{app.add_note(PROJECT, 7, login, 'Why?', thread=True).discussion_id}"


def test_a_thread_is_begun_answered_and_resolved() -> None:
    """Its notes say whether they are resolved, by whom and when."""
    clock = Clock()
    app = gitlab(clock)
    begun = ask(app, "POST", ALL, {"body": "Look"})
    assert (begun.status, begun.body["individual_note"]) == (201, False)
    assert begun.body["notes"][0]["type"] == "DiscussionNote"
    assert begun.body["notes"][0]["resolved"] is False
    path = f"{ALL}/{begun.body['id']}"
    reply = ask(app, "POST", f"{path}/notes", {"body": "Seen"})
    assert (reply.status, reply.body["body"]) == (201, "Seen")
    clock.advance(60)
    resolved = ask(app, "PUT", f"{path}?resolved=true").body
    assert [note["resolved"] for note in resolved["notes"]] == [True, True]
    assert resolved["notes"][0]["resolved_by"]["username"] == "qatech-bot"
    assert resolved["notes"][0]["resolved_at"] == "2026-05-04T10:31:00.000Z"
    assert app.discussions(PROJECT, 7)[0].resolved
    assert ask(app, "PUT", path, {"resolved": True}).body == resolved
    opened = ask(app, "PUT", path, {"resolved": False}).body
    assert [note["resolved_by"] for note in opened["notes"]] == [None, None]
    assert ask(app, "PUT", f"{path}?resolved=0").body == opened
    assert ask(app, "GET", path).body == opened


def test_discussions_are_listed_in_their_order() -> None:
    """Comments on their own and system notes are discussions, too."""
    app = gitlab()
    app.add_note(PROJECT, 7, "octocat", "one")
    app.add_note(PROJECT, 7, "octocat", "added 1 commit", system=True)
    first = app.add_note(PROJECT, 7, "octocat", "thread", thread=True)
    app.add_note(PROJECT, 7, "mallory", "reply", discussion_id=first.discussion_id)
    listed = ask(app, "GET", ALL).body
    assert [one["individual_note"] for one in listed] == [True, True, False]
    assert [note["body"] for note in listed[2]["notes"]] == ["thread", "reply"]
    second = ask(app, "GET", f"{ALL}?per_page=1&page=2")
    assert (second.body, second.headers["X-Total"]) == ([listed[1]], "3")


@pytest.mark.parametrize(
    ("login", "level", "thread_by", "whole", "note"),
    [
        ("qatech-bot", 30, "mallory", 200, 200),
        ("qatech-bot", REPORTER, "mallory", 403, 403),
        ("octocat", REPORTER, "mallory", 200, 200),
        ("mallory", REPORTER, "mallory", 403, 200),
    ],
)
def test_who_resolves(login: str, level: int, thread_by: str, whole: int, note: int) -> None:
    """Developers and who wrote the merge request; who wrote a note only that note."""
    app = gitlab(login=login, access_level=level)
    path = thread(app, thread_by)
    number = app.notes(PROJECT, 7)[0].id
    assert ask(app, "PUT", f"{path}/notes/{number}?resolved=true").status == note
    assert ask(app, "PUT", f"{path}?resolved=true").status == whole


def test_a_comment_on_its_own_is_no_thread_until_it_is_answered() -> None:
    """It cannot be resolved; a reply makes a thread of both. System notes take no reply."""
    app = gitlab()
    note = app.add_note(PROJECT, 7, "octocat", "Why?")
    path = f"{ALL}/{note.discussion_id}"
    assert ask(app, "PUT", f"{path}?resolved=true").body == {"message": "403 Forbidden"}
    refused = ask(app, "PUT", f"{path}/notes/{note.id}?resolved=true")
    assert refused.body == {"message": "400 Bad request - Note is not resolvable"}
    assert ask(app, "POST", f"{path}/notes", {"body": "Because"}).status == 201
    assert ask(app, "PUT", f"{path}?resolved=true").status == 200
    system = app.add_note(PROJECT, 7, "octocat", "added 1 commit", system=True)
    answer = ask(app, "POST", f"{ALL}/{system.discussion_id}/notes", {"body": "x"})
    assert answer.body == {"message": "400 Bad request - Discussion can not be replied to."}


def test_a_note_of_a_thread_is_shown_edited_resolved_and_deleted() -> None:
    """One thing at a time: text or resolution."""
    app = gitlab()
    path = thread(app, "qatech-bot")
    note = f"{path}/notes/{app.notes(PROJECT, 7)[0].id}"
    assert ask(app, "GET", note).body["body"] == "Why?"
    assert ask(app, "PUT", note, {"body": "How?"}).body["body"] == "How?"
    assert ask(app, "PUT", note, {"resolved": True}).body["resolved"] is True
    assert ask(app, "PUT", note, {"resolved": False}).body["resolved"] is False
    neither = ask(app, "PUT", note, {}).body["error"]
    assert neither == "body, resolved are missing, exactly one parameter must be provided"
    both = ask(app, "PUT", note, {"body": "x", "resolved": True}).body["error"]
    assert both == "body, resolved are mutually exclusive"
    assert ask(app, "PUT", note, {"resolved": "maybe"}).body == {"error": "resolved is invalid"}
    assert ask(app, "DELETE", note).status == 204
    assert ask(app, "GET", path).body == {"message": "404 Discussion Not Found"}


def test_what_a_thread_needs() -> None:
    """A body to begin with, and to be told whether it is resolved."""
    app = gitlab()
    path = thread(app)
    assert ask(app, "POST", ALL, {}).body == {"error": "body is missing"}
    assert ask(app, "PUT", path).body == {"error": "resolved is missing"}
    assert ask(app, "PUT", f"{ALL}/{'0' * 40}?resolved=true").status == 404
    assert ask(app, "POST", f"{ALL}/{'0' * 40}/notes", {"body": "x"}).status == 404


def test_a_thread_in_the_diff() -> None:
    """It keeps its position, of which some parts are needed."""
    app = gitlab()
    made = ask(app, "POST", ALL, {"body": "Here", "position": POSITION}).body["notes"][0]
    assert (made["type"], made["position"]) == ("DiffNote", POSITION)
    wrong = ask(app, "POST", ALL, {"body": "Here", "position": "README.md"})
    assert wrong.body == {"error": "position is invalid"}
    short = ask(app, "POST", ALL, {"body": "Here", "position": {"base_sha": HEAD}})
    assert short.body == {"error": "position[start_sha] is missing"}
    staged = app.add_note(PROJECT, 7, "octocat", "There", position=POSITION)
    assert staged.type == "DiffNote"
