"""Why was the store not reached? In a sentence that says what to look at, and nothing secret."""

import os
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from redis.exceptions import AuthenticationError

from adapters.store_url import TLS_FILES

STORE = "The store at `BATON_REDIS_URL`"


def why(error: BaseException, url: str) -> str:
    """Return why nothing came back from the store that a URL leads to."""
    is_tls = url.startswith("rediss:")
    unread = [name for name, path in _files(url) if not os.access(path, os.R_OK)]
    if unread:
        return f"`{unread[0]}` in `BATON_REDIS_URL` should name a file that this user may read."
    for each in _causes(error):
        match each:
            case AuthenticationError():
                return "The store refuses the user or the password in `BATON_REDIS_URL`."
            case ssl.SSLCertVerificationError():
                told = each.verify_message.rstrip(".")
                return (
                    f"{STORE} is not trusted: {told}. `ssl_ca_certs` there names the certificate of who signed for it, "
                    "and the host must be one that it was signed for."
                )
            case ssl.SSLError():
                told = (each.reason or "it failed").lower().replace("_", " ")
                return f"{STORE} and Baton do not come to terms about TLS ({told}): look at the `ssl_` files there."
            case socket.gaierror():
                return f"The host in `BATON_REDIS_URL` is not known: {each.strerror}."
            case ConnectionRefusedError():
                return f"{STORE} does not answer: nothing listens there."
            case ConnectionResetError() if not is_tls:
                return f"{STORE} hung up: where it speaks TLS, the URL begins with rediss://."
    hint = ": does it speak TLS at that port?" if is_tls else "."
    return f"{STORE} does not answer ({type(error).__name__}){hint}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _files(url: str) -> Iterator[tuple[str, str]]:
    for name, paths in parse_qs(urlsplit(url).query).items():
        if name in TLS_FILES:
            yield name, paths[-1]
