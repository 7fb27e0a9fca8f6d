"""Runs the long profiles: the model of the whole run, and the texts of strangers made harmless.

The figures at the end are counted by what ran: the model writes its counters to a file, and
Hypothesis reports how many texts each property was checked with.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODEL = "tests/test_model.py"
TEXTS = (
    "tests/test_markdown.py",
    "tests/test_markdown_gitlab.py",
    "tests/test_logtext_and_runner.py",
)
PYTEST = (*(sys.executable, "-m", "pytest", "-q", "-n", "2"), "--hypothesis-show-statistics")
_FAILED = re.compile(r"^FAILED ", re.MULTILINE)
_GENERATED = re.compile(
    r"during generate phase.*?(?P<passing>\d+) passing.*?, (?P<failing>\d+) failing",
    re.DOTALL,
)


def soak(*tests: str, counters: Path) -> tuple[int, str]:
    """Run tests in the long profile, and return pytest's exit code and what it printed."""
    environ = os.environ | {
        "HYPOTHESIS_PROFILE": "long",
        "QATECH_MODEL_COUNTERS": str(counters),
    }
    command = [*PYTEST, *tests]
    done = subprocess.run(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        print(done.stdout)
    return done.returncode, done.stdout


def counted(path: Path) -> Counter[str]:
    """Return the sum of the counters that tests wrote, one JSON object a line."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return sum((Counter(json.loads(line)) for line in lines), Counter[str]())


def checked(printed: str) -> int:
    """Return how many texts the properties were checked with."""
    return sum(int(it["passing"]) + int(it["failing"]) for it in _GENERATED.finditer(printed))


def main() -> int:
    """Run everything, print the figures, and return 0 where nothing got through."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counters"
        print("Schedules (some minutes) …", flush=True)
        model, _ = soak(MODEL, counters=path)
        print("Replies (some more) …", flush=True)
        texts, printed = soak(*TEXTS, counters=path)
        figures = counted(path)
    leaks = figures["leaks"] + len(_FAILED.findall(printed))
    print(f"schedules run       {figures['schedules']:>9,} with {figures['runs']:,} runs")
    print(f"replies checked     {checked(printed):>9,}")
    print(f"faults injected     {sum(figures[it] for it in ('faults', 'kills', 'signals')):>9,}")
    print(f"duplicate reviews   {figures['duplicate reviews']:>9,}")
    print(f"duplicate comments  {figures['duplicate comments']:>9,}")
    print(f"leaks               {leaks:>9,}")
    return model or texts


if __name__ == "__main__":
    sys.exit(main())
