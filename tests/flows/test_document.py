"""Is YAML read with its places, and are its accidents told in an author's words?"""

import pytest

from flows.document import parse
from flows.nodes import Map, Scalar

ACCIDENTS = [
    ("a: *bold* text", (1, 4, "needs-quotes", 'Put the text in quotes: "*bold* text"')),
    ("a: *bold", (1, 4, "needs-quotes", 'Put the text in quotes: "*bold"')),
    ("a: &x [*x]", (1, 4, "needs-quotes", 'Put the text in quotes: "&x [*x]"')),
    ('a: !!python/object/apply:os.system ["id"]', (1, 4, "needs-quotes", None)),
    ("a: @home", (1, 4, "needs-quotes", 'Put the text in quotes: "@home"')),
    ("a: %off", (1, 4, "needs-quotes", 'Put the text in quotes: "%off"')),
    ("a: `x`", (1, 4, "needs-quotes", 'Put the text in quotes: "`x`"')),
    ("a: {{ name }}", (1, 4, "needs-quotes", 'Put the text in quotes: "{{ name }}"')),
    ("a: {{ name }}, hi", (1, 4, "needs-quotes", 'Put the text in quotes: "{{ name }}, hi"')),
    ('a: "Hi" she said', (1, 4, "needs-quotes", "Put the text in quotes: '\"Hi\" she said'")),
    ("steps:\n  - send: Note: we close", (2, 11, "needs-quotes", 'Put the text in quotes: "Note: we close"')),
    ("a:\n\tb: c", (2, 1, "tab", "Indent with two spaces instead of a tab")),
    ("a: 'x", (1, 4, "open-quote", None)),
    ("a: [x\nb: c", (1, 4, "open-bracket", "Close it, or put the texts inside in quotes")),
    ("a: b\n c: d", (2, 2, "indentation", "Begin it in column 1, like line 1")),
    ("a: x\x07", (1, 5, "character", None)),
    ("a: x\na: y", (2, 1, "duplicate-key", None)),
    ("? [a]\n: b", (1, 3, "key", None)),
    ("- a", (1, 1, "document", None)),
    ("", (1, 1, "empty-file", "Begin with `flow: NAME`, or delete the file")),
    ("# nothing\n", (1, 1, "empty-file", "Begin with `flow: NAME`, or delete the file")),
    ("a: " + "[" * 1000, (1, 36, "too-deep", "Move steps into a flow of their own")),
    ("a: [" + "x, " * 50_000 + "]", (1, 149_996, "too-large", "Divide it into several files")),
    ("a: " + "x" * 1_000_000, (1, 1, "too-large", "Divide it into several files")),
]
PLACES = [
    ("plain", "a: one two", (1, 5), (1, 8)),
    ("quoted", "a: 'it''s two'", (1, 6), (1, 11)),
    ("escaped", 'a: "\\u00e9\\n\\"two"', (2, 2), (1, 15)),
    ("literal", "a: |\n    one\n    two", (2, 1), (3, 5)),
    ("literal, deeper", "a: |\n    one\n      two", (2, 3), (3, 7)),
    ("folded", "a: >-\n    one\n    two", (1, 5), (3, 5)),
    ("plain on two lines", "a: one\n  two", (1, 5), (2, 3)),
    ("quoted on two lines", 'a: "one\n  two"', (1, 5), (2, 3)),
]


@pytest.mark.parametrize(("text", "expected"), ACCIDENTS)
def test_an_accident_is_told_with_its_fix(text, expected):
    """What YAML reads in another way than its author is told once, at its place."""
    found = parse(text).mistakes

    assert len(found) == 1
    mistake = found[0]
    hint = mistake.hint if expected[3] else None
    assert (mistake.line, mistake.column, mistake.code, hint) == expected


@pytest.mark.parametrize(("how", "text", "inside", "place"), PLACES, ids=[each[0] for each in PLACES])
def test_a_place_inside_a_text_is_found_in_the_file(how, text, inside, place):
    """However a text is written, its lines and columns lead back to the file."""
    value = parse(text).documents[0].root.items["a"]
    assert isinstance(value, Scalar)
    assert value.text is not None

    found = value.inside(*inside)

    assert (how, found.line, found.column) == (how, *place)
    assert value.text.split("\n")[inside[0] - 1][inside[1] - 1] == "t"
    assert text.split("\n")[found.line - 1][found.column - 1] == "t"


def test_scalars_stay_as_they_are_written():
    """Nothing but the empty value means anything of its own."""
    parsed = parse("a: NO\non: 12:30\nb: 0034\nc: ~\nd: 'null'\ne: 1.10\nf: true")

    nodes = parsed.documents[0].root.items.items()
    values = {key: node.text for key, node in nodes if isinstance(node, Scalar)}

    assert values == {"a": "NO", "on": "12:30", "b": "0034", "c": None, "d": "null", "e": "1.10", "f": "true"}


def test_several_documents_stand_in_one_file():
    """`---` begins another document; each is named by its first field."""
    parsed = parse("flow: a\nsteps: []\n---\nflow: b\n---\n")

    assert [(each.kind, each.root.place.line) for each in parsed.documents] == [("flow", 1), ("flow", 4)]
    assert parsed.mistakes == ()


def test_a_mark_at_the_beginning_and_foreign_line_ends_do_not_matter():
    """Files come from all kinds of editors."""
    parsed = parse("\ufeffa: b\r\nc:\r\n  - d\r\n")

    (document,) = parsed.documents
    assert parsed.mistakes == ()
    assert document.root.place_of("c").line == 2
    assert document.root.items["a"] == Scalar("b", "", 3, 4, parsed.source)


def test_what_stands_before_a_mistake_is_kept_and_its_own_document_is_not():
    """Half a document would only lead to more complaints."""
    parsed = parse("a: b\n---\nc: d\ne: @")

    assert [each.kind for each in parsed.documents] == ["a"]
    assert not parsed.whole


def test_lists_of_answers_may_be_large():
    """`faq:` and `templates:` hold eight times as much as a flow."""
    parsed = parse("faq: x\nanswers: [" + "y, " * 60_000 + "]" + "#" * 1_000_000)

    assert parsed.mistakes == ()


def test_ten_thousand_aliases_are_refused_at_the_first():
    """A file that would grow without end is refused before it grows."""
    text = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]"

    found = parse(text).mistakes

    assert [(each.line, each.column) for each in found] == [(1, 4)]


def test_a_key_that_cannot_be_read_marks_its_mapping():
    """So that nobody complains of the same place again."""
    parsed = parse("a: {{ name }}")

    value = parsed.documents[0].root.items["a"]
    assert isinstance(value, Map)
    assert value.broken
