"""What is another system asked, and what did it answer?"""

import re
from datetime import timedelta
from typing import Literal

from msgspec import Struct

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
REPEATABLE: frozenset[Method] = frozenset({"GET", "PUT", "DELETE"})
"""What may be asked twice: the second time changes nothing that the first did not."""


_ADDRESS = re.compile(r"(https?)://([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?(?=[/?]|$)")
_PORTS = {"https": 443, "http": 80}


class Target(Struct, frozen=True):
    """Who is asked: a host by name or IPv4 address, its port, and whether the connection is encrypted."""

    host: str
    port: int
    encrypted: bool

    @property
    def shown(self) -> str:
        """Name it the way the operator lists it: with a port where that is not the usual one of `https`."""
        return self.host if self.encrypted and self.port == _PORTS["https"] else f"{self.host}:{self.port}"


class Secret(Struct, frozen=True, tag="secret"):
    """A secret of the operator's, by its name; only whoever performs the request knows its value."""

    name: str


Parts = tuple[str | Secret, ...]


class Request(Struct, frozen=True, kw_only=True):
    """One call by HTTP; `url` and `headers` are put together of their parts, `body` is JSON."""

    method: Method
    url: Parts
    headers: dict[str, Parts] = {}
    body: str | None = None
    timeout: timedelta


class Answer(Struct, frozen=True, kw_only=True):
    """What came back: the status, and the JSON of a good answer. `why` says what is wrong with any other."""

    status: int | None = None
    body: str | None = None
    why: str = ""

    @property
    def is_good(self) -> bool:
        """Tell whether the system did what it was asked."""
        return not self.why


def shown_url(request: Request) -> str:
    """Write the address for people, each secret as its name."""
    return "".join(part if isinstance(part, str) else f"[{part.name}]" for part in request.url)


def target_of(url: str) -> Target | None:
    """Read whom an address leads to; nothing if it is no plain `https://` or `http://` one, without a user name."""
    found = _ADDRESS.match(url)
    if found is None:
        return None
    scheme, host, port = found.groups()
    return Target(host.lower(), int(port or _PORTS[scheme]), scheme == "https")
