"""Where in a file does each character of a YAML value stand?

YAML takes indentation away, folds lines and reads escapes. This goes the same way and keeps the offsets.
"""

import re
from collections.abc import Iterator

ESCAPES = {"x": 4, "u": 6, "U": 10}  # how many characters a double-quoted `\x41` takes in the file
_GAP = re.compile(r"[ \t]*\n(?:[ \t]*\n)*[ \t]*")
_JOINED = re.compile(r"\\\n((?:[ \t]*\n)*)[ \t]*")  # a backslash at the end of a line takes the line's end away


def offsets(raw: str, start: int, end: int, style: str, text: str) -> tuple[int, ...] | None:
    """Return the offset in a file of each character of a value, and of its end; nothing if they cannot be told."""
    match style:
        case "'" | '"':
            found, last = tuple(_in_quotes(raw, start + 1, end - 1, style)), end - 1
        case "|" | ">":
            found, last = tuple(_in_block(raw, start, end, style, text)), end
        case _:
            found, last = tuple(_in_quotes(raw, start, end, "")), end
    if len(found) < len(text):
        return None
    return (*found[: len(text)], found[len(text)] if len(text) < len(found) else last)


def _in_quotes(raw: str, at: int, end: int, quote: str) -> Iterator[int]:
    """Go through a value in quotes, or without any: a line's end is a space, and further empty lines are lines."""
    while at < end:
        escaped = quote == '"' and raw[at] == "\\"
        if gap := (_JOINED if escaped else _GAP).match(raw, at, end):
            count = gap.group().count("\n")
            yield from range(at, at + (count - 1 if escaped else max(1, count - 1)))
            at = gap.end()
            continue
        yield at
        if escaped:
            at += ESCAPES.get(raw[at + 1], 2)
        else:
            at += 2 if quote == "'" and raw[at] == quote else 1


def _in_block(raw: str, start: int, end: int, style: str, text: str) -> Iterator[int]:
    """Go through the lines after `|` or `>`, as the reference parser does."""
    lines = list(_lines(raw, raw.find("\n", start, end) + 1 or end, end))
    indent = _indent(raw, lines, text)
    ended: int | None = None  # where the last line with anything on it ended
    was_deeper = False
    empty: list[int] = []
    for begin, stop in lines:
        first = begin + min(indent, len(raw[begin:stop]) - len(raw[begin:stop].lstrip(" ")))
        if first == stop:
            empty.append(stop)
            continue
        is_deeper = raw[first] in " \t"
        becomes_space = style == ">" and not was_deeper and not is_deeper
        if ended is not None and not (becomes_space and empty):
            yield ended
        yield from empty
        yield from range(first, stop)
        ended, was_deeper, empty = stop, is_deeper, []
    yield from ([] if ended is None else [ended])
    yield from empty


def _lines(raw: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    while at < end:
        stop = raw.find("\n", at, end)
        stop = end if stop < 0 else stop
        yield at, stop
        at = stop + 1


def _indent(raw: str, lines: list[tuple[int, int]], text: str) -> int:
    """Find how far a block is indented: by its first line with anything on it, less what of that is text."""
    first = next((raw[begin:stop] for begin, stop in lines if raw[begin:stop].strip(" ")), "")
    kept = next((line for line in text.split("\n") if line.strip(" ")), "")
    return (len(first) - len(first.lstrip(" "))) - (len(kept) - len(kept.lstrip(" ")))
