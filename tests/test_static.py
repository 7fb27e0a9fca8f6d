"""What can be told from the files alone: what the package never does, and what it is made of."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers import ROOT

_PACKAGE = sorted((ROOT / "qatech_ci").rglob("*.py"))
_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
_FORBIDDEN_MODULES = {"asyncio", "ctypes", "gc", "marshal", "multiprocessing", "pickle", "runpy"}
_FORBIDDEN_MODULES |= {"shelve", "subprocess", "http.client"}
_FORBIDDEN_CALLS = {"__import__", "compile", "eval", "exec", "os.popen", "os.system"}
_FORBIDDEN_CALLS |= {"import_module", "importlib.import_module", "os.putenv", "yaml.unsafe_load"}
_PRIVATE = {"injectConnectionClasses", "requestJsonAndCheck", "requestBlobAndCheck"}
"""PyGithub's own means, which its objects make unnecessary."""
_UNSAFE = {("shell", True), ("verify", False), ("allow_redirects", True)}


def faults(code: str) -> Iterator[str]:
    """Yield what a module does that none may do."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = {it.name for it in node.names}
            if isinstance(node, ast.ImportFrom):
                modules = {f"{node.module}.{it}" for it in modules} | {node.module or ""}
            yield from (it for it in modules if {it, it.partition(".")[0]} & _FORBIDDEN_MODULES)
        elif isinstance(node, ast.Call):
            if (called := ast.unparse(node.func)) in _FORBIDDEN_CALLS or called.startswith(
                "os.exec"
            ):
                yield called
            given = {(it.arg, getattr(it.value, "value", None)) for it in node.keywords}
            yield from (f"{name}={value}" for name, value in given & _UNSAFE)
        elif isinstance(node, ast.Attribute) and node.attr in _PRIVATE:
            yield node.attr
        elif isinstance(node, ast.Constant) and node.value in {"GITHUB_ENV", "GITHUB_PATH"}:
            yield str(node.value)


@pytest.mark.parametrize("path", _PACKAGE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_starts_no_program_and_makes_no_code_of_data(path: Path) -> None:
    """Nor does it turn a safety off, reach into libraries, or change later steps' environment."""
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess",
        "from http.client import HTTPConnection",
        "from http import client",
        "from os import path\nimport pickle as p",
        "eval('1')",
        "os.execvp('x', [])",
        "get(x, verify=False)",
        "requester.requestJsonAndCheck('GET', url)",
        "environ['GITHUB_ENV']",
    ],
)
def test_a_fault_would_be_seen(code: str) -> None:
    """A rule that finds nothing anywhere would prove nothing."""
    assert list(faults(code))


def test_imports_stand_at_the_top() -> None:
    """But for the other forge's library, which few runs need."""
    found = {
        node.module or ""
        for path in _PACKAGE
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
    }
    assert found == {"gitlab"}


def test_the_root_of_the_package_can_be_overlooked() -> None:
    """At most a dozen modules; `make check` sees to it that imports point down only."""
    assert len(list((ROOT / "qatech_ci").glob("[!_]*.py"))) <= 12
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "lint-imports" in makefile.partition("\ncheck:")[2].partition("\n\n")[0]


def test_nothing_refers_to_places_outside_of_the_repository() -> None:
    """A clone is all that somebody has."""
    outside = f"{'..'}/shared"
    kinds = {"", ".json", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"}
    folders = ("benchmarks", "docs", "qatech_ci", "requirements", "templates", "tests", "tools")
    found = [
        it for name in folders for it in ROOT.glob(f"{name}/**/*") if "node_modules" not in it.parts
    ]
    texts = [it for it in [*ROOT.glob("*"), *found] if it.suffix in kinds and it.is_file()]
    assert len(texts) > 100
    assert [it for it in texts if outside in it.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "command",
    [
        ("zizmor", "--offline", "--no-progress", "--persona=pedantic", "action.yml", ".github"),
        ("hadolint", "--no-color", "Dockerfile"),
    ],
    ids=lambda command: command[0],
)
def test_a_linter_finds_nothing(command: tuple[str, ...]) -> None:
    """In the action, the repository's workflows and the Dockerfile; no rule is switched off."""
    program = str(Path(sys.executable).parent / command[0])
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_is_made_of_what_is_pinned() -> None:
    """The base by its digest, everything else as wheels whose hashes are known."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    assert re.match(r"ARG PYTHON_IMAGE=python:3\.\d+-slim-\w+@sha256:[0-9a-f]{64}\n", text)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    installs = re.findall(r"pip\b[^&\n]*\binstall [^&\n]*", text)
    assert installs
    assert all("--require-hashes" in it or "--no-index" in it for it in installs)


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_with_its_hashes(lock: Path) -> None:
    """An exact version and at least one hash each; no place to look for packages is named."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [it for it in text.splitlines() if it and not it.startswith("#")]
    assert entries
    assert [
        it for it in entries if not re.match(r"[\w.-]+(\[\w+\])?==\S+ .*--hash=sha256:", it)
    ] == []
