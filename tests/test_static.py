"""What can be told from the files alone: what the package never does, and what it is made of."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from containers import ROOT

BIN = Path(sys.executable).parent
PACKAGE = sorted((ROOT / "qatech_ci" / "before").rglob("*.py"))
SHIPPED = [*PACKAGE, ROOT / "entrypoint.py"]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
BASE_IMAGE = (
    "ARG PYTHON_IMAGE=python:3.13-slim-trixie"
    "@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285"
)
RUNNING = {
    *("asyncio", "code", "codeop", "ctypes", "imp", "marshal", "multiprocessing"),
    *("pickle", "platform", "pty", "runpy", "shelve", "subprocess"),
}
"""Modules that start programs, or make code of data."""
BUILT_IN = {"__import__", "breakpoint", "compile", "eval", "exec", "input"}
OF_OS = re.compile(r"(system|popen|putenv|unsetenv|startfile|fork.*|exec.*|spawn.*|posix_spawn.*)")
OF_YAML = {"load", "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all"}
SWITCHES = {("shell", True), ("verify", False), ("allow_redirects", True)}
READS_FILES = {"cli.py", "demo.py", "files.py", "runner.py", "scenes.py"}
"""Modules that open a file that somebody names."""
FILE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob"}


def dotted(node: ast.AST) -> str:
    """Return a name with its attributes, as in `os.environ`; empty where it is something else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the modules that a statement imports, `from x import y` as x.y too."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and not node.level:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def runs_code(node: ast.AST) -> bool:
    """Tell whether something starts a program or makes code of data."""
    modules = {name.partition(".")[0] for name in imported(node)}
    dynamic = [it for it in imported(node) if it.startswith("importlib")]
    if modules & RUNNING or any(not it.startswith("importlib.resources") for it in dynamic):
        return True
    name = dotted(node.func) if isinstance(node, ast.Call) else ""
    of_os = name.startswith("os.") and OF_OS.fullmatch(name.removeprefix("os."))
    return name in BUILT_IN or bool(of_os) or any(it.startswith("os.") for it in imported(node))


def loads_objects(node: ast.AST) -> bool:
    """Tell whether YAML is read with anything but a safe loader of our own choice."""
    if not isinstance(node, ast.Call) or not dotted(node.func).startswith("yaml."):
        return False
    keyword = [it.value for it in node.keywords if it.arg == "Loader"]
    loaders = {dotted(it) for it in [*node.args[1:], *keyword]}
    is_safe = bool(loaders) and loaders <= SAFE_LOADERS
    return dotted(node.func).removeprefix("yaml.") in OF_YAML and not is_safe


SAFE_LOADERS = {"yaml.SafeLoader", "_Loader"}
"""`_Loader` is notation's own, which makes nothing but plain data; see the test below."""


def turns_a_safety_off(node: ast.AST) -> bool:
    """Tell whether a call asks for a shell, for no verification, or for redirects."""
    if not isinstance(node, ast.Call):
        return False
    given = {(it.arg, it.value.value) for it in node.keywords if isinstance(it.value, ast.Constant)}
    return bool(given & SWITCHES)


def names_runner_state(node: ast.AST) -> bool:
    """Tell whether a file is named that changes later steps' environment or this run's state."""
    names = {"GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"}
    return isinstance(node, ast.Constant) and node.value in names


def changes_environment(node: ast.AST) -> bool:
    """Tell whether something is written to `os.environ`."""
    is_item = isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
    item = dotted(node.value) if isinstance(node, ast.Subscript) else ""
    call = dotted(node.func) if isinstance(node, ast.Call) else ""
    changers = {f"os.environ.{it}" for it in ("update", "setdefault", "pop", "clear", "popitem")}
    return (is_item and item == "os.environ") or call in changers


def touches_files(node: ast.AST) -> bool:
    """Tell whether something opens, reads, writes or lists files."""
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Attribute):
        return called.attr in FILE_CALLS
    return isinstance(called, ast.Name) and called.id in FILE_CALLS


RULES: Mapping[str, Callable[[ast.AST], bool]] = {
    "runs no code of others": runs_code,
    "loads no objects out of YAML": loads_objects,
    "turns no safety off": turns_a_safety_off,
    "names no file of the runner's that changes later steps": names_runner_state,
    "changes no environment": changes_environment,
}
BAD: Mapping[str, Callable[[ast.AST], bool]] = {
    "import subprocess": runs_code,
    "from subprocess import run": runs_code,
    "import pickle as p": runs_code,
    "import importlib": runs_code,
    "from importlib import import_module": runs_code,
    "from os import system": runs_code,
    "os.execvp('x', [])": runs_code,
    "os.popen('x')": runs_code,
    "eval('1')": runs_code,
    "compile('1', 'x', 'eval')": runs_code,
    "__import__('x')": runs_code,
    "yaml.load(x)": loads_objects,
    "yaml.load(x, Loader=yaml.Loader)": loads_objects,
    "yaml.load(x, yaml.UnsafeLoader)": loads_objects,
    "yaml.unsafe_load(x)": loads_objects,
    "run('x', shell=True)": turns_a_safety_off,
    "get(x, verify=False)": turns_a_safety_off,
    "get(x, allow_redirects=True)": turns_a_safety_off,
    "environ['GITHUB_ENV']": names_runner_state,
    "x = 'GITHUB_PATH'": names_runner_state,
    "os.environ['X'] = '1'": changes_environment,
    "del os.environ['X']": changes_environment,
    "os.environ.update(x)": changes_environment,
    "open('x')": touches_files,
    "Path('x').read_text()": touches_files,
    "(a / b).open()": touches_files,
}
GOOD = [
    "import re\nre.compile('x')",
    "from importlib.resources import files",
    "get(x, allow_redirects=False, verify=True)",
    "os.environ['X']",
    "os.environ.get('GITHUB_OUTPUT')",
    "yaml.load(x, Loader=yaml.SafeLoader)",
    "yaml.load(x, yaml.SafeLoader)",
]


def breaches(files: list[Path], is_bad: Callable[[ast.AST], bool]) -> list[str]:
    """Return where files break a rule."""
    return [
        f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if is_bad(node)
    ]


@pytest.mark.parametrize("rule", RULES)
def test_the_shipped_package(rule: str) -> None:
    """Keeps to each rule in every file, the entry point and the stand-ins included."""
    assert len(PACKAGE) > 50
    assert breaches(SHIPPED, RULES[rule]) == []


@pytest.mark.parametrize(("code", "rule"), BAD.items())
def test_a_breach_would_be_seen(code: str, rule: Callable[[ast.AST], bool]) -> None:
    """A rule that finds nothing anywhere would prove nothing."""
    assert any(map(rule, ast.walk(ast.parse(code))))


@pytest.mark.parametrize("code", GOOD)
def test_what_is_allowed_is_no_breach(code: str) -> None:
    """What looks alike and does no harm may stay."""
    nodes = list(ast.walk(ast.parse(code)))
    assert not any(is_bad(node) for node in nodes for is_bad in RULES.values())


def test_files_are_touched_in_few_places() -> None:
    """The runner's files, artifacts, the command line, our schemas: never what is checked out."""
    files = [it for it in PACKAGE if it.name not in READS_FILES and it.parent.name != "schemas"]
    assert breaches(files, touches_files) == []


def test_our_yaml_loader_is_a_safe_one() -> None:
    """It makes nothing but strings, lists and mappings."""
    tree = ast.parse((ROOT / "qatech_ci" / "before" / "notation.py").read_text())
    (loader,) = [it for it in ast.walk(tree) if getattr(it, "name", "") == "_Loader"]
    assert isinstance(loader, ast.ClassDef)
    assert {dotted(base) for base in loader.bases} <= {"yaml.SafeLoader", "yaml.BaseLoader"}


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the tools that the lock brings."""
    program, *rest = command
    return subprocess.run(
        [str(BIN / program), *rest],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def workflows() -> list[str]:
    """Return the action and the repository's own workflows, where there are some."""
    found = [ROOT / "action.yml", *(ROOT / ".github").rglob("*.yml")]
    return [str(path.relative_to(ROOT)) for path in found]


def test_zizmor_finds_nothing() -> None:
    """The action and the workflows, with the audits that need no network."""
    done = ran("zizmor", "--offline", "--no-progress", "--persona=pedantic", *workflows())
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    """A workflow with what everybody warns of does not pass."""
    path = tmp_path / ".github" / "workflows" / "bad.yml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "on: pull_request_target\njobs:\n  x:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n",
    )
    assert ran("zizmor", "--offline", "--no-progress", str(path)).returncode != 0


def test_hadolint_finds_nothing() -> None:
    """No rule is switched off."""
    done = ran("hadolint", "--no-color", "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")
    assert "hadolint ignore" not in (ROOT / "Dockerfile").read_text()


def test_the_base_image_is_pinned_by_digest() -> None:
    """The first line says which image, and every stage is made of that one."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert lines[0] == BASE_IMAGE
    stages = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert set(stages) == {"${PYTHON_IMAGE}"}


def test_the_image_takes_wheels_with_known_hashes_only() -> None:
    """Nothing is built from source, resolved anew, or taken without its hash."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    installs = re.findall(r"pip\b[^&\n]*\binstall [^&\n]*", text)
    assert installs
    assert all("--require-hashes" in it or "--no-index" in it for it in installs)
    assert "PIP_ONLY_BINARY=:all:" in text
    assert "PIP_NO_DEPS=1" in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_with_its_hashes(lock: Path) -> None:
    """An exact version and at least one hash each; no place to look for packages is named."""
    requirements = lock.read_text().replace("\\\n", " ").splitlines()
    pattern = r"[A-Za-z0-9._-]+==[^\s;]+( ; [^\n]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*"
    assert requirements
    assert [it for it in requirements if not re.fullmatch(pattern, it)] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links", lock.read_text())


def test_what_is_shipped_is_locked_alike_everywhere() -> None:
    """The tests run against the very versions that the image has."""
    pins = [set(re.findall(r"^\S+==\S+", lock.read_text(), re.MULTILINE)) for lock in LOCKS]
    named = dict(zip([lock.stem for lock in LOCKS], pins, strict=True))
    assert named["runtime"] <= named["dev"]
    assert named["build"] <= named["dev"]
