"""What a `faq:` document may say."""

from textwrap import dedent

import pytest

from flows import faq
from flows.compile import pack, ruleset, unpack
from flows.faq import Phrase
from flows.load import load_files

BUSINESS = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+1 202 555 0100", waba: "2", coexistence: false}]
---
flow: order
steps: [end]
"""
EXAMPLE = dedent((faq.__doc__ or "").split("\n\n")[1])


def loaded(text):
    """Load a shop with this FAQ."""
    return load_files({"business.yaml": BUSINESS, "faq.yaml": text})


def test_the_example_is_one():
    """What the module shows can be written, and does what it says."""
    found = loaded(EXAMPLE)

    assert found.problems == ()
    assert found.folder is not None
    (document,) = found.folder.faqs
    assert document.languages == ("en", "pt")
    assert document.finds_nothing == (Phrase("how much is a taxi", "faq.yaml:4:17"),)
    assert document.answers[0].finds == (Phrase("wen do u open??", "faq.yaml:8:13"),)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("When do you open?", "faq.bakery.hours"),
        ("oi, q horas vcs abrem", "faq.bakery.hours"),
        ("the price of cakes", "faq.bakery.1"),
        ("the price of taxis", None),
    ],
)
def test_a_published_folder_finds_answers(text, answer):
    """In the languages of the business and of the document, as a worker gets them."""
    folder = loaded(EXAMPLE).folder
    assert folder is not None
    questions = ruleset(unpack(pack(folder)), "v1").questions

    found = questions.best(text)

    assert (found.answer if found else None) == answer


def test_a_threshold_is_the_documents_own():
    """One may be stricter than another."""
    strict = EXAMPLE.replace("bakery", "strict").replace("0.8", "1").replace("cake", "pie")
    folder = loaded(f"{EXAMPLE}\n---\n{strict}").folder
    assert folder is not None
    questions = ruleset(folder, "v1").questions

    found = questions.best("price of a chocolate cake")

    assert found is not None
    assert found.answer == "faq.bakery.1"
    assert questions.best("price of a chocolate pie") is None


def test_an_answer_is_called_by_its_id_or_first_question():
    """As its author thinks of it."""
    folder = loaded(EXAMPLE).folder
    assert folder is not None

    assert [each.title for each in folder.faqs[0].answers] == ["hours", "price of a cake"]


def test_a_language_that_does_not_exist_is_told():
    """At its place."""
    problems = loaded(EXAMPLE.replace("[en, pt]", "[en, portugese]")).problems

    assert [(each.line, each.column, each.message) for each in problems] == [
        (3, 17, "No language has the code `portugese`")
    ]
