"""What cannot be reviewed, and why."""

from .errors import InputError
from .model import PullRequest, Target
from .settings import Mode, Settings
from .target import Event, is_dependabot

NO_SECRETS = (
    "The run has no `api-token`: GitHub gives no secrets to pull requests from forks and from "
    "Dependabot. Ways out: run on `workflow_run`, or on `pull_request_target` behind a label and "
    "without a checkout; or add `skipped` to `pass-on`."
)


def reason_to_skip(settings: Settings, event: Event, target: Target | None) -> str:
    """Return why nothing can be reviewed, or nothing where it can.

    Raises `InputError` where a token is missing that could be there. Forks and Dependabot get no
    secrets on `pull_request`, so nobody can mend that in the step:
    https://docs.github.com/en/actions/security-for-github-actions/security-guides/using-secrets-in-github-actions
    """
    is_review = settings.mode is not Mode.MESSAGE
    if is_review and isinstance(target, PullRequest) and not target.is_open:
        return "The pull request is closed."
    if settings.api_token or settings.is_sandbox or settings.dry_run:
        return ""
    if (isinstance(target, PullRequest) and target.from_fork) or is_dependabot(event):
        return NO_SECRETS
    raise InputError(
        "`api-token` is not set.",
        "Write `api-token: ${{ secrets.QATECH_API_TOKEN }}` and store the token as that "
        "secret, or try the step without one: `api-url: sandbox`.",
    )
