"""What has an author written, word by word? The one door of Lark."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput
from msgspec import Struct

from rules.conditions.types import BETWEEN, MOST_ITEMS, RELATIONS, STATES
from rules.conditions.wording import COMMENT, INSTEAD, OPERATOR, QUOTED, SAME, VALUE, comments, on_one_line, spellings
from rules.source import Mistake, Mistakes

MOST_TEXT = 4_096  # characters of a condition
MOST_DEPTH = 64
MOST_REMEMBERED = 1_024  # texts: `contact.name` stands in most messages of an author

_HERE = re.compile(r"[^\W\d]\w*(?:\.\w+)*|[0-9][\w.:-]*|[=<>!&|]+|\S")
_QUOTES = "\"'“”„‘’‚«"
_COUNT = re.compile(r"[0-9.]+$")
_SPAN_WORDS = re.compile(r"(seconds?|minutes?|mins?|hours?|days?)\b", re.IGNORECASE)
_OPERATORS = frozenset({"RELATION", "STATE", "BETWEEN", "AND", "OR", "NOT"})
_MARKS = frozenset({"OPEN", "CLOSE", "COMMA"})


class Part(Struct, frozen=True):
    """A piece of a condition as it is written; `word` is a single word in its settled spelling."""

    kind: str
    start: int
    end: int
    word: str = ""
    parts: tuple["Part", ...] = ()


@lru_cache(maxsize=MOST_REMEMBERED)
def parsed(text: str) -> tuple[Part, tuple[Mistake, ...]]:
    """Read a text into its parts, with the words to put right; raise Mistakes when no sense can be made of it."""
    if len(text) > MOST_TEXT:
        message = f"A condition has at most {MOST_TEXT:,} characters; this one has {len(text):,}"
        raise Mistakes(mistake(text, MOST_TEXT, "condition-too-long", message))
    if not on_one_line(text):
        raise Mistakes(mistake(text, 0, "condition-missing", "A condition is expected here", 'Such as `text has "hi"`'))
    try:
        part = cast("Part", _parser().parse(text))
    except UnexpectedInput as trouble:
        raise Mistakes(_explained(text, trouble)) from None
    levels = _levels(part)
    if len(levels) > MOST_DEPTH:
        message = f"A condition may be nested {MOST_DEPTH} deep; this one goes deeper"
        raise Mistakes(mistake(text, part.start, "condition-too-deep", message, "Save parts of it with `set` steps"))
    return part, tuple(wrong for level in levels for each in level for wrong in _wrong(text, each))


def mistake(text: str, offset: int, code: str, message: str, hint: str | None = None) -> Mistake:
    """Make a mistake that points at an offset of a text."""
    before = text[:offset]
    return Mistake(before.count("\n") + 1, offset - before.rfind("\n"), code, message, hint)


@cache
def _parser() -> Lark:
    words = {
        "RELATION.4": set(RELATIONS),
        "STATE.5": set(STATES),
        "BETWEEN.5": set(BETWEEN),
        "AND": {"and"},
        "OR": {"or"},
        "NOT.3": {"not"},
    }
    rows = [f"{name}: /{spellings(each)}/i" for name, each in words.items()]
    rows += [f"TEXT: /{QUOTED}/", f"COMMENT: /{COMMENT}/"]
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark("\n".join([grammar, *rows]), parser="lalr", maybe_placeholders=False, tree_class=_part)


def _part(kind: str, found: list[Any]) -> Part | Tree[Any]:
    """Make a part of what Lark found for a rule; a tree to be read later would take a third more time."""
    if kind.startswith("_"):
        return Tree(kind, found)  # a rule inside another, which Lark takes apart again
    parts = [each if isinstance(each, Part) else _leaf(each) for each in found]
    if kind == "start":
        return parts[0]
    inner = tuple([part for part in parts if part.kind not in _MARKS])
    return Part(kind, parts[0].start, parts[-1].end, parts=inner)


def _leaf(token: Token) -> Part:
    start = token.start_pos or 0
    word = str(token)
    if token.type in _OPERATORS:
        word = _written(word)
        word = INSTEAD.get(word, word)
    return Part(token.type, start, start + len(token), SAME.get(word, word))


def _written(text: str) -> str:
    """Return the words of an operator as they are usually written."""
    word = " ".join(text.lower().split())
    return SAME.get(word, word)


def _wrong(text: str, part: Part) -> Iterator[Mistake]:
    """Find what is wrong with a part as it is written: the word of another language, or too many values."""
    if part.kind in _OPERATORS:
        source = text[part.start : part.end]
        if meant := INSTEAD.get(_written(source)):
            message, hint = f"`{source}` is not a word of conditions", f"Write `{meant}`"
            yield mistake(text, part.start, "other-word", message, hint)
    elif part.kind == "items" and len(part.parts) > MOST_ITEMS:
        message = f"Brackets hold {MOST_ITEMS} values at most; these hold {len(part.parts):,}"
        hint = "Divide them among several conditions"
        yield mistake(text, part.start, "too-many-values", message, hint)


def _levels(part: Part) -> list[list[Part]]:
    """List the parts of each depth; without recursion, since the text may be hostile."""
    levels = [[part]]
    while below := [child for each in levels[-1] for child in each.parts]:
        levels.append(below)
    return levels


def _explained(text: str, trouble: UnexpectedInput) -> Mistake:
    offset, token = trouble.pos_in_stream or 0, getattr(trouble, "token", None)
    if token is not None and token.type == "$END":
        return _ended(text, offset, _expected(trouble))  # Lark lends the end the place of the last word
    here = _HERE.match(text, offset)
    word = here.group() if here else text[offset]
    message, hint = next(_guesses(text, offset, word, _expected(trouble)))
    return mistake(text, offset, "condition-unreadable", message, hint)


def _expected(trouble: UnexpectedInput) -> set[str]:
    found = trouble.allowed if isinstance(trouble, UnexpectedCharacters) else getattr(trouble, "expected", None)
    return set(found or ())


def _ended(text: str, offset: int, expected: set[str]) -> Mistake:
    """Point at the last word of a text that ends too early."""
    if "NAME" in expected:
        message, hint = f"Something is missing after `{on_one_line(text[offset:])}`", f"Expected {VALUE}"
        if taken := _comment_on_line(text, offset):
            hint = f'What follows `#` is a comment; put it in quotes if it is text: `"{taken}"`'
    elif "AND" in expected and "OR" not in expected:
        message, hint = "The upper bound of `between` is missing", "As in `between 1 and 5`"
    else:
        message, hint = "A bracket `(` is not closed", "Expected `)`"
    return mistake(text, offset, "condition-incomplete", message, hint)


def _comment_on_line(text: str, offset: int) -> str | None:
    """Give the comment on the line of a character, if there is one."""
    end = text.find("\n", offset)
    found = [text[start:stop] for start, stop in comments(text) if offset < start and (end < 0 or start < end)]
    return found[0].rstrip() if found else None


def _guesses(text: str, offset: int, word: str, expected: set[str]) -> Iterator[tuple[str, str | None]]:
    """Say what stands wrong here and what was expected, the most telling first."""
    value_expected, before = "NAME" in expected, text[:offset].rstrip()
    stands = f"`{word if word.isprintable() else f'U+{ord(word):04X}'}` cannot stand here"
    if word in _QUOTES:
        yield "This text has no closing quote", f"Write `{word}` at its end too"
    if word == "{":
        yield stands, "Names stand in conditions without `{{ }}`"
    if word == "," and before[-1:].isdigit() and text[offset + 1 : offset + 2].isdigit():
        yield "A comma stands here inside a number", "Write decimals with a point, as in `1.5`"
    if _SPAN_WORDS.match(word) and (count := _COUNT.search(before)):
        yield stands, f"Write the span as `{count.group()}{word[0].lower()}`"
    if before.endswith(tuple(_QUOTES)) and not value_expected and word[0].isalpha():
        yield stands, "If it belongs to the text before, put that in the other kind of quotes"
    if word == ")" and not value_expected:
        yield "This `)` closes nothing", "Take it away, or open a bracket before"
    if word[0].isdigit() and value_expected:
        yield f"`{word}` is neither a number nor a time", "Such as `3`, `0.5`, `2h`, `09:00` or `2026-12-25`"
    if value_expected:
        yield stands, f"Expected {VALUE}"
    if "AND" in expected and "OR" not in expected:
        yield stands, "Expected `and` and the upper bound of `between`"
    yield stands, f"Expected {OPERATOR}"
