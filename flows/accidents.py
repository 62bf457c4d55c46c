"""What did an author mean where YAML reads something else, and how do they mend it?"""

import re

from flows.nodes import Scalar, Source
from rules.conditions import comments
from rules.source import Mistake

VALUE = re.compile(r"""\s*(?:-\s+)*(?:[^\s"'{\[#&*!|>%@`\-][^:"']*:\s+)?(?P<value>\S.*)?""")
SECOND_COLON = re.compile(r":(?=\s|$)")
DASH = re.compile(r"-\s+")
BEGINS = re.compile(r"(?P<indent> *)(?P<dashes>(?:-\s+)*)")
SWALLOWED = re.compile(r"\s+(?P<rest>#\S.*)")
SPECIAL = "*&!%@`|>{["
QUOTES = "Put the text in quotes"
MEANINGS = {
    "*": "a reference to another place",
    "&": "a mark for another place",
    "!": "a tag",
    "%": "an instruction to YAML",
    "@": "a reserved sign",
    "`": "a reserved sign",
    "|": "the start of a block of lines",
    ">": "the start of a block of lines",
    "{": "fields in braces",
    "[": "a list in brackets",
}


def in_quotes(text: str) -> str:
    """Write a text the way it is safe in YAML."""
    shown = text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - fits a line of a terminal
    return f"{QUOTES}: '{shown}'" if '"' in shown else f'{QUOTES}: "{shown}"'


def mistake_at(source: Source, offset: int, code: str, message: str, hint: str | None = None) -> Mistake:
    """Make a mistake that points at a character of the file."""
    place = source.place(min(offset, len(source.text)))
    return Mistake(place.line, place.column, code, message, hint)


def special_start(source: Source, offset: int) -> Mistake:
    """Tell that a text begins with a sign that YAML keeps for itself."""
    rest = source.rest_of_line(offset).rstrip()
    sign = "{{" if rest.startswith("{{") else rest[:1]
    means = MEANINGS.get(sign[:1], "something else")
    message = f"YAML reads `{sign}` at the beginning of a value as {means}, not as text"
    return mistake_at(source, offset, "needs-quotes", message, in_quotes(rest))


def swallowed(scalar: Scalar) -> Mistake | None:
    """Tell that ` #` made the rest of a text a comment; nothing if it did not."""
    found = SWALLOWED.match(scalar.source.rest_of_line(scalar.end)) if scalar.is_plain else None
    if found is None:
        return None
    rest = found["rest"].rstrip()
    meant = f"{scalar.text or ''} {rest}".strip()
    message = f"YAML reads `{rest}` as a comment, so the text ends before it"
    return mistake_at(scalar.source, scalar.end + found.start("rest"), "needs-quotes", message, in_quotes(meant))


def comment_over_lines(scalar: Scalar) -> Mistake | None:
    """Tell that a comment in a condition goes on over lines that YAML made one; nothing if none does."""
    for start, stop in comments(scalar.text or ""):
        begins, ends = scalar.place_at(start), scalar.place_at(stop - 1)
        if begins.line != ends.line:
            message = "This comment takes in the lines after it, since YAML makes one line of them"
            hint = "Begin with `|` and the condition on the next line: then its lines stay apart"
            return Mistake(begins.line, begins.column, "comment-over-lines", message, hint)
    return None


def syntax(source: Source, offset: int, begun: int | None, what: str) -> Mistake:
    """Say in an author's words why YAML could not be read; `begun` is where the part at hand began."""
    tab = _tab(source, offset)
    if tab is not None:
        message = "A tab stands where YAML takes only spaces"
        return mistake_at(source, tab, "tab", message, "Indent with two spaces instead of a tab")
    is_inside = begun is not None and any(word in what for word in ("escape", "quoted scalar", "flow"))
    if not is_inside and (found := _under_dash(source, offset)):
        return found
    value = _value(source, offset)
    if value is not None and (found := _text_accident(source, value)):
        return found
    if begun is not None and "escape" in what:
        return _escape(source, begun, offset)
    if begun is not None and "quoted scalar" in what:
        quote = source.text[begun]
        hint = f"Write `{quote}` at the end of the text, too"
        return mistake_at(source, begun, "open-quote", "The quote that opens here is never closed", hint)
    if begun is not None and "flow" in what:
        message = "The bracket that opens here is not closed, or a text inside it needs quotes"
        return mistake_at(source, begun, "open-bracket", message, "Close it, or put the texts inside in quotes")
    if found := _indent(source, offset):
        return found
    message = "YAML cannot follow the indentation or the punctuation here"
    return mistake_at(source, offset, "yaml", message, "Compare with the lines above; quote texts with punctuation")


def _escape(source: Source, begun: int, offset: int) -> Mistake:
    at = source.text.rfind("\\", begun, offset + 1)
    message = f"`{source.text[at : at + 2]}` means nothing in double quotes, where a backslash has one of its own"
    return mistake_at(source, at, "escape", message, "Write the backslash twice, or put the text in single quotes")


def _indent(source: Source, offset: int) -> Mistake | None:
    """Tell that a line begins where no line above does."""
    here = source.place(offset).line
    at, _ = _begins(source.line(here))
    above = [_begins(source.line(each)) for each in range(1, here)]
    known = {begins: number for number, spots in enumerate((spots for _, spots in above), start=1) for begins in spots}
    if not source.line(here).strip() or at in known or not above:
        return None
    nearest = min(known, key=lambda each: (abs(each - at), -known[each]), default=None)
    if nearest is None:
        return None
    message = "This line begins in a column in which no line above begins"
    hint = f"Begin it in column {nearest + 1}, like line {known[nearest]}"
    return mistake_at(source, offset - source.place(offset).column + 1 + at, "indentation", message, hint)


def _under_dash(source: Source, offset: int) -> Mistake | None:
    """Tell that a line without a dash begins right under that of an item, so it is neither in it nor after its list."""
    here = source.place(offset).line
    at, _ = _begins(source.line(here))
    item = _item_at(source, here, at)
    if item is None or source.line(here)[at : at + 1] in ("", "-", "#"):
        return None
    inside = _begins(source.line(item))[1][-1] + 1
    message = f"This line begins under the `-` of line {item}, and so belongs neither to it nor to anything else"
    hint = f"Begin it in column {inside} if it belongs to line {item}, or further left if it does not"
    return mistake_at(source, offset - source.place(offset).column + 1 + at, "indentation", message, hint)


def _item_at(source: Source, here: int, at: int) -> int | None:
    """Find the line above of the nearest item in a column; nothing if something without a dash begins there, too."""
    item = None
    for number in range(here - 1, 0, -1):
        begins, spots = _begins(source.line(number))
        if spots and begins < at:
            break
        if spots and begins == at and len(spots) == 1:
            return None
        if begins == at and len(spots) > 1:
            item = item or number
    return item


def _begins(line: str) -> tuple[int, tuple[int, ...]]:
    """Find the column in which a line begins, and all in which something of it begins: behind each dash, too."""
    found = BEGINS.match(line)
    if found is None or not line.strip() or line.lstrip().startswith("#"):
        return 0, ()
    spots = [found.start("dashes") + dash.end() for dash in DASH.finditer(found["dashes"])]
    return len(found["indent"]), (len(found["indent"]), *spots)


def _tab(source: Source, offset: int) -> int | None:
    start = source.text.rfind("\n", 0, offset) + 1
    line = source.rest_of_line(start)
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return start + indent.index("\t")
    return offset if source.text[offset : offset + 1] == "\t" else None


def _value(source: Source, offset: int) -> int | None:
    """Find where the value begins on the line of a character."""
    start = source.text.rfind("\n", 0, min(offset, len(source.text))) + 1
    found = VALUE.match(source.rest_of_line(start))
    return start + found.start("value") if found and found["value"] else None


def _text_accident(source: Source, value: int) -> Mistake | None:
    text = source.rest_of_line(value).rstrip()
    closed = text[0] in "\"'" and text.find(text[0], 1)
    if closed and closed > 0 and text[closed + 1 :].strip():
        message = "The text ends at its second quote, and more follows"
        inner = text[1:-1] if text[-1] == text[0] else text
        return mistake_at(source, value, "needs-quotes", message, in_quotes(inner))
    # An open `[` or `{` is told by its place; `{{` is the start of a text.
    if text.startswith("{{") or (text[0] in SPECIAL and text[0] not in "{["):
        return special_start(source, value)
    if text.startswith("- "):
        message = "A list begins on a line of its own, not behind a colon"
        return mistake_at(source, value, "needs-quotes", message, in_quotes(text))
    if text[0] not in "\"'[{" and SECOND_COLON.search(text):
        message = "A colon followed by a space makes a field of what stands before it"
        return mistake_at(source, value, "needs-quotes", message, in_quotes(text.strip("\u201c\u201d\u201e")))
    return None
