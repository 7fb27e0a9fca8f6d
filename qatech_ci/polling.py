"""When to ask next. All times are in seconds."""

FIRST = 11.0
SHORTEST = 3.0
LONGEST = 5.0
SHARE = 0.07
"""Of the time since the start. Asking about in proportion to the age of a review costs the least
requests for a given delay where its length is not known; QA.tech recommends every 2 to 5 s and says
that replies typically take 10 to 60 s."""


def next_delay(elapsed: float, jitter: float) -> float:
    """Return how long to wait when `elapsed` has passed since the review started.

    `jitter` is a random number from 0 to 1: runs that start together drift apart by up to a tenth.
    """
    spread = 0.95 + 0.1 * jitter
    if elapsed < FIRST:
        return (FIRST - elapsed) * spread
    return min(max(SHARE * elapsed, SHORTEST), LONGEST) * spread
