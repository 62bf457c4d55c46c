"""Are texts said in the contact's language, wherever the translation stands, and is what is missing told?"""

from datetime import UTC, datetime

import pytest

from engine.chat import Chat, Contact
from engine.content import Text, words_of
from engine.decide import decide
from engine.effects import Send
from engine.events import MessageReceived
from engine.identity import Ids
from flows.compile import pack, ruleset, unpack
from flows.load import load_files

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
BUSINESS = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
languages: [en, es, pt_BR]
numbers: [{id: "1", phone: "+1 202 555 0100", waba: "2", coexistence: false}]
"""
FLOW = """flow: hello
start: {when: text has "hello"}
steps:
  - ask: "Your name?"
    save: name
  - send: {en: "Hi {{ name }}!", pt_BR: "Oi {{ name }}!"}
  - send: |
      Bye.
"""
SPANISH = """translations: es
texts:
  "Your name?": "¿Tu nombre?"
  "Hi {{ name }}!": "¡Hola {{ name }}!"
  "Bye.": "Adiós."
"""
PORTUGUESE = """translations: pt-BR
texts:
  "Your name?": "Seu nome?"
  "Bye.": "Tchau."
"""


def told(**files):
    """Return the problems of the business with some files changed or added, each in a line."""
    documents = {"business": BUSINESS, "flow": FLOW, "es": SPANISH, "pt": PORTUGUESE, **files}
    problems = load_files({f"{name}.yaml": text for name, text in documents.items()}).problems
    return [f"{each.file}:{each.line}:{each.column} {each.code}: {each.message}" for each in problems]


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("12025550123", ["Your name?", "Hi Ana!", "Bye.\n"]),
        ("5215512345678", ["¿Tu nombre?", "¡Hola Ana!", "Adiós."]),
        ("5511987650001", ["Seu nome?", "Oi Ana!", "Tchau."]),
    ],
)
def test_a_contact_is_answered_in_the_language_of_their_country(phone, said):
    """A translation may stand beside the text or in a file of its own."""
    files = {"business.yaml": BUSINESS, "flow.yaml": FLOW, "es.yaml": SPANISH, "pt.yaml": PORTUGUESE}
    loaded = load_files(files)
    assert loaded.problems == ()
    assert loaded.folder is not None
    rules, ids = ruleset(unpack(pack(loaded.folder)), "v1"), Ids(phones=(phone,))
    chat, heard = Chat(number="1", contact=Contact(id="ana", ids=ids)), []

    for place, text in enumerate(("hello", "Ana")):
        event = MessageReceived(id=str(place), at=NOON, arrived_at=NOON, content=Text(text), ids=ids)
        decision = decide(chat, event, rules, NOON)
        chat = decision.chat
        heard += [words_of(each.content) for each in decision.effects if isinstance(each, Send)]

    assert heard == said


def test_a_word_that_is_set_is_the_same_in_every_language():
    """A condition asks for it as it stands in the file, also where a text of the same words is translated."""
    steps = '[{set: {how: Bye.}}, {send: "Bye."}, {ask: "Your name?"}]'
    flow = f'flow: hello\nstart: {{when: text has "hello"}}\nsteps: {steps}\n'
    files = {"business.yaml": BUSINESS, "flow.yaml": flow, "pt.yaml": PORTUGUESE}
    folder = load_files(files).folder
    assert folder is not None
    ids = Ids(phones=("5511987650001",))
    event = MessageReceived(id="1", at=NOON, arrived_at=NOON, content=Text("hello"), ids=ids)

    decision = decide(Chat(number="1", contact=Contact(id="ana", ids=ids)), event, ruleset(folder, "v1"), NOON)

    assert [words_of(each.content) for each in decision.effects if isinstance(each, Send)] == ["Tchau.", "Seu nome?"]
    assert decision.chat.run is not None
    assert decision.chat.run.variables == {"how": "Bye."}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"pt": PORTUGUESE.replace('  "Bye.": "Tchau."\n', "")},
            ["flow.yaml:7:11 missing-language: This text is missing in `pt_BR`"],
        ),
        (
            {"flow": FLOW.replace("pt_BR:", "pt:")},
            [],
        ),
        (
            {"flow": FLOW + "  - set: {way: Bye., word: short, said: Hello you}\n"},
            ["flow.yaml:9:41 missing-language: This text is missing in `es`, `pt_BR`"],
        ),
        (
            {"es": SPANISH.replace("¿Tu", "¿{{ nmae }} tu")},
            ["es.yaml:3:22 unknown-name: Nothing is called `nmae`"],
        ),
        (
            {"es": SPANISH + '  "Bye!": "Adiós"\n'},
            ["es.yaml:6:11 unused-translation: No text of the business is `Bye!`, so nobody reads this translation"],
        ),
        (
            {"more": 'translations: es\ntexts: {"Bye.": "Chau."}\n'},
            ["more.yaml:2:17 duplicate-translation: `Bye.` is translated to `es` in `es.yaml`, too"],
        ),
        (
            {"es": SPANISH + '  "Bye. ": "Chau."\n'},
            ["es.yaml:6:12 duplicate-translation: `Bye.` is translated to `es` in `es.yaml`, too"],
        ),
        (
            {"more": 'translations: en\ntexts: {"Bye.": "So long."}\n'},
            ["more.yaml:2:17 language: `en` is the business's own language, so its texts need no translation"],
        ),
        (
            {"more": 'translations: nl\ntexts: {"Bye.": "Dag."}\n'},
            ["more.yaml:2:17 language: The business does not speak `nl`"],
        ),
        (
            {"more": "translations: klingon\ntexts: [a]\n"},
            [
                "more.yaml:1:15 language: No language has the code `klingon`",
                (
                    "more.yaml:2:8 wrong-kind: `texts` takes texts with their translations, such as "
                    '`"Hello!": "Olá!"`, not a list'
                ),
            ],
        ),
    ],
)
def test_what_is_wrong_with_translations_is_told(files, expected):
    """Each in its own file, at its own line."""
    assert told(**files) == expected


def test_what_only_the_owner_reads_needs_no_translation():
    """Nor do tags."""
    flow = "flow: a\nsteps: [{notify: Look}, {tag: [new]}, {untag: [old]}, {handoff: Wants to talk}]\n"

    assert told(flow=flow, es="translations: es\ntexts: {}\n", pt="translations: es\ntexts: {}\n") == []


def test_a_text_without_words_needs_no_translation():
    """A name or an emoji is the same in every language."""
    flow = 'flow: a\nsteps:\n  - send: "👋 {{ contact.name }}!"\n'

    assert told(flow=flow, es="translations: es\ntexts: {}\n", pt="translations: es\ntexts: {}\n") == []


def test_titles_of_options_are_translated_like_any_text():
    """Missing ones are told, and those in files of their own are found."""
    flow = "flow: hello\nsteps:\n  - choose: {en: '1?', es: '1?', pt: '1?'}\n    options: {Yes: }\n"
    spanish, portuguese = 'translations: es\ntexts: {"Yes": "Sí"}\n', 'translations: pt-BR\ntexts: {"Yes": "Sim"}\n'

    assert told(flow=flow, es=spanish, pt=portuguese) == []
    assert told(flow=flow, es=spanish, pt="faq: none\nanswers: []\n") == [
        "flow.yaml:4:15 missing-language: This text is missing in `pt_BR`"
    ]
