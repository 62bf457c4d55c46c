"""What does each thing that authors may write mean? The docstrings of its classes say it, and nothing else does."""

import inspect
import re
from functools import cache

from msgspec import Struct

EXAMPLE = re.compile(r"- [a-z]")
FIELD = re.compile(r"^- `(?P<name>\w+)`: (?P<words>.+(?:\n  .+)*)\n?", re.MULTILINE)


class Meaning(Struct, frozen=True):
    """What a class is for in a sentence, an example of it in YAML, what else is to know, and what its fields mean."""

    says: str
    example: str
    more: str
    fields: dict[str, str]


@cache
def meaning_of(kind: type) -> Meaning:
    """Read the docstring of a class; fields that it does not explain are explained by the class it is made from."""
    says, *rest = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    example = rest.pop(0) if rest and EXAMPLE.match(rest[0]) else ""
    inherited = meaning_of(kind.__base__).fields if kind.__base__ not in (None, object, Struct) else {}
    text = "\n\n".join(rest)
    own = {found["name"]: _sentence(found["words"]) for found in FIELD.finditer(text)}
    return Meaning(_line(says), example, text.strip(), {**inherited, **own})


def _sentence(words: str) -> str:
    line = _line(words)
    return line[0].upper() + line[1:]


def _line(text: str) -> str:
    return " ".join(text.split())
