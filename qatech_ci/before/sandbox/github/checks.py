"""Check runs: https://docs.github.com/rest/checks/runs."""

from collections.abc import Sequence
from http import HTTPStatus

from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.pages import page
from qatech_ci.before.sandbox.github.payloads.checks import check_run_payload
from qatech_ci.before.sandbox.github.problems import not_found
from qatech_ci.before.sandbox.github.records import CheckRun
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response


def _list(asked: Asked) -> Response:
    # Empty for the commits of forks: https://docs.github.com/rest/checks/runs
    pulls = asked.state.pulls_from(asked.repository, asked.sha)
    found = _wanted(asked, asked.state.check_runs_of(asked.repository, asked.sha, asked.at))
    items, headers = page(asked, found)
    shown = [check_run_payload(run, pulls, asked.links) for run in items]
    return Response(HTTPStatus.OK, {"total_count": len(found), "check_runs": shown}, headers)


def _wanted(asked: Asked, runs: Sequence[CheckRun]) -> list[CheckRun]:
    query = asked.request.query
    if query.get("filter") != "all":
        # `latest`, the default: one of each name and app.
        runs = list({(run.app, run.name): run for run in reversed(runs)}.values())[::-1]
    return [
        run
        for run in runs
        if query.get("check_name", run.name) == run.name
        and query.get("status", run.status) == run.status
    ]


ROUTES = (
    Route(
        "GET",
        REPOSITORY + "/commits/(?P<ref>.+)/check-runs",
        Endpoint(_list, (Permission("checks", "read"),), "/checks/runs", not_found()),
    ),
)
