"""Is what an author wrote for a file one of the folder, and does WhatsApp take it?"""

from collections.abc import Iterator

from engine.content import MediaKind
from flows.attachments import Absent, Attached, mebibytes
from flows.file_types import OPUS, FileType, takes
from flows.links import with_beginning
from flows.nodes import Map, Node, Scalar
from flows.reader import Reader, listed, shortened

WANTED = "a link that begins with `https://`, or the path of a file in the folder, such as `pictures/menu.jpg`"
OF_THE_WEB = ("http://", "https://")
VALUES = ("{{", "{%")


def attached_in(reader: Reader, node: Node, kind: MediaKind, *, voice: bool) -> dict[str, Attached]:
    """Find the files of the folder that are named, each in its language; what cannot be sent is told."""
    found: dict[str, Attached] = {}
    for scalar in _written(node):
        name = (scalar.text or "").strip()
        if not name or name.startswith((*OF_THE_WEB, *VALUES)):
            continue
        attached = _attached(reader, scalar, name, kind, voice=voice)
        if attached is not None:
            found[name] = attached
    return found


def _written(node: Node) -> Iterator[Scalar]:
    values = node.items.values() if isinstance(node, Map) else (node,)
    yield from (each for each in values if isinstance(each, Scalar))


def _attached(reader: Reader, scalar: Scalar, name: str, kind: MediaKind, *, voice: bool) -> Attached | None:
    if any(each in name for each in VALUES):
        message = f"A file of the folder is named as it is, and `{shortened(name)}` depends on a value"
        reader.tell(scalar.place, "file-path", message, "Write a step for each, below `if` or `choose`")
        return None
    if "://" in name:
        message = f"`{kind}` takes {WANTED}, not `{shortened(name)}`"
        reader.tell(scalar.place, "link", message, "Begin it with `https://`")
        return None
    found = reader.attachments.take(name)
    if isinstance(found, Absent):
        hint = found.hint or with_beginning(name) or "Write its path below the folder, as in `pictures/menu.jpg`"
        reader.tell(scalar.place, found.code, found.message, hint)
        return None
    _check(reader, scalar, name, kind, found, voice=voice)
    return found


def _check(reader: Reader, scalar: Scalar, name: str, kind: MediaKind, found: Attached, *, voice: bool) -> None:
    """Compare a file with what WhatsApp takes, by what is in it."""
    fits = found.type is not None and found.type.kind == kind and (found.type == OPUS or not voice)
    if found.type is None or not fits:
        wanted = f"a `voice` note as `{OPUS.name}`" if voice else f"`{kind}` as {listed(takes(kind))}"
        message = f"WhatsApp takes {wanted}, and what is in `{name}` is {_called(found.type)}"
        reader.tell(scalar.place, "file-type", message, _hint(found.type, kind))
    elif found.size > found.type.most:
        message = (
            f"WhatsApp takes {found.type.name} of at most {mebibytes(found.type.most)}, "
            f"and `{name}` has {mebibytes(found.size)}"
        )
        reader.tell(scalar.place, "file-size", message, "The contact would see nothing. Save it smaller")


def _called(found: FileType | None) -> str:
    return found.name if found else "nothing known"


def _hint(found: FileType | None, kind: MediaKind) -> str | None:
    if found is None or found.kind is None:
        return found.hint if found else None
    return f"Send it as `{found.kind}`" if found.kind != kind else None
