"""How is a `templates:` document brought up to date in the author's file, without touching the rest?

Templates that did not change stay as they are written, line by line, with the comments between them; the others are
written anew in their place. New ones come last, by name and language.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from engine.facts import NAMES
from flows.document import parse
from flows.nodes import Map, Node, Scalar, Seq
from flows.reader import Reader, UnreadableError
from flows.templates import Item

FILE = "templates.yaml"
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# YAML, this one or another, would read them as something else.
SPECIAL = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
TRIVIA = re.compile(r"\s*(#.*)?")
END_OF_DOCUMENT = re.compile(r"(---|\.\.\.)(\s|$)")


class Update(Struct, frozen=True):
    """The file that holds the lock of an account, its text as it should be, and what is new in it."""

    file: str
    text: str
    news: tuple[str, ...]


class _Written(Struct, frozen=True):
    """A template as it stands in the file: its lines, those between it and the next one, and what they say."""

    lines: Sequence[str]
    between: Sequence[str]
    item: Item | None


def accounts(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Find the accounts of the numbers in a folder, with their numbers; other mistakes in the folder do not matter."""
    found: dict[str, list[str]] = {}
    for text in files.values():
        for document in parse(text).documents:
            numbers = document.root.items.get("numbers") if document.kind == "business" else None
            for number in numbers.items if isinstance(numbers, Seq) else ():
                waba, id_ = (_scalar(number, name) for name in ("waba", "id"))
                if waba and id_:
                    found.setdefault(waba, []).append(id_)
    return found


def updated(files: Mapping[str, str], waba: str, items: Sequence[Item]) -> Update:
    """Write the lock of an account: in the file that has one already, else in a file or document of its own."""
    in_order = sorted(items, key=_key)
    for file, text in files.items():
        for document in parse(text).documents:
            if document.kind == "templates" and _scalar(document.root, "templates") == waba:
                return _rewritten(file, text, document.root, in_order)
    before = files.get(FILE, "").rstrip("\n")
    document_text = "\n".join((f"templates: {json.dumps(waba)}", *_list(in_order), ""))
    return Update(FILE, f"{before}\n---\n{document_text}" if before else document_text, tuple(_news({}, in_order)))


def _rewritten(file: str, text: str, root: Map, items: Sequence[Item]) -> Update:
    lines = root.source.text.split("\n")
    begins = root.place_of("list").line - 1
    ends = _end(root, lines, begins)
    written = _written(root.items.get("list"), lines, ends)
    if written:
        begins = ends - sum(len(each.lines) + len(each.between) for each in written)
        margin = written[0].lines[0].partition("-")[0]
        inside = list(_merged(written, items, margin))
    else:
        # All on one line, perhaps with the name of the account.
        name = [f"templates: {json.dumps(_scalar(root, 'templates'))}"] if begins == root.place.line - 1 else []
        inside = [*name, *_list(items), *lines[begins + _length(lines[begins:ends]) : ends]]
    before = {_key(each.item): each.item for each in written if each.item}
    made = "\n".join((*lines[:begins], *inside, *lines[ends:]))
    return Update(file, made.replace("\n", "\r\n") if "\r\n" in text else made, tuple(_news(before, items)))


def _end(root: Map, lines: Sequence[str], begins: int) -> int:
    """Return the line behind the list: that of the next field, or of the next document."""
    later = [key.place.line - 1 for key in root.keys.values() if key.place.line - 1 > begins]
    marks = (at for at in range(begins, len(lines)) if END_OF_DOCUMENT.match(lines[at]))
    return min([*later, next(marks, len(lines))])


def _written(listing: Node | None, lines: Sequence[str], ends: int) -> list[_Written]:
    """Cut a list into its templates; none if they do not stand below each other."""
    nodes = listing.items if isinstance(listing, Seq) else []
    starts = [node.place.line - 1 for node in nodes]
    below = all(before < after for before, after in pairwise(starts))
    if not nodes or not below or not all(lines[at].lstrip().startswith("- ") for at in starts):
        return []
    cut = zip(nodes, pairwise([*starts, ends]), strict=True)
    return [_one(node, lines[start:end]) for node, (start, end) in cut]


def _one(node: Node, lines: Sequence[str]) -> _Written:
    length = _length(lines)
    return _Written(lines[:length], lines[length:], _read(node))


def _length(lines: Sequence[str]) -> int:
    """Count the lines up to the last that says something; a comment further in than the first line goes with it."""
    margin = _margin(lines[0])
    said = (at for at, line in enumerate(lines, start=1) if not TRIVIA.fullmatch(line) or _margin(line) > margin)
    return max(said)


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else 0


def _read(node: Node) -> Item | None:
    scope = {name: kind for name, (kind, _) in NAMES.items()}
    try:
        found: Item = Reader("", [], scope=scope).read(node, Item, "list")
    except UnreadableError:
        return None
    return found


def _merged(written: Sequence[_Written], items: Sequence[Item], margin: str) -> Iterator[str]:
    wanted = {_key(item): item for item in items}
    *_, last = written
    for each in written:
        item = wanted.pop(_key(each.item), None) if each.item else None
        if item is not None:
            yield from each.lines if item == each.item else _lines(item, margin)
        if each is not last:
            yield from each.between
    for item in wanted.values():
        yield from _lines(item, margin)
    yield from last.between


def _list(items: Sequence[Item]) -> Iterator[str]:
    yield "list:" if items else "list: []"
    for item in items:
        yield from _lines(item, "  ")


def _lines(item: Item, margin: str) -> Iterator[str]:
    fields: dict[str, str] = {
        "name": _plain(item.name),
        "language": _plain(item.language),
        "category": item.category,
        "status": item.status,
        "quality": item.quality and _plain(item.quality),
        "format": "" if item.format == "positional" else item.format,
        "header": _flat(item.header, ("format", "text")) if item.header else "",
        "body": item.body and quoted(item.body),
        "footer": item.footer and quoted(item.footer),
    }
    dash = "- "
    for name, value in fields.items():
        if value:
            yield f"{margin}{dash}{name}: {value}"
            dash = "  "
    if item.buttons:
        yield f"{margin}  buttons:"
        for button in item.buttons:
            yield f"{margin}    - {_flat(button, ('type', 'text', 'url', 'phone_number'))}"


def _flat(struct: Struct, names: Sequence[str]) -> str:
    values = ((name, getattr(struct, name)) for name in names)
    return "{" + ", ".join(f"{name}: {_plain(value)}" for name, value in values if value) + "}"


def _plain(text: str) -> str:
    return text if PLAIN.fullmatch(text) and text.lower() not in SPECIAL else quoted(text)


def quoted(text: str) -> str:
    """Write a text between double quotes the way YAML reads it back."""
    return BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _news(before: Mapping[tuple[str, str], Item], items: Sequence[Item]) -> Iterator[str]:
    after = {_key(item): item for item in items}
    for name, language in sorted({*before, *after}):
        old, new = before.get((name, language)), after.get((name, language))
        if old is None:
            yield f"+ {name} ({language})"
        elif new is None:
            yield f"- {name} ({language})"
        elif old != new:
            parts = (each for each in Item.__struct_fields__ if getattr(old, each) != getattr(new, each))
            yield f"~ {name} ({language}): {', '.join(_change(each, old, new) for each in parts)}"


def _change(part: str, old: Item, new: Item) -> str:
    if part in ("category", "status", "quality"):
        return f"{part} {getattr(old, part) or 'unknown'} → {getattr(new, part) or 'unknown'}"
    return part


def _key(item: Item | None) -> tuple[str, str]:
    return (item.name, item.language) if item else ("", "")


def _scalar(node: Node, name: str) -> str:
    found = node.items.get(name) if isinstance(node, Map) else None
    return (found.text or "") if isinstance(found, Scalar) else ""
