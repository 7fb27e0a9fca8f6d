"""How a commit status may change.

A status that has ended never changes: the next report of that name is a new status. So `pending`
after `success` is fine, and what is refused is to report again what a status is already.
Sources: GitLab's `app/services/ci/create_commit_status_service.rb`, `app/models/commit_status.rb`
"""

from datetime import datetime
from http import HTTPStatus

from qatech_ci.before.sandbox.gitlab.delivery import CommitStatus
from qatech_ci.before.sandbox.gitlab.problems import problem

STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
NEW = "created"
_EVENTS = {"pending": "enqueue", "running": "run", "skipped": "skip"}
_REFUSED = {
    ("pending", "pending"),
    ("running", "pending"),
    ("running", "running"),
    ("running", "skipped"),
}


def check(before: str, after: str) -> None:
    """Refuse a change that the state machine does not have."""
    if (before, after) in _REFUSED:
        event = _EVENTS[after]
        reason = f'Status cannot transition via "{event}"'
        message = f"Cannot transition status via :{event} from :{before} (Reason(s): {reason})"
        raise problem(HTTPStatus.BAD_REQUEST, message)


def change(status: CommitStatus, after: str, at: datetime) -> None:
    """Change the status, and note when it began and ended."""
    status.status = after
    if after == "running":
        status.started_at = at
    if after in ("success", "failed", "canceled"):
        status.finished_at = at
