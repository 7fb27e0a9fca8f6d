"""GitHub's REST API for octo-org/shop and its pull request 7: https://docs.github.com/rest."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zlib import crc32

import payloads

from .server import Json, Request, Response, Routes, answer, page

REPOSITORY = "octo-org/shop"
HEAD_SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
BASE_SHA = "c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c"
MERGE_SHA = "e5bd3914e2e596debea16f433f57875b5b90bcd6"
BOT = "github-actions[bot]"
"""Who acts with a workflow's `GITHUB_TOKEN`."""
API_TOKEN = "tok_canary_5d41402a"
GITHUB_TOKEN = "ghs_canary_7b52009b"
PREVIEW = "https://shop-pr-7.example.com"
DIFF = "diff --git a/total.py b/total.py\n--- a/total.py\n+++ b/total.py\n@@ -1 +1 @@\n-1\n+2\n"
_ORIGIN = "https://api.github.com"
_REPO = f"/repos/{REPOSITORY}"
_SITE = f"https://github.com/{REPOSITORY}"
_COMMENTS = ("issues=read", "pull_requests=read")
_COMMENTING = ("issues=write", "pull_requests=write")
_LONGEST_COMMENT = 65_536
_LONGEST_DESCRIPTION = 140
_REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")
_STATES = ("error", "failure", "pending", "success")
_route = Routes()


class GitHub:
    """What GitHub holds, as the JSON that it shows. Tests change it in place."""

    def __init__(self, now: Callable[[], datetime], token: str | None = None) -> None:
        """`now` is GitHub's clock; `token` the only one that it knows, None for any."""
        self.requests: list[Request] = []
        self.permissions = {"checks=read", "contents=read", "deployments=read"}
        self.permissions |= {"pull_requests=write", "statuses=write"}
        self.collaborators = {"octocat": "write"}
        self.pulls: dict[int, Json] = {}
        self.comments: list[Json] = []
        self.reactions: list[tuple[int, str]] = []
        """A comment's id and the reaction to it."""
        self.check_runs: list[Json] = []
        self.statuses: list[Json] = []
        self.deployments: list[Json] = []
        self.deployment_statuses: list[Json] = []
        self.diffs: dict[str, str | None] = {}
        """Diffs unlike `DIFF`, by the number; None is too large to be shown."""
        self._now = now
        self._token = token
        self._ids = count(1001)
        self.add_pull(7)

    def pull(self, number: int = 7) -> Json:
        """Return a pull request."""
        return self.pulls[number]

    def add_pull(self, number: int, payload: str = "pull_request_opened") -> Json:
        """Add a pull request like the one in a payload."""
        like = json.dumps(_like(payload, "pull_request"))
        found = json.loads(re.sub(r"(/(?:pull|pulls|issues))/7\b", rf"\1/{number}", like))
        self.pulls[number] = found | {"number": number}
        return self.pulls[number]

    def add_comment(
        self,
        body: str,
        *,
        login: str = "octocat",
        association: str = "MEMBER",
        bot: bool = False,
        number: int = 7,
    ) -> Json:
        """Add a comment to a pull request or issue."""
        made = _like("issue_comment_created_on_pull_request", "comment")
        made |= self._made(f"{_REPO}/issues/comments/{{}}") | {
            "body": body,
            "user": _user(login, "Bot" if bot else "User"),
            "author_association": association,
            "issue_url": f"{_ORIGIN}{_REPO}/issues/{number}",
        }
        made["html_url"] = f"{_SITE}/pull/{number}#issuecomment-{made['id']}"
        self.comments.append(made)
        return made

    def add_check_run(
        self,
        sha: str,
        name: str,
        app_slug: str,
        status: str = "completed",
        conclusion: str | None = "success",
        completed_at: datetime | None = None,
    ) -> Json:
        """Add a check run; it completes at GitHub's present unless told otherwise."""
        made = _like("check_run_completed", "check_run")
        made |= self._made(f"{_REPO}/check-runs/{{}}") | {"head_sha": sha, "name": name}
        made["app"] |= {"slug": app_slug, "name": app_slug}
        ended = status == "completed"
        made["status"], made["conclusion"] = status, conclusion if ended else None
        made["completed_at"] = _stamp(completed_at or self._now()) if ended else None
        self.check_runs.append(made)
        return made

    def add_status(
        self, sha: str, context: str, state: str, login: str = BOT, *, bot: bool = True
    ) -> Json:
        """Add a commit status."""
        made = self._made(f"{_REPO}/statuses/{sha}") | {
            "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4",
            "state": state,
            "context": context,
            "description": None,
            "target_url": None,
            "creator": _user(login, "Bot" if bot else "User"),
        }
        self.statuses.append(made)
        return made

    def add_deployment(
        self,
        sha: str,
        environment: str,
        state: str = "success",
        environment_url: str = PREVIEW,
        target_url: str = "",
    ) -> Json:
        """Add a deployment in this state."""
        made = _like("deployment_status_success", "deployment")
        made |= self._made(f"{_REPO}/deployments/{{}}")
        made |= {"sha": sha, "environment": environment, "original_environment": environment}
        made["statuses_url"] = f"{made['url']}/statuses"
        self.deployments.append(made)
        self.set_deployment_state(made["id"], state, environment_url, target_url)
        return made

    def set_deployment_state(
        self, deployment: int, state: str, environment_url: str = PREVIEW, target_url: str = ""
    ) -> None:
        """Add a status to the deployment of this id."""
        made = _like("deployment_status_success", "deployment_status")
        of = f"{_REPO}/deployments/{deployment}"
        made |= self._made(f"{of}/statuses/{{}}") | {"deployment_url": f"{_ORIGIN}{of}"}
        made |= {"state": state, "environment_url": environment_url, "target_url": target_url}
        self.deployment_statuses.append(made)

    def handle(self, request: Request) -> Response:
        """Answer as GitHub would; every answer carries its clock."""
        self.requests.append(request)
        response = self._answer(request)
        headers = {"Date": format_datetime(self._now().astimezone(UTC), usegmt=True)}
        headers |= response.headers
        body = response.body
        if body is not None and not isinstance(body, str):
            # PyGithub follows a link only to the host that it speaks to.
            body = json.dumps(body).replace(_ORIGIN, request.origin)
            tag = headers["ETag"] = f'W/"{sha256(body.encode()).hexdigest()}"'
            if request.method == "GET" and request.headers.get("If-None-Match") == tag:
                return Response(304, None, headers)
        return Response(response.status, body, headers)

    def _answer(self, request: Request) -> Response:
        token = request.headers.get("Authorization", "").partition(" ")[2]
        if not token or self._token not in (None, token):
            return _problem(401, "Bad credentials" if token else "Requires authentication")
        route, parts = _route.find(request)
        if route and route.needs and not any(map(self._permits, route.needs)):
            accepted = {"X-Accepted-GitHub-Permissions": "; ".join(route.needs)}
            return _problem(403, "Resource not accessible by integration", accepted)
        found = route and route.handler(self, request, **parts)
        return answer(request, found, 30) or _problem(404, "Not Found")

    def _permits(self, needed: str) -> bool:
        return all(
            it in self.permissions or it.replace("=read", "=write") in self.permissions
            for it in needed.split(",")
        )

    def _made(self, path: str) -> Json:
        number, at = next(self._ids), _stamp(self._now())
        url = _ORIGIN + path.format(number)
        ours: Json = {"id": number, "node_id": f"N_{number}", "url": url}
        return ours | {"created_at": at, "updated_at": at}

    @_route("GET", f"{_REPO}/pulls", "pull_requests=read")
    def _pulls(self, request: Request) -> list[Json]:
        state, head = request.query.get("state", "open"), request.query.get("head", "")
        # GitHub takes no notice of a `head` that does not say whose branch it is.
        found = [it for it in reversed(self.pulls.values()) if state in ("all", it["state"])]
        return [it for it in found if ":" not in head or head == it["head"]["label"]]

    @_route("GET", f"{_REPO}/pulls/{{number}}", "pull_requests=read")
    def _pull(self, request: Request, number: str) -> Json | Response | None:
        pull = self.pulls.get(int(number))
        return self._diff(number) if pull and _asks_for_diff(request) else pull

    @_route("GET", f"{_REPO}/issues/{{number}}/comments", *_COMMENTS)
    def _comments(self, _: Request, number: str) -> list[Json]:
        return [it for it in self.comments if it["issue_url"].endswith(f"/{number}")]

    @_route("POST", f"{_REPO}/issues/{{number}}/comments", *_COMMENTING)
    def _comment(self, request: Request, number: str) -> Json | Response:
        return _unfit_comment(request) or self.add_comment(
            request.body["body"], login=BOT, association="NONE", bot=True, number=int(number)
        )

    @_route("GET", f"{_REPO}/issues/comments/{{comment}}", *_COMMENTS)
    def _one_comment(self, _: Request, comment: str) -> Json | None:
        return next((it for it in self.comments if it["id"] == int(comment)), None)

    @_route("PATCH", f"{_REPO}/issues/comments/{{comment}}", *_COMMENTING)
    def _edit(self, request: Request, comment: str) -> Json | Response | None:
        found = self._one_comment(request, comment)
        if found and not (unfit := _unfit_comment(request)):
            found |= {"body": request.body["body"], "updated_at": _stamp(self._now())}
        return found and (unfit or found)

    @_route("DELETE", f"{_REPO}/issues/comments/{{comment}}", *_COMMENTING)
    def _delete(self, request: Request, comment: str) -> Response | None:
        if (found := self._one_comment(request, comment)) is None:
            return None
        self.comments.remove(found)
        return Response(204)

    @_route("POST", f"{_REPO}/issues/comments/{{comment}}/reactions", *_COMMENTING)
    def _react(self, request: Request, comment: str) -> Json | Response:
        content = (request.body or {}).get("content")
        if content not in _REACTIONS:
            return _problem(422, "Validation Failed")
        self.reactions.append((int(comment), content))
        return self._made("") | {"user": _user(BOT, "Bot"), "content": content}

    @_route("GET", f"{_REPO}/commits/{{sha}}", "contents=read")
    def _commit(self, _: Request, sha: str) -> Json | Response:
        if not re.fullmatch("[0-9a-f]{40}", sha):
            return _problem(422, f"No commit found for SHA: {sha}")
        return _commit(sha)

    @_route("GET", f"{_REPO}/commits/{{sha}}/pulls", "contents=read,pull_requests=read")
    def _pulls_of_commit(self, _: Request, sha: str) -> list[Json]:
        # Asked in the repository that it goes to, GitHub does not find a fork's pull request.
        found = [it["head"] | {"pull": it} for it in self.pulls.values()]
        own = [it for it in found if it["repo"] and it["repo"]["full_name"] == REPOSITORY]
        # Also one that has newer commits by now.
        return [it["pull"] for it in own if sha in {it["sha"], HEAD_SHA}]

    @_route("GET", f"{_REPO}/commits/{{sha}}/check-runs", "checks=read")
    def _check_runs(self, request: Request, sha: str) -> Response:
        found = [it for it in reversed(self.check_runs) if it["head_sha"] == sha]
        shown, headers = page(request, found, 30)
        return Response(200, {"total_count": len(found), "check_runs": shown}, headers)

    # PyGithub reads from the older of the two paths.
    @_route("GET", f"{_REPO}/statuses/{{sha}}", "statuses=read")
    @_route("GET", f"{_REPO}/commits/{{sha}}/statuses", "statuses=read")
    def _statuses(self, _: Request, sha: str) -> list[Json]:
        return [it for it in reversed(self.statuses) if it["url"].endswith(sha)]

    @_route("POST", f"{_REPO}/statuses/{{sha}}", "statuses=write")
    def _set_status(self, request: Request, sha: str) -> Json | Response:
        sent = request.body or {}
        description = sent.get("description") or ""
        if sent.get("state") not in _STATES or len(description) > _LONGEST_DESCRIPTION:
            return _problem(422, "Validation Failed")
        made = self.add_status(sha, sent.get("context", "default"), sent["state"])
        made |= {"description": description, "target_url": sent.get("target_url")}
        return made

    @_route("GET", f"{_REPO}/deployments", "deployments=read")
    def _deployments(self, request: Request) -> list[Json]:
        wanted = {it: request.query[it] for it in ("sha", "environment") if it in request.query}
        return [it for it in reversed(self.deployments) if wanted.items() <= it.items()]

    @_route("GET", f"{_REPO}/deployments/{{deployment}}/statuses", "deployments=read")
    def _deployment_statuses(self, _: Request, deployment: str) -> list[Json]:
        own = f"/deployments/{deployment}"
        newest_first = reversed(self.deployment_statuses)
        return [it for it in newest_first if it["deployment_url"].endswith(own)]

    @_route("GET", f"{_REPO}/collaborators/{{login}}/permission")
    def _permission(self, _: Request, login: str) -> Json:
        role = self.collaborators.get(login, "read")  # anybody may read a public repository
        # `permission` knows four roles: https://docs.github.com/rest/collaborators/collaborators
        older = {"maintain": "write", "triage": "read"}.get(role, role)
        user = _user(login, "User") | {"role_name": role}
        return {"permission": older, "role_name": role, "user": user}

    def _diff(self, name: str) -> Response:
        diff = self.diffs.get(name, DIFF)
        if diff is None:
            return _problem(406, "Sorry, the diff exceeded the maximum number of lines (20000)")
        return Response(200, diff, {"Content-Type": "application/vnd.github.diff; charset=utf-8"})


@dataclass(frozen=True)
class Event:
    """An event and its payload."""

    name: str
    payload: Json


def event(payload: str = "pull_request_opened", **changes: object) -> Event:
    """Return the event of a payload in `payloads/`, with changes; objects are merged."""
    return Event(payloads.EVENTS[payload], _merged(payloads.load(payload), changes))


def environ(
    folder: Path, github_url: str, qatech_url: str, of: Event | None = None, **inputs: str
) -> dict[str, str]:
    """Write the event's file; return a step's variables, with inputs, underscores for hyphens."""
    of = of or event()
    (folder / "event.json").write_text(json.dumps(of.payload))
    values = {
        "api_token": API_TOKEN,
        "github_token": GITHUB_TOKEN,
        "api_url": qatech_url,
        "application_overrides": f"app_web: {PREVIEW}",
        "preview_timeout_minutes": "0",
    } | inputs
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github_url,
        "GITHUB_EVENT_NAME": of.name,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "1",
        "GITHUB_SERVER_URL": "https://github.com",
        # The merge commit, on `push` the head: seldom the head of the pull request.
        "GITHUB_SHA": of.payload.get("after", MERGE_SHA) if of.name == "push" else MERGE_SHA,
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    } | {f"INPUT_{name.upper().replace('_', '-')}": value for name, value in values.items()}


def _merged(document: Json, changes: dict[str, Any]) -> Json:
    return document | {
        name: _merged(document[name], value)
        if isinstance(value, dict) and isinstance(document.get(name), dict)
        else value
        for name, value in changes.items()
    }


def _like(payload: str, key: str) -> Json:
    """Return an object out of a payload: webhooks show the same as the REST API."""
    found: Json = payloads.load(payload)[key]
    return found


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user(login: str, kind: str) -> Json:
    like = json.dumps(_like("pull_request_opened", "sender"))
    found: Json = json.loads(like.replace("octocat", quote(login)))
    return found | {"login": login, "id": crc32(login.encode()), "type": kind}


def _commit(sha: str) -> Json:
    url, user = f"{_ORIGIN}{_REPO}/commits/{sha}", _user("octocat", "User")
    author = {"name": "octocat", "email": "octocat@users.noreply.github.com"}
    author |= {"date": "2026-03-02T10:00:00Z"}
    commit = {"url": url, "message": "Fix the checkout total", "comment_count": 0}
    commit |= {"author": author, "committer": author, "tree": {"sha": sha, "url": url}}
    found: Json = {"sha": sha, "node_id": f"C_{sha}", "commit": commit, "parents": []}
    found |= {"url": url, "html_url": f"{_SITE}/commit/{sha}", "comments_url": f"{url}/comments"}
    return found | {"author": user, "committer": user}


def _asks_for_diff(request: Request) -> bool:
    # https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types
    return bool(re.search(r"github\.(v3\.)?diff", request.headers.get("Accept", "")))


def _unfit_comment(request: Request) -> Response | None:
    text = (request.body or {}).get("body")
    if isinstance(text, str) and text.strip() and len(text) <= _LONGEST_COMMENT:
        return None
    return _problem(422, "Validation Failed: the body is blank or too long")


def _problem(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api."""
    told = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return Response(status, told | {"status": str(status)}, headers or {})
