"""What all of the stage has."""

from collections.abc import Callable
from datetime import datetime

from qatech_ci.before.sandbox.github.state import State


class Stage:
    """Sets the scene in `state`, by the clock `now`."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state, self._now = state, now
