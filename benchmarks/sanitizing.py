"""How long hostile replies of 200 kB take, as multiples of prose of the same size."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import perf_counter

from qatech_ci.model import Message
from qatech_ci.report.sanitize import Sanitizer
from qatech_ci.verdict import read_reply

from .tables import table

_SIZE = 200_000
_PROSE = "The checkout was tested on the preview, and the total is right in every case.\n\n"
_HOSTILE = {
    "prose": _PROSE,
    "`![`": "![",
    "`[a](`": "[a](",
    "backticks": "`a``b",
    "`*a `": "*a ",
    "`<a `": "<a ",
    "`> `": "> ",
    "nested lists": "- a\n  - b\n    - c\n",
    "`a@`": "a@",
    "hex digits": "f0",
    "URLs": "http://a.b/",
    "definitions": "[a]: b\n",
    "tables": "a|b\n-|-\n",
    "`&`": "&a;",
    "dots": f"{'.' * 299}\n",
}


def measured() -> str:
    """Return the multiples for the comment and for reading the verdict."""
    rows = []
    base: dict[int, float] = {}
    for name, piece in _HOSTILE.items():
        text = (piece * (_SIZE // len(piece) + 1))[:_SIZE]
        took = [_seconds(partial(_shown, text)), _seconds(partial(_read, text))]
        base = base or dict(enumerate(took))
        rows.append([name, *(f"{seconds / base[n]:.1f}" for n, seconds in enumerate(took))])
    return table(["text", "comment, × prose", "verdict, × prose"], rows)


def _shown(text: str) -> None:
    Sanitizer(redact=lambda it: it).blocks(text, 62_000)


def _read(text: str) -> None:
    read_reply([Message("1", "assistant", datetime.now(UTC), text, "COMPLETED")], "0" * 32)


def _seconds(call: Callable[[], None]) -> float:
    """Return the least of three runs."""
    took = []
    for _ in range(3):
        start = perf_counter()
        call()
        took.append(perf_counter() - start)
    return min(took)
