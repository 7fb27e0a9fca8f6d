"""Every promise in docs/guarantees.md names tests, and they exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from containers import ROOT

PAGE = ROOT / "docs" / "guarantees.md"
ROW = re.compile(r"^\| ([RS]\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
PROMISES = [*(f"R{number}" for number in range(1, 13)), *(f"S{number}" for number in range(1, 26))]
Definition = ast.FunctionDef | ast.ClassDef


def rows() -> list[tuple[str, str, str]]:
    """Return the rows: name, promise and proof."""
    return ROW.findall(PAGE.read_text())


def references() -> list[str]:
    """Return the tests that the page names, each once."""
    return sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE.read_text())))


@cache
def named_tests(path: Path) -> dict[str, tuple[Definition, ...]]:
    """Return the tests of a module, with the definitions that their marks may be on."""
    return dict(_tests(ast.parse(path.read_text()).body))


def _tests(
    body: list[ast.stmt],
    outer: tuple[Definition, ...] = (),
) -> Iterator[tuple[str, tuple[Definition, ...]]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body, (*outer, node))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield "::".join(it.name for it in (*outer, node)), (*outer, node)


def is_set_aside(definitions: tuple[Definition, ...]) -> bool:
    """Tell whether a test is skipped, or expected to fail, whatever comes."""
    marks = [ast.unparse(mark) for it in definitions for mark in it.decorator_list]
    *_, test = definitions
    first = [ast.unparse(it) for it in test.body[:2]]
    return any(re.match(r"pytest\.mark\.(skip|xfail)\b", mark) for mark in marks) or any(
        line.startswith(("pytest.skip(", "pytest.xfail(")) for line in first
    )


def test_each_promise_has_one_row() -> None:
    """None is missing, none is made twice, and they come in order."""
    assert [name for name, _, _ in rows()] == PROMISES


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_row_has_a_proof_or_says_that_there_is_none(row: tuple[str, str, str]) -> None:
    """And nothing beside: prose is no proof."""
    _, promise, proof = row
    named = re.findall(r"`(tests/[^`]+)`", proof)
    assert proof == " ".join(f"`{name}`" for name in named) or proof.startswith("Not yet: ")
    assert named or proof.startswith("Not yet: ")
    assert promise[0].isupper() or promise[0] == "`"


@pytest.mark.parametrize("reference", references())
def test_the_named_test_exists_and_is_run(reference: str) -> None:
    """A module that is named alone has tests; a test that is named is not set aside."""
    name, _, test = reference.partition("::")
    found = named_tests(ROOT / name)
    assert found
    if test:
        assert test in found
        assert not is_set_aside(found[test])


@pytest.mark.parametrize(
    ("source", "aside"),
    [
        ("def test_x(): pass", False),
        ("@pytest.mark.slow\ndef test_x(): pass", False),
        ("@pytest.mark.skipif(x)\ndef test_x(): pass", False),
        ("@pytest.mark.skip\ndef test_x(): pass", True),
        ("@pytest.mark.skip(reason='x')\ndef test_x(): pass", True),
        ("@pytest.mark.xfail(strict=True)\ndef test_x(): pass", True),
        ("def test_x():\n    '''Why.'''\n    pytest.skip('x')", True),
        ("@pytest.mark.skip\nclass TestX:\n    def test_x(self): pass", True),
    ],
)
def test_a_test_that_is_set_aside_would_be_seen(source: str, aside: bool) -> None:  # noqa: FBT001 - a table
    """Where a container engine is missing is a condition; none at all is a gap."""
    ((_, definitions),) = _tests(ast.parse(source).body)
    assert is_set_aside(definitions) is aside
