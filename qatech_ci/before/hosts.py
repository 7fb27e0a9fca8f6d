"""Which hosts a preview may be on."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from .errors import PreviewError
from .secrecy import shown_url

_LOCAL_NAMES = ("localhost", "*.localhost", "metadata", "metadata.google.internal", "*.internal")
Address = IPv4Address | IPv6Address


def check_host(url: str, allowed: Sequence[str]) -> None:
    """Raise `PreviewError` where a preview's URL leads to a host that it may not be on.

    Only http(s) and no user info. With `allowed`, the host has to match one of the patterns.
    Without, a machine's own addresses and those of cloud metadata are refused: whoever decides on
    a deploy job's outputs could otherwise point the runner at itself.
    """
    host = _host(url)
    if any(fnmatchcase(host, pattern) for pattern in allowed):
        return
    if allowed:
        raise PreviewError(
            f"The host of the preview {shown_url(url)} is not in `allowed-preview-hosts`.",
            f"Add `{host}`, or a pattern that matches it.",
        )
    if _is_own(host):
        raise PreviewError(
            f"The preview {shown_url(url)} is on a machine's own or a metadata address.",
            f"If that is meant, write `allowed-preview-hosts: {host}`.",
        )


def _is_own(host: str) -> bool:
    if any(fnmatchcase(host, name) for name in _LOCAL_NAMES):
        return True
    address = _address(host)
    return is_local(address) if address else _is_number(host)


def is_local(address: Address) -> bool:
    """Tell whether an address is the machine's own, link-local (cloud metadata is), or none."""
    inner = getattr(address, "ipv4_mapped", None) or address
    is_metadata = inner == ip_address("fd00:ec2::254")
    return inner.is_loopback or inner.is_link_local or inner.is_unspecified or is_metadata


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, user = (parts.hostname or "").rstrip("."), parts.username
    except ValueError:
        host, user = "", None
    is_http = url.lower().startswith(("http://", "https://"))
    if host and is_http and user is None:
        return host
    raise PreviewError(
        f"The preview {shown_url(url)} is not an http(s) URL without user info.",
        "Check what the deploy job hands over.",
    )


def _address(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    """Tell whether a host is an address in disguise, such as `127.1`, `0x7f000001`, `2130706433`.

    Resolvers read them as addresses; nobody writes a preview's URL like that.
    """
    number = "(0x[0-9a-f]*|[0-9]+)"
    return re.fullmatch(rf"{number}(\.{number}){{0,3}}", host) is not None
