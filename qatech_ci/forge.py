"""What the story asks of GitHub and GitLab alike: the event, the forge, and the job that runs."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from functools import wraps
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar, Protocol, TextIO, TypeVar, cast

from .errors import EventError, ForgeError, Ignored, Skipped, UsageError
from .http.deadline import Deadline
from .http.session import asked_delay, retried, why_unreachable
from .model import Changes, Check, Comment, Deployment, PullRequest, Run
from .redact import Secrets, quoted, visible

SHA = r"[0-9a-f]{40}|[0-9a-f]{64}"
NUMBER = r"[1-9][0-9]{0,9}"
STATE_MARK = "<!-- qatech-ci "  # begins the signed state of a comment
_LONGEST = 60.0  # seconds that a call may take, with all pages of a list, or a rate limit last
_LARGEST_DIFF = 200_000  # characters; a reviewer reads no more with profit
_Method = TypeVar("_Method", bound=Callable[..., Any])


@dataclass(frozen=True)
class Reference:
    """A pull request, by its number or by the commit that is its head."""

    repository: str
    number: int = 0  # 0 where only the commit is known
    head_sha: str = ""  # the commit that the event names, if it does
    branch: str = ""  # owner and branch, as in `mona:fix`, where the commit may be in a fork
    failure: tuple[str, str] | None = None  # what failed before the review, with a remedy


@dataclass(frozen=True)
class Deployed:
    """A preview that the event itself brings."""

    environments: tuple[str, ...]  # each name of its environment
    url: str  # may be empty where it is not up
    shas: Collection[str]  # the commits that it shows
    found: str  # how, in words
    is_cause: bool  # whether the event is about this deployment


class Event(Protocol):
    """What started the run."""

    @property
    def command(self) -> str | None:
        """The words of the comment command, which ask for another review; None without one."""

    @property
    def is_untrusted(self) -> bool:
        """Whether the run may lack secrets through nobody's fault: a fork's or Dependabot's."""

    def wants_status(self, target: PullRequest) -> bool:
        """Tell whether the head gets a status, as the job cannot be the thing to require."""

    @property
    def deployed(self) -> Deployed | None:
        """The preview that the event brings, if it does."""

    def subject(self, asked: str) -> Reference:
        """Return what the input `pull-request`, else the event, names; asks nobody.

        Raises `UsageError` where nothing is named, `Ignored` where no review is asked for.
        """


class Forge(Protocol):
    """GitHub or GitLab. Every call raises a `ForgeError` where it fails."""

    name: ClassVar[str]
    deadline: Deadline
    date: datetime  # the forge's own time, of its last answer about a pull request
    _token: str
    _event: Event

    def __init__(self, token: str, event: Event, deadline: Deadline) -> None:
        self._token, self._event = token, event
        self.deadline, self.date = deadline, deadline.clock.now()
        self.renew()

    def renew(self) -> None:
        """Forget connections, which a signal may have left half used."""

    def allow(self) -> None:
        """Raise `Ignored` where the author of a command may not write."""

    def acknowledge(self) -> None:
        """Show the author of a command that it was understood."""

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it stands."""

    def open_pull_requests(self, commit: Reference) -> list[tuple[int, str]]:
        """Return number and head of the open pull requests that have a commit."""

    def comments(self, target: PullRequest) -> list[Comment]:
        """Return the comments, oldest first."""

    def comment(self, target: PullRequest, number: int) -> Comment:
        """Return a comment as it stands; raises `NotFound` where it has been deleted."""

    def create_comment(self, target: PullRequest, body: str) -> Comment:
        """Write a comment, at most once."""

    def edit_comment(self, target: PullRequest, number: int, body: str) -> None:
        """Write a comment anew."""

    def delete_comment(self, target: PullRequest, number: int) -> None:
        """Delete a comment."""

    def qatech_check(self, target: PullRequest, since: datetime) -> Check:
        """Return what QA.tech's App says of the head commit since a time of the forge's clock."""

    def set_status(
        self, target: PullRequest, state: str, context: str, description: str, url: str
    ) -> None:
        """Set a status on the head commit; `state` is a word of GitHub's, `url` may be empty."""

    def deployments(self, target: PullRequest, patterns: Collection[str]) -> list[Deployment]:
        """Return the deployments of the head commit, with states where a pattern matches."""

    def changes(self, target: PullRequest) -> Changes:
        """Return description and diff, as git writes it with renames and modes, cut to a bound."""

    def _answered(self, error: Exception) -> tuple[int, str, Mapping[str, str]] | None:
        """Return status, message and headers where the library's error is the forge's answer."""

    def _refused(self, status: int, permission: str) -> tuple[type[ForgeError], str]:
        """Return the error for a status, and its remedy."""

    def _take_date(self, header: str | None) -> None:
        try:
            self.date = parsedate_to_datetime(header or "").astimezone(UTC)
        except ValueError:
            self.date = self.deadline.clock.now()

    def translated(self, what: str, permission: str, error: Exception) -> ForgeError:
        """Return what a call's error says of the forge; `permission` is what the call takes."""
        if isinstance(error, ForgeError):
            return error
        answer = self._answered(error)
        if answer is None and isinstance(error, OSError):
            why, remedy = why_unreachable(error)
            told = f"{self.name} could not be reached for {what}: {why}."
            return ForgeError(told, remedy, retry_after=None if remedy else 0.0)
        if answer is None:
            told = f"{self.name}'s answer for {what} cannot be read: {type(error).__name__}."
            return ForgeError(told, "Check `GITHUB_API_URL` or `CI_API_V4_URL`.")
        status, words, headers = answer
        message = " ".join((words or "no message").split()).rstrip(".")[:300]
        told = f"{self.name} answered for {what} with {status}: {message}."
        # GitHub answers 403 for a rate limit, too, as for a missing permission:
        # https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
        is_used_up = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
        if status == 429 or (status == 403 and (is_used_up or "rate limit" in message.lower())):
            delay = asked_delay(headers.get("retry-after"))
            is_short = delay is not None and delay <= _LONGEST
            remedy = "The token's rate limit is used up; run the job again later."
            return ForgeError(told, remedy, retry_after=delay if is_short else None)
        kind, remedy = self._refused(status, permission)
        is_temporary = status >= 500 or status == 409
        return kind(told, remedy, retry_after=0.0 if is_temporary else None)


def asks(what: str, permission: str, *, attempts: int = 3) -> Callable[[_Method], _Method]:
    """Bound what a method asks of its forge, tell its errors, and call it again where that helps.

    `what` is said of it in messages, with the method's arguments by number.
    """

    def decorated(method: _Method) -> _Method:
        @wraps(method)
        def bounded(forge: Forge, *args: object) -> object:
            def once() -> object:
                try:
                    with forge.deadline.at_most(_LONGEST):
                        return method(forge, *args)
                except Exception as error:  # noqa: BLE001 - an answer that is not as documented ends in almost any
                    raise forge.translated(what.format(*args), permission, error) from None

            return retried(once, forge.deadline, attempts)

        return cast("_Method", bounded)

    return decorated


class Job(Protocol):
    """A workflow's step or a pipeline's job: its log and files, harmless and without secrets."""

    run: Run
    secrets: Secrets
    _stdout: TextIO

    def __init__(self, run: Run, stdout: TextIO) -> None:
        self.run, self.secrets, self._stdout = run, Secrets(), stdout

    def info(self, text: str) -> None:
        """Print."""
        self._print(self._harmless(text))

    def group(self, title: str, text: str) -> None:
        """Print `text` folded under `title`."""

    def notice(self, text: str) -> None:
        """Print and annotate: something to know."""
        self._annotate("notice", text)

    def warning(self, text: str) -> None:
        """Print and annotate: something to mend, though the run goes on."""
        self._annotate("warning", text)

    def error(self, text: str) -> None:
        """Print and annotate: why the step is red."""
        self._annotate("error", text)

    def mask(self, *secrets: str) -> None:
        """Keep `secrets` out of everything that is written from now on."""
        for secret in secrets:
            self.secrets.add(secret)

    def write_summary(self, markdown: str) -> None:
        """Write the job summary; raises `UsageError`."""

    def write_outputs(self, values: Mapping[str, str]) -> None:
        """Write all outputs or none; raises `UsageError`."""

    def _harmless(self, text: str) -> str:
        """Return text without secrets, of which nothing is a command to who reads the log."""

    def _annotate(self, kind: str, text: str) -> None:
        """Print so that it is seen: a notice, a warning or an error."""

    def _plain(self, text: str) -> str:
        return self.secrets.redact(visible(text))

    def _print(self, line: str) -> None:
        try:
            print(line, file=self._stdout, flush=True)
        except UnicodeError:
            return  # one line that the log has no letters for
        except (OSError, ValueError):
            # Nobody reads the log any more, which does not end the run. At its end Python would
            # write what is left, and fail: https://docs.python.org/3/library/signal.html#note-on-sigpipe
            with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), self._stdout.fileno())

    def _write(self, path: Path, text: str, what: str, mode: str = "ab") -> None:
        """Write all of a text or nothing: half of an output could be read as another one."""
        data = text.encode("utf-8", "replace")
        try:
            with path.open(mode, buffering=0) as file:
                before = file.tell()
                if file.write(data) == len(data):
                    return
                file.truncate(before)
            why = "there is no room for all of it"
        except OSError as error:
            why = error.strerror or type(error).__name__
        told = f"The file of `{what}` ({path}) cannot be written: {why}."
        raise UsageError(told, "The runner makes this file; check what else in the job touches it.")


def resolve(subject: Reference, forge: Forge) -> PullRequest:
    """Return what is under review as it stands; raises `Skipped`, `Ignored` and `EventError`."""
    number = subject.number or _number_of(subject, forge)
    target = forge.pull_request(subject.repository, number)
    if subject.head_sha not in {"", target.head_sha}:
        now, then = target.head_sha[:7], subject.head_sha[:7]
        told = f"The pull request's head is {now} by now, not {then} as in this event."
        raise Skipped(told, "Nothing was started; the run for the newer commit reviews it.")
    return target


def _number_of(commit: Reference, forge: Forge) -> int:
    opened, short = forge.open_pull_requests(commit), commit.head_sha[:7]
    numbers = [number for number, head_sha in opened if head_sha == commit.head_sha]
    if not opened:
        raise Ignored(f"No open pull request has the commit {short}.")
    if not numbers:
        raise Skipped(f"The pull request has newer commits than {short}.")
    if len(numbers) > 1:
        several = ", ".join(f"#{number}" for number in numbers)
        told = f"Several open pull requests have {short} as their head: {several}."
        raise EventError(told, "Set the input `pull-request` to one of them.")
    return numbers[0]


def read_reference(
    text: str, server_url: str, own: str, name: str, page: str, marks: str
) -> Reference:
    """Return what the input `pull-request` names; raises `UsageError` where it names nothing.

    A number, alone or behind one of `marks`; a repository, the first of them and a number; or the
    URL of a `page` with what browsers append. `name` is a pattern for repositories, `own` is
    meant where none is named.
    """
    found = re.fullmatch(
        rf"(?i)(?:{re.escape(server_url)}/({name}){page}|({name}){marks[0]}|[{marks}]?)({NUMBER})"
        rf"(?(1)(?:[/.?#]\S*)?)",
        text,
    )
    if found:
        return Reference(found[1] or found[2] or own, int(found[3]))
    url = f"{server_url}/{own}{page}7"
    remedy = f"Write a number such as `7`, `{own}{marks[0]}7`, or a URL such as {url}."
    raise UsageError(f"`pull-request` is {quoted(text)}.", remedy)


def fit_changes(target: PullRequest, diff: str, left_out: str = "") -> Changes:
    """Return description and diff without the files beyond the bound, which `left_out` counts."""
    files = [f"diff --git {it}" for it in ("\n" + diff).split("\ndiff --git ")[1:]]
    sizes = accumulate(len(file) + 1 for file in files)
    kept = [file for file, size in zip(files, sizes, strict=True) if size <= _LARGEST_DIFF]
    if missing := len(files) - len(kept):
        left_out += f" {missing} of {len(files)} changed files do not fit into the diff."
    left_out = left_out.strip()
    whole = "\n\n".join(filter(None, (target.title, target.body, left_out)))
    return Changes(whole or "No description.", "\n".join(kept), left_out)


def match_names(names: Iterable[str], pattern: str) -> list[str]:
    """Return those of environments' names that a pattern means: literally, or else as a glob."""
    known, wanted = list(dict.fromkeys(names)), _folded(pattern)
    literal = [name for name in known if _folded(name) == wanted]
    return literal or [name for name in known if fnmatchcase(_folded(name), wanted)]


def _folded(name: str) -> str:
    """Return a name in which typographic dashes, case and white space make no difference."""
    dashes = "[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
    return " ".join(re.sub(dashes, "-", name).casefold().split())
