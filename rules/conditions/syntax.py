"""What has an author written, word by word? The one door of Lark."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from lark import Lark, Token, Transformer_NonRecursive, UnexpectedCharacters, UnexpectedInput
from lark.tree import Meta
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
        tree = _parser().parse(text)
    except UnexpectedInput as trouble:
        raise Mistakes(_explained(text, trouble)) from None
    reading = _Reading(text)
    part: Part = reading.transform(tree)
    if _depth(part) > MOST_DEPTH:
        message = f"A condition may be nested {MOST_DEPTH} deep; this one goes deeper"
        raise Mistakes(mistake(text, part.start, "condition-too-deep", message, "Save parts of it with `set` steps"))
    return part, tuple(reading.mistakes)


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
    return Lark("\n".join([grammar, *rows]), parser="lalr", propagate_positions=True)


class _Reading(Transformer_NonRecursive[Token, Part]):
    """Turns Lark's tree into parts, and notes the words of other languages."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.mistakes: list[Mistake] = []

    def start(self, parts: list[Part]) -> Part:
        return parts[0]

    def __default__(self, data: str, children: list[Part | None], meta: Meta) -> Part:
        parts = tuple(part for part in children if part)
        if data == "items" and len(parts) > MOST_ITEMS:
            message = f"Brackets hold {MOST_ITEMS} values at most; these hold {len(parts):,}"
            hint = "Divide them among several conditions"
            self.mistakes.append(mistake(self.text, meta.start_pos, "too-many-values", message, hint))
        return Part(str(data), meta.start_pos, meta.end_pos, parts=parts)

    def __default_token__(self, token: Token) -> Part:
        start = token.start_pos or 0
        return Part(token.type, start, start + len(token), self._settled(token, start))

    def _settled(self, token: Token, start: int) -> str:
        if token.type not in _OPERATORS:
            return SAME.get(token, str(token))
        written = " ".join(token.lower().split())
        word = SAME.get(written, written)
        if word in INSTEAD:
            message, hint = f"`{token}` is not a word of conditions", f"Write `{INSTEAD[word]}`"
            self.mistakes.append(mistake(self.text, start, "other-word", message, hint))
        return INSTEAD.get(word, word)


def _depth(part: Part) -> int:
    """Count levels without recursion, since the text may be hostile."""
    level, count = [part], 0
    while level:
        level = [child for each in level for child in each.parts]
        count += 1
    return count


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
