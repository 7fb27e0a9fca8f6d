"""What a reply says about a review, kept apart from judgement."""

import json
from collections.abc import Iterator
from hmac import compare_digest
from typing import Any

from .model import Evidence, Failure, Findings, Message, Source, Verdict
from .notation import without_repeats
from .reading import LONGEST_READ, verdict_candidates, verdict_fences
from .schemas import problems

_LINES = {
    "✅ Tests passing": Verdict.PASSED,
    "❌ Tests failing": Verdict.FAILED,
    "ℹ Unable to verify": Verdict.UNVERIFIED,  # noqa: RUF001 - the documented sign
}
"""The verdict lines that QA.tech documents: https://docs.qa.tech/configuration/github-app."""
_BY_LOWER_CASE = {line.lower(): line for line in _LINES}


def evidence_in(reply: Message, nonce: str) -> Iterator[Evidence]:
    """Yield what a finished reply says: its life cycle, or else its verdict block and lines.

    That a reply is `COMPLETED` is no evidence: it can say that the tests fail.
    """
    if reply.status == "FAILED":
        yield Evidence(Source.LIFE_CYCLE, Verdict.ERROR, "QA.tech marked its reply as failed.")
    elif reply.status == "CANCELLED":
        yield Evidence(Source.LIFE_CYCLE, Verdict.CANCELLED, "The reply was cancelled in QA.tech.")
    elif len(reply.text) <= LONGEST_READ:
        yield from block_evidence(reply.text, nonce)
        yield from _line_evidence(reply.text)


def block_evidence(text: str, nonce: str) -> Iterator[Evidence]:
    """Yield what the one block of this run says; several with its nonce say nothing.

    Who got a second one in knew the nonce, so neither can be trusted.
    """
    blocks = [block for block in map(_parsed, verdict_fences(text)) if _is_of(block, nonce)]
    if len(blocks) == 1 and not any(problems("verdict-block", blocks[0])):
        verdict = Verdict(blocks[0]["verdict"])
        detail = f"The verdict block says “{verdict}”."
        yield Evidence(Source.VERDICT_BLOCK, verdict, detail, _findings(blocks[0]))


def _line_evidence(text: str) -> Iterator[Evidence]:
    for line in verdict_candidates(text):
        known = _BY_LOWER_CASE.get(line.rstrip(".! "))
        if known:
            detail = f"The verdict line says “{known}”."
            yield Evidence(Source.VERDICT_LINE, _LINES[known], detail)


def _parsed(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text, object_pairs_hook=without_repeats)
    except (ValueError, RecursionError):
        return None


def _is_of(block: Any, nonce: str) -> bool:  # noqa: ANN401 - JSON
    return isinstance(block, dict) and compare_digest(
        str(block.get("nonce")).encode(), nonce.encode()
    )


def _findings(block: dict[str, Any]) -> Findings:
    return Findings(
        reasons=tuple(block.get("reasons", ())),
        tested=tuple(block.get("tested", ())),
        failures=tuple(
            Failure(failure["title"], failure.get("details", ""))
            for failure in block.get("failures", ())
        ),
    )
