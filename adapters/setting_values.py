"""How is the value of a setting read?

Each function here returns the value, or raises `ValueError` with what was expected.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from adapters.store_url import store_url


def word(value: str) -> str:
    """Read one word."""
    if re.search(r"[\s\x00-\x1f\x7f\"']", value):
        raise ValueError("one word, without spaces, line ends or quotes in it")
    return value


def digits(value: str) -> str:
    """Read an id of Meta's; none is fine."""
    if not re.fullmatch(r"[0-9]{0,32}", value):
        raise ValueError("an id of Meta's, which is made of digits")
    return value


def store(value: str) -> str | None:
    """Read the URL of a store; none is fine."""
    return store_url(word(value)) if value else None


def http_url(value: str) -> str:
    """Read the URL that others begin with."""
    if not re.fullmatch(r"https?://[^/?#]+(/[^?#]*)?", word(value)):
        raise ValueError("a URL that starts with https:// (or http:// for a fake) and has no ? or #")
    return value.rstrip("/")


def version(value: str) -> str:
    """Read a version of the Graph API."""
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", value):
        raise ValueError("a version like v26.0")
    return value


def folder(value: str) -> Path:
    """Read the path of a folder."""
    return Path(value).expanduser().absolute()


def file(value: str) -> Path | None:
    """Read the path of a file; none is fine."""
    return folder(value) if value else None


def one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    """Return a function that reads one of a few words."""

    def read(value: str) -> StrEnum:
        try:
            return kind(value.lower())
        except ValueError:
            raise ValueError(f"one of: {', '.join(kind)}") from None

    return read


def whole(lowest: int, highest: int, what: str) -> Callable[[str], int]:
    """Return a function that reads a whole number within bounds."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,7}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"a whole number of {what} from {lowest} to {highest}")
        return int(value)

    return read


def span(lowest: int, highest: int, unit: str) -> Callable[[str], timedelta]:
    """Return a function that reads how many seconds or days something takes."""

    def read(value: str) -> timedelta:
        return timedelta(**{unit: whole(lowest, highest, unit)(value)})

    return read


def switch(value: str) -> bool:
    """Read whether something is so."""
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value.lower() not in known:
        raise ValueError("1 or 0")
    return known[value.lower()]


def hosts(value: str) -> tuple[str, ...]:
    """Read a list of hosts."""
    found = tuple(each.lower() for each in re.split(r"[\s,]+", value) if each)
    if not all(re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", each) for each in found):
        raise ValueError("names of hosts with commas between them, such as api.example.com or 127.0.0.1:8080")
    return found
