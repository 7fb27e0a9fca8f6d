"""The cheapest moments to look where the distribution of review times is known."""

from dataclasses import dataclass
from itertools import pairwise

from benchmarks.distributions import STEP, Times


@dataclass(frozen=True)
class _Line:
    """What remains to be paid after the last look at x, if the next one is at `time`.

    It falls in a straight line with the share x of the reviews that had ended by then.
    """

    time: float
    offset: float

    def at(self, share: float) -> float:
        return self.offset - self.time * share

    def crosses(self, other: "_Line") -> float:
        return (self.offset - other.offset) / (self.time - other.time)


def least_cost(times: Times, price: float) -> float:
    """Return the least expected cost of finding a review's end: delay + `price` × looks.

    No policy can be cheaper on the grid: the looks may be at any of its points, chosen with full
    knowledge of the distribution. Dynamic programming from the end: with V(i) the cost from a look
    at i on, while the review has not ended,

        V(i) = min over j > i of: price · (1 - F(i)) + ∫ from i to j of (j - t) dF(t) + V(j)

    For each j the right side is a straight line in F(i), so that the minimum is an envelope of
    lines, which takes one pass: https://cp-algorithms.com/geometry/convex_hull_trick.html
    """
    envelope: list[_Line] = []
    first, cost = 0, 0.0
    for point in range(len(times.shares) - 1, -1, -1):
        share, moment, time = times.shares[point], times.moments[point], point * STEP
        while len(envelope) - first > 1 and _is_beaten(envelope, first, share):
            first += 1
        if envelope:
            cost = price * (1 - share) + moment + envelope[first].at(share)
        _add(envelope, first, _Line(time, time * share - moment + cost))
    return cost


def _is_beaten(envelope: list[_Line], first: int, share: float) -> bool:
    return envelope[first + 1].at(share) <= envelope[first].at(share)


def _add(envelope: list[_Line], first: int, line: _Line) -> None:
    """Add a line with an earlier time, and drop what is never the least any more."""
    while len(envelope) - first > 1:
        before, last = envelope[-2:]
        if line.crosses(before) < last.crosses(before):
            break
        envelope.pop()
    envelope.append(line)


def cost_of(times: Times, looks: list[float]) -> tuple[float, float]:
    """Return the expected number of looks and the expected delay, in seconds, of a plan."""
    steps = [(0.0, 0.0, 0.0), *((look, *times.until(look)) for look in looks)]
    count = delay = 0.0
    for (_, share, moment), (look, next_share, next_moment) in pairwise(steps):
        count += 1 - share
        delay += look * (next_share - share) - (next_moment - moment)
    return count, delay
