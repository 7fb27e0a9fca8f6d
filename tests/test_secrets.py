"""Secrets reach neither log, annotation, comment, summary nor outputs, nor another host."""

import json
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qatech_ci.qatech.sandbox import Question
from stand_ins import github
from stand_ins.qatech import QaTechApp
from stand_ins.server import DROP_AFTER, DROP_BEFORE, GARBAGE, Fault, Faults, Response, serving
from world import Outcome, World, on_github

CANARY = "Zx9canary7Qw3Lk8Vt"
_API_TOKEN = github.API_TOKEN
_GITHUB_TOKEN = github.GITHUB_TOKEN


def forms(secret: str) -> set[str]:
    """Return a secret as it could turn up."""
    encoded = b64encode(secret.encode()).decode()
    return {secret, quote(secret, safe=""), encoded, encoded.rstrip("=")}


def written(world: World, outcome: Outcome) -> str:
    """Return all that people and later steps can see of a run; masks are the runner's to hide."""
    log = [line for line in outcome.log.splitlines() if not line.startswith("::add-mask::")]
    return "\n".join([*log, outcome.summary, json.dumps(outcome.outputs), *world.comments])


def leaks(world: World, outcome: Outcome, *secrets: str) -> set[str]:
    """Return the forms of secrets that were written."""
    text = written(world, outcome)
    return {form for secret in secrets for form in forms(secret) if form in text}


_URLS = st.sampled_from(
    [
        f"https://shop.example.com/?x-vercel-protection-bypass={CANARY}&x=true",
        f"https://shop.example.com/?{CANARY}",
        f"https://shop.example.com/?a[{CANARY}]",
        f"https://shop.example.com/#access_token={CANARY}",
        f"https://user:{CANARY}@shop.example.com",
        f"https://us/er:{CANARY}@shop.example.com",
        f"https://user: {CANARY}@shop.example.com",
        f"htps://shop.example.com/?t={CANARY}",
        f"https:/shop.example.com?t={CANARY}",
        f"shop.example.com?t={CANARY}",
    ]
)
_SHAPES = st.sampled_from(
    [
        "app_web: {url}",
        "app_web: {{url: '{url}'}}",
        "app_web: {{uri: '{url}'}}",
        "app_web: {{deployment: 'x', query: '{url}'}}",
        "app_web: {url}\napp_web: {url}",
        "app_web:{url}",
        "- {url}",
        '{{"applications": {{"app_web": {{"environment": {{"url": "{url}"}}}}}}}}',
        '[{{"applicationShortId": "app_web", "environment": {{"url": "{url}"}}}}]',
        "{url}: app_web",
        "app_web: !{url} x",
        f"app_web: !{CANARY}!x y",
        "app_web: [{url}",
    ]
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(url=_URLS, shape=_SHAPES)
def test_a_secret_in_overrides_is_written_nowhere(url: str, shape: str) -> None:
    """In whatever malformed form it came, on success and in every message."""
    with TemporaryDirectory() as folder, on_github(Path(folder)) as world:
        outcome = world.run(application_overrides=shape.format(url=url))
        assert not leaks(world, outcome, CANARY, _API_TOKEN, _GITHUB_TOKEN)


@pytest.mark.parametrize(
    "outputs",
    [
        {"preview-url": f"https://shop.example.com/?t={CANARY}"},
        {
            "url": f"https://a.example.com/?t={CANARY}",
            "preview-url": f"https://b.example.com/{CANARY}",
        },
        {"url": CANARY},
        {"token": CANARY},
        {"url": f"htps://x?{CANARY}", "secret": CANARY},
    ],
)
def test_a_secret_in_deploy_outputs_is_written_nowhere(
    tmp_path: Path, outputs: dict[str, str]
) -> None:
    """Names of outputs are told, values never."""
    needs = json.dumps({"deploy": {"result": "success", "outputs": outputs}})
    with on_github(tmp_path) as world:
        outcome = world.run(application_overrides="app_web: {output: deploy}", deploy_outputs=needs)
        assert not leaks(world, outcome, CANARY)


@pytest.mark.parametrize("fault", [401, 403, 404, 429, 500, DROP_BEFORE, DROP_AFTER, GARBAGE])
def test_tokens_are_written_nowhere_when_github_fails(tmp_path: Path, fault: int | Fault) -> None:
    """An answer that repeats the token, too."""
    told = {"message": f"Bad credentials: {_GITHUB_TOKEN} and {_API_TOKEN}"}
    decision = Response(fault, told) if isinstance(fault, int) else fault
    with on_github(
        tmp_path,
        between=lambda app: Faults(
            app, lambda _, request: decision if "comments" in request.path else None
        ),
    ) as world:
        outcome = world.run()
        assert not leaks(world, outcome, _GITHUB_TOKEN, _API_TOKEN)
        assert outcome.verdict == "passed"


@pytest.mark.parametrize("token", ["wrong-token-1234567", "tok\nen-12345678", "Bearer tok12345678"])
def test_a_token_that_is_refused_is_written_nowhere(tmp_path: Path, token: str) -> None:
    """Neither by a service's answer nor by a library's words."""
    with on_github(tmp_path) as world:
        outcome = world.run(api_token=token)
        assert not leaks(world, outcome, token)
        assert outcome.exit_code in {1, 2}


def test_a_reply_that_repeats_the_token_is_redacted(tmp_path: Path) -> None:
    """In comment, summary and outputs, in each form, also with invisible characters between."""
    parted = "\u200b".join([_API_TOKEN[:6], _API_TOKEN[6:]])
    said = f"The token is {_API_TOKEN}, {b64encode(_API_TOKEN.encode()).decode()} or {parted}."
    with on_github(tmp_path, reply=lambda _: said) as world:
        outcome = world.run()
        assert not leaks(world, outcome, _API_TOKEN)
        assert "***" in outcome.outputs["reply"]


def test_a_secret_is_hidden_before_text_is_cut_or_unmarked(tmp_path: Path) -> None:
    """Half of one, or one without its `_`, would be none to hide."""
    failure = {"title": "The basket", "details": f"[a]: {'b' * 3985}\n\n{_API_TOKEN}"}
    block = {"verdict": "failed", "reasons": [], "tested": [], "failures": [failure]}

    def reply(question: Question) -> str:
        line = f"❌ {'The basket is empty. ' * 4}At {_API_TOKEN} it is not."
        return f"{line}\n\n{json.dumps({'nonce': question.nonce} | block)}"

    with on_github(tmp_path, reply=reply) as world:
        outcome = world.run()
        assert outcome.verdict == "failed"
        seen = written(world, outcome)
        assert _API_TOKEN[:8] not in seen
        assert _API_TOKEN.replace("_", "")[:8] not in seen


@pytest.mark.parametrize(
    "secret", ["hunter22", "correcthorse", "open-sesame-please", "p%22w9-token%2299"]
)
def test_a_query_is_a_secret_whatever_it_reads_like(tmp_path: Path, secret: str) -> None:
    """It is declared to be one, and a reply may repeat it; what is short is no secret."""
    query = f"x-vercel-protection-bypass={secret}&x=true"
    overrides = f"app_web: {{deployment: Preview, query: '{query}'}}"
    said = f"Asked for true with {unquote(secret)}.\n\n❌ *{unquote(secret)}*"
    with on_github(tmp_path, reply=lambda _: said) as world:
        world.forge.add_deployment(github.HEAD_SHA, "Preview", environment_url=github.PREVIEW)
        outcome = world.run(application_overrides=overrides)
        assert not leaks(world, outcome, secret)
        assert outcome.outputs["reply"].startswith("Asked for true with ***.")
        assert unquote(secret) not in str(outcome.result)


@pytest.mark.parametrize("word", ["failures", "unverified"])
def test_a_secret_that_is_a_word_of_the_block_hides_nothing_from_the_verdict(
    tmp_path: Path, word: str
) -> None:
    """The block is read as it was written, and shown without secrets."""
    failure = {"title": "The basket", "details": ""}
    block = {"verdict": "passed", "reasons": [], "tested": [], "failures": [failure]}

    def reply(question: Question) -> str:
        return json.dumps({"nonce": question.nonce} | block)

    overrides = f"app_web: {{deployment: Preview, query: show={word}}}"
    with on_github(tmp_path, reply=reply) as world:
        world.forge.add_deployment(github.HEAD_SHA, "Preview", environment_url=github.PREVIEW)
        assert world.run(application_overrides=overrides).verdict == "unknown"
        block |= {"verdict": "unverified", "failures": []}
        assert world.run(application_overrides=overrides).outputs["gate"] == "open"


def test_the_conversations_url_may_hold_no_secret(tmp_path: Path) -> None:
    """Whatever QA.tech puts there."""
    times = dict.fromkeys(("createdAt", "updatedAt"), "2026-01-05T12:00:00Z")
    url = f"https://app.qa.tech/?t={_API_TOKEN}"
    started = Response(202, {"shortId": "chat_1", "url": url, **times})
    with on_github(tmp_path) as world:
        with serving(Faults(QaTechApp(world.qatech), lambda *_: started)) as there:
            world.qatech_url = f"{there}/v1"
            outcome = world.run(wait="false")
        assert "https://app.qa.tech/?t=***" in world.comments[0]
        assert not leaks(world, outcome, _API_TOKEN)


@pytest.mark.parametrize("tail", ["?open", "?passed", "?e", "#/login", "?verdict=passed"])
def test_words_are_no_secrets(tmp_path: Path, tail: str) -> None:
    """A preview's URL takes no word out of outputs or reply."""
    with on_github(tmp_path) as world:
        outcome = world.run(application_overrides=f"app_web: https://shop.example.com/{tail}")
        assert (outcome.verdict, outcome.outputs["gate"]) == ("passed", "open")
        assert "***" not in written(world, outcome)


def test_each_token_goes_to_its_own_service_only(tmp_path: Path) -> None:
    """QA.tech's not to GitHub, GitHub's not to QA.tech."""
    with on_github(tmp_path) as world:
        world.run()
        seen = json.dumps([[it.path, dict(it.headers), it.body] for it in world.forge.requests])
        assert _API_TOKEN not in seen
        assert _GITHUB_TOKEN not in json.dumps([it.body for it in world.qatech.requests])


def test_masks_come_before_anything_else(tmp_path: Path) -> None:
    """Each form of each token and of what overrides hide, before the first line that says more."""
    with on_github(tmp_path) as world:
        overrides = f"app_web: https://shop.example.com/?t={CANARY}"
        lines = world.run(application_overrides=overrides).log.splitlines()
    masked = [line.removeprefix("::add-mask::") for line in lines if "add-mask" in line]
    assert forms(_API_TOKEN) | forms(_GITHUB_TOKEN) | forms(CANARY) <= set(masked)
    first = next(n for n, line in enumerate(lines) if not line.startswith("::add-mask::"))
    assert forms(_API_TOKEN) | forms(_GITHUB_TOKEN) | forms(CANARY) <= set(masked[:first])
