"""How reviews run and end in the stand-in for QA.tech."""

import pytest
from standins import PACE, Clock, ask, latest, override, qatech, review_request, started

from qatech_ci.before.sandbox import QaTech, Scenario


def ended(*environments: dict[str, str], scenario: Scenario | None = None) -> dict[str, str]:
    """Return the last message of a review of these environments, one application each."""
    clock = Clock()
    app = qatech(clock, scenario)
    overrides = [override(env, f"app_{place}") for place, env in enumerate(environments)]
    short_id = started(app, review_request(*overrides))
    clock.advance(PACE)
    return latest(app, short_id)


def test_a_reply_grows_with_time() -> None:
    """No message, then an empty one, then more and more of the text, then all of it."""
    clock = Clock()
    app = qatech(clock)
    short_id = started(app)
    seen = []
    for _ in range(21):
        message = latest(app, short_id)
        seen.append((message["role"], message["status"], message["isStreaming"], message["text"]))
        clock.advance(PACE / 20)
    final = seen[-1][3]
    partial = [text for _, status, _, text in seen if status == "PARTIAL"]
    assert [role for role, *_ in seen[:3]] == ["user", "user", "assistant"]
    assert seen[2][1:] == ("INITIATED", True, "")
    assert len(set(partial)) == 5
    assert all(final.startswith(text) for text in partial)
    assert partial == sorted(partial, key=len)
    assert len(partial[-1]) < len(final)
    assert seen[20][1:3] == ("COMPLETED", False)
    assert [status for _, status, streaming, _ in seen[2:20] if not streaming] == []


def test_asking_does_not_change_the_reply() -> None:
    """The state depends on the time alone, however often one asks."""
    clock = Clock()
    app = qatech(clock)
    short_id = started(app)
    clock.advance(5)
    assert ask(app, "GET", f"/v1/chat/{short_id}") == ask(app, "GET", f"/v1/chat/{short_id}")


def test_a_pace_of_zero_answers_at_once() -> None:
    """Without a pace the reply is complete with the first look."""
    app = QaTech(None, now=Clock(), pace=0)
    assert latest(app, started(app))["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("scenario", "status", "first_line"),
    [
        (Scenario.PASSING, "COMPLETED", "✅ Tests passing"),
        (Scenario.FAILING, "COMPLETED", "❌ Tests failing"),
        (Scenario.UNVERIFIABLE, "COMPLETED", "ℹ️ Unable to verify"),
        (Scenario.FAILED, "FAILED", "The review stopped"),
        (Scenario.CANCELLED, "CANCELLED", "The review was cancelled"),
    ],
)
def test_each_scenario_has_its_ending(scenario: Scenario, status: str, first_line: str) -> None:
    """The status is the message's life cycle, the verdict is the first line of its text."""
    message = ended({"url": "https://pr-7.example.com"}, scenario=scenario)
    assert message["status"] == status
    assert message["text"].startswith(first_line)
    assert message["text"].endswith("no agent ran and nothing was tested._")


def test_a_review_may_never_end() -> None:
    """`never` stays partial and streaming for ever."""
    clock = Clock()
    app = qatech(clock, Scenario.NEVER)
    short_id = started(app)
    clock.advance(1_000_000)
    message = latest(app, short_id)
    assert (message["status"], message["isStreaming"]) == ("PARTIAL", True)


@pytest.mark.parametrize(
    ("environment", "verdict"),
    [
        ({"url": "https://failing.example.com"}, "❌"),
        ({"url": "https://example.com/Failing/x"}, "❌"),
        ({"url": "https://example.com", "name": "failing preview"}, "❌"),
        ({"shortId": "env_failing"}, "❌"),
        ({"applicationBuildShortId": "build_failing2"}, "❌"),
        ({"url": "https://passing.example.com", "name": "failing"}, "✅"),
        ({"url": "https://example.com/?x=failing"}, "✅"),
        ({"url": "https://example.com/unfailing"}, "✅"),
        ({"url": "https://example.com/failings"}, "✅"),
        ({"shortId": "env_staging"}, "✅"),
    ],
)
def test_a_word_in_the_environment_decides(environment: dict[str, str], verdict: str) -> None:
    """The first scenario word in host, path, name or id counts; the query does not."""
    assert ended(environment)["text"].startswith(verdict)


def test_a_given_scenario_overrules_the_words() -> None:
    """Where the stand-in was built for one ending, the environments have no say."""
    message = ended({"shortId": "env_never"}, scenario=Scenario.PASSING)
    assert message["text"].startswith("✅ Tests passing")


def test_the_worst_application_decides() -> None:
    """One failing application among several fails the review, and only that one is failing."""
    text = ended({"shortId": "env_passing"}, {"shortId": "env_failing"})["text"]
    assert text.startswith("❌ Tests failing")
    assert "| `app_0` | env_passing | Check out as a guest | ✅ Passed |" in text
    assert "| `app_1` | env_failing | Check out as a guest | ❌ Failed |" in text
    assert text.count("### ❌") == 1


def test_the_words_are_ranked() -> None:
    """A review that never ends is worse than one that stops, and that is worse than a verdict."""
    words = ["never", "failed", "cancelled", "mute", "vague", "failing", "unverifiable", "passing"]
    assert [scenario.value for scenario in Scenario] == words
    assert ended({"shortId": "env_cancelled"}, {"shortId": "env_failing"})["status"] == "CANCELLED"


def test_nothing_under_review_passes() -> None:
    """The API takes an empty list of overrides; the reply says that nothing was under review."""
    app = QaTech(None, now=Clock(), pace=0)
    short_id = started(app, {**review_request(), "applicationOverrides": []})
    assert "No application was under review." in latest(app, short_id)["text"]


def test_a_reply_never_repeats_a_secret() -> None:
    """User info, query and fragment of a URL stay out of replies, titles and names."""
    url = "https://user:s3cret@pr-7.example.com/shop?bypass=s3cret#s3cret"
    message = ended({"url": url, "name": f"see {url} | now"})
    assert (
        "https://pr-7.example.com/shop (see https://pr-7.example.com/shop \\| now)"
        in (message["text"])
    )
    assert "s3cret" not in message["text"]


def test_raw_changes_are_reviewed_too() -> None:
    """Raw mode gets the same kind of reply."""
    app = QaTech(None, now=Clock(), pace=0)
    changes = {"changeDescription": "Stricter login", "diff": "diff --git a/x b/x"}
    overrides = review_request()["applicationOverrides"]
    body = {"mode": "rawChanges", "changes": changes, "applicationOverrides": overrides}
    assert "Change review of raw changes" in latest(app, started(app, body))["text"]


@pytest.mark.parametrize(
    "body",
    [
        {**review_request(), "mode": "other"},
        {**review_request(), "vcsProviderId": "bitbucket"},
        {"mode": "pr", "prUrl": "https://github.com/octo-org/shop/pull/7"},
        {"mode": "rawChanges", "changes": {"changeDescription": "", "diff": ""}},
    ],
)
def test_an_incomplete_review_request_is_refused(body: object) -> None:
    """400 before anything starts."""
    app = qatech(Clock())
    assert ask(app, "POST", "/v1/chat/change-review", body).status == 400
    assert ask(app, "GET", "/v1/chat/chat_001").status == 404


@pytest.mark.parametrize("environment", ["env_failed", "env_passing"])
def test_a_chat_follows_its_environments(environment: str) -> None:
    """A plain chat and its follow-ups end as the words in its own overrides say."""
    clock = Clock()
    app = qatech(clock)
    overrides = [override({"shortId": environment})]
    body = {"message": "hello", "applicationOverrides": overrides}
    short_id = ask(app, "POST", "/v1/chat", body).body["shortId"]
    ask(app, "POST", f"/v1/chat/{short_id}", {"message": "and now?"})
    clock.advance(PACE)
    expected = "FAILED" if environment == "env_failed" else "COMPLETED"
    assert latest(app, short_id)["status"] == expected
