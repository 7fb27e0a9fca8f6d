"""From verdict and policy to the gate."""

import pytest

from qatech_ci.before.gate import decide
from qatech_ci.before.model import Verdict

NOT_JUDGED = [Verdict.STARTED, Verdict.ANSWERED]
ENDINGS = [verdict for verdict in Verdict if verdict not in NOT_JUDGED]


@pytest.mark.parametrize("verdict", ENDINGS)
def test_the_gate_is_closed_for_a_verdict_that_is_not_listed(verdict: Verdict) -> None:
    """Fail closed: whatever the policy does not name keeps the gate shut."""
    others = set(Verdict) - {verdict}
    gate = decide(verdict, others)
    assert (gate.word, gate.exit_code) == ("closed", 1)
    assert f"`{verdict}`" in gate.reason


@pytest.mark.parametrize("verdict", ENDINGS)
def test_the_gate_is_open_for_a_verdict_that_is_listed(verdict: Verdict) -> None:
    """Only what the policy names opens the gate, and the reason says so."""
    gate = decide(verdict, {verdict})
    assert (gate.word, gate.exit_code) == ("open", 0)
    assert gate.reason == f"`pass-on` lists `{verdict}`."


@pytest.mark.parametrize("verdict", ENDINGS)
def test_a_dry_run_leaves_the_gate_open(verdict: Verdict) -> None:
    """It sends nothing, so there is nothing to judge."""
    gate = decide(verdict, frozenset(), is_dry_run=True)
    assert gate.is_open
    assert "nothing has been judged" in gate.reason


@pytest.mark.parametrize("verdict", NOT_JUDGED)
def test_where_nothing_is_judged_the_gate_is_open(verdict: Verdict) -> None:
    """Who does not wait, or only says something, gets no judgement and is told so."""
    gate = decide(verdict, frozenset())
    assert gate.is_open
    assert "nothing has been judged" in gate.reason


@pytest.mark.parametrize("verdict", ENDINGS)
def test_a_closed_gate_says_what_would_open_it(verdict: Verdict) -> None:
    """The reason for a closed gate has a way out after the fact."""
    fact, _, way_out = decide(verdict, frozenset()).reason.partition(". ")
    assert fact.startswith("`pass-on` does not list")
    assert way_out.endswith(".")
