"""Inputs, read and checked."""

import pytest

from qatech_ci.before.errors import InputError
from qatech_ci.before.model import Verdict
from qatech_ci.before.settings import CommentMode, Mode, Settings, StatusMode, read_settings

LEAST = {"api-token": "tok_123456", "application-overrides": "app_web: https://x.example"}


def read(**values: str) -> Settings:
    """Return settings from the least inputs and `values`, underscores for hyphens."""
    return read_settings(LEAST | {name.replace("_", "-"): text for name, text in values.items()})


def problem(**values: str) -> str:
    """Return the message with which `values` are refused."""
    with pytest.raises(InputError) as caught:
        read(**values)
    return str(caught.value)


def test_defaults_are_those_of_the_contract() -> None:
    """Inputs that are not set have the documented defaults."""
    settings = read()
    assert settings.timeout == 1800
    assert settings.wait
    assert settings.pass_on == {Verdict.PASSED, Verdict.UNVERIFIED}
    assert settings.comment is CommentMode.UPDATE
    assert settings.api_url == "https://api.qa.tech/v1"
    assert not settings.is_sandbox
    assert (settings.mode, settings.commit_status) == (Mode.PR, StatusMode.AUTO)
    assert (settings.reuse, settings.dry_run) == (True, False)
    assert (settings.preview_timeout, settings.allowed_preview_hosts) == (600, ())


def test_an_empty_input_counts_as_not_set() -> None:
    """The runner hands over an empty string for an input that is not set."""
    assert read(wait="", timeout_minutes=" ", pass_on="", comment="", api_url="") == read()


def test_values_are_read() -> None:
    """Each input ends up in its setting; white space around a value and case do not matter."""
    settings = read(
        wait="False",
        timeout_minutes="0.5",
        pass_on="passed,\n timed-out  SKIPPED",
        comment="NEW",
        api_url="http://127.0.0.1:8080/v1/",
        project="proj-shop_aB3xY9",
        context=" focus ",
        preview_timeout_minutes="0",
        allowed_preview_hosts="*.Example.com, 127.0.0.1",
    )
    assert settings.preview_timeout == 0
    assert settings.allowed_preview_hosts == ("*.example.com", "127.0.0.1")
    assert not settings.wait
    assert settings.timeout == 30
    assert settings.pass_on == {Verdict.PASSED, Verdict.TIMED_OUT, Verdict.SKIPPED}
    assert settings.comment is CommentMode.NEW
    assert settings.api_url == "http://127.0.0.1:8080/v1"
    assert (settings.project, settings.context) == ("proj-shop_aB3xY9", "focus")


def test_a_message_needs_no_overrides() -> None:
    """It is about no pull request, so about no preview either."""
    values = {"mode": "message", "message": "Which flows have no test?", "conversation": "chat_a"}
    settings = read_settings(values)
    assert settings.mode is Mode.MESSAGE
    assert (settings.message, settings.conversation) == (values["message"], "chat_a")


def test_any_lists_every_ending() -> None:
    """An advisory review passes on whatever comes."""
    assert read(pass_on="any").pass_on == set(Verdict) - {Verdict.STARTED, Verdict.ANSWERED}


def test_sandbox_is_a_word_in_place_of_a_url() -> None:
    """The embedded stand-in is asked for by its name."""
    assert read(api_url="sandbox").is_sandbox


def test_all_problems_are_told_at_once() -> None:
    """Whoever mends the workflow mends it once."""
    message = problem(wait="maybe", comment="loud", timeout_minutes="-1", pass_on="green")
    for name in ("wait", "comment", "timeout-minutes", "pass-on"):
        assert f"`{name}` is" in message


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("wait", "1", "Write `true` or `false`."),
        ("comment", "loud", "Write one of `update`, `new`, `off`."),
        ("timeout_minutes", "0", "above 0 and up to 7200"),
        ("timeout_minutes", "1e3", "above 0 and up to 7200"),
        ("timeout_minutes", "٣", "above 0 and up to 7200"),
        ("timeout_minutes", "nan", "above 0 and up to 7200"),
        ("timeout_minutes", "7201", "above 0 and up to 7200"),
        ("pass_on", "passed, green", "List verdicts out of `passed`, `failed`"),
        ("pass_on", "started", "List verdicts out of"),
        ("project", "shop", "such as `proj_aB3xY9`"),
        ("project", "proj_a/../b", "such as `proj_aB3xY9`"),
        ("application_overrides", "", "such as `app_web: https://pr-7.example.com`"),
        ("mode", "push", "Write one of `pr`, `raw-changes`, `message`."),
        ("mode", "message", "`message` is not set"),
        ("message", "Hi", "It belongs to `mode: message`"),
        ("conversation", "chat_a", "It belongs to `mode: message`"),
        ("conversation", "chat_a/b", "such as `chat_abc123`"),
        ("allowed_preview_hosts", "https://x", "List host names without scheme and path"),
        ("preview_timeout_minutes", "-1", "from 0 and up to 7200"),
        ("preview_timeout_minutes", "never", "from 0 and up to 7200"),
        ("commit_status", "yes", "Write one of `auto`, `on`, `off`."),
        ("reuse", "no", "Write `true` or `false`."),
        ("dry_run", "1", "Write `true` or `false`."),
    ],
)
def test_a_value_outside_its_set_is_refused_with_the_set(
    name: str,
    value: str,
    remedy: str,
) -> None:
    """The message names the input, shows the value, and says what to write."""
    message = problem(**{name: value})
    assert f"`{name.replace('_', '-')}`" in message
    assert value.rpartition(", ")[2] in message
    assert remedy in message


@pytest.mark.parametrize(
    "url",
    [
        "http://api.qa.tech/v1",
        "http://10.0.0.1/v1",
        "ftp://api.qa.tech",
        "https://user@api.qa.tech/v1",
        "https://api.qa.tech/v1?x=1",
        "https://api.qa.tech/v1#x",
        "https://",
        "https://[::1/v1",
        "https://api.qa.tech:99999/",
        "https://api.qa.tech\\@evil.example/",
        "not a url",
    ],
)
def test_the_token_goes_only_where_it_is_safe(url: str) -> None:
    """`api-url` is https, or http on loopback, and hides nothing in it."""
    assert "Write an https URL" in problem(api_url=url)


@pytest.mark.parametrize("url", ["http://localhost:1/v1", "http://[::1]:1", "https://qa.test/v1"])
def test_other_base_urls_are_accepted(url: str) -> None:
    """An organisation's own address, and a server on this machine."""
    assert read(api_url=url).api_url == url


def test_user_info_in_api_url_is_not_shown() -> None:
    """A password that was put into the URL does not come back in the message."""
    assert "hunter2" not in problem(api_url="https://me:hunter2@api.qa.tech/v1")


@pytest.mark.parametrize("token", ["tok en", "tok\nen", "töken", "tok\x00en"])
def test_a_malformed_token_is_refused_without_being_shown(token: str) -> None:
    """A line break in a header's value would come back in an exception, with the token."""
    message = problem(api_token=token)
    assert "`api-token` holds white space or a character" in message
    assert token not in message


def test_a_long_value_is_shown_in_part() -> None:
    """A message stays readable whatever was pasted."""
    assert len(problem(wait="x" * 10_000)) < 300


def test_secrets_are_not_in_the_representation() -> None:
    """Printing the settings by accident gives nothing away."""
    settings = read(github_token="ghs_987654")
    assert "tok_123456" not in repr(settings)
    assert "ghs_987654" not in repr(settings)
