"""Three secrets, traced through every failure path: they get where they belong and nowhere else."""

import io
import json
import os
import re
import signal
import subprocess
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from containers import ROOT
from fakes import NOON
from fault_server import Fault, FaultServer, Received, answer, raw, sends, serving
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.main import main
from qatech_ci.before.sandbox import GitHub, QaTech, Scenario
from qatech_ci.before.sandbox.qatech import Question
from old_stand_ins import PERMISSIONS, REPOSITORY, SHA, Job, Services
from test_entrypoint import COMMAND
from test_faults import (
    CATALOGUE,
    GRAPHQL,
    REDIRECTS,
    SILENT,
    Relay,
    by_rest,
    call_to,
    headers,
)

API = "tok_canary_5d41402a"
FORGE = "ghs_canary+7b52/009b"
BYPASS = "s3cr3t/bypass+value"
QUERY = f"x-vercel-protection-bypass={quote(BYPASS, safe='')}&x-vercel-set-bypass-cookie=true"
PREVIEW = f"https://shop-7f3a.example.app/cart?{QUERY}"


def coded(text: str) -> str:
    """Return text in base64."""
    return b64encode(text.encode()).decode()


def forms(secret: str) -> tuple[str, ...]:
    """Return a secret as it is, URL-encoded, and in base64."""
    return secret, quote(secret, safe=""), coded(secret), coded(secret).rstrip("=")


TOKENS = (*forms(API), *forms(FORGE))
SECRETS = (*TOKENS, BYPASS, *forms(quote(BYPASS, safe="")), *forms(QUERY))
ECHO = " ".join(SECRETS)
UNTOLD = ("look-up", "deployments")
"""Calls before the run itself has been told the preview's secret."""
PLAIN = f"{API} {FORGE} {BYPASS} {PREVIEW}"
CALLS: Mapping[str, Callable[[Received], bool]] = {
    "start": call_to("POST", "/chat/change-review"),
    "poll": call_to("GET", "/chat/chat_"),
    "follow-up": call_to("POST", "/chat/chat_"),
    "look-up": call_to("GET", "/pulls/7"),
    "deployments": call_to("GET", "/deployments"),
    "graphql": GRAPHQL,
    "comments": by_rest("GET", "/issues/7/comments"),
    "create": call_to("POST", "/issues/7/comments"),
    "edit": call_to("PATCH", "/issues/comments/"),
    "check runs": by_rest("GET", "/check-runs"),
    "statuses": by_rest("GET", f"{SHA}/statuses"),
    "status": call_to("POST", f"/statuses/{SHA}"),
}
TOLD = {"message": ECHO, "documentation_url": f"https://x.example/?{ECHO}", "errors": [ECHO]}
ECHOED: dict[str, Fault] = {
    f"{status} that echoes": answer(
        TOLD, status, X_Accepted_GitHub_Permissions=ECHO, Retry_After="1", WWW_Authenticate=ECHO
    )
    for status in (200, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503)
} | {
    "prose that echoes": sends(raw(ECHO.encode())),
    "a status line that echoes": headers("Content-Length: 2", status=f"500 {PLAIN}"),
    "headers that echo": headers(f"Content-Length: {PLAIN}", f"Content-Encoding: {PLAIN}"),
    "chunks that echo": headers("Transfer-Encoding: chunked", body=PLAIN.encode()),
    "a list that echoes": answer([{"id": ECHO, "name": ECHO, "user": {"login": ECHO}}, ECHO]),
    "values that echo": answer(
        {"shortId": ECHO, "url": ECHO, "title": ECHO, "state": ECHO, "head": ECHO, "number": ECHO}
    ),
}


@dataclass
class Scene:
    """Both services behind relays, and a host that nobody should ever ask."""

    qatech: Relay
    github: Relay
    elsewhere: FaultServer
    services: Services

    def comments(self) -> str:
        """Return all comments, and their receipts decoded."""
        bodies = "\n".join(comment.body for comment in self.services.github.comments(REPOSITORY, 7))
        return bodies + decoded(bodies)


def decoded(text: str) -> str:
    """Return what the receipts in a text say."""
    payloads = re.findall(r"receipt:v1\.([A-Za-z0-9_=-]+)\.", text)
    return "\n".join(urlsafe_b64decode(payload).decode() for payload in payloads)


def nothing(request: Received) -> bool:
    """Mean no request at all."""
    return not request


def echoing(question: Question) -> str:
    """Reply with the usual, and with every secret in every form."""
    return f"{question.usual}\n\n{ECHO}"


@contextmanager
def scene(
    clock: SimulatedClock,
    meant: Callable[[Received], bool] = nothing,
    fault: Fault | None = None,
    reply: Callable[[Question], str] = echoing,
) -> Iterator[Scene]:
    """Serve a review of which every call is needed, with a fault in the way of the calls meant."""
    qatech = QaTech(API, scenario=Scenario.VAGUE, now=clock.now, pace=0, reply=reply)
    github = GitHub(now=clock.now)
    github.add_token(FORGE, permissions=PERMISSIONS)
    github.add_pull_request(REPOSITORY, 7, head_sha=SHA, title=PLAIN, body=PLAIN)
    number = github.add_deployment(REPOSITORY, SHA, "Preview")
    github.add_deployment_status(REPOSITORY, number, "success", environment_url=PREVIEW)
    with serving(answer(TOLD)) as elsewhere:
        played = fault or away(elsewhere, 307)
        relays = Relay(qatech, played, meant), Relay(github, played, meant)
        with serving(relays[0]) as front, serving(relays[1]) as forge:
            services = Services(qatech, github, f"{front.url}/v1", forge.url)
            yield Scene(*relays, elsewhere, services)


def away(elsewhere: FaultServer, status: int) -> Fault:
    """Lead to another host, with the secrets in its address."""
    url = elsewhere.url.replace("127.0.0.1", "localhost")
    return answer(TOLD, status, Location=f"{url}/{quote(API)}?{QUERY}&t={quote(FORGE)}")


def environ(job: Job, its: Scene, **inputs: str) -> dict[str, str]:
    """Return the environment of a run that makes every call."""
    usual = {
        "api_token": API,
        "github_token": FORGE,
        "pull_request": "7",
        "application_overrides": "app_web: {deployment: Preview}",
    }
    return job.environ(its.services, "workflow_dispatch", **(usual | inputs))


@dataclass
class Traced:
    """What a run wrote, and what it sent to whom."""

    exit_code: int
    written: str
    sent: Mapping[str, str]

    def leaks(self, secrets: tuple[str, ...] = SECRETS) -> list[str]:
        """Return where a secret is that should not be there."""
        bad = [f"written: {it}" for it in secrets if it in self.written]
        for host, text in self.sent.items():
            # The reviewer is to open the preview; nobody else is.
            known = TOKENS if host == "qatech" else SECRETS
            bad += [f"{host}: {it}" for it in known if it in text]
        return bad


def traced(
    job: Job,
    its: Scene,
    clock: SimulatedClock,
    given: Mapping[str, str] | None = None,
) -> Traced:
    """Run the action, and return all that came out of it."""
    stream = io.StringIO()
    code = main(given or environ(job, its), stream, clock)
    said = [line for line in stream.getvalue().splitlines() if not line.startswith("::add-mask::")]
    files = [job.folder / name for name in ("summary", "output")]
    texts = [file.read_text() for file in files if file.exists()]
    sent = {
        "qatech": received(its.qatech.received),
        "github": received(its.github.received),
        "elsewhere": received(its.elsewhere.received) + ECHO * bool(its.elsewhere.received),
    }
    return Traced(code, "\n".join([*said, *texts, its.comments()]), sent)


def received(requests: list[Received]) -> str:
    """Return requests without the header that is for the token; receipts in them decoded."""
    heads = [{k: v for k, v in it.headers.items() if k != "authorization"} for it in requests]
    bodies = "\n".join(it.body.decode() for it in requests)
    lines = [f"{it.method} {it.path} {head}" for it, head in zip(requests, heads, strict=True)]
    return "\n".join([*lines, bodies, decoded(bodies)])


def traced_through(folder: Path, call: str, fault: Fault | None, **inputs: str) -> Traced:
    """Run the action with a fault at one of its calls, and see that it was met."""
    job, clock = Job(folder), SimulatedClock(NOON)
    with scene(clock, CALLS[call], fault) as its:
        seen = traced(job, its, clock, environ(job, its, **inputs))
        assert its.qatech.met + its.github.met
    return seen


def test_a_review_makes_every_call_and_leaks_nothing(tmp_path: Path) -> None:
    """The reply, the title and the description echo all secrets; the preview's goes to QA.tech."""
    clock = SimulatedClock(NOON)
    # Without GraphQL, so that REST is asked for everything.
    with scene(clock, GRAPHQL, answer({}, 404)) as its:
        seen = traced(Job(tmp_path), its, clock)
        asked = its.qatech.received + its.github.received
        (start,) = filter(CALLS["start"], asked)
    assert GRAPHQL(its.github.met[0])
    by_others = [request for request in asked if not GRAPHQL(request)]
    untold = [call for call, meant in CALLS.items() if not any(map(meant, by_others))]
    assert untold == ["graphql"]
    assert (seen.exit_code, seen.leaks()) == (0, [])
    assert PREVIEW in start.body.decode()
    assert "***" in seen.written


def leaked(seen: Traced, call: str) -> list[str]:
    """Return what leaked of the secrets that the run knew at this call."""
    return seen.leaks(TOKENS if call in UNTOLD else SECRETS)


@pytest.mark.parametrize("call", CALLS)
def test_no_error_message_leaks(tmp_path: Path, call: str) -> None:
    """Services that repeat what they were sent are repeated without the secrets."""
    assert leaked(traced_through(tmp_path, call, ECHOED["403 that echoes"]), call) == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", [*ECHOED, *CATALOGUE])
@pytest.mark.parametrize("call", CALLS)
def test_no_fault_at_any_call_leaks(tmp_path: Path, call: str, fault: str) -> None:
    """The whole catalogue, those that echo included, at each call of either service."""
    assert leaked(traced_through(tmp_path, call, (ECHOED | CATALOGUE)[fault]), call) == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", SILENT)
@pytest.mark.parametrize("call", CALLS)
def test_no_silence_leaks(tmp_path: Path, call: str, fault: str) -> None:
    """Messages about time that ran out quote nothing."""
    seen = traced_through(tmp_path, call, SILENT[fault], timeout_minutes="0.03")
    assert seen.leaks() == []


@pytest.mark.slow
@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("call", CALLS)
def test_no_redirect_takes_a_secret_along(tmp_path: Path, call: str, status: int) -> None:
    """The host that it names is never asked, and the address, secrets and all, not repeated."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)

    def redirect(connection: Any, server: FaultServer) -> None:  # noqa: ANN401 - a socket
        away(its.elsewhere, status)(connection, server)

    with scene(clock, CALLS[call], redirect) as its:
        seen = traced(job, its, clock)
        assert not its.elsewhere.received
    assert leaked(seen, call) == []


ACCEPTED: dict[str, Any] = {
    "shortId": "chat_abc123",
    "url": "https://app.qa.tech/p/shop/chat/chat_abc123",
    "title": None,
    "createdAt": "2026-05-04T12:00:00.000Z",
    "updatedAt": "2026-05-04T12:00:00.000Z",
    "source": "api",
    "messages": [],
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ECHO),
        ("source", ECHO),
        ("extra", {ECHO: ECHO}),
        ("url", f"https://app.qa.tech/chat?t={quote(API, safe='')}&{QUERY}"),
        ("url", f"https://app.qa.tech/chat/{API}/{quote(FORGE, safe='')}"),
        ("url", f"https://app.qa.tech/chat/{API}"),
    ],
)
def test_an_accepted_start_that_echoes_leaks_nothing(
    tmp_path: Path,
    field: str,
    value: object,
) -> None:
    """Neither the link in the comment nor the receipt holds what the answer repeated."""
    fault = answer(ACCEPTED | {field: value}, 202)
    assert traced_through(tmp_path, "start", fault).leaks() == []


def block(question: Question, told: str) -> str:
    """Return a failing verdict block that tells `told` wherever it can."""
    failure = {"title": told, "details": told}
    verdict = {"nonce": question.nonce, "verdict": "failed", "failures": [failure]}
    return f"```qatech-verdict\n{json.dumps(verdict)}\n```"


SAID: Mapping[str, Callable[[Question], str]] = {
    "a heading": lambda _: f"# {ECHO}",
    "a table": lambda _: f"| a | b |\n| - | - |\n| {API} | {BYPASS} {FORGE} |",
    "code": lambda _: f"`{API}`\n\n```\n{ECHO}\n```\n\n    {PLAIN}",
    "links": lambda _: f"[{API}](https://x.example/?t={API}) ![{BYPASS}]({PREVIEW}) <{PREVIEW}>",
    "HTML": lambda _: f'<a href="{PREVIEW}">{API}</a> <!-- {ECHO} -->',
    "JSON": lambda _: json.dumps({"token": API, "url": PREVIEW, "echo": ECHO}),
    "commands": lambda _: f"::error::{API}\n##[set-output name=x]{BYPASS}",
    "a verdict block": lambda question: block(question, ECHO),
    "emphasis": lambda _: f"**{API}** _{FORGE}_ ~~{BYPASS}~~",
    "a long reply": lambda _: f"{PLAIN}\n\n" * 600,
}
HIDDEN_IN = {
    "zero-width characters": "\u200b",
    "soft hyphens": "\u00ad",
    "control characters": "\x00",
}


@pytest.mark.parametrize("said", SAID)
def test_no_reply_leaks(tmp_path: Path, said: str) -> None:
    """In whatever part of Markdown a secret stands."""
    clock = SimulatedClock(NOON)
    with scene(clock, reply=SAID[said]) as its:
        assert traced(Job(tmp_path), its, clock).leaks() == []


@pytest.mark.parametrize("hidden", HIDDEN_IN)
def test_no_secret_comes_together_again(tmp_path: Path, hidden: str) -> None:
    """What is not shown is dropped, and what is left then is still no secret."""
    clock, character = SimulatedClock(NOON), HIDDEN_IN[hidden]
    broken = f"{API[:7]}{character}{API[7:]} {BYPASS[:5]}{character}{BYPASS[5:]}"
    with scene(clock, reply=lambda _: broken) as its:
        assert traced(Job(tmp_path), its, clock).leaks() == []


def test_a_previews_secret_is_known_in_base64_too(tmp_path: Path) -> None:
    """It was written URL-encoded; whoever decodes it first has the secret itself."""
    clock = SimulatedClock(NOON)
    with scene(clock, reply=lambda _: coded(BYPASS)) as its:
        assert traced(Job(tmp_path), its, clock).leaks((coded(BYPASS),)) == []


class Defective(SimulatedClock):
    """A clock that breaks down at one of its calls, with a message that nobody may see."""

    def __init__(self, start: datetime, calls: int) -> None:
        super().__init__(start)
        self.left = calls

    def random(self) -> float:
        """Break down in time."""
        self._count()
        return super().random()

    def salt(self) -> str:
        """Break down in time."""
        self._count()
        return super().salt()

    def sleep(self, seconds: float) -> None:
        """Break down in time."""
        self._count()
        super().sleep(seconds)

    def _count(self) -> None:
        self.left -= 1
        if not self.left:
            self.fail()

    def fail(self) -> None:
        """Raise something that nobody expects."""
        raise LookupError(PLAIN) from KeyError(ECHO)


class Signalled(Defective):
    """A clock that is signalled at one of its calls."""

    def fail(self) -> None:
        """Send a signal."""
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("calls", range(1, 6))
@pytest.mark.parametrize("kind", [Defective, Signalled])
def test_no_defect_and_no_signal_leaks(
    tmp_path: Path,
    kind: type[Defective],
    calls: int,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Where it shows and what it is called is told; there is no traceback."""
    clock = kind(NOON, calls)
    with scene(clock) as its:
        seen = traced(Job(tmp_path), its, clock)
    assert seen.exit_code in ((1, 2) if kind is Defective else (143,))
    assert seen.leaks() == []
    assert capfd.readouterr() == ("", "")


def inputs() -> list[str]:
    """Return the names of all inputs but the tokens themselves."""
    names = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    return sorted(set(names) - {"api-token", "github-token"})


@pytest.mark.parametrize(("name", "value"), list(product(inputs(), [API, FORGE])))
def test_a_token_in_the_wrong_input_is_not_shown(tmp_path: Path, name: str, value: str) -> None:
    """A message shows what was written; a token that was pasted there is hidden even so."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)
    with scene(clock) as its:
        given = environ(job, its, **{name.replace("-", "_"): value})
        seen = traced(job, its, clock, given)
    assert [it for it in TOKENS if it in seen.written] == []


@pytest.mark.parametrize("name", ["api_token", "github_token"])
@pytest.mark.parametrize("value", [f"{API} {FORGE}", f"{API}\n{FORGE}", f"{API}\x00", f"“{API}”"])
def test_a_malformed_token_is_not_shown(tmp_path: Path, name: str, value: str) -> None:
    """The message names the position of what is wrong, and nothing around it."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)
    with scene(clock) as its:
        seen = traced(job, its, clock, environ(job, its, **{name: value}))
    assert seen.exit_code == 2
    assert seen.leaks() == []


OVERRIDES = [
    f"app_web: {PREVIEW}: [",
    f'{{"app_web": "{PREVIEW}"',
    f'[{{"applicationShortId": "app_web", "environment": {{"url": "{PREVIEW}", "x": 1}}}}]',
    f"app_web: '{PREVIEW}'\napp_web: '{PREVIEW}'",
    f"web: '{PREVIEW}'",
    f"'{PREVIEW}': app_web",
    f"app_web: {{url: '{PREVIEW}', environment: env_a}}",
    f"app_web: '{PREVIEW.replace('https', 'ftp')}'",
    f"app_web: 'https://user:{quote(BYPASS, safe='')}@shop.example.app/'",
    f"app_web: 'http://127.0.0.1/?{QUERY}'",
    f"app_web: 'https:{PREVIEW}'",
    f"app_web: '{PREVIEW} {PREVIEW}'",
    f"app_web: ['{PREVIEW}']",
    f"app_web: {{output: '{PREVIEW}'}}",
    f"app_web: {{deployment: '{PREVIEW}'}}",
    f"{PREVIEW}",
]


@pytest.mark.parametrize("text", OVERRIDES)
def test_a_preview_that_is_written_wrong_keeps_its_secret(tmp_path: Path, text: str) -> None:
    """The message shows the part at fault, without the query and without user info."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)
    with scene(clock) as its:
        seen = traced(job, its, clock, environ(job, its, application_overrides=text))
    assert seen.exit_code != 0
    assert seen.leaks() == []


def handed_over(**outputs: object) -> str:
    """Return what `toJSON(needs)` gives of a deploy job."""
    return json.dumps({"deploy": {"result": "success", "outputs": outputs}})


OTHER = "https://other.example.app"
DEPLOYED = [
    handed_over(url=PREVIEW, **{"preview-url": OTHER}),
    handed_over(unknown=PREVIEW),
    handed_over(url=f"{PREVIEW} and {OTHER}"),
    handed_over(url=f'["{PREVIEW}", "{OTHER}"]'),
    handed_over(url={"is": PREVIEW}),
    f'{{"deploy": {{"result": "{PREVIEW}"}}}}',
    f'{{"deploy": "{PREVIEW}"}}',
    f'{{"deploy": {PREVIEW}',
    PREVIEW,
    handed_over(url=PREVIEW, bypass=BYPASS, **{"preview-url": OTHER}),
]


@pytest.mark.parametrize("text", DEPLOYED)
def test_a_deploy_that_hands_over_too_much_keeps_its_secret(tmp_path: Path, text: str) -> None:
    """The message lists what there is, and nobody can open the preview with it."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)
    inputs = {"application_overrides": "app_web: {output: deploy}", "deploy_outputs": text}
    with scene(clock) as its:
        seen = traced(job, its, clock, environ(job, its, **inputs))
    assert seen.exit_code != 0
    assert seen.leaks() == []


@pytest.mark.parametrize(
    "inputs",
    [
        {"dry_run": "true"},
        {"dry_run": "true", "mode": "message", "message": PLAIN},
        {"allowed_preview_hosts": "other.example"},
        {"allowed_preview_hosts": PREVIEW},
        {"mode": "raw-changes"},
        {"wait": "false"},
        {"comment": "new"},
        {"pull_request": f"https://github.com/octo-org/shop/pull/7?{QUERY}"},
        {"api_url": f"https://user:{quote(BYPASS, safe='')}@qa.tech/?{QUERY}"},
    ],
)
def test_no_other_way_through_leaks(tmp_path: Path, inputs: dict[str, str]) -> None:
    """What is shown of a request, of a host, of a URL."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)
    with scene(clock) as its:
        seen = traced(job, its, clock, environ(job, its, **inputs))
    assert [it for it in SECRETS if it in seen.written] == []


PREVIEWS: Mapping[str, Fault] = {
    "redirect": answer(TOLD, 302, Location=f"http://localhost:1/?{QUERY}"),
    "protected": answer(TOLD, 401, WWW_Authenticate=ECHO),
    "down": answer(TOLD, 503, Server=ECHO),
} | {name: CATALOGUE[name] for name in ("reset after reading", "two lengths", "no HTTP")}


@pytest.mark.parametrize("fault", PREVIEWS)
def test_a_preview_hears_its_own_secret_only(tmp_path: Path, fault: str) -> None:
    """The probe carries the query that opens the preview, and no token of anybody's."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)
    with scene(clock) as its, serving(PREVIEWS[fault]) as preview:
        given = environ(
            job,
            its,
            application_overrides=f"app_web: '{preview.url}/cart?{QUERY}'",
            allowed_preview_hosts="127.0.0.1",
            preview_timeout_minutes="1",
        )
        seen = traced(job, its, clock, given)
    heard = "".join(f"{it.path} {it.headers} {it.body!r}" for it in preview.received)
    assert QUERY in heard
    assert [it for it in TOKENS if it in heard] == []
    assert seen.leaks() == []


def said_by_process(job: Job, given: Mapping[str, str]) -> str:
    """Return what the entry point prints on both streams, without the masks."""
    done = subprocess.run(
        COMMAND,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=job.folder,
    )
    lines = done.stdout.splitlines()
    return "\n".join([*(it for it in lines if not it.startswith("::add-mask::")), done.stderr])


@pytest.mark.slow
def test_no_library_logs_a_previews_address(tmp_path: Path) -> None:
    """urllib3 warns of a header that it cannot read, with the whole URL: nobody listens."""
    job = Job(tmp_path)
    odd = headers("Server: x", "no header at all", "Content-Length: 2", status="503 Down")
    with scene(SimulatedClock(NOON)) as its, serving(odd) as preview:
        given = environ(
            job,
            its,
            application_overrides=f"app_web: '{preview.url}/cart?{QUERY}'",
            allowed_preview_hosts="127.0.0.1",
            preview_timeout_minutes="0.02",
        )
        said = said_by_process(job, given)
    assert [it for it in SECRETS if it in said] == []


@pytest.mark.slow
def test_no_library_logs_what_a_service_says(tmp_path: Path) -> None:
    """PyGithub tells of a redirect with the address that the server gave."""
    job, clock = Job(tmp_path), SimulatedClock(NOON)
    with scene(clock, CALLS["look-up"]) as its:
        its.github.fault = answer({}, 301, Location=f"{its.services.github_url}/x/{FORGE}")
        said = said_by_process(job, environ(job, its))
    assert [it for it in SECRETS if it in said] == []
