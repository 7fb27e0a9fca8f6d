"""From overrides as they were written to previews that are up."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from socket import gethostbyname, gethostname
from typing import Any

import pytest

from qatech_ci.errors import Ended, Ignored, PreviewError, PreviewTimeout, UsageError
from qatech_ci.github.client import GitHub
from qatech_ci.github.event import read_event
from qatech_ci.github.runner import Runner
from qatech_ci.http.deadline import Deadline
from qatech_ci.model import Override
from qatech_ci.overrides import read_overrides
from qatech_ci.previews import check_event, check_url, find_previews, from_outputs, is_local
from qatech_ci.settings import read_settings
from stand_ins import github, server
from stand_ins.server import Delivery, Request, Response
from world import SimulatedClock

URL, ALIAS = "https://shop-7f3a.example.app", "https://fix-checkout.shop.example.app"
ACTIONS: list[tuple[str, dict[str, str], str]] = [
    ("amondnet/vercel-action", {"preview-url": URL, "preview-name": "x"}, URL),
    ("patrickedqvist/wait-for-vercel-preview", {"url": URL, "vercel_jwt": "x.y.z"}, URL),
    ("zentered/vercel-preview-url", {"preview_url": URL, "deployment_state": "READY"}, URL),
    ("nwtgck/actions-netlify", {"deploy-url": URL}, URL),
    (
        "cloudflare/wrangler-action",
        {"deployment-url": URL, "pages-deployment-alias-url": ALIAS, "deployment-alias-url": ALIAS},
        URL,
    ),
    ("only an alias", {"pages-deployment-alias-url": ALIAS, "log": f"{URL}/log"}, ALIAS),
    ("its short name", {"alias-url": ALIAS, "log": f"{URL}/log"}, ALIAS),
    ("cloudflare/pages-action", {"url": URL, "alias": ALIAS, "environment": "preview"}, URL),
    (
        "FirebaseExtended/action-hosting-deploy",
        {"details_url": f"{URL}/", "urls": json.dumps([URL])},
        f"{URL}/",
    ),
    ("Firebase without details", {"urls": json.dumps([URL, f"{URL}/"])}, URL),
    ("Azure/static-web-apps-deploy", {"static_web_app_url": URL}, URL),
    ("actions/deploy-pages", {"page_url": URL}, URL),
    ("the only one with a URL", {"where": URL, "how": "fast"}, URL),
]
CANARY = "c4n4ry9f2c4e7a"
MINUTE, NOT_AT_ALL = {"preview-timeout-minutes": "1"}, {"preview-timeout-minutes": "0"}
SANDBOX = {"api-url": "sandbox"}


def needs(outputs: Any, result: str = "success") -> str:  # noqa: ANN401 - JSON
    """Return what `toJSON(needs)` gives for one job."""
    return json.dumps({"deploy-web": {"result": result, "outputs": outputs}}, indent=2)


def steps(outputs: Any, outcome: str = "success") -> str:  # noqa: ANN401 - JSON
    """Return what `toJSON(steps)` gives for one step."""
    step = {"outputs": outputs, "outcome": outcome, "conclusion": outcome}
    return json.dumps({"deploy-web": step})


def found(fields: str, outputs: str) -> Override:
    """Return the override with the URL that is found among `outputs`."""
    (override,) = from_outputs(read_overrides(f"app_web: {{{fields}}}"), outputs)
    return override


@pytest.mark.parametrize("context", [needs, steps])
@pytest.mark.parametrize(
    ("outputs", "url"), [it[1:] for it in ACTIONS], ids=[it[0] for it in ACTIONS]
)
def test_the_url_is_found_among_the_outputs_of_each_deploy_action(
    outputs: dict[str, str], url: str, context: Callable[[Any], str]
) -> None:
    """A known name, an alias only for want of another, else the only one with a URL."""
    override = found("output: deploy-web", context(outputs))
    assert (override.kind, override.value) == ("url", url)
    assert override.found.endswith("of `deploy-web`")


@pytest.mark.parametrize(
    ("fields", "url", "expected"),
    [
        ("output: deploy-web.alias", URL, (ALIAS, "")),
        ("output: deploy-web, name: PR 7", URL, (URL, "PR 7")),
        ("output: deploy-web, query: a=b", URL, (f"{URL}?a=b", "")),
        ("output: deploy-web, query: a=b", f"{URL}/?c#d", (f"{URL}/?c&a=b#d", "")),
    ],
)
def test_what_was_written_goes_with_the_url(
    fields: str, url: str, expected: tuple[str, str]
) -> None:
    """The output that is named, the name of the environment, and the query."""
    override = found(fields, needs({"url": url, "alias": ALIAS}))
    assert (override.value, override.name) == expected


@pytest.mark.parametrize(
    ("output", "outputs", "told"),
    [
        ("deploy-web", "", "Write `deploy-outputs: ${{ toJSON(needs) }}`"),
        ("deploy-web", f"{CANARY}", "`deploy-outputs` is not JSON."),
        ("deploy-web", "[" * 100_000, "`deploy-outputs` is not JSON."),
        ("deploy-web", f'["{CANARY}"]', "`deploy-outputs` is not what `toJSON(needs)` gives."),
        ("deploy-web", "{}", "no job or step `deploy-web`. There is: nothing."),
        ("deplyo-web", needs({}), "There is: `deploy-web`. Did you mean `deploy-web`?"),
        ("deploy-web", needs({}), "has no URL for `{output: deploy-web}`. Outputs: none."),
        ("deploy-web", needs(None), "has no URL for `{output: deploy-web}`. Outputs: none."),
        ("deploy-web", needs({"url": ""}), "that is empty there came out empty in the deploy."),
        ("deploy-web", needs({"urls": f'["{CANARY}"'}), "Outputs: `urls`."),
        ("deploy-web", needs({"url": f"ftp://x/?{CANARY}"}), "Outputs: `url`."),
        ("deploy-web.ulr", needs({"url": URL}), "Outputs with URLs: `url`. Did you mean `url`?"),
        (
            "deploy-web",
            needs({"url": f"{URL}/?{CANARY}", "page-url": ALIAS}),
            "several URLs that differ for `{output: deploy-web}`. Outputs with URLs: `page-url`,",
        ),
        ("deploy-web", needs({"a": URL, "b": f"{ALIAS}?{CANARY}"}), "several URLs that differ"),
    ],
    ids=lambda it: it[:30],
)
def test_outputs_that_lead_nowhere_say_what_to_write(output: str, outputs: str, told: str) -> None:
    """The names that are there are listed; a value is never shown, for it may hold a secret."""
    with pytest.raises(UsageError) as caught:
        found(f"output: {output}", outputs)
    assert told in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("context", [needs, steps])
@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped"])
def test_a_deploy_that_failed_says_so(context: Callable[..., str], result: str) -> None:
    """There is nothing wrong with the inputs then: the verdict is `error`."""
    with pytest.raises(PreviewError, match=f"`deploy-web` ended as `{result}`"):
        found("output: deploy-web", context({"url": URL}, result))


def test_outputs_are_looked_at_only_where_an_override_names_one() -> None:
    """Who passes them all may name a URL all the same."""
    overrides = read_overrides("app_web: env_1")
    assert from_outputs(overrides, "no JSON") == overrides


LOCAL = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",  # noqa: S104 - an address that is refused
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "fd00:ec2::254",
]
REMOTE = ["93.184.216.34", "10.0.0.7", "2606:2800::1", "64:ff9b::5db8:d822", "2002:5db8:d822::1"]


@pytest.mark.parametrize("address", LOCAL)
def test_a_machines_own_and_metadata_addresses_are_refused(address: str) -> None:
    """In whatever form: whoever decides on a URL could else point the runner at itself."""
    assert is_local(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(PreviewError):
        check_url(f"http://{host}:8080/", ())


@pytest.mark.parametrize("address", REMOTE)
def test_other_addresses_are_not_refused(address: str) -> None:
    """A preview may well run in the runner's own network."""
    assert not is_local(address)
    check_url(f"http://{f'[{address}]' if ':' in address else address}/", ())


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "shop.localhost",
        "metadata",
        "metadata.google.internal",
        "x.internal",
        "x.internal.",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
    ],
)
def test_names_that_lead_to_such_an_address_are_refused(host: str) -> None:
    """Resolvers read short, hexadecimal and octal addresses, and a dot at the end."""
    with pytest.raises(PreviewError, match="own or a metadata address"):
        check_url(f"https://{host}/", ())


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://{CANARY}@x.example",
        f"https://u:{CANARY}@x.example",
        f"https://[::1?{CANARY}",
        f"https:///?{CANARY}",
        f"https://x.example/ä?{CANARY}",
        f"https://x.example/a b?{CANARY}",
        f"javascript:{CANARY}",
        "",
    ],
)
def test_what_is_no_url_is_refused_without_being_shown(url: str) -> None:
    """Outputs and deployments hand over whatever the deploy wrote."""
    with pytest.raises(PreviewError, match="is not an http\\(s\\) URL without user info") as caught:
        check_url(url, ())
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "patterns", "is_allowed"),
    [
        ("shop.example.com", ["shop.example.com"], True),
        ("SHOP.example.com.", ["shop.example.com"], True),
        ("pr-7.shop.example.com", ["*.example.com"], True),
        ("127.0.0.1", ["127.0.0.1"], True),
        ("[::1]", ["::1"], True),
        ("x.internal", ["*.internal"], True),
        ("example.com", ["*.example.com"], False),
        ("shop.example.com.evil.test", ["*.example.com"], False),
        ("evil.test", ["*.example.com", "x.test"], False),
    ],
)
def test_hosts_can_be_limited_to_patterns(
    host: str, patterns: list[str], *, is_allowed: bool
) -> None:
    """They decide alone: what they name is allowed even on the machine itself."""
    url = f"https://{host}:8443/{CANARY}?{CANARY}"
    if is_allowed:
        check_url(url, patterns)
        return
    with pytest.raises(PreviewError, match=f"Add `{host}`"):
        check_url(url, patterns)


class Answers:
    """A preview that gives its answers in turn, the last one from then on."""

    def __init__(self, *responses: Response) -> None:
        self.requests: list[Request] = []
        self._responses = responses

    def handle(self, request: Request) -> Response:
        """Return the next answer."""
        self.requests.append(request)
        return self._responses[min(len(self.requests), len(self._responses)) - 1]


@dataclass
class Search:
    """What a search for previews needs and leaves behind."""

    folder: Path
    clock: SimulatedClock
    forge: github.GitHub
    forge_url: str
    out: StringIO = field(default_factory=StringIO)

    def find(
        self, overrides: str, inputs: Mapping[str, str], event: github.Event | None = None
    ) -> list[tuple[str, str]]:
        """Return URL and name of the previews that are found for the event's pull request."""
        values = {"application-overrides": overrides, **inputs}
        environ = github.environ(self.folder, self.forge_url, "", event)
        deadline, read = Deadline(self.clock, 3600), read_event(environ)
        forge = GitHub(github.GITHUB_TOKEN, read, deadline)
        previews = find_previews(
            read_settings(values, "github-token", is_reviewed=False),
            forge.pull_request(github.REPOSITORY, 7),
            read,
            forge,
            Runner(environ, self.out),
        )
        return [(it.value, it.name) for it in previews if it.kind == "url"]

    @property
    def log(self) -> list[str]:
        """The lines of the log but for the masks, and for what was found in the end."""
        lines = self.out.getvalue().splitlines()
        return [it for it in lines if "::add-mask::" not in it and " → " not in it]


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    """Yield a search on GitHub's stand-in."""
    clock = SimulatedClock()
    forge = github.GitHub(clock.now)
    with server.serving(forge) as url:
        yield Search(tmp_path, clock, forge, url)


def ask(search: Search, app: server.App) -> list[str]:
    """Wait a minute for a preview at the most; return the log without the address."""
    with server.serving(app) as url:
        search.find(f"app_web: {url}/shop?k={CANARY}", MINUTE | {"allowed-preview-hosts": "127.*"})
        assert CANARY not in " ".join(search.log)
        return [it.replace(f"The preview {url}/shop?… ", "") for it in search.log]


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (Response(200), "answers 200."),
        (Response(302, None, {"Location": "http://127.0.0.1:1/"}), "answers 302."),
        (Response(401), "answers 401: it is protected."),
        (Response(401, None, {"Server": "Vercel"}), "answers 401: it is protected."),
        (Response(403, None, {"Server": "cloudflare"}), "answers 403: it is protected."),
        (
            Response(401, None, {"WWW-Authenticate": "Basic"}),
            "answers 401: it is protected.",
        ),
        (Response(403, None, {"WWW-Authenticate": "Basic"}), "answers 403: it is protected."),
        (Response(429), "answers 429 with a bot challenge."),
        (Response(403, None, {"cf-mitigated": "challenge"}), "answers 403 with a bot challenge."),
    ],
)
def test_a_preview_that_answers_is_up(search: Search, response: Response, told: str) -> None:
    """A protection too: QA.tech may pass it. One request, which follows no redirect."""
    app = Answers(response)
    (line,) = ask(search, app)
    assert line.startswith(told)
    (request,) = app.requests
    assert (request.line, request.query, search.clock.elapsed) == ("GET /shop", {"k": CANARY}, 0)
    assert "Authorization" not in request.headers


def test_a_preview_is_waited_for_until_it_is_up(search: Search) -> None:
    """An answer of a server that is not ready yet, then a connection that breaks, then success."""
    dropped = Response(200, delivery=Delivery.DROPPED)
    log = ask(search, Answers(Response(503), Response(404), dropped, Response(200)))
    assert [line.partition(". ")[0].rstrip(".") for line in log] == [
        "answers 503",
        "answers 404",
        "cannot be reached: no connection (ConnectionError)",
        "answers 200",
    ]
    assert log[1].endswith(" 1 s.")
    assert 0 < search.clock.elapsed < 60


@pytest.mark.parametrize("response", [Response(403), Response(404), Response(500)])
def test_a_preview_that_does_not_come_up_ends_the_run(search: Search, response: Response) -> None:
    """After the time that waiting may use; the message has the last answer and the way out."""
    with pytest.raises(PreviewTimeout) as caught:
        ask(search, Answers(response))
    assert f"did not come up in time: it answers {response.status}." in str(caught.value)
    assert "raise `preview-timeout-minutes`, or set it to 0" in str(caught.value)
    assert CANARY not in str(caught.value)
    assert 30 < search.clock.elapsed <= 60


def test_a_host_that_does_not_exist_is_said_so(search: Search) -> None:
    """In words: `invalid` never exists, https://www.rfc-editor.org/rfc/rfc6761#section-6.4."""
    with pytest.raises(PreviewTimeout, match=r"shop\.invalid.*the host was not found") as caught:
        search.find(f"app_web: https://shop.invalid/?{CANARY}", MINUTE)
    assert "gaierror" not in str(caught.value) + "".join(search.log)


def test_a_name_that_leads_to_the_machine_itself_gets_no_request(search: Search) -> None:
    """Whoever owns a domain may have it lead anywhere, so the address counts, not the name."""
    name, address, app = gethostname(), "", Answers(Response(200))
    with suppress(OSError):
        address = gethostbyname(name)
    if address != "127.0.0.1":
        pytest.skip("this machine's name does not lead to 127.0.0.1")
    with server.serving(app) as url, pytest.raises(PreviewError, match="is on a machine's own"):
        search.find(f"app_web: {url.replace(address, name)}", MINUTE)
    assert app.requests == []


@pytest.mark.parametrize("inputs", [NOT_AT_ALL, SANDBOX])
def test_a_preview_need_not_be_asked(search: Search, inputs: dict[str, str]) -> None:
    """Where the runner cannot reach it, or the stand-in pretends to; its host is checked still."""
    assert search.find("app_web: https://shop.invalid", inputs)
    with pytest.raises(PreviewError, match="metadata address"):
        search.find("app_web: http://127.0.0.1", inputs)
    assert search.log == []


def test_secrets_in_a_url_that_is_found_are_masked(search: Search) -> None:
    """They may come with the deployment or the override."""
    search.forge.add_deployment(
        github.HEAD_SHA, "Preview", environment_url=f"{URL}?_vercel_share={CANARY}"
    )
    search.find("app_web: {deployment: Preview}", NOT_AT_ALL)
    assert f"::add-mask::{CANARY}" in search.out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("fields", "environment", "urls", "expected"),
    [
        ("deployment: Preview", "Preview", (URL, ALIAS), (URL, "")),
        ("deployment: Preview", "Preview", ("", ALIAS), (ALIAS, "")),
        ("deployment: 'preview - *'", "Preview – store", (URL,), (URL, "")),
        ("deployment: 'pr [7]'", "pr [7]", (URL,), (URL, "")),
        (
            "deployment: Preview, name: PR 7, query: a=b",
            "Preview",
            (URL,),
            (f"{URL}?a=b", "PR 7"),
        ),
    ],
)
def test_the_deployment_of_the_head_commit_is_found(
    search: Search, fields: str, environment: str, urls: tuple[str, ...], expected: tuple[str, str]
) -> None:
    """By its environment's name or a glob; case and kinds of dashes make no difference."""
    search.forge.add_deployment(github.BASE_SHA, environment, "success", "https://old.example")
    search.forge.add_deployment(github.HEAD_SHA, environment, "success", *urls)
    assert search.find(f"app_web: {{{fields}}}", SANDBOX) == [expected]
    assert search.log == []


def test_a_deployment_under_way_is_waited_for(tmp_path: Path) -> None:
    """What is waited for is said once."""
    clock = SimulatedClock()
    forge = github.GitHub(clock.now)

    def decide(_: int, request: Request) -> None:
        if not request.path.endswith("/deployments"):
            return
        looks = sum(it.path == request.path for it in forge.requests)
        if looks == 2:
            forge.add_deployment(github.HEAD_SHA, "Preview", "in_progress")
        elif looks == 4:
            forge.set_deployment_state(forge.deployments[0]["id"], "success", URL)

    with server.serving(server.Faults(forge, decide)) as url:
        search = Search(tmp_path, clock, forge, url)
        assert search.find("app_web: {deployment: Preview}", SANDBOX) == [(URL, "")]
    assert search.log == ["Waiting for a deployment of the head commit to “Preview”."]
    assert clock.elapsed > 15


@pytest.mark.parametrize(
    ("states", "error", "told"),
    [
        (
            {"Preview": "failure"},
            PreviewError,
            "The deployment to “Preview” failed: “Deployment has",
        ),
        ({"Preview": "error"}, PreviewError, "The deployment to “Preview” failed: “Deployment has"),
        ({"Preview": "inactive"}, PreviewError, "“Preview” was replaced by another: “De"),
        (
            {"Preview – a": "success", "Preview – b": "success"},
            PreviewError,
            "means 2 environments: “Preview – a”, “Preview – b”. Write a pattern",
        ),
        ({"Preview": "pending"}, PreviewTimeout, "There is: “Preview” (pending)."),
        ({"Production": "success"}, PreviewTimeout, "There is: “Production” (no state)."),
        ({}, PreviewTimeout, "to “Preview*” succeeded in time. There is: none."),
    ],
)
def test_a_deployment_that_leads_nowhere_ends_the_run(
    search: Search, states: dict[str, str], error: type[Ended], told: str
) -> None:
    """The message names the environments that are there."""
    for environment, state in states.items():
        search.forge.add_deployment(github.HEAD_SHA, environment, state)
    with pytest.raises(error) as caught:
        search.find("app_web: {deployment: Preview*}", SANDBOX)
    assert told in str(caught.value)
    assert search.clock.elapsed <= 600


def test_a_deployment_without_a_url_says_what_is_missing(search: Search) -> None:
    """Neither `environment_url` nor `target_url` is set."""
    search.forge.add_deployment(github.HEAD_SHA, "Preview", "success", "")
    with pytest.raises(PreviewError, match="set `environment_url` on its deployment status"):
        search.find("app_web: {deployment: Preview}", SANDBOX)


def test_the_deployment_that_the_event_brings_is_taken(search: Search) -> None:
    """GitHub is asked for no other, and query and name go with its URL as well."""
    event = github.event("deployment_status_success")
    name = event.payload["deployment"]["environment"]
    url = event.payload["deployment_status"]["environment_url"]
    overrides = f"app_web: {{deployment: '{name}', name: PR 7, query: a=b}}"
    assert search.find(overrides, SANDBOX, event) == [(f"{url}?a=b", "PR 7")]
    assert not [it for it in search.forge.requests if "deployments" in it.path]


@pytest.mark.parametrize(
    "changes",
    [
        {"deployment": {"sha": github.BASE_SHA}},
        {"deployment_status": {"environment_url": "", "target_url": ""}},
    ],
    ids=["of another commit", "without a URL"],
)
def test_an_event_that_brings_no_preview_of_the_commit_is_asked_for_none(
    search: Search, changes: dict[str, Any]
) -> None:
    """GitHub is."""
    event = github.event("deployment_status_success", **changes)
    name = event.payload["deployment"]["environment"]
    search.forge.add_deployment(github.HEAD_SHA, name, "success", URL)
    assert search.find(f"app_web: {{deployment: '{name}'}}", SANDBOX, event) == [(URL, "")]


@pytest.mark.parametrize(
    ("payload", "overrides", "is_ignored"),
    [
        ("deployment_status_success", "app_web: {deployment: Production}", True),
        ("deployment_status_success", "app_web: {deployment: Pre*}", False),
        ("deployment_status_success", f"app_web: {URL}", False),
        ("pull_request_opened", "app_web: {deployment: Production}", False),
    ],
)
def test_a_deployment_of_another_environment_is_ignored(
    tmp_path: Path, payload: str, overrides: str, *, is_ignored: bool
) -> None:
    """The event asks for no review then; both names are said."""
    event = read_event(github.environ(tmp_path, "", "", github.event(payload)))
    if not is_ignored:
        check_event(read_overrides(overrides), event)
        return
    with pytest.raises(Ignored) as caught:
        check_event(read_overrides(overrides), event)
    assert event.deployed
    assert f"“{event.deployed.environments[0]}”" in str(caught.value)
    assert "“Production”" in str(caught.value)
