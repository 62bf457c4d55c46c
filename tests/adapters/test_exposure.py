"""A store that anybody could read is not used."""

import asyncio

import pytest

from adapters.exposure import OPEN, exposed


@pytest.mark.parametrize(
    "url",
    [
        "unix:///run/store.sock?db=0",
        "redis://127.0.0.1:6379/0",
        "redis://[::1]:6379",
        "redis://10.0.0.7",
        "redis://:secret@8.8.8.8:6379",
        "rediss://8.8.8.8:6379?ssl_certfile=/c.pem&ssl_keyfile=/k.pem",
    ],
)
def test_a_store_that_asks_who_comes_or_is_not_public_is_fine(url):
    """Its own network, a password or a certificate keeps others out."""
    assert asyncio.run(exposed(url)) == ()


@pytest.mark.parametrize("url", ["redis://8.8.8.8:6379/0", "rediss://[2001:4860:4860::8888]", "redis://name@8.8.8.8"])
def test_a_public_store_without_a_password_is_refused(url):
    """A name or a certificate of the server alone keeps nobody out."""
    assert asyncio.run(exposed(url)) == (OPEN,)
