"""How long after a reply it is seen, and with how many requests.

The mix is the one that QA.tech's pages suggest: 80 % of the reviews take 10 to 60 s, 20 % about
three minutes.
"""

import random
from collections.abc import Callable
from statistics import fmean

from qatech_ci.qatech.wait import next_pause

from .tables import table

_REVIEWS = 20_000
Policy = Callable[[float, float], float]
"""From the seconds since the start and a random number to the seconds until the next look."""


def measured() -> str:
    """Return the policies side by side."""
    chance = random.Random(7)  # noqa: S311 - a simulation
    times = [
        chance.uniform(10, 60) if chance.random() < 0.8 else chance.gauss(180, 15)
        for _ in range(_REVIEWS)
    ]
    policies: dict[str, Policy] = {
        "this action": next_pause,
        "every 3 s (the loop on QA.tech's page)": lambda _elapsed, _jitter: 3.0,
        "every 20 s (QA.tech's own action)": lambda _elapsed, _jitter: 20.0,
    }
    rows = []
    for name, policy in policies.items():
        looks = [_looked(policy, time, chance) for time in times]
        delays = sorted(delay for _, delay in looks)
        p95 = delays[int(0.95 * len(delays))]
        mean = f"{fmean(delays):.1f}"
        rows.append([name, f"{fmean(n for n, _ in looks):.1f}", mean, f"{p95:.1f}"])
    return table(["policy", "requests", "mean delay, s", "95 % within, s"], rows)


def _looked(policy: Policy, time: float, chance: random.Random) -> tuple[int, float]:
    """Return how many looks one review took, and how long after its end the last one came."""
    elapsed, looks = 0.0, 0
    while elapsed < time:
        elapsed += policy(elapsed, chance.random())
        looks += 1
    return looks, elapsed - time
