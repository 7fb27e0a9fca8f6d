"""The proxy that the environment names for a URL.

The runner hands its own proxy on to container actions:
https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-proxy-servers
"""

import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, unquote, urlsplit

from .errors import InputError

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

    Raises `InputError` where the variable's value is no URL of an HTTP proxy.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    # Takes longer to import than a request takes, and few runs have a proxy.
    from urllib.request import (  # noqa: PLC0415 - see above
        getproxies_environment,
        proxy_bypass,
    )

    proxies, host = getproxies_environment(), url.hostname or ""
    name = url.scheme if url.scheme in proxies else "all"
    # The list of exceptions may have hosts with and without a port, and networks.
    is_excepted = proxy_bypass(host) or proxy_bypass(f"{host}:{url.port or ''}")
    if name not in proxies or is_excepted or _is_near(host, proxies.get("no", "")):
        return None
    return _proxy(proxies[name], name)


def _proxy(value: str, name: str) -> Proxy:
    parts = urlsplit(value if "://" in value else f"http://{value}")
    if parts.scheme != "http" or not parts.hostname:
        raise InputError(
            f"`{name}_proxy` is not the URL of an HTTP proxy.",
            "Write it as `http://host:port`, with user and password before the host if it has any.",
        )
    return Proxy(parts.hostname, parts.port or _PORT, _authorization(parts))


def _authorization(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(user.encode()).decode()}"}


def _is_near(host: str, exceptions: str) -> bool:
    """Tell whether a host is this machine, where the stand-in listens, or in a network excepted."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or any(address in it for it in _networks(exceptions))


def _networks(exceptions: str) -> Iterator[IPv4Network | IPv6Network]:
    for name in exceptions.split(","):
        with suppress(ValueError):
            yield ip_network(name.strip(), strict=False)
