"""Where things are, in the API and on the web."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Links:
    """The base URLs of the API and of the pages for people, without a slash at the end."""

    api: str
    web: str

    def repository(self, repository: str) -> str:
        """Return the API's URL of a repository."""
        return f"{self.api}/repos/{repository}"

    def issue(self, repository: str, number: int) -> str:
        """Return the API's URL of a pull request in its capacity as an issue."""
        return f"{self.repository(repository)}/issues/{number}"

    def pull(self, repository: str, number: int) -> str:
        """Return the API's URL of a pull request."""
        return f"{self.repository(repository)}/pulls/{number}"

    def pull_page(self, repository: str, number: int) -> str:
        """Return the page of a pull request."""
        return f"{self.web}/{repository}/pull/{number}"


def timestamp(moment: datetime) -> str:
    """Return `moment` as GitHub writes it: `2026-05-04T10:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
