"""The console command `qatech-ci`."""

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence

from . import __version__
from .main import main as run_action
from .qatech.sandbox import serve
from .settings import NAMES

_VARIABLES = f"""\
Inputs are read from INPUT_… on GitHub, as in INPUT_API-TOKEN, and from QATECH_… on GitLab, as in
QATECH_API_TOKEN: {", ".join(NAMES)}, and github-token or gitlab-token.

Also read on GitHub: GITHUB_ACTIONS, GITHUB_EVENT_NAME, GITHUB_EVENT_PATH, GITHUB_REPOSITORY,
GITHUB_SERVER_URL, GITHUB_API_URL, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_ACTOR, GITHUB_OUTPUT,
GITHUB_STEP_SUMMARY; on GitLab: GITLAB_CI and the predefined CI_… variables. For both: HTTPS_PROXY,
HTTP_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands and return its exit code."""
    parser = ArgumentParser(
        "qatech-ci",
        description="Review a pull request with QA.tech's agent.",
        epilog=_VARIABLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("run", help="run the action as the environment says (the default)")
    commands.add_parser(
        "check", help="a dry run; exits with 1 where something would keep a review from running"
    )
    served = commands.add_parser("sandbox", help="serve a stand-in for QA.tech's API")
    served.add_argument("--host", default="127.0.0.1")
    served.add_argument("--port", type=int, default=8001)
    served.add_argument("--token", help="the only API token that is accepted; any, by default")
    chosen = parser.parse_args(arguments)
    if chosen.command == "check":
        dry_run = {"INPUT_DRY-RUN": "true", "QATECH_DRY_RUN": "true"}
        return run_action(os.environ | dry_run, is_check=True)
    if chosen.command != "sandbox":
        return run_action()
    try:
        serve(sys.stdout, chosen.host, chosen.port, chosen.token)
    except OSError as error:
        print(f"{chosen.host}:{chosen.port} cannot be had: {error.strerror}.", file=sys.stderr)  # noqa: T201 - to a person
        return 2
    return 0
