"""python-gitlab, kept from repeating and redirecting what it sends, and its errors as ours.

By itself python-gitlab sleeps through rate limits and repeats the call, also one that writes, up
to ten times. Both are switched off, so that time and repetition are decided by whoever calls.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from requests import PreparedRequest, RequestException, Response, Session

from qatech_ci.before.bodies import BoundedAdapter
from qatech_ci.before.calls import PassingTrouble, rate_limited
from qatech_ci.before.errors import ForgeError, NotOnForge, PermissionMissing

from .rest import Access, Answer

_JOB_TOKEN = "The job's own token (`CI_JOB_TOKEN`) may not do this."  # noqa: S105 - a message
"""https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access"""


class _Staying(Session):
    """A session in which a write goes nowhere else, and the token to no other server.

    requests sends a POST on where it is told to with 307, and takes `PRIVATE-TOKEN` along to
    other hosts, as it knows only `Authorization` to be secret. A read may be led on within the
    server: that is how GitLab answers for a project that was renamed.
    """

    retry_after = ""
    """What the last answer says in `Retry-After`; python-gitlab's errors have no headers."""

    def __init__(self) -> None:
        super().__init__()
        self.mount("http://", BoundedAdapter())
        self.mount("https://", BoundedAdapter())

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # noqa: ANN401 - as requests has them
        response = super().send(request, **options)
        self.retry_after = response.headers.get("Retry-After", "")
        return response

    def get_redirect_target(self, resp: Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is None or resp.request.method != "GET":
            return None
        return target if _place(urljoin(resp.url, target)) == _place(resp.url) else None


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


class PythonGitLab:
    """One call at a time. Raises `ForgeError` where it fails."""

    def __init__(self, access: Access, seconds: float) -> None:
        self._access = access
        self._session = _Staying()
        self._gitlab = Gitlab(
            url=access.api_url,
            private_token=access.token or None,
            job_token=None if access.token else access.job_token or None,
            ssl_verify=access.ca_file or True,
            timeout=seconds,
            session=self._session,
        )

    def rest(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
    ) -> Answer:
        """Return what GitLab answers; the document is nothing where it answers without one."""
        call = f"{method} {path}"
        response = self._told(call, lambda: self._sent(method, path, query, body))
        try:
            document = json.loads(response.content) if response.content else None
        except (ValueError, RecursionError):
            raise _unusable(call, "no JSON") from None
        return Answer(document, response.headers.get("X-Next-Page", ""))

    def _sent(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
    ) -> Response:
        return self._gitlab.http_request(
            method,
            # Whole, since python-gitlab would put its own version of the API's path in front.
            f"{self._access.api_url}{path}",
            query_data=dict(query),
            post_data=dict(body) if body is not None else None,
            obey_rate_limit=False,
            retry_transient_errors=False,
            max_retries=0,
        )

    def _told(self, call: str, send: Callable[[], Response]) -> Response:
        try:
            return send()
        except GitlabError as error:
            raise self._refusal(call, error) from None
        except RequestException as error:
            raise PassingTrouble(f"GitLab did not answer {call}: {type(error).__name__}.") from None
        except OSError:
            # requests looks for the file before it connects, and has no error of its own for it.
            raise ForgeError(
                f"GitLab cannot be asked {call}: there is no file {self._access.ca_file}.",
                "Check `CI_SERVER_TLS_CA_FILE`: the runner sets it to a file with certificates.",
            ) from None
        except (ValueError, AttributeError, TypeError, LookupError) as error:
            raise _unusable(call, type(error).__name__) from None

    def _refusal(self, call: str, error: GitlabError) -> ForgeError:
        status = error.response_code or 0
        what = f"GitLab answered {call} with {status}: {_message(error)}."
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.CONFLICT:
            # A conflict: “Another update to this commit status is in progress”.
            return PassingTrouble(what)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return rate_limited(what, self._session.retry_after)
        if status == HTTPStatus.NOT_FOUND:
            return self._missing(what)
        if status == HTTPStatus.UNAUTHORIZED and self._access.token:
            return ForgeError(what, "Check `QATECH_GITLAB_TOKEN`: it is not valid.")
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return PermissionMissing(what, "" if self._access.token else _JOB_TOKEN)
        return ForgeError(what, "Check `CI_API_V4_URL`." if status < HTTPStatus.BAD_REQUEST else "")

    def _missing(self, what: str) -> ForgeError:
        """Return the error for 404, by which GitLab hides from a job what it may not see, too."""
        if self._access.job_token and not self._access.token:
            return PermissionMissing(what, _JOB_TOKEN)
        return NotOnForge(what, "Check the number, and that the token may see the project.")


def _message(error: GitlabError) -> str:
    text = " ".join(str(error.error_message or "no message came with it").split())
    return text.rstrip(".")[:500]


def _unusable(call: str, why: str) -> ForgeError:
    return ForgeError(f"GitLab's answer to {call} cannot be read: {why}.", "Check `CI_API_V4_URL`.")
