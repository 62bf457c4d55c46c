"""What has to be seen in the facts before a condition can hold, and which of it is best looked for?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from rules.conditions.types import Value

LONGEST = 32
"""Characters of a text that are looked for: enough to be rare, few enough to keep ten thousand long ones small."""
NUMBER_ODDS, TRUTH_ODDS = 0.1, 0.5


class Form(StrEnum):
    """How the value of a name is looked at."""

    WORDS = "words"  # as `has` searches a text
    CHARACTERS = "characters"  # as `contains` does
    LETTERS = "letters"  # as patterns do, case aside
    TEXT = "text"  # the value itself, as `=` compares it
    NUMBER = "number"
    TRUTH = "truth"
    ITEM = "item"  # one item of a list


SEARCHED = frozenset({Form.WORDS, Form.CHARACTERS, Form.LETTERS})


class Key(Struct, frozen=True, gc=False):
    """Something that may be seen in the value of a name."""

    name: str
    form: Form
    value: Value


class Sign(Struct, frozen=True, gc=False):
    """A key that has to be seen; where `proves`, seeing it is enough and nothing has to be evaluated."""

    key: Key
    proves: bool


class OneOf(Struct, frozen=True, gc=False):
    """At least one of these has to be seen."""

    parts: tuple["Need", ...]


class EachOf(Struct, frozen=True, gc=False):
    """All of these have to be seen, and perhaps more has to hold."""

    parts: tuple["Need", ...]


Need: TypeAlias = Sign | OneOf | EachOf
Chosen: TypeAlias = dict[Key, bool]
"""Keys one of which has to be seen, and whether seeing it is enough."""


def sign(name: str, form: Form, text: str | None, *, proves: bool = False) -> Sign | None:
    """Make a sign of a text to be searched for; blank text is everywhere and therefore none."""
    if not text or not text.strip():
        return None
    return Sign(Key(name, form, text[:LONGEST]), proves and len(text) <= LONGEST)


def one_of(needs: Iterable[Need | None]) -> Need | None:
    """Join alternatives: if one of them needs nothing, all together need nothing."""
    parts = []
    for each in needs:
        if each is None:
            return None
        parts.append(each)
    return parts[0] if len(parts) == 1 else OneOf(tuple(parts))


def each_of(needs: Iterable[Need | None]) -> Need | None:
    """Join what has to be seen together; what needs nothing adds nothing."""
    parts = tuple(each for each in needs if each is not None)
    return EachOf(parts) if parts else None


def chosen(needs: Sequence[Need | None]) -> list[Chosen | None]:
    """Choose for each need, beside the others, the keys to look for.

    Where several things have to be seen, the rarest is chosen: a long text is rarer than a short one,
    and what many conditions look for is probably seen in many messages.
    """
    crowd = Counter(key for need in needs if need for key in _keys(need))
    return [_keys_of(need, crowd) if need else None for need in needs]


def _keys(need: Need) -> Iterator[Key]:
    if isinstance(need, Sign):
        yield need.key
        return
    for part in need.parts:
        yield from _keys(part)


def _keys_of(need: Need, crowd: Counter[Key]) -> Chosen:
    match need:
        case Sign(key=key, proves=proves):
            return {key: proves}
        case OneOf(parts=parts):
            found: Chosen = {}
            for part in parts:
                for key, proves in _keys_of(part, crowd).items():
                    found[key] = proves or found.get(key, False)
            return found
        case EachOf(parts=parts):
            choices = [_keys_of(part, crowd) for part in parts]
            rarest = min(choices, key=lambda keys: _weight(keys, crowd)) if len(choices) > 1 else choices[0]
            return dict.fromkeys(rarest, False)


def _weight(keys: Chosen, crowd: Counter[Key]) -> float:
    """Guess how much evaluating these keys cause, compared with others."""
    return sum(_odds(key) * crowd[key] for key in keys)


def _odds(key: Key) -> float:
    """Guess how often a key is seen."""
    match key.value:
        case str() as text:
            return 0.5 ** len(text.strip().encode("utf-8", "replace"))  # letters of rarer scripts count more
        case bool():
            return TRUTH_ODDS
        case _:
            return NUMBER_ODDS
