"""How a review in the stand-in ends, and how a caller chooses it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qatech_ci.before.sandbox.qatech.progress import Status


class Scenario(StrEnum):
    """The endings that can be had, from the worst to the best.

    `vague` and `mute` end in prose without a verdict. Asked again for the verdict block alone,
    `vague` gives one that says passed, and `mute` keeps to prose.
    """

    NEVER = "never"
    FAILED = "failed"
    CANCELLED = "cancelled"
    MUTE = "mute"
    VAGUE = "vague"
    FAILING = "failing"
    UNVERIFIABLE = "unverifiable"
    PASSING = "passing"

    @property
    def ending(self) -> Status | None:
        """The status with which the assistant's message ends; None where it never does."""
        endings = {
            Scenario.NEVER: None,
            Scenario.FAILED: Status.FAILED,
            Scenario.CANCELLED: Status.CANCELLED,
        }
        return endings.get(self, Status.COMPLETED)


# An underscore joins words in short ids, so `\b` would not find the word in `env_failing`.
_WORD = re.compile(f"(?<![a-z])({'|'.join(Scenario)})(?![a-z])", re.IGNORECASE)
_URL = re.compile(r"(\w+://)(?:[^\s/?#]*@)?([^\s?#]*)(?:[?#]\S*)?")


@dataclass(frozen=True)
class Application:
    """An application under review, on the environment that an override named."""

    short_id: str
    environment: str
    """How a reply names it."""
    scenario: Scenario


def applications(
    overrides: Iterable[Mapping[str, Any]], fixed: Scenario | None
) -> list[Application]:
    """Return what `overrides` put under review; the words in their environments decide the ending.

    `fixed` overrules the words. Without either an application passes.
    """
    return [_application(override, fixed) for override in overrides]


def _application(override: Mapping[str, Any], fixed: Scenario | None) -> Application:
    environment = _environment(override["environment"])
    word = _WORD.search(environment)
    chosen = Scenario(word[1].lower()) if word else Scenario.PASSING
    return Application(override["applicationShortId"], environment, fixed or chosen)


def _environment(environment: Mapping[str, Any]) -> str:
    name = without_secrets(str(environment.get("name", "")))
    parts = [
        without_secrets(str(environment.get("url", ""))),
        f"({name})" if name else "",
        environment.get("shortId", ""),
        environment.get("applicationBuildShortId", ""),
    ]
    return " ".join(str(part) for part in parts if part)


def without_secrets(text: str) -> str:
    """Return `text` with its URLs cut down: user info, query and fragment may carry secrets."""
    return _URL.sub(r"\1\2", text)


def worst(under_review: Iterable[Application], fixed: Scenario | None) -> Scenario:
    """Return the scenario that decides a whole review; passing where nothing is under review."""
    chosen = {application.scenario for application in under_review} | ({fixed} if fixed else set())
    return next((scenario for scenario in Scenario if scenario in chosen), Scenario.PASSING)
