"""What the benchmarks compute, and the figures that must not get worse. Ratios only, no times."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import image, limits, pages, plots, polling, reporting, startup
from benchmarks.__main__ import RESULTS
from benchmarks.distributions import PUBLISHED, STEP, Times, uniform
from benchmarks.fleet import RUNS, spread
from benchmarks.optimum import cost_of, least_cost
from benchmarks.paper import billed

ROOT = Path(__file__).parent.parent
KEPT: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
SHAPES = st.lists(st.floats(0, 1), min_size=1, max_size=40).filter(lambda it: sum(it) > 0.1)
PRICES = st.floats(0.01, 10)


def shaped(weights: list[float]) -> Times:
    """Return a distribution with these weights of the grid's cells."""
    return Times(lambda time: weights[int(time / STEP)], len(weights) * STEP)


def tried_out(times: Times, price: float) -> float:
    """Return the least cost by trying each pair of points."""
    points = [
        (place * STEP, share, moment)
        for place, (share, moment) in enumerate(zip(times.shares, times.moments, strict=True))
    ]
    costs = [0.0]
    for place in range(len(points) - 2, -1, -1):
        _, share, moment = points[place]
        later = zip(reversed(points[place + 1 :]), costs, strict=True)
        tried = [at * (s - share) - (m - moment) + cost for (at, s, m), cost in later]
        costs.append(price * (1 - share) + min(tried))
    return costs[-1]


@given(SHAPES, PRICES)
def test_the_least_cost_is_what_trying_everything_finds(weights: list[float], price: float) -> None:
    """The short way through the dynamic program leads to the same end."""
    times = shaped(weights)
    assert least_cost(times, price) == pytest.approx(tried_out(times, price))


@given(SHAPES, PRICES, st.lists(st.floats(0.1, 10), max_size=20))
def test_no_plan_on_the_grid_costs_less(
    weights: list[float], price: float, pauses: list[float]
) -> None:
    """Whoever looks at points of the grid, and at last at its end, pays the least cost or more."""
    times = shaped(weights)
    points = {min(math.ceil(it / STEP) * STEP, times.end) for it in pauses} | {times.end}
    looks, delay = cost_of(times, sorted(points))
    assert delay + price * looks >= least_cost(times, price) - 1e-9


def test_the_cost_of_a_plan_by_hand() -> None:
    """Reviews of 0 to 10 s, looks at 5 and 10 s: half of them take a second look; 2.5 s late."""
    assert cost_of(Times(uniform(0, 10), 10), [5, 10]) == pytest.approx((1.5, 2.5))


def test_polling_is_close_to_the_best_possible_at_the_published_times() -> None:
    """The policy was chosen for them."""
    assert polling.ratio(PUBLISHED) <= limits.POLLING


@pytest.mark.parametrize(
    "name",
    [
        "published mix",
        "published mix, sharp",
        "lognormal",
        "heavy tail up to an hour",
        "a tenth around an hour",
    ],
)
def test_polling_is_no_worse_than_a_fixed_pause_that_is_as_late(name: str) -> None:
    """Where it cannot be, docs/scale.md says why."""
    assert KEPT["polling"]["distributions"][name]["x fixed"] <= 1


def test_runs_that_start_together_spread_and_naive_ones_do_not() -> None:
    """The busiest second over the mean, computed for a thousand runs."""
    assert spread(polling.POLICIES["this action"], RUNS) <= limits.SPREAD
    assert spread(polling.POLICIES["3 s loop"], RUNS) > 2


def test_the_last_fleet_kept_the_promises() -> None:
    """Every run got its reply, no second was much busier than others, not even after the outage."""
    fleet = KEPT["fleet"]
    assert fleet["ended well"] == fleet["runs"] == RUNS
    assert fleet["before"]["spread"] <= limits.SPREAD
    assert fleet["x peak after"] <= limits.SPREAD


@pytest.mark.parametrize("name", ["README.md", "docs/scale.md"])
def test_the_documents_have_the_figures_of_the_last_run(name: str) -> None:
    """No figure is written by hand."""
    page = (ROOT / name).read_text(encoding="utf-8")
    assert pages.filled(page, KEPT) == page
    assert "<!-- /figures -->" in page


def test_the_plots_show_the_figures_of_the_last_run(tmp_path: Path) -> None:
    """The same results give the same bytes."""
    plots.draw(KEPT, tmp_path)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert drawn == {path.name: path.read_bytes() for path in plots.FOLDER.iterdir()}


def test_a_job_is_billed_by_the_minute_that_has_begun() -> None:
    """Most replies come within a minute, yet the job around them takes longer."""
    assert 1 < billed() < 4


def test_layers_that_are_not_ours_are_the_base() -> None:
    """Sizes come from the engine's history, newest layer first."""
    layers = [
        {"CreatedBy": "COPY entrypoint.py /opt/qatech-ci/entrypoint.py", "Size": "400000"},
        {"CreatedBy": "COPY /opt/qatech-ci/ /opt/qatech-ci/", "Size": "40000000"},
        {"CreatedBy": "CMD python3", "Size": "0"},
        {"CreatedBy": "apt-get", "Size": "100000000"},
    ]
    assert image.figures(layers) == {
        "layers MB": {"base": 100.0, "entry point": 0.4, "the action and its dependencies": 40.0},
        "MB": 140.4,
        "x base": 1.4,
    }


@pytest.mark.slow
def test_polling_costs_what_the_last_run_says() -> None:
    """Nothing in it depends on the machine, so the figures are exact."""
    assert polling.measure() == KEPT["polling"]


@pytest.mark.slow
def test_runs_take_as_many_github_requests_as_the_last_run_says() -> None:
    """Counted, hence exact; `make bench` takes note of a change."""
    assert reporting.measure() == KEPT["reporting"]


@pytest.mark.parametrize("place", ["10 comments", "5,000 comments"])
@pytest.mark.parametrize("run", ["first run", "next commit", "run again"])
def test_few_requests_follow_the_last_reply(place: str, run: str) -> None:
    """However many comments there are, the verdict does not wait for them."""
    assert KEPT["reporting"][place][run]["after the last reply"] <= limits.AFTER_REPLY


@pytest.mark.slow
def test_the_start_takes_no_longer_than_it_did() -> None:
    """From the start of the process to the start request, by time and by memory."""
    found = startup.measure(rounds=15)["first attempt"]
    assert found["x bare, quickest"] <= limits.STARTUP * limits.MARGIN
    assert found["x bare memory"] <= limits.MEMORY * limits.MEMORY_MARGIN
