"""The inputs of the action, read and checked; every problem among them is told at once."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

from .errors import InputError
from .model import CONVERSATION_ID, Override, Verdict
from .overrides import read_overrides
from .redact import shown_url

DEFAULT_API_URL = "https://api.qa.tech/v1"
SANDBOX = "sandbox"
_LONGEST_RUN = 7200
"""Minutes. Five days, the longest job that GitHub runs (self-hosted runners).

https://docs.github.com/en/actions/reference/limits
"""
_ANY = "any"
_NEVER_JUDGED = (Verdict.STARTED, Verdict.ANSWERED, Verdict.IGNORED)
_PASSING = tuple(it for it in Verdict if it not in _NEVER_JUDGED)
_FORGE_TOKENS = ("ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "glcbt-")
_Choice = TypeVar("_Choice", bound=StrEnum)
_Value = TypeVar("_Value")


class Mode(StrEnum):
    """What QA.tech is asked to do."""

    PR = "pr"
    RAW_CHANGES = "raw-changes"
    MESSAGE = "message"


class CommentMode(StrEnum):
    """What happens to the comment of an earlier run."""

    UPDATE = "update"
    NEW = "new"
    OFF = "off"


class StatusMode(StrEnum):
    """Whether the head commit gets a status. `auto`: where the job is not the thing to require."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True)
class Settings:
    """What the user asked for. Times are in seconds."""

    api_token: str = field(repr=False)
    forge_token: str = field(repr=False)
    project: str
    overrides: tuple[Override, ...] = field(repr=False)
    deploy_outputs: str = field(repr=False)
    context: str
    mode: Mode
    message: str
    conversation: str
    pull_request: str
    wait: bool
    timeout: float
    preview_timeout: float
    pass_on: frozenset[Verdict]
    comment: CommentMode
    key: str
    commit_status: StatusMode
    reuse: bool
    allowed_preview_hosts: tuple[str, ...]
    dry_run: bool
    api_url: str
    shown: Mapping[str, str]
    """The inputs that were set, for people; without those that hold secrets."""

    @property
    def is_sandbox(self) -> bool:
        """Whether the embedded stand-in answers in QA.tech's place."""
        return self.api_url == SANDBOX


NAMES = (
    "api-token",
    "project",
    "application-overrides",
    "deploy-outputs",
    "context",
    "mode",
    "message",
    "conversation",
    "pull-request",
    "wait",
    "timeout-minutes",
    "preview-timeout-minutes",
    "pass-on",
    "comment",
    "key",
    "commit-status",
    "reuse",
    "allowed-preview-hosts",
    "dry-run",
    "api-url",
)
"""The inputs, but for the forge's token."""
_HIDDEN = ("api-token", "application-overrides", "deploy-outputs")


def read_settings(
    values: Mapping[str, str],
    token_name: str,
    no_token: str = "",
    *,
    needs_overrides: bool = True,
) -> Settings:
    """Return the settings from the inputs' names and values; an empty one is not set.

    `token_name` is the input with the forge's token, `no_token` what is wrong where there is
    no `api-token`; empty where the run may lack it, as overrides may be lacking where nothing is
    reviewed. Raises `InputError` with every problem.
    """
    read = _Reader(values)
    settings = Settings(
        api_token=read.secret("api-token"),
        forge_token=read.secret(token_name),
        project=read.matching(
            "project",
            re.compile(r"proj(-[A-Za-z0-9_.~-]+_|_)[A-Za-z0-9_.~-]+"),
            "Write a project's short id, such as `proj_aB3xY9`.",
        ),
        overrides=read.noting((), lambda: read_overrides(read.text("application-overrides"))),
        deploy_outputs=read.text("deploy-outputs"),
        context=read.text("context"),
        mode=read.choice("mode", Mode.PR),
        message=read.text("message"),
        conversation=read.matching(
            "conversation", CONVERSATION_ID, "Write a conversation's short id: `chat_abc123`."
        ),
        pull_request=read.text("pull-request"),
        wait=read.flag("wait", default=True),
        timeout=read.minutes("timeout-minutes", "30", is_zero_allowed=False),
        preview_timeout=read.minutes("preview-timeout-minutes", "10", is_zero_allowed=True),
        pass_on=read.verdicts("pass-on"),
        comment=read.choice("comment", CommentMode.UPDATE),
        key=read.text("key"),
        commit_status=read.choice("commit-status", StatusMode.AUTO),
        reuse=read.flag("reuse", default=True),
        allowed_preview_hosts=read.hosts("allowed-preview-hosts"),
        dry_run=read.flag("dry-run", default=False),
        api_url=read.api_url("api-url"),
        shown={it: read.text(it) for it in NAMES if read.text(it) and it not in _HIDDEN},
    )
    _check_together(settings, read, needs_overrides=needs_overrides)
    is_needed = not settings.is_sandbox and not settings.dry_run
    if no_token and is_needed and not read.text("api-token"):
        read.problems.append(no_token)
    if read.problems:
        raise InputError("\n".join(read.problems))
    return settings


def _check_together(settings: Settings, read: "_Reader", *, needs_overrides: bool) -> None:
    """Note what is right by itself, but not beside the others."""
    is_message = settings.mode is Mode.MESSAGE
    if needs_overrides and not is_message and not read.text("application-overrides"):
        read.problems.append(
            "`application-overrides` is not set, or its expression came out empty. Name at least "
            "one application and where it runs, such as `app_web: https://pr-7.example.com`."
        )
    if is_message and not settings.message:
        read.problems.append("`message` is not set. Write what to say, or another `mode`.")
    for name in ("message", "conversation"):
        if read.text(name) and not is_message:
            read.note(name, "It belongs to `mode: message`; set that, or leave it out.")


def near(word: str, words: Iterable[str]) -> str:
    """Return a hint at the nearest of the words that would be right, or nothing."""
    found = get_close_matches(word, list(words), 1)
    return f"Did you mean `{found[0]}`? " if found else ""


def quoted(value: str, longest: int = 80) -> str:
    """Return a value as a message shows it: on one line, bounded, URLs without secrets."""
    line = " ".join(shown_url(value).split())
    return f"“{line}”" if len(line) <= longest else f"“{line[:longest]}…”"


def listed(words: Iterable[str]) -> str:
    """Return the words as a message lists them."""
    return ", ".join(f"`{word}`" for word in words)


class _Reader:
    """Reads values one by one; one that is wrong is noted, and something of its type returned."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []

    def note(self, name: str, remedy: str) -> None:
        self.problems.append(f"`{name}` is {quoted(self.text(name))}. {remedy}")

    def noting(self, fallback: _Value, read: Callable[[], _Value]) -> _Value:
        try:
            return read()
        except InputError as error:
            self.problems.append(str(error))
            return fallback

    def text(self, name: str) -> str:
        return self._values.get(name, "").strip()

    def secret(self, name: str) -> str:
        """Return a token. What is said of a bad one never shows it."""
        value = self.text(name)
        told = ""
        if value.lower().startswith("bearer"):
            told = "begins with `Bearer`"
        elif value[:1] in {'"', "'"}:
            told = "stands in quotes"
        elif not re.fullmatch(r"[!-~]*", value):
            told = "holds white space or a character that no token has"
        elif name == "api-token" and value.startswith(_FORGE_TOKENS):
            told = "looks like a token of GitHub or GitLab, not like QA.tech's"
        elif set(value) & set("${}<>"):
            told = "looks like a placeholder"
        if not told:
            return value
        self.problems.append(f"`{name}` {told}. Store the token alone as a secret, and pass that.")
        return ""

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if value not in {"", "true", "false"}:
            self.note(name, "Write `true` or `false`.")
        return value == "true" if value else default

    def choice(self, name: str, default: _Choice) -> _Choice:
        kind, value = type(default), self.text(name).lower()
        if not value:
            return default
        if value in list(kind):
            return kind(value)
        self.note(name, f"{near(value, kind)}Write one of {listed(kind)}.")
        return default

    def minutes(self, name: str, default: str, *, is_zero_allowed: bool) -> float:
        value = self.text(name) or default
        number = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else -1.0
        if not 0 <= number <= _LONGEST_RUN or (number == 0 and not is_zero_allowed):
            least = "from 0" if is_zero_allowed else "above 0"
            self.note(name, f"Write a number of minutes {least} and up to {_LONGEST_RUN}.")
        return number * 60

    def matching(self, name: str, pattern: re.Pattern[str], remedy: str) -> str:
        value = self.text(name)
        if value and not pattern.fullmatch(value):
            self.note(name, remedy)
        return value

    def verdicts(self, name: str) -> frozenset[Verdict]:
        value = self.text(name).lower()
        words = [it for it in re.split(r"[\s,]+", value or "passed, unverified") if it]
        wrong = [word for word in words if word not in {_ANY, *_PASSING}]
        if wrong or not words:
            hint = near(wrong[0], [*_PASSING, _ANY]) if wrong else ""
            self.note(name, f"{hint}List verdicts out of {listed(_PASSING)}, or write `{_ANY}`.")
        return frozenset(it for it in _PASSING if _ANY in words or it in words)

    def hosts(self, name: str) -> tuple[str, ...]:
        hosts = [it for it in re.split(r"[\s,]+", self.text(name).lower()) if it]
        if any(not re.fullmatch(r"\[?[a-z0-9.*:_-]+\]?", host) for host in hosts):
            self.note(name, "List host names without scheme and path, such as `*.example.com`.")
        return tuple(host.strip("[]") for host in hosts)

    def api_url(self, name: str) -> str:
        value = self.text(name) or DEFAULT_API_URL
        if value.lower() == SANDBOX:
            return SANDBOX
        if not _may_get_token(value):
            remedy = f"Write an https URL without user info, query and fragment: {DEFAULT_API_URL}."
            hint = near(value.lower(), [SANDBOX]) if "/" not in value else ""
            self.note(name, f"{hint}{remedy} (http is accepted on loopback only.)")
        return value.rstrip("/")


def _may_get_token(url: str) -> bool:
    """Tell whether a token may be sent there: https, or http on loopback, and nothing hidden."""
    if not re.fullmatch(r"https?://[!-~]+", url) or set(url) & set("?#@\\"):
        return False
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and (parts.scheme == "https" or is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    """Tell whether a host is the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
