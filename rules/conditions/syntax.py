"""What has an author written, word by word? The one door of Lark."""

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput
from msgspec import Struct

from rules.conditions.types import BETWEEN, MOST_ITEMS, RELATIONS, STATES
from rules.conditions.unreadable import ended, stuck
from rules.conditions.wording import COMMENT, INSTEAD, QUOTED, SAME, on_one_line, spellings
from rules.source import Mistake, Mistakes

MOST_TEXT = 4_096  # characters of a condition
MOST_DEPTH = 64
MOST_REMEMBERED = 1_024  # texts: `contact.name` stands in most messages of an author

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
    word = " ".join(text.lower().replace("’", "'").split())
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
    expected = trouble.allowed if isinstance(trouble, UnexpectedCharacters) else getattr(trouble, "expected", None)
    if token is not None and token.type == "$END":
        message, hint = ended(text, offset, set(expected or ()))  # Lark lends the end the place of the last word
        return mistake(text, offset, "condition-incomplete", message, hint)
    message, hint = stuck(text, offset, set(expected or ()))
    return mistake(text, offset, "condition-unreadable", message, hint)
