"""How long reviews take: what is known, and what may be the case instead. Times are in seconds."""

import math
from collections.abc import Callable, Mapping

Density = Callable[[float], float]
STEP = 0.25
"""Width of a cell of the time grid; the pauses under test are at least ten times as long."""


class Times:
    """A distribution of review times on the grid, cut off at `end`.

    A review is as likely to end at one moment of a cell as at any other.
    """

    def __init__(self, density: Density, end: float) -> None:
        weights = [density((cell + 0.5) * STEP) for cell in range(round(end / STEP))]
        total = sum(weights)
        self.shares = [0.0]
        """Of the reviews that have ended by each point of the grid."""
        self.moments = [0.0]
        """The sums of their times, each review weighing its share."""
        for cell, weight in enumerate(weights):
            self.shares.append(self.shares[-1] + weight / total)
            self.moments.append(self.moments[-1] + weight / total * (cell + 0.5) * STEP)

    @property
    def end(self) -> float:
        """When the last review has ended."""
        return STEP * (len(self.shares) - 1)

    @property
    def mean(self) -> float:
        """The mean review time."""
        return self.moments[-1]

    def until(self, time: float) -> tuple[float, float]:
        """Return the share of the reviews that have ended by `time`, and the sum of their times."""
        if time >= self.end:
            return self.shares[-1], self.moments[-1]
        cell, rest = divmod(time, STEP)
        return _between(self.shares, int(cell), rest), _between(self.moments, int(cell), rest)


def _between(values: list[float], cell: int, rest: float) -> float:
    return values[cell] + rest / STEP * (values[cell + 1] - values[cell])


def uniform(least: float, most: float) -> Density:
    """Any time in a range."""
    return lambda time: 1 / (most - least) if least <= time < most else 0.0


def exponential(mean: float) -> Density:
    """No memory: however long a review has run, it may end in the next second as likely as ever."""
    return lambda time: math.exp(-time / mean) / mean


def lognormal(mean: float, sigma: float) -> Density:
    """Leaning to the left with a tail to the right, as the times of jobs do."""
    middle = math.log(mean) - sigma**2 / 2

    def density(time: float) -> float:
        off = (math.log(time) - middle) / sigma
        return math.exp(-(off**2) / 2) / (time * sigma * math.sqrt(2 * math.pi))

    return density


def normal(mean: float, sigma: float) -> Density:
    """Around a time that is known well."""
    return lambda time: (
        math.exp(-(((time - mean) / sigma) ** 2) / 2) / sigma / math.sqrt(2 * math.pi)
    )


def pareto(least: float) -> Density:
    """A heavy tail: of the reviews that have taken a time, half take twice as long."""
    return lambda time: least / time**2 if time >= least else 0.0


def mixed(*parts: tuple[float, Density]) -> Density:
    """Several kinds of reviews, each with its share."""
    return lambda time: sum(share * density(time) for share, density in parts)


_PUBLISHED = mixed((0.8, uniform(10, 60)), (0.2, lognormal(180, 0.5)))
"""QA.tech: replies typically take 10 to 60 s, creating and running tests several minutes. That the
latter are a fifth and around 180 s is an estimate; how far around is not known."""
_SHARP = mixed((0.8, uniform(10, 60)), (0.2, normal(180, 30)))

PUBLISHED = "published mix"
DISTRIBUTIONS: Mapping[str, Times] = {
    PUBLISHED: Times(_PUBLISHED, 1800),
    "published mix, sharp": Times(_SHARP, 600),
    "exponential": Times(exponential(60), 900),
    "lognormal": Times(lognormal(60, 0.8), 1800),
    "uniform 5–10 min": Times(uniform(300, 600), 600),
    "heavy tail up to an hour": Times(pareto(10), 3600),
    "a tenth around an hour": Times(mixed((0.9, _PUBLISHED), (0.1, normal(3600, 300))), 5400),
}
