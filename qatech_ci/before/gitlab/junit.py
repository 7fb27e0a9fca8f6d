"""The JUnit report, whose failures the merge request lists.

https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.model import Case, Outcome

_NO_XML = re.compile("[\ufffe\uffff]")
"""What XML 1.0 has no place for beside the controls: https://www.w3.org/TR/xml/#charsets"""
_LONGEST = 10_000
"""Characters of a text. GitLab shows all of it in the merge request."""
_SUITE = "QA.tech review"
_ELEMENTS = {Outcome.FAILED: "failure", Outcome.SKIPPED: "skipped"}


def junit(cases: Sequence[Case]) -> str:
    """Return the cases as a JUnit report."""
    failed = sum(case.outcome is Outcome.FAILED for case in cases)
    skipped = sum(case.outcome is Outcome.SKIPPED for case in cases)
    suites = Element("testsuites")
    counts = {"tests": len(cases), "failures": failed, "errors": 0, "skipped": skipped}
    told = {name: str(number) for name, number in counts.items()}
    suite = SubElement(suites, "testsuite", {"name": _SUITE} | told)
    for case in cases:
        _add(suite, case)
    return tostring(suites, encoding="unicode", xml_declaration=False) + "\n"


def _add(suite: Element, case: Case) -> None:
    name = " ".join(_text(case.name).split()) or "unnamed"
    element = SubElement(suite, "testcase", {"classname": _SUITE, "name": name})
    if case.outcome in _ELEMENTS:
        SubElement(element, _ELEMENTS[case.outcome]).text = _text(case.details)


def _text(text: str) -> str:
    """Return what XML can hold, bounded; escaping is the writer's part."""
    return _NO_XML.sub("", plain(text))[:_LONGEST]
