"""Which documents are in the text of a YAML file?"""

import re
from typing import Any

import yaml
from msgspec import Struct

from flows.accidents import mistake_at, special_start, syntax
from flows.nodes import Map, Node, Scalar, Seq, Source
from rules.source import Mistake, Mistakes

if not hasattr(yaml, "CSafeLoader"):
    raise ImportError("PyYAML came without its C part, and flows need it: install the wheel `pyyaml` from its makers.")

DEPTH = 32
CHARACTERS = 1_000_000
NODES = 50_000
CHARACTERS_OF_LISTS = 8_000_000  # `faq:` and `templates:` hold whole catalogues
NODES_OF_LISTS = 500_000

FIRST_KEY = re.compile(r"^(?:\ufeff)?(?:[ \t]*(?:#[^\n]*|---[^\n]*)?\r?\n)*(?P<key>\w+):")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
DELETE = "Delete it, or type the words anew: it came from where they were copied"
NOTHING = ("", "~", "null")
LISTS = ("faq", "templates")


class Document(Struct, frozen=True):
    """One document of a file: its fields, of which the first names the kind."""

    kind: str
    root: Map


class Parsed(Struct, frozen=True):
    """What a file holds, and what is wrong with it as YAML; `whole` when it could be read to its end."""

    source: Source
    documents: tuple[Document, ...]
    mistakes: tuple[Mistake, ...]
    whole: bool = True


def parse(text: str) -> Parsed:
    """Read the text of a file; every value keeps its place and stays text."""
    source = Source(text)
    builder = _Builder(source, NODES_OF_LISTS if _is_list(text) else NODES)
    try:
        _check_text(source, text)
        _run(builder, source)
    except Mistakes as stop:
        mistakes = tuple(dict.fromkeys((*builder.mistakes, *stop.mistakes)))
        return Parsed(source, tuple(builder.documents[:-1]), mistakes, whole=False)  # the last one has no end
    return Parsed(source, tuple(builder.documents), tuple(builder.mistakes))


def _is_list(text: str) -> bool:
    found = FIRST_KEY.match(text)
    return found is not None and found["key"] in LISTS


def _check_text(source: Source, text: str) -> None:
    most = CHARACTERS_OF_LISTS if _is_list(text) else CHARACTERS
    if len(text) > most:
        message = f"The file is too large: it has {len(text):,} characters, and {most:,} are the most"
        raise Mistakes(Mistake(1, 1, "too-large", message, "Divide it into several files"))
    if found := CONTROL.search(source.text):
        raise Mistakes(
            mistake_at(source, found.start(), "character", "A character stands here that nobody sees", DELETE)
        )


def _run(builder: "_Builder", source: Source) -> None:
    try:
        for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        offset = _offset(mark, source)
        what = f"{error.context or ''} {error.problem or ''}"
        raise Mistakes(syntax(source, offset, _offset(begun, source) if begun else None, what)) from None
    if not builder.documents and not builder.mistakes:
        message = "The file is empty"
        raise Mistakes(Mistake(1, 1, "empty-file", message, "Begin with `flow: NAME`, or delete the file"))


def _offset(mark: Any, source: Source) -> int:
    return mark.index if mark else len(source.text)


class _Open(Struct):
    """A list or mapping whose end is still to come; `key` waits for its value."""

    box: Seq | Map
    key: Scalar | None = None
    ignores_value: bool = False


class _Builder:
    """Makes documents of YAML's events."""

    def __init__(self, source: Source, most: int) -> None:
        self.documents: list[Document] = []
        self.mistakes: list[Mistake] = []
        self._source = source
        self._most = most
        self._count = 0
        self._open: list[_Open] = []

    def take(self, event: Any) -> None:
        """Take the next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._count = 0
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._check(event)
            self._add(self._node(event))

    def _check(self, event: Any) -> None:
        offset = _offset(event.start_mark, self._source)
        self._count += 1
        if isinstance(event, yaml.AliasEvent) or event.anchor or getattr(event, "tag", None) not in (None, "!"):
            raise Mistakes(special_start(self._source, offset))
        if len(self._open) > DEPTH:
            message = f"This is nested too deep: {DEPTH} levels are the most"
            raise Mistakes(mistake_at(self._source, offset, "too-deep", message, "Move steps into a flow of their own"))
        if self._count > self._most:
            message = f"The document has too many values: {self._most:,} are the most"
            raise Mistakes(mistake_at(self._source, offset, "too-large", message, "Divide it into several files"))

    def _node(self, event: Any) -> Node:
        start, end, source = (
            _offset(event.start_mark, self._source),
            _offset(event.end_mark, self._source),
            self._source,
        )
        if isinstance(event, yaml.ScalarEvent):
            style = "" if event.style in (None, ":") else event.style
            text = None if not style and event.value in NOTHING else event.value
            return Scalar(text, style, start, end, source)
        if isinstance(event, yaml.MappingStartEvent):
            return Map({}, {}, start, source, [])
        return Seq([], start, source)

    def _add(self, node: Node) -> None:
        if not self._open:
            self._begin(node)
        else:
            self._attach(self._open[-1], node)
        if not isinstance(node, Scalar):
            self._open.append(_Open(node))

    def _attach(self, parent: _Open, node: Node) -> None:
        box = parent.box
        if isinstance(box, Seq):
            box.items.append(node)
        elif parent.ignores_value:
            parent.ignores_value = False
        elif parent.key is not None:
            box.items[parent.key.text or ""] = node
            parent.key = None
        elif isinstance(node, Scalar) and node.text is not None:
            self._key(parent, box, node)
        else:
            self._wrong_key(box, node)
            parent.ignores_value = True

    def _key(self, parent: _Open, box: Map, key: Scalar) -> None:
        name = key.text or ""
        if name in box.keys:
            message = f"`{name}` is already on line {box.keys[name].place.line}; a name can be used only once here"
            hint = "Keep one of the two; a step of its own begins with a `-`"
            self.mistakes.append(mistake_at(self._source, key.start, "duplicate-key", message, hint))
            parent.ignores_value = True
        else:
            box.keys[name] = key
            parent.key = key
            self._name_document(box, name)

    def _name_document(self, box: Map, name: str) -> None:
        if len(self._open) == 1 and len(box.keys) == 1:
            self.documents.append(Document(name, box))

    def _wrong_key(self, box: Map, node: Node) -> None:
        box.unread.append(node.start)
        if isinstance(node, Map) and self._source.text.startswith("{{", box.start):
            self.mistakes.append(special_start(self._source, box.start))
        else:
            self.mistakes.append(_wrong_name(self._source, node))

    def _begin(self, node: Node) -> None:
        if isinstance(node, Map) or (isinstance(node, Scalar) and node.text is None):
            return
        message = "A document begins with a field that names its kind, such as `flow: NAME`"
        hint = "Write `flow: NAME` above, then `steps:`, and the steps below it"
        self.mistakes.append(mistake_at(self._source, node.start, "document", message, hint))


def _wrong_name(source: Source, node: Node) -> Mistake:
    return mistake_at(source, node.start, "key", "The name of a field must be text", "Put the name in quotes")
