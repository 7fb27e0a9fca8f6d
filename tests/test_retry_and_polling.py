"""When to ask next, and when to repeat."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import NOON
from qatech_ci.before.polling import next_delay
from qatech_ci.before.retry import asked_delay, backoff

CHANCE = st.floats(0, 1)


@given(st.floats(10.5, 500), CHANCE)
def test_polling_keeps_to_the_recommended_pace(elapsed: float, jitter: float) -> None:
    """QA.tech recommends 2 to 5 s; jitter may add half a second."""
    assert 2 <= next_delay(elapsed, jitter) <= 5.5


@given(st.floats(0, 10.49), CHANCE)
def test_the_first_look_comes_when_replies_begin_to_come(elapsed: float, jitter: float) -> None:
    """Replies take 10 s and more; the first look is at 10.5 to 13.5 s, however late one begins."""
    assert elapsed + next_delay(elapsed, jitter) == pytest.approx(10.5 + 3 * jitter)


@given(st.floats(500, 100_000), CHANCE)
def test_a_late_answer_comes_late_in_proportion(elapsed: float, jitter: float) -> None:
    """By a percent of the time that it took, and never by more than about half a minute."""
    assert next_delay(elapsed, jitter) <= min(0.01 * elapsed, 30) * 1.1 + 1e-9


@given(st.floats(0, 20_000), CHANCE, CHANCE)
def test_jitter_moves_runs_apart(elapsed: float, one: float, other: float) -> None:
    """A greater chance gives a pause that is as great or greater."""
    low, high = sorted((one, other))
    assert next_delay(elapsed, low) <= next_delay(elapsed, high)


@given(st.floats(10.5, 20_000))
def test_chance_moves_a_pause_by_a_tenth_either_way(elapsed: float) -> None:
    """On average the pace stays what it is."""
    usual = next_delay(elapsed, 0.5)
    assert next_delay(elapsed, 0.0) == pytest.approx(0.9 * usual)
    assert next_delay(elapsed, 1.0) == pytest.approx(1.1 * usual)


@given(st.floats(10.5, 20_000), st.floats(10.5, 20_000))
def test_polling_slows_down_with_age(one: float, other: float) -> None:
    """A review that has run for long may as well be asked less often."""
    low, high = sorted((one, other))
    assert next_delay(low, 0.5) <= next_delay(high, 0.5)


@pytest.mark.parametrize(
    ("elapsed", "seconds"),
    [(0, 12), (10.5, 3), (54, 3), (60, 3.3), (91, 5), (500, 5), (1000, 10), (3000, 30), (9000, 30)],
)
def test_the_pace_by_age(elapsed: float, seconds: float) -> None:
    """The policy as docs/scale.md shows it."""
    assert next_delay(elapsed, 0.5) == pytest.approx(seconds, abs=0.06)


def test_a_thousand_runs_do_not_beat_in_step() -> None:
    """Runs that start in one instant ask evenly from the first look on: no second has a peak."""
    chance = Random(0)  # noqa: S311 - for jitter
    seconds = Counter(int(at) for _ in range(1000) for at in _looks(chance, 60))
    counts = [seconds[second] for second in range(11, 54)]
    assert max(counts) < 1.25 * sum(counts) / len(counts)


def _looks(chance: Random, end: float) -> Iterator[float]:
    at = next_delay(0, chance.random())
    while at < end:
        yield at
        at += next_delay(at, chance.random())


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
