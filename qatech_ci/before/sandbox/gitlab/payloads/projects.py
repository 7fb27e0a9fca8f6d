"""Projects: https://docs.gitlab.com/api/projects/."""

from typing import Any

from qatech_ci.before.sandbox.gitlab.payloads.links import Links, timestamp
from qatech_ci.before.sandbox.gitlab.records import Project, number_of


def project_payload(project: Project, level: int, links: Links) -> dict[str, Any]:
    """Return a project as somebody with this access level sees it."""
    page = links.project(project)
    return {
        "id": project.id,
        "description": None,
        "name": project.name,
        "name_with_namespace": project.path.replace("/", " / "),
        "path": project.name,
        "path_with_namespace": project.path,
        "created_at": timestamp(project.created_at),
        "default_branch": project.default_branch,
        "visibility": project.visibility,
        "archived": False,
        "web_url": page,
        "http_url_to_repo": f"{page}.git",
        "readme_url": None,
        "avatar_url": None,
        "namespace": _namespace(project, links),
        "permissions": {
            "project_access": {"access_level": level, "notification_level": 3} if level else None,
            "group_access": None,
        },
    }


def _namespace(project: Project, links: Links) -> dict[str, Any]:
    path = project.path.rpartition("/")[0]
    return {
        "id": number_of(path),
        "name": path.rpartition("/")[2],
        "path": path.rpartition("/")[2],
        "kind": "group",
        "full_path": path,
        "parent_id": None,
        "avatar_url": None,
        "web_url": f"{links.web}/groups/{path}",
    }
