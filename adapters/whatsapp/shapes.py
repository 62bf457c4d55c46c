"""How is the form of a JSON body checked, and what is each fault called?

A check takes a value and where it stands (`interactive.body.text`) and yields the faults it finds.
Checks are built from smaller checks, so that a whole request reads as a table of its fields.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

INVALID_PARAMETER = 100
MISSING_PARAMETER = 131008
WRONG_VALUE = 131009

_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


class Fault(Struct, frozen=True):
    """One thing the Graph API would refuse a body for: its error code, and words that name the field."""

    code: int
    details: str


Check = Callable[[object, str], Iterator[Fault]]
Rule = Callable[[Any, str], Iterator[Fault]]


def anything(_value: object, _path: str) -> Iterator[Fault]:
    """Accept every value."""
    return iter(())


def flag(value: object, path: str) -> Iterator[Fault]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield Fault(INVALID_PARAMETER, f"`{path}` takes true or false")


def url(value: object, path: str) -> Iterator[Fault]:
    """Accept a web address."""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        yield Fault(WRONG_VALUE, f"`{path}` takes an address that starts with http:// or https://")


def text(most: int, least: int = 1) -> Check:
    """Accept a text of a length, counted in characters."""

    def check(value: object, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(INVALID_PARAMETER, f"`{path}` takes a text")
        elif len(value) < least:
            yield Fault(MISSING_PARAMETER, f"`{path}` is empty")
        elif len(value) > most:
            yield Fault(INVALID_PARAMETER, f"`{path}` takes at most {most} characters and has {len(value)}")

    return check


def spelled(pattern: str, expected: str) -> Check:
    """Accept a text of which all fits a pattern; `expected` says so in words."""
    fits = re.compile(pattern).fullmatch

    def check(value: object, path: str) -> Iterator[Fault]:
        if not isinstance(value, str) or not fits(value):
            yield Fault(WRONG_VALUE, f"`{path}` takes {expected}")

    return check


def word(*allowed: str) -> Check:
    """Accept one of a few words."""

    def check(value: object, path: str) -> Iterator[Fault]:
        if value not in allowed:
            yield Fault(WRONG_VALUE, f"`{path}` takes {_listed(allowed)}")

    return check


def number(least: float, most: float) -> Check:
    """Accept a number, or a text that spells one, between two bounds."""

    def check(value: object, path: str) -> Iterator[Fault]:
        try:
            fits = not isinstance(value, bool) and least <= float(value) <= most  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            fits = False
        if not fits:
            yield Fault(WRONG_VALUE, f"`{path}` takes a number from {least:g} to {most:g}")

    return check


def items(each: Check, most: int, least: int = 1) -> Check:
    """Accept a list of a length whose items all pass a check."""

    def check(value: object, path: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(INVALID_PARAMETER, f"`{path}` takes a list")
        elif not least <= len(value) <= most:
            yield Fault(WRONG_VALUE, f"`{path}` takes {least} to {most} items and has {len(value)}")
        else:
            for place, item in enumerate(value):
                yield from each(item, f"{path}[{place}]")

    return check


def record(need: Mapping[str, Check], may: Mapping[str, Check] | None = None, either: Sequence[str] = ()) -> Check:
    """Accept an object with all fields of `need`, any of `may`, and at least one of `either`."""
    known = {**need, **(may or {})}

    def check(value: object, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(INVALID_PARAMETER, f"`{path or 'the body'}` takes an object")
            return
        yield from (
            Fault(INVALID_PARAMETER, f"`{_inside(path, key)}` is not a field of `{path or 'the body'}`")
            for key in value
            if key not in known
        )
        yield from (Fault(MISSING_PARAMETER, f"`{_inside(path, key)}` is missing") for key in need if key not in value)
        if either and not any(key in value for key in either):
            yield Fault(MISSING_PARAMETER, f"`{path or 'the body'}` needs {_listed(either)}")
        for key, inner in known.items():
            if key in value:
                yield from inner(value[key], _inside(path, key))

    return check


def tagged(tag: str, variants: Mapping[str, Check], default: str | None = None) -> Check:
    """Accept an object whose field `tag` names which of the variants it has to pass."""

    def check(value: object, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(INVALID_PARAMETER, f"`{path or 'the body'}` takes an object")
            return
        name = value.get(tag, default)
        variant = variants.get(name) if isinstance(name, str) else None
        if variant is not None:
            yield from variant(value, path)
        elif name is None:
            yield Fault(MISSING_PARAMETER, f"`{_inside(path, tag)}` is missing")
        else:
            yield Fault(WRONG_VALUE, f"`{_inside(path, tag)}` takes {_listed(tuple(variants))}")

    return check


def both(form: Check, rule: Rule) -> Check:
    """Accept what passes `form` and then `rule`, which may rely on that form."""

    def check(value: object, path: str) -> Iterator[Fault]:
        found = list(form(value, path))
        return iter(found) if found else rule(value, path)

    return check


def _inside(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]
