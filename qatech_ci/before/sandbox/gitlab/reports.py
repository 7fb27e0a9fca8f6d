"""What is reported with a commit status."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qatech_ci.before.sandbox.gitlab.delivery import CommitStatus
from qatech_ci.before.sandbox.gitlab.endpoints import Asked
from qatech_ci.before.sandbox.gitlab.params import text
from qatech_ci.before.sandbox.gitlab.problems import bad_parameter, invalid

LONGEST = 255
"""In characters: https://docs.gitlab.com/api/commits/#set-commit-pipeline-status."""
_TOO_LONG = f"is too long (maximum is {LONGEST} characters)"
_NO_URL = "is blocked: Only allowed schemes are http, https"


@dataclass(frozen=True)
class Report:
    """The optional parts of a report; None leaves what there is."""

    name: str
    target_url: str | None
    description: str | None
    coverage: float | None

    def apply(self, status: CommitStatus) -> None:
        """Change a status as reported."""
        status.target_url = self.target_url or status.target_url
        status.description = self.description or status.description
        status.coverage = status.coverage if self.coverage is None else self.coverage

    def complaints(self) -> Iterator[tuple[str, str]]:
        """Yield the attributes that GitLab does not take, with why."""
        if len(self.name) > LONGEST:
            yield "name", _TOO_LONG
        if len(self.description or "") > LONGEST:
            yield "description", _TOO_LONG
        if not re.match("https?://", self.target_url or "http://"):
            yield "target_url", _NO_URL
        if len(self.target_url or "") > LONGEST:
            yield "target_url", _TOO_LONG


def read(asked: Asked) -> Report:
    """Return what the caller reports; refused where it is not acceptable."""
    name = text(asked, "name") or text(asked, "context") or "default"
    url, description = text(asked, "target_url"), text(asked, "description")
    report = Report(name, url, description, _coverage(asked))
    errors: dict[str, list[str]] = {}
    for attribute, complaint in report.complaints():
        errors.setdefault(attribute, []).append(complaint)
    if errors:
        raise invalid(errors)
    return report


def _coverage(asked: Asked) -> float | None:
    value = text(asked, "coverage")
    try:
        return None if value is None else float(value)
    except ValueError:
        raise bad_parameter("coverage is invalid") from None
