"""How does a value of a step read in a few words?"""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from engine.request import Secret
from flows.expressions import Expression, When
from flows.fields import fields_of
from flows.shown import written
from flows.slots import Slot
from flows.step import StepKind, Steps
from flows.templates import Named
from flows.text import Text
from flows.wires import SECRET, Wire

OF_EVERY_STEP = ("id", "when")
JUST_THERE, NAMELESS = "true", "kind"


def brief(value: Any) -> str:
    """Write a value of a checked step in short, whatever it is; steps inside are drawn, not written."""
    match value:
        case None:
            return ""
        case Text(languages=languages):
            return _row(next(iter(languages.values())).parts)
        case When(condition=condition) | Expression(condition=condition):
            return condition.text
        case Named(name=name):
            return name
        case Wire(parts=parts):
            return _row(parts)
        case tuple():
            return ", ".join(filter(None, map(brief, value)))
        case dict():
            return ", ".join(_entry(str(key), brief(each)) for key, each in value.items())
        case Struct():
            return _struct(value)
        case _:
            return written(value)


def subject(step: StepKind) -> str:
    """Write what a step is about: the value of the key that names its kind, unless it is just there."""
    found = brief(getattr(step, fields_of(type(step))[step.kind].name))
    return "" if found == JUST_THERE else found


def details(step: StepKind) -> tuple[str, ...]:
    """Write the other fields of a step, as far as the author gave them and they are not drawn."""
    told = (*OF_EVERY_STEP, step.kind)
    found = tuple(_entry(key, brief(value)) for key, value in _given(step) if key not in told and not _drawn(value))
    return (*((f"only if {brief(step.when)}",) if step.when else ()), *found)


def _entry(name: str, words: str) -> str:
    return f"{name}: {words}" if words and words != name else name


def _struct(value: Struct) -> str:
    if type(value).__str__ is not object.__str__:
        return str(value)
    given = [(key, each) for key, each in _given(value) if not _drawn(each)]
    if len(given) == 1:
        return brief(given[0][1])
    return ", ".join(brief(each) if key == NAMELESS else _entry(key, brief(each)) for key, each in given)


def _given(value: Struct) -> list[tuple[str, Any]]:
    """List the fields of a struct that hold something else than what they hold by themselves."""
    found = []
    for key, field in fields_of(type(value)).items():
        held = getattr(value, field.name)
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if field.required or held != default:
            found.append((key, held))
    return found


def _drawn(value: Any) -> bool:
    """Tell whether a picture shows a value as ways and boxes: steps, or something that holds steps."""
    match value:
        case Steps():
            return len(value) > 0
        case Struct():
            return any(_drawn(getattr(value, each)) for each in value.__struct_fields__)
        case dict():
            return any(map(_drawn, value.values()))
        case _:
            return False


def _row(parts: Iterable[str | Slot | Secret]) -> str:
    """Write words with what is filled in between them."""
    return "".join(part if isinstance(part, str) else f"{{{_filled_in(part)}}}" for part in parts)


def _filled_in(part: Slot | Secret) -> str:
    return f"{SECRET}{part.name}" if isinstance(part, Secret) else brief(part.expression).strip()
