"""Measures, keeps the results, draws them, and writes them into the documents."""

import argparse
import json
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import fleet, image, imports, pages, plots, polling, reporting, startup

RESULTS = Path(__file__).parent / "results.json"
PARTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "startup": startup.measure,
    "imports": imports.measure,
    "polling": polling.measure,
    "reporting": reporting.measure,
    "image": image.measure,
    "fleet": fleet.measure,
}


def main() -> None:
    """Measure the parts that are named, or all; what is not measured keeps its last result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}")
    parts = parser.parse_args().part or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results["machine"] = {"python": platform.python_version(), "cores": os.cpu_count()}
    for part in parts:
        print(f"{part} …", flush=True)
        results[part] = PARTS[part]()
        _keep(results)
    if set(results) >= set(PARTS):
        plots.draw(results)
        pages.write(results)
    print(json.dumps({part: results[part] for part in parts}, indent=1, ensure_ascii=False))


def _keep(results: Mapping[str, Any]) -> None:
    text = json.dumps(results, indent=1, ensure_ascii=False)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
