"""Which patterns may an author write, and what do they find?

RE2 takes time in proportion to the text, whatever the pattern; the limits below bound the factor.
For most patterns it remembers what it has seen and takes a nanosecond a character. Some, such as `a.{30}b`, can be in
so many states at once that a hostile text makes it follow each by itself: then the time grows with the steps of the
pattern, too. The limits, and little memory, so that it does not try for long, keep the worst of some 600 hostile
patterns at 4.5 ms for the 4,096 characters that rules see of a message, of four bytes each.
How much of a message rules see is cut before, where facts are made: cut here, `$` would fit in the middle.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import re2

Finder: TypeAlias = Callable[[bytes], object]

MOST_PATTERN = 1_000  # characters
MOST_STEPS = 250  # of all patterns of a condition
CLASS_SHARE = 12  # so many instructions of a class such as `\p{L}`, which has some 1,200, count as one step
MOST_ALONE = 60  # instructions of a pattern in a set, which takes 2.3 ms at worst: it never tries another way
MOST_MEMORY = 512 << 10

_CLASS = re.compile(r"(?P<other>\\[^pP])|\\[pP](?:\{[^}]*\}|.)")
_WORDS = (  # what RE2 says, and what an author needs to hear
    ("invalid perl operator: (?", "Patterns cannot look ahead or behind (`(?=`, `(?!`, `(?<`)"),
    ("invalid escape sequence", "A backslash stands before something it has no meaning for; `\\1` cannot be used"),
    ("invalid repetition size", "A repetition in braces goes up to 1,000, also when one stands inside another"),
    ("no argument for repetition", "There is nothing before `*`, `+` or `?` to repeat"),
    ("bad repetition operator", "Two repetitions stand in a row"),
    ("missing )", "A `(` in the pattern is not closed"),
    ("unexpected )", "A `)` in the pattern closes nothing"),
    ("missing ]", "A `[` in the pattern is not closed"),
    ("trailing \\", "The pattern ends with a lone backslash"),
    ("invalid character class", "A set of characters is not known, or runs backwards"),
    ("pattern too large", f"The pattern takes more than {MOST_STEPS} steps when its repetitions are written out"),
    ("invalid named capture", "A group is named as in `(?P<id>…)`, each name once"),
    ("duplicate", "A group is named as in `(?P<id>…)`, each name once"),
)


class PatternError(Exception):
    """Raised when a pattern cannot be used; the message is a sentence for its author."""


@lru_cache(maxsize=20_000)
def pattern(source: str) -> Any:
    """Compile a pattern once; raise PatternError when it cannot be used."""
    if len(source) > MOST_PATTERN:
        raise PatternError(f"A pattern has at most {MOST_PATTERN:,} characters; this one has {len(source):,}")
    if not source:
        raise PatternError("The pattern is empty")
    try:
        compiled = re2.compile(_bytes(source), _options())
    except re2.error as trouble:
        raise PatternError(_in_words(trouble)) from trouble
    return compiled


@lru_cache(maxsize=20_000)
def steps(source: str) -> int:
    r"""Count what RE2 has to follow, repetitions written out: a letter is one step, `.` nine, `\p{L}` 104."""
    size: int = pattern(source).programsize
    if "\\Q" in source:  # what looks like a class may be text
        return size
    without = _CLASS.sub(lambda found: found["other"] or "x", source)
    try:
        letters: int = re2.compile(_bytes(without), _options()).programsize
    except re2.error:
        return size
    return letters + (size - letters) // CLASS_SHARE


def group_names(source: str) -> tuple[str, ...]:
    """Name the groups of a pattern, in the order they are written."""
    found: dict[bytes, int] = pattern(source).groupindex
    return tuple(name.decode() for name in sorted(found, key=lambda each: found[each]))


@lru_cache(maxsize=20_000)
def finder(source: str) -> Finder:
    """Prepare a pattern of which is only asked whether it fits."""
    compiled = pattern(source)
    if compiled.programsize > MOST_ALONE:
        search: Finder = compiled.search
        return search
    alone = re2.Set.SearchSet(_options())  # looks for no groups, and so takes half the time
    alone.Add(_bytes(source))
    alone.Compile()
    match: Finder = alone.Match
    return match


def fits(find: Finder, text: object) -> bool:
    """Tell whether what `finder` prepared fits somewhere in a value; nothing but text fits."""
    return isinstance(text, str) and find(_bytes(text)) is not None


def fitting(compiled: Any, text: object) -> str | None:
    """Give the first part of a text that a pattern fits; nothing if there is none."""
    match = compiled.search(_bytes(text)) if isinstance(text, str) else None
    return match.group().decode("utf-8", "replace") if match else None


def letters(text: object) -> str | None:
    """Give a text as patterns see it, case aside: what they take for the same letter is the same here."""
    return _bytes(text).decode().casefold() if isinstance(text, str) else None


def taken(compiled: Any, text: object) -> dict[str, str]:
    """Give what each named group took, leaving out those that took no part; empty where the pattern does not fit."""
    match = compiled.search(_bytes(text)) if isinstance(text, str) else None
    took: dict[bytes, bytes | None] = match.groupdict() if match else {}
    return {name.decode(): part.decode("utf-8", "replace") for name, part in took.items() if part is not None}


def _bytes(text: str) -> bytes:
    # Bytes spare re2 a copy, and a stray surrogate from a broken message must not raise.
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=1)
def _options() -> Any:
    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    options.case_sensitive = False  # phones write the first letter large; a pattern that minds starts with `(?-i)`
    return options


def _in_words(trouble: Exception) -> str:
    said = trouble.args[0].decode("utf-8", "replace") if trouble.args else ""
    for theirs, ours in _WORDS:
        if said.startswith(theirs):
            return ours
    return f"The pattern cannot be read: {said}"
