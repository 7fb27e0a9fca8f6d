"""Trouble with GitHub that may be over in a moment."""

from qatech_ci.errors import ForgeError


class PassingTrouble(ForgeError):
    """A failure that may be over in a moment, or after the time that GitHub asks for."""

    asked_delay = 0.0
    """Seconds."""
