"""Which questions of the FAQ are asked twice, or lead to another answer just as well."""

import pytest

from flows.lints import duplicate_question, overlapping_questions
from flows.load import load_files

BUSINESS = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+1 202 555 0100", waba: "2", coexistence: false}]
"""
FIRST = """faq: first
answers:
  - {id: hours, questions: ["When do you open?", "opening hours"], answer: At nine}
  - {questions: ["price of a cake"], answer: Forty}
"""
HINT = "Say in both what sets them apart, or make them one"


def told(**documents):
    """Return what both rules find in a business with these documents."""
    loaded = load_files({"business.yaml": BUSINESS, **{f"{name}.yaml": text for name, text in documents.items()}})
    assert loaded.problems == ()
    assert loaded.folder is not None
    return [*duplicate_question.find(loaded.folder), *overlapping_questions.find(loaded.folder)]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ('{questions: ["price of a taxi", "closing hours"], answer: None}', []),
        (
            '{questions: ["OPENING hours!"], answer: Never}',
            [
                (
                    "b.yaml:2:24 duplicate-question: `OPENING hours!` is asked in `a.yaml` line 3, too; "
                    "this one is never reached None"
                )
            ],
        ),
        (
            '{questions: ["the hours of opening", "what hours is it open"], answer: Never}',
            [
                (
                    "b.yaml:2:48 overlapping-questions: `what hours is it open` fits the answer `hours`, too, "
                    f"by 0.99 through “opening hours” {HINT}"
                )
            ],
        ),
        (
            '{questions: ["How are the prices of cakes?"], answer: Sixty}',
            [
                (
                    "b.yaml:2:24 overlapping-questions: `How are the prices of cakes?` fits the answer "
                    f"`price of a cake`, too, by 0.95 through “price of a cake” {HINT}"
                )
            ],
        ),
    ],
)
def test_two_documents_that_answer_the_same_question_are_told(second, expected):
    """Once for each pair of answers, at the later one."""
    found = told(a=FIRST, b=f"faq: second\nanswers: [{second}]\n")

    assert [
        f"{each.file}:{each.line}:{each.column} {each.code}: {each.message} {each.hint}" for each in found
    ] == expected


def test_the_same_words_in_one_document_are_told():
    """With the line of the first, once for each."""
    doubled = FIRST.replace('"price of a cake"', '"when do you open", "When do YOU open"')

    problems = told(a=doubled)

    assert [(each.column, each.message) for each in problems] == [
        (18, "`when do you open` is asked on line 3, too; this one is never reached"),
        (38, "`When do YOU open` is asked on line 3, too; this one is never reached"),
    ]


def test_a_question_of_the_earlier_answer_may_be_the_one_that_fits_both():
    """Each of the later answer's questions is only half of the earlier's."""
    faq = """faq: x
answers:
  - {questions: ["cake price at lunch on monday"], answer: Sixty}
  - {questions: ["cake price", "lunch on monday"], answer: Forty}
"""

    problems = told(a=faq)

    assert [(each.line, each.column, each.code) for each in problems] == [(3, 18, "overlapping-questions")]


@pytest.mark.parametrize(("threshold", "count"), [("0.9", 1), ("0.99", 0)])
def test_the_threshold_of_the_answer_that_is_found_decides(threshold, count):
    """With a high one hardly anything fits anything else."""
    second = 'faq: second\nthreshold: 0.99\nanswers: [{questions: ["prices of cakes"], answer: Sixty}]\n'
    first = FIRST.replace("answers", f"threshold: {threshold}\nanswers")

    problems = told(a=first, b=second)

    assert len(problems) == count
