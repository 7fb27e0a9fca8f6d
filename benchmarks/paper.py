"""Takes measured costs to many reviews a day, on paper."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from benchmarks.distributions import DISTRIBUTIONS, PUBLISHED

REVIEWS_A_DAY = (10_000, 1_000_000)
BUSIEST_HOUR = 0.2
"""Share of a day's reviews in its busiest hour, an assumption: one continent at work."""
OVERHEAD = 15.0
"""Seconds of a job beside the review, an assumption: pulling the image and reporting."""
GITHUB_BUDGET = 1000
"""REST requests an hour that a repository's `GITHUB_TOKEN` has, and as many GraphQL points:
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
WRITES = 500
"""Requests an hour that create content: the same page, secondary rate limits."""
_HOUR = 3600
Table = tuple[tuple[str, ...], list[tuple[object, ...]]]


def per_day(results: Mapping[str, Any]) -> Table:
    """Return what reviews cost in a day and in its busiest hour."""
    head = ("", *(f"{reviews:,} a day" for reviews in REVIEWS_A_DAY))
    polling = results["polling"]
    looks = polling["distributions"][polling["published"]]["policies"]["this action"]["looks"]
    requests = looks + 1  # and the start request
    job = polling["mean review s"] + OVERHEAD
    busiest = [reviews * BUSIEST_HOUR for reviews in REVIEWS_A_DAY]
    rows: list[tuple[object, ...]] = [
        ("requests to QA.tech a day", *(round(n * requests) for n in REVIEWS_A_DAY)),
        ("… a second in the busiest hour", *(n * requests / _HOUR for n in busiest)),
        ("jobs at the same time in the busiest hour", *(round(n * job / _HOUR) for n in busiest)),
        ("runner minutes a day, as billed", *(round(n * billed()) for n in REVIEWS_A_DAY)),
        ("repositories that the busiest hour needs", *_repositories(results, busiest)),
    ]
    return head, rows


def billed() -> float:
    """Return the mean minutes of a job at the published times, each job rounded up."""
    times = DISTRIBUTIONS[PUBLISHED]
    minutes = range(ceil((times.end + OVERHEAD) / 60))
    return sum(1 - times.until(max(60 * minute - OVERHEAD, 0.0))[0] for minute in minutes)


def per_repository(results: Mapping[str, Any]) -> Table:
    """Return how many runs an hour each budget of one repository carries."""
    places = results["reporting"]
    head = ("runs an hour that fit into", *places)
    rows = [
        (name, *(_runs(counts["next commit"], key, limit) for counts in places.values()))
        for name, key, limit in _BUDGETS
    ]
    return head, rows


_BUDGETS = (
    ("1,000 REST requests", "REST", GITHUB_BUDGET),
    ("1,000 GraphQL points", "GraphQL", GITHUB_BUDGET),
    ("500 writes", "writes", WRITES),
)


def _runs(counts: Mapping[str, int], key: str, limit: int) -> object:
    return limit // counts[key] if counts[key] else "any number"


def _repositories(results: Mapping[str, Any], busiest: list[float]) -> list[int]:
    counts = results["reporting"]["10 comments"]["next commit"]
    fit = min(limit // counts[key] for _, key, limit in _BUDGETS if counts[key])
    return [ceil(runs / fit) for runs in busiest]
