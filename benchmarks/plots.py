"""Draws the figures: small, plain, readable on light and on dark ground."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

from benchmarks.reporting import OCCASIONS

FOLDER = Path(__file__).parent / "plots"
_TEXT = "#7d8590"
"""Between black and white, so that it can be read on both."""
_BESIDE = re.compile("<!--.*?-->|<script.*?</script>", re.DOTALL)
"""A comment with the day, and a script that no page runs which shows the file as an image."""
_OURS, _OTHERS = "#2f81f7", "#b58a3a"
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground=_TEXT,
    foreground_strong=_TEXT,
    foreground_subtle="#7d859055",
    guide_stroke_color="#7d859055",
    major_guide_stroke_color="#7d859055",
    colors=(_OURS, _OTHERS),
    value_colors=("#ffffff", "#ffffff"),
    opacity=".9",
    font_family="sans-serif",
    label_font_size=11,
    major_label_font_size=11,
    legend_font_size=11,
    title_font_size=13,
    value_font_size=11,
    no_prefix=True,
)


def draw(results: Mapping[str, Any], folder: Path = FOLDER) -> None:
    """Write one SVG for each figure; the same results give the same bytes.

    Raises `KeyError` where a result is missing.
    """
    folder.mkdir(exist_ok=True)
    for name, chart in (
        ("startup", _startup(results["startup"])),
        ("polling", _polling(results["polling"])),
        ("reporting", _reporting(results["reporting"])),
        ("fleet", _fleet(results["fleet"])),
    ):
        chart.uuid = name
        svg = _BESIDE.sub("", chart.render(is_unicode=True))
        (folder / f"{name}.svg").write_text(f"{svg}\n", encoding="utf-8")


def _chart(kind: type[Any], title: str, **options: Any) -> Any:  # noqa: ANN401 - pygal has no types
    usual = {
        "width": 720,
        "height": 300,
        "js": (),
        "disable_xml_declaration": True,
        "explicit_size": True,
        "legend_at_bottom": True,
        "margin": 12,
    }
    return kind(style=_STYLE, title=title, **(usual | options))


def _bars(title: str, values: dict[str, float], ours: Iterable[str]) -> Any:  # noqa: ANN401 - as above
    """Return a chart with a bar for each value, the first on top."""
    height = 100 + 32 * len(values)
    chart = _chart(pygal.HorizontalBar, title, height=height, print_values=True, show_legend=False)
    chart.x_labels = list(reversed(values))
    named = set(ours)
    chart.add("", [_bar(values[it], is_ours=it in named) for it in reversed(values)])
    return chart


def _bar(value: float, *, is_ours: bool) -> dict[str, object]:
    return {"value": value, "color": _OURS if is_ours else _OTHERS}


def _startup(results: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    values = {name: it["x bare"] for name, it in results.items() if name != "rounds"}
    title = "Process start to the start request, × bare Python"
    return _bars(title, values, values.keys() - {"bare"})


def _reporting(results: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    values = {name: it["requests"] for name, it in results["5,000 comments"].items()}
    title = "GitHub requests of a whole run, pull request with 5,000 comments"
    return _bars(title, values, OCCASIONS)


def _polling(results: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    chart = _chart(
        pygal.HorizontalBar,
        "Polling: cost × the least possible, by distribution of review times",
        height=380,
        print_values=True,
    )
    distributions = dict(reversed(results["distributions"].items()))
    chart.x_labels = list(distributions)
    for policy in ("this action", "3 s loop"):
        chart.add(policy, [it["policies"][policy]["x best"] for it in distributions.values()])
    return chart


def _fleet(results: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    begins, ends = results["outage"]
    chart = _chart(
        pygal.Line,
        f"1,000 runs started at once: requests a second, outage from {begins} to {ends} s",
        show_dots=False,
        show_legend=False,
        show_minor_x_labels=False,
        truncate_label=-1,
        stroke_style={"width": 2},
    )
    series = results["seconds"]
    chart.x_labels = [f"{second} s" for second in range(len(series))]
    chart.x_labels_major = [f"{second} s" for second in range(0, len(series), 10)]
    chart.add("", series)
    return chart
