"""Is every line of a transcript read, and does it let happen what it says?"""

import pytest

from flows.compile import ruleset
from flows.load import load_files
from flows.missed import ANYTHING, NOTHING, Side
from flows.transcript import Failure, Played, play
from flows.transcript_file import transcripts
from flows.verbs import VERBS

SHOP = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
hours: {mon-fri: 09:00-18:00}
answer_within: 12h
fallback: {template: we_are_back}
opt_out: {words: [stop], reply: "No more offers."}
---
templates: "102290129340398"
list:
  - {name: we_are_back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}
  - {name: offer, language: en, category: MARKETING, status: APPROVED, body: "Cake for {{1}}?",
     buttons: [{type: QUICK_REPLY, text: "Yes, please"}, {type: URL, text: "See it", url: "https://example.com"}]}
  - {name: rejected, language: en, category: UTILITY, status: APPROVED, body: "Old"}
---
flow: order
start:
  - when: text has "order"
  - ad: any
steps:
  - ask: "How many?"
    save: qty
    expect: number
  - report: {event: Purchase, value: qty * 2.5, currency: BRL}
  - send: "{{ qty }} noted."
  - wait: 1d
  - send: "How was it?"
---
flow: offers
start:
  - when: text has "offer"
steps:
  - send: {template: offer, params: ["{{ contact.name }}"]}
---
flow: yes
start:
  - when: text = "Yes, please"
steps:
  - send: "It is on its way."
---
flow: kinds
start:
  - when: message.type in ("image", "video", "audio", "document", "sticker", "location")
steps:
  - send: "{{ message.type }} {{ message.voice }} {{ text | default('without words') }}"
---
flow: book
start:
  - when: text has "book"
steps:
  - form: "When, and how many?"
    flow: "1240983377120456"
    button: "Book"
    save: {day: date, people: number}
    sorry: "Please tap the button."
  - send: "{{ people }} on {{ day }}."
---
flow: open
start:
  - when: text has "open"
steps:
  - if: hours.open
    then: [{send: "Open."}]
    else: [{send: "Closed."}]
"""


def problems_of(chat: str) -> str:
    """Tell what is wrong with a transcript given as its lines, which begin on line 4."""
    found = load_files({"shop.yaml": SHOP, "test.yaml": f"test: it\n\nchat:\n{chat}"})
    assert found.folder is not None, found.problems
    _, problems = transcripts(found)
    return "\n".join(f"{each.line}: {each.message}" for each in problems)


def played(chat: str, head: str = "") -> Played:
    """Play a transcript given as its lines, which begin on line 4."""
    found = load_files({"shop.yaml": SHOP, "test.yaml": f"test: it\n{head}\nchat:\n{chat}"})
    assert found.folder is not None, found.problems
    (transcript,), problems = transcripts(found)
    assert problems == ()
    return play(transcript, ruleset(found.folder, "v1"))


def failure_of(chat: str, head: str = "") -> Failure:
    """Play a transcript that must fail."""
    failure = played(chat, head).failure
    assert failure is not None
    return failure


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_of_a_verb_is_a_line(verb: str):
    """What the table shows can be written as it is, and begins with its verb."""
    assert VERBS[verb].example.startswith(verb)
    assert problems_of(f"  - {VERBS[verb].example}\n") == ""


GOOD = {
    "a message that is late is answered, if it is not too late": """
  - contact: {text: order, late: 3h}
  - bot: "How many?"
""",
    "a message that is too late is kept and not answered": """
  - contact: {text: order, late: 13h}
  - silence
""",
    "the window counts from when the contact wrote": """
  - contact: {text: order, late: 11h}
  - bot: "How many?"
  - contact: {text: "3", late: 10h}
  - bot: "3 noted."
  - after: 14h
  - silence
  - after: 10h
  - bot: {template: we_are_back}
""",
    "an opt-out that is late counts all the same": """
  - contact: {text: stop, late: 2d}
  - contact: offer
  - silence
""",
    "a late echo silences only for what is left of its pause": """
  - owner: {text: "I'll take this one", late: 20m}
  - holder: owner
  - contact: order
  - silence
  - after: 11m
  - holder: bot
  - contact: order
  - bot: "How many?"
""",
    "an echo later than its pause silences no more": """
  - owner: {text: "I'll take this one", late: 31m}
  - holder: bot
  - contact: order
  - bot: "How many?"
""",
    "the clock can be set": """
  - contact: open?
  - bot: Open.
  - at: 20:00
  - contact: open?
  - bot: Closed.
  - at: 2026-03-03 9:00
  - contact: open?
  - bot: Open.
  - at: 08:59
  - contact: open?
  - bot: Closed.
""",
    "a time that it is already is tomorrow's": """
  - at: 10:00
  - contact: order
  - bot: "How many?"
""",
    "every kind of file, and a place": """
  - contact: {image: cake.jpg, caption: "This one?"}
  - bot: "image false This one?"
  - contact: {audio: song.mp3}
  - bot: "audio false without words"
  - contact: {voice: note.ogg}
  - bot: "audio true without words"
  - contact: {document: list.pdf}
  - bot: "document false without words"
  - contact: {sticker: smile.webp}
  - bot: "sticker false without words"
  - contact: {video: oven.mp4}
  - bot: "video false without words"
  - contact: {location: "-23.5, -46.6"}
  - bot: "location false without words"
""",
    "a quick reply of a template": """
  - contact: offer
  - bot: {template: offer, params: [Ana]}
  - contact: {tap: "yes, please"}
  - bot: "It is on its way."
""",
    "a form is filled in": """
  - contact: book
  - bot: {text: "When, and how many?", form: Book}
  - contact: on Friday
  - bot: {text: "Please tap the button.", form: "1240983377120456"}
  - contact: {form: {day: 2026-03-07, people: many}}
  - bot: {text: "Please tap the button.", form: Book}
  - contact: {form: {day: 2026-03-07, people: 4}}
  - bot: "4 on Mar 7, 2026."
  - saved: {day: "2026-03-07", people: 4}
""",
    "a form of an earlier question answers nothing": """
  - contact: book
  - bot: {form: Book}
  - contact: {form: {people: 4}}
  - bot: "4 on ."
  - contact: {form: {people: 5}}
  - silence
""",
    "an ad with a late message": """
  - contact: {ad: "1203", late: 1h}
  - bot: "How many?"
""",
    "a number that Meta pauses waits, and goes on": """
  - contact: order
  - bot: "How many?"
  - fails: 190
  - contact: "3"
  - reported: Purchase
  - silence
  - after: 2m
  - bot: "3 noted."
""",
    "what Meta says was out of the window leaves as a template, once": """
  - contact: order
  - bot: "How many?"
  - fails: 131047
  - bot: {template: we_are_back}
  - fails: 131047
  - silence
""",
    "whoever cannot be reached is left alone for a day": """
  - contact: order
  - bot: "How many?"
  - contact: "3"
  - bot: "3 noted."
  - fails: 131026
  - after: 25h
  - silence
""",
}


@pytest.mark.parametrize("chat", GOOD.values(), ids=GOOD.keys())
def test_what_lines_let_happen(chat: str):
    """Engine, gate and sender decide as they do in production."""
    assert played(chat).failure is None


ELSEWHERE = {
    "Cuba": 'contact: {phone: "+53 5 123 4567"}',
    "Iran by user id": 'contact: {bsuid: "IR.1502576394655843"}',
    "the Crimea": 'contact: {phone: "+7 978 123 45 67"}',
}


@pytest.mark.parametrize("head", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_nobody_in_a_restricted_country_is_answered(head: str):
    """The restriction lists are asked on every path."""
    assert played("  - contact: order\n  - silence\n  - contact: {ad: '1203'}\n  - silence\n", head).failure is None


def test_a_user_id_is_enough():
    """A contact need not show a phone number."""
    assert (
        played('  - contact: order\n  - bot: "How many?"\n', 'contact: {bsuid: "BR.1502576394655843"}').failure is None
    )


MISTAKES = {
    "  - contact: {form: {people: 2}, late: 3h}": (
        "4: A `form` is all that happens on its line, and `late` is a second thing"
    ),
    "  - contact: {form: yes}": (
        "4: `form` takes names with what is filled in, such as `{day: 2026-03-07, people: 2}`, not text"
    ),
    "  - contact: {tap: Cake, late: 3h}": "4: A `tap` is all that happens on its line, and `late` is a second thing",
    "  - contact: {text: hi, caption: hi}": (
        "4: `caption` belongs to one of `image`, `video`, `document`, not to `text`"
    ),
    "  - contact: {text: hi, headline: hi}": "4: `headline` is what an ad says, and there is no `ad`",
    "  - contact: {late: 3h}": (
        "4: `contact` holds one of `text`, `image`, `video`, `audio`, `document`, `sticker`, `voice`, `location`"
    ),
    "  - owner: {text: hi, late: soon}": (
        "4: This takes a span of time such as `90s`, `30m`, `2h` or `1d`, not `soon`"
    ),
    "  - owner: {tap: Cake}": (
        "4: `tap` is not a field of `owner`. Its fields are `text`, `image`, `video`, `audio`, `document`, `sticker`, "
        "`voice`, `location`, `caption`, `late`."
    ),
    "  - at: noon": (
        "4: `at` takes a date and a time such as `2026-03-02 10:00`, or a time of day such as `09:00`, not `noon`"
    ),
}


@pytest.mark.parametrize(("line", "problem"), MISTAKES.items(), ids=MISTAKES.keys())
def test_mistakes(line: str, problem: str):
    """What cannot be meant is told."""
    assert problems_of(line) == problem


def test_the_clock_does_not_go_back():
    """A moment that is over cannot be waited for."""
    failure = failure_of("  - at: 2026-03-01 10:00\n")

    assert failure.message == "It is 2026-03-02 10:00 already, and the clock does not go back."


NOTED = '  - contact: order\n  - bot: "How many?"\n  - contact: "3"\n  - bot: "3 noted."\n'
SIDES = {
    "another text": (
        '  - contact: order\n  - bot: {text: "How much?", buttons: [One]}\n',
        (Side("text", "How much?", "How many?"), Side("buttons", "One", NOTHING)),
    ),
    "a template, and not which parameters": (
        "  - contact: offer\n  - bot: {template: offer, language: pt_BR}\n",
        (Side("template", "offer", "offer"), Side("language", "pt_BR", "en"), Side("params", ANYTHING, "Ana")),
    ),
    "a text in place of a template": (
        "  - contact: order\n  - bot: {template: offer}\n",
        (Side("template", "offer", NOTHING), Side("text", NOTHING, "How many?")),
    ),
    "nothing": ("  - contact: blub\n  - bot: Hi\n", (Side("text", "Hi", NOTHING),)),
    "something": ("  - contact: order\n  - silence\n", (Side("text", NOTHING, "How many?"),)),
    "a holder": ("  - contact: blub\n  - holder: owner\n", (Side("holder", "owner", "bot"),)),
    "values": (
        f"{NOTED}  - saved: {{qty: 3, day: x}}\n",
        (Side("qty", "3", "3"), Side("day", "x", NOTHING)),
    ),
    "a report": (
        f"{NOTED}  - reported: {{event: Purchase, value: 8}}\n",
        (
            Side("reported", "Purchase", "Purchase"),
            Side("value", "8", "7.5"),
            Side("currency", ANYTHING, "BRL"),
        ),
    ),
}


@pytest.mark.parametrize(("chat", "sides"), SIDES.values(), ids=SIDES.keys())
def test_expected_and_got_stand_side_by_side(chat: str, sides: tuple[Side, ...]):
    """Each field of what was expected is beside what came, also where nothing did."""
    assert failure_of(chat).sides == sides


def test_what_differs_is_marked():
    """What may be anything differs from nothing, and white space is folded."""
    assert [
        Side("text", "a", "b").differs,
        Side("text", "a", NOTHING).differs,
        Side("text", "a  b", "a\nb").differs,
        Side("params", ANYTHING, "Ana").differs,
    ] == [True, True, False, False]


def test_a_failure_tells_what_was_held_back():
    """A message that waits or was dropped is why nothing left."""
    waits = failure_of(
        '  - contact: order\n  - bot: "How many?"\n  - fails: 190\n  - contact: "3"\n  - bot: "3 noted."\n'
    )
    dropped = failure_of(
        '  - contact: stop\n  - bot: "No more offers."\n  - contact: offer\n  - bot: {template: offer}\n'
    )

    assert waits.message.startswith('Expected "3 noted.", but nothing left. "3 noted." waits. The number sends nothing')
    assert dropped.message.endswith("was dropped: opted_out.")


def test_a_failure_names_the_line_that_led_to_it():
    """The reasons are those of the last thing that happened."""
    failure = failure_of("  - contact: order\n  - bot: Hello\n")

    assert failure.after is not None
    assert (failure.line, failure.after.place.line, failure.after.verb) == (5, 4, "contact")
    assert "starts `order`" in str(failure.trace)


def test_a_broken_folder_does_not_hide_the_problems_of_its_transcripts():
    """Everything that is wrong is told at once."""
    found = load_files({"shop.yaml": SHOP.replace("steps:", "stepps:", 1), "test.yaml": "test: it\nchat: [silense]"})

    _, problems = transcripts(found)

    assert found.folder is None
    assert [(each.file, each.code) for each in problems] == [("test.yaml", "unknown-verb")]
