"""What cannot be reviewed, and why."""

from .model import PullRequest, Target
from .ports import Trigger
from .settings import Mode, Settings


def reason_to_skip(settings: Settings, trigger: Trigger, target: Target | None) -> str:
    """Return why nothing can be reviewed, or nothing where it can.

    Raises `InputError` where a token is missing that could be there.
    """
    is_review = settings.mode is not Mode.MESSAGE
    if is_review and isinstance(target, PullRequest) and not target.is_open:
        return "The pull request is closed."
    if settings.api_token or settings.is_sandbox or settings.dry_run:
        return ""
    return trigger.why_without_token(target)
