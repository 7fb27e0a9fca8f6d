"""Mutation testing: changes the code in small ways and looks whether a test notices.

mutmut does so in a temporary copy, which holds its settings too. Each mutant meets the tests that
call the changed function, of the files that concern its module. What survives has to be listed
with its reason in `docs/mutants.md`. Hypothesis takes the same examples each time.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "mutants.md"
LEAST_KILLED = 0.9
MUTMUT = Path(sys.executable).parent / "mutmut"
_COPIED = ("qatech_ci", "tests", "tools", "docs")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules")
_TIMES = ("test_retry_and_polling", "test_retry_edges")
_JUDGEMENT = ("test_verdict", "test_judgement_edges")
_RECEIPT = ("test_receipt", "test_receipt_edges")
_MARKDOWN = ("test_markdown", "test_markdown_edges")
TESTS = {
    "retry": _TIMES,
    "polling": _TIMES,
    "verdict": _JUDGEMENT,
    "evidence": _JUDGEMENT,
    "checks": _JUDGEMENT,
    "reading": _JUDGEMENT,
    "gate": ("test_gate", "test_judgement_edges"),
    "receipt": _RECEIPT,
    "signing": _RECEIPT,
    "secrecy": ("test_secrecy", "test_secrecy_edges"),
    "logtext": ("test_logtext_and_runner", "test_command_edges"),
    "conversation": ("test_conversation", "test_follow_ups"),
    "markdown.characters": _MARKDOWN,
    "markdown.urls": _MARKDOWN,
    "markdown.words": _MARKDOWN,
    "markdown.escaping": _MARKDOWN,
    "markdown.tree": (*_MARKDOWN, "test_markdown_gitlab"),
    "markdown.writer": _MARKDOWN,
    "markdown.api": (*_MARKDOWN, "test_markdown_gitlab"),
    "markdown.flavour": ("test_markdown", "test_markdown_gitlab"),
}
"""Modules, and the test files that concern them."""
# mutmut's own process stays free of tests, since Hypothesis objects to running one there twice.
_SETTINGS = """[mutmut]
process_isolation=forkserver
source_paths=qatech_ci
only_mutate=
    {modules}
also_copy=
    docs
    tools
pytest_add_cli_args=
    -m
    not slow and not container
pytest_add_cli_args_test_selection=
    {tests}
"""
# The examples of Hypothesis's own profile for repeatable runs, but fewer.
_PROFILE = """
settings.register_profile("mutants", settings.get_profile("ci"), max_examples=20)
settings.load_profile("mutants")
"""
_KILLED = frozenset({"killed", "timeout", "segfault"})
_RESULT = re.compile(r"^ +(qatech_ci\.(\S+)\.x\S+): (.+)$", re.MULTILINE)
_DIFFS = re.compile(r"^#+ `([^`\n]+)`$|^ *```diff\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Mutant:
    """One small change, and whether a test noticed it."""

    name: str
    module: str
    is_killed: bool


class Copy:
    """A copy of the project in which mutmut runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, modules: Iterable[str]) -> list[Mutant]:
        """Make and try all mutants of the modules."""
        for name in _COPIED:
            shutil.copytree(ROOT / name, self._folder / name, ignore=_LEFT_OUT)
        shutil.copy(ROOT / "pyproject.toml", self._folder)
        (self._folder / "setup.cfg").write_text(settings(modules), encoding="utf-8")
        with (self._folder / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
            conftest.write(_PROFILE)
        self._mutmut("run")
        found = _RESULT.findall(self._mutmut("results", "--all", "true"))
        return [Mutant(name, module, status in _KILLED) for name, module, status in found]

    def change(self, mutant: Mutant) -> str:
        """Return what a mutant changes, as the lines of a diff."""
        lines = self._mutmut("show", mutant.name).splitlines()
        return changed_lines(line for line in lines if not line.startswith(("---", "+++")))

    def _mutmut(self, *arguments: str) -> str:
        repeatable = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
        done = subprocess.run(
            [MUTMUT, *arguments],
            cwd=self._folder,
            env=os.environ | repeatable,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            sys.exit("\n".join(done.stdout.splitlines()[-60:]))
        return done.stdout


def settings(modules: Iterable[str]) -> str:
    """Return mutmut's settings for the modules."""
    paths = [f"qatech_ci/{module.replace('.', '/')}.py" for module in modules]
    tests = sorted({f"tests/{test}.py" for module in modules for test in TESTS[module]})
    return _SETTINGS.format(modules="\n    ".join(paths), tests="\n    ".join(tests))


def changed_lines(diff: Iterable[str]) -> str:
    """Return the lines that go and come, without what depends on their place."""
    lines = (line.strip() for line in diff)
    return "\n".join(line[0] + line[1:].strip() for line in lines if line[:1] in {"-", "+"})


def documented(page: str) -> set[tuple[str, str]]:
    """Return the modules and changes on the page: a heading each, and diffs by blank lines."""
    module, found = "", set()
    for heading, diffs in _DIFFS.findall(page):
        module = heading or module
        found |= {(module, changed_lines(diff.splitlines())) for diff in diffs.split("\n\n")}
    return {(module, change) for module, change in found if change}


def table(mutants: list[Mutant], modules: Iterable[str]) -> Iterator[str]:
    """Yield the figures of each module and of all."""
    yield f"{'module':<22}{'mutants':>9}{'killed':>9}{'survived':>10}{'share':>9}"
    for module in modules:
        yield _row(module, [mutant for mutant in mutants if mutant.module == module])
    yield _row("all", mutants)


def _row(title: str, mutants: list[Mutant]) -> str:
    killed = sum(mutant.is_killed for mutant in mutants)
    left = len(mutants) - killed
    return f"{title:<22}{len(mutants):>9}{killed:>9}{left:>10}{share(mutants):>9.1%}"


def share(mutants: list[Mutant]) -> float:
    """Return how many of the mutants were killed; none are made of what has no functions."""
    return sum(mutant.is_killed for mutant in mutants) / len(mutants) if mutants else 1.0


def show(title: str, changes: Iterable[tuple[str, str]]) -> None:
    """Print changes in the form in which the page lists them."""
    for module, change in sorted(changes):
        print(f"\n{title} in `{module}`:\n```diff\n{change}\n```")


def judged(mutants: list[Mutant], survivors: set[tuple[str, str]]) -> bool:
    """Compare the survivors with the page; tell whether all is as it should be."""
    known = documented(PAGE.read_text(encoding="utf-8"))
    tried = {mutant.module for mutant in mutants}
    show("Survivor, documented,", survivors & known)
    show(
        "Documented, yet killed or gone,", {pair for pair in known - survivors if pair[0] in tried}
    )
    show("SURVIVOR, NOT DOCUMENTED,", survivors - known)
    return survivors <= known and share(mutants) >= LEAST_KILLED


def main() -> None:
    """Try the modules that are named, or all; exit with 1 where tests let too much pass."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("module", nargs="*", help=f"of {', '.join(TESTS)}")
    modules = parser.parse_args().module or list(TESTS)
    if unknown := set(modules) - set(TESTS):
        parser.error(f"no tests are known for {', '.join(sorted(unknown))}")
    start = time.monotonic()
    with TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        mutants = copy.run(modules)
        left = {(mutant.module, copy.change(mutant)) for mutant in mutants if not mutant.is_killed}
    good = judged(mutants, left)
    print(f"\n{chr(10).join(table(mutants, modules))}\nin {time.monotonic() - start:.0f} s")
    sys.exit(not good)


if __name__ == "__main__":
    main()
