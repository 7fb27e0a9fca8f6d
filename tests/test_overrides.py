"""From the input to overrides, and from there to the API's form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatech_ci.errors import UsageError
from qatech_ci.model import Override
from qatech_ci.overrides import api_form, read_overrides, shown_environment

OURS = """
app_web: https://pr-7.example.com            # a URL
app_admin: env_staging1                      # a saved environment
app_ios: build_9f2                           # an uploaded build
app_shop:
  url: https://shop-pr-7.example.com
  name: PR 7 shop
  device-preset: preset_iphone15
app_tv: {environment: env-tv_1}
app_pad: {build: build_7, name: }
"""
API_FORM: list[dict[str, Any]] = [
    {"applicationShortId": "app_web", "environment": {"url": "https://pr-7.example.com"}},
    {"applicationShortId": "app_admin", "environment": {"shortId": "env_staging1"}},
    {"applicationShortId": "app_ios", "environment": {"applicationBuildShortId": "build_9f2"}},
    {
        "applicationShortId": "app_shop",
        "devicePresetShortId": "preset_iphone15",
        "environment": {"url": "https://shop-pr-7.example.com", "name": "PR 7 shop"},
    },
    {"applicationShortId": "app_tv", "environment": {"shortId": "env-tv_1"}},
    {"applicationShortId": "app_pad", "environment": {"applicationBuildShortId": "build_7"}},
]
THEIRS = {
    "applications": {
        it["applicationShortId"]: {k: v for k, v in it.items() if k != "applicationShortId"}
        for it in API_FORM
    }
}
YAML_LIST = """
- applicationShortId: app_web
  environment: {url: 'https://pr-7.example.com'}
"""
CANARY = "s3cr3tC4n4ry99x"
KEYS = "`url`, `environment`, `build`, `output`, `deployment`, `name`, `query`, `device-preset`"
FOUND = "goes with a URL that is found. Leave it out."


def problem(text: str) -> str:
    """Return the message with which `text` is refused."""
    with pytest.raises(UsageError) as caught:
        read_overrides(text)
    return str(caught.value)


@pytest.mark.parametrize(
    "text", [OURS, json.dumps(API_FORM, indent="\t"), json.dumps(THEIRS)], ids=str.split
)
def test_three_spellings_come_to_the_same_request(text: str) -> None:
    """Ours, the API's list, and the object of QA.tech's own action, pasted as they are."""
    assert [api_form(override) for override in read_overrides(text)] == API_FORM


@pytest.mark.parametrize(
    "text",
    [
        YAML_LIST,
        '{"app_web": "https://pr-7.example.com"}',
        "{app_web: 'https://pr-7.example.com'}",
        "applications:\n  app_web:\n    environment:\n      url: https://pr-7.example.com\n",
        "app_web: {url: https://pr-7.example.com, name: '', device-preset: }",
    ],
)
def test_yaml_and_json_are_both_accepted_in_every_form(text: str) -> None:
    """One application, spelled in many ways; an empty field is one that is not set."""
    assert [api_form(override) for override in read_overrides(text)] == API_FORM[:1]


def test_words_that_yaml_takes_for_values_stay_words() -> None:
    """A name such as `yes` or `1.20` is text."""
    (override,) = read_overrides("app_web: {url: https://x.example, name: 1.20}")
    assert (override.kind, override.value, override.name) == ("url", "https://x.example", "1.20")


def test_no_text_means_no_overrides() -> None:
    """A message needs none."""
    assert read_overrides("") == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("output: deploy", Override("app_web", "output", "deploy")),
        (
            "output: deploy.page-url, name: PR 7, query: a=b",
            Override("app_web", "output", "deploy.page-url", "PR 7", "a=b"),
        ),
        (
            "deployment: 'Preview – store', query: a=b",
            Override("app_web", "deployment", "Preview – store", "", "a=b"),
        ),
    ],
)
def test_an_environment_can_be_left_to_be_found(fields: str, expected: Override) -> None:
    """It is shown as it was written, without the query, and never sent."""
    (override,) = read_overrides(f"app_web: {{{fields}}}")
    assert override == expected
    assert shown_environment(override) == f"{expected.kind} “{expected.value}”"
    assert api_form(override, shown=True)["environment"] == {expected.kind: expected.value}
    with pytest.raises(KeyError, match=expected.kind):
        api_form(override)


def test_a_secret_in_a_url_is_sent_and_not_shown() -> None:
    """A protected preview is opened by its query."""
    url = f"https://x.example/a?bypass={CANARY}"
    (override,) = read_overrides(f"app_web: {url}")
    assert api_form(override)["environment"] == {"url": url}
    assert api_form(override, shown=True)["environment"] == {"url": "https://x.example/a?…"}
    assert shown_environment(override) == "https://x.example/a?…"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("app_web:https://x.example", "lacks a space after the colon. Write one application a"),
        ("app_web:", "at `app_web` is empty: its expression came out empty."),
        ("app_web: {url: ''}", "at `app_web` names no environment."),
        ("app_web: {nmae: x, url: 'https://x.example'}", "Did you mean `name`?"),
        ("app_web: {uri: 'https://x.example'}", "has `uri`, which is no key here. Did you mean `u"),
        ("app_web: {zzz: x, build: build_1}", f"`zzz`, which is no key here. Write one of {KEYS}."),
        ("app_web: {nmae: , build: build_1}", "`nmae`, which is no key here."),
        ("app_a: env_1\napp_a: env_2", "repeats the key `app_a`. Keep one of them."),
        ('{"app_a": "env_1", "app_a": "env_2"}', "repeats the key `app_a`. Keep one of them."),
        ("app_a: {url: 'https://a', url: 'https://b'}", "repeats the key `url`."),
        (json.dumps([API_FORM[0]] * 2), "names `app_web` twice. Keep one of them."),
        ("app_a: &x [1]\napp_b: *x", "at line 2, column 8: aliases are not accepted."),
        ("app_a: {url: 'https://a.example', build: build_1}", "`url`, `build`. Keep one of"),
        ("app_a: {output: a, deployment: b}", "has `output`, `deployment`. Keep one of them."),
        ("app_a: {url: 'https://a.example', query: a=b}", f"at `app_a`: `query` {FOUND}"),
        ("app_a: {environment: env_1, query: a=b}", f"at `app_a`: `query` {FOUND}"),
        ("app_a: {build: build_1, name: x}", f"at `app_a`: `name` {FOUND}"),
        ("app_a: {output: a, query: '?a=b'}", "at `app_a.query` is not right. Write what is added"),
        ("app_a: {name: x}", "at `app_a` names no environment. Write one of `url`, `environment`"),
        ('[{"applicationShortId": "app_web"}]', "at `[0]` names no environment."),
        ("shop: https://x.example", "at `shop` is not right. Write an application's short id"),
        ("app_a/../b: env_1", "at `…` is not right. Write an application's short id"),
        ('[{"environment": {"url": "https://x.example"}}]', "`[0]` is not right. Name the applica"),
        ("app_a: shop.example", "at `app_a` is not right. Write an http(s) URL without user info"),
        ("app_a: htps://x.example", "at `app_a` is “htps://x.example…”, which is not right."),
        ("app_a: https://u:p@x.example", "at `app_a` is not right. Write an http(s) URL"),
        ("app_a: env", "at `app_a.environment` is not right. Write a saved environment's short id"),
        ("app_a: bld_9f2", "a build as `build_…`"),
        ("app_a: {build: bld_9f2}", "at `app_a.build` is not right. Write a build's short id"),
        ("app_a: {output: 'a b'}", "at `app_a.output` is not right. Write the id of a deploy job"),
        ("app_a: {deployment: [x]}", "at `app_a.deployment` is not right. Write the name of a dep"),
        ("app_a: {build: build_1, device-preset: x}", "at `app_a.device-preset` is not right."),
        ('{"app_a": 7}', "at `app_a` is not right. Write an http(s) URL"),
        ('["app_a"]', "at `[0]` is no mapping."),
        ('{"applications": {"app_a": "https://x"}}', "at `applications.app_a` is no mapping."),
        ('{"applications": {}}', "names no application below `applications`."),
        ("[]", "names no application. Write one application a line"),
        ("https://x.example", "names no application. Write one application a line"),
        ("app_a: [", "is neither YAML nor JSON at line 1, column 9"),
        ("a: b: c", "is neither YAML nor JSON at line 1, column 5"),
        ('{"app_a": "x"', "is neither YAML nor JSON at line 1"),
        (
            'app_a: "\\UFFFFFFFF"',
            "is neither YAML nor JSON: it holds a character that neither has.",
        ),
        ("\x00", "is neither YAML nor JSON: it holds a character that neither has."),
        ("[" * 20_000, "is nested too deeply."),
        ("x" * 70_000, "is 70,000 characters long; at most 65,536 are read."),
    ],
    ids=lambda it: it[:30],
)
def test_a_problem_has_its_place_and_a_remedy(text: str, told: str) -> None:
    """Where it stands and what would be right, not what stands there."""
    message = problem(text)
    assert message.startswith("`application-overrides` ")
    assert told in message


def test_all_problems_are_told_at_once() -> None:
    """One line each."""
    lines = problem("shop: https://x.example\napp_b: nowhere\napp_c: {build: bld_1}").splitlines()
    assert [line.split("`")[3] for line in lines] == ["shop", "app_b", "app_c.build"]


@pytest.mark.parametrize(
    "text",
    [
        "app_web: {url: https://x.example/a,b}",
        "app_web: {output: deploy, query: a=1,b}",
        "app_web: {url: https://x.example/?a}",
    ],
)
def test_what_yaml_ends_early_within_braces_is_refused(text: str) -> None:
    """A comma or question mark cuts a URL short there, and another page would be reviewed."""
    assert "quotes" in problem(text)


SPELLINGS = [
    "app_web: https://x y.example?k=KEY",
    "app_web: https://x.example?k={KEY: 1}",
    "app_web: https://u:a KEY@x.example",
    "app_web:https://x.example?k=KEY",
    "app_web: {url: 'https://x.example?k=KEY', query: x}",
    "app_web: {output: deploy, query: k=1, KEY: 2}",
    "app_web: {output: deploy, query: '?k=KEY'}",
    "app_web: {output: deploy, query: [KEY]}",
    "app_web: {output: deploy, qery: k=KEY}",
    "app_web: {KEY: 1, KEY: 2}",
    "app_web: *KEY",
    "app_web: !KEY x",
    "app_web: 'https://x.example?k=KEY",
    'app_web: "\\q KEY"',
    "app_web: https://x.example?k=KEY: x",
    "app_web: https://x.example?k=\n  KEY: 2",
    "app_web: https://x.example?k=KEY\napp_web: https://x.example?k=KEY",
    '{"app_web": {"environment": "https://x.example?k=KEY"}',
    '[{"applicationShortId": "https://x.example?k=KEY"}]',
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_message_shows_a_secret(spelling: str) -> None:
    """However a URL with a secret was misspelt, the message quotes at most scheme and host."""
    assert CANARY.lower() not in problem(spelling.replace("KEY", CANARY)).lower()


@given(
    st.text(min_size=1)
    | st.text(alphabet="ab:_ \n-{}[]'\"&*!,?#|>%@`", min_size=1)
    | st.dictionaries(st.text(), st.text() | st.dictionaries(st.text(), st.text())).map(json.dumps)
    | st.lists(st.sampled_from([*SPELLINGS, OURS, "\n", "  ", ", ", "{", "}", "- "])).map("".join)
)
def test_whatever_is_pasted_gives_overrides_or_a_message(text: str) -> None:
    """No text leads to any other exception."""
    try:
        overrides = read_overrides(text)
    except UsageError as error:
        told = [str(error)]
    else:
        told = [it.application for it in overrides]
    assert all(it.startswith(("`application-overrides` ", "app_", "app-")) for it in told)


@given(
    scheme=st.sampled_from(["https://", "http:/", "htps://", "https//", "HTTPS:", "//"]),
    before=st.sampled_from(["", "u:", "u@", "u/", "x.example?k=", "x.example/#", "x.example?["]),
    after=st.sampled_from(["", "@x.example", "/a@x.example", "]=c", "[", " b", "\\", "&a=b c"]),
    place=st.sampled_from(["app_web: '{}'", "app_web: {{uri: '{}'}}", "app_web: ['{}']", "'{}'"]),
)
def test_no_malformed_url_brings_a_secret_into_a_message(
    scheme: str, before: str, after: str, place: str
) -> None:
    """In a query, user info, fragment or brackets, behind a wrong scheme or a wrong key."""
    url = f"{scheme}{before}{CANARY}{after}"
    try:
        overrides = read_overrides(place.format(url))
    except UsageError as error:
        told = str(error)
    else:
        told = " ".join(shown_environment(it) for it in overrides)
    is_host_or_path = before == "u/" or (not before and not after.startswith("@"))
    assert is_host_or_path or CANARY.lower() not in told.lower()
