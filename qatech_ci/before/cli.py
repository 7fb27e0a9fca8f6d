"""The console command `qatech-ci`."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from . import __version__, demo
from .main import main as run_action
from .sandbox.serve import serve
from .scenes import SCENES


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run one of the commands and return its exit code."""
    chosen = _parser().parse_args(arguments)
    out = out or sys.stdout
    if chosen.command == "demo":
        return demo.demonstrate(out, chosen.save, chosen.forge)
    if chosen.command == "sandbox":
        return _sandbox(chosen, out)
    dry = {"INPUT_DRY-RUN": "true", "QATECH_DRY_RUN": "true"}
    asked = dry if chosen.command == "check" else {}
    return run_action({**os.environ, **asked}, out)


def _sandbox(chosen: Namespace, out: TextIO) -> int:
    serve(
        out,
        host=chosen.host,
        qatech_port=chosen.qatech_port,
        github_port=chosen.github_port,
        token=chosen.token,
    )
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser("qatech-ci", description="Review a pull request with QA.tech's agent.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("run", help="run the action as the environment says (the default)")
    commands.add_parser("check", help="the same as a dry run: show the request, send nothing")
    shown = commands.add_parser("demo", help="show a passing and a failing review")
    shown.add_argument("--save", type=Path, metavar="FOLDER", help="keep each part in a file there")
    shown.add_argument("--forge", choices=list(SCENES), default="github", help="where it runs")
    served = commands.add_parser("sandbox", help="serve the stand-ins for QA.tech and GitHub")
    served.add_argument("--host", default="127.0.0.1")
    served.add_argument("--qatech-port", type=int, default=8001)
    served.add_argument("--github-port", type=int, default=8002)
    served.add_argument("--token", help="the only API token that is accepted; any, by default")
    return parser
