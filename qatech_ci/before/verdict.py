"""From evidence to a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .model import Evidence, Findings, Source, Verdict


@dataclass(frozen=True)
class Judgement:
    """A verdict, the sources that it rests on, and what led to it in a sentence."""

    verdict: Verdict
    explanation: str
    sources: tuple[Source, ...] = ()
    findings: Findings = field(default_factory=Findings)


def judge(evidence: Sequence[Evidence]) -> Judgement:
    """Return the verdict that all evidence agrees on; `unknown` where there is none or it differs.

    No source outweighs another: where they contradict each other, somebody has to look. The one
    thing that is no contradiction is a check that succeeded beside a reviewer who could not
    verify: a check says only that nothing stands in the way of a merge.
    """
    if not evidence:
        return Judgement(Verdict.UNKNOWN, "The reply has no verdict that could be read.")
    verdicts = {item.verdict for item in evidence}
    told = " ".join(dict.fromkeys(item.detail for item in evidence))
    sources = tuple(dict.fromkeys(item.source for item in evidence))
    findings = next((item.findings for item in evidence if item.findings != Findings()), Findings())
    if verdicts == {Verdict.PASSED, Verdict.UNVERIFIED} and _only_the_check_passed(evidence):
        return Judgement(Verdict.UNVERIFIED, told, sources, findings)
    if len(verdicts) > 1:
        told = f"The evidence contradicts itself. {told}"
        return Judgement(Verdict.UNKNOWN, told, sources, findings)
    return Judgement(verdicts.pop(), told, sources, findings)


def _only_the_check_passed(evidence: Sequence[Evidence]) -> bool:
    passed = {item.source for item in evidence if item.verdict is Verdict.PASSED}
    return passed == {Source.CHECK}
