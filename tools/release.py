"""Makes a release of a version tag, step by step; docs/contributing.md has the whole way.

    python3 -m tools.release check v1.2.3            may this commit be released under this tag
    python3 -m tools.release image v1.2.3            the image, where the tag is released already
    python3 -m tools.release publish v1.2.3 IMAGE    write the release commit, move the tags to it
    python3 -m tools.release notes v1.2.3            the changelog's section

Standard library alone: it runs next to a token that may push, where nothing else is installed.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from qatech_ci import __version__

from .release_tags import Clone, NotReleasable, Tag

ROOT = Path(__file__).parent.parent
_TAG = re.compile(r"v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
_IMAGE = re.compile(r"[a-z0-9.-]+(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+@sha256:[0-9a-f]{64}")
_RUNS = re.compile(r"(?<=^runs:\n  using: docker\n  image: )Dockerfile$", re.MULTILINE)
_DEFAULT = re.compile(r"(?<=^    image:\n      default: ).+$", re.MULTILINE)
_ACTION, _COMPONENT = "action.yml", "templates/change-review.yml"
_RELEASED = re.compile(r"^runs:\n  using: docker\n  image: docker://(.+)$", re.MULTILINE)


def version_of(tag: str) -> tuple[int, int, int]:
    """Return the three numbers of a tag such as `v1.2.3`; raises `NotReleasable` for any other."""
    found = _TAG.fullmatch(tag)
    if not found:
        raise NotReleasable(f"{tag!r} is not a version tag such as v1.2.3.")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def check(tag: str, version: str, changelog: str, metadata: str) -> None:
    """Raise `NotReleasable` unless the tag is this version's, with its changes and an action."""
    version_of(tag)
    if tag != f"v{version}":
        raise NotReleasable(f"The tag is {tag}, qatech_ci.__version__ is {version}.")
    notes(changelog, version)
    _place_of_the_image(metadata)


def notes(changelog: str, version: str) -> str:
    """Return what stands under `## 1.2.3 - 2026-11-20`, in Keep a Changelog's form.

    Raises `NotReleasable` where that heading is not there exactly once or has nothing under it.
    """
    heading = rf"## \[?{re.escape(version)}\]?(?: - [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})?"
    _, *sections = re.split(rf"^{heading}$", changelog, flags=re.MULTILINE)
    if len(sections) != 1:
        raise NotReleasable(f"CHANGELOG.md has {len(sections)} sections for {version}, not one.")
    text = re.split(r"^## ", sections[0], maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not text:
        raise NotReleasable(f"CHANGELOG.md says nothing about {version}.")
    return text


def pointed_at(metadata: str, image: str) -> str:
    """Return action.yml with the image in the Dockerfile's place, all else as it was.

    `image` is a name with a digest, such as `ghcr.io/owner/name@sha256:…`. Raises `NotReleasable`
    for any other image, and for an action.yml that does not build from the Dockerfile.
    """
    if not _IMAGE.fullmatch(image):
        raise NotReleasable(f"{image!r} is not an image with its digest.")
    start, end = _place_of_the_image(metadata)
    return f"{metadata[:start]}docker://{image}{metadata[end:]}"


def component_with(template: str, image: str) -> str:
    """Return GitLab's component with the image as its default, all else as it was.

    Raises `NotReleasable` where the component has no single default for its image.
    """
    if len(_DEFAULT.findall(template)) != 1:
        raise NotReleasable(f"{_COMPONENT} has no single default for its image.")
    return _DEFAULT.sub(lambda _: image, template)


def _place_of_the_image(metadata: str) -> tuple[int, int]:
    blocks = re.findall(r"^runs\b", metadata, re.MULTILINE)
    found = _RUNS.search(metadata)
    if len(blocks) != 1 or not found:
        raise NotReleasable("action.yml has no single `runs` that builds from the Dockerfile.")
    return found.span()


def released_image(clone: Clone, tag: str) -> str:
    """Return the image of a release whose tags are pushed, or nothing where they are not yet.

    Raises `NotReleasable` where the tag is not on the remote or is somebody else's.
    """
    commit = _named(clone.tags(), tag).commit
    if commit == clone.head:
        return ""
    found = _RELEASED.search(clone.fetched(commit, _ACTION))
    if not found or release_commit(clone, tag, found[1]) != commit:
        raise NotReleasable(f"{tag} is at {commit}, which is no release of {clone.head}.")
    return found[1]


def release_commit(clone: Clone, tag: str, image: str) -> str:
    """Return the commit that users get: the one at hand, pointed at the image."""
    changed = {
        _ACTION: pointed_at(clone.file(_ACTION), image),
        _COMPONENT: component_with(clone.file(_COMPONENT), image),
    }
    return clone.commit(f"Release {tag}", changed)


def publish(clone: Clone, tag: str, image: str) -> str:
    """Move the version's tag and, if no later version has it, the major tag to the release commit.

    Returns the commit. Does nothing where the tags are there already. Raises `NotReleasable` where
    the version's tag is at any other commit than the one that was tagged.
    """
    version = version_of(tag)
    commit, seen = release_commit(clone, tag, image), clone.tags()
    if _named(seen, tag).commit not in {clone.head, commit}:
        raise NotReleasable(f"{tag} is neither at {clone.head} nor at its release {commit}.")
    is_superseded = any(_is_released(clone, seen[it]) for it in _later(version, seen))
    clone.move([tag] if is_superseded else [tag, f"v{version[0]}"], commit, seen)
    return commit


def _later(version: tuple[int, int, int], tags: Iterable[str]) -> Iterator[str]:
    """Yield the tags of later versions with the same major number."""
    for tag in tags:
        found = version_of(tag) if _TAG.fullmatch(tag) else version
        if found[0] == version[0] and found > version:
            yield tag


def _is_released(clone: Clone, tag: Tag) -> bool:
    """Tell a release from a tag whose release broke off, or has not come to its end."""
    return bool(_RELEASED.search(clone.fetched(tag.commit, _ACTION)))


def _named(tags: Mapping[str, Tag], name: str) -> Tag:
    if name not in tags:
        raise NotReleasable(f"The remote has no tag {name}.")
    return tags[name]


def _text(name: str) -> str:
    # Bytes, because reading as text would turn one line ending into another.
    return (ROOT / name).read_bytes().decode()


def _check(tag: str) -> str:
    check(tag, __version__, _text("CHANGELOG.md"), _text("action.yml"))
    return f"{tag} can be released."


COMMANDS: dict[str, Callable[..., str]] = {
    "check": _check,
    "image": lambda tag: released_image(Clone(Path.cwd()), tag),
    "publish": lambda tag, image: publish(Clone(Path.cwd()), tag, image),
    "notes": lambda tag: notes(_text("CHANGELOG.md"), tag.removeprefix("v")),
}


def main(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code: 0, or 1 where the tag cannot be released."""
    command, *rest = arguments
    try:
        print(COMMANDS[command](*rest))
    except NotReleasable as error:
        print(f"Not released: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
