"""One REST call at a time, bounded in time, repeated only where it does no harm."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from qatech_ci.before.calls import LONGEST_CALL, bounded, repeated
from qatech_ci.before.ports import Deadline
from qatech_ci.before.timebox import undisturbed

from .documents import listed

if TYPE_CHECKING:
    from .python_gitlab import PythonGitLab

_PAGE = 100
"""The most that GitLab gives: https://docs.gitlab.com/api/rest/#pagination"""


@dataclass(frozen=True)
class Access:
    """Where GitLab's API is, and by which right it is asked."""

    api_url: str
    token: str = field(repr=False)
    """Of a project, a group or a person; empty where only the job's own token is there."""
    job_token: str = field(default="", repr=False)
    ca_file: str = ""
    """Certificates to check the server's with; empty for the usual ones."""


class Answer(NamedTuple):
    """What GitLab answers to a call."""

    document: Any
    next_page: str = ""
    """The header `X-Next-Page`: empty on the last page of a list."""


@dataclass(frozen=True)
class Rest:
    """Sends calls with one token. Raises `ForgeError` where a call fails."""

    access: Access
    deadline: Deadline

    @cached_property
    def _python_gitlab(self) -> "PythonGitLab":
        return undisturbed(_python_gitlab)(self.access, LONGEST_CALL)

    def read(self, path: str, query: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the document of a GET; a passing failure is tried again."""
        return self._read(path, query).document

    def pages(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a list, as many as are asked for.

        A page that is not full need not be the last: what the token may not see is taken out of a
        page, and no other takes its place.
        """
        page = 1
        while True:
            answer = self._read(path, {**(query or {}), "per_page": _PAGE, "page": page})
            yield listed(answer.document)
            if not _follows(answer.next_page, page):
                return
            page = int(answer.next_page)

    def create(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return the document that a POST answers. Never repeated: there could be two then."""
        return self._call("POST", path, body=body).document

    def put(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the document that a writing call answers which may as well come twice."""
        return repeated(lambda: self._call(method, path, body=body), self.deadline).document

    def _read(self, path: str, query: Mapping[str, Any] | None) -> Answer:
        return repeated(lambda: self._call("GET", path, query=query), self.deadline)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        client = self._python_gitlab
        return bounded(
            f"GitLab did not answer {method} {path}",
            lambda: client.rest(method, path, query or {}, body),
            self.deadline,
        )


def _follows(next_page: str, page: int) -> bool:
    """Tell whether there is another page; a server that leads in circles has none."""
    return re.fullmatch("[0-9]{1,9}", next_page) is not None and int(next_page) > page


def project_path(project: str) -> str:
    """Return where a project is: https://docs.gitlab.com/api/rest/#namespaced-paths."""
    return f"/projects/{quote(project, safe='')}"


def _python_gitlab() -> "type[PythonGitLab]":
    # Importing it takes longer than a run takes to its first request, which goes to QA.tech.
    from .python_gitlab import PythonGitLab  # noqa: PLC0415 - see above

    return PythonGitLab
