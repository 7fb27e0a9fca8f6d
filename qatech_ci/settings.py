"""The inputs of the action, read and checked; every problem among them is told at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from typing import Any, Literal, get_args, get_origin

from .errors import UsageError
from .http.session import http_url
from .model import CONVERSATION_ID, Override, Verdict
from .overrides import read_overrides
from .redact import listed, near, quoted

DEFAULT_API_URL = "https://api.qa.tech/v1"
SANDBOX = "sandbox"
_FLAGS = {"wait": True, "reuse": True, "dry-run": False}
_MINUTES = r"[0-9]{1,4}(\.[0-9]{1,9})?"
_FORMS = {
    **dict.fromkeys(_FLAGS, ("(?i)true|false", "Write `true` or `false`.")),
    "project": (
        r"proj(-[A-Za-z0-9_.~-]+_|_)[A-Za-z0-9_.~-]+",
        "Write a project's short id, such as `proj_aB3xY9`.",
    ),
    "conversation": (CONVERSATION_ID.pattern, "Write a conversation's short id: `chat_abc123`."),
    "timeout-minutes": (
        rf"(?=.*[1-9]){_MINUTES}",
        "Write a number of minutes above 0 and below 10000.",
    ),
    "preview-timeout-minutes": (_MINUTES, "Write a number of minutes from 0 and below 10000."),
    "allowed-preview-hosts": (
        r"[\s,]*((?=[^\s,]*[A-Za-z0-9*])[A-Za-z0-9.*?!:_\[\]-]+([\s,]+|$))*",
        "List host names without scheme and path, such as `*.example.com`.",
    ),
}
"""What an input looks like, and what to write where it does not."""
_ANY = "any"
_LISTABLE = tuple(it for it in Verdict if it not in {"started", "answered", "ignored"})
_FORGE_TOKEN = r"gh[posu]_|github_pat_|glpat-|glcbt-"  # noqa: S105 - how one begins
_NO_TOKENS = {
    r"(?i)bearer": "begins with `Bearer`",
    r"[\"']": "stands in quotes",
    r"[!-~]*[^!-~]": "holds white space or a character that no token has",
    _FORGE_TOKEN: "looks like a token of GitHub or GitLab, not like QA.tech's",
    r".*[${}<>]": "looks like a placeholder",
}
_NO_OVERRIDES = (
    "`application-overrides` is not set, or its expression came out empty. Name at least one "
    "application and where it runs, such as `app_web: https://pr-7.example.com`."
)
_UNSET = (
    "`api-token` is not set. Write `api-token: ${{ secrets.QATECH_API_TOKEN }}` and store the "
    "token as that secret (on GitLab: as the masked CI/CD variable `QATECH_API_TOKEN`; a protected "
    "one reaches pipelines of protected branches only), or try without one: `api-url: sandbox`."
)


@dataclass(frozen=True)
class Settings:
    """What the user asked for, by the names of the inputs."""

    api_token: str = field(repr=False)
    forge_token: str = field(repr=False)
    project: str
    application_overrides: tuple[Override, ...] = field(repr=False)
    deploy_outputs: str = field(repr=False)
    context: str
    mode: Literal["pr", "raw-changes", "message"]  # the first is the default, here and below
    message: str
    conversation: str
    pull_request: str
    wait: bool
    timeout_minutes: float
    preview_timeout_minutes: float
    pass_on: frozenset[Verdict]
    comment: Literal["update", "new", "off"]
    key: str
    commit_status: Literal["auto", "on", "off"]
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
CHOICES = {
    it.name.replace("_", "-"): get_args(it.type)
    for it in fields(Settings)
    if get_origin(it.type) is Literal
}
"""The words of an input; the first is the default."""
_HIDDEN = ("api-token", "application-overrides", "deploy-outputs")


def read_settings(
    values: Mapping[str, str], token_name: str, *, is_reviewed: bool = True
) -> Settings:
    """Return the settings from the inputs' names and values; an empty one is not set.

    `token_name` is the input with the forge's token. Where nothing is reviewed, `api-token` and
    overrides may be lacking. Raises `UsageError` with every problem.
    """
    given = {name: values.get(name, "").strip() for name in (*NAMES, token_name)}
    chosen: dict[str, Any] = {it: given[it].lower() or words[0] for it, words in CHOICES.items()}
    chosen |= {it: (given[it] or str(default)).lower() == "true" for it, default in _FLAGS.items()}
    api_url = (given["api-url"] or DEFAULT_API_URL).rstrip("/")
    api_url = SANDBOX if api_url.lower() == SANDBOX else api_url
    problems = [*_bad_tokens(given, token_name), *_bad_forms(given, api_url)]
    overrides: tuple[Override, ...] = ()
    try:
        overrides = read_overrides(given["application-overrides"])
    except UsageError as error:
        problems.append(str(error))
    if chosen["mode"] == "message":
        if not given["message"]:
            problems.append("`message` is not set. Write what to say, or another `mode`.")
    else:
        remedy = "It belongs to `mode: message`; set that, or leave it out."
        problems += [_wrong(given, it, remedy) for it in ("message", "conversation") if given[it]]
        if is_reviewed and not given["application-overrides"]:
            problems.append(_NO_OVERRIDES)
    if is_reviewed and api_url != SANDBOX and not (chosen["dry-run"] or given["api-token"]):
        problems.append(_UNSET)
    if problems:
        raise UsageError("\n".join(problems))
    pass_on = _words(given["pass-on"]) or [Verdict.PASSED, Verdict.UNVERIFIED]
    hosts = [it.strip("[]") if ":" in it else it for it in _words(given["allowed-preview-hosts"])]
    chosen |= {
        "forge-token": given.pop(token_name),
        "application-overrides": overrides,
        "timeout-minutes": float(given["timeout-minutes"] or 30),
        "preview-timeout-minutes": float(given["preview-timeout-minutes"] or 10),
        "pass-on": frozenset(it for it in _LISTABLE if _ANY in pass_on or it in pass_on),
        "allowed-preview-hosts": tuple(hosts),
        "api-url": api_url,
        "shown": {it: given[it] for it in NAMES if given[it] and it not in _HIDDEN},
    }
    return Settings(**{it.replace("-", "_"): value for it, value in (given | chosen).items()})


def is_loopback(host: str) -> bool:
    """Tell whether a host is the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(text: str) -> list[str]:
    return [it for it in re.split(r"[\s,]+", text.lower()) if it]


def _wrong(given: Mapping[str, str], name: str, remedy: str) -> str:
    return f"`{name}` is {quoted(given[name])}. {remedy}"


def _bad_tokens(given: Mapping[str, str], token_name: str) -> Iterator[str]:
    """Yield what is wrong with the tokens, without showing them."""
    for name in ("api-token", token_name):
        for pattern, told in _NO_TOKENS.items():
            if re.match(pattern, given[name]) and (name == "api-token" or pattern != _FORGE_TOKEN):
                yield f"`{name}` {told}. Store the token alone as a secret, and pass that."
                break


def _bad_forms(given: Mapping[str, str], api_url: str) -> Iterator[str]:
    """Yield what is wrong with each input by itself."""
    for name, words in CHOICES.items():
        if given[name].lower() not in {"", *words}:
            hint = near(given[name].lower(), words)
            yield _wrong(given, name, f"{hint}Write one of {listed(words)}.")
    for name, (pattern, remedy) in _FORMS.items():
        if given[name] and not re.fullmatch(pattern, given[name]):
            yield _wrong(given, name, remedy)
    known, asked = (*_LISTABLE, _ANY), given["pass-on"]
    if wrong := [it for it in _words(asked) or [asked] if it not in {"", *known}]:
        told = (
            f"{near(wrong[0], known)}List verdicts out of {listed(_LISTABLE)}, or write `{_ANY}`."
        )
        yield _wrong(given, "pass-on", told)
    if api_url != SANDBOX and not _may_get_token(api_url):
        hint = near(api_url.lower(), [SANDBOX]) if "/" not in api_url else ""
        remedy = f"Write an https URL without user info, query and fragment: {DEFAULT_API_URL}."
        yield _wrong(given, "api-url", f"{hint}{remedy} (http is accepted on loopback only.)")


def _may_get_token(url: str) -> bool:
    """Tell whether a token may be sent there: https, or http on loopback, and nothing hidden."""
    parts = http_url(url)
    if parts is None or set(url) & set("?#@"):
        return False
    return parts.scheme == "https" or is_loopback(parts.hostname or "")
