"""One comment of a pull request and key."""

from fakes import PULL_REQUEST, FakeForge, FakeLog
from qatech_ci.commenting import CommentThread, marker
from qatech_ci.errors import PermissionMissing
from qatech_ci.settings import CommentMode


def thread(
    forge: FakeForge,
    mode: CommentMode = CommentMode.UPDATE,
    key: str = "app_web",
    log: FakeLog | None = None,
) -> CommentThread:
    """Return the thread of a run."""
    return CommentThread(forge, log or FakeLog(), PULL_REQUEST, mode, key)


def bodies(forge: FakeForge) -> list[str]:
    """Return the comments without the marker line."""
    return [comment.body.partition("\n")[2] for comment in forge.kept]


def test_the_first_run_writes_one_comment_and_keeps_to_it() -> None:
    """From the start of the review to its verdict it is one comment."""
    forge = FakeForge()
    run = thread(forge)
    assert run.url == ""
    run.publish("running")
    run.publish("passed")
    assert bodies(forge) == ["passed"]
    assert run.url == forge.kept[0].url


def test_the_next_run_takes_up_the_same_comment() -> None:
    """Found among any number of others."""
    forge = FakeForge()
    for number in range(150):
        forge.add("octocat", f"comment {number}")
    thread(forge).publish("passed")
    for number in range(150):
        forge.add("octocat", f"comment {number}")
    thread(forge).publish("failed")
    ours = [comment for comment in forge.kept if comment.author == forge.login]
    assert [comment.body for comment in ours] == [f"{marker('app_web')}\nfailed"]


def test_each_key_has_a_comment_of_its_own() -> None:
    """Several reviews of one pull request do not overwrite each other."""
    forge = FakeForge()
    thread(forge, key="web").publish("one")
    thread(forge, key="ios").publish("two")
    assert bodies(forge) == ["one", "two"]


def test_a_new_comment_for_each_run() -> None:
    """Only when it is asked for; within the run it stays one."""
    forge = FakeForge()
    for verdict in ("passed", "failed"):
        run = thread(forge, CommentMode.NEW)
        run.publish("running")
        run.publish(verdict)
    assert bodies(forge) == ["passed", "failed"]


def test_no_comment_at_all() -> None:
    """Off means that GitHub is not asked for anything."""
    forge = FakeForge(error=PermissionMissing("no"))
    log = FakeLog()
    thread(forge, CommentMode.OFF, log=log).publish("passed")
    assert not log.lines


def test_a_marker_in_somebody_elses_comment_is_ignored() -> None:
    """A stranger who copies the marker does not get their comment overwritten."""
    forge = FakeForge()
    forge.add("mallory", f"{marker('app_web')}\nmine")
    thread(forge).publish("passed")
    assert bodies(forge) == ["mine", "passed"]


def test_a_marker_that_is_not_the_first_line_is_ignored() -> None:
    """A reply that quotes the marker stands in a comment of ours, but not at its place."""
    forge = FakeForge()
    forge.add(forge.login, f"something else\n{marker('app_web')}\n")
    forge.add(forge.login, f" {marker('app_web')}\nindented")
    thread(forge).publish("passed")
    assert len(forge.kept) == 3


def test_line_ends_of_the_web_editor_do_not_matter() -> None:
    """GitHub's editor saves a comment with CRLF."""
    forge = FakeForge()
    forge.add(forge.login, f"{marker('app_web')}\r\nedited by hand")
    thread(forge).publish("passed")
    assert bodies(forge) == ["passed"]


def test_trouble_is_told_and_goes_no_further() -> None:
    """A comment that cannot be posted never changes a verdict."""
    log = FakeLog()
    run = thread(FakeForge(error=PermissionMissing("403.", "Give the job x.")), log=log)
    run.publish("passed")
    assert log.lines == ["warning The comment could not be written. 403. Give the job x."]
    assert run.url == ""


def test_a_key_cannot_break_out_of_the_marker() -> None:
    """Whatever the input says, the marker is one HTML comment on one line."""
    hostile = marker("--> @octocat\n")
    assert hostile.count("-->") == 1
    assert "\n" not in hostile
    assert "@" not in hostile
