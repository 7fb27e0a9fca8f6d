"""The stand-ins over real HTTP."""

import io
import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from standins import Clock, ask, github, qatech, review_request

from qatech_ci.before.sandbox import Headers, Mounted, Request, Response, enterprise, serving
from qatech_ci.before.sandbox.serve import HEAD_SHA, PREVIEW_URL, REPOSITORY, ready_made, serve
from qatech_ci.before.sandbox.wire import BODY_LIMIT


class Echo:
    """An app that tells what it was asked, and fails on demand."""

    def handle(self, request: Request) -> Response:
        if request.path == "/none":
            return Response(204)
        if request.path == "/broken":
            raise ZeroDivisionError
        seen = [request.method, request.path, dict(request.query), request.body.decode()]
        return Response(200, [*seen, request.base_url], {"X-Echo": "yes"})


class HangUp:
    """An app whose caller has hung up before the answer."""

    def handle(self, request: Request) -> Response:
        raise ConnectionResetError(request.path)


def raw(url: str, headers: dict[str, str]) -> tuple[int, str | None]:
    """POST nothing with exactly these headers; return the status and what happens next."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.putrequest("POST", "/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.headers["Connection"]


def test_requests_and_answers_survive_the_wire() -> None:
    """Method, path, query, body and headers arrive as they were sent; every method is served."""
    with serving(Echo()) as url:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = requests.request(
                method, f"{url}/a%20b?x=1&y=", data="body ✓".encode(), timeout=5
            )
            assert answer.json() == [method, "/a%20b", {"x": "1", "y": ""}, "body ✓", url]
            assert answer.headers["X-Echo"] == "yes"
            assert answer.headers["Server"] == "qatech-ci stand-in"
            assert answer.headers["Content-Length"] == str(len(answer.content))


def test_a_connection_is_kept() -> None:
    """Several requests go over one connection, with and without a body in the answer."""
    with serving(Echo()) as url:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
        for path, status in (("/", 200), ("/none", 204), ("/", 200)):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert (response.status, response.will_close) == (status, False)
            if not path.strip("/"):
                kept = connection.sock
            assert connection.sock is kept
        connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(BODY_LIMIT + 1)}, 413),
        ({"Content-Length": "-1"}, 400),
        ({"Content-Length": "many"}, 400),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_bodies_without_a_sensible_length_are_refused(headers: dict[str, str], status: int) -> None:
    """The refusal closes the connection, as what follows cannot be told apart."""
    with serving(Echo()) as url:
        assert raw(url, headers) == (status, "close")


def test_a_bug_is_loud_and_a_hang_up_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception of the app is shown, a connection that breaks is not, and no access log."""
    for app in (Echo(), HangUp()):
        with serving(app) as url, pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/broken", timeout=5)
    shown = capsys.readouterr().err
    assert "ZeroDivisionError" in shown
    assert "ConnectionResetError" not in shown
    assert "GET" not in shown


def test_apps_can_be_mounted() -> None:
    """The longest prefix decides, the app sees the rest, and its links carry the prefix."""
    app = Mounted({"/api": Echo(), "/api/v3": Echo()})
    assert app.handle(Request("GET", "/api/v3/x")).body[1::3] == ["/x", "http://localhost/api/v3"]
    assert app.handle(Request("GET", "/api/x")).body[1] == "/x"
    assert app.handle(Request("GET", "/apis/x")).status == 404


def test_headers_are_found_in_any_case() -> None:
    """Names of headers have no case, and a request's headers stay out of its `repr`."""
    headers = Headers({"X-One": "1"})
    assert (headers["x-oNE"], list(headers), len(headers)) == ("1", ["x-one"], 1)
    assert "s3cret" not in repr(Request("GET", "/", headers={"Authorization": "s3cret"}))


def test_enterprise_server_has_its_own_paths() -> None:
    """REST below /api/v3 with links to match, GraphQL at /api/graphql."""
    with serving(enterprise(github(Clock()))) as url:
        headers = {"Authorization": "Bearer token"}
        pull = requests.get(f"{url}/api/v3/repos/octo-org/shop/pulls/7", headers=headers, timeout=5)
        assert pull.json()["url"] == pull.url
        query = {"query": "{ viewer { login } }"}
        viewer = requests.post(f"{url}/api/graphql", json=query, headers=headers, timeout=5)
        assert viewer.json() == {"data": {"viewer": {"login": "github-actions[bot]"}}}


def test_a_review_over_http() -> None:
    """A review can be started and read over HTTP; the banner says who answers."""
    clock = Clock()
    with serving(qatech(clock)) as url, requests.Session() as session:
        session.headers["Authorization"] = "Bearer token"
        start = session.post(f"{url}/v1/chat/change-review", json=review_request(), timeout=5)
        clock.advance(60)
        answer = session.get(f"{url}/v1/chat/{start.json()['shortId']}", timeout=5)
        assert answer.json()["messages"][0]["text"].startswith("✅ Tests passing")
        assert answer.headers["Server"] == "qatech-ci stand-in for QA.tech"


def served(token: str | None, *, interrupted: bool) -> tuple[str, list[Any]]:
    """Serve both stand-ins; return what was printed and what three requests were answered."""
    out, answers = io.StringIO(), []

    def wait() -> None:
        words = out.getvalue().split()
        qatech_url, github_url = (word for word in words if word.startswith("http://"))
        auth = {"Authorization": "Bearer anything"}
        repository = f"{github_url}/repos/{REPOSITORY}"
        answers.append(requests.post(f"{qatech_url}/chat", headers=auth, timeout=5).status_code)
        pull = requests.get(f"{repository}/pulls/7", headers=auth, timeout=5).json()
        answers.append(pull["head"]["sha"])
        answers.append(requests.get(f"{github_url}/_sandbox/requests", timeout=5).json())
        if interrupted:
            raise KeyboardInterrupt

    serve(out, qatech_port=0, github_port=0, token=token, wait=wait)
    return out.getvalue(), answers


def test_both_can_be_served_until_interrupted() -> None:
    """Both tell where they are and what to set; any token does; the end is told as well."""
    printed, answers = served(None, interrupted=True)
    assert "api-url" in printed
    assert "GITHUB_API_URL" in printed
    assert "stand-ins" in printed
    assert PREVIEW_URL in printed
    assert "passing, unverifiable, failing, vague, mute, cancelled, failed, never." in printed
    assert "any token is accepted" in printed
    assert printed.endswith("The stand-ins have ended.\n")
    assert answers[:2] == [400, HEAD_SHA]
    assert answers[2][0]["authorization"] == "Bearer"
    assert "anything" not in json.dumps(answers[2])


def test_qatech_can_be_served_with_a_token() -> None:
    """With a token of its own QA.tech refuses every other one."""
    printed, answers = served("the-token", interrupted=False)
    assert "only the given token is accepted" in printed
    assert "the-token" not in printed
    assert answers[0] == 401


def test_a_ready_made_github_has_a_preview() -> None:
    """The head is deployed in “Preview”, and any token may do whatever the endpoints offer."""
    app, repository = ready_made(Clock()), f"/repos/{REPOSITORY}"
    [deployment] = ask(app, "GET", f"{repository}/deployments?sha={HEAD_SHA}").body
    [status] = ask(app, "GET", f"{repository}/deployments/{deployment['id']}/statuses").body
    assert deployment["environment"] == "Preview"
    assert (status["state"], status["environment_url"]) == ("success", PREVIEW_URL)
    assert ask(app, "GET", f"{repository}/commits/{HEAD_SHA}/check-runs").status == 200
    made = ask(app, "POST", f"{repository}/statuses/{HEAD_SHA}", {"state": "success"})
    assert made.status == 201
    assert ask(app, "POST", f"{repository}/issues/7/comments", {"body": "x"}).status == 201
