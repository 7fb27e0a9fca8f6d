"""The made-up payloads have the shape GitHub sends: its published models accept each of them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from githubkit import webhooks
from pydantic import ValidationError

import payloads

pytestmark = pytest.mark.slow

PEOPLE = {"octocat", "mona", "hubot", "dependabot[bot]", "github-actions[bot]"}
MACHINE_ADDRESS = "noreply@github.com"
REPOSITORIES = {"octo-org/shop": 186853002, "mona/shop": 186853107}

# The schedule event is no webhook: Actions alone writes it, and no model describes it.
MODELLED = sorted(name for name, event in payloads.EVENTS.items() if event != "schedule")

every_payload = pytest.mark.parametrize("name", sorted(payloads.EVENTS))
every_modelled_payload = pytest.mark.parametrize("name", MODELLED)


def validate(name: str, payload: dict[str, Any]) -> None:
    """Raise ValidationError unless the model of the payload's event accepts it."""
    parse: Any = webhooks.parse_obj  # its overloads want each event's name as a literal
    parse(payloads.EVENTS[name], payload)


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every JSON object within a value, itself included."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


def people(payload: dict[str, Any]) -> Iterator[str]:
    """The login of everybody named as an account, as a commit's author or as its pusher."""
    for item in objects(payload):
        if "login" in item and item.get("type", "Organization") != "Organization":
            yield item["login"]
        if "username" in item:
            yield item["username"]
        if item.get("email") not in {None, MACHINE_ADDRESS}:
            yield login_of(item["email"])


def login_of(email: str) -> str:
    """The login in a private address that GitHub gives out, or the address itself."""
    return re.sub(r"^\d+\+(.+)@users\.noreply\.github\.com$", r"\1", email)


@every_modelled_payload
def test_githubs_model_accepts_the_payload(name: str) -> None:
    """No key that GitHub always sends is missing and none holds a value of the wrong kind."""
    validate(name, payloads.load(name))


@every_modelled_payload
def test_githubs_model_refuses_the_payload_once_trimmed(name: str) -> None:
    """The validation looks inside: the first link of the repository is missed when it goes."""
    payload = payloads.load(name)
    del payload["repository"]["archive_url"]
    with pytest.raises(ValidationError, match="archive_url"):
        validate(name, payload)


def test_the_schedule_names_its_cron_line() -> None:
    """GitHub documents `github.event.schedule` as the line that fired, and nothing else."""
    assert payloads.load("schedule")["schedule"] == "0 3 * * *"


@every_payload
def test_only_made_up_people_are_named(name: str) -> None:
    """No payload names a person beyond GitHub's mascots and its own robots."""
    assert set(people(payloads.load(name))) <= PEOPLE


@every_payload
def test_the_same_repository_is_named(name: str) -> None:
    """Every payload happened in one repository, and knows no other than that and its fork."""
    payload = payloads.load(name)
    found = {item["full_name"]: item["id"] for item in objects(payload) if "full_name" in item}
    assert payload["repository"]["full_name"] == "octo-org/shop"
    assert found.items() <= REPOSITORIES.items()


def test_no_payload_is_missing_from_the_table() -> None:
    """Each file in the folder has its event, and each event its file."""
    assert {file.stem for file in payloads.FOLDER.glob("*.json")} == set(payloads.EVENTS)


@every_payload
def test_a_payload_lies_where_its_path_says(name: str) -> None:
    """`path` names a file that is there, so that an action can be pointed to it."""
    assert payloads.path(name).is_file()


def test_a_payload_is_loaded_afresh() -> None:
    """A test that changes what it loaded leaves the next one's payload alone."""
    payloads.load("push_branch")["repository"]["name"] = "changed"
    assert payloads.load("push_branch")["repository"]["name"] == "shop"
