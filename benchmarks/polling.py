"""What looking for the end of a review costs, by exact expectation over its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import fmean

from benchmarks.distributions import DISTRIBUTIONS, PUBLISHED, Times
from benchmarks.optimum import cost_of, least_cost
from qatech_ci.before.polling import next_delay

PRICE = 0.1
"""Seconds of delay that one look is worth. It is the price that QA.tech's advice implies: at it the
cheapest fixed pause for the published mix is in the middle of the 2 to 5 s that are recommended
(the square root of twice the price times the mean review time, about 3.6 s)."""
PRICES = (0.05, PRICE, 0.2)
_DRAWS = 50
"""Courses of chance over which the jitter is averaged; always the same ones."""

Policy = Callable[[float, float], float]
"""Elapsed time and a number from 0 to 1 to the pause, in seconds."""


def fixed(pause: float) -> Policy:
    """A loop that sleeps the same every time."""
    return lambda _elapsed, _jitter: pause


POLICIES: Mapping[str, Policy] = {
    "this action": next_delay,
    "3 s loop": fixed(3.0),
    "20 s loop": fixed(20.0),
}
"""The loops are those of the example on the API page and of QA.tech's own action."""


@dataclass(frozen=True)
class Expected:
    """What a policy leads to, on average."""

    looks: float
    delay: float
    """Seconds between the end of a review and the look that finds it."""

    def cost(self, price: float) -> float:
        """Return delay and looks as one figure, in seconds."""
        return self.delay + price * self.looks


def expected(policy: Policy, times: Times) -> Expected:
    """Return what a policy leads to where reviews take such times."""
    costs = [cost_of(times, _plan(policy, times.end, Random(draw))) for draw in range(_DRAWS)]  # noqa: S311 - for jitter
    return Expected(fmean(looks for looks, _ in costs), fmean(delay for _, delay in costs))


def _plan(policy: Policy, end: float, chance: Random) -> list[float]:
    looks = [policy(0.0, chance.random())]
    while looks[-1] < end:
        looks.append(looks[-1] + policy(looks[-1], chance.random()))
    return looks


def as_late(times: Times, delay: float) -> Expected:
    """Return what the fixed pause with this mean delay leads to.

    The delay of a fixed pause is nearly half of it; the rest is found by halving.
    """
    low, high = delay, 4 * delay
    while high - low > 1e-4:  # noqa: PLR2004 - a tenth of a millisecond is close enough
        middle = (low + high) / 2
        found = expected(fixed(middle), times)
        low, high = (middle, high) if found.delay < delay else (low, middle)
    return expected(fixed(high), times)


def measure() -> dict[str, object]:
    """Return all figures of polling. Nothing in them depends on the machine."""
    return {
        "price": PRICE,
        "published": PUBLISHED,
        "mean review s": round(DISTRIBUTIONS[PUBLISHED].mean, 1),
        "distributions": {name: _figures(times) for name, times in DISTRIBUTIONS.items()},
        "prices": {f"{price:g}": ratio(PUBLISHED, price) for price in PRICES},
    }


def ratio(name: str, price: float = PRICE) -> float:
    """Return the cost of the action's policy over the least cost that any policy can have."""
    times = DISTRIBUTIONS[name]
    return round(expected(next_delay, times).cost(price) / least_cost(times, price), 3)


def _figures(times: Times) -> dict[str, object]:
    least = least_cost(times, PRICE)
    ours = expected(next_delay, times)
    rival = as_late(times, ours.delay)
    told = partial(_told, least=least)
    return {
        "best cost": round(least, 2),
        "policies": {name: told(expected(it, times)) for name, it in POLICIES.items()},
        "fixed, equally late": told(rival),
        "x fixed": round(ours.cost(PRICE) / rival.cost(PRICE), 3),
    }


def _told(found: Expected, least: float) -> dict[str, float]:
    return {
        "looks": round(found.looks, 1),
        "delay": round(found.delay, 2),
        "x best": round(found.cost(PRICE) / least, 3),
    }
