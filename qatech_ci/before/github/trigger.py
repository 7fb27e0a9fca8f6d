"""What a workflow's event tells of what is under review."""

from collections.abc import Mapping

from qatech_ci.before.command import command_in
from qatech_ci.before.errors import InputError
from qatech_ci.before.model import Command, Found, PullRequest, Target
from qatech_ci.before.ports import Deployed, Run
from qatech_ci.before.target import VERCEL_READY, Event, find, is_dependabot

NO_SECRETS = (
    "The run has no `api-token`: GitHub gives no secrets to pull requests from forks and from "
    "Dependabot. Ways out: run on `workflow_run`, or on `pull_request_target` behind a label and "
    "without a checkout; or add `skipped` to `pass-on`."
)
_DETACHED = (
    "issue_comment",
    "repository_dispatch",
    "schedule",
    "workflow_dispatch",
    "workflow_run",
)
"""Events whose runs belong to the default branch, whatever pull request they are about."""


class WorkflowEvent:
    """Implements the port `Trigger`."""

    def __init__(self, event: Event, run: Run) -> None:
        self._event = event
        self._run = run

    @property
    def is_comment(self) -> bool:
        """True on `issue_comment`."""
        return self._event.name == "issue_comment"

    def command(self) -> Command | None:
        """Return the command in the comment; raises `EventError`."""
        return command_in(self._event)

    def find(self, requested: str, *, accepts_range: bool) -> Found:
        """Return what the input or the payload names; raises `InputError` and `EventError`."""
        return find(self._event, requested, accepts_range=accepts_range)

    def deployed(self, target: Target) -> Deployed | None:
        """Return the preview that a deployment's event is about, if it is of the commit."""
        if self._event.name == "deployment_status":
            return _from_status(self._event, target)
        if self._event.payload.get("action") in VERCEL_READY:
            return _from_vercel(self._event, target)
        return None

    def shows_on(self, target: Target) -> bool:
        """Return whether the check of the run is attached to the head commit."""
        return self._event.name not in _DETACHED or self._run.sha == target.head_sha

    def why_without_token(self, target: Target | None) -> str:
        """Return that forks and Dependabot get no secrets; otherwise raises `InputError`.

        https://docs.github.com/en/actions/security-for-github-actions/security-guides/using-secrets-in-github-actions
        """
        is_from_fork = isinstance(target, PullRequest) and target.from_fork
        if is_from_fork or is_dependabot(self._event):
            return NO_SECRETS
        raise InputError(
            "`api-token` is not set.",
            "Write `api-token: ${{ secrets.QATECH_API_TOKEN }}` and store the token as that "
            "secret, or try the step without one: `api-url: sandbox`.",
        )


def _from_status(event: Event, target: Target) -> Deployed | None:
    status = _part(event.payload, "deployment_status")
    deployment = _part(event.payload, "deployment")
    # Older senders put the URL into target_url; with a state other than success that is the log.
    url = status.get("environment_url") or status.get("target_url")
    is_ours = deployment.get("sha") == target.head_sha and status.get("state") == "success"
    return _deployed(event, (str(deployment.get("environment")),), str(url or "") * is_ours)


def _from_vercel(event: Event, target: Target) -> Deployed | None:
    """https://vercel.com/docs/git/vercel-for-github#repository-dispatch-events."""
    client = _part(event.payload, "client_payload")
    environment, project = str(client.get("environment")), str(_part(client, "project").get("name"))
    url = str(client.get("url") or "")
    whole = url if "://" in url or not url else f"https://{url}"
    is_ours = _part(client, "git").get("sha") == target.head_sha
    names = (f"{environment} - {project}", environment, project)
    return _deployed(event, names, whole * is_ours)


def _deployed(event: Event, names: tuple[str, ...], url: str) -> Deployed | None:
    why = f"the event `{event.name}` about “{names[0]}”"
    return Deployed(names, url, why) if url else None


def _part(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}
