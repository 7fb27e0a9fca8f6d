"""Commit statuses: https://docs.gitlab.com/api/commits/#list-commit-statuses."""

from http import HTTPStatus
from operator import attrgetter

from qatech_ci.before.sandbox.gitlab.delivery import CommitStatus, Pipeline
from qatech_ci.before.sandbox.gitlab.endpoints import PROJECT, Asked, Endpoint, writing
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.params import choice, flag, number, text
from qatech_ci.before.sandbox.gitlab.payloads.delivery import status_payload
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter, forbidden, not_found
from qatech_ci.before.sandbox.gitlab.reports import Report, read
from qatech_ci.before.sandbox.gitlab.tokens import DEVELOPER, MAINTAINER
from qatech_ci.before.sandbox.gitlab.transitions import NEW, STATES, change, check
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response


def _list(asked: Asked) -> Response:
    """Answer with the newest status of each name, or with `all` of them."""
    by = choice(asked, "order_by", ("id", "pipeline_id"), "id")
    sort, everything = choice(asked, "sort", ("asc", "desc"), "asc"), flag(asked, "all")
    project, sha = asked.readable, _sha(asked)
    found = [
        status
        for status in asked.state.statuses_of(project, sha)
        if (everything or not status.retried) and _is_wanted(status, asked)
    ]
    keys = {"id": attrgetter("id"), "pipeline_id": attrgetter("pipeline.id", "id")}
    found.sort(key=keys[by], reverse=sort == "desc")
    return paged(asked, found, lambda status: status_payload(status, asked.links))


def _is_wanted(status: CommitStatus, asked: Asked) -> bool:
    pipeline = number(asked, "pipeline_id", status.pipeline.id)
    wanted = text(asked, "name") or status.name, text(asked, "ref") or status.pipeline.ref
    return (status.name, status.pipeline.ref) == wanted and pipeline == status.pipeline.id


def _sha(asked: Asked) -> str:
    sha = asked.project.commit(asked.parameters["sha"])
    if sha is None:
        raise not_found("Commit")
    return sha


def _create(asked: Asked) -> Response:
    """Report a status; developers may, on a protected branch only maintainers.

    Source: “Create or update commit status” in https://docs.gitlab.com/user/permissions/
    """
    if not (state := choice(asked, "state", STATES)):
        raise bad_parameter("state is missing, state does not have a valid value")
    asked.require(DEVELOPER)
    pipeline = _pipeline(asked, _sha(asked))
    report = read(asked)
    status = _current(asked, pipeline, report) or _new(asked, pipeline, report)
    check(status.status, state)
    _keep(asked, status)
    report.apply(status)
    change(status, state, asked.at)
    return Response(HTTPStatus.CREATED, status_payload(status, asked.links))


def _pipeline(asked: Asked, sha: str) -> Pipeline:
    """Return the newest pipeline that fits; a new one where there is none.

    Without `ref` a commit must be on some branch: that of a fork's merge request is not.
    """
    ref, wanted = text(asked, "ref"), number(asked, "pipeline_id", 0)
    fitting = (
        pipeline
        for pipeline in asked.state.pipelines_of(asked.project, sha)
        if ref in (None, pipeline.ref) and wanted in (0, pipeline.id)
    )
    found = next(fitting, None)
    branch = ref or (found.ref if found else next(iter(asked.project.branches[sha]), None))
    if branch is None:
        raise not_found("References for commit")
    if wanted and found is None:
        raise not_found("Pipeline for pipeline_id, sha and ref")
    if branch in asked.project.protected and not asked.has_role(MAINTAINER):
        raise forbidden()
    return found or Pipeline(next(asked.state.ids), asked.project.id, sha, branch)


def _current(asked: Asked, pipeline: Pipeline, report: Report) -> CommitStatus | None:
    """Return the status that can still change; somebody else's of the same name is not it."""
    wanted = pipeline.id, report.name, asked.login
    for status in asked.state.statuses:
        if status.is_active and (status.pipeline.id, status.name, status.login) == wanted:
            return status
    return None


def _new(asked: Asked, pipeline: Pipeline, report: Report) -> CommitStatus:
    return CommitStatus(
        id=next(asked.state.ids),
        project_id=asked.project.id,
        pipeline=pipeline,
        name=report.name,
        status=NEW,
        login=asked.login,
        created_at=asked.at,
    )


def _keep(asked: Asked, status: CommitStatus) -> None:
    """Remember a new status, and its pipeline where that is new, too."""
    if status.status != NEW:
        return
    if status.pipeline not in asked.state.pipelines:
        asked.state.pipelines.append(status.pipeline)
    asked.state.add_status(status)


ROUTES = (
    Route(
        "GET",
        PROJECT + "/repository/commits/(?P<sha>[^/]+)/statuses",
        Endpoint(_list),
    ),
    Route("POST", PROJECT + "/statuses/(?P<sha>[^/]+)", writing(_create)),
)
