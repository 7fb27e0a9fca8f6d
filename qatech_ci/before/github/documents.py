"""Taking GitHub's JSON for no more than it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qatech_ci.before.answers import inner, moment
from qatech_ci.before.errors import ForgeError, PermissionMissing

__all__ = ["inner", "listed", "mapping", "moment", "naming"]


def listed(document: Any, key: str = "") -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Return the objects of a list, or of the one under `key`; raises `ForgeError` without one."""
    items = document.get(key) if key and isinstance(document, dict) else document
    if isinstance(items, list):
        return [item for item in items if isinstance(item, dict)]
    raise ForgeError("GitHub's answer holds no list where one is documented.")


def mapping(document: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return an object; raises `ForgeError` where the document is none."""
    if isinstance(document, dict):
        return document
    raise ForgeError("GitHub's answer holds no object where one is documented.")


@contextmanager
def naming(permission: str, purpose: str = "") -> Iterator[None]:
    """Have a `PermissionMissing` say what to write into the workflow, and what it is good for."""
    try:
        yield
    except PermissionMissing as error:
        remedy = f"Give the job `permissions: {permission}`{purpose}. {error.remedy}".strip()
        raise PermissionMissing(error.what, remedy) from None
