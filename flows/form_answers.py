"""What did the contact fill into a form, as values of the kinds a step expects?"""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any, Literal, get_args

import msgspec
from msgspec import Raw, Struct

from engine.content import Form
from engine.content import Text as Words
from engine.step import Turn
from flows.answers import EXPECTED
from flows.nodes import Map, Node, Scalar
from flows.reader import Reader, UnreadableError
from flows.step import CONTACT, variable
from rules.conditions import Type
from rules.source import Mistakes

Kind = Literal["text", "number", "email", "phone", "date", "time", "true/false", "list"]
_Single = str | bool | int | float | None
_TRUTHS = {"true": True, "false": False}

Value = str | bool | Decimal | date | time | tuple[str, ...]
_answers = msgspec.json.Decoder(dict[str, Raw])
_value = msgspec.json.Decoder(_Single | list[_Single])


class Field(Struct, frozen=True):
    """One answer of a form: its kind, and what the form calls it.

    - `expect`: what it is.
    - `field`: what the form calls it, if that is not the name it is kept under.
    """

    expect: Kind
    field: str = ""


def fields_of_form(reader: Reader, node: Node, name: str) -> dict[str, Field]:
    """Read names, each with the kind of the answer, or with `expect` and `field`."""
    if not isinstance(node, Map) or not node.items:
        raise reader.wants(node, name, "names with kinds, such as `{day: date, people: number}`")
    named = [_is_name(reader, key) for key in node.keys.values()]
    found = reader.all_of((value, _AnyField, key) for key, value in node.items.items())
    if not all(named):
        raise UnreadableError(name)
    return dict(zip(node.items, found, strict=True))


def _is_name(reader: Reader, key: Scalar) -> bool:
    try:
        variable(key.text or "")
    except Mistakes as wrong:
        reader.tell_mistakes(key, wrong)
        return False
    return True


class _AnyField:
    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> Field:
        if not isinstance(node, Map):
            return Field(reader.read(node, Kind, name))
        found: Field = reader.fields(node, Field, name)
        return found


def kind_of(node: Node) -> Type:
    """Tell the kind of an answer before its fields are read."""
    kind = node.items.get("expect") if isinstance(node, Map) else node
    word = kind.text if isinstance(kind, Scalar) else None
    return _READ[word][0] if word in _READ else Type.ANY  # the wrong word is told where the field is read


def answers_in(form: Form, fields: dict[str, Field], turn: Turn) -> dict[str, Value | None] | None:
    """Return the answers under the names they are kept under; nothing if one is of another kind than expected.

    What was left empty has no value, and what no step asks for is not looked at.
    """
    try:
        given = _answers.decode(form.answers)
        called = {name: each.field or name.removeprefix(CONTACT) for name, each in fields.items()}
        held = {name: _value.decode(given[there]) for name, there in called.items() if there in given}
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    filled = {name: value for name, value in held.items() if value not in (None, "", [])}
    read = {name: _READ[fields[name].expect][1](value, turn) for name, value in filled.items()}
    return None if None in read.values() else {**dict.fromkeys(fields), **read}


def _as_words(kind: str) -> Callable[[Any, Turn], Value | None]:
    """Read an answer the way a question does that expects this kind."""

    def read(value: Any, turn: Turn) -> Value | None:
        if isinstance(value, bool | list):
            return None
        found: Value | None = EXPECTED[kind].read(Words(str(value)), turn)
        return found

    return read


def _truth(value: Any, _: Turn) -> bool | None:
    return value if isinstance(value, bool) else _TRUTHS.get(str(value))


def _list(value: Any, _: Turn) -> tuple[str, ...] | None:
    values = value if isinstance(value, list) else [value]
    return tuple(map(str, values)) if all(isinstance(each, str | int) for each in values) else None


_READ: dict[str, tuple[Type, Callable[[Any, Turn], Value | None]]] = {
    "true/false": (Type.TRUTH, _truth),
    "list": (Type.LIST, _list),
} | {kind: (EXPECTED[kind].type, _as_words(kind)) for kind in get_args(Kind) if kind in EXPECTED}
