"""Taking GitLab's JSON for no more than it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qatech_ci.before.errors import ForgeError, PermissionMissing

_UNREADABLE = "GitLab's answer holds no {} where one is documented."


def listed(document: Any, key: str = "") -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Return the objects of a list, or of the one under `key`; raises `ForgeError` without one."""
    items = mapping(document).get(key) if key else document
    if not isinstance(items, list):
        raise ForgeError(_UNREADABLE.format("list"))
    return [item for item in items if isinstance(item, dict)]


def mapping(document: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return an object; raises `ForgeError` where the document is none."""
    if not isinstance(document, dict):
        raise ForgeError(_UNREADABLE.format("object"))
    return document


@contextmanager
def naming(role: str, scope: str = "api") -> Iterator[None]:
    """Have a `PermissionMissing` say which token is needed, with which role and scope."""
    try:
        yield
    except PermissionMissing as error:
        remedy = (
            "Set the masked CI/CD variable `QATECH_GITLAB_TOKEN` to a project or group access "
            f"token with the role {role} and the scope `{scope}`."
        )
        raise PermissionMissing(error.what, f"{error.remedy} {remedy}".strip()) from None
