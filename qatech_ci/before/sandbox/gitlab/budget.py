"""The rate limit: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from math import ceil

from qatech_ci.before.sandbox.gitlab.problems import PlainText
from qatech_ci.before.sandbox.web import Response

PERIOD = timedelta(minutes=1)


@dataclass
class Window:
    """What one caller has asked until the window ends."""

    limit: int
    ends_at: datetime
    observed: int = 0

    def take(self) -> bool:
        """Count a request; return whether it is still within the limit."""
        self.observed += 1
        return self.observed <= self.limit

    def headers(self, name: str) -> dict[str, str]:
        """Return the window as every answer tells it; `name` is the limit's."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Name": name,
            "RateLimit-Observed": str(self.observed),
            "RateLimit-Remaining": str(max(self.limit - self.observed, 0)),
            "RateLimit-Reset": str(int(self.ends_at.timestamp())),
        }

    def refusal(self, moment: datetime) -> Response:
        """Return what is said once the limit is passed: plain text, unlike all other answers.

        Source: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#use-a-custom-rate-limit-response
        """
        headers = {
            "Content-Type": "text/plain",
            "Retry-After": str(ceil((self.ends_at - moment).total_seconds())),
            "RateLimit-ResetTime": format_datetime(self.ends_at, usegmt=True),
        }
        return PlainText(HTTPStatus.TOO_MANY_REQUESTS, "Retry later\n", headers)


@dataclass
class Budgets:
    """The windows of all callers."""

    limit: int
    """Requests a minute for each token."""
    _windows: dict[str, Window] = field(default_factory=dict)

    def of(self, caller: str, moment: datetime) -> Window:
        """Return the window of `caller`, known by the token, started anew where it has ended."""
        window = self._windows.get(caller)
        if window is None or moment >= window.ends_at:
            window = self._windows[caller] = Window(self.limit, moment + PERIOD)
        return window
