"""What did an author mean where a condition cannot be read on?"""

import re
from collections.abc import Iterator

from rules.conditions.wording import comments, on_one_line

VALUE = "a value: a name, a number or text in quotes"
OPERATOR = "`and`, `or`, or a comparison such as `=`, `in` or `has`; text stands in quotes"
LEFT_OUT = {  # words of a sentence that a condition does without, or says in another way
    "if": "Leave out `if`",
    "when": "Leave out `when`",
    "then": "Leave out `then`",
    ";": "Leave out `;`",
    "to": "Write `and` between two bounds, as in `between 1 and 5`",
    "from": "Write `between 1 and 5`",
    "unless": "Write `and not`, and the rest in brackets",
    "xor": "Write `(a or b) and not (a and b)`",
    "does": 'Write `not` before the whole comparison, as in `not text starts with "hi"`',
    "doesn": 'Write `not` before the whole comparison, as in `not text starts with "hi"`',
    "/": 'A pattern stands in quotes, as in `text matches "order #[0-9]+"`',
    "%": "A share is written as a number, as in `0.5`; there are no remainders",
    "{": "Names stand in conditions without `{{ }}`",
}
HALVES = {"am": 0, "pm": 12}

_HERE = re.compile(r"[^\W\d]\w*(?:\.\w+)*|[0-9][\w.:-]*|[=<>!&|]+|\S")
_QUOTES = "\"'“”„‘’‚«"
_COUNT = re.compile(r"[0-9.]+$")
_SPAN = re.compile(r"(?P<count>[0-9.]*)(?P<unit>[smhd])(?:ecs?|econds?|ins?|inutes?|rs?|ours?|ays?)", re.IGNORECASE)
_HALF_CLOCK = re.compile(r"(?P<hour>1[0-2]|[1-9])(?::(?P<minute>[0-5][0-9]))?(?P<half>am|pm)", re.IGNORECASE)


def ended(text: str, offset: int, expected: set[str]) -> tuple[str, str | None]:
    """Say what is missing at the end of a text, whose last word is at an offset."""
    if "NAME" in expected:
        if taken := _comment_on_line(text, offset):
            hint = f'What follows `#` is a comment; put it in quotes if it is text: `"{taken}"`'
        else:
            hint = f"Expected {VALUE}"
        return f"Something is missing after `{on_one_line(text[offset:])}`", hint
    if "AND" in expected and "OR" not in expected:
        return "The upper bound of `between` is missing", "As in `between 1 and 5`"
    return "A bracket `(` is not closed", "Expected `)`"


def stuck(text: str, offset: int, expected: set[str]) -> tuple[str, str | None]:
    """Say what stands wrong at an offset of a text, and what was expected there."""
    here = _HERE.match(text, offset)
    word = here.group() if here else text[offset]
    return next(_guesses(text, offset, word, expected))


def _comment_on_line(text: str, offset: int) -> str | None:
    """Give the comment on the line of a character, if there is one."""
    end = text.find("\n", offset)
    found = [text[start:stop] for start, stop in comments(text) if offset < start and (end < 0 or start < end)]
    return found[0].rstrip() if found else None


def _guesses(text: str, offset: int, word: str, expected: set[str]) -> Iterator[tuple[str, str | None]]:
    """Say what stands wrong here and what was expected, the most telling first."""
    value_expected, before = "NAME" in expected, text[:offset].rstrip()
    stands = f"`{word if word.isprintable() else f'U+{ord(word):04X}'}` cannot stand here"
    if word == ",":
        yield _comma(before, text[offset + 1 : offset + 2])
    if first := LEFT_OUT.get(before.lower()):
        yield f"No `{before.lower()}` stands before a condition", first
    if instead := _instead(word, before):
        yield stands, instead
    if not value_expected:
        yield from _after_value(word, before, stands)
    if word in _QUOTES:
        yield "This text has no closing quote", f"Write `{word}` at its end too"
    if word[0].isdigit() and value_expected:
        yield f"`{word}` is neither a number nor a time", "Such as `3`, `0.5`, `2h`, `09:00` or `2026-12-25`"
    if value_expected:
        yield stands, f"Expected {VALUE}"
    if "AND" in expected and "OR" not in expected:
        yield stands, "Expected `and` and the upper bound of `between`"
    yield stands, f"Expected {OPERATOR}"


def _after_value(word: str, before: str, stands: str) -> Iterator[tuple[str, str | None]]:
    if before.endswith(tuple(_QUOTES)) and word[0].isalpha():
        yield stands, "If it belongs to the text before, put that in the other kind of quotes"
    if word == ")":
        yield "This `)` closes nothing", "Take it away, or open a bracket before"


def _instead(word: str, before: str) -> str | None:
    """Give the fix for a word that other languages and people have."""
    found = _span(word, before) or _clock(word)
    return f"Write `{found}`" if found else LEFT_OUT.get(word.lower())


def _comma(before: str, after: str) -> tuple[str, str]:
    if before[-1:].isdigit() and after.isdigit():
        return (
            "A comma stands here inside a number",
            "Write decimals with a point, as in `1.5`, thousands as `1500`",
        )
    return "`,` cannot stand here", 'Put several values in brackets, as in `in ("a", "b")` or `has any ("a", "b")`'


def _span(word: str, before: str) -> str | None:
    """Write `2 hours` or `2hours` as `2h`."""
    found = _SPAN.fullmatch(word)
    count = found["count"] if found else ""
    if found and not count and (apart := _COUNT.search(before)):
        count = apart.group()
    return f"{count}{found['unit'].lower()}" if found and count else None


def _clock(word: str) -> str | None:
    """Write `6pm` as `18:00`."""
    found = _HALF_CLOCK.fullmatch(word)
    if found is None:
        return None
    hour = int(found["hour"]) % 12 + HALVES[found["half"].lower()]
    return f"{hour:02}:{found['minute'] or '00'}"
