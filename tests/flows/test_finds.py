"""Whether messages find the answers that the authors of an FAQ say they find."""

import pytest

from flows.compile import ruleset
from flows.finds import Find, look_up
from flows.load import load_files

FILES = {
    "business.yaml": """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+1 202 555 0100", waba: "2", coexistence: false}]
""",
    "faq.yaml": """faq: shop
finds_nothing: [NOTHING]
answers:
  - id: hours
    questions: ["When do you open?", "opening hours"]
    finds: HOURS
    answer: At nine
  - questions: ["price of a cake"]
    finds:
      - CAKE
    answer: Forty
""",
}


def found(nothing="blub", hours="openning hours", cake="the cake's price?"):
    """Look up messages in the shop's FAQ."""
    text = FILES["faq.yaml"].replace("NOTHING", f'"{nothing}"').replace("HOURS", f'"{hours}"').replace("CAKE", cake)
    folder = load_files({**FILES, "faq.yaml": text}).folder
    assert folder is not None
    return list(look_up(folder.faqs, ruleset(folder, "v1").questions))


def test_messages_that_find_what_they_should_pass():
    """Each is counted, with its place."""
    assert found() == [
        Find(faq="shop", file="faq.yaml", line=6, failure=None),
        Find(faq="shop", file="faq.yaml", line=10, failure=None),
        Find(faq="shop", file="faq.yaml", line=2, failure=None),
    ]


@pytest.mark.parametrize(
    ("change", "line", "failure"),
    [
        ({"hours": "blub"}, 6, "`blub` should find `hours`, and finds nothing"),
        (
            {"cake": "price of a taxi"},
            10,
            (
                "`price of a taxi` should find `price of a cake`, and finds nothing; `price of a cake` comes nearest: "
                "`price of a taxi` fits “price of a cake” by 0.53: `taxi` is not asked there; `cake` is not said"
            ),
        ),
        (
            {"hours": "price of a cake"},
            6,
            (
                "`price of a cake` should find `hours`, and finds `price of a cake`: "
                "the same words as the question “price of a cake”"
            ),
        ),
        (
            {"nothing": "openning hours"},
            2,
            (
                "`openning hours` should find nothing, and finds `hours`: "
                "`openning hours` fits “opening hours” by 0.97: `openning` read as `opening`"
            ),
        ),
    ],
)
def test_a_failure_says_what_was_found_and_why(change, line, failure):
    """Or what came nearest."""
    assert [(each.line, each.failure) for each in found(**change) if each.failure] == [(line, failure)]
