"""When to ask next. All times are in seconds, counted from the start of the review.

QA.tech says that replies typically take 10 to 60 s and that 2 to 5 s between two looks are right.
The figures were chosen by expected cost over several distributions of review time; docs/scale.md
has the cost, the distributions, what was reached, and what no policy can reach.
"""

FIRST = 10.5
"""Before that a review is hardly ever done; jitter makes it 12 s on average."""
SHORTEST = 3.0
USUAL = 5.0
LONGEST = 30.0
SHARE = 0.055
"""Of the time since the start, up to `USUAL`: who has waited for longer will wait for longer."""
LATE_SHARE = 0.01
"""Of the time since the start, from `USUAL` up to `LONGEST`: an answer that took long may come half
a percent later on average, and an hour costs a few hundred requests instead of a thousand."""
JITTER = 0.1


def next_delay(elapsed: float, jitter: float) -> float:
    """Return how long to wait when `elapsed` has passed since the review started.

    `jitter` is a random number from 0 to 1. It spreads the first looks of runs that start together
    evenly over one pause, and moves every later one by up to a tenth.
    """
    if elapsed < FIRST:
        return FIRST - elapsed + SHORTEST * jitter
    return _pace(elapsed) * (1 - JITTER + 2 * JITTER * jitter)


def _pace(elapsed: float) -> float:
    usual = min(max(SHARE * elapsed, SHORTEST), USUAL)
    return min(max(usual, LATE_SHARE * elapsed), LONGEST)
