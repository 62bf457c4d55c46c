"""What is a template that Meta lists, in the words of a `templates:` document?"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from msgspec import Struct

from flows.templates import Button, Header, Item, Status

UNKNOWN = "UNKNOWN"
STATUSES: frozenset[str] = frozenset(get_args(Status))
FORMATS = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION")
PARTS = ("HEADER", "BODY", "FOOTER", "BUTTONS")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")


class LeftOut(Struct, frozen=True):
    """A template that flows cannot use, and why."""

    name: str
    language: str
    why: str


def item_of(listed: Mapping[str, Any]) -> Item | LeftOut:
    """Read a template as Meta lists it; one with parts that no flow can fill in is left out."""
    name, language = _text(listed, "name"), _text(listed, "language")
    parts = {_text(each, "type").upper(): each for each in _mappings(listed, "components")}
    unknown = next((kind for kind in parts if kind not in PARTS), None)
    header = parts.get("HEADER", {})
    form = _text(header, "format").upper() or "TEXT"
    if unknown is not None or form not in FORMATS or not name or not language:
        return LeftOut(name, language, f"it has a part of the kind {unknown or form}")
    return Item(
        name=name,
        language=language,
        category=_one_of(CATEGORIES, _text(listed, "category"), "MARKETING"),
        status=_one_of(STATUSES, _text(listed, "status"), UNKNOWN),
        body=_text(parts.get("BODY", {}), "text"),
        format="named" if _text(listed, "parameter_format").upper() == "NAMED" else "positional",
        header=Header(format=form, text=_text(header, "text")) if header else None,  # type: ignore[arg-type]
        footer=_text(parts.get("FOOTER", {}), "text"),
        buttons=tuple(_buttons(parts.get("BUTTONS", {}))),
        quality=_quality(listed),
    )


def _buttons(part: Mapping[str, Any]) -> Iterator[Button]:
    for each in _mappings(part, "buttons"):
        yield Button(_text(each, "type").upper(), _text(each, "text"), _text(each, "url"), _text(each, "phone_number"))


def _quality(listed: Mapping[str, Any]) -> str:
    score = listed.get("quality_score")
    told = _text(score, "score") if isinstance(score, Mapping) else ""
    return "" if told == UNKNOWN else told


def _one_of(known: Any, told: str, otherwise: str) -> Any:
    """Return what Meta told if it is a word of ours; what is new to us is taken for the strictest."""
    return told.upper() if told.upper() in known else otherwise


def _text(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    return found if isinstance(found, str) else ""


def _mappings(fields: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = fields.get(name)
    yield from (each for each in (found if isinstance(found, list) else ()) if isinstance(each, Mapping))
