"""Can a transcript expect every kind of message, and show it the way it is expected?"""

import pytest

from flows.compile import ruleset
from flows.expected import Expected
from flows.load import load_files
from flows.shown import expected_of, is_it
from flows.transcript import play
from flows.transcript_file import transcripts

BUSINESS = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2", coexistence: false}]
"""
LOCK = """
templates: "2"
list:
  - name: bill
    language: en
    category: UTILITY
    status: APPROVED
    header: {format: DOCUMENT}
    body: "Your bill, {{1}}"
    buttons: [{type: QUICK_REPLY, text: Thanks}, {type: URL, text: Pay, url: "https://example.com/{{1}}"}]
"""
BILL = 'send: {template: bill, params: [Ana], header: "https://example.com/a.pdf", buttons: [paid, "7"]}'
NAMES = ("image", "location", "contact", "link", "header", "form", "product", "react")
SAID = {
    # What a step says: what a transcript expects of it, and how it is shown when it is something else.
    "send: Hello": ('"Hello"', '"Hello"'),
    'send: {image: "https://example.com/a.png", caption: Cake}': (
        '{image: "https://example.com/a.png", caption: Cake}',
        '{image: https://example.com/a.png, caption: "Cake"}',
    ),
    "send: {location: {latitude: 1.5, longitude: -2}}": ('{location: "1.5, -2.0"}', "{location: 1.5, -2.0}"),
    "send: {location: {latitude: 1, longitude: 2, name: Shop, address: Street 1}}": (
        "{location: Street 1}",
        "{location: Shop}",
    ),
    'send: {contact: {name: Rosa Lima, phone: "+55 11 91234-5678"}}': (
        "{contact: Rosa Lima}",
        "{contact: Rosa Lima}",
    ),
    'send: {text: "Cakes, all", link: {label: See, url: "https://example.com"}}': (
        '{text: "Cakes, all", link: See}',
        '{text: "Cakes, all", link: https://example.com}',
    ),
    "{ask: Where to?, expect: location}": ("Where to?", '"Where to?"'),
    '{form: "When, and how many?", flow: booking, button: Book}': (
        '{text: "When, and how many?", form: booking}',
        '{text: "When, and how many?", form: booking}',
    ),
    'send: {product: {catalog: "1", id: CAKE}}': ("{product: CAKE}", "{product: CAKE}"),
    BILL: (
        '{template: bill, params: [Ana], header: "https://example.com/a.pdf", buttons: [paid, "7"]}',
        '{template: bill, header: https://example.com/a.pdf, params: ["Ana"], buttons: ["paid", "7"]}',
    ),
    'react: "👍"': ('{react: "👍"}', "{react: 👍}"),
}


def played(step, *lines, more=""):
    """Play a chat in which a step says something."""
    files = {
        "business.yaml": BUSINESS,
        "templates.yaml": LOCK,
        "flow.yaml": f'flow: a\nstart: {{when: text has "hi"}}\nsteps:\n  - {step}\n{more}',
        "test.yaml": "\n".join(("test: x", "chat:", "  - contact: hi", *lines)),
    }
    loaded = load_files(files)
    assert loaded.folder is not None, loaded.problems
    read, wrong = transcripts(loaded)
    assert wrong == ()
    return play(read[0], ruleset(loaded.folder, "v1"))


def failure(step, *lines, more=""):
    """Play a chat in which a step says something, and return how it failed."""
    return played(step, *lines, more=more).failure


@pytest.mark.parametrize("step", SAID)
def test_a_message_is_expected_as_it_is_written(step):
    """What fits is no failure."""
    expected, _ = SAID[step]

    assert failure(step, f"  - bot: {expected}", "  - silence") is None


@pytest.mark.parametrize("step", SAID)
def test_a_message_is_shown_as_it_would_be_expected(step):
    """Side by side with what was expected."""
    _, shown = SAID[step]

    found = failure(step, "  - bot: {template: other}")

    assert found is not None
    assert found.message == f"Expected {{template: other}}, got {shown}."


@pytest.mark.parametrize("step", SAID)
def test_a_message_is_what_would_be_written_down_of_it(step):
    """What a chat is kept as expects the same message, with all that is known of it."""
    (left,) = played(step).exchanges[0].round.left

    assert is_it(expected_of(left.content), left.content)


@pytest.mark.parametrize("step", SAID)
def test_a_message_is_called_as_it_is_expected(step):
    """What has several names keeps the one a transcript gives it, so that only what differs is marked."""
    expected, _ = SAID[step]
    found = failure(step, f"  - bot: {expected}", f"  - bot: {expected}")
    (left,) = played(step).exchanges[0].round.left

    wanted = {side.name: side.expected for side in found.sides}
    like = Expected(**{name: text for name, text in wanted.items() if name in NAMES})

    told = expected_of(left.content, like)
    assert {name: getattr(told, name) for name in wanted if name in NAMES} == {
        name: text for name, text in wanted.items() if name in NAMES
    }


def test_a_contact_sends_where_they_are():
    """As an answer to a question for a place."""
    step = "{ask: Where to?, save: place, expect: location}"

    found = failure(
        step,
        "  - bot: Where to?",
        '  - contact: {location: "-23.5, -46.6"}',
        '  - bot: "-23.5,-46.6"',
        more='  - send: "{{ place }}"\n',
    )

    assert found is None


@pytest.mark.parametrize(
    "expected",
    [
        '{template: bill, header: "https://example.com/b.pdf"}',
        "{template: bill, buttons: [paid]}",
        "{template: bill, params: [Bob]}",
    ],
)
def test_each_part_of_a_template_counts(expected):
    """What a transcript tells of it must be so."""
    assert failure(BILL, f"  - bot: {expected}") is not None


def test_a_quick_reply_of_a_template_can_be_tapped():
    """It brings back what it was given."""
    more = """  - ask: "And?"
    save: said
---
flow: paid
start: {when: message.payload = "paid"}
overlap: restart
steps: [{send: "Thank you."}]
"""

    found = failure(
        BILL,
        "  - bot: {template: bill}",
        '  - bot: "And?"',
        "  - contact: {tap: Thanks}",
        '  - bot: "Thank you."',
        more=more,
    )

    assert found is None
