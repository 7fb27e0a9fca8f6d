"""The machine-readable verdict that a caller may ask for at the end of a reply."""

import json
import re
from collections.abc import Sequence

from qatech_ci.before.sandbox.qatech.scenarios import Application, Scenario

FENCE = "qatech-verdict"
"""The info string of the fenced block, in the request as in the reply."""
_VERDICTS = {
    Scenario.PASSING: "passed",
    Scenario.FAILING: "failed",
    Scenario.UNVERIFIABLE: "unverified",
    # Only a follow-up gets a block from this one.
    Scenario.VAGUE: "passed",
}
_REASON = "qatech-ci's stand-in for QA.tech played the scenario “{}”; nothing was tested."
_TEST = "Check out as a guest in {}"
_FOUND = 'The page stays where it is and says "Something went wrong".'
_BLOCK = re.compile(rf"(`{{3,}}|~{{3,}})[ \t]*{FENCE}[^\n]*\n(.*?)\1", re.DOTALL)
_NONCE = re.compile(r'"nonce"\s*:\s*"([0-9A-Fa-f]+)"')


def nonce_in(request: str) -> str | None:
    """Return the nonce of the block that `request` asks for; None where it asks for none.

    Of several blocks the last one counts: the request stands at the end, after what others wrote.
    """
    nonces = [_NONCE.search(block[2]) for block in _BLOCK.finditer(request)]
    found = [nonce[1] for nonce in nonces if nonce]
    return found[-1] if found else None


def verdict_block(
    nonce: str | None, under_review: Sequence[Application], scenario: Scenario
) -> str:
    """Return the block for `scenario`; empty without a nonce or a verdict to tell."""
    if nonce is None or scenario not in _VERDICTS:
        return ""
    content = {
        "nonce": nonce,
        "verdict": _VERDICTS[scenario],
        "reasons": [_REASON.format(scenario)],
        "tested": [_TEST.format(application.short_id) for application in under_review],
        "failures": _failures(under_review) if scenario is Scenario.FAILING else [],
    }
    return f"```{FENCE}\n{json.dumps(content, ensure_ascii=False)}\n```"


def _failures(under_review: Sequence[Application]) -> list[dict[str, str]]:
    return [
        {"title": _TEST.format(application.short_id), "details": _FOUND}
        for application in under_review
        if application.scenario is Scenario.FAILING
    ]
