"""Puts the figures into the documents, between marks, so that none is written by hand."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.paper import per_day, per_repository
from benchmarks.polling import PRICE

_ROOT = Path(__file__).parent.parent
_SECTION = re.compile(r"<!-- figures(?:: (?P<name>[\w-]+))? -->\n.*?<!-- /figures -->", re.DOTALL)
_ROUND = 100
"""From here on decimals say nothing."""
Results = Mapping[str, Any]


def write(results: Results, root: Path = _ROOT) -> None:
    """Write the sections of the README and of docs/scale.md anew."""
    for name in ("README.md", "docs/scale.md"):
        path = root / name
        path.write_text(filled(path.read_text(encoding="utf-8"), results), encoding="utf-8")


def filled(page: str, results: Results) -> str:
    """Return the page with its marked sections as the results have it.

    Raises `KeyError` where a section has a name that is not known.
    """

    def section(found: re.Match[str]) -> str:
        name = found["name"] or "readme"
        mark = f"figures: {found['name']}" if found["name"] else "figures"
        return f"<!-- {mark} -->\n{_SECTIONS[name](results)}\n<!-- /figures -->"

    return _SECTION.sub(section, page)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [tuple(head), *rows]
    told = [f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines]
    told.insert(1, f"|{' --- |' * len(tuple(lines[0]))}")
    return "\n".join(told)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".") if value < _ROUND else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _readme(results: Results) -> str:
    table = _table(("", "this action", "baseline", "ratio"), _readme_rows(results))
    names = ("startup", "polling", "reporting", "fleet")
    plots = "\n".join(f"![{_ALT[name]}](benchmarks/plots/{name}.svg)" for name in names)
    return f"{table}\n\n{plots}"


_ALT = {
    "startup": "Start-up, as a multiple of bare Python",
    "polling": "Cost of polling by distribution, as a multiple of the least possible",
    "reporting": "GitHub requests of a whole run on a pull request with 5,000 comments",
    "fleet": "Requests a second of 1,000 runs before, during and after an outage",
}


def _readme_rows(results: Results) -> list[tuple[object, ...]]:
    return [*_run_rows(results), *_service_rows(results), *_image_rows(results["image"])]


def _run_rows(results: Results) -> list[tuple[object, ...]]:
    bare, first = results["startup"]["bare"], results["startup"]["first attempt"]
    return [
        (
            "process start to the start request",
            f"{first['ms']:.0f} ms",
            f"bare Python, {bare['ms']:.0f} ms",
            first["x bare"],
        ),
        (
            "resident memory by then",
            f"{first['MB']:.0f} MB",
            f"bare Python, {bare['MB']:.0f} MB",
            first["x bare memory"],
        ),
    ]


def _service_rows(results: Results) -> list[tuple[object, ...]]:
    polling = results["polling"]
    mix = polling["distributions"][polling["published"]]
    ours, loop = mix["policies"]["this action"], mix["policies"]["3 s loop"]
    fleet = results["fleet"]
    return [
        (
            "looks at QA.tech a review, at the published times",
            f"{ours['looks']} for {ours['delay']} s of delay",
            f"a 3 s loop, {loop['looks']} for {loop['delay']} s",
            round(ours["looks"] / loop["looks"], 2),
        ),
        (
            f"cost of polling (delay + {PRICE:g} s a look)",
            f"{ours['x best']} × the least possible",
            f"a 3 s loop, {loop['x best']} ×",
            round(ours["x best"] / loop["x best"], 2),
        ),
        *_github_rows(results["reporting"]["5,000 comments"]),
        (
            "1,000 runs started at once, busiest second over the mean",
            fleet["before"]["spread"],
            f"a 3 s loop, {fleet['spread without jitter']}",
            round(fleet["before"]["spread"] / fleet["spread without jitter"], 2),
        ),
        (
            f"the same after an outage of {fleet['outage s']} s, busiest second",
            fleet["after"]["peak"],
            f"before it, {fleet['before']['peak']}",
            fleet["x peak after"],
        ),
    ]


def _github_rows(counts: Results) -> Iterator[tuple[object, ...]]:
    naive = counts["list and create"]["requests"]
    for name in ("first run", "next commit"):
        requests = counts[name]["requests"]
        about = f"GitHub requests of a run, 5,000 comments, {name}"
        yield about, requests, f"list and create, {naive}", round(requests / naive, 3)


def _image_rows(image: Results) -> list[tuple[object, ...]]:
    if "skipped" in image:
        return []
    sizes = (f"{image['MB']} MB", f"its base image, {image['layers MB']['base']} MB")
    return [("image, not compressed", *sizes, image["x base"])]


def _policy(results: Results) -> str:
    polling = results["polling"]
    head = (
        "review times",
        "looks",
        "delay, s",
        "× least cost",
        "fixed pause, equally late: looks",
        "cost × that",
        "3 s loop × least",
        "20 s loop × least",
    )
    rows = []
    for name, it in polling["distributions"].items():
        ours, *loops = it["policies"].values()
        rival = it["fixed, equally late"]["looks"]
        figures = (ours["looks"], ours["delay"], ours["x best"], rival, it["x fixed"])
        rows.append((name, *figures, *(loop["x best"] for loop in loops)))
    return _table(head, rows)


def _prices(results: Results) -> str:
    rows = results["polling"]["prices"].items()
    return _table(("price of a look, s of delay", "published mix, × least cost"), rows)


def _start(results: Results) -> str:
    kinds = {name: it for name, it in results["startup"].items() if name != "rounds"}
    return _table(
        ("", "ms", "× bare", "quickest rounds, × bare", "MB resident", "× bare"),
        ((name, *it.values()) for name, it in kinds.items()),
    )


def _imports(results: Results) -> str:
    return _table(("imported", "× bare"), results["imports"].items())


def _layers(results: Results) -> str:
    image = results["image"]
    if "skipped" in image:
        return f"Not measured: {image['skipped']}."
    layers = _table(("layer", "MB"), [*image["layers MB"].items(), ("all", image["MB"])])
    return f"{layers}\n\n{_table(('package', 'MB'), image['packages MB'].items())}"


def _requests(results: Results) -> str:
    rows = [
        (f"{name}, {place}", *it.values())
        for place, counts in results["reporting"].items()
        for name, it in counts.items()
    ]
    return _table(("", *_keys(results["reporting"])), rows)


def _keys(counts: Results) -> list[str]:
    return list(counts["10 comments"]["first run"])


def _fleet(results: Results) -> str:
    fleet = results["fleet"]
    rows = [
        (name, *fleet[name].values(), round(fleet[name]["mean"] / fleet["before"]["mean"], 2))
        for name in ("before", "during", "after")
    ]
    table = _table(("", "mean a second", "peak", "peak over mean", "mean × before"), rows)
    return (
        f"{table}\n\n{fleet['runs']:,} runs, {fleet['requests']:,} requests, "
        f"{fleet['ended well']:,} runs ended with their reply. "
        f"The outage lasted {fleet['outage s']} s, and {fleet['refused']:,} looks met it. "
        f"{fleet['all back s']} s after its end every run had had an answer again. "
        f"The machine woke no run up more than {fleet['latest wake-up s']} s late."
    )


def _days(results: Results) -> str:
    return _table(*per_day(results))


def _repository(results: Results) -> str:
    return _table(*per_repository(results))


_SECTIONS: Mapping[str, Callable[[Results], str]] = {
    "readme": _readme,
    "policy": _policy,
    "prices": _prices,
    "start": _start,
    "imports": _imports,
    "image": _layers,
    "requests": _requests,
    "fleet": _fleet,
    "days": _days,
    "repository": _repository,
}
