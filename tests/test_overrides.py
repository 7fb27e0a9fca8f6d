"""From the input to overrides."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatech_ci.before.errors import InputError
from qatech_ci.before.model import (
    DeployedEnvironment,
    DeployOutput,
    Override,
    PreviewUrl,
    SavedEnvironment,
    UploadedBuild,
)
from qatech_ci.before.overrides import read_overrides

OWN_FORM = """
app_web: https://pr-7.example.com            # a URL
app_admin: env_staging1                      # a saved environment
app_ios: build_9f2                           # an uploaded build
app_shop:
  url: https://shop-pr-7.example.com
  name: PR 7 shop
  device-preset: preset_iphone15
app_tv: {environment: env-tv_1, device-preset: preset-tv_4k}
app_pad: {build: build_7}
"""
EXPECTED = (
    Override("app_web", PreviewUrl("https://pr-7.example.com")),
    Override("app_admin", SavedEnvironment("env_staging1")),
    Override("app_ios", UploadedBuild("build_9f2")),
    Override(
        "app_shop", PreviewUrl("https://shop-pr-7.example.com", "PR 7 shop"), "preset_iphone15"
    ),
    Override("app_tv", SavedEnvironment("env-tv_1"), "preset-tv_4k"),
    Override("app_pad", UploadedBuild("build_7")),
)
API_FORM = [
    {"applicationShortId": "app_web", "environment": {"url": "https://pr-7.example.com"}},
    {"applicationShortId": "app_admin", "environment": {"shortId": "env_staging1"}},
    {"applicationShortId": "app_ios", "environment": {"applicationBuildShortId": "build_9f2"}},
    {
        "applicationShortId": "app_shop",
        "devicePresetShortId": "preset_iphone15",
        "environment": {"url": "https://shop-pr-7.example.com", "name": "PR 7 shop"},
    },
]
ACTION_FORM = {
    "applications": {
        item["applicationShortId"]: {
            key: value for key, value in item.items() if key != "applicationShortId"
        }
        for item in API_FORM
    },
}
MAPPINGS = st.dictionaries(
    st.text(),
    st.text() | st.dictionaries(st.text(), st.text()),
    min_size=1,
).map(str)
YAML_LIST = """
- applicationShortId: app_web
  environment: {url: 'https://pr-7.example.com'}
"""


def problem(text: str) -> str:
    """Return the message with which `text` is refused."""
    with pytest.raises(InputError) as caught:
        read_overrides(text)
    return str(caught.value)


def test_own_form_in_yaml() -> None:
    """A URL, a short id, or a mapping in full."""
    assert read_overrides(OWN_FORM) == EXPECTED


@pytest.mark.parametrize("document", [API_FORM, ACTION_FORM])
def test_pasted_forms_in_json(document: object) -> None:
    """The API's list and the object of QA.tech's own action work as they are."""
    assert read_overrides(json.dumps(document, indent="\t")) == EXPECTED[:4]


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
    assert read_overrides(text) == EXPECTED[:1]


def test_words_that_yaml_takes_for_values_stay_words() -> None:
    """A name such as `yes` or `1.20` is text."""
    (override,) = read_overrides("app_web: {url: https://x.example, name: 1.20}")
    assert override.environment == PreviewUrl("https://x.example", "1.20")


@pytest.mark.parametrize(
    ("text", "where", "value", "remedy"),
    [
        ("shop: https://x.example", "shop", "shop", "such as `app_gXeBl2`"),
        ("app_a/../b: https://x.example", "app_a/../b", "app_a/../b", "application's short id"),
        ("app_web: shop.example", "app_web", "shop.example", "an http(s) URL"),
        ("app_web: ftp://x.example", "app_web", "ftp://x.example", "an http(s) URL"),
        ("app_web: https://a b", "app_web", "https://a b", "an http(s) URL"),
        ("app_web: https://u:p@x.example", "app_web", "…@x.example", "without user info"),
        ("app_web: 'https:///x'", "app_web", "https:///x", "an http(s) URL"),
        ("app_web: env", "app_web", "env", "such as `env_aB3xY9`"),
        ("app_ios: bld_9f2", "app_ios", "bld_9f2", "a build as `build_…`"),
        ("app_ios: {build: bld_9f2}", "app_ios.build", "bld_9f2", "shows it as `bld_…`"),
        (
            "app_web: {url: 'https://x.example', device-preset: phone}",
            "app_web.device-preset",
            "phone",
            "such as `preset_iphone15`",
        ),
        ("app_web: {url: 'https://x.example', nmae: x}", "app_web.nmae", "x", "No such key"),
        ("app_web: {output: 'a b'}", "app_web.output", "a b", "such as `deploy-web.page-url`"),
        ("app_web: {deployment: [x]}", "app_web.deployment", "['x']", "or a glob for it"),
        ("app_web: {name: x}", "app_web", "x", "names no environment"),
        ("app_web:", "app_web", "", "an http(s) URL"),
        ("app_web: [https://x.example]", "app_web", "https://x.example", "an http(s) URL"),
        (
            "app_web: {url: 'https://x.example', build: build_1}",
            "app_web",
            "url, build",
            "Keep one",
        ),
        ('["app_web"]', "[0]", "app_web", "No such key"),
        ('[{"applicationShortId": "app_web"}]', "[0]", "app_web", "names no environment"),
        ('[{"environment": {"url": "https://x.example"}}]', "[0]", "https://x.example", "short id"),
        (
            '[{"applicationShortId": "app_web", "environment": "https://x.example"}]',
            "[0].environment",
            "https://x.example",
            "No such key",
        ),
        (
            '{"applications": {"app_web": "https://x.example"}}',
            "applications.app_web",
            "https://x.example",
            "No such key",
        ),
        ('{"app_web": 7}', "app_web", "7", "an http(s) URL"),
    ],
)
def test_a_problem_has_its_path_its_value_and_a_remedy(
    text: str,
    where: str,
    value: str,
    remedy: str,
) -> None:
    """Where it stands, what stands there, and what would be right."""
    message = problem(text)
    assert f"`application-overrides` at `{where}` is “" in message
    assert value in message
    assert remedy in message


def test_all_problems_are_told_at_once() -> None:
    """One line a problem."""
    lines = problem("shop: https://x.example\napp_b: nowhere\napp_c: {build: bld_1}").splitlines()
    assert len(lines) == 3


@pytest.mark.parametrize(
    "text",
    [
        "app_web: https://a.example\napp_web: https://b.example",
        '{"app_web": "https://a.example", "app_web": "https://b.example"}',
        json.dumps([API_FORM[0], API_FORM[0]]),
    ],
)
def test_an_application_named_twice_is_a_problem(text: str) -> None:
    """Parsers keep the last of two keys without a word; here it is told."""
    assert "repeated" in problem(text) or "already" in problem(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("app_web: [", "not YAML"),
        ("a: b: c", "not YAML"),
        ("\x00", "not YAML"),
        ('{"app_web": "x"', "not JSON"),
        ("a: &x [1]\nb: *x", "aliases are not accepted"),
        ("[]", "names no application"),
        ("{}", "names no application"),
        ("https://x.example", "names no application"),
        ("[" * 20_000, "nested too deeply"),
        ("? [a]\n: b", "not YAML"),
        ("x" * 70_000, "the limit is 65,536"),
    ],
)
def test_text_that_is_neither_yaml_nor_json_says_where(text: str, reason: str) -> None:
    """Nothing that hides, repeats or multiplies data gets through."""
    message = problem(text)
    assert message.startswith("`application-overrides`: it")
    assert reason in message


def test_no_text_means_no_overrides() -> None:
    """A message needs none."""
    assert read_overrides("") == ()


def test_an_environment_can_be_left_to_be_found() -> None:
    """In a deploy's outputs, named or not, or among the deployments of the head commit."""
    text = "app_a: {output: deploy}\napp_b: {output: deploy.page-url}\napp_c: {deployment: 'Pre*'}"
    assert [override.environment for override in read_overrides(text)] == [
        DeployOutput("deploy"),
        DeployOutput("deploy", "page-url"),
        DeployedEnvironment("Pre*"),
    ]


@given(st.text(min_size=1) | MAPPINGS)
def test_whatever_is_pasted_gives_overrides_or_a_message(text: str) -> None:
    """No text leads to any other exception."""
    try:
        overrides = read_overrides(text)
    except InputError as error:
        told = str(error)
    else:
        told = " ".join(override.application for override in overrides)
    assert "application-overrides" in told or "app_" in told or "app-" in told
