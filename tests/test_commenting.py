"""One comment of a pull request and key."""

from dataclasses import dataclass, replace

import pytest

from fakes import PULL_REQUEST, SHA, FakeForge, FakeLog
from qatech_ci.before.commenting import CommentThread, marker
from qatech_ci.before.errors import ForgeError, PermissionMissing
from qatech_ci.before.model import PullRequest
from qatech_ci.before.ports import Comment
from qatech_ci.before.receipt import Receipt, written
from qatech_ci.before.settings import CommentMode
from qatech_ci.before.signing import Signer

FIRST = Receipt(head_sha=SHA, digest="d", salt="s", run=1, attempt=1)


def thread(
    forge: FakeForge,
    mode: CommentMode = CommentMode.UPDATE,
    key: str = "app_web",
    log: FakeLog | None = None,
    token: str = "tok",
) -> CommentThread:
    """Return the thread of a run."""
    return CommentThread(forge, log or FakeLog(), PULL_REQUEST, mode, key, Signer(token))


def bodies(forge: FakeForge) -> list[str]:
    """Return the comments without the lines for machines."""
    return [
        "\n".join(line for line in comment.body.splitlines() if "<!-- qatech" not in line)
        for comment in forge.kept
    ]


def test_the_first_run_writes_one_comment_and_keeps_to_it() -> None:
    """From the start of the review to its verdict it is one comment."""
    forge = FakeForge()
    run = thread(forge)
    assert run.url == ""
    run.publish("running", FIRST)
    run.publish("passed", FIRST)
    assert bodies(forge) == ["passed"]
    assert run.url == forge.kept[0].url


def test_the_next_run_takes_up_the_same_comment() -> None:
    """Found among any number of others."""
    forge = FakeForge()
    for number in range(150):
        forge.add("octocat", f"comment {number}")
    thread(forge).publish("passed", FIRST)
    for number in range(150):
        forge.add("octocat", f"comment {number}")
    thread(forge).publish("failed", FIRST)
    ours = [body for body in bodies(forge) if not body.startswith("comment")]
    assert ours == ["failed"]


def test_each_key_has_a_comment_of_its_own() -> None:
    """Several reviews of one pull request do not overwrite each other."""
    forge = FakeForge()
    thread(forge, key="web").publish("one", FIRST)
    thread(forge, key="ios").publish("two", FIRST)
    assert bodies(forge) == ["one", "two"]


def test_a_new_comment_for_each_run() -> None:
    """Only when it is asked for; within the run it stays one."""
    forge = FakeForge()
    for verdict in ("passed", "failed"):
        run = thread(forge, CommentMode.NEW)
        run.publish("running", FIRST)
        run.publish(verdict, FIRST)
    assert bodies(forge) == ["passed", "failed"]


def test_no_comment_at_all() -> None:
    """Off means that GitHub is not asked for anything."""
    log = FakeLog()
    run = thread(FakeForge(error=PermissionMissing("no")), CommentMode.OFF, log=log)
    run.publish("passed", FIRST)
    assert run.earlier_receipt() is None
    assert not log.lines


def test_a_marker_in_somebody_elses_comment_is_ignored() -> None:
    """A stranger who copies the marker does not get their comment overwritten."""
    forge = FakeForge()
    forge.add("mallory", f"{marker('app_web')}\nmine")
    thread(forge).publish("passed", FIRST)
    assert bodies(forge) == ["mine", "passed"]


def test_a_marker_that_is_not_the_first_line_is_ignored() -> None:
    """A reply that quotes the marker stands in a comment of ours, but not at its place."""
    forge = FakeForge()
    forge.add(forge.login, f"something else\n{marker('app_web')}\n")
    forge.add(forge.login, f" {marker('app_web')}\nindented")
    thread(forge).publish("passed", FIRST)
    assert len(forge.kept) == 3


def test_line_ends_of_the_web_editor_do_not_matter() -> None:
    """GitHub's editor saves a comment with CRLF; the receipt in it is read as well."""
    forge = FakeForge()
    thread(forge).publish("by us", FIRST)
    forge.kept[0] = replace(forge.kept[0], body=forge.kept[0].body.replace("\n", "\r\n"))
    run = thread(forge)
    assert run.earlier_receipt() == FIRST
    run.publish("passed", FIRST)
    assert bodies(forge) == ["passed"]


def test_trouble_is_told_and_goes_no_further() -> None:
    """A comment that cannot be posted never changes a verdict."""
    log = FakeLog()
    run = thread(FakeForge(error=PermissionMissing("403.", "Give the job x.")), log=log)
    assert run.earlier_receipt() is None
    run.publish("passed", FIRST)
    assert log.lines == [
        "warning Earlier reviews could not be looked up. 403. Give the job x.",
        "warning The comment could not be written. 403. Give the job x.",
    ]
    assert run.url == ""


def test_a_key_cannot_break_out_of_the_marker() -> None:
    """Whatever the input says, the marker is one HTML comment on one line."""
    hostile = marker("--> @octocat\n")
    assert hostile.count("-->") == 1
    assert "\n" not in hostile
    assert "@" not in hostile


@pytest.mark.parametrize("mode", [CommentMode.UPDATE, CommentMode.NEW])
def test_the_receipt_is_found_by_the_next_run(mode: CommentMode) -> None:
    """In the one comment, or in the latest of those that each run has of its own."""
    forge = FakeForge()
    assert thread(forge, mode).earlier_receipt() is None
    thread(forge, mode).publish("one", FIRST)
    second = replace(FIRST, run=2)
    thread(forge, mode).publish("two", second)
    assert thread(forge, mode).earlier_receipt() == second


def test_a_receipt_of_another_token_is_none() -> None:
    """Nobody without the token can make one that counts."""
    forge = FakeForge()
    thread(forge, token="mallory's").publish("passed", FIRST)
    assert thread(forge).earlier_receipt() is None


def test_an_older_run_never_overwrites_a_newer_ones_comment() -> None:
    """Whichever of them ends first, the newest commit's result stays."""
    forge, log = FakeForge(), FakeLog()
    older, newer = thread(forge, log=log), thread(forge)
    older.publish("older, running", FIRST)
    newer.publish("newer, running", replace(FIRST, run=2))
    older.publish("older, passed", FIRST)
    assert bodies(forge) == ["newer, running"]
    assert "notice A newer run has written the comment, so it stays as it is." in log.lines
    newer.publish("newer, failed", replace(FIRST, run=2))
    assert bodies(forge) == ["newer, failed"]
    assert older.url == newer.url


def test_a_second_attempt_is_newer_than_the_first() -> None:
    """A re-run keeps its number and gets a new attempt."""
    forge = FakeForge()
    thread(forge).publish("second", replace(FIRST, attempt=2))
    thread(forge).publish("first", FIRST)
    assert bodies(forge) == ["second"]


def test_runs_that_start_together_end_with_one_comment() -> None:
    """Both found none and wrote one; whoever wrote later gives way."""
    forge = FakeForge()
    other = thread(forge)

    def meanwhile() -> None:
        forge.before_listing = lambda: None
        other.publish("other", FIRST)

    run = thread(forge)
    assert run.earlier_receipt() is None
    forge.before_listing = meanwhile
    run.publish("ours", FIRST)
    other.publish("other again", FIRST)
    assert bodies(forge) == ["other again"]


def test_a_newer_run_writes_its_end_again_where_an_older_one_wrote_over_it() -> None:
    """The older one had read the comment before the newer one wrote."""
    forge = FakeForge()
    newer, newest = thread(forge), replace(FIRST, run=2, verdict="passed")
    newer.publish("newer, running", replace(FIRST, run=2))
    stale = forge.kept[0]
    thread(forge).publish("older", FIRST)
    forge.kept[0] = replace(stale, body=stale.body + " by somebody")
    overwritten = written(FIRST, PULL_REQUEST, stale.id, Signer("tok"))
    forge.after_edit = lambda: forge.overwrite(f"{marker('app_web')}\n{overwritten}\nolder")
    newer.publish("newer, passed", newest)
    assert bodies(forge) == ["newer, passed"]


def test_an_end_that_stands_is_not_written_again() -> None:
    """Another run has been seen, but it did not write over this one."""
    forge = FakeForge()
    run = thread(forge)
    run.publish("running", FIRST)
    forge.kept[0] = replace(forge.kept[0], body=forge.kept[0].body + " by somebody")
    run.publish("passed", replace(FIRST, verdict="passed"))
    assert bodies(forge) == ["passed"]


def test_a_run_that_was_slower_gives_way() -> None:
    """Between our look and our write another comment appeared: ours goes, theirs is written."""
    forge = FakeForge()
    run = thread(forge)
    assert run.earlier_receipt() is None
    thread(forge).publish("other", FIRST)
    run.publish("ours", FIRST)
    assert bodies(forge) == ["ours"]
    assert len(forge.kept) == 1


def test_a_comment_that_was_deleted_is_written_again() -> None:
    """Somebody tidied up while the review ran."""
    forge = FakeForge()
    run = thread(forge)
    run.publish("running", FIRST)
    forge.kept.clear()
    run.publish("passed", FIRST)
    assert bodies(forge) == ["passed"]


def test_a_write_whose_answer_was_lost_is_checked_before_it_is_repeated() -> None:
    """The comment may be there: it is looked for again, not written twice."""
    forge = FakeForge()
    run = thread(forge)
    forge.write_error = ForgeError("lost.")
    run.publish("running", FIRST)
    forge.write_error = None
    forge.add(forge.login, f"{marker('app_web')}\nrunning")
    run.publish("passed", FIRST)
    assert bodies(forge) == ["passed"]


@pytest.mark.parametrize("has_arrived", [True, False])
def test_a_comment_of_its_own_whose_answer_was_lost_is_not_written_twice(
    has_arrived: bool,  # noqa: FBT001 - a table
) -> None:
    """With `new` as well: what was to be created is looked for by its text."""
    forge = FakeForge()
    run = thread(forge, CommentMode.NEW)
    forge.write_error = ForgeError("lost.")
    run.publish("running", FIRST)
    forge.write_error = None
    if has_arrived:
        forge.add(forge.login, f"{marker('app_web')}\nrunning")
    run.publish("passed", FIRST)
    assert bodies(forge) == ["passed"]


def held(forge: FakeForge, log: FakeLog) -> CommentThread:
    """Return the thread of a run on a forge where merges wait for it."""
    forge.holds_merges = True
    return thread(forge, log=log)


def test_a_thread_is_reopened_once() -> None:
    """And not before there is one."""
    forge, log = FakeForge(), FakeLog()
    first = held(forge, log)
    first.reopen(FIRST)
    assert (first.holds, forge.settled) == (False, [])
    first.publish("one", FIRST)
    first.settle(is_settled=True)
    assert not first.holds
    second = held(forge, log)
    second.reopen(FIRST)
    second.reopen(FIRST)
    assert (second.holds, forge.settled) == (True, [True, False])


def test_a_newer_run_says_whether_its_thread_is_open() -> None:
    """An older one leaves it alone."""
    forge, log = FakeForge(), FakeLog()
    held(forge, log).publish("one", replace(FIRST, run=9))
    older = held(forge, log)
    older.reopen(FIRST)
    assert (older.holds, forge.settled) == (True, [])


def test_a_thread_that_cannot_be_looked_up_holds_nothing() -> None:
    """That is told, and the run goes on."""
    forge, log = FakeForge(error=ForgeError("502.")), FakeLog()
    run = held(forge, log)
    run.reopen(FIRST)
    assert not run.holds
    assert log.lines == ["warning The thread could not be looked up. 502."]


def test_a_thread_that_was_deleted_holds_nothing() -> None:
    """It is looked at again after a write that failed."""
    forge, log = FakeForge(), FakeLog()
    run = held(forge, log)
    run.publish("one", FIRST)
    run.settle(is_settled=False)
    before = run.holds
    forge.kept.clear()
    forge.write_error = ForgeError("403.")
    run.publish("two", FIRST)
    run.settle(is_settled=False)
    assert (before, run.holds) == (True, False)
    assert "The comment could not be written. 403." in log.all()


@dataclass
class Counting(FakeForge):
    """A forge that counts what is created, and fails to write a comment anew for a while."""

    created: int = 0
    is_failing: bool = False

    def create_comment(self, pull_request: PullRequest, body: str) -> Comment:
        self.created += 1
        return super().create_comment(pull_request, body)

    def edit_comment(self, pull_request: PullRequest, comment_id: int, body: str) -> Comment:
        if self.is_failing:
            raise ForgeError("502.")
        return super().edit_comment(pull_request, comment_id, body)


def test_a_comment_that_was_written_in_place_of_a_deleted_one_is_found_again() -> None:
    """Its creation succeeded and the write after it did not: it is the one to go on with."""
    forge = Counting()
    run = thread(forge)
    run.publish("one", FIRST)
    forge.add("octocat", "mine")
    forge.delete_comment(PULL_REQUEST, forge.kept[0].id)
    forge.is_failing = True
    run.publish("two", FIRST)
    forge.is_failing = False
    run.publish("three", FIRST)
    assert (bodies(forge), forge.created) == (["mine", "three"], 2)


def test_a_thread_that_is_still_there_after_a_failed_write_is_reopened() -> None:
    """Whether it is, is looked up first: a write that failed may have had a reason."""
    forge, log = Counting(), FakeLog()
    run = held(forge, log)
    run.publish("one", FIRST)
    forge.is_failing = True
    run.publish("two", FIRST)
    run.settle(is_settled=False)
    assert run.holds
