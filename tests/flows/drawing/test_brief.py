"""Does a step read in a few words the way its author meant it?"""

import inspect
import re

import pytest

from flows.attachments import Attached
from flows.drawing.brief import details, subject
from flows.file_types import FileType
from flows.kinds import kinds
from flows.load import load_files
from tests.flows.drawing.shop import BUSINESS, loaded

CASES = {
    "a text with slots": ('- send: "Hi {{ contact.name | upper }}!"', "Hi {contact.name}!", ()),
    "a text in languages": ("- send: {pt_BR: Oi, en: Hello}", "Hello", ()),
    "a guard": ('- tag: vip\n  when: text has "hi"', "vip", ('only if text has "hi"',)),
    "a step that is only its word": ("- end", "", ()),
    "a step that is only its word, with a value": ("- end: true", "", ()),
    "what a question wants": (
        "- ask: How many?\n  id: many\n  save: qty\n  expect: number\n  where: qty > 1\n  tries: 5",
        "How many?",
        ("expect: number", "where: qty > 1", "save: qty", "tries: 5"),
    ),
    "what is drawn is not written": (
        "- choose: What?\n  options: {A: [end], B: }\n  no_reply: {after: 5m, steps: [end]}",
        "What?",
        (),
    ),
    "options that are not drawn": (
        "- choose: What?\n  save: it\n  options: {A: , B: {id: bee, also: [b2]}}",
        "What?",
        ("options: A, B: bee", "save: it"),
    ),
    "values": ("- set: {one: 1, two: '{{ 1 + 1 }}', note: Hello}", "one: 1, two: 1 + 1, note: Hello", ()),
    "several texts": ('- tag: [a, "b {{ text }}"]', "a, b {text}", ()),
    "a span": ("- wait: 90m", "1h30m", ()),
    "a time of day": ("- wait: 09:00", "09:00", ()),
    "a day of the week": ("- wait: monday 9:00", "mon 09:00", ()),
    "a date": ("- wait: 2026-12-24 09:00", "2026-12-24 09:00", ()),
    "business days": ("- wait: 2 business days", "2 business days", ()),
    "until it opens": ("- wait: until open", "until open", ()),
    "a moment that is worked out": ("- wait: {until: today + 7d, at: 10:00}", "today + 7d 10:00", ()),
    "several fields": (
        "- report: {event: Purchase, value: 2 * 3, currency: BRL}",
        "event: Purchase, value: 2 * 3, currency: BRL",
        (),
    ),
    "a file": (
        '- send: {image: "https://example.com/cake.jpg", caption: "Cake"}',
        "image, link: https://example.com/cake.jpg, caption: Cake",
        (),
    ),
    "a place": ("- send: {location: {latitude: 1.5, longitude: 2}}", "latitude: 1.5, longitude: 2", ()),
    "ways with shares": ("- split: {A: 1, B: 3}", "A, B: 3", ()),
    "ways with steps": ("- split: {A: [end], B: {share: 3, steps: [end]}}\n  save: way", "A, B: 3", ("save: way",)),
    "another system": (
        """\
- http: "https://example.com/{{ contact.name }}"
  headers: {X-Key: "Key {{ secret.SHOP }}"}
  save: {a: b.first.c}""",
        "https://example.com/{contact.name}",
        ("headers: X-Key: Key {secret.SHOP}", "save: a: b.first.c"),
    ),
    "a form": (
        '- form: "When?"\n  flow: "12"\n  button: Book\n  save: {day: date, wish: {field: x_1, expect: text}}',
        "When?",
        ("flow: 12", "button: Book", "save: day: date, wish: expect: text, field: x_1"),
    ),
}


@pytest.mark.parametrize(("step", "about", "rest"), CASES.values(), ids=CASES)
def test_a_step_in_few_words(step, about, rest):
    """What the step is about, and each other field that was given and is not drawn."""
    folder = loaded(f"flow: t\nsteps:\n{step}\n").folder
    assert folder is not None, loaded(f"flow: t\nsteps:\n{step}\n").problems
    (found,) = folder.flows[0].steps

    assert (subject(found), details(found)) == (about, rest)


def test_a_file_of_the_folder_is_its_path():
    """What was found out about the file is no business of the picture."""
    flow = "flow: t\nsteps:\n- send: {image: cake.png}\n"
    found = Attached("5f" * 32, 1000, FileType("PNG", "image/png", "image", 5_000_000))

    folder = load_files({"business.yaml": BUSINESS, "flows.yaml": flow}, look=lambda _: found).folder

    assert folder is not None
    assert subject(folder.flows[0].steps.items[0]) == "image, link: cake.png"


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_no_example_shows_how_it_is_kept(kind):
    """Whatever a step holds has words of its own."""
    _, example, *_ = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    folder = loaded(f"flow: t\nsteps:\n{example}\n---\nflow: other\nsteps: [end]\n").folder

    assert folder is not None
    for step in folder.flows[0].steps:
        assert not re.search(r"[A-Z]\w+\(", " ".join((subject(step), *details(step))))
