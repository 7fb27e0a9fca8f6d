"""The inputs of the action, read and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .inputs import Inputs, listed
from .model import Verdict

DEFAULT_API_URL = "https://api.qa.tech/v1"
SANDBOX = "sandbox"
ANY = "any"
_LONGEST_RUN = 7200
"""Minutes. Five days, the longest job that GitHub runs (self-hosted runners).

https://docs.github.com/en/actions/reference/limits
"""
_ENDINGS = [it for it in Verdict if it not in (Verdict.STARTED, Verdict.ANSWERED)]


class Mode(StrEnum):
    """What QA.tech is asked to do."""

    PR = "pr"
    RAW_CHANGES = "raw-changes"
    MESSAGE = "message"


class StatusMode(StrEnum):
    """Whether the head commit gets a status. `auto`: where the run's own check is not on it."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class CommentMode(StrEnum):
    """What happens to the comment of an earlier run."""

    UPDATE = "update"
    NEW = "new"
    OFF = "off"


@dataclass(frozen=True)
class Settings:
    """What the user asked for. Times are in seconds."""

    api_token: str = field(repr=False)
    forge_token: str = field(repr=False)
    """For the comment and for looking up the pull request."""
    project: str
    application_overrides: str = field(repr=False)
    deploy_outputs: str = field(repr=False)
    preview_timeout: float
    allowed_preview_hosts: tuple[str, ...]
    context: str
    mode: Mode
    message: str
    conversation: str
    pull_request: str
    wait: bool
    timeout: float
    pass_on: frozenset[Verdict]
    comment: CommentMode
    key: str
    commit_status: StatusMode
    reuse: bool
    dry_run: bool
    api_url: str

    @property
    def is_sandbox(self) -> bool:
        """True where the embedded stand-in answers in QA.tech's place."""
        return self.api_url == SANDBOX


def read_settings(
    values: Mapping[str, str],
    token_input: str = "github-token",  # noqa: S107 - the name of an input
) -> Settings:
    """Return the settings from input names and values; raises `InputError` with every problem.

    `token_input` is the input that holds the forge's token.
    """
    inputs = Inputs(values)
    settings = Settings(
        api_token=inputs.secret("api-token"),
        forge_token=inputs.secret(token_input),
        project=inputs.matching(
            "project",
            r"proj(-[A-Za-z0-9_.~-]+_|_)[A-Za-z0-9_.~-]+",
            "Write a project's short id, such as `proj_aB3xY9`.",
        ),
        application_overrides=inputs.text("application-overrides"),
        deploy_outputs=inputs.text("deploy-outputs"),
        preview_timeout=inputs.minutes("preview-timeout-minutes", "10", _LONGEST_RUN, least=0),
        allowed_preview_hosts=_hosts(inputs),
        context=inputs.text("context"),
        mode=inputs.choice("mode", Mode.PR),
        message=inputs.text("message"),
        conversation=inputs.matching(
            "conversation",
            r"chat(-[A-Za-z0-9_.~-]+_|_)[A-Za-z0-9_.~-]+",
            "Write a conversation's short id, such as `chat_abc123`.",
        ),
        pull_request=inputs.text("pull-request"),
        wait=inputs.flag("wait", "true"),
        timeout=inputs.minutes("timeout-minutes", "30", _LONGEST_RUN),
        pass_on=_pass_on(inputs),
        comment=inputs.choice("comment", CommentMode.UPDATE),
        key=inputs.text("key"),
        commit_status=inputs.choice("commit-status", StatusMode.AUTO),
        reuse=inputs.flag("reuse", "true"),
        dry_run=inputs.flag("dry-run", "false"),
        api_url=_api_url(inputs),
    )
    _check_together(settings, inputs)
    inputs.settle()
    return settings


def _check_together(settings: Settings, inputs: Inputs) -> None:
    """Note what each input by itself is right, but not beside the others."""
    is_message = settings.mode is Mode.MESSAGE
    if not is_message and not settings.application_overrides:
        inputs.problems.append(
            "`application-overrides` is not set. Name at least one application and where it runs, "
            "such as `app_web: https://pr-7.example.com`.",
        )
    if is_message and not settings.message:
        inputs.problems.append("`message` is not set. Write what to say, or another `mode`.")
    for name, value in (("message", settings.message), ("conversation", settings.conversation)):
        if value and not is_message:
            inputs.note(name, value, "It belongs to `mode: message`; set that, or leave it out.")


def _pass_on(inputs: Inputs) -> frozenset[Verdict]:
    words = re.split(r"[\s,]+", inputs.text("pass-on").lower() or "passed, unverified")
    wrong = [word for word in words if word and word not in {ANY, *_ENDINGS}]
    if wrong:
        remedy = f"List verdicts out of {listed([*_ENDINGS])}, or write `{ANY}`."
        inputs.note("pass-on", ", ".join(wrong), remedy)
    return frozenset(verdict for verdict in _ENDINGS if ANY in words or verdict in words)


def _hosts(inputs: Inputs) -> tuple[str, ...]:
    hosts = re.split(r"[\s,]+", inputs.text("allowed-preview-hosts").lower())
    wrong = [host for host in hosts if not re.fullmatch(r"[a-z0-9.*:_-]*", host)]
    if wrong:
        remedy = "List host names without scheme and path, such as `*.example.com`."
        inputs.note("allowed-preview-hosts", ", ".join(wrong), remedy)
    return tuple(host for host in hosts if host)


def _api_url(inputs: Inputs) -> str:
    if inputs.text("api-url") == SANDBOX:
        return SANDBOX
    return inputs.base_url("api-url", DEFAULT_API_URL)
