"""Check runs: https://docs.github.com/rest/checks/runs."""

from collections.abc import Sequence
from http import HTTPStatus

from qatech_ci.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.sandbox.github.pages import page
from qatech_ci.sandbox.github.payloads.checks import check_run_payload
from qatech_ci.sandbox.github.problems import not_found
from qatech_ci.sandbox.github.records import CheckRun
from qatech_ci.sandbox.github.state import key
from qatech_ci.sandbox.routing import Route
from qatech_ci.sandbox.web import Response


def _list(asked: Asked) -> Response:
    # Empty for the commits of forks: https://docs.github.com/rest/checks/runs
    pulls = asked.state.pulls_from(asked.repository, asked.sha)
    found = _wanted(asked, _runs(asked))
    items, headers = page(asked, found)
    shown = [check_run_payload(run, pulls, asked.links) for run in items]
    return Response(HTTPStatus.OK, {"total_count": len(found), "check_runs": shown}, headers)


def _runs(asked: Asked) -> list[CheckRun]:
    """Return the commit's runs as they are now, those that started last first."""
    place = key(asked.repository), asked.sha
    runs = [
        run.at(asked.at)
        for run in asked.state.check_runs
        if (key(run.repository), run.head_sha) == place and run.started_at <= asked.at
    ]
    return sorted(runs, key=lambda run: (run.started_at, run.id), reverse=True)


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
