"""Which shape has what an author writes, as JSON Schema tells it to editors?

Editors offer only the first of several kinds of objects that a schema allows with `anyOf`. So where there are several,
the schema asks with `if` which one was begun; before one is, it offers the words that begin them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta, Struct

from flows.fields import fields_of, hints_of
from flows.kinds import kinds
from flows.meanings import meaning_of
from flows.reader import By
from flows.step import Steps, needs_one

Schema = dict[str, Any]
Begun = tuple[Sequence[str], Schema]
"""The words that tell that something was begun, and its shape."""
DESCRIBING = ("description", "markdownDescription")
WORDS: Schema = {"if": {"type": ["object", "array", "null"]}, "then": {"type": "string"}}
"""Any text: YAML takes `12` for a number and `true` for more than a word, and authors need not know.

Said so, and not as a list of types, no editor proposes `true` where words belong.
"""
PLAIN: Mapping[Any, Schema] = {
    str: WORDS,
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "number"},
    NoneType: {"type": "null"},
    Any: {},
}
YAML_WORDS: Mapping[str, tuple[Any, ...]] = {"true": (True, "true"), "false": (False, "false")}
STEP, STEPS = "step", "steps"


class Shapes:
    """Makes schemas; steps, which lie within each other, are kept in `definitions`."""

    def __init__(self) -> None:
        """Begin with none."""
        self.definitions: dict[str, Schema] = {}

    def of(self, wanted: Any) -> Schema:
        """Tell the shape of a type, as authors write it."""
        leaves = list(leaves_of(wanted))
        objects = [leaf for leaf in leaves if is_object(leaf)]
        lists = [leaf for leaf in leaves if is_list(leaf)]
        scalars = [_scalar(leaf) for leaf in leaves if leaf not in objects and leaf not in lists]
        found = [*scalars, *map(self._list, lists), *([self._object(objects)] if objects else [])]
        return found[0] if len(found) == 1 else {"anyOf": found}

    def fields(self, kind: type[Struct], **told: Schema) -> Schema:
        """Tell the shape of a struct: its fields, with what each means, unless that is told."""
        known = fields_of(kind)
        return {
            "type": "object",
            **described(meaning_of(kind).says),
            "properties": {name: told.get(name) or self.field(kind, name) for name in known},
            "required": [name for name, field in known.items() if field.required],
            "additionalProperties": False,
        }

    def field(self, kind: type[Struct], name: str) -> Schema:
        """Tell the shape of one field, what it means, and in words what it takes."""
        hint = hints_of(kind)[fields_of(kind)[name].name]
        takes = next(_words(hint), "")
        said = " ".join(filter(None, (meaning_of(kind).fields.get(name), f"Write {takes}." if takes else "")))
        return redescribed(self.of(hint), said)

    def choice(self, begun: Sequence[Begun], words: Mapping[str, Schema], otherwise: Schema) -> Schema:
        """Tell the shape of an object that is one of several, each told by words of its own."""
        asked = [{"if": _has_any(own), "then": then} for own, then in begun]
        none = {"properties": dict(words), "minProperties": 1, **otherwise}
        any_ = _has_any(word for own, _ in begun for word in own)
        return {"type": "object", "allOf": [*asked, {"if": {"not": any_}, "then": none}]}

    def _list(self, leaf: Any) -> Schema:
        if leaf is Steps:
            return self._steps()
        return {"type": "array", "items": self.of(get_args(leaf)[0])}

    def _object(self, leaves: Sequence[Any]) -> Schema:
        """Tell the shape of an object; of several, the fields that only one of them has tell which it is."""
        entries = [self._entries(*get_args(leaf)) for leaf in leaves if get_origin(leaf) is dict]
        structs = [leaf for leaf in leaves if get_origin(leaf) is not dict]
        if len(leaves) == 1:
            return entries[0] if entries else self.fields(structs[0])
        own = [(each, _own(each, structs)) for each in structs]
        begun = [(names, self.fields(each)) for each, names in own]
        words = {name: self.field(each, name) for each, names in own for name in names}
        return self.choice(begun, words, entries[0] if entries else {"additionalProperties": False})

    def _entries(self, key: Any, value: Any) -> Schema:
        """Tell the shape of names with values; some of the names may be known."""
        shape = self.of(value)
        found: Schema = {"type": "object", "additionalProperties": shape}
        for leaf in leaves_of(key):
            if get_origin(leaf) is Literal:
                found["properties"] = dict.fromkeys(get_args(leaf), shape)
        for meta in getattr(key, "__metadata__", ()):
            if isinstance(meta, Meta):
                found["propertyNames"] = {"pattern": meta.pattern, "errorMessage": meta.description}
        return found

    def _steps(self) -> Schema:
        if STEPS not in self.definitions:
            self.definitions[STEPS] = {"type": "array", "minItems": 1, "items": _ref(STEP)}
            for word, kind in _kinds().items():
                self.definitions[f"{STEP}.{word}"] = self.fields(kind, **{word: self._word(kind, word)})
            self.definitions[STEP] = self._step()
        return _ref(STEPS)

    def _step(self) -> Schema:
        bare = [word for word, kind in _kinds().items() if not any(each.required for each in fields_of(kind).values())]
        alone = [{"const": word, **_told(_kinds()[word])} for word in bare]
        begun = [((word,), _ref(f"{STEP}.{word}")) for word in kinds()]
        words = {word: _ref(f"{STEP}.{word}/properties/{word}") for word in kinds()}
        step = self.choice(begun, words, {"additionalProperties": False, "errorMessage": needs_one()})
        return {"anyOf": [step, *alone]}

    def _word(self, kind: type[Struct], word: str) -> Schema:
        """Tell the shape of the word that names a kind, with all there is to know about it."""
        return {**self.field(kind, word), **_told(kind)}


def redescribed(shape: Schema, text: str) -> Schema:
    """Describe something in other words."""
    told = described(text)
    return {**{name: part for name, part in shape.items() if not told or name not in DESCRIBING}, **told}


def described(text: str) -> Schema:
    """Describe something in words; their backticks are read as Markdown where an editor knows that."""
    if not text:
        return {}
    return {"description": text, **({"markdownDescription": text} if "`" in text else {})}


def leaves_of(wanted: Any) -> Iterator[Any]:
    """Go through the types that a type is one of, each as authors write it."""
    by = _by(wanted)
    if by is not None and by.as_written is not None:
        yield from leaves_of(by.as_written)
    elif get_origin(wanted) is Annotated:
        yield from leaves_of(get_args(wanted)[0])
    elif get_origin(wanted) in (Union, UnionType):
        for each in get_args(wanted):
            yield from leaves_of(each)
    elif hasattr(wanted, "as_written"):
        yield from leaves_of(wanted.as_written)
    else:
        yield wanted


def is_list(leaf: Any) -> bool:
    """Tell whether a list is written for it."""
    return leaf is Steps or get_origin(leaf) is tuple


def is_object(leaf: Any) -> bool:
    """Tell whether fields, or names with values, are written for it."""
    return get_origin(leaf) is dict or (
        isinstance(leaf, type) and issubclass(leaf, Struct) and not hasattr(leaf, "read")
    )


def _scalar(leaf: Any) -> Schema:
    if get_origin(leaf) is Literal:
        return {"enum": [each for word in get_args(leaf) for each in YAML_WORDS.get(word, (word,))]}
    if leaf not in PLAIN:
        raise TypeError(f"Nobody knows what authors write for {leaf}: give it, or its `By`, an `as_written`")
    return dict(PLAIN[leaf])


def _by(wanted: Any) -> By | None:
    return next((each for each in getattr(wanted, "__metadata__", ()) if isinstance(each, By)), None)


def _words(wanted: Any) -> Iterator[str]:
    """Find what a type takes, in words."""
    by = _by(wanted)
    if by is not None and by.words:
        yield by.words
    elif get_origin(wanted) in (Annotated, Union, UnionType, tuple):
        for each in get_args(wanted):
            yield from _words(each)


def _told(kind: type[Struct]) -> Schema:
    about = meaning_of(kind)
    said = f"{about.says}\n\n```yaml\n{about.example}\n```\n\n{about.more}"
    return {"description": about.says, "markdownDescription": said.strip()}


def _kinds() -> Mapping[str, type[Struct]]:
    return kinds()


def _own(kind: type[Struct], others: Iterable[type[Struct]]) -> list[str]:
    """Name the fields that only one of several structs has."""
    elsewhere = {name for other in others if other is not kind for name in fields_of(other)}
    return [name for name in fields_of(kind) if name not in elsewhere]


def _has_any(names: Iterable[str]) -> Schema:
    found = [{"required": [name]} for name in names]
    return {"type": "object", "anyOf": found}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}
