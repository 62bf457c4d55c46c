"""Which other systems may flows ask, and at which addresses?

`BATON_HTTP_HOSTS` lists them. `api.example.com` stands for `https` on its usual port, and for public addresses only:
a name that leads into the operator's own network is refused there. `host:port` stands for just that port, whatever
its address, encrypted or not.
"""

import ipaddress
import socket
from collections.abc import Iterable

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from engine.request import Target

HTTPS = 443
_CARRIES_OTHERS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""Networks of IPv6 whose addresses lead to one of IPv4 that nobody sees here."""


class Hosts:
    """The list of the operator."""

    def __init__(self, listed: Iterable[str]) -> None:
        """Read entries such as `api.example.com` and `127.0.0.1:8080`, in small letters."""
        self._listed = frozenset(listed)

    def refusal(self, target: Target) -> str | None:
        """Return why a system may not be asked; nothing if it may."""
        if self.is_explicit(target):
            return None
        if target.host not in self._listed:
            return f"A flow asks `{target.shown}`, which `BATON_HTTP_HOSTS` does not list."
        if not target.encrypted or target.port != HTTPS:
            return f"A flow asks `{target.shown}` and not `https` on port {HTTPS}; list it with its port."
        return private(target) if _is_address(target.host) and not is_public(target.host) else None

    def is_explicit(self, target: Target) -> bool:
        """Tell whether just this port is listed, whatever its address."""
        return f"{target.host}:{target.port}" in self._listed


class PublicResolver(AbstractResolver):
    """Finds the addresses of a name, and none that is not public: only what was looked at is ever dialled."""

    def __init__(self) -> None:
        """Found nothing private yet."""
        self.is_private = False
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a name up; raises `OSError` if all its addresses are private."""
        found = await self._resolver.resolve(host, port, family)
        public = [each for each in found if is_public(each["host"])]
        self.is_private = bool(found) and not public
        if not public:
            raise OSError("no public address")
        return public

    async def close(self) -> None:
        """Release nothing."""


def private(target: Target) -> str:
    """Say that a name leads into the operator's own network."""
    return f"A flow asks `{target.host}`, which has a private address; list it as `{target.host}:{target.port}`."


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in network for network in _CARRIES_OTHERS):
            return False
    return found.is_global and not found.is_multicast


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
