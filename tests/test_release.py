"""What a release is made of: the tag, the changelog's section, the action, the moved tags."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from containers import ROOT
from tools.release import (
    check,
    component_with,
    main,
    notes,
    pointed_at,
    publish,
    release_commit,
    released_image,
    version_of,
)
from tools.release_tags import Clone, NotReleasable, Tag

ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
COMPONENT = (ROOT / "templates" / "change-review.yml").read_text(encoding="utf-8")
NAME = "ghcr.io/octo-org/qatech-ci"
IMAGE = f"{NAME}@sha256:{'0f' * 32}"
REBUILT = f"{NAME}@sha256:{'1e' * 32}"
RUNS = "runs:\n  using: docker\n  image: Dockerfile\n"
CHANGELOG = """\
# Changelog

## Unreleased

- Later.

## 1.2.3 - 2026-11-20

### Fixed

- This.

## [1.2.0] - 2026-10-01

- That.
"""
# Lines that could be taken for the one that is rewritten, and all others.
LINES = st.lists(
    st.one_of(
        st.sampled_from([*RUNS.splitlines(), "runs:", '"runs":', "  image: docker://x", "\r", ""]),
        st.text(),
    )
)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_version_tag(major: int, minor: int, patch: int) -> None:
    """Three numbers behind a v."""
    assert version_of(f"v{major}.{minor}.{patch}") == (major, minor, patch)


@given(st.one_of(st.text(), st.from_regex(r"v?[0-9.]*", fullmatch=True)))
@example("v1")
@example("v1.2.3\n")
@example("v1.2.3-rc.1")
@example("v01.2.3")
@example("1.2.3")
@example("v1.2.٣")
@example("v1.2.3/../v1.2.2")
def test_no_version_tag(text: str) -> None:
    """Pre-releases, short forms, leading zeros, other alphabets' digits: none is released."""
    assume(not re.fullmatch(r"v(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}", text))
    with pytest.raises(NotReleasable):
        version_of(text)


def test_our_action_is_pointed_at_the_image() -> None:
    """The one line changes, and whatever reads the file finds the image there."""
    rewritten = pointed_at(ACTION, IMAGE)
    before, after = yaml.safe_load(ACTION), yaml.safe_load(rewritten)
    assert after.pop("runs") == {"using": "docker", "image": f"docker://{IMAGE}"}
    assert before.pop("runs") == {"using": "docker", "image": "Dockerfile"}
    assert after == before


@given(LINES, LINES)
def test_every_other_line_stays(above: list[str], below: list[str]) -> None:
    """Whatever stands around it: refused, or the same text with one word exchanged."""
    text = "\n".join([*above, RUNS, *below])
    try:
        rewritten = pointed_at(text, IMAGE)
    except NotReleasable:
        return
    assert rewritten.replace(f"docker://{IMAGE}", "Dockerfile", 1) == text
    assert rewritten.count(IMAGE) == 1


@given(st.dictionaries(st.text(min_size=1), st.dictionaries(st.text(), st.text())))
def test_whatever_else_the_action_declares_stays(others: dict[str, dict[str, str]]) -> None:
    """Descriptions may quote what they like: parsed, nothing but the image differs."""
    assume("runs" not in others)
    written = (yaml.safe_dump(others) if others else "") + RUNS
    before, after = yaml.safe_load(written), yaml.safe_load(pointed_at(written, IMAGE))
    assert after == before | {"runs": {"using": "docker", "image": f"docker://{IMAGE}"}}


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "name: x\n",
        RUNS + RUNS,
        pointed_at(ACTION, IMAGE),
        ACTION.replace("using: docker", "using: composite"),
        ACTION.replace("image: Dockerfile", "image: other/Dockerfile"),
        ACTION.replace("image: Dockerfile", "image: Dockerfile # why"),
        ACTION.replace("image: Dockerfile", "image: 'Dockerfile'"),
        ACTION.replace("runs:\n", "runs:\n  pre-entrypoint: x\n"),
        ACTION.replace("\n", "\r\n"),
        f"description: |\n  {RUNS}",
    ],
)
def test_an_action_that_is_not_understood(metadata: str) -> None:
    """A rewriting that guesses could release an action that builds itself anew at each user's."""
    with pytest.raises(NotReleasable):
        pointed_at(metadata, IMAGE)


@given(st.one_of(st.text(), st.from_regex(rf"{NAME}(@sha256)?:[0-9a-f]{{,65}}", fullmatch=True)))
@example(NAME)
@example(f"{NAME}:1.2.3")
@example(IMAGE[:-1])
@example(f"{IMAGE}0")
@example(f"{IMAGE}\n")
@example(IMAGE.upper())
@example(f"docker://{IMAGE}")
@example(f"@sha256:{'0f' * 32}")
@example(f"{NAME}@sha512:{'0f' * 64}")
@example(IMAGE.replace("0f", "0g"))
@example(f"ghcr.io/a b@sha256:{'0f' * 32}")
def test_no_image_with_a_digest(image: str) -> None:
    """A tag can be moved, and what the build left empty is no image."""
    assume(not re.fullmatch(rf"{NAME}@sha256:[0-9a-f]{{64}}", image))
    with pytest.raises(NotReleasable):
        pointed_at(ACTION, image)


def test_the_notes_are_the_section() -> None:
    """From its heading, with or without brackets, to the next one, without the heading."""
    assert notes(CHANGELOG, "1.2.3") == "### Fixed\n\n- This."
    assert notes(CHANGELOG, "1.2.0") == "- That."


@pytest.mark.parametrize(
    ("changelog", "version"),
    [
        (CHANGELOG, "1.2.4"),
        (CHANGELOG, "1.2"),
        (CHANGELOG, "1x2x3"),
        (CHANGELOG + CHANGELOG, "1.2.3"),
        (CHANGELOG.replace("### Fixed\n\n- This.", ""), "1.2.3"),
        (CHANGELOG.replace("## 1.2.3", "### 1.2.3"), "1.2.3"),
        ("", "1.2.3"),
    ],
)
def test_a_section_that_is_missing(changelog: str, version: str) -> None:
    """Missing, empty or there twice: no release without saying what is in it."""
    with pytest.raises(NotReleasable, match=re.escape(version)):
        notes(changelog, version)


def test_what_can_be_released() -> None:
    """The tag is the version's, its section is there, the action builds from the Dockerfile."""
    check("v1.2.3", "1.2.3", CHANGELOG, ACTION)


@pytest.mark.parametrize(
    ("tag", "version", "metadata", "why"),
    [
        ("v1.2", "1.2", ACTION, "not a version tag"),
        ("v1.2.3", "1.2.4", ACTION, "is 1.2.4"),
        ("v1.2.4", "1.2.4", ACTION, "0 sections for 1.2.4"),
        ("v1.2.3", "1.2.3", pointed_at(ACTION, IMAGE), "action.yml"),
    ],
)
def test_what_cannot_be_released(tag: str, version: str, metadata: str, why: str) -> None:
    """It is said before anything is built."""
    with pytest.raises(NotReleasable, match=re.escape(why)):
        check(tag, version, CHANGELOG, metadata)


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder as a maintainer and return what it printed."""
    person = ["-c", "user.name=mona", "-c", "user.email=mona@example.com"]
    return subprocess.run(
        ["git", *person, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


class Forge:
    """A remote repository with a maintainer's clone of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remote, self.work = folder / "remote.git", folder / "work"
        git(folder, "init", "--quiet", "--bare", "-b", "main", "remote.git")
        git(folder, "init", "--quiet", "-b", "main", "work")
        git(self.work, "remote", "add", "origin", str(self.remote))
        workflows = self.work / ".github" / "workflows"
        workflows.mkdir(parents=True)
        (workflows / "ci.yml").write_text("on: push\n")
        (self.work / "action.yml").write_text(ACTION)
        (self.work / "templates").mkdir()
        (self.work / "templates" / "change-review.yml").write_text(COMPONENT)
        self.change("first")

    def change(self, text: str) -> str:
        """Push a change to main and return its commit."""
        (self.work / "code.py").write_text(text)
        git(self.work, "add", ".")
        git(self.work, "commit", "--quiet", "-m", text)
        git(self.work, "push", "--quiet", "origin", "main")
        return git(self.work, "rev-parse", "HEAD")

    def tag(self, name: str, *options: str) -> Clone:
        """Push a tag of main's newest commit, and return the shallow clone that CI makes of it."""
        git(self.work, "tag", *options, name)
        git(self.work, "push", "--quiet", "origin", f"refs/tags/{name}")
        return self.checkout(git(self.work, "rev-parse", "HEAD"))

    def checkout(self, commit: str) -> Clone:
        """Return a new clone of one commit, without any tag."""
        folder = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
        git(self.folder, "init", "--quiet", str(folder))
        git(folder, "remote", "add", "origin", self.remote.as_uri())
        git(folder, "fetch", "--quiet", "--depth=1", "--no-tags", "origin", commit)
        git(folder, "checkout", "--quiet", "--detach", commit)
        return Clone(folder)

    def at(self, ref: str) -> str:
        """Return the remote's commit of a tag or branch."""
        return git(self.remote, "rev-parse", f"{ref}^{{commit}}")


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """A repository with an action and a workflow on main."""
    return Forge(tmp_path)


def test_the_component_has_the_image_of_the_release() -> None:
    """By its digest; every other line stays."""
    before, after = COMPONENT.splitlines(), component_with(COMPONENT, IMAGE).splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [f"      default: {IMAGE}"]


@pytest.mark.parametrize(
    "template", ["", COMPONENT * 2, COMPONENT.replace("    image:", "    it:")]
)
def test_a_component_that_is_not_understood(template: str) -> None:
    """Nothing is released with the image of another version."""
    with pytest.raises(NotReleasable):
        component_with(template, IMAGE)


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--annotate", "--message=1.2.3")])
def test_both_tags_lead_to_the_release(forge: Forge, options: tuple[str, ...]) -> None:
    """A commit on top of the tagged one, which only points at the image; main stays as it is."""
    clone = forge.tag("v1.2.3", *options)
    commit = publish(clone, "v1.2.3", IMAGE)
    assert forge.at("v1.2.3") == forge.at("v1") == commit
    assert forge.at("main") == clone.head == git(forge.remote, "rev-parse", f"{commit}^")
    assert git(forge.remote, "diff", "--name-status", "main", commit).split() == [
        *("D", ".github/workflows/ci.yml"),
        *("M", "action.yml"),
        *("M", "templates/change-review.yml"),
    ]
    shown = git(forge.remote, "show", f"{commit}:action.yml") + "\n"
    assert shown == pointed_at(ACTION, IMAGE)


@pytest.mark.slow
def test_the_clone_is_left_alone(forge: Forge) -> None:
    """Neither files nor the index change, so steps before and after see the tagged commit."""
    clone = forge.tag("v1.2.3")
    publish(clone, "v1.2.3", IMAGE)
    assert git(clone.folder, "status", "--porcelain") == ""
    assert git(clone.folder, "rev-parse", "HEAD") == forge.at("main")


@pytest.mark.slow
def test_another_run_of_a_release_changes_nothing(forge: Forge) -> None:
    """It finds the image that is released, and comes to the same commit from a new clone."""
    first = forge.tag("v1.2.3")
    assert released_image(first, "v1.2.3") == ""
    commit = publish(first, "v1.2.3", IMAGE)
    again = forge.checkout(first.head)
    assert released_image(again, "v1.2.3") == IMAGE
    assert publish(again, "v1.2.3", IMAGE) == commit
    assert forge.at("v1.2.3") == forge.at("v1") == commit


@pytest.mark.slow
def test_a_release_is_never_exchanged(forge: Forge) -> None:
    """An image that was built anew has another digest, and people have the first one."""
    commit = publish(forge.tag("v1.2.3"), "v1.2.3", IMAGE)
    with pytest.raises(NotReleasable):
        publish(forge.checkout(forge.at("main")), "v1.2.3", REBUILT)
    assert forge.at("v1.2.3") == forge.at("v1") == commit


@pytest.mark.slow
def test_a_run_that_got_as_far_as_one_tag_is_finished(forge: Forge) -> None:
    """Tags move all or none, but somebody may have put the major one back."""
    clone = forge.tag("v1.2.3")
    commit = publish(clone, "v1.2.3", IMAGE)
    git(forge.work, "push", "--quiet", "--delete", "origin", "v1")
    assert publish(clone, "v1.2.3", IMAGE) == forge.at("v1") == commit


@pytest.mark.slow
def test_a_tag_that_somebody_moved(forge: Forge) -> None:
    """It is not taken back from whoever moved it."""
    clone = forge.tag("v1.2.3")
    other = forge.change("second")
    git(forge.work, "push", "--quiet", "--force", "origin", f"{other}:refs/tags/v1.2.3")
    with pytest.raises(NotReleasable):
        released_image(clone, "v1.2.3")
    with pytest.raises(NotReleasable):
        publish(clone, "v1.2.3", IMAGE)
    assert forge.at("v1.2.3") == other
    assert "v1" not in clone.tags()


@pytest.mark.slow
def test_a_release_of_another_commit(forge: Forge) -> None:
    """A tag at the release of some other commit is somebody else's, however alike it looks."""
    commit = publish(forge.tag("v1.2.3"), "v1.2.3", IMAGE)
    forge.change("second")
    clone = forge.tag("v1.2.4")
    git(forge.work, "push", "--quiet", "--force", "origin", f"{clone.head}:refs/tags/v1.2.3")
    git(forge.remote, "update-ref", "refs/tags/v1.2.4", commit)
    with pytest.raises(NotReleasable):
        released_image(clone, "v1.2.4")


@pytest.mark.slow
def test_a_tag_that_is_not_there(forge: Forge) -> None:
    """Somebody deleted it while the tests ran: they had a reason."""
    clone = forge.checkout(forge.at("main"))
    with pytest.raises(NotReleasable, match=re.escape("v1.2.3")):
        publish(clone, "v1.2.3", IMAGE)
    assert clone.tags() == {}


@pytest.mark.slow
def test_the_major_tag_follows_the_newest_version(forge: Forge) -> None:
    """By number, so 1.10 comes after 1.9; and a fix of an older one takes nobody back."""
    publish(forge.tag("v1.9.0"), "v1.9.0", IMAGE)
    forge.change("second")
    newest = publish(forge.tag("v1.10.0"), "v1.10.0", IMAGE)
    assert forge.at("v1") == newest
    forge.change("fix")
    fix = publish(forge.tag("v1.9.1"), "v1.9.1", IMAGE)
    assert (forge.at("v1.9.1"), forge.at("v1")) == (fix, newest)
    forge.change("never released")
    forge.tag("v1.11.0")
    forge.change("another fix")
    newest = publish(forge.tag("v1.10.1"), "v1.10.1", IMAGE)
    assert forge.at("v1") == newest, "A tag whose release broke off holds nothing back."
    next_major = publish(forge.tag("v2.0.0"), "v2.0.0", IMAGE)
    assert (forge.at("v2"), forge.at("v1")) == (next_major, newest)


class Late(Clone):
    """A clone that saw the remote's tags before somebody moved one."""

    def tags(self) -> dict[str, Tag]:
        return {**super().tags(), "v1": Tag("1" * 40, "1" * 40)}


@pytest.mark.slow
def test_tags_move_all_or_none(forge: Forge) -> None:
    """Where one is no longer where it was seen, the other one stays, too."""
    clone = forge.tag("v1.2.3")
    with pytest.raises(subprocess.CalledProcessError):
        publish(Late(clone.folder), "v1.2.3", IMAGE)
    assert forge.at("v1.2.3") == clone.head
    assert "v1" not in clone.tags()


@pytest.mark.slow
def test_a_repository_without_workflows(forge: Forge) -> None:
    """Nothing but the image differs then."""
    git(forge.work, "rm", "--quiet", "-r", ".github")
    forge.change("second")
    commit = publish(forge.tag("v1.2.3"), "v1.2.3", IMAGE)
    assert git(forge.remote, "diff", "--name-only", "main", commit).split() == [
        "action.yml",
        "templates/change-review.yml",
    ]


@pytest.mark.slow
def test_a_release_commit_depends_on_nothing_else(forge: Forge) -> None:
    """Not on the clone, nor the time, nor whoever runs it: else a second run would make another."""
    clone = forge.tag("v1.2.3")
    commits = {
        release_commit(forge.checkout(clone.head), "v1.2.3", image)
        for image in (IMAGE, IMAGE, REBUILT)
    }
    assert len(commits) == 2


def test_the_command_says_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, where no step takes it for an image or for notes."""
    assert main(["check", "v0.0"]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Not released: 'v0.0' is not a version tag such as v1.2.3.\n")


def test_the_tool_needs_nothing_installed() -> None:
    """It runs where a token may push: without this environment's packages it works as well."""
    command = [sys.executable, "-S", "-m", "tools.release", "check", "v0.0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:12]) == (1, "Not released")
