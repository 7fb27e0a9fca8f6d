"""The proxy that the environment names for a URL.

The runner hands its own proxy on to container actions:
https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-proxy-servers
"""

import os
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

_PORT = 8080


@dataclass(frozen=True)
class Proxy:
    """A proxy that speaks HTTP."""

    host: str
    port: int
    authorization: dict[str, str]
    """The header that it asks for, if its URL has a user."""


def proxy_for(url: SplitResult) -> Proxy | None:
    """Return the proxy for a URL, or nothing where the host is to be asked directly.

    Raises ValueError where the variable's value is no URL of an HTTP proxy.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    # Takes longer to import than a request takes, and few runs have a proxy.
    from urllib.request import (  # noqa: PLC0415 - see above
        getproxies_environment,
        proxy_bypass,
    )

    proxies, host = getproxies_environment(), url.hostname or ""
    value = proxies.get(url.scheme, "")
    if not value or _is_loopback(host) or proxy_bypass(host):
        return None
    return _proxy(value, url.scheme)


def _proxy(value: str, scheme: str) -> Proxy:
    parts = urlsplit(value if "://" in value else f"http://{value}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"`{scheme}_proxy` is not the URL of an HTTP proxy")
    return Proxy(parts.hostname, parts.port or _PORT, _authorization(parts))


def _authorization(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(user.encode()).decode()}"}


def _is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, where the stand-in listens; no proxy reaches it."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
