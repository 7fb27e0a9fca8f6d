"""The primary rate limit: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)


@dataclass
class Window:
    """What one caller may still ask of one resource until the window ends."""

    limit: int
    resource: str
    used: int = 0
    ends_at: datetime | None = None

    def at(self, moment: datetime) -> "Window":
        """Return the window itself, started anew if it had not begun or has ended."""
        if self.ends_at is None or moment >= self.ends_at:
            self.used, self.ends_at = 0, moment + _HOUR
        return self

    @property
    def remaining(self) -> int:
        """How many requests are left."""
        return self.limit - self.used

    def shown(self) -> dict[str, int | str]:
        """Return the window as `GET /rate_limit` shows it."""
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "reset": int(self.ends_at.timestamp()) if self.ends_at else 0,
            "resource": self.resource,
        }

    def headers(self) -> dict[str, str]:
        """Return the window as every answer tells it."""
        return {f"X-RateLimit-{name.title()}": str(value) for name, value in self.shown().items()}


@dataclass
class Budgets:
    """The windows of all callers."""

    limit: int
    """Requests an hour for each caller and resource."""
    _windows: dict[tuple[str, str], Window] = field(default_factory=dict)

    def of(self, caller: str, resource: str, moment: datetime) -> Window:
        """Return the window in which `caller`, known by the token, asks for `resource`."""
        fresh = Window(self.limit, resource)
        return self._windows.setdefault((caller, resource), fresh).at(moment)
