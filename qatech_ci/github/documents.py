"""Taking GitHub's JSON for no more than it is."""

from datetime import UTC, datetime
from typing import Any

from qatech_ci.errors import ForgeError


def listed(document: Any, key: str = "") -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Return the objects of a list, or of the one under `key`; raises `ForgeError` without one."""
    items = document.get(key) if key and isinstance(document, dict) else document
    if isinstance(items, list):
        return [item for item in items if isinstance(item, dict)]
    raise ForgeError("GitHub's answer holds no list where one is documented.")


def moment(text: Any) -> datetime:  # noqa: ANN401 - JSON
    """Return a time, or the beginning of all times where there is none."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
