"""When to ask next, and when to repeat."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import NOON
from qatech_ci.polling import next_delay
from qatech_ci.retry import asked_delay, backoff

CHANCE = st.floats(0, 1)


@given(st.floats(0, 20_000), CHANCE)
def test_polling_keeps_to_the_recommended_pace(elapsed: float, jitter: float) -> None:
    """After a first pause, as typical replies take 10 s and more, every 2 to 5.25 s."""
    delay = next_delay(elapsed, jitter)
    assert 2 <= delay <= 5.25 if elapsed >= 11 else 0 < delay <= 11.55


@given(CHANCE, CHANCE)
def test_jitter_moves_runs_apart(one: float, other: float) -> None:
    """Different chances give different pauses, in the order of the chances."""
    assert (next_delay(60, one) < next_delay(60, other)) == (0.1 * one + 0.95 < 0.1 * other + 0.95)


def test_polling_slows_down_with_age() -> None:
    """A review that has run for long may as well be asked less often."""
    assert next_delay(20, 0.5) < next_delay(60, 0.5) < next_delay(300, 0.5)
    assert next_delay(300, 0.5) == next_delay(9000, 0.5) == 5.0


@given(st.integers(0, 10**6), CHANCE)
def test_backoff_is_bounded_and_fully_jittered(attempt: int, jitter: float) -> None:
    """It doubles up to half a minute, and chance may take all of it away."""
    assert backoff(attempt, jitter) == pytest.approx(min(2.0 ** min(attempt, 9), 30) * jitter)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("00000000000120", 120),
        ("99999999999999999999", 86_400),
        ("Mon, 04 May 2026 12:01:30 GMT", 90),
        ("Mon, 04 May 2026 12:01:30 -0000", 90),
        ("Mon, 04 May 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_in_every_form(header: str, seconds: float | None) -> None:
    """Seconds or a date; what makes no sense asks for nothing, and nobody waits for a year."""
    assert asked_delay(header, NOON) == seconds


@given(st.text(), st.timedeltas(timedelta(0), timedelta(days=365)))
def test_nonsense_in_retry_after_does_no_harm(header: str, later: timedelta) -> None:
    """Whatever it says, the answer is a bounded wait or none."""
    delay = asked_delay(header, NOON + later)
    assert delay is None or 0 <= delay <= 86_400
