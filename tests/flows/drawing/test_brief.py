"""Does a step read in a few words the way its author meant it?"""

import pytest

from flows.drawing.brief import details, subject
from tests.flows.drawing.shop import loaded

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
}


@pytest.mark.parametrize(("step", "about", "rest"), CASES.values(), ids=CASES)
def test_a_step_in_few_words(step, about, rest):
    """What the step is about, and each other field that was given and is not drawn."""
    folder = loaded(f"flow: t\nsteps:\n{step}\n").folder
    assert folder is not None, loaded(f"flow: t\nsteps:\n{step}\n").problems
    (found,) = folder.flows[0].steps

    assert (subject(found), details(found)) == (about, rest)
