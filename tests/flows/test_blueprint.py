"""Does every blueprint give a business that works, in each of its languages and whatever is answered?"""

from pathlib import Path

import pytest

import flows
from flows.blueprint import Blueprint, blueprints, fault, fill, quoted
from flows.compile import ruleset
from flows.coverage import measure
from flows.document import parse
from flows.finds import look_up
from flows.lint import lint, unsilenced
from flows.load import load_files, read_folder
from flows.transcript import play
from flows.transcript_file import transcripts

KNOWN = blueprints(read_folder(Path(flows.__file__).parent / "blueprints")[0])
SPOKEN = [("en", ""), ("pt_BR", ""), ("es", ""), ("en", "pt_BR, es"), ("pt_BR", "en,es"), ("es", "pt-BR,en")]
HOSTILE = 'Ünï "q" \\ \'s: # {{ x }} {% y %} {# z #} 🍰\n- new [[business]] *b* &a !t @ {'


def answers_to(blueprint: Blueprint, own: str, others: str, text: str | None = None) -> dict[str, str]:
    """Answer as suggested, or every text with the same one."""
    suggested = {each.name: blueprint.default(each, own) or "Sunrise" for each in blueprint.inputs}
    texts = {each.name: text for each in blueprint.inputs if text is not None and each.kind == "text"}
    return suggested | texts | {"language": own, "languages": others}


def test_the_blueprints_that_there_are():
    """An empty list would pass everything below."""
    assert set(KNOWN) == {"ad", "booking", "faq", "lead", "order_status", "out_of_hours", "reactivation"}
    assert {each.languages for each in KNOWN.values()} == {("en", "es", "pt_BR")}


@pytest.mark.parametrize("text", [None, HOSTILE], ids=["as suggested", "hostile"])
@pytest.mark.parametrize(("own", "others"), SPOKEN)
@pytest.mark.parametrize("name", KNOWN)
def test_a_blueprint_is_in_order(name: str, own: str, others: str, text: str | None):
    """It checks clean without a single hint, its tests pass, and together they come to every step and branch."""
    blueprint = KNOWN[name]
    answers = answers_to(blueprint, own, others, text)

    files = fill(blueprint, answers)

    assert [fault(blueprint, each, answers[each.name]) for each in blueprint.inputs if each.name != "languages"] == [
        None for _ in blueprint.inputs[1:]
    ]
    loaded = load_files(files)
    assert loaded.folder is not None
    read, wrong = transcripts(loaded)
    assert list(unsilenced((*loaded.problems, *wrong, *lint(loaded.folder)), files)) == []
    rules = ruleset(loaded.folder, "v1")
    played = [play(each, rules) for each in read]
    assert [each.failure for each in played if each.failure] == []
    assert [each.failure for each in look_up(loaded.folder.faqs, rules.questions) if each.failure] == []
    assert measure(rules, frozenset().union(*(each.seen for each in played))).gaps == ()
    assert loaded.folder.business.business == answers["business"].strip()
    assert loaded.folder.business.language == own


@pytest.mark.parametrize("name", KNOWN)
def test_contacts_are_answered_in_each_language(name: str):
    """Texts differ between languages, and the tests of each language are there."""
    english, spanish = (fill(KNOWN[name], answers_to(KNOWN[name], own, "")) for own in ("en", "es"))
    both = fill(KNOWN[name], answers_to(KNOWN[name], "en", "es"))

    assert english["business.yaml"] != spanish["business.yaml"]
    assert set(both) - set(english) >= {"es.yaml", "tests/person.en.yaml", "tests/person.es.yaml"}


def test_what_a_text_suggests_is_translated():
    """A suggested answer that is kept is not left in one language."""
    files = fill(KNOWN["faq"], answers_to(KNOWN["faq"], "en", "es"))

    assert '"Our prices start at 40.": "Nuestros precios empiezan en 40."' in files["es.yaml"]


@pytest.mark.parametrize("text", [HOSTILE, "null", "~", "on", "007", "\x85\u2028\u200b\ufeff\x7f", "\t\r\n ", "\\x41"])
def test_a_quoted_text_is_read_as_it_was(text: str):
    """Whatever it holds."""
    read = parse(f"text: {quoted(text)}").documents[0].root.items["text"]

    assert getattr(read, "text", None) == text


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("business", " ", "This needs some text."),
        ("business", "a\x00", "A control character stands in this; leave it out."),
        ("business", "a" * 201, "This has 201 characters, and 200 are the most."),
        ("language", "english", "No language has the code `english`. As in `en` or `pt_BR`."),
        ("language", "de", "This blueprint is written in `en`, `es`, `pt_BR`, not in `de`."),
        ("languages", "es, pt", "This blueprint is written in `en`, `es`, `pt_BR`, not in `pt`. Did you mean `pt_BR`?"),
        ("timezone", "America/Sao_Paolo", "Did you mean `America/Sao_Paulo`?"),
        ("opens", "25:00", "This takes a time such as `09:00`, not `25:00`."),
        ("opens", "9", "This takes a time such as `09:00`, not `9`."),
        ("phone", "twelve", "A phone number has its country code and digits"),
        ("phone", "+27 82 123 4567", "South Africa (+27)"),
        ("phone_id", "12 34", "Meta's ids are digits only, not `12 34`"),
        ("most", "0", "This takes a whole number, 1 or more."),
        ("most", "a dozen", "`most` takes a whole number such as 3, not `a dozen`."),
    ],
)
def test_what_is_no_answer(name: str, answer: str, said: str):
    """A sentence says why."""
    (wanted,) = (each for each in KNOWN["booking"].inputs if each.name == name)

    told = fault(KNOWN["booking"], wanted, answer)

    assert told is not None
    assert said in told
