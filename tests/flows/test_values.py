"""Do an author's texts say the right words, in the contact's language?"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.step import Turn
from flows.document import parse
from flows.reader import Reader, UnreadableError
from flows.text import Text
from rules.conditions import Type
from rules.source import Problem

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SCOPE = {
    "contact.name": Type.TEXT,
    "contact.tags": Type.LIST,
    "qty": Type.NUMBER,
    "vip": Type.TRUTH,
    "day": Type.DATE,
    "at": Type.TIME,
    "chat.idle": Type.SPAN,
    "text": Type.TEXT,
}
FACTS = {
    "contact.name": "ana maria",
    "contact.tags": ("new", "vip"),
    "qty": Decimal("1234.50"),
    "vip": True,
    "day": date(2026, 12, 25),
    "at": time(9, 30),
    "chat.idle": timedelta(hours=26, minutes=5),
    "now": NOON,
}
SAID = [
    ("Hi {{ contact.name }}!", "en", "Hi ana maria!"),
    ("{{ contact.name | title }}", "en", "Ana Maria"),
    ("{{ contact.name | upper }}", "en", "ANA MARIA"),
    ("{{ upper(contact.name) | lower }}", "en", "ana maria"),
    ("{{ text | default('nothing') | upper }}", "en", "NOTHING"),
    ("{{ text | upper | default('nothing') }}", "en", "nothing"),
    ('{{ text | default("a | b }} c") }}', "en", "a | b }} c"),
    ("{{ text | default(\u201cthere\u201d) }}", "en", "there"),
    ("[{{ text }}]", "en", "[]"),
    ("{{ qty }} {{ qty * 2 }}", "en", "1234.50 2469.00"),
    ("{{ qty | number }}", "pt_BR", "1.234,5"),
    ("{{ qty | money('BRL') }}", "pt_BR", "R$\xa01.234,50"),
    ("{{ qty | money('BRL') }}", "en", "R$1,234.50"),
    ("{{ 1 | plural('# cake|# cakes') }}", "en", "1 cake"),
    ("{{ 0 | plural('# cake|# cakes') }}", "en", "0 cakes"),
    ("{{ 0 | plural('# bolo|# bolos') }}", "pt_BR", "0 bolo"),
    ("{{ qty | plural('# cake|# cakes') }}", "pt_BR", "1.234,5 cakes"),
    ("{{ 3 | plural('one=كعكة|two=كعكتان|few=# كعكات|other=# كعكة') }}", "ar", "3 كعكات"),
    ("{{ 100 | plural('one=كعكة|two=كعكتان|few=# كعكات|other=# كعكة') }}", "ar", "100 كعكة"),
    ("{{ 5 | plural('cakes') }}", "en", "cakes"),
    ("{{ vip }}", "en", "true"),
    ("{{ day }}", "pt_BR", "25 de dez. de 2026"),
    ("{{ day | date('short') }}", "en", "12/25/26"),
    ("{{ at }}", "pt_BR", "09:30"),
    ("{{ now | time }}", "pt_BR", "12:00"),
    ("{{ now | date('long') }}", "xx", "March 2, 2026"),
    ("{{ chat.idle }}", "en", "1d 2h 5m"),
    ("{{ contact.tags }}", "en", "new, vip"),
    ("{{ weekday(day) }}", "pt_BR", "sexta-feira"),
    ("{{ first(contact.name) | title }}", "en", "Ana"),
    ("100 % { } }} {# fine", "en", "100 % { } }} {# fine"),
]
REFUSED = [
    ("{{ ''.__class__ }}", "condition-unreadable"),
    ("{{ ''|attr('__class__') }}", "unknown-filter"),
    ("{{ '{0.__class__}'.format(text) }}", "condition-unreadable"),
    ("{{ range(10**9)|list }}", None),
    ("{{ 'a'*10**9 }}", None),
    ("{{ [0]*10**9 }}", None),
    ("{% for a in range(99999) %}{% endfor %}", "statement"),
    ("{{ 'a'|center(10**9) }}", "unknown-filter"),
    ("{{ '%1000000000d'|format(1) }}", "unknown-filter"),
    ("{{ lipsum(n=200000) }}", None),
    ("{% macro a() %}{{ a() }}{% endmacro %}", None),
    ("{% include 'x' %}", "statement"),
    ("{{ custmer.name }}", "unknown-name"),
    ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", None),
    ("Hi {{ name", "open-slot"),
    ("Hi {{ }}", "empty-slot"),
    ("{{ config }}", "unknown-name"),
    ("{{ now() }}", "unknown-function"),
    ("{{ qty | money }}", "filter"),
    ("{{ qty | plural }}", "filter"),
    ("{{ contact.name | plural('a|b') }}", "wrong-kind"),
    ("{{ qty | money('XXY') }}", "filter"),
    ("{{ contact.name | money('BRL') }}", "wrong-kind"),
    ("{{ contact.name | upper('x') }}", "filter"),
    ("{{ day | date('longish') }}", "filter"),
    ("{{ qty | numbr }}", "unknown-filter"),
]


def read(text, problems):
    """Read a text as a flow would."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    node = parse(f'a: "{quoted}"').documents[0].root.items["a"]
    return Text.read(Reader("a.yaml", problems, scope=SCOPE), node, "send")


def turn(language, facts):
    """Make a turn in which a text is said."""
    return Turn(facts=facts, now=NOON, zone=ZoneInfo("America/Sao_Paulo"), language=language, at="0")


@pytest.mark.parametrize(("text", "language", "expected"), SAID, ids=[each[0] for each in SAID])
def test_a_text_says_its_values(text, language, expected):
    """Values are written for people, what is unknown as nothing."""
    said = read(text, []).say(turn(language, FACTS))

    assert said == expected


@pytest.mark.parametrize(("text", "code"), REFUSED, ids=[each[0][:30] for each in REFUSED])
def test_what_texts_do_not_know_is_refused_at_load(text, code):
    """Only names, expressions and filters stand between the braces."""
    problems: list[Problem] = []

    with pytest.raises(UnreadableError):
        read(text, problems)

    assert problems
    assert code is None or problems[0].code == code


def test_a_problem_points_into_the_text():
    """The column is that of the name, also behind an escape."""
    problems: list[Problem] = []

    with pytest.raises(UnreadableError):
        read('Say "hi" to {{ contact.nam }}', problems)

    assert [(each.line, each.column, each.hint) for each in problems] == [(1, 22, "Did you mean `contact.name`?")]


@pytest.mark.parametrize("name", ["{{ 7*7 }}", "{% raw %}", "{{ contact.name }}", "*a* _b_"])
def test_what_a_contact_wrote_is_never_read_as_ours(name):
    """A name is inserted as it was typed."""
    said = read("Hi {{ contact.name }}!", []).say(turn("en", {"contact.name": name}))

    assert said == f"Hi {name}!"


def test_a_text_never_gets_longer_than_whatsapp_takes():
    """A name of ten thousand characters is cut."""
    said = read("Hi {{ contact.name }}", []).say(turn("en", {"contact.name": "a" * 10_000}))

    assert len(said) == 4096
    assert said.endswith("a…")


@pytest.mark.parametrize(("language", "expected"), [("pt_BR", "Oi"), ("pt-PT", "Oi"), ("en_GB", "Hi"), ("hi", "Hi")])
def test_a_text_in_several_languages_fits_the_contact(language, expected):
    """The very language, else one of the same tongue, else the business's."""
    node = parse("a: {pt_BR: Oi, en: Hi}").documents[0].root.items["a"]
    text = Text.read(Reader("a.yaml", [], scope={}, language="en"), node, "send")

    assert text.say(turn(language, {})) == expected
