"""What is said in a merge request: notes, on their own or at the head of a thread.

https://docs.gitlab.com/api/notes/ and https://docs.gitlab.com/api/discussions/
"""

from collections.abc import Iterator
from typing import Any

from qatech_ci.before.answers import inner
from qatech_ci.before.errors import ForgeError, PermissionMissing
from qatech_ci.before.model import PullRequest
from qatech_ci.before.ports import Comment

from .documents import listed, mapping, naming
from .rest import Rest, project_path

_NEWEST_FIRST = {"order_by": "updated_at", "sort": "desc"}
_WRITER = "Reporter"
"""https://docs.gitlab.com/user/permissions/: who sees a merge request may say something."""


class Notes:
    """The notes of merge requests. Each call raises `ForgeError` where it fails.

    With `is_thread` a note is written at the head of a thread, which somebody has to resolve. A
    thread is read and edited like any other note.
    """

    def __init__(self, rest: Rest, *, is_thread: bool) -> None:
        self._rest = rest
        self._is_thread = is_thread
        self._resolved: dict[int, bool] = {}
        """By the note, whether its thread was resolved when it was seen last."""
        self._threads: dict[int, str] = {}
        """By the note, its thread."""

    def newest(self, pull_request: PullRequest) -> Iterator[Comment]:
        """Yield what people and tokens have written, those that were changed last first."""
        login = self._own_login()
        with naming(_WRITER, "read_api"):
            for page in self._rest.pages(f"{_place(pull_request)}/notes", _NEWEST_FIRST):
                for note in page:
                    if note.get("system") is not True:
                        author = inner(note, "author").get("username")
                        yield self._comment(pull_request, note, is_own=author == login)

    def one(self, pull_request: PullRequest, number: int) -> Comment:
        """Return a note as it stands; raises `NotOnForge` where it has been deleted."""
        with naming(_WRITER, "read_api"):
            return self._comment(pull_request, self._rest.read(_note(pull_request, number)))

    def create(self, pull_request: PullRequest, body: str) -> Comment:
        """Write a note, or the first one of a thread."""
        with naming(_WRITER):
            if not self._is_thread:
                note = self._rest.create(f"{_place(pull_request)}/notes", {"body": body})
                return self._comment(pull_request, note)
            thread = self._rest.create(f"{_place(pull_request)}/discussions", {"body": body})
        for note in listed(thread, "notes"):
            comment = self._comment(pull_request, note)
            self._threads[comment.id] = str(mapping(thread).get("id") or "")
            return comment
        raise ForgeError("GitLab's answer holds a thread without a note.")

    def edit(self, pull_request: PullRequest, number: int, body: str) -> Comment:
        """Write a note anew."""
        with naming(_WRITER):
            note = self._rest.put("PUT", _note(pull_request, number), {"body": body})
        return self._comment(pull_request, note)

    def delete(self, pull_request: PullRequest, number: int) -> None:
        """Delete a note, and with it a thread that has no other."""
        with naming(_WRITER):
            self._rest.put("DELETE", _note(pull_request, number))

    def settle(self, pull_request: PullRequest, number: int, *, is_settled: bool) -> None:
        """Resolve or reopen the thread of a note; nothing happens where none was asked for.

        The whole thread, with what people have replied; or else the note, which its own author may
        without a higher role.
        """
        is_open = self._resolved.get(number) is False
        if not self._is_thread or (is_open and not is_settled):
            return
        thread = self._threads.get(number) or self._found(pull_request, number)
        path = f"{_place(pull_request)}/discussions/{thread}"
        try:
            notes = self._rest.put("PUT", path, {"resolved": is_settled})
        except PermissionMissing:
            notes = self._settle_own(path, number, is_settled=is_settled)
        for note in listed(notes, "notes"):
            self._comment(pull_request, note)

    def _settle_own(self, path: str, number: int, *, is_settled: bool) -> Any:  # noqa: ANN401 - JSON
        """Resolve or reopen a note and return its thread, which has to stand as it should then."""
        with naming(_WRITER):
            self._rest.put("PUT", f"{path}/notes/{number}", {"resolved": is_settled})
        thread = self._rest.read(path)
        if is_settled and any(map(_is_open, listed(thread, "notes"))):
            raise PermissionMissing(
                "Somebody has replied in it, and what others wrote stays open.",
                "Resolve it by hand, or give `QATECH_GITLAB_TOKEN` the role Developer.",
            )
        return thread

    def _found(self, pull_request: PullRequest, number: int) -> str:
        """Return the thread of a note, which its JSON does not tell."""
        for page in self._rest.pages(f"{_place(pull_request)}/discussions"):
            for thread in page:
                if any(note.get("id") == number for note in listed(thread, "notes")):
                    self._threads[number] = str(thread.get("id") or "")
                    return self._threads[number]
        raise ForgeError(f"GitLab lists no thread with the note {number}.")

    def _own_login(self) -> str:
        """Return under which name the token writes, or nothing where nobody tells.

        A job's own token may not ask, and writes nothing anyway.
        """
        try:
            return str(mapping(self._rest.read("/user")).get("username") or "")
        except ForgeError:
            return ""

    def _comment(
        self,
        pull_request: PullRequest,
        document: Any,  # noqa: ANN401 - JSON
        *,
        is_own: bool = False,
    ) -> Comment:
        note = mapping(document)
        number = note.get("id")
        if not isinstance(number, int):
            raise ForgeError("GitLab's answer holds a note that cannot be read.")
        if note.get("resolvable") is True:
            self._resolved[number] = note.get("resolved") is True
        url = f"{pull_request.url}#note_{number}"
        return Comment(number, url, str(note.get("body") or ""), is_own=is_own)


def _is_open(note: dict[str, Any]) -> bool:
    return note.get("resolvable") is True and note.get("resolved") is not True


def _place(pull_request: PullRequest) -> str:
    return f"{project_path(pull_request.repository)}/merge_requests/{pull_request.number}"


def _note(pull_request: PullRequest, number: int) -> str:
    return f"{_place(pull_request)}/notes/{number}"
