"""When to repeat a request and when to ask next, at the edges."""

import pytest

from fakes import NOON
from qatech_ci.before.polling import next_delay
from qatech_ci.before.retry import asked_delay, backoff


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (6, 30), (10**9, 30)],
)
def test_each_failure_doubles_the_longest_wait(attempt: int, seconds: float) -> None:
    """From a second to half a minute, of which chance takes its part."""
    assert backoff(attempt, 1.0) == seconds
    assert backoff(attempt, 0.5) == seconds / 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Mon, 04 May 2026 14:01:30 +0200", 90),
        ("Mon, 04 May 2026 07:02:00 EST", 120),
        ("Mon, 04 May 2026 12:01:30", 90),
        ("86399", 86_399),
        ("86401", 86_400),
    ],
)
def test_a_moment_is_the_same_in_every_zone(header: str, seconds: float) -> None:
    """A date without a zone is in UTC; nobody waits for longer than a day."""
    assert asked_delay(header, NOON) == seconds


@pytest.mark.parametrize(("elapsed", "seconds"), [(0, 12), (10, 2), (10.5, 3), (60, 3.3), (100, 5)])
def test_nobody_asks_twice_at_the_end_of_the_first_pause(elapsed: float, seconds: float) -> None:
    """Once the first seconds are over, the usual pace begins at once."""
    assert next_delay(elapsed, 0.5) == pytest.approx(seconds)
