"""Do simulations follow the rules of production, and do transcripts tell what went another way?"""

from datetime import UTC, datetime, timedelta

import pytest

from engine.content import Text
from engine.events import Referral
from engine.identity import Ids
from engine.ruleset import Ruleset
from flows.compile import ruleset
from flows.coverage import Gap, Share, measure
from flows.load import load_files
from flows.round import Round
from flows.shown import shown
from flows.simulation import Simulation
from flows.transcript import Played, play
from flows.transcript_file import transcripts
from flows.world import CannotHappenError
from rules.policy.handoff import Holder, holder_at

BEGIN = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
SHOP = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
handoff:
  ignore: ["We will be right back."]
  nobody_came: {after: 15m, steps: [{send: "Sorry, nobody is here."}]}
fallback: {template: we_are_back}
---
templates: "102290129340398"
list:
  - {name: we_are_back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}
  - {name: still_there, language: en, category: UTILITY, status: APPROVED, body: "Still there, {{1}}?"}
---
flow: order
start:
  - when: text has "order"
  - ad: any
steps:
  - choose: "Cake or bread?"
    save: item
    options: {Cake: , Bread: [{send: "Rye."}]}
  - ask: "How many?"
    save: qty
    expect: number
    no_reply: {after: 30m, steps: [{send: "Still there?", template: still_there, params: ["{{ contact.name }}"]}]}
  - report: {event: Purchase, value: qty * 2.5, currency: BRL}
  - notify: "{{ contact.name }} wants {{ qty }}"
  - send: "{{ qty }} noted."
  - wait: 1d
  - send: "How was it?"
---
flow: person
start:
  - when: text has "person"
steps:
  - handoff: "Asks for one"
"""


def the_rules(*documents: str) -> Ruleset:
    """Compile the shop."""
    loaded = load_files({"shop.yaml": "---".join((SHOP, *documents))})
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


RULES = the_rules()


def a_chat() -> Simulation:
    """Open a chat with Ana on a Monday morning."""
    return Simulation(RULES, begins_at=BEGIN, name="Ana", ids=Ids(phones=("5511987654321",)))


def in_an_order() -> Simulation:
    """Open a chat in which the bot asks how many."""
    chat = a_chat()
    chat.contact(Text("order"))
    chat.tap("Cake")
    return chat


def said(happened: Round | None) -> list[str]:
    """List what left."""
    assert happened is not None
    return [shown(left.content) for left in happened.left]


def test_the_bot_answers():
    """What a step says leaves at once, and says why."""
    happened = a_chat().contact(Text("order, please"))

    assert said(happened) == ['{text: "Cake or bread?", buttons: [Cake, Bread]}']
    assert "trigger" in str(happened.trace)


def test_an_ad_starts_a_flow():
    """The referral of a message is the click."""
    chat = a_chat()

    happened = chat.contact(Text("Hello"), Referral("ad", "120330000000001"))

    assert said(happened) == ['{text: "Cake or bread?", buttons: [Cake, Bread]}']
    assert chat.chat.last_ad is not None


def test_the_owner_silences_the_bot_until_the_pause_is_over():
    """From the owner's message on the bot says nothing; after the pause it goes on where it was."""
    chat = in_an_order()

    chat.owner(Text("I'll take this one"))
    silent = chat.contact(Text("3"))
    chat.after(timedelta(minutes=31))
    goes_on = chat.contact(Text("3"))

    assert said(silent) == []
    assert said(goes_on) == ['"3 noted."']


def test_own_words_coming_back_do_not_silence():
    """An echo of what the bot sent is recognised by its id."""
    chat = in_an_order()

    chat.echo_of_bot()

    assert holder_at(chat.chat.holding, chat.now) is Holder.BOT
    assert said(chat.contact(Text("3"))) == ['"3 noted."']


def test_the_apps_own_greeting_does_not_silence():
    """Texts that the author told to ignore are no message of the owner."""
    chat = in_an_order()

    chat.owner(Text("We will be right back."))

    assert said(chat.contact(Text("3"))) == ['"3 noted."']


def test_the_owner_hands_back_with_a_word():
    """After the resume word the bot is quiet until the contact writes."""
    chat = in_an_order()
    chat.owner(Text("hello"))

    back = chat.owner(Text("#bot"))

    assert said(back) == []
    assert said(chat.contact(Text("3"))) == ['"3 noted."']


def test_what_comes_twice_is_answered_once():
    """Meta delivers webhooks again; the second one changes nothing."""
    chat = a_chat()
    chat.contact(Text("order"))

    again = chat.redeliver()

    assert said(again) == []
    assert "came in before" in str(again and again.trace)


def test_timers_fire_at_their_moments():
    """While time passes, what is due happens in order and at its own time."""
    chat = in_an_order()
    began = chat.now

    happened = chat.after(timedelta(hours=2))

    assert [(shown(left.content), left.at - began) for left in happened.left] == [
        ('"Still there?"', timedelta(minutes=30))
    ]
    assert chat.now - began == timedelta(hours=2)


def test_outside_the_window_only_a_template_leaves():
    """A day after the contact's last message the step's words become the business's template."""
    chat = in_an_order()
    chat.contact(Text("3"))

    happened = chat.after(timedelta(hours=25))

    assert said(happened) == ["{template: we_are_back}"]


def test_meta_says_that_the_window_is_closed():
    """131047 for a message lets its template leave in its place, once."""
    chat = in_an_order()
    chat.contact(Text("3"))

    happened = chat.fails(131047)

    assert said(happened) == ["{template: we_are_back}"]
    assert said(chat.after(timedelta(hours=1))) == []


def test_nobody_came():
    """When the owner does not come after a handoff the bot says so and holds the chat again."""
    chat = a_chat()
    chat.contact(Text("a person, please"))

    happened = chat.after(timedelta(minutes=15))

    assert said(happened) == ['"Sorry, nobody is here."']
    assert holder_at(chat.chat.holding, chat.now) is Holder.BOT


def test_reports_are_told():
    """A report leaves as a row of its own, and is no message."""
    chat = in_an_order()

    happened = chat.contact(Text("3"))

    assert [(each.event, each.value, each.currency) for each in happened.reports] == [("Purchase", "7.5", "BRL")]


def test_nothing_can_be_tapped_that_is_not_offered():
    """A tap needs a button that the bot showed."""
    with pytest.raises(CannotHappenError, match="There is no `Cake` to tap"):
        a_chat().tap("Cake")


def played(chat: str) -> Played:
    """Play a transcript given as its lines."""
    loaded = load_files({"shop.yaml": SHOP, "test.yaml": f"test: it\nchat:\n{chat}"})
    assert loaded.folder is not None
    (transcript,), problems = transcripts(loaded)
    assert problems == ()
    return play(transcript, ruleset(loaded.folder, "v1"))


GOOD = """
  - contact: order
  - bot: {text: "Cake  or
      bread?", buttons: [Cake, Bread]}
  - contact: {tap: bread}
  - bot: "Rye."
  - bot: "How many?"
  - after: 30m
  - bot: "Still there?"
  - redelivered
  - silence
  - contact: "4"
  - bot: "4 noted."
  - saved: {item: Bread, qty: 4}
  - reported: {event: Purchase, value: 10, currency: BRL}
  - notified: "Ana wants 4"
  - echo of bot
  - holder: bot
  - owner: {image: "cake.jpg"}
  - holder: owner
  - contact: {ad: "120330000000001"}
  - silence
  - after: 25h
  - bot: {template: we_are_back}
"""


def test_a_transcript_that_fits():
    """Every verb is followed, and texts are compared with their white space folded."""
    result = played(GOOD)

    assert result.failure is None
    assert [each.line.verb for each in result.exchanges].count("contact") == 4


FAILURES = {
    "unexpected at the end": ("  - contact: order\n", 3, "Nothing was expected any more after this line, got"),
    "unexpected before the next message": (
        "  - contact: order\n  - contact: {tap: Cake}\n",
        3,
        "Nothing was expected any more after this line, got",
    ),
    "missing": ('  - contact: hello\n  - bot: "Hi!"\n', 4, 'Expected "Hi!", but nothing left.'),
    "another text": (
        '  - contact: order\n  - bot: "Hi!"\n',
        4,
        'Expected "Hi!", got {text: "Cake or bread?", buttons: [Cake, Bread]}.',
    ),
    "other buttons": (
        '  - contact: order\n  - bot: {text: "Cake or bread?", buttons: [Cake]}\n',
        4,
        'Expected {text: "Cake or bread?", buttons: [Cake]}, got {text: "Cake or bread?", buttons: [Cake, Bread]}.',
    ),
    "a template": (
        "  - contact: order\n  - bot: {template: still_there}\n",
        4,
        "Expected {template: still_there}, got",
    ),
    "no silence": ("  - contact: order\n  - silence\n", 4, "Expected silence, got"),
    "a holder": (
        "  - contact: hello\n  - holder: owner\n",
        4,
        "Expected the owner to hold the chat, but the bot does.",
    ),
    "a value": ("  - contact: hello\n  - saved: {qty: 3}\n", 4, "Expected `qty` to be 3, got nothing."),
    "a report": (
        "  - contact: hello\n  - reported: Purchase\n",
        4,
        "Expected `Purchase` to be reported, got nothing.",
    ),
    "a note": (
        '  - contact: hello\n  - notified: "A big one"\n',
        4,
        'Expected the owner to be told "A big one", got nothing.',
    ),
    "a button": ("  - contact: {tap: Pie}\n", 3, "There is no `Pie` to tap; the bot's messages offer nothing."),
    "nothing to echo": ("  - echo of bot\n", 3, "The bot said nothing yet that could come back."),
    "nothing to fail": ("  - fails: 131047\n", 3, "The bot said nothing yet that could fail."),
    "nothing to repeat": ("  - redelivered\n", 3, "Nothing came in yet that could come in once more."),
}


@pytest.mark.parametrize(("chat", "line", "message"), FAILURES.values(), ids=FAILURES.keys())
def test_what_goes_another_way(chat: str, line: int, message: str):
    """A failure has its line, what was expected, and what came."""
    failure = played(chat).failure

    assert failure is not None
    assert (failure.file, failure.line, failure.test) == ("test.yaml", line, "it")
    assert failure.message.startswith(message)


def test_a_failure_says_why():
    """The trace of what happened last comes with a failure."""
    failure = played("  - owner: hi\n  - contact: order\n  - bot: Hello\n").failure

    assert failure is not None
    assert "the owner holds the chat" in str(failure.trace)


MISTAKES = {
    "  - bott: hi": (3, 5, "unknown-verb", "Did you mean `bot`?"),
    "  - silense": (3, 5, "unknown-verb", "Did you mean `silence`?"),
    "  - {contact: a, bot: b}": (3, 18, "two-verbs", "Begin a line of its own: `- bot: …`"),
    "  - owner: #bot": (3, 12, "needs-quotes", 'Put the text in quotes: "#bot"'),
    "  - silence: 3": (3, 14, "wrong-kind", "Write `- silence`"),
    "  - after: 3x": (3, 12, "span", None),
    "  - holder: me": (3, 13, "unknown-word", None),
    "  - fails: often": (3, 12, "number", None),
    "  - contact: {imag: x}": (3, 15, "unknown-field", "Did you mean `image`?"),
    "  - contact: {text: a, image: b}": (3, 14, "content", "Send them on two lines, each after `- contact:`"),
    "  - contact: {location: here}": (3, 25, "degrees", "Write latitude, a comma and longitude"),
    '  - contact: {text: a, location: "1, 2"}': (3, 14, "content", "Send them on two lines, each after `- contact:`"),
    "  - bot: {buttons: [a]}": (3, 10, "content", 'As in `bot: {text: "How many?"}`'),
}


@pytest.mark.parametrize(("line", "problem"), MISTAKES.items(), ids=MISTAKES.keys())
def test_mistakes_in_a_transcript(line: str, problem: tuple[int, int, str, str | None]):
    """A mistake is told with its place and what was meant."""
    loaded = load_files({"shop.yaml": SHOP, "test.yaml": f"test: it\nchat:\n{line}\n"})
    assert loaded.folder is not None

    read, problems = transcripts(loaded)

    assert read == ()
    assert [(each.line, each.column, each.code, each.hint) for each in problems] == [problem]


HEADS = {
    "at: tomorrow": ["moment"],
    'number: "1"': ["unknown-number"],
    "contact: {nam: Ana}": ["unknown-field"],
    "chats: []": ["unknown-field"],
}


@pytest.mark.parametrize(("head", "codes"), HEADS.items(), ids=HEADS.keys())
def test_mistakes_in_a_head(head: str, codes: list[str]):
    """What stands above the lines is checked, too."""
    loaded = load_files({"shop.yaml": SHOP, "test.yaml": f"test: it\n{head}\nchat: [silence]\n"})
    assert loaded.folder is not None

    _, problems = transcripts(loaded)

    assert [each.code for each in problems] == codes


def test_coverage_counts_steps_and_branches():
    """A transcript covers the steps it comes to and the branches it takes; the rest are gaps."""
    result = played(
        "  - contact: order\n  - bot: Cake or bread?\n  - contact: Bread\n  - bot: Rye.\n  - bot: How many?\n"
    )

    coverage = measure(RULES, result.seen)

    assert result.failure is None
    assert (coverage.steps, coverage.branches) == (Share(3, 11), Share(1, 2))
    assert Gap("order", "ask", "shop.yaml:24:5", "no_reply") in coverage.gaps


def test_another_contact_may_be_drawn_another_lot():
    """A transcript reaches each way of a split with somebody else's number, and the same one always the same way."""
    rules = the_rules(
        '\nflow: offer\nstart: {when: text has "offer"}\nsteps: [{split: {A: [{send: a}], B: [{send: b}]}}]\n'
    )
    chats = [
        Simulation(rules, begins_at=BEGIN, name=None, ids=Ids(phones=(f"551198765432{digit}",))) for digit in range(8)
    ]

    first = [said(chat.contact(Text("offer"))) for chat in chats]
    again = [said(chat.contact(Text("offer"))) for chat in chats]

    assert first == again
    assert {words for (words,) in first} == {'"a"', '"b"'}


def test_coverage_counts_what_is_asked_for_at_any_time():
    """The steps of digressions are gaps until a transcript asks for them, in the business and in a flow."""
    rules = the_rules(
        '\nflow: cake\nstart: {when: text has "cake"}\nsteps: [{ask: Which?}]\n'
        "digressions: {price: {words: [price], steps: [{send: Ten.}]}}\n"
    )
    chat = Simulation(rules, begins_at=BEGIN, name=None, ids=Ids(phones=("5511987654321",)))
    before = measure(rules, chat.seen)

    chat.contact(Text("cake"))
    chat.contact(Text("price"))
    after = measure(rules, chat.seen)

    assert "cake digression price" in {gap.flow for gap in before.gaps}
    assert "cake digression price" not in {gap.flow for gap in after.gaps}
