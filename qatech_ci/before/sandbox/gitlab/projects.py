"""Projects, their members and what lies between two refs of theirs."""

from http import HTTPStatus

from qatech_ci.before.sandbox.gitlab.endpoints import PROJECT, Asked, Endpoint
from qatech_ci.before.sandbox.gitlab.merge_requests import STATES
from qatech_ci.before.sandbox.gitlab.pages import paged
from qatech_ci.before.sandbox.gitlab.params import choice, required
from qatech_ci.before.sandbox.gitlab.payloads.merge_requests import basic_merge_request_payload
from qatech_ci.before.sandbox.gitlab.payloads.people import member_payload
from qatech_ci.before.sandbox.gitlab.payloads.projects import project_payload
from qatech_ci.before.sandbox.gitlab.payloads.repositories import comparison_payload
from qatech_ci.before.sandbox.gitlab.problems import not_found
from qatech_ci.before.sandbox.gitlab.records import Comparison, number_of
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response


def _project(asked: Asked) -> Response:
    level = asked.state.level(asked.project, asked.login)
    return Response(HTTPStatus.OK, project_payload(asked.project, level, asked.links))


def _member(asked: Asked) -> Response:
    """Answer who is a member, be it of the project or of a group above it.

    Source: https://docs.gitlab.com/api/project_members/#retrieve-a-project-member-including-inherited-and-invited-members
    """
    project, wanted = asked.project, int(asked.parameters["user"])
    logins = {login for (place, login) in asked.state.members if place == project.id}
    logins |= {token.login for token in asked.state.tokens.values()}
    for login in logins:
        level = asked.state.level(project, login)
        if number_of(login) == wanted and level:
            body = member_payload(login, level, project.created_at, asked.links)
            return Response(HTTPStatus.OK, body)
    raise not_found()


def _merge_requests_of_commit(asked: Asked) -> Response:
    """Answer the merge requests into this project that have the commit, old heads included.

    Source: https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit
    """
    state = choice(asked, "state", STATES, "all")
    sha = asked.readable.commit(asked.parameters["sha"])
    if sha is None:
        raise not_found("Commit")
    found = [
        mr
        for mr in asked.state.merge_requests_of(asked.project)
        if sha in mr.shas and state in ("all", mr.state)
    ]
    return paged(asked, found, lambda mr: basic_merge_request_payload(mr, 0, asked.links))


def _compare(asked: Asked) -> Response:
    """Answer what lies between two refs: https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits."""
    refs = required(asked, "from"), required(asked, "to")
    project = asked.readable
    found = asked.state.comparisons.get((project.id, *refs))
    if found is None and refs[0] == refs[1] and project.commit(refs[0]):
        found = Comparison((), ())
    if found is None:
        raise not_found("Ref")
    return Response(HTTPStatus.OK, comparison_payload(found, project, refs, asked.links))


ROUTES = (
    Route("GET", PROJECT, Endpoint(_project, for_anybody=True)),
    Route("GET", PROJECT + "/members/all/(?P<user>[0-9]{1,18})", Endpoint(_member)),
    Route(
        "GET",
        PROJECT + "/repository/commits/(?P<sha>[^/]+)/merge_requests",
        Endpoint(_merge_requests_of_commit, for_jobs=True, for_anybody=True),
    ),
    Route("GET", PROJECT + "/repository/compare", Endpoint(_compare, for_anybody=True)),
)
