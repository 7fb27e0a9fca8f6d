"""Where things are on the web, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime

from qatech_ci.before.sandbox.gitlab.records import MergeRequest, Project


@dataclass(frozen=True)
class Links:
    """The base URL of the pages for people, without a slash at the end."""

    web: str

    def project(self, project: Project) -> str:
        """Return the page of a project."""
        return f"{self.web}/{project.path}"

    def merge_request(self, merge_request: MergeRequest) -> str:
        """Return the page of a merge request."""
        return f"{self.project(merge_request.project)}/-/merge_requests/{merge_request.iid}"

    def commit(self, project: Project, sha: str) -> str:
        """Return the page of a commit."""
        return f"{self.project(project)}/-/commit/{sha}"


def timestamp(moment: datetime) -> str:
    """Return `moment` as GitLab writes it: `2026-05-04T10:30:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def optional_timestamp(moment: datetime | None) -> str | None:
    """Return `moment` as GitLab writes it, or None."""
    return timestamp(moment) if moment else None
