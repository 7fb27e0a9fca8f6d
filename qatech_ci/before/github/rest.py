"""One REST or GraphQL call at a time, bounded in time, repeated only where it does no harm."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qatech_ci.before.calls import LONGEST_CALL, bounded, repeated
from qatech_ci.before.ports import Deadline

from .graphql import ask

if TYPE_CHECKING:
    from .pygithub import PyGithub


class Rest:
    """Sends calls with one token. Raises `ForgeError` where a call fails."""

    def __init__(self, api_url: str, token: str, deadline: Deadline) -> None:
        self._api_url = api_url
        self._token = token
        self._deadline = deadline
        self._seen: dict[str, tuple[str, Any]] = {}

    @cached_property
    def _pygithub(self) -> "PyGithub":
        # Importing it takes longer than a run takes to its first request. It happens in the thread
        # of a call, where no signal breaks it off: half a package would stay half.
        from .pygithub import PyGithub  # noqa: PLC0415 - see above

        return PyGithub(self._api_url, self._token, int(LONGEST_CALL))

    def read(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Any, Any]:
        """Return headers and document of a GET; a passing failure is tried again."""
        return repeated(
            lambda: self._call("GET", path, query=query, headers=headers),
            self._deadline,
        )

    def read_unless_same(self, path: str, query: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the document of a GET that is asked again and again.

        GitHub does not count a conditional request that finds nothing new:
        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        key = f"{path}?{sorted((query or {}).items())}"
        etag, document = self._seen.get(key, ("", None))
        headers, fresh = self.read(path, query, {"If-None-Match": etag} if etag else {})
        if etag and fresh is None:
            return document
        self._seen[key] = (str(headers.get("etag") or ""), fresh)
        return fresh

    def create(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return the document that a POST answers. Never repeated: there could be two then."""
        return self._call("POST", path, body=body)[1]

    def put(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the document that a writing call answers which may as well come twice."""
        return repeated(lambda: self._call(method, path, body=body), self._deadline)[1]

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Return what GraphQL answers to a query, `data` beside `errors`. Never repeated."""
        return ask(self._api_url, self._token, self._deadline, query, variables)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[Any, Any]:
        return bounded(
            f"GitHub did not answer {method} {path}",
            lambda: self._pygithub.rest(method, path, query or {}, headers or {}, body),
            self._deadline,
        )
