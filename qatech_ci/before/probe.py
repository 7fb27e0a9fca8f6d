"""Asking a preview whether it is up: one request, no redirect followed, no body read."""

import socket
from collections.abc import Sequence
from email.message import Message
from ipaddress import ip_address
from urllib.parse import urlsplit

from .exchange import Lost, Unsent, exchange
from .hosts import is_local
from .ports import ProbeResult
from .timebox import within

_LONGEST = 15.0
"""Seconds."""
_PROTECTIONS = {
    "Vercel": ("server", "vercel"),
    "Netlify": ("server", "netlify"),
    "Cloudflare": ("server", "cloudflare"),
    "HTTP authentication": ("www-authenticate", ""),
}
"""What a protection that answers 401 or 403 shows of itself: a header, and how its value begins."""


class HttpProber:
    """Implements the port `Prober`."""

    def __init__(self, allowed_hosts: Sequence[str]) -> None:
        self._allowed_hosts = allowed_hosts

    def probe(self, url: str, seconds: float) -> ProbeResult:
        """Return what a preview answers within `seconds`. What is secret in its URL stays there."""
        limit = min(seconds, _LONGEST)
        try:
            return within(limit, lambda: self._probe(url, limit))
        except TimeoutError:
            return ProbeResult(is_up=False, told="did not answer in time")
        except (Unsent, Lost, OSError, ValueError) as error:
            return ProbeResult(is_up=False, told=f"cannot be reached ({_reason(error)})")

    def _probe(self, url: str, limit: float) -> ProbeResult:
        if not self._allowed_hosts and _leads_home(urlsplit(url).hostname or ""):
            return ProbeResult(is_up=False, told="resolves to a machine's own or metadata address")
        answer = exchange("GET", url, limit)
        return judged(answer.status, answer.headers)


def judged(status: int, headers: Message) -> ProbeResult:
    """Return what an answer says about a preview.

    A protection in front of it answers 401 or 403: QA.tech may pass it though the runner may not.
    """
    if "cf-mitigated" in headers or "x-vercel-mitigated" in headers or status == 429:  # noqa: PLR2004 - the number is the name that people know
        return ProbeResult(is_up=True, told=f"answers {status} with a bot challenge", is_odd=True)
    if status < 400:  # noqa: PLR2004 - success and redirection of RFC 9110
        return ProbeResult(is_up=True, told=f"answers {status}")
    protection = _protection(headers) if status in {401, 403} else ""
    if protection or status == 401:  # noqa: PLR2004 - as above
        told = f"answers {status}: it is protected ({protection or 'authentication of its own'})"
        return ProbeResult(is_up=True, told=told, is_odd=True)
    return ProbeResult(is_up=False, told=f"answers {status}")


def _protection(headers: Message) -> str:
    for name, (header, start) in _PROTECTIONS.items():
        if header in headers and headers[header].lower().startswith(start):
            return name
    return ""


def _leads_home(host: str) -> bool:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return any(is_local(ip_address(str(item[4][0]).partition("%")[0])) for item in found)


def _reason(error: Exception) -> str:
    """Return what went wrong as a type's name; a message could quote the URL's query."""
    return str(error) if isinstance(error, Unsent | Lost) else type(error).__name__
