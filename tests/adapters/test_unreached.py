"""Does whoever starts Baton hear why the store was not reached?"""

import socket
import ssl

import pytest
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import TimeoutError as TimedOut

from adapters.settings import SettingProblems, read
from adapters.unreached import why

PLAIN, TLS = "redis://:hush-hush@host:6379/0", "rediss://:hush-hush@host:6379/0"


def untrusted(words):
    """Return what a certificate that does not hold raises."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = words
    return error


def no_terms():
    """Return what a handshake that fails raises."""
    error = ssl.SSLError(1, "alert")
    error.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    return error


@pytest.mark.parametrize(
    ("cause", "url", "words"),
    [
        (untrusted("self-signed certificate in certificate chain"), TLS, "is not trusted: self-signed certificate in "),
        (untrusted("Hostname mismatch, certificate is not valid for 'host'."), TLS, "not valid for 'host'. `ssl_ca_"),
        (no_terms(), TLS, "do not come to terms about TLS (tlsv13 alert certificate required)"),
        (socket.gaierror(-2, "Name or service not known"), PLAIN, "`BATON_REDIS_URL` is not known: Name or service"),
        (ConnectionRefusedError(111, "Connect call failed"), PLAIN, "does not answer: nothing listens there."),
        (ConnectionResetError(104, "Connection reset by peer"), PLAIN, "the URL begins with rediss://"),
        (ConnectionResetError(104, "Connection reset by peer"), TLS, "does it speak TLS at that port?"),
        (None, PLAIN, "does not answer (ConnectionError)."),
    ],
)
def test_the_cause_is_told_in_a_sentence(cause, url, words):
    """What the store's client raises wraps what the matter is."""
    error = ConnectionFailed("Error connecting")
    error.__cause__ = cause

    told = why(error, url)

    assert words in told
    assert "hush" not in told


def test_a_store_that_does_not_speak_tls_never_answers():
    """Which is all that can be seen of it."""
    assert why(TimedOut("Timeout connecting to server"), TLS).endswith(
        "(TimeoutError): does it speak TLS at that port?"
    )


def test_a_file_that_cannot_be_read_is_named_by_its_option(tmp_path):
    """The client would not say which of them it is."""
    told = why(ConnectionFailed("No such file"), f"{TLS}?ssl_certfile={tmp_path}&ssl_ca_certs={tmp_path / 'none.pem'}")

    assert told == "`ssl_ca_certs` in `BATON_REDIS_URL` should name a file that this user may read."


def test_how_far_certificates_are_trusted_is_one_of_three_words():
    """The client would fail at another one when it connects."""
    with pytest.raises(SettingProblems, match="one of none, optional, required"):
        read({"BATON_REDIS_URL": f"{TLS}?ssl_cert_reqs=maybe"})
