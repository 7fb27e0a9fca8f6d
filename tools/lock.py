"""Resolves the dependencies anew: exact versions with hashes, for every platform at once."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "requirements"
COMPILE = [
    *(str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet", "--upgrade"),
    *("--universal", "--python-version", "3.11", "--only-binary", ":all:"),
    *("--generate-hashes", "--no-header", "--no-annotate"),
]


def compile_lock(name: str, *options: str) -> None:
    """Write one lock file; raises `CalledProcessError` where the requirements do not fit."""
    output = ["--output-file", str(FOLDER / f"{name}.txt")]
    subprocess.run([*COMPILE, *options, *output], cwd=ROOT, check=True)


def main() -> None:
    """Write all three: what runs, what builds, and what develops, which holds both."""
    compile_lock("runtime", "pyproject.toml")
    compile_lock("build", "--group", "build")
    runtime = ["--constraint", str(FOLDER / "runtime.txt")]
    compile_lock("dev", "pyproject.toml", "--group", "dev", "--group", "build", *runtime)


if __name__ == "__main__":
    main()
