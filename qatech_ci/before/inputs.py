"""Reading named inputs one by one, so that every problem among them is told at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

from .errors import InputError
from .secrecy import without_url_secrets

_Choice = TypeVar("_Choice", bound=StrEnum)
_SHOWN = 80


@dataclass(frozen=True)
class Inputs:
    """The inputs as they were written. An empty value means that the input is not set.

    A method that finds a value wrong notes the problem and returns a stand-in value of the right
    type; `settle` raises what was noted.
    """

    values: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Raise `InputError` with every problem noted so far, if there is one."""
        if self.problems:
            raise InputError("\n".join(self.problems))

    def note(self, name: str, value: str, remedy: str) -> None:
        """Note that `value` cannot be used for the input `name`, and what to write instead."""
        self.problems.append(f"`{name}` is {shown(value)}. {remedy}")

    def text(self, name: str) -> str:
        """Return the value without white space around it."""
        return self.values.get(name, "").strip()

    def secret(self, name: str) -> str:
        """Return a token. The problem with a bad one never shows it."""
        value = self.text(name)
        if re.fullmatch(r"[!-~]*", value):
            return value
        self.problems.append(
            f"`{name}` holds white space or a character that no token has, at position "
            f"{_first_bad(value)}. Store the token alone, on one line, as a secret.",
        )
        return ""

    def flag(self, name: str, default: str) -> bool:
        """Return `true` or `false` as a truth value."""
        value = self.text(name).lower() or default
        if value not in {"true", "false"}:
            self.note(name, value, "Write `true` or `false`.")
        return value == "true"

    def choice(self, name: str, default: _Choice) -> _Choice:
        """Return the member of the default's set that the value names."""
        kind = type(default)
        value = self.text(name).lower() or default.value
        if value in list(kind):
            return kind(value)
        self.note(name, value, f"Write one of {listed(list(kind))}.")
        return default

    def minutes(self, name: str, default: str, most: int, *, least: int | None = None) -> float:
        """Return a length of time in seconds, written in minutes up to `most`.

        It is above 0, or from `least` where that is given.
        """
        value = self.text(name) or default
        number = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else -1.0
        if number > most or number < (least or 0) or (number == 0 and least is None):
            bound = "above 0" if least is None else f"from {least}"
            self.note(name, value, f"Write a number of minutes {bound} and up to {most}.")
        return number * 60

    def matching(self, name: str, pattern: str, remedy: str) -> str:
        """Return a value that matches `pattern` in full, or an empty one."""
        value = self.text(name)
        if value and not re.fullmatch(pattern, value):
            self.note(name, value, remedy)
        return value

    def base_url(self, name: str, default: str) -> str:
        """Return a URL to send a token to: https, or http on loopback, and nothing hidden in it."""
        value = self.text(name) or default
        if not _is_base_url(value):
            remedy = (
                "Write an https URL without user info, query and fragment, such as "
                f"{default} (http is accepted on loopback only)."
            )
            self.note(name, value, remedy)
        return value.rstrip("/")


def shown(value: object) -> str:
    """Return a value as a message shows it: quoted, on one line, bounded, URLs without secrets."""
    text = value if isinstance(value, str) else repr(value)
    line = " ".join(without_url_secrets(text).split())
    return f"“{line}”" if len(line) <= _SHOWN else f"“{line[:_SHOWN]}…”"


def listed(words: list[StrEnum]) -> str:
    """Return the words as a message lists them."""
    return ", ".join(f"`{word}`" for word in words)


def _first_bad(value: str) -> int:
    good = re.match(r"[!-~]*", value)
    return (good.end() if good else 0) + 1


def _is_base_url(value: str) -> bool:
    if not re.fullmatch(r"https?://[!-~]+", value) or set(value) & set("?#@\\"):
        return False
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and (parts.scheme == "https" or is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    """Tell whether a host is the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
