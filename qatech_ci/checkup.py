"""What a dry run finds out about the setup, before a review is spent on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .checks import NAME
from .course import Course
from .errors import ForgeError, NotOnForge, PermissionMissing
from .model import PullRequest, Target
from .settings import CommentMode, Mode, Settings

_NO_COMMENT = 0
"""No comment has this number, so that writing it anew has no effect but to show what is allowed."""
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
        if course.settings.mode is Mode.PR:
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
    forge = course.ports.forge
    refusal = _refusal(lambda: forge.edit_comment(target, _NO_COMMENT, "A check of permissions."))
    return refusal or Finding("The forge's token may write the comment.")


def _check(course: Course, target: PullRequest) -> Finding:
    refusal = _refusal(lambda: course.ports.forge.check(target))
    if refusal:
        return refusal
    if course.ports.forge.check(target):
        return Finding(f"QA.tech's check “{NAME}” is there and can be read.")
    return Finding(
        f"QA.tech's check “{NAME}” can be read. The commit has none so far; without it the verdict "
        "rests on the reply."
    )


def _refusal(call: Callable[[], object]) -> Finding | None:
    """Return why a call is refused; that there is nothing to be found is no refusal."""
    try:
        call()
    except NotOnForge:
        return None
    except PermissionMissing as error:
        return Finding(error.what, error.remedy or "Give the token more permissions.")
    except ForgeError as error:
        return Finding(error.what, error.remedy or "Try again; the forge may be out of order.")
    return None
