"""What stands between `{{` and `}}` in a text, and what does it write?"""

import re

from msgspec import Struct

from engine.step import Turn
from flows.expressions import Expression
from flows.nodes import Scalar
from flows.reader import Reader, UnreadableError, listed, nearest, shortened
from flows.values import FILTERS, Argument, Manner, shown
from rules.conditions import Type, check
from rules.conditions.types import TYPES
from rules.source import Mistake, Mistakes

FILTER = re.compile(
    r"""\s*(?P<name>[A-Za-z_]\w*)\s*"""
    r"""(?:\(\s*(?P<argument>"[^"]*"|'[^']*'|\u201c[^\u201d]*\u201d|[\w.]+)?\s*\))?\s*"""
)
QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019"}


class Use(Struct, frozen=True):
    """A filter with its argument."""

    name: str
    argument: str = ""


class Slot(Struct, frozen=True, tag="slot"):
    """What stands between `{{` and `}}`."""

    expression: Expression
    filters: tuple[Use, ...] = ()

    def say(self, turn: Turn) -> str:
        """Write the value; a value that is unknown or empty is written as its `default`, else as nothing."""
        manner = Manner(turn.language, turn.zone)
        value = self.expression.value(turn.facts)
        for use in self.filters:
            if value is None or value == "":
                value = use.argument if use.name == "default" else None
            else:
                value = FILTERS[use.name].write(value, use.argument, manner)
        return shown(value, manner)


class Wording(Struct, frozen=True):
    """A text in one language: words as they are, and slots."""

    parts: tuple[str | Slot, ...]

    @property
    def least(self) -> str:
        """What it says at least, whatever the values."""
        return "".join(part for part in self.parts if isinstance(part, str))


def whole(text: str) -> bool:
    """Tell whether a text is one `{{ … }}` without a filter and nothing else: its value then keeps its kind."""
    text = text.strip()
    return text.startswith("{{") and _end(text, 2) == len(text) - 2 and "|" not in _without_quotes(text)


def inside(text: str) -> str:
    """Return what stands in a text that is one whole `{{ … }}`."""
    return text.strip()[2:-2].strip()


def divided(reader: Reader, node: Scalar, text: str) -> Wording:
    """Divide a text at its `{{ }}` and check what stands inside."""
    return _Slots(reader, node, text).wording()


class _Slots:
    """Divides a text at its `{{ }}` and checks what stands inside."""

    def __init__(self, reader: Reader, node: Scalar, text: str) -> None:
        self._reader = reader
        self._node = node
        self._text = text
        self._failed = False

    def wording(self) -> Wording:
        parts: list[str | Slot] = []
        at = 0
        while (begin := self._text.find("{{", at)) >= 0:
            end = _end(self._text, begin + 2)
            if end < 0:
                self._tell(begin, "open-slot", "`{{` is never closed with `}}`", "Write `}}` after the name")
                break
            parts.append(self._text[at:begin])
            slot = self._slot(begin + 2, end)
            if slot is not None:
                parts.append(slot)
            at = end + 2
        parts.append(self._text[at:])
        self._check_statements()
        if self._failed:
            raise UnreadableError
        return Wording(tuple(part for part in parts if part != ""))

    def _check_statements(self) -> None:
        if (begin := self._text.find("{%")) >= 0:
            message = "`{%` has no meaning in texts: they take only `{{ name }}`"
            self._tell(begin, "statement", message, "Use an `if` step to say one thing or another")

    def _slot(self, begin: int, end: int) -> Slot | None:
        pieces = _pieces(self._text, begin, end)
        start, stop = pieces[0]
        source = self._text[start:stop]
        if not source.strip():
            self._tell(begin - 2, "empty-slot", "Nothing stands between `{{` and `}}`", "Write `{{ contact.name }}`")
            return None
        start += len(source) - len(source.lstrip())
        try:
            condition = check(source.strip(), self._reader.scope, None)
        except Mistakes as wrong:
            self._failed = True
            line, column = self._position(start)
            self._reader.tell_mistakes(self._node, wrong, line - 1, column - 1)
            return None
        filters = self._filters(pieces[1:], condition.type)
        return Slot(Expression(condition), filters)

    def _filters(self, pieces: list[tuple[int, int]], kind: Type) -> tuple[Use, ...]:
        uses = []
        for start, stop in pieces:
            found = FILTER.fullmatch(self._text[start:stop])
            begin = start + len(self._text[start:stop]) - len(self._text[start:stop].lstrip())
            if found is None or found["name"] not in FILTERS:
                name = found["name"] if found else self._text[start:stop].strip()
                message = f"`{shortened(name)}` is no filter. Filters are {listed(FILTERS)}"
                self._tell(begin, "unknown-filter", message, nearest(name, FILTERS))
                continue
            argument = (found["argument"] or "").strip("\"'\u201c\u201d")
            self._check_filter(begin, found["name"], argument, kind)
            uses.append(Use(found["name"], argument))
            kind = kind if found["name"] == "default" else Type.TEXT
        return tuple(uses)

    def _check_filter(self, begin: int, name: str, argument: str, kind: Type) -> None:
        takes, wanted = FILTERS[name].takes, FILTERS[name].argument
        if takes is not None and kind not in takes | {Type.ANY}:
            shown_kinds = " or ".join(TYPES[each][0] for each in sorted(takes))
            self._tell(begin, "wrong-kind", f"`{name}` takes {shown_kinds}, and this is {TYPES[kind][0]}")
        if wanted is None and argument:
            self._tell(begin, "filter", f"`{name}` takes nothing in brackets", f"Write `{name}`")
        elif wanted is not None:
            self._check_argument(begin, name, argument, wanted)

    def _check_argument(self, begin: int, name: str, argument: str, wanted: Argument) -> None:
        hint = f'As in `{name}("{wanted.example}")`'
        if not argument and wanted.needed:
            self._tell(begin, "filter", f"`{name}` needs {wanted.what}", hint)
        elif argument and wanted.allowed is not None and argument not in wanted.allowed:
            self._tell(begin, "filter", f"`{name}` takes {wanted.what}, not `{shortened(argument)}`", hint)

    def _tell(self, offset: int, code: str, message: str, hint: str | None = None) -> None:
        self._failed = True
        line, column = self._position(offset)
        self._reader.tell_mistakes(self._node, Mistakes(Mistake(line, column, code, message, hint)))

    def _position(self, offset: int) -> tuple[int, int]:
        before = self._text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _end(text: str, at: int) -> int:
    """Find the `}}` that ends a slot, past any quotes; -1 if there is none."""
    quote = ""
    for offset in range(at, len(text)):
        character = text[offset]
        if quote:
            quote = "" if character == quote else quote
        elif character in QUOTES:
            quote = QUOTES[character]
        elif text.startswith("}}", offset):
            return offset
    return -1


def _pieces(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """Divide a slot at the `|` outside of quotes, as offsets."""
    bars = [begin + offset for offset, character in enumerate(_without_quotes(text[begin:end])) if character == "|"]
    starts = [begin, *(bar + 1 for bar in bars)]
    return list(zip(starts, [*bars, end], strict=True))


def _without_quotes(text: str) -> str:
    """Blank out what stands in quotes, so that only signs outside are found."""
    shown_parts: list[str] = []
    quote = ""
    for character in text:
        if quote:
            shown_parts.append(" ")
            quote = "" if character == quote else quote
        else:
            quote = QUOTES.get(character, "")
            shown_parts.append(" " if quote else character)
    return "".join(shown_parts)
