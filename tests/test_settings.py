"""Inputs, read and checked."""

import pytest

from qatech_ci.errors import UsageError
from qatech_ci.model import Verdict
from qatech_ci.settings import Settings, read_settings

LEAST = {"api-token": "tok_123456", "application-overrides": "app_web: https://x.example"}
NO_TOKEN = "`api-token` is not set."
SETS = {
    "mode": "`pr`, `raw-changes`, `message`",
    "comment": "`update`, `new`, `off`",
    "commit-status": "`auto`, `on`, `off`",
    "pass-on": "`passed`, `failed`, `unverified`, `blocked`, `unknown`, `error`, `timed-out`, "
    "`cancelled`, `skipped`, or write `any`",
}
NEVER_JUDGED = {Verdict.STARTED, Verdict.ANSWERED, Verdict.IGNORED}


def read(values: dict[str, str]) -> Settings:
    """Return the settings from the least inputs and `values`."""
    return read_settings(LEAST | values, "github-token")


def problem(values: dict[str, str]) -> str:
    """Return the message with which `values` are refused."""
    with pytest.raises(UsageError) as caught:
        read(values)
    return str(caught.value)


def test_defaults_are_those_of_the_contract() -> None:
    """Inputs that are not set have the documented defaults; times are in seconds."""
    assert read({}) == Settings(
        api_token="tok_123456",
        forge_token="",
        project="",
        application_overrides=read({}).application_overrides,
        deploy_outputs="",
        context="",
        mode="pr",
        message="",
        conversation="",
        pull_request="",
        wait=True,
        timeout_minutes=30,
        preview_timeout_minutes=10,
        pass_on=frozenset({Verdict.PASSED, Verdict.UNVERIFIED}),
        comment="update",
        key="",
        commit_status="auto",
        reuse=True,
        allowed_preview_hosts=(),
        dry_run=False,
        api_url="https://api.qa.tech/v1",
        shown={},
    )


def test_an_empty_input_counts_as_not_set() -> None:
    """The runner hands over an empty string for an input that is not set."""
    names = ("wait", "timeout-minutes", "pass-on", "comment", "mode", "api-url", "project")
    assert read(dict.fromkeys(names, " ")) == read({})


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("api-token", " tok_1\n", "api_token", "tok_1"),
        ("github-token", "ghs_987654", "forge_token", "ghs_987654"),
        ("project", "proj_aB3xY9", "project", "proj_aB3xY9"),
        ("project", "proj-shop_aB3xY9", "project", "proj-shop_aB3xY9"),
        ("deploy-outputs", "{}", "deploy_outputs", "{}"),
        ("context", " focus \n", "context", "focus"),
        ("mode", "Raw-Changes", "mode", "raw-changes"),
        ("pull-request", "octo-org/shop#7", "pull_request", "octo-org/shop#7"),
        ("wait", "False", "wait", False),
        ("timeout-minutes", "0.5", "timeout_minutes", 0.5),
        ("timeout-minutes", "9999.5", "timeout_minutes", 9999.5),
        ("preview-timeout-minutes", "0", "preview_timeout_minutes", 0),
        ("pass-on", "passed,\n timed-out  SKIPPED", "pass_on", {"passed", "timed-out", "skipped"}),
        ("pass-on", "any", "pass_on", set(Verdict) - NEVER_JUDGED),
        ("comment", "NEW", "comment", "new"),
        ("key", "shop", "key", "shop"),
        ("commit-status", "on", "commit_status", "on"),
        ("reuse", "false", "reuse", False),
        ("allowed-preview-hosts", "*.Ex.com, [::1]", "allowed_preview_hosts", ("*.ex.com", "::1")),
        ("allowed-preview-hosts", "pr-[0-9].ex.com", "allowed_preview_hosts", ("pr-[0-9].ex.com",)),
        ("dry-run", "true", "dry_run", True),
        ("api-url", "Sandbox", "is_sandbox", True),
        ("api-url", "http://localhost:1/v1/", "api_url", "http://localhost:1/v1"),
        ("api-url", "http://[::1]:1", "api_url", "http://[::1]:1"),
        ("api-url", "https://qa.test/v1", "api_url", "https://qa.test/v1"),
    ],
)
def test_each_input_ends_up_in_its_setting(
    name: str, value: str, attribute: str, expected: object
) -> None:
    """White space around a value and the case of words do not matter."""
    assert getattr(read({name: value}), attribute) == expected


def test_overrides_are_read() -> None:
    """What is wrong with them is told with what is wrong elsewhere."""
    assert read({}).application_overrides[0].value == "https://x.example"
    assert len(problem({"application-overrides": "app_web: x", "wait": "1"}).splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "value", "nearest"),
    [
        ("mode", "raw-change", "raw-changes"),
        ("mode", "push", ""),
        ("comment", "updat", "update"),
        ("comment", "loud", ""),
        ("commit-status", "atuo", "auto"),
        ("commit-status", "yes", ""),
        ("pass-on", "passed, unverifed", "unverified"),
        ("pass-on", "green", ""),
        ("pass-on", "started", ""),
        ("pass-on", "ignored", ""),
        ("pass-on", ",", ""),
    ],
)
def test_a_value_outside_its_set_is_refused_with_the_set(
    name: str, value: str, nearest: str
) -> None:
    """The message names the input, shows the value, and hints at the nearest word."""
    hint = f"Did you mean `{nearest}`? " if nearest else ""
    begins = "List verdicts out of" if name == "pass-on" else "Write one of"
    assert problem({name: value}) == f"`{name}` is “{value}”. {hint}{begins} {SETS[name]}."


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("wait", "1", "Write `true` or `false`."),
        ("reuse", "no", "Write `true` or `false`."),
        ("dry-run", "yes", "Write `true` or `false`."),
        ("timeout-minutes", "0.0", "Write a number of minutes above 0 and below 10000."),
        ("timeout-minutes", "1e3", "Write a number of minutes above 0 and below 10000."),
        ("timeout-minutes", "٣", "Write a number of minutes above 0 and below 10000."),
        ("timeout-minutes", "nan", "Write a number of minutes above 0 and below 10000."),
        ("timeout-minutes", "10000", "Write a number of minutes above 0 and below 10000."),
        ("preview-timeout-minutes", "-1", "Write a number of minutes from 0 and below 10000."),
        ("project", "shop", "Write a project's short id, such as `proj_aB3xY9`."),
        ("project", "proj_a/../b", "Write a project's short id, such as `proj_aB3xY9`."),
        ("conversation", "chat_a/b", "Write a conversation's short id: `chat_abc123`."),
        (
            "allowed-preview-hosts",
            "https://x",
            "List host names without scheme and path, such as `*.example.com`.",
        ),
        (
            "allowed-preview-hosts",
            "a.example, []",
            "List host names without scheme and path, such as `*.example.com`.",
        ),
        ("message", "Hi", "It belongs to `mode: message`; set that, or leave it out."),
        ("conversation", "chat_a", "It belongs to `mode: message`; set that, or leave it out."),
    ],
)
def test_a_bad_value_is_refused_with_what_to_write(name: str, value: str, remedy: str) -> None:
    """The message names the input and shows the value."""
    assert f"`{name}` is “{value}”. {remedy}" in problem({name: value}).splitlines()


def test_all_problems_are_told_at_once() -> None:
    """One line each, so that whoever mends the workflow mends it once."""
    values = {"wait": "maybe", "comment": "loud", "timeout-minutes": "-1", "pass-on": "green"}
    lines = problem(values | {"application-overrides": "", "api-token": ""}).splitlines()
    assert [line.split("`")[1] for line in lines] == [
        "comment",
        "wait",
        "timeout-minutes",
        "pass-on",
        "application-overrides",
        "api-token",
    ]


@pytest.mark.parametrize("mode", ["pr", "raw-changes"])
def test_a_review_needs_overrides(mode: str) -> None:
    """An expression without a value looks like an input that was forgotten."""
    message = problem({"application-overrides": "", "mode": mode})
    assert "`application-overrides` is not set, or its expression came out empty." in message
    assert "such as `app_web: https://pr-7.example.com`" in message


def test_a_message_needs_words_and_no_overrides() -> None:
    """It is about no pull request, so about no preview either."""
    values = {"mode": "message", "message": "Which flows have no test?", "conversation": "chat_a"}
    settings = read_settings({"api-token": "tok_123456"} | values, "github-token")
    assert (settings.mode, settings.application_overrides) == ("message", ())
    assert (settings.message, settings.conversation) == (values["message"], "chat_a")
    assert "`message` is not set." in problem({"mode": "message"})


@pytest.mark.parametrize(
    ("name", "token", "told"),
    [
        ("api-token", "Bearer c4n4ry", "begins with `Bearer`"),
        ("github-token", "bearer c4n4ry", "begins with `Bearer`"),
        ("api-token", '"c4n4ry"', "stands in quotes"),
        ("api-token", "'c4n4ry", "stands in quotes"),
        ("api-token", "c4n4 ry", "holds white space or a character that no token has"),
        ("api-token", "c4n4\nry", "holds white space or a character that no token has"),
        ("api-token", "c4n4ry\x00x", "holds white space or a character that no token has"),
        ("api-token", "c4n4rÿ", "holds white space or a character that no token has"),
        ("api-token", "ghp_c4n4ry", "looks like a token of GitHub or GitLab, not like QA.tech's"),
        ("api-token", "glpat-c4n4ry", "looks like a token of GitHub or GitLab"),
        ("api-token", "${C4n4ry}", "looks like a placeholder"),
        ("github-token", "<c4n4ry>", "looks like a placeholder"),
    ],
)
def test_a_malformed_token_is_refused_without_being_shown(name: str, token: str, told: str) -> None:
    """In a header a line break would come back in an exception, with the token."""
    message = problem({name: token})
    assert f"`{name}` {told}" in message
    assert "c4n4" not in message.lower()


@pytest.mark.parametrize("excuse", [{"api-url": "sandbox"}, {"dry-run": "true"}])
def test_only_a_run_that_sends_something_needs_the_token(excuse: dict[str, str]) -> None:
    """Neither the stand-in nor a dry run asks for it, nor a run that reviews nothing."""
    assert problem({"api-token": ""}).startswith(NO_TOKEN)
    assert read({"api-token": ""} | excuse).api_token == ""
    assert read_settings({}, "github-token", is_reviewed=False).api_token == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://api.qa.tech/v1",
        "http://10.0.0.1/v1",
        "http://127.0.0.1.example.com/v1",
        "ftp://api.qa.tech",
        "https://c4n4ry@api.qa.tech/v1",
        "https://me:c4n4ry@api.qa.tech/v1",
        "https://api.qa.tech/v1?x=c4n4ry",
        "https://api.qa.tech/v1#c4n4ry",
        "https://",
        "/",
        "https://[::1/v1",
        "https://api.qa.tech:99999/",
        "https://api.qa.tech\\@evil.example/",
        "https://api.qa.tech/v 1",
        "api.qa.tech/v1",
    ],
)
def test_the_token_goes_only_where_it_is_safe(url: str) -> None:
    """`api-url` is https, or http on loopback, and hides nothing; secrets in it are not shown."""
    message = problem({"api-url": url})
    assert "Write an https URL without user info, query and fragment" in message
    assert "c4n4ry" not in message


def test_a_misspelt_sandbox_is_recognized() -> None:
    """It is the one word that stands in place of a URL."""
    assert "Did you mean `sandbox`?" in problem({"api-url": "sandbx"})


def test_a_long_value_is_shown_in_part_and_without_secrets_of_urls() -> None:
    """A message stays readable and harmless whatever was pasted into the wrong input."""
    assert len(problem({"wait": "x" * 10_000})) < 200
    assert "c4n4ry" not in problem({"wait": "https://u:c4n4ry@x.example/?k=c4n4ry"})


def test_neither_the_representation_nor_what_is_shown_holds_secrets() -> None:
    """Printing the settings by accident gives nothing away; the summary lists what was set."""
    hidden = {
        "api-token": "tok_c4n4ry",
        "github-token": "ghs_c4n4ry",
        "application-overrides": "app_web: https://x.example?k=c4n4ry",
        "deploy-outputs": '{"c4n4ry": {}}',
    }
    settings = read(hidden | {"key": "shop"})
    assert "c4n4ry" not in repr(settings)
    assert settings.shown == {"key": "shop"}
