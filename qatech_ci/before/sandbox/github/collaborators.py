"""Who may do what in a repository: https://docs.github.com/rest/collaborators/collaborators."""

from http import HTTPStatus

from qatech_ci.before.sandbox.github.endpoints import REPOSITORY, Asked, Endpoint, Permission
from qatech_ci.before.sandbox.github.payloads.people import user_payload
from qatech_ci.before.sandbox.github.problems import not_found
from qatech_ci.before.sandbox.github.state import ROLES, key
from qatech_ci.before.sandbox.routing import Route
from qatech_ci.before.sandbox.web import Response

_RIGHTS = ("pull", "triage", "push", "maintain", "admin")
# Documented: `maintain` is told as `write` and `triage` as `read`; `role_name` has the role itself.
_OLDER_NAMES = {"maintain": "write", "triage": "read"}


def _permission(asked: Asked) -> Response:
    login = asked.parameters["login"]
    role = asked.state.roles.get((key(asked.repository), key(login)), "read")
    level = ROLES.index(role)
    rights = {right: place < level for place, right in enumerate(_RIGHTS)}
    user = user_payload(login, asked.links) | {"permissions": rights, "role_name": role}
    permission = _OLDER_NAMES.get(role, role)
    return Response(HTTPStatus.OK, {"permission": permission, "role_name": role, "user": user})


ROUTES = (
    Route(
        "GET",
        REPOSITORY + "/collaborators/(?P<login>[^/]+)/permission",
        Endpoint(
            _permission,
            (Permission("metadata", "read"),),
            "/collaborators/collaborators",
            not_found(),
        ),
    ),
)
