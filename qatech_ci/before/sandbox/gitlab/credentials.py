"""Who calls, by the header: https://docs.gitlab.com/api/rest/authentication/."""

import re

from qatech_ci.before.sandbox.gitlab.problems import unauthorized
from qatech_ci.before.sandbox.gitlab.state import State
from qatech_ci.before.sandbox.gitlab.tokens import Token
from qatech_ci.before.sandbox.web import Request


def token_of(request: Request) -> str:
    """Return the token that a request carries; empty where there is none."""
    headers = request.headers
    private = headers.get("PRIVATE-TOKEN") or headers.get("JOB-TOKEN")
    return private or _bearer(headers.get("Authorization", ""))


def _bearer(authorization: str) -> str:
    match = re.fullmatch(r"bearer (\S+)", authorization, re.IGNORECASE)
    return match[1] if match else ""


def caller_of(request: Request, state: State) -> Token | None:
    """Return who calls; None for nobody. Refused where the token is not known.

    An access token is unknown in the header for job tokens, and the other way round; as a bearer
    either will do.
    """
    value = token_of(request)
    if not value:
        return None
    token = state.tokens.get(value) or state.tokens.get(None)
    if token is None or not _belongs(token, request):
        raise unauthorized()
    return token


def _belongs(token: Token, request: Request) -> bool:
    if request.headers.get("PRIVATE-TOKEN"):
        return not token.is_job
    return token.is_job or not request.headers.get("JOB-TOKEN")
