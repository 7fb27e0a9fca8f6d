"""From overrides as they were written to previews that are up."""

import json
from datetime import timedelta
from typing import Any

import pytest

import payloads
from fakes import DOWN, NOON, PULL_REQUEST, SHA, UP, FakeReviewer, World
from fault_server import Fault, answer, drip, raw, refusing, reset_after_reading, sends, stall
from fault_server import serving as serving_faults
from qatech_ci.before.deploy_outputs import DeployOutputs
from qatech_ci.before.deployments import Deployment, matches
from qatech_ci.before.errors import InputError, PreviewError, PreviewTimeout
from qatech_ci.before.hosts import check_host
from qatech_ci.before.model import DeployOutput, Override, PreviewUrl
from qatech_ci.before.overrides import read_overrides
from qatech_ci.before.ports import Deadline, ProbeResult
from qatech_ci.before.probe import HttpProber
from qatech_ci.before.resolving import Resolver
from qatech_ci.before.settings import read_settings
from qatech_ci.before.target import Event

URL, ALIAS = "https://shop-7f3a.example.app", "https://fix-checkout.shop.example.app"
ACTIONS: list[tuple[str, dict[str, str], str]] = [
    (
        "amondnet/vercel-action",
        {"preview-url": URL, "preview-name": "x", "deployment-id": "1"},
        URL,
    ),
    ("patrickedqvist/wait-for-vercel-preview", {"url": URL, "vercel_jwt": "x.y.z"}, URL),
    ("zentered/vercel-preview-url", {"preview_url": URL, "deployment_state": "READY"}, URL),
    ("nwtgck/actions-netlify", {"deploy-url": URL}, URL),
    ("wait-for-netlify", {"url": URL}, URL),
    (
        "cloudflare/wrangler-action",
        {
            "deployment-url": URL,
            "pages-deployment-alias-url": ALIAS,
            "deployment-alias-url": ALIAS,
            "pages-deployment-id": "1",
            "pages-environment": "preview",
        },
        URL,
    ),
    ("only an alias", {"pages-deployment-alias-url": ALIAS, "id": "1"}, ALIAS),
    (
        "cloudflare/pages-action",
        {"url": URL, "alias": ALIAS, "id": "1", "environment": "preview"},
        URL,
    ),
    (
        "FirebaseExtended/action-hosting-deploy",
        {"details_url": f"{URL}/", "urls": json.dumps([URL]), "expire_time": "2026-05-11"},
        f"{URL}/",
    ),
    ("Firebase without details", {"urls": json.dumps([URL, f"{URL}/"])}, URL),
    ("Azure/static-web-apps-deploy", {"static_web_app_url": URL}, URL),
    ("rossjrw/pr-preview-action", {"preview-url": URL, "deployed-commit-sha": SHA}, URL),
    ("actions/deploy-pages", {"page_url": URL}, URL),
]


def needs(outputs: Any, result: str = "success") -> str:  # noqa: ANN401 - JSON
    """Return what `toJSON(needs)` gives for one job."""
    return json.dumps({"deploy-web": {"result": result, "outputs": outputs}}, indent=2)


def steps(outputs: Any, outcome: str = "success") -> str:  # noqa: ANN401 - JSON
    """Return what `toJSON(steps)` gives for one step."""
    step = {"outputs": outputs, "outcome": outcome, "conclusion": outcome}
    return json.dumps({"deploy-web": step})


@pytest.mark.parametrize("context", [needs, steps])
@pytest.mark.parametrize(("action", "outputs", "url"), ACTIONS)
def test_the_url_is_found_among_the_outputs_of_each_deploy_action(
    action: str,
    outputs: dict[str, str],
    url: str,
    context: Any,  # noqa: ANN401 - needs or steps
) -> None:
    """A deployment's URL wins over an alias, which moves with the next push."""
    found, why = DeployOutputs.parse(context(outputs)).find(DeployOutput("deploy-web"))
    assert found == url, action
    assert "of `deploy-web`" in why


def test_a_named_output_is_taken_whatever_its_name() -> None:
    """As it was asked for."""
    outputs = DeployOutputs.parse(needs({"where": URL, "preview-url": ALIAS}))
    assert outputs.find(DeployOutput("deploy-web", "where"))[0] == URL


@pytest.mark.parametrize(
    ("text", "wanted", "told"),
    [
        ("", DeployOutput("deploy-web"), "no job or step `deploy-web`. There is: nothing"),
        (needs({}), DeployOutput("web"), "no job or step `web`. There is: deploy-web"),
        (needs({"url": URL}, "failure"), DeployOutput("deploy-web"), "ended as “failure”"),
        (needs({"url": URL}, "skipped"), DeployOutput("deploy-web"), "ended as “skipped”"),
        (steps({"url": URL}, "cancelled"), DeployOutput("deploy-web"), "ended as “cancelled”"),
        (needs({"url": ""}), DeployOutput("deploy-web"), "There is: url (no URL)"),
        (
            needs({"deployment_id": "1"}),
            DeployOutput("deploy-web"),
            "There is: deployment_id (no URL)",
        ),
        (needs(None), DeployOutput("deploy-web"), "There is: nothing"),
        (
            needs({"url": URL, "preview-url": ALIAS}),
            DeployOutput("deploy-web"),
            "several URLs that differ",
        ),
        (needs({"urls": json.dumps([URL, ALIAS])}), DeployOutput("deploy-web"), "several URLs"),
        (needs({"urls": "[" * 10_000}), DeployOutput("deploy-web"), "no URL"),
        (needs({"urls": '[7, "x"]'}), DeployOutput("deploy-web"), "no URL"),
        (needs({"url": "shop.example.app"}), DeployOutput("deploy-web"), "no URL"),
        (needs({"url": URL}), DeployOutput("deploy-web", "page"), "`page` holds no URL"),
        (
            needs({"all": json.dumps([URL, ALIAS])}),
            DeployOutput("deploy-web", "all"),
            "`all` holds several URLs",
        ),
        ("not json", DeployOutput("x"), "is not JSON"),
        ("[" * 100_000, DeployOutput("x"), "is not JSON"),
        ('"' + "x" * 3_000_000 + '"', DeployOutput("x"), "is not JSON"),
        ("[]", DeployOutput("x"), "is not what `toJSON(needs)`"),
        ('{"deploy-web": "x"}', DeployOutput("x"), "is not what `toJSON(needs)`"),
    ],
)
def test_outputs_that_lead_to_no_url_are_told_with_what_is_there(
    text: str,
    wanted: DeployOutput,
    told: str,
) -> None:
    """A job that failed, an empty output, several candidates, or no JSON at all."""
    with pytest.raises(InputError, match="deploy-outputs") as caught:
        DeployOutputs.parse(text).find(wanted)
    assert told in str(caught.value)


def test_a_url_that_is_none_is_compared_as_it_is() -> None:
    """Two that differ are two."""
    outputs = DeployOutputs.parse(needs({"url": "https://[x", "preview-url": "https://[y"}))
    with pytest.raises(InputError, match="several URLs that differ"):
        outputs.find(DeployOutput("deploy-web"))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:3000/",
        "http://api.localhost/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1%25eth0]/",
        "http://[fd00:ec2::254]/",
        "http://metadata.google.internal./computeMetadata",
        "HTTP://LOCALHOST/",
    ],
)
def test_a_machines_own_and_metadata_addresses_are_refused(url: str) -> None:
    """However they are spelled; by name they can be allowed."""
    with pytest.raises(PreviewError, match="own or a metadata address"):
        check_host(url, ())
    check_host(url, ("*",))


@pytest.mark.parametrize(
    "url",
    [
        "https://u:p@shop.example/",
        "https://u@shop.example/",
        "ftp://shop.example/",
        "https:///x",
        "https://[x",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_preview_is_an_http_url_without_user_info(url: str) -> None:
    """Whatever a deploy job hands over."""
    with pytest.raises(PreviewError, match="not an http") as caught:
        check_host(url, ())
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "allowed", "fits"),
    [
        ("shop.example.app", ("*.example.app",), True),
        ("shop.example.app", ("shop.example.app", "x"), True),
        ("example.app", ("*.example.app",), False),
        ("shop.example.app.evil.com", ("*.example.app",), False),
        ("10.0.0.7", (), True),
    ],
)
def test_an_allow_list_of_hosts(host: str, allowed: tuple[str, ...], fits: bool) -> None:  # noqa: FBT001 - a table
    """Where it is set, nothing else is visited; private networks are nobody's own machine."""
    if fits:
        check_host(f"https://{host}/", allowed)
        return
    with pytest.raises(PreviewError, match="allowed-preview-hosts"):
        check_host(f"https://{host}/", allowed)


def deployment(
    environment: str = "Preview – shop",
    state: str = "success",
    url: str = URL,
    number: int = 1,
    minute: int = 0,
    description: str = "",
) -> Deployment:
    """Return a deployment."""
    created = NOON + timedelta(minutes=minute)
    return Deployment(number, environment, created, state, url, description)


def resolved(
    text: str,
    *,
    deployed: Any = None,  # noqa: ANN401 - lists of deployments
    fixture: str = "pull_request_opened",
    payload: Any = None,  # noqa: ANN401 - JSON
    world: Any = None,  # noqa: ANN401 - a world of one's own
    target: Any = PULL_REQUEST,  # noqa: ANN401 - or none
    **inputs: str,
) -> tuple[Override, ...]:
    """Resolve overrides written as text, within ten minutes."""
    it = world or World(FakeReviewer([]))
    it.forge.deployed = deployed or [[]]
    values = {"api-token": "tok_123456", "application-overrides": text}
    settings = read_settings(values | {key.replace("_", "-"): it for key, it in inputs.items()})
    event = Event(
        payloads.EVENTS[fixture],
        payload or payloads.load(fixture),
        "https://github.com",
        "octo-org/shop",
    )
    deadline = Deadline(it.clock, it.clock.monotonic() + settings.preview_timeout)
    resolver = Resolver(settings, it.ports(event), deadline)
    return resolver.resolve(read_overrides(text), target)


def url_of(override: Override) -> str:
    """Return the URL that was found."""
    assert isinstance(override.environment, PreviewUrl)
    return override.environment.url


def test_overrides_that_are_written_out_stay_as_they_are() -> None:
    """And say so."""
    overrides = resolved(f"app_a: {URL}\napp_b: env_staging\napp_c: build_1")
    assert overrides == read_overrides(f"app_a: {URL}\napp_b: env_staging\napp_c: build_1")
    assert {override.why for override in overrides} == {"as written"}


def test_a_deploy_jobs_output_is_taken() -> None:
    """With the reason in the log."""
    it = World(FakeReviewer([]))
    (override,) = resolved(
        "app_a: {output: deploy-web}", world=it, deploy_outputs=needs({"url": URL})
    )
    assert url_of(override) == URL
    assert f"info app_a → {URL} (output `url` of `deploy-web`)" in it.log.lines


@pytest.mark.parametrize(
    "pattern",
    ["Preview – shop", "preview - shop", "PREVIEW — SHOP", "Preview*", "* – shop", "pre?iew*shop"],
)
def test_a_deployment_is_found_by_its_environment(pattern: str) -> None:
    """Typographic dashes, case and white space aside; a glob works too."""
    (override,) = resolved(f"app_a: {{deployment: '{pattern}'}}", deployed=[[deployment()]])
    assert url_of(override) == URL
    assert override.why == "deployment 1 of the head commit to “Preview – shop”"


@pytest.mark.parametrize("name", ["Preview [7]", 'with "quotes"', "🚀 ship", "*", "a*b", "x'y"])
def test_an_environment_of_any_name_can_be_named(name: str) -> None:
    """A name that is meant literally is found, whatever a glob would make of it."""
    text = json.dumps({"app_a": {"deployment": name}})
    (override,) = resolved(text, deployed=[[deployment(name), deployment("other", url=ALIAS)]])
    assert url_of(override) == URL
    assert matches(name, "*")


def test_the_newest_deployment_of_an_environment_counts() -> None:
    """Deployed twice, the later one is up."""
    deployed = [deployment(url=ALIAS, minute=1), deployment(number=2, minute=2)]
    (override,) = resolved("app_a: {deployment: Preview*}", deployed=[deployed])
    assert url_of(override) == URL


def test_a_glob_that_matches_two_environments_is_refused() -> None:
    """Either could be the wrong application."""
    deployed = [deployment("Preview – shop"), deployment("Preview – docs")]
    with pytest.raises(PreviewError, match="matches 2 environments: “Preview – docs”, “Preview"):
        resolved("app_a: {deployment: Preview*}", deployed=[deployed])


def test_several_deployments_are_waited_for_together() -> None:
    """In the order in which they come up; one look serves all of them."""
    shop, docs = deployment("shop"), deployment("docs", url=ALIAS)
    it = World(FakeReviewer([]))
    looks = [[], [deployment("shop", "queued", "")], [shop, deployment("docs", "in_progress", "")]]
    overrides = resolved(
        "app_a: {deployment: shop}\napp_b: {deployment: docs}",
        deployed=[*looks, [shop, docs]],
        world=it,
    )
    assert [url_of(override) for override in overrides] == [URL, ALIAS]
    assert "info Waiting for a deployment of the head commit to shop, docs." in it.log.lines
    assert 0 < it.clock.monotonic() < 60


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (deployment(state="failure", url="", description="Build failed"), "failed: “Build failed”"),
        (deployment(state="error"), "to “Preview – shop” failed."),
        (deployment(state="inactive"), "turned inactive"),
        (deployment(url=""), "has no URL"),
    ],
)
def test_a_deployment_that_ends_otherwise_ends_the_wait(last: Deployment, told: str) -> None:
    """Early, and with the reason."""
    it = World(FakeReviewer([]))
    with pytest.raises(PreviewError, match=told):
        resolved("app_a: {deployment: Preview*}", deployed=[[], [last]], world=it)
    assert it.clock.monotonic() < 20


def test_a_deployment_that_never_ends_is_waited_for_within_bounds() -> None:
    """Then it is told which environments there are."""
    it = World(FakeReviewer([]))
    pending = [deployment("Preview – docs", "in_progress", ""), deployment("x", "", "")]
    with pytest.raises(PreviewTimeout, match=r"There is: “Preview – docs \(in_progress\)”, “x"):
        resolved("app_a: {deployment: shop}", deployed=[pending], world=it)
    assert 550 < it.clock.monotonic() <= 600


def test_without_a_commit_there_are_no_deployments() -> None:
    """A message may be about nothing at all."""
    with pytest.raises(PreviewError, match="no commit"):
        resolved("app_a: {deployment: shop}", target=None)


@pytest.mark.parametrize("field", ["environment_url", "target_url"])
def test_the_event_of_a_deployment_answers_for_it(field: str) -> None:
    """Without asking GitHub; older senders put the URL into `target_url`."""
    payload = payloads.load("deployment_status_success")
    payload["deployment_status"] |= {"environment_url": "", "target_url": "", field: URL}
    (override,) = resolved(
        "app_a: {deployment: preview*}",
        fixture="deployment_status_success",
        payload=payload,
    )
    assert url_of(override) == URL
    assert override.why == "the event `deployment_status` about “Preview – shop”"


@pytest.mark.parametrize("pattern", ["preview", "shop", "Preview – shop", "preview*"])
@pytest.mark.parametrize("scheme", ["", "https://"])
def test_vercels_dispatch_answers_for_its_deployment(pattern: str, scheme: str) -> None:
    """By environment, project, or both; with or without a scheme."""
    payload = payloads.load("repository_dispatch_vercel_success")
    payload["client_payload"] |= {
        "environment": "preview",
        "project": {"id": "1", "name": "shop"},
        "url": f"{scheme}shop-7f3a.example.app",
    }
    (override,) = resolved(
        f"app_a: {{deployment: '{pattern}'}}",
        fixture="repository_dispatch_vercel_success",
        payload=payload,
    )
    assert url_of(override) == URL


@pytest.mark.parametrize(
    ("fixture", "path", "value"),
    [
        ("deployment_status_success", ["deployment", "sha"], "f" * 40),
        ("deployment_status_success", ["deployment_status", "state"], "pending"),
        ("deployment_status_success", ["deployment", "environment"], "docs"),
        ("deployment_status_success", ["deployment_status"], 7),
        ("repository_dispatch_vercel_success", ["client_payload", "git", "sha"], "f" * 40),
        ("repository_dispatch_vercel_success", ["client_payload", "url"], None),
        ("repository_dispatch_custom", ["action"], "other"),
    ],
)
def test_an_event_about_something_else_does_not_answer(
    fixture: str,
    path: list[str],
    value: object,
) -> None:
    """Another commit, another environment, or not up: then GitHub is asked."""
    payload = payloads.load(fixture)
    if "deployment_status" in payload:
        payload["deployment_status"]["target_url"] = ""
    inner = payload
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    (override,) = resolved(
        "app_a: {deployment: preview*}",
        fixture=fixture,
        payload=payload,
        deployed=[[deployment(url=ALIAS)]],
    )
    assert url_of(override) == ALIAS


def test_each_preview_is_asked_until_it_answers() -> None:
    """With a pause that grows, and a line in the log each time."""
    it = World(FakeReviewer([]))
    it.prober.script = [DOWN, DOWN, UP]
    resolved(f"app_a: {URL}\napp_b: env_staging", world=it)
    assert it.prober.probed == [URL] * 3
    assert it.log.all().count(f"The preview {URL} answers 503. Asking again.") == 2
    assert f"info The preview {URL} answers 200." in it.log.lines
    assert 2 <= it.clock.monotonic() <= 10


def test_a_preview_that_shows_only_its_protection_is_up_with_a_notice() -> None:
    """QA.tech may pass it though the runner may not."""
    it = World(FakeReviewer([]))
    it.prober.script = [ProbeResult(is_up=True, told="answers 401: it is protected", is_odd=True)]
    resolved(f"app_a: {URL}", world=it)
    assert f"notice The preview {URL} answers 401: it is protected." in it.log.lines


def test_a_preview_that_does_not_come_up_is_told_in_time() -> None:
    """With its last answer, and what can be done."""
    it = World(FakeReviewer([]))
    it.prober.script = [DOWN]
    with pytest.raises(PreviewTimeout, match="did not come up in time: it answers 503"):
        resolved(f"app_a: {URL}", world=it, preview_timeout_minutes="2")
    assert 80 < it.clock.monotonic() <= 120


@pytest.mark.parametrize("inputs", [{"preview_timeout_minutes": "0"}, {"api_url": "sandbox"}])
def test_previews_are_not_asked_where_that_is_not_wanted(inputs: dict[str, str]) -> None:
    """The runner cannot reach them, or nothing will visit them."""
    it = World(FakeReviewer([]))
    resolved(f"app_a: {URL}", world=it, **inputs)
    assert not it.prober.probed


def test_what_is_secret_in_a_found_url_is_concealed_before_it_is_shown() -> None:
    """A bypass in a deploy's output is a secret as well."""
    it = World(FakeReviewer([]))
    url = f"{URL}/?x-vercel-protection-bypass=s3cr3tvalue"
    resolved("app_a: {output: deploy-web}", world=it, deploy_outputs=needs({"url": url}))
    concealed = it.log.lines.index("conceal s3cr3tvalue")
    assert not any(
        "s3cr3tvalue" in line for line in it.log.lines[:concealed] if "conceal" not in line
    )
    assert f"app_a → {URL}/?…" in it.log.all()


def test_a_found_url_has_to_be_on_an_allowed_host() -> None:
    """Whoever decides on a job's outputs does not decide where the runner goes."""
    it = World(FakeReviewer([]))
    with pytest.raises(PreviewError, match="own or a metadata address"):
        resolved(
            "app_a: {output: deploy-web}",
            world=it,
            deploy_outputs=needs({"url": "http://169.254.169.254/"}),
        )
    assert not it.prober.probed


def probe(*script: Fault, seconds: float = 5, allowed: tuple[str, ...] = ("*",)) -> ProbeResult:
    """Probe a server that answers by script."""
    with serving_faults(*script) as server:
        return HttpProber(allowed).probe(server.url, seconds)


@pytest.mark.parametrize(
    ("status", "headers", "is_up", "is_odd"),
    [
        (200, {}, True, False),
        (204, {}, True, False),
        (302, {"Location": "https://login.example/"}, True, False),
        (401, {"Server": "Vercel"}, True, True),
        (401, {}, True, True),
        (403, {"Server": "cloudflare"}, True, True),
        (403, {"WWW-Authenticate": "Basic"}, True, True),
        (403, {"Server": "AmazonS3"}, False, False),
        (403, {"cf-mitigated": "challenge"}, True, True),
        (429, {"x-vercel-mitigated": "challenge"}, True, True),
        (429, {}, True, True),
        (404, {}, False, False),
        (500, {}, False, False),
        (503, {"Retry-After": "5"}, False, False),
    ],
)
def test_what_an_answer_says_about_a_preview(
    status: int,
    headers: dict[str, str],
    is_up: bool,  # noqa: FBT001 - a table
    is_odd: bool,  # noqa: FBT001 - a table
) -> None:
    """Success, a redirect and a protection are up; what precedes a deploy is not."""
    result = probe(answer({}, status, **headers))
    assert (result.is_up, result.is_odd) == (is_up, is_odd)
    assert str(status) in result.told


@pytest.mark.parametrize("fault", [stall, drip])
def test_a_preview_cannot_hold_the_probe_up(fault: Fault) -> None:
    """A byte a second is no answer."""
    assert probe(fault, seconds=0.3) == ProbeResult(is_up=False, told="did not answer in time")


def test_a_preview_whose_body_drips_is_up() -> None:
    """Its body is not read."""
    assert probe(sends(raw(b"x", length=10_000_000))).is_up


def test_a_preview_that_cannot_be_reached_is_not_up() -> None:
    """Nobody listens, nobody has the name, or the connection breaks: the reason is named."""
    with refusing() as url:
        assert "ConnectionRefusedError" in HttpProber(("*",)).probe(url, 5).told
    assert "cannot be reached" in HttpProber(()).probe("https://nowhere.invalid/", 5).told
    assert "cannot be reached" in probe(reset_after_reading).told
    assert "cannot be reached" in HttpProber(("*",)).probe("https://[x", 5).told


@pytest.mark.parametrize("url", ["https://a.example/ä", "https://a.example/%zz", "https://a b/"])
def test_a_preview_that_is_no_url_is_told_before_a_review_is_spent(url: str) -> None:
    """QA.tech would refuse it; what a deploy job hands over is nobody's promise."""
    outputs = {"deploy": {"result": "success", "outputs": {"url": url}}}
    with pytest.raises(PreviewError, match="no URL by RFC 3986"):
        resolved("app_web: {output: deploy}", deploy_outputs=json.dumps(outputs))


def test_a_name_that_leads_home_is_not_visited() -> None:
    """A host that resolves to the machine itself, unless it is allowed by name."""
    result = probe(answer({}), allowed=())
    assert result == ProbeResult(
        is_up=False, told="resolves to a machine's own or metadata address"
    )


def test_a_redirect_is_not_followed_and_no_password_is_sent(
    tmp_path: Any,  # noqa: ANN401 - a path
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is secret in the URL goes to its host only, and nothing else goes anywhere."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving_faults(answer({})) as other:
        redirect = answer({}, 302, Location=other.url)
        with serving_faults(redirect) as server:
            url = f"{server.url}/p?x-vercel-protection-bypass=s3cr3tvalue"
            assert HttpProber(("*",)).probe(url, 5).is_up
            (request,) = server.received
    assert request.path == "/p?x-vercel-protection-bypass=s3cr3tvalue"
    assert "authorization" not in request.headers
    assert not other.received
