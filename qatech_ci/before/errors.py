"""What can keep a run from finding out how the review ended.

A failed, unverified, timed out or cancelled review is a verdict, not an error.

    ActionError
    ├── UsageError              the inputs, the event or the permissions are wrong: exit code 2
    │   ├── InputError          an input cannot be used as it was written
    │   ├── EventError          the event or its payload does not lead to a pull request
    │   └── RunnerError         a file that the runner names cannot be read or written
    ├── ReviewerError           QA.tech failed, refused or could not be reached: verdict `error`
    │   ├── ReviewerUnreachable the request did not get through, so nothing has started
    │   ├── AnswerLost          the request may have got through, its answer did not
    │   ├── AnswerUnreadable    an answer came that is not what the API documents
    │   └── ReviewerRefusal     an answer with an error status
    │       ├── RequestInvalid          400
    │       ├── TokenRejected           401
    │       ├── AccessDenied            403
    │       ├── ConversationNotFound    404
    │       ├── TooManyRequests         429
    │       └── ReviewerBroken          5xx
    ├── PreviewError            a preview failed or is not allowed: verdict `error`
    │   └── PreviewTimeout      a preview did not come up in time: verdict `timed-out`
    └── ForgeError              the forge (GitHub) failed, refused or could not be reached
        ├── PermissionMissing   the forge's token may not do this
        └── NotOnForge          the forge does not have this
"""

from http import HTTPStatus


class ActionError(Exception):
    """We could not find out. Says what happened and what to do about it.

    `what` names the input, permission or service at fault and shows the offending part; `remedy`
    says what to write or do instead.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class UsageError(ActionError):
    """The inputs, the event or the permissions are wrong. Not for anything a service answered."""


class InputError(UsageError):
    """One or more inputs cannot be used as they were written; all of them are named at once."""


class EventError(UsageError):
    """The event or its payload does not lead to a pull request."""


class RunnerError(UsageError):
    """A file that the runner names in the environment cannot be read or written."""


class PreviewError(ActionError):
    """A preview failed or is not allowed. Nothing has been started.

    Not `skipped`: whoever lets runs without secrets pass does not mean broken previews.
    """


class PreviewTimeout(PreviewError):
    """A preview did not come up in time. Nothing has been started."""


class ReviewerError(ActionError):
    """QA.tech failed, refused or could not be reached. Not for what a review found."""

    may_have_started = False
    """True where a request that starts a review may have done so: repeating it could double it."""


class ReviewerUnreachable(ReviewerError):
    """No request got through, so no review has been started."""


class AnswerLost(ReviewerError):
    """The request may have got through and its answer was lost."""

    may_have_started = True


class AnswerUnreadable(ReviewerError):
    """QA.tech answered with something other than the API documents."""


class ReviewerRefusal(ReviewerError):
    """QA.tech answered with an error status. `status` is the HTTP status."""

    asked_delay = 0.0
    """Seconds that the answer asks to wait before another request (`Retry-After`)."""

    def __init__(self, what: str, remedy: str, status: int) -> None:
        super().__init__(what, remedy)
        self.status = status


class RequestInvalid(ReviewerRefusal):
    """400: QA.tech found the request's body invalid."""


class TokenRejected(ReviewerRefusal):
    """401: the API token is missing or not valid."""


class AccessDenied(ReviewerRefusal):
    """403: the token is not valid here or the organization is suspended."""


class ConversationNotFound(ReviewerRefusal):
    """404: QA.tech does not know the conversation or the project."""


class TooManyRequests(ReviewerRefusal):
    """429: not documented, yet any service behind a proxy may answer it."""


class ReviewerBroken(ReviewerRefusal):
    """5xx: QA.tech failed."""


_REFUSALS: dict[int, tuple[type[ReviewerRefusal], str]] = {
    HTTPStatus.BAD_REQUEST: (
        RequestInvalid,
        "Check `application-overrides`, `project` and `context` against the message.",
    ),
    HTTPStatus.UNAUTHORIZED: (
        TokenRejected,
        "Check that `api-token` holds a QA.tech API token that has not been revoked.",
    ),
    HTTPStatus.FORBIDDEN: (
        AccessDenied,
        "Check that the token belongs to this project and that the organization is active.",
    ),
    HTTPStatus.NOT_FOUND: (
        ConversationNotFound,
        "Check `project` and the short ids, and that the token may see them.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        TooManyRequests,
        "Start fewer reviews at the same time, or run the job again later.",
    ),
}
_BROKEN = (ReviewerBroken, "Run the job again later.")


def refusal(status: int, call: str, message: str) -> ReviewerRefusal:
    """Return the error for an answer with `status` to `call`, with the service's `message`.

    Source: the table "Error Responses" of QA.tech's Chat API page.
    """
    kind, remedy = _REFUSALS.get(
        status,
        _BROKEN
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR
        else (ReviewerRefusal, "Check `api-url`."),
    )
    told = message.rstrip(". ")
    return kind(f"QA.tech answered {call} with {status}: {told}.", remedy, status)


class ForgeError(ActionError):
    """The forge failed, refused or could not be reached. Never changes a verdict."""


class PermissionMissing(ForgeError):
    """The forge's token may not do this; the remedy names the permission."""


class NotOnForge(ForgeError):
    """The forge does not have what was asked for, or hides it from this token."""


class Cancelled(BaseException):
    """The run was told to end. Raised by the signal handler, in whatever the run was doing.

    Not an `Exception`, so that nothing which tolerates trouble takes it for trouble. `signal` is
    the number of the signal.
    """

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal
