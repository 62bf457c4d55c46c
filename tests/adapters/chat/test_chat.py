"""Can an author talk with the bot, and let happen whatever happens on a phone?"""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.chat.acts import DOINGS
from adapters.chat.commands import ALL_WORDS
from adapters.cli import main
from adapters.testing import played

BAKERY = Path(__file__).parents[3] / "examples" / "bakery"
SHOP = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers:
  - {id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}
  - {id: "106540352242923", phone: "+55 11 91234-5679", waba: "102290129340398"}
fallback: {template: we_are_back}
---
templates: "102290129340398"
list:
  - name: we_are_back
    language: en
    category: UTILITY
    status: APPROVED
    header: {format: TEXT, text: "Corner Shop"}
    body: "We are back."
    footer: "No reply needed"
    buttons: [{type: QUICK_REPLY, text: "Go on"}, {type: URL, text: "See", url: "https://example.com"}]
---
flow: order
start:
  - when: text has "order"
  - ad: any
steps:
  - react: "👍"
  - send: {image: "https://example.com/cake.jpg", caption: "Our best"}
  - choose: "What would you like?"
    save: item
    options:
      Cake: {description: "Chocolate"}
      Bread: {description: "Rye"}
      Roll:
      Pie:
  - report: {event: Purchase, value: 7.5, currency: BRL}
  - notify: "{{ contact.name }} wants {{ item }}"
  - wait: 1d
  - send: "How was it?"
---
flow: kinds
start:
  - when: message.type in ("image", "video", "audio", "document", "sticker", "location")
steps:
  - send: "A {{ message.type }}, {{ message.voice }}."
---
flow: all
start:
  - when: text has "all"
steps:
  - send: {text: "See all", link: {label: Open, url: "https://example.com"}}
  - send: {contact: {name: Rosa Lima, phone: "+55 11 91234-5678"}}
  - send: {product: {catalog: "1", id: CAKE}, text: "Our best"}
  - send: {location: {latitude: 1.5, longitude: -2, name: Our door}}
  - ask: "Where to?"
    expect: location
---
flow: book
start:
  - when: text has "book"
steps:
  - form: "When, and how many?"
    flow: "1240983377120456"
    button: "Book"
    save: {day: date, name: text}
  - send: "{{ day }} for {{ name }}."
---
flow: where
start:
  - when: text has "where"
steps:
  - {http: "https://api.example.com/", save: {eta: eta}}
  - send: "Here: {{ eta }}"
---
flow: slash
start:
  - when: text starts with "/"
steps:
  - send: "A slash."
"""


def chat(folder: Path, *lines: str, options: tuple[str, ...] = ()) -> Result:
    """Type lines in a chat that begins on a Monday morning."""
    typed = "".join(f"{line}\n" for line in lines)
    return CliRunner().invoke(main, ["chat", str(folder), "--at", "2026-03-02 10:00", *options], input=typed)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Write a folder with a small shop."""
    (tmp_path / "shop.yaml").write_text(SHOP, "utf-8")
    return tmp_path


def said(result: Result) -> list[str]:
    """List the lines of a chat without those that say with whom it is."""
    assert result.exception is None, result.stdout
    assert result.exit_code == 0
    return result.stdout.splitlines()[4:-1]


SESSIONS = {
    "a list, a report and a note": (
        ("order", "/tap 2"),
        [
            "Ana › order",
            "  · The bot reacts with 👍",
            "  bot 10:00",
            "  ┃ [image] https://example.com/cake.jpg",
            "  ┃ Our best",
            "",
            "  ┃ What would you like?",
            "  ┃ ≡ Menu",
            "  ┃ [1] Cake",
            "  ┃     Chocolate",
            "  ┃ [2] Bread",
            "  ┃     Rye",
            "  ┃ [3] Roll",
            "  ┃ [4] Pie",
            "",
            "Ana › /tap 2",
            '  · Ana taps "Bread".',
            "  · Reported: Purchase, 7.5 BRL, which Meta is not told: the contact came by no ad.",
            "  · The owner is told: Ana wants Bread",
            "  · Silence. `wait` until 2026-03-03 10:00.",
            "",
        ],
    ),
    "a template after the window": (
        ("order", "/tap pie", "/after 25h", "/tap Go"),
        [
            "Ana › /after 25h",
            "  bot Tue 3 Mar 2026, 10:00, template we_are_back (en)",
            "  ┃ Corner Shop",
            "  ┃ We are back.",
            "  ┃ No reply needed",
            "  ┃ ↗ See",
            "  ┃ [1] Go on",
            "  · It is Tue 3 Mar 2026, 11:00.",
            "",
            "Ana › /tap Go",
            '  · Ana taps "Go on".',
            "  · Silence. Nothing fits and there is no `otherwise`: silence.",
            "",
        ],
    ),
    "the owner steps in, and hands back": (
        ("/owner I'll take this one", "order", "/owner #stop", "/after 3d", "order", "/owner #bot", "hm"),
        [
            "Ana › /owner I'll take this one",
            "  owner 10:00",
            "  ┃ I'll take this one",
            "  · The owner holds the chat until 10:30.",
            "",
            "Ana › order",
            "  · Silence. The owner holds the chat until 10:30.",
            "",
            "Ana › /owner #stop",
            "  owner 10:00",
            "  ┃ #stop",
            "  · Silence. The owner replied: the bot is silent until told otherwise.",
            "",
            "Ana › /after 3d",
            "  · It is Thu 5 Mar 2026, 10:00.",
            "",
            "Ana › order",
            "  · Silence. The owner holds the chat until they write #bot.",
            "",
            "Ana › /owner #bot",
            "  owner Thu 5 Mar 2026, 10:00",
            "  ┃ #bot",
            "  · The bot holds the chat again.",
            "",
            "Ana › hm",
            "  · Silence. Nothing fits and there is no `otherwise`: silence.",
            "",
        ],
    ),
    "a form is filled in": (
        ("book", '/form day=2026-03-07 name="Ana Lima"'),
        [
            "Ana › book",
            "  bot 10:00",
            "  ┃ When, and how many?",
            "  ┃ ▤ Book: /form NAME=VALUE NAME=VALUE",
            "",
            'Ana › /form day=2026-03-07 name="Ana Lima"',
            '  · Ana sends {form: {"day":"2026-03-07","name":"Ana Lima"}}.',
            "  bot 10:00",
            "  ┃ Mar 7, 2026 for Ana Lima.",
            "",
        ],
    ),
    "what opens something else on a phone": (
        ("all kinds",),
        [
            "  bot 10:00",
            "  ┃ See all",
            "  ┃ ↗ Open: https://example.com",
            "",
            "  ┃ [contact] Rosa Lima, +55 11 91234-5678",
            "",
            "  ┃ [product] CAKE",
            "  ┃ Our best",
            "",
            "  ┃ [location] 1.5, -2.0 Our door",
            "",
            "  ┃ Where to?",
            "  ┃ ⌖ Send location: /location LAT, LONG",
            "",
        ],
    ),
    "an ad": (
        ("/ad 1203",),
        [
            "Ana › /ad 1203",
            '  · Ana sends "Hello! Can I get more info on this?" after a click on the ad 1203.',
            "  · The bot reacts with 👍",
        ],
    ),
    "files": (
        ('/image "my cake.jpg" This one?', "/voice note.ogg", "/owner /document list.pdf"),
        [
            'Ana › /image "my cake.jpg" This one?',
            '  · Ana sends {image: my cake.jpg, caption: "This one?"}.',
            "  bot 10:00",
            "  ┃ A image, false.",
            "",
            "Ana › /voice note.ogg",
            "  · Ana sends {audio: note.ogg}.",
            "  bot 10:00",
            "  ┃ A audio, true.",
            "",
            "Ana › /owner /document list.pdf",
            "  owner 10:00",
            "  ┃ [document] list.pdf",
            "  · The owner holds the chat until 10:30.",
            "",
        ],
    ),
    "a place, and a text that begins with a slash": (
        ("/location -23.5, -46.6", "//quit"),
        [
            "Ana › /location -23.5, -46.6",
            "  · Ana sends {location: -23.5, -46.6}.",
            "  bot 10:00",
            "  ┃ A location, false.",
            "",
            "Ana › //quit",
            "  bot 10:00",
            "  ┃ A slash.",
            "",
        ],
    ),
    "late, and late enough": (
        ("/late 3h order", "/late 13h order", "/late 40m /owner hello"),
        [
            "Ana › /late 13h order",
            '  · Ana sends "order", 13h ago.',
            "  · The owner is told: A message came too late for the bot to answer. Answer it if it still matters.",
            "  · Silence. Older than `answer_within`: kept, not answered.",
            "",
            "Ana › /late 40m /owner hello",
            "  owner 10:00, 40m ago",
            "  ┃ hello",
            "  · Silence. The owner replied, long enough ago: only answers to what was before that are dropped.",
            "",
        ],
    ),
    "Meta": (
        ("order", "/echo", "/again", "/fails 131047"),
        [
            "Ana › /again",
            "  · Silence. Came in before: nothing follows from that.",
            "",
            "Ana › /fails 131047",
            "  bot 10:00, template we_are_back (en)",
            "  ┃ Corner Shop",
            "  ┃ We are back.",
            "  ┃ No reply needed",
            "  ┃ ↗ See",
            "  ┃ [1] Go on",
            "",
        ],
    ),
    "the clock": (
        ("/at 09:00", "/at 2026-03-05 12:30"),
        [
            "Ana › /at 09:00",
            "  · It is Tue 3 Mar 2026, 09:00.",
            "",
            "Ana › /at 2026-03-05 12:30",
            "  · It is Thu 5 Mar 2026, 12:30.",
            "",
        ],
    ),
    "taken back, and begun again": (
        ("/undo", "order", "/tap 1", "/undo", "/tap 2", "/restart", "/tap 2"),
        [
            "Ana › /tap 2",
            '  · Ana taps "Bread".',
            "  · Reported: Purchase, 7.5 BRL, which Meta is not told: the contact came by no ad.",
            "  · The owner is told: Ana wants Bread",
            "  · Silence. `wait` until 2026-03-03 10:00.",
            "",
            "Ana › /restart",
            "  · Everything begins again.",
            "",
            "Ana › /tap 2",
            "  · There is no number 2 to tap: the bot's messages offer nothing.",
            "",
        ],
    ),
}


@pytest.mark.parametrize(("typed", "seen"), SESSIONS.values(), ids=SESSIONS.keys())
def test_a_chat(shop: Path, typed: tuple[str, ...], seen: list[str]):
    """Everything that happens is drawn, and nobody has to guess why nothing does."""
    lines = said(chat(shop, *typed))

    begins = lines.index(seen[0])
    assert lines[begins : begins + len(seen)] == seen


def test_reasons_have_the_time_of_the_business(shop: Path):
    """`/why` tells the reasons of what happened last, with their places."""
    lines = said(chat(shop, "/why", "/after 1h", "/why", "order", "/why"))

    assert lines[:3] == ["Ana › /why", "  · Nothing happened yet.", ""]
    assert lines[6:8] == ["Ana › /why", "  · Nothing came of it."]
    assert '  trigger  `order` fits: `text` has "order" (shop.yaml:22)' in lines
    assert lines[-2].endswith("leaves. The window is open until Tue 3 Mar 2026, 10:59.")


def test_what_is_known(shop: Path):
    """`/state` shows the chat as the engine sees it, and only timers that still count."""
    lines = said(chat(shop, "/ad 1203", "/tap 1", "/owner hi", "/state"))

    assert lines[lines.index("Ana › /state") + 1 :] == [
        "  clock      Mon 2 Mar 2026, 10:00",
        "  holder     owner until Mon 2 Mar 2026, 10:30 (owner message)",
        "  window     open until Tue 3 Mar 2026, 09:59",
        "  flow       `order` at `wait` (shop.yaml:36:5)",
        "  saved      item = Cake",
        "  tags       none",
        "  language   en",
        "  marketing  unknown",
        "  ad         1203, Mon 2 Mar 2026, 10:00",
        "  due        wait, Tue 3 Mar 2026, 10:00",
        "",
    ]


def test_a_burst_is_due_until_it_is_answered(shop: Path):
    """Where the bot waits for the rest of what somebody writes, it can be seen for how long."""
    (shop / "shop.yaml").write_text(SHOP.replace("language: en\n", "language: en\ngather: 5s\n", 1), "utf-8")

    lines = said(chat(shop, "order", "please", "/state", "/after 5s", "/state"))

    assert [line for line in lines if line.startswith("  due")] == ["  due        burst, Mon 2 Mar 2026, 10:00"]
    assert "  ┃ What would you like?" in lines


MISTAKES = {
    "/xyz": "There is no `/xyz`. /help shows what there is.",
    "/tpa 2": "There is no `/tpa`. Did you mean `/tap`?",
    "/save": "There is no `/save`. Did you mean `/save-as-test`?",
    "/tap": "Write which one, as in /tap 2, or its title.",
    "/tap 9": "There is no number 9 to tap: the bot's messages offer nothing.",
    "/tap Pie": "There is no `Pie` to tap; the bot's messages offer nothing.",
    "/owner": "Write what the owner says, as in /owner I'll take this one",
    "/owner /tap 2": "There is no number 2 to tap: the bot's messages offer nothing.",
    "/owner /ad 1": "The owner writes a text, or sends a file as in /owner /image cake.jpg",
    "/owner /foo": "/foo is nothing that somebody can do here.",
    "/after x": "This takes a span of time such as `90s`, `30m`, `2h` or `1d`, not `x`, as in /after 25h",
    "/at 9": "This takes a date and a time such as `2026-03-02 10:00`, or a time of day such as `09:00`, not `9`.",
    "/at 2026-03-01 10:00": "It is 2026-03-02 10:00 already, and the clock does not go back.",
    "/ad": "Write the id of the ad, as in /ad 120330000000001",
    "/late 3h": "Write how late, and what is said, as in /late 3h hello, or /late 40m /owner hello",
    "/late 3h /after 1h": "Only what the contact or the owner sends can be late.",
    "/image": "Write the name of a file, as in /image cake.jpg This one?",
    "/location here": "Write a latitude and a longitude, as in /location -23.55, -46.63",
    "/location 1..2, 3": "Write a latitude and a longitude, as in /location -23.55, -46.63",
    "/form": 'Write what is filled in, as in /form day=2026-03-07 name="Ana Lima"',
    '/form name="Ana': 'Write what is filled in, as in /form day=2026-03-07 name="Ana Lima"',
    "/form day=2026-03-07": "The bot sent no form yet that could be filled in.",
    "/fails often": "Write one of Meta's codes, as in /fails 131047 (the window is closed)",
    "/fails 131047": "The bot said nothing yet that could fail.",
    "/echo": "The bot said nothing yet that could come back.",
    "/again": "Nothing came in yet that could come in once more.",
    "/save-as-test": "Write the name of a file, as in /save-as-test transcripts/order.yaml",
    "/save-as-test x": "Nothing happened yet that could be a test.",
}


@pytest.mark.parametrize(("typed", "words"), MISTAKES.items(), ids=MISTAKES.keys())
def test_what_cannot_be_done_is_told(shop: Path, typed: str, words: str):
    """A sentence says what was expected, and the chat goes on."""
    assert said(chat(shop, typed, "//", "/state"))[:3] == [f"Ana › {typed}", f"  · {words}", ""]


def test_every_word_is_in_the_help(shop: Path):
    """Nothing has to be guessed, and no line is wider than a terminal."""
    lines = said(chat(shop, "/help"))

    assert [word for word in ALL_WORDS if not any(line.startswith(f"  {word} ") for line in lines)] == []
    assert [line for line in lines if len(line) > 80] == []


ACTS = {
    "/tap": ("order", "/tap 1"),
    "/location": ("/location 1, 2",),
    "/form": ("book", "/form day=2026-03-07"),
    "/ad": ("/ad 1203",),
    "/late": ("/late 3h order",),
    "/owner": ("/owner hi",),
    "/again": ("order", "/again"),
    "/echo": ("order", "/echo"),
    "/http": ("where", '/http {"eta": "noon"}', "where", "/http 404", "where", "/http"),
    "/fails": ("order", "/fails 131047"),
    "/after": ("order", "/after 2d"),
    "/at": ("order", "/at 09:00"),
}


@pytest.mark.parametrize("word", DOINGS)
def test_what_happened_can_be_kept_as_a_test(shop: Path, word: str):
    """A chat with any of the words is written down so that it passes."""
    typed = ACTS.get(word, (f"{word} file.x",))

    lines = said(chat(shop, *typed, "/save-as-test tests/it what happened"))

    assert lines[-2] == f'  · "what happened" is in {shop}/tests/it.yaml now, and passes.'
    again = played.tested(shop)
    assert [each.played.transcript.name for each in again.tried] == ["what happened"]
    assert again.passed


def test_nothing_is_overwritten(shop: Path):
    """A file that is there stays as it is, unless the chat is to be added."""
    kept = "# mine\ntest: mine\nchat: [silence]\n"
    (shop / "mine.yaml").write_text(kept, "utf-8")

    refused = said(chat(shop, "order", "/save-as-test mine.yaml"))
    untouched = (shop / "mine.yaml").read_text("utf-8")
    chat(shop, "order", "/save-as-test --add mine.yaml another one")

    assert refused[-2] == "  · mine.yaml is there already. To add this chat to it: /save-as-test --add mine.yaml"
    assert untouched == kept
    assert (shop / "mine.yaml").read_text("utf-8").startswith(f'{kept}---\ntest: "another one"\n')
    assert [each.played.transcript.name for each in played.tested(shop).tried] == ["mine", "another one"]
    assert played.tested(shop).passed


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("../x", "`baton test` reads only what is in {shop}, and ../x is not."),
        ("/x", "`baton test` reads only what is in {shop}, and /x is not."),
        (".x/y", "`baton test` reads no hidden files, and .x/y is one."),
        ("shop.yaml/x", "shop.yaml/x cannot be written:"),
    ],
)
def test_a_test_is_written_where_it_is_found(shop: Path, file: str, words: str):
    """What `baton test` would not read is not written."""
    lines = said(chat(shop, "order", f"/save-as-test {file}"))

    assert lines[-2].startswith(f"  · {words.format(shop=shop)}")
    assert sorted(path.name for path in shop.rglob("*")) == ["shop.yaml"]


BEGINNINGS = {
    "a name": (("--name", "Zoë"), "You are Zoë (+55 11 98765-4321)."),
    "no name": (("--name", ""), "You are somebody without a name (+55 11 98765-4321)."),
    "a user id": (("--phone", "BR.1502576394655843"), "You are Ana (BR.1502576394655843)."),
}


@pytest.mark.parametrize(("options", "words"), BEGINNINGS.values(), ids=BEGINNINGS.keys())
def test_who_chats(shop: Path, options: tuple[str, ...], words: str):
    """The contact may be anybody, and the test that is kept is theirs."""
    result = chat(shop, "order", "/save-as-test it", options=options)

    assert words in result.stdout
    assert played.tested(shop).passed


def test_in_which_language_the_bot_speaks(shop: Path):
    """It is told where it is not the business's own: that of the contact's country."""
    file = shop / "shop.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("language: en\n", "language: en\nlanguages: [en, pt_BR]\n", 1), "utf-8")

    here, elsewhere = chat(shop).stdout, chat(shop, options=("--phone", "+1 212 555 0123")).stdout

    assert "The bot speaks pt_BR with you, for your country; --phone makes you somebody else." in here
    assert "The bot speaks" not in elsewhere


def test_another_number(shop: Path):
    """A business with several numbers can be written to at any."""
    result = chat(shop, "order", "/save-as-test it", options=("--number", "106540352242923"))

    assert result.exit_code == 0
    assert 'number: "106540352242923"' in (shop / "it.yaml").read_text("utf-8")
    assert played.tested(shop).passed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--phone", "me"), "This takes a number with its country code"),
        (("--number", "1"), "The numbers of this business are 106540352242922, 106540352242923."),
        (("--at", "noon"), "This takes a date and a time such as `2026-03-02 10:00`, not `noon`."),
    ],
)
def test_a_beginning_that_makes_no_sense(shop: Path, options: tuple[str, ...], words: str):
    """It is told in a sentence, with 2."""
    result = chat(shop, options=options)

    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_broken_folder_has_to_be_mended_first(shop: Path):
    """There is nothing to talk with."""
    (shop / "shop.yaml").write_text(SHOP.replace("steps:", "stepps:", 1), "utf-8")

    result = chat(shop)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Did you mean `steps`?" in result.stderr
    assert result.stderr.endswith("Mend 1 problem first.\n")


def test_the_bakery_can_be_talked_with(tmp_path: Path):
    """The example leads through an order, and the whole of it can be kept."""
    folder = tmp_path / "bakery"
    shutil.copytree(BAKERY, folder, ignore=shutil.ignore_patterns("transcripts"))
    typed = ("order", "/tap 1", "/owner mine", "2", "/after 31m", "2", "2026-03-14", "/after 25h", "/save-as-test all")

    lines = said(chat(folder, *typed))

    assert "  ┃ Thank you! 2 × cake for Mar 14, 2026, R$80.00 in all. Pay when you pick it up." in lines
    assert played.tested(folder).passed
