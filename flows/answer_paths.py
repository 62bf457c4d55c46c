"""Which part of another system's answer does an author mean?

Names with dots between them, as in `delivery.eta`; in a list `first`, `last` or a number that counts from 1.
"""

import re
from decimal import Decimal
from typing import Any

import msgspec

from engine.facts import TEXT_SEEN
from engine.request import Answer
from flows.nodes import Node
from flows.reader import Reader, shortened

STATUS = "http.status"
LARGEST = 30
"""How many digits a number has before its point, or zeros behind it, at most; any other is nothing."""
ITEMS_MOST = 100

_BRACKETS = re.compile(r"\[['\"]?([^\[\]'\"]*)['\"]?\]")
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def path_of(reader: Reader, node: Node, name: str) -> str:
    """Read a path."""
    text = reader.text(node, name, "a path into the answer, such as `delivery.eta`").strip()
    if "[" in text or text.startswith("$"):
        message = f"A path has dots and no brackets or `$`, not `{shortened(text)}`"
        raise reader.refuse(node.place, "path", message, f"Write `{_dotted(text)}`")
    if not all(part.strip() for part in text.split(".")):
        message = f"A path is names with dots between them, not `{shortened(text)}`"
        raise reader.refuse(node.place, "path", message, "As in `delivery.eta` or `items.first.name`")
    return text


def _dotted(text: str) -> str:
    """Write a path of another language as one of ours, which counts from 1."""
    return _BRACKETS.sub(_after_dot, text.removeprefix("$")).strip(".") or "delivery.eta"


def _after_dot(found: re.Match[str]) -> str:
    part = found[1]
    if not part.isascii() or not part.isdigit():
        return f".{part}"
    return ".first" if int(part) == 0 else f".{int(part) + 1}"


def found_in(answer: Answer, path: str) -> Any:
    """Return what an answer holds there; nothing if it is not good, has no such part, or not one that can be kept."""
    if path == STATUS:
        return None if answer.status is None else Decimal(answer.status)
    if not answer.is_good or answer.body is None:
        return None
    try:
        value = _decode(answer.body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    for part in path.split("."):
        value = _part(value, part)
    return _kept(value)


def _part(value: Any, part: str) -> Any:
    match value:
        case dict():
            return value.get(part)
        case list() if value:
            return _item(value, part)
        case _:
            return None


def _item(items: list[Any], part: str) -> Any:
    if part in ("first", "last"):
        return items[0 if part == "first" else -1]
    is_place = part.isascii() and part.isdigit() and len(part) < LARGEST and 1 <= int(part) <= len(items)
    return items[int(part) - 1] if is_place else None


def _kept(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() | Decimal():
            number = Decimal(value)
            return number if -LARGEST < number.adjusted() < LARGEST else None
        case str():
            return value[:TEXT_SEEN]
        case list() if all(isinstance(each, str | int | Decimal) for each in value):
            return tuple(str(each)[:TEXT_SEEN] for each in value[:ITEMS_MOST])
        case _:
            return None
