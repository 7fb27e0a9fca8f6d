"""What keeps a run from going on. What ends one carries the verdict that it comes to."""

from dataclasses import KW_ONLY, dataclass

from .model import Verdict


@dataclass(eq=False)
class ActionError(Exception):
    """We could not go on."""

    what: str  # what happened, and why
    remedy: str = ""  # what to write or do instead
    _: KW_ONLY
    retry_after: float | None = None  # seconds until the same call may be made again, if it may

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class UsageError(ActionError):
    """The inputs, the event or the runner's files are wrong. Not for what a service answered."""


class EventError(UsageError):
    """The event or its payload leads to nothing that could be reviewed."""


class ForgeError(ActionError):
    """GitHub or GitLab failed, refused or could not be reached."""


class PermissionMissing(ForgeError):
    """The forge's token may not do this; the remedy names the permission."""


class NotFound(ForgeError):
    """The forge does not have what was asked for, or hides it from this token."""


class Ended(ActionError):
    """The run ends here, with a verdict."""

    verdict = Verdict.ERROR


class Ignored(Ended):
    """The event asks for no review."""

    verdict = Verdict.IGNORED


class Skipped(Ended):
    """It should have been reviewed and could not be."""

    verdict = Verdict.SKIPPED


class PreviewError(Ended):
    """A preview or its deployment failed or is not allowed. Nothing has been started."""


class PreviewTimeout(Ended):
    """A preview did not come up in time. Nothing has been started."""

    verdict = Verdict.TIMED_OUT


@dataclass(eq=False, kw_only=True)
class QaTechError(Ended):
    """QA.tech failed, refused or could not be reached. Not for what a review found."""

    status: int = 0  # the error status of its answer; 0 where there is no answer


class AnswerLost(QaTechError):
    """The request may have got through; its answer did not, or cannot be read."""


class Interrupted(BaseException):
    """The deadline or a signal. No `Exception`, so that no library takes it for its trouble."""

    def __init__(self, signal: int = 0) -> None:
        told = "The run was cancelled." if signal else "The time was up (`timeout-minutes`)."
        super().__init__(told)
        self.signal = signal  # its number; 0 for the deadline
        self.verdict = Verdict.CANCELLED if signal else Verdict.TIMED_OUT
