"""Requests and time: a bounded session, retries, and the one deadline of the step."""

from .session import (
    USER_AGENT,
    BoundedSession,
    TooLarge,
    asked_delay,
    backoff,
    certificates,
    forge_call,
    retried,
)

__all__ = [
    "USER_AGENT",
    "BoundedSession",
    "TooLarge",
    "asked_delay",
    "backoff",
    "certificates",
    "forge_call",
    "retried",
]
