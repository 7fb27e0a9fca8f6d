"""Measure, and write the figures into docs/benchmarks.md: `python -m benchmarks`."""

import sys
from pathlib import Path

from . import github_requests, image, polling, sanitizing

_PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
_HEAD = """\
# Figures

Measured by `make bench`; times are ratios within one run, since machines differ and are shared.
"""


def main() -> int:
    """Measure each part and write the page."""
    parts = [_HEAD]
    for title, measure in (
        ("Polling", polling.measured),
        ("GitHub requests of a run", github_requests.measured),
        ("Making hostile replies harmless", sanitizing.measured),
        ("What the image adds to its base", image.measured),
    ):
        text = measure()
        print(f"{title}\n{text}\n")
        parts.append(f"## {title}\n\n{text}\n")
    _PAGE.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
