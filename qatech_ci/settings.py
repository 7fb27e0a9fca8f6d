"""The inputs of the action, read and checked; every problem among them is told at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from typing import Any, Literal, get_args

from .errors import UsageError
from .http.session import http_url
from .model import CONVERSATION_ID, Override, Verdict
from .overrides import read_overrides
from .redact import listed, near, quoted

DEFAULT_API_URL = "https://api.qa.tech/v1"
SANDBOX = "sandbox"
_LONGEST_RUN = 7200  # minutes: five days, https://docs.github.com/en/actions/reference/limits
_ANY = "any"
_NEVER_JUDGED = (Verdict.STARTED, Verdict.ANSWERED, Verdict.IGNORED)
_PASSING = tuple(it for it in Verdict if it not in _NEVER_JUDGED)
_PROJECT = re.compile(r"proj(-[A-Za-z0-9_.~-]+_|_)[A-Za-z0-9_.~-]+")
_FORGE_TOKEN = r"gh[posu]_|github_pat_|glpat-|glcbt-"  # noqa: S105 - how one begins
_NO_TOKENS = {
    r"(?i)bearer": "begins with `Bearer`",
    r"[\"']": "stands in quotes",
    r"[!-~]*[^!-~]": "holds white space or a character that no token has",
    _FORGE_TOKEN: "looks like a token of GitHub or GitLab, not like QA.tech's",
    r".*[${}<>]": "looks like a placeholder",
}
_UNSET = (
    "`api-token` is not set. Write `api-token: ${{ secrets.QATECH_API_TOKEN }}` and store the "
    "token as that secret (on GitLab: as the masked CI/CD variable `QATECH_API_TOKEN`; a protected "
    "one reaches pipelines of protected branches only), or try without one: `api-url: sandbox`."
)


Mode = Literal["pr", "raw-changes", "message"]
CommentMode = Literal["update", "new", "off"]
StatusMode = Literal["auto", "on", "off"]


@dataclass(frozen=True)
class Settings:
    """What the user asked for, by the names of the inputs."""

    api_token: str = field(repr=False)
    forge_token: str = field(repr=False)
    project: str
    application_overrides: tuple[Override, ...] = field(repr=False)
    deploy_outputs: str = field(repr=False)
    context: str
    mode: Mode
    message: str
    conversation: str
    pull_request: str
    wait: bool
    timeout_minutes: float
    preview_timeout_minutes: float
    pass_on: frozenset[Verdict]
    comment: CommentMode
    key: str
    commit_status: StatusMode
    reuse: bool
    allowed_preview_hosts: tuple[str, ...]
    dry_run: bool
    api_url: str
    shown: Mapping[str, str] = field(default_factory=dict)  # for people; without secrets

    @property
    def is_sandbox(self) -> bool:
        """Whether the embedded stand-in answers in QA.tech's place."""
        return self.api_url == SANDBOX


NAMES = tuple(
    it.name.replace("_", "-") for it in fields(Settings) if it.name not in {"forge_token", "shown"}
)
"""The inputs, but for the forge's token."""
_HIDDEN = ("api-token", "application-overrides", "deploy-outputs")


def read_settings(
    values: Mapping[str, str], token_name: str, *, is_reviewed: bool = True
) -> Settings:
    """Return the settings from the inputs' names and values; an empty one is not set.

    `token_name` is the input with the forge's token. Where nothing is reviewed, `api-token` and
    overrides may be lacking. Raises `UsageError` with every problem.
    """
    read = _Reader(values)
    settings = Settings(
        api_token=read.secret("api-token"),
        forge_token=read.secret(token_name),
        project=read.matching("project", _PROJECT, "a project's short id, such as `proj_aB3xY9`"),
        application_overrides=read.overrides("application-overrides"),
        deploy_outputs=read.text("deploy-outputs"),
        context=read.text("context"),
        mode=read.choice("mode", Mode),
        message=read.text("message"),
        conversation=read.matching(
            "conversation", CONVERSATION_ID, "a conversation's short id: `chat_abc123`"
        ),
        pull_request=read.text("pull-request"),
        wait=read.flag("wait", default=True),
        timeout_minutes=read.minutes("timeout-minutes", "30", is_zero_allowed=False),
        preview_timeout_minutes=read.minutes("preview-timeout-minutes", "10", is_zero_allowed=True),
        pass_on=read.verdicts("pass-on"),
        comment=read.choice("comment", CommentMode),
        key=read.text("key"),
        commit_status=read.choice("commit-status", StatusMode),
        reuse=read.flag("reuse", default=True),
        allowed_preview_hosts=read.hosts("allowed-preview-hosts"),
        dry_run=read.flag("dry-run", default=False),
        api_url=read.api_url("api-url"),
        shown={it: read.text(it) for it in NAMES if read.text(it) and it not in _HIDDEN},
    )
    read.check_together(settings, is_reviewed=is_reviewed)
    if read.problems:
        raise UsageError("\n".join(read.problems))
    return settings


class _Reader:
    """Reads values one by one; one that is wrong is noted, and something of its type returned."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []

    def note(self, name: str, remedy: str) -> None:
        self.problems.append(f"`{name}` is {quoted(self.text(name))}. {remedy}")

    def text(self, name: str) -> str:
        return self._values.get(name, "").strip()

    def check_together(self, settings: Settings, *, is_reviewed: bool) -> None:
        """Note what is right by itself, but not beside the others."""
        is_message = settings.mode == "message"
        if is_reviewed and not is_message and not self.text("application-overrides"):
            self.problems.append(
                "`application-overrides` is not set, or its expression came out empty. Name at "
                "least one application and where it runs, such as `app_web: "
                "https://pr-7.example.com`."
            )
        if is_message and not settings.message:
            self.problems.append("`message` is not set. Write what to say, or another `mode`.")
        for name in ("message", "conversation"):
            if self.text(name) and not is_message:
                self.note(name, "It belongs to `mode: message`; set that, or leave it out.")
        needs_token = is_reviewed and not settings.is_sandbox and not settings.dry_run
        if needs_token and not self.text("api-token"):
            self.problems.append(_UNSET)

    def overrides(self, name: str) -> tuple[Override, ...]:
        try:
            return read_overrides(self.text(name))
        except UsageError as error:
            self.problems.append(str(error))
            return ()

    def secret(self, name: str) -> str:
        """Return a token. What is said of a bad one never shows it."""
        value = self.text(name)
        for pattern, told in _NO_TOKENS.items():
            if re.match(pattern, value) and (name == "api-token" or pattern != _FORGE_TOKEN):
                self.problems.append(
                    f"`{name}` {told}. Store the token alone as a secret, and pass that."
                )
                return ""
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if value not in {"", "true", "false"}:
            self.note(name, "Write `true` or `false`.")
        return value == "true" if value else default

    def choice(self, name: str, kind: Any) -> Any:  # noqa: ANN401 - a `Literal` and one of its words
        """Return one of the words; the first is the default."""
        words, value = get_args(kind), self.text(name).lower()
        if value and value not in words:
            self.note(name, f"{near(value, words)}Write one of {listed(words)}.")
        return value if value in words else words[0]

    def minutes(self, name: str, default: str, *, is_zero_allowed: bool) -> float:
        value = self.text(name) or default
        number = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else -1.0
        if not 0 <= number <= _LONGEST_RUN or (number == 0 and not is_zero_allowed):
            least = "from 0" if is_zero_allowed else "above 0"
            self.note(name, f"Write a number of minutes {least} and up to {_LONGEST_RUN}.")
        return number

    def matching(self, name: str, pattern: re.Pattern[str], right: str) -> str:
        value = self.text(name)
        if value and not pattern.fullmatch(value):
            self.note(name, f"Write {right}.")
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
    parts = http_url(url)
    if parts is None or set(url) & set("?#@"):
        return False
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Tell whether a host is the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
