"""What a dry run finds out about the setup, before a review is spent on it."""

from collections.abc import Iterator
from dataclasses import dataclass

from .checks import NAME
from .course import Course
from .errors import ForgeError, PermissionMissing
from .model import PullRequest, Target
from .settings import CommentMode, Mode, Settings

_FORGE_TOKENS = ("ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "glcbt-")


@dataclass(frozen=True)
class Finding:
    """Something that was looked at, and what to do about it where it is not right."""

    what: str
    remedy: str = ""


def examine(course: Course, target: Target | None) -> None:
    """Look at what a review would need, and tell each finding with its remedy.

    Asks the forge and no more: QA.tech hears nothing of a dry run.
    """
    for finding in _findings(course, target):
        if finding.remedy:
            course.remark(f"{finding.what} {finding.remedy}")
        else:
            course.ports.log.info(f"Checked: {finding.what}")


def _findings(course: Course, target: Target | None) -> Iterator[Finding]:
    yield token(course.settings)
    if isinstance(target, PullRequest):
        if course.settings.comment is not CommentMode.OFF:
            yield _comment(course, target)
        if course.settings.mode is Mode.PR and course.ports.forge.has_check:
            yield _check(course, target)


def token(settings: Settings) -> Finding:
    """Return what can be told of the API token by its looks; its form is documented nowhere."""
    remedy = "Store an API key from QA.tech's organization settings as a secret, and pass that."
    value = settings.api_token
    if settings.is_sandbox:
        return Finding("The stand-in asks for no token.")
    if not value:
        return Finding("`api-token` is not set.", remedy)
    if value.startswith(_FORGE_TOKENS):
        return Finding("`api-token` looks like a token of the forge, not like QA.tech's.", remedy)
    if set(value) & set("*${}<>"):
        return Finding("`api-token` looks like a placeholder.", remedy)
    return Finding("`api-token` is set; whether QA.tech takes it shows with the first request.")


def _comment(course: Course, target: PullRequest) -> Finding:
    try:
        next(course.ports.forge.comments(target), None)
    except ForgeError as error:
        return _refused(error)
    return Finding(
        "Comments can be read. Whether the token may write one, for which it needs "
        f"{course.ports.forge.comment_right}, cannot be told without writing."
    )


def _check(course: Course, target: PullRequest) -> Finding:
    try:
        check = course.ports.forge.check(target)
    except ForgeError as error:
        return _refused(error)
    if check:
        return Finding(f"QA.tech's check “{NAME}” is there and can be read.")
    return Finding(
        f"QA.tech's check “{NAME}” can be read. The commit has none so far; without it the verdict "
        "rests on the reply."
    )


def _refused(error: ForgeError) -> Finding:
    is_missing = isinstance(error, PermissionMissing)
    usual = "Give the token more permissions." if is_missing else "Try again; see what it says."
    return Finding(error.what, error.remedy or usual)
