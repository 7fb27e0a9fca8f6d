"""The machine's clock and its randomness. Implements the port `Clock`."""

import random
import secrets
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Real time."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the date and time in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Let time pass. A signal ends the sleep with what its handler raises."""
        time.sleep(seconds)

    def random(self) -> float:
        """Return a number from 0 to 1, for jitter: nothing secret hangs on it."""
        return random.random()  # noqa: S311 - see above

    def salt(self) -> str:
        """Return a word that does not come again: 128 random bits."""
        return secrets.token_hex(16)


class SimulatedClock:
    """Time that passes only while somebody sleeps. For the demonstration and for tests."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed = 0.0
        self._salts = 0

    def monotonic(self) -> float:
        """Return seconds since the start."""
        return self._elapsed

    def now(self) -> datetime:
        """Return the date and time."""
        return self._start + timedelta(seconds=self._elapsed)

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting."""
        self._elapsed += seconds

    def random(self) -> float:
        """Return the middle of the range."""
        return 0.5

    def salt(self) -> str:
        """Return a word that does not come again from this clock."""
        self._salts += 1
        return f"{self._salts:032x}"
