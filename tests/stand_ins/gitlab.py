"""GitLab's REST API for octo-group/shop and its merge request !7: https://docs.gitlab.com/api/rest/."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from zlib import crc32

from .github import API_TOKEN, BASE_SHA, HEAD_SHA, PREVIEW
from .server import Json, Request, Response, Routes, answer

PROJECT = "octo-group/shop"
PROJECT_ID = 101
GITLAB_TOKEN = "glpat-canary_7b52009b"
JOB_TOKEN = "glcbt-canary_64_9c1f"
BOT = "project_101_bot_4ffca233"
"""Who acts with a project access token."""
_SITE = f"https://gitlab.com/{PROJECT}"
_API = "/api/v4"
_PROJECT = f"{_API}/projects/{{project}}"
_MERGE_REQUEST = f"{_PROJECT}/merge_requests/{{iid}}"
_JOBS = "JOB-TOKEN"
"""Marks what a job token may do: https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access."""
_LONGEST_NOTE = 1_000_000
_STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
_STUCK = {("pending", "pending"), ("running", "pending"), ("running", "running")}
"""Changes that a commit status refuses; one that has ended is followed by a new one."""
_route = Routes()


class GitLab:
    """What GitLab holds, as the JSON that it shows. Tests change it in place."""

    def __init__(self, now: Callable[[], datetime], token: str | None = None) -> None:
        """`now` is GitLab's clock; `token` the only access token that it knows, None for any."""
        self.requests: list[Request] = []
        self.merge_requests: dict[int, Json] = {}
        self.notes: list[Json] = []
        self.statuses: list[Json] = []
        self.deployments: list[Json] = []
        self.diffs: list[Json] = [changed_file("total.py")]
        """What any merge request changes."""
        self.members = {"octocat": 30, BOT: 30}
        """Access levels: https://docs.gitlab.com/api/access_requests/#valid-access-levels."""
        self._now = now
        self._token = token
        self._ids = count(1001)
        self.add_merge_request(7)

    def merge_request(self, iid: int = 7) -> Json:
        """Return a merge request."""
        return self.merge_requests[iid]

    def add_merge_request(self, iid: int) -> Json:
        """Add an open merge request."""
        made = self._made() | {"iid": iid, "web_url": f"{_SITE}/-/merge_requests/{iid}"}
        made |= {"title": "Fix the checkout total", "author": _user("octocat"), "labels": []}
        made |= {"description": "It left the discount out.", "state": "opened", "draft": False}
        made |= {"source_branch": "fix-checkout-total", "target_branch": "main", "sha": HEAD_SHA}
        projects = ("project_id", "source_project_id", "target_project_id")
        made |= dict.fromkeys(projects, PROJECT_ID)
        refs = {"base_sha": BASE_SHA, "start_sha": BASE_SHA, "head_sha": HEAD_SHA}
        self.merge_requests[iid] = made | {"diff_refs": refs}
        return self.merge_requests[iid]

    def add_note(
        self, body: str, username: str = "octocat", *, system: bool = False, iid: int = 7
    ) -> Json:
        """Add a note to a merge request."""
        of = {"noteable_type": "MergeRequest", "noteable_iid": iid, "project_id": PROJECT_ID}
        said = {"body": body, "author": _user(username), "system": system, "type": None}
        self.notes.append(self._made() | of | said)
        return self.notes[-1]

    def add_deployment(
        self, sha: str, environment: str, status: str = "success", external_url: str = PREVIEW
    ) -> Json:
        """Add a deployment."""
        where = {"id": crc32(environment.encode()), "name": environment}
        where |= {"slug": environment.lower(), "external_url": external_url}
        made = self._made() | {"sha": sha, "ref": "fix-checkout-total", "status": status}
        made |= {"iid": made["id"], "environment": where, "user": _user("octocat")}
        self.deployments.append(made | {"deployable": None})
        return self.deployments[-1]

    def handle(self, request: Request) -> Response:
        """Answer as GitLab would."""
        self.requests.append(request)
        response = self._answer(request)
        date = format_datetime(self._now().astimezone(UTC), usegmt=True)
        return Response(response.status, response.body, {"Date": date, **response.headers})

    def _answer(self, request: Request) -> Response:
        route, parts = _route.find(request)
        if not route:
            return Response(404, {"error": "404 Not Found"})
        token, is_job = request.headers.get("PRIVATE-TOKEN"), _JOBS in request.headers
        is_known = bool(token) and self._token in (None, token)
        if not (is_known or (is_job and _JOBS in route.needs)):
            return Response(401, {"message": "401 Unauthorized"})
        if parts.pop("project", PROJECT) not in (PROJECT, str(PROJECT_ID)):
            return Response(404, {"message": "404 Project Not Found"})
        found = route.handler(self, request, **parts)
        return answer(request, found, 20) or Response(404, {"message": "404 Not found"})

    def _made(self) -> Json:
        at = self._stamp()
        return {"id": next(self._ids), "created_at": at, "updated_at": at}

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    @_route("GET", f"{_PROJECT}/members/all")
    def _members(self, _: Request) -> list[Json]:
        return [_user(it) | {"access_level": level} for it, level in self.members.items()]

    @_route("GET", _MERGE_REQUEST, _JOBS)
    def _merge_request(self, _: Request, iid: str) -> Json | None:
        return self.merge_requests.get(int(iid))

    @_route("GET", f"{_MERGE_REQUEST}/diffs")
    def _diffs(self, _: Request, iid: str) -> list[Json] | None:
        return self.diffs if int(iid) in self.merge_requests else None

    @_route("GET", f"{_MERGE_REQUEST}/notes", _JOBS)
    def _notes(self, request: Request, iid: str) -> list[Json]:
        key, sort = request.query.get("order_by", "created_at"), request.query.get("sort", "desc")
        found = [it for it in self.notes if it["noteable_iid"] == int(iid)]
        return sorted(found, key=lambda it: (it[key], it["id"]), reverse=sort == "desc")

    @_route("POST", f"{_MERGE_REQUEST}/notes")
    def _add_note(self, request: Request, iid: str) -> Json | Response | None:
        if int(iid) not in self.merge_requests:
            return None
        return _unfit_note(request) or self.add_note(request.body["body"], BOT, iid=int(iid))

    @_route("GET", f"{_MERGE_REQUEST}/notes/{{note}}", _JOBS)
    def _note(self, request: Request, iid: str, note: str) -> Json | None:
        return next((it for it in self._notes(request, iid) if it["id"] == int(note)), None)

    @_route("PUT", f"{_MERGE_REQUEST}/notes/{{note}}")
    def _edit(self, request: Request, iid: str, note: str) -> Json | Response | None:
        if (found := self._note(request, iid, note)) is None:
            return None
        if refusal := _refusal(found) or _unfit_note(request):
            return refusal
        found |= {"body": request.body["body"], "updated_at": self._stamp()}
        return found

    @_route("DELETE", f"{_MERGE_REQUEST}/notes/{{note}}")
    def _delete(self, request: Request, iid: str, note: str) -> Response | None:
        if (found := self._note(request, iid, note)) is None:
            return None
        if refusal := _refusal(found):
            return refusal
        self.notes.remove(found)
        return Response(204)

    @_route("GET", f"{_PROJECT}/repository/commits/{{sha}}/merge_requests", _JOBS)
    def _merge_requests_of_commit(self, request: Request, sha: str) -> list[Json]:
        state = request.query.get("state", "all")
        found = [it for it in self.merge_requests.values() if it["sha"] == sha]
        return [it for it in found if state in ("all", it["state"])]

    @_route("GET", f"{_PROJECT}/deployments", _JOBS)
    def _deployments(self, request: Request) -> list[Json]:
        # There is no filter for a commit: https://docs.gitlab.com/api/deployments/
        place, wanted = request.query.get("environment"), request.query.get("status")
        key, sort = request.query.get("order_by", "id"), request.query.get("sort", "asc")
        found = [it for it in self.deployments if place in (None, it["environment"]["name"])]
        found = [it for it in found if wanted in (None, it["status"])]
        return sorted(found, key=lambda it: (it[key], it["id"]), reverse=sort == "desc")

    @_route("POST", f"{_PROJECT}/statuses/{{sha}}")
    def _set_status(self, request: Request, sha: str) -> Json | Response:
        sent = request.body or {}
        name, state = sent.get("name", "default"), sent.get("state")
        if state not in _STATES:
            return Response(400, {"error": "state does not have a valid value"})
        own = [it for it in self.statuses if (it["sha"], it["name"]) == (sha, name)]
        before = own[-1]["status"] if own else "created"
        if (before, state) in _STUCK:
            return Response(400, {"message": f"Cannot transition status from :{before}"})
        if before not in ("pending", "running"):
            self.statuses.append(self._made() | {"sha": sha, "name": name, "author": _user(BOT)})
            own = self.statuses[-1:]
        told = {it: sent.get(it) for it in ("description", "target_url", "ref", "pipeline_id")}
        own[-1] |= told | {"status": state}
        return own[-1]


def changed_file(path: str, diff: str = "@@ -1 +1 @@\n-1\n+2\n", **traits: object) -> Json:
    """Return a file as lists of diffs show it."""
    kinds = ("new_file", "renamed_file", "deleted_file", "generated_file", "collapsed", "too_large")
    usual = {"old_path": path, "new_path": path, "a_mode": "100644", "b_mode": "100644"}
    return {**usual, "diff": diff, **dict.fromkeys(kinds, False), **traits}


def environ(folder: Path, gitlab_url: str, qatech_url: str, **inputs: str) -> dict[str, str]:
    """Return the variables of a job in a merge request pipeline, with inputs.

    https://docs.gitlab.com/ci/variables/predefined_variables/
    """
    values = {
        "api_token": API_TOKEN,
        "gitlab_token": GITLAB_TOKEN,
        "api_url": qatech_url,
        "application_overrides": f"app_web: {PREVIEW}",
        "preview_timeout_minutes": "0",
    } | inputs
    return {
        "CI": "true",
        "CI_API_V4_URL": f"{gitlab_url}{_API}",
        "CI_COMMIT_SHA": HEAD_SHA,
        "CI_DEFAULT_BRANCH": "main",
        "CI_JOB_ID": "2",
        "CI_JOB_TOKEN": JOB_TOKEN,
        "CI_JOB_URL": f"{_SITE}/-/jobs/2",
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_PROJECT_ID": str(PROJECT_ID),
        "CI_MERGE_REQUEST_PROJECT_PATH": PROJECT,
        "CI_MERGE_REQUEST_PROJECT_URL": _SITE,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",  # only in merged results pipelines
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(PROJECT_ID),
        "CI_PIPELINE_ID": "1",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_PROJECT_DIR": str(folder),
        "CI_PROJECT_PATH": PROJECT,
        "CI_SERVER_URL": "https://gitlab.com",
        "GITLAB_CI": "true",
    } | {f"QATECH_{name.upper()}": value for name, value in values.items()}


def _user(username: str) -> Json:
    name = {"id": crc32(username.encode()), "username": username, "name": username}
    return name | {"state": "active", "web_url": f"https://gitlab.com/{username}"}


def _refusal(note: Json) -> Response | None:
    # A developer may change what is their own: https://docs.gitlab.com/user/permissions/
    own = note["author"]["username"] == BOT and not note["system"]
    return None if own else Response(403, {"message": "403 Forbidden"})


def _unfit_note(request: Request) -> Response | None:
    text = (request.body or {}).get("body")
    if isinstance(text, str) and text.strip() and len(text) <= _LONGEST_NOTE:
        return None
    return Response(400, {"message": "400 Bad request - Note is blank or too long"})
