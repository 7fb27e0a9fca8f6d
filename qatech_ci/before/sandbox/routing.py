"""Which handler answers which method and path."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

Target = TypeVar("Target")


class NoRoute(Exception):
    """No route fits. `allowed` are the methods that the path knows; empty for an unknown path."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(allowed)
        self.allowed = allowed


@dataclass(frozen=True)
class Route(Generic[Target]):
    """A method and a path that lead to `target`; `path` is a regular expression for all of it."""

    method: str
    path: str
    target: Target


def resolve(
    routes: Iterable[Route[Target]], method: str, path: str
) -> tuple[Target, dict[str, str]]:
    """Return the target of the first route that fits, with the unquoted named groups of its path.

    Raises `NoRoute`.
    """
    allowed = set()
    for route in routes:
        if match := re.fullmatch(route.path, path):
            if route.method == method:
                return route.target, {k: unquote(v) for k, v in match.groupdict().items()}
            allowed.add(route.method)
    raise NoRoute(frozenset(allowed))
