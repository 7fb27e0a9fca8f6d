"""How long to wait before a request is repeated. All times are in seconds."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_BASE = 1.0
_LONGEST = 30.0
_LONGEST_ASKED = 86_400.0


def backoff(attempt: int, jitter: float) -> float:
    """Return the wait after failed `attempt` (from 0), `jitter` being a random number from 0 to 1.

    Full jitter, so that clients that failed together do not come back together:
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    return min(_BASE * 2.0 ** min(attempt, 16), _LONGEST) * jitter


def asked_delay(retry_after: str, now: datetime) -> float | None:
    """Return the wait that a `Retry-After` header asks for, or nothing where it makes no sense.

    Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_ASKED)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), _LONGEST_ASKED)
