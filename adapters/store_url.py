"""Which URLs lead to a store?

Only those are taken of which every part has a meaning for the store's client: it passes over the rest, or fails at it
much later, and some of what it knows would take Baton's own deadlines away.
"""

import re
from urllib.parse import parse_qs, urlsplit

TLS_FILES = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
TLS_OPTIONS = TLS_FILES | {"ssl_cert_reqs"}
TRUST = ("none", "optional", "required")
OPTIONS = {"redis": frozenset({"db"}), "rediss": frozenset({"db"}) | TLS_OPTIONS, "unix": frozenset({"db"})}
"""What may stand after the `?`, by how the store is reached."""
EXAMPLES = {
    "redis": "redis://:password@host:6379/0",
    "rediss": "rediss://:password@host:6379/0",
    "unix": "unix:///run/store.sock?db=0",
}


def store_url(value: str) -> str:
    """Return the URL; raises `ValueError` with what was expected if it leads nowhere."""
    scheme, _, rest = value.partition("://")
    if scheme not in OPTIONS or not re.match("([^/@]*@)?/." if scheme == "unix" else "[^/]", rest):
        raise ValueError("a URL that starts with redis://, rediss:// or unix:///")
    if not _is_place(value, scheme):
        raise ValueError(f"a URL such as {EXAMPLES[scheme]}, with a number for the port and the database")
    if not parse_qs(urlsplit(value).query).keys() <= OPTIONS[scheme]:
        raise ValueError(f"a URL with no other options than {', '.join(sorted(OPTIONS[scheme]))} after the ?")
    trust = parse_qs(urlsplit(value).query).get("ssl_cert_reqs", [])
    if not set(trust) <= set(TRUST):
        raise ValueError(f"a URL in which ssl_cert_reqs is one of {', '.join(TRUST)}")
    return value


def _is_place(value: str, scheme: str) -> bool:
    try:
        url = urlsplit(value)
        databases = [*parse_qs(url.query).get("db", []), "" if scheme == "unix" else url.path.removeprefix("/")]
        return url.port != 0 and all(re.fullmatch("[0-9]{0,6}", each) for each in databases)
    except ValueError:  # what should be a port, or an address in brackets, is none
        return False
