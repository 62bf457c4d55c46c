"""Do `baton eval` and `baton explain` say what a condition gives and a message starts, and why?"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters.cli import main

TOP = Path(__file__).parents[2]
BAKERY = str(TOP / "examples" / "bakery")


def run(*words: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, words)


EVALS = [
    ('text has "price"', {"text": "the price?"}, True),
    ('text has "price"', {"text": "hello"}, False),
    ("qty * 1.1", {"qty": 3}, 3.3),
    ("chat.idle", {"chat": {"idle": "90m"}}, "1h30m"),
    ("contact.tags", {"contact": {"tags": ["vip"]}}, ["vip"]),
    ("contact.city", {"contact": {"city": None}}, None),
    ("contact.name is set or text has 'a' or hours.open", {}, False),
    ("contact.tags has 'vip'", {"contact": {"tags": None}}, False),
    ("now is set and days_since(now) = 0", {}, True),
    ("hour(now)", {"now": "2026-03-03T10:30:00-03:00"}, 10),
    ("text", {"text": "a\ud800b"}, "a\ufffdb"),
    ("qty > 3", {"qty": 10**400}, True),
    ("weekday(2026-03-03)", {}, "tue"),
]


@pytest.mark.parametrize(("condition", "facts", "value"), EVALS)
def test_eval(condition: str, facts: dict[str, object], value: object):
    """A condition gives its value and the reason, whether it holds or not."""
    result = run("eval", condition, "--with", json.dumps(facts), "--format", "json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["value"]) == (0, value)
    assert told["why"]


def test_eval_for_people():
    """The value comes first, then the reason."""
    result = run("eval", "qty > 2", "--with", '{"qty": 3}')

    assert result.stdout.splitlines()[0] == "true"
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize("form", ["text", "json"])
def test_eval_of_a_mistake(form: str):
    """A condition that makes no sense is told with its place, and 1."""
    result = run("eval", 'txt = "a"', "--with", '{"text": "a"}', "--format", form)

    assert result.exit_code == 1
    assert "Did you mean `text`?" in result.stdout


@pytest.mark.parametrize(
    "facts", ["{", "[1]", '{"a":' * 90_000 + "1" + "}" * 90_000, "NaN", '{"a": 1e99999999999999999999}']
)
def test_eval_of_no_json(facts: str):
    """What is no JSON object is told in a sentence, with 2."""
    result = run("eval", "true", "--with", facts)

    assert result.exit_code == 2
    assert any(words in result.stderr for words in ("JSON", "names with values", "nested too deep"))


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "condition", ["", "(" * 4_000, "not " * 5_000, "\x00", "a\ud800", "'\ud800' = \ud800", "a\r\nb", "a\u2028 b"]
)
def test_eval_of_anything(condition: str, form: str):
    """Whatever is typed ends in problems and 1, never in a traceback."""
    result = run("eval", condition, "--format", form)

    assert (result.exit_code, result.exception) == (1, None) or isinstance(result.exception, SystemExit)
    assert result.stdout


def explained(*words: str) -> Any:
    """Explain a message to the bakery, on a Monday morning, for programs."""
    result = run("explain", BAKERY, *words, "--at", "2026-03-02 10:00", "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_explain_of_a_message_that_starts_a_flow():
    """What the bot would say, why, and which triggers fit, in their order."""
    told = explained("Quero encomendar, and talk to a person")

    assert told["says"][0] == '"Hi Ana! Let us get your order down."'
    assert told["trace"][0]["words"] == '`order` fits: `text` has "encomendar"'
    assert [each["flow"] for each in told["triggers"] if each["fits"]] == ["order", "person"]


def test_explain_of_a_message_that_nearly_starts_a_flow():
    """The nearest trigger stands first, with the words that are missing."""
    told = explained("I want to oder a cake")

    nearest = told["triggers"][0]
    assert (nearest["flow"], nearest["fits"]) == ("order", False)
    assert "(only “oder”)" in nearest["why"]
    assert told["question"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("hello", "--ad", "77"), "from_ad (flows/spring.yaml:25): the message comes from the ad `77`\n"),
        (("hello", "--ad", "77"), "spring_cakes (flows/spring.yaml:6): the message comes from the ad `77`, not `"),
        (("hello",), "from_ad (flows/spring.yaml:25): the message does not come from an ad"),
        (("parar",), "consent: opts out of marketing"),
        (("When do you open?",), "FAQ: "),
        (("order", "--name", "Bob"), 'The bot says "Hi Bob! Let us get your order down."'),
        (("",), "The bot says"),
    ],
)
def test_explain_for_people(words: tuple[str, ...], told: str):
    """What the bot says comes first, then the reasons, then every trigger."""
    result = run("explain", BAKERY, *words, "--at", "2026-03-02 10:00")

    assert result.exit_code == 0
    assert told in result.stdout


def test_explain_names_the_questions_that_come_near():
    """The author sees which wording is missing, or that the threshold is in the way."""
    told = run("explain", BAKERY, "is the cake expensive").stdout

    assert "FAQ: no question fits.\n  nearly, by 0.4" in told


def test_explain_waits_for_the_rest_of_a_burst():
    """A business that gathers what is written in a row says something, too."""
    told = run("explain", str(TOP / "examples" / "clinic"), "quiero una cita", "--at", "2026-03-02 10:00").stdout

    assert told.startswith('The bot says "¿A nombre de quién?"')


def test_explain_shows_the_nearest_triggers_only(tmp_path: Path):
    """Thousands of triggers would hide the one that was meant."""
    triggers = "".join(f'  - when: text has all ("cake", "size{at}")\n' for at in range(30))
    business = (TOP / "examples" / "bakery" / "business.yaml").read_text("utf-8").split("\n")[:9]
    (tmp_path / "a.yaml").write_text(f"flow: a\nstart:\n{triggers}steps: [end]\n", "utf-8")
    (tmp_path / "business.yaml").write_text("\n".join(business), "utf-8")

    few = run("explain", str(tmp_path), "a cake of size29")
    every = run("explain", str(tmp_path), "cake of size 29", "--all")

    assert "These fit" in few.stdout
    assert few.stdout.count("does not have") == 10
    assert "… and 19 more: see `--all`" in few.stdout
    assert every.stdout.count("does not have") == 30


def test_explain_of_a_number_that_is_not_there():
    """The known ones are named."""
    result = run("explain", BAKERY, "hi", "--number", "1")

    assert result.exit_code == 2
    assert "The numbers of this business are" in result.stderr
