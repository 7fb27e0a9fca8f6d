"""Taking a forge's JSON for no more than it is."""

from datetime import UTC, datetime
from typing import Any


def inner(document: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object within another one, empty where there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def moment(text: Any) -> datetime:  # noqa: ANN401 - JSON
    """Return a time, or the beginning of all times where there is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
