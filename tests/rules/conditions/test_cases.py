"""What do conditions come to, and what are their authors told? The cases are data: see the `.toml` files."""

import tomllib
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from rules.conditions import Condition, Type, check, compiled, facts_from
from rules.conditions.shown import shown
from rules.source import Mistakes


def load(name):
    """Read a case file that lies beside this one."""
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"), parse_float=Decimal)


CASES = load("cases.toml")
TOLD = load("mistakes.toml")
FACTS, KINDS = facts_from(CASES["facts"])
SCOPE = {**KINDS, **{name: Type(kind) for name, kind in CASES["scope"].items()}}


def through_the_store(condition):
    """Write and read a condition as a published version does."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(condition), type=Condition)


@pytest.mark.parametrize("text", CASES["true"])
def test_these_hold(text):
    """A condition that holds does so after a way through the store, and says why."""
    condition = through_the_store(check(text, SCOPE))

    assert compiled(condition).value(FACTS) is True
    assert compiled(condition).why(FACTS)


@pytest.mark.parametrize("text", CASES["false"])
def test_these_do_not_hold(text):
    """A condition that does not hold is false, and says why."""
    condition = through_the_store(check(text, SCOPE))

    assert not compiled(condition).holds(FACTS)
    assert compiled(condition).why(FACTS)


@pytest.mark.parametrize(("text", "expected"), CASES["gives"].items())
def test_these_give_a_value(text, expected):
    """An expression has a value, written as its author would."""
    condition = through_the_store(check(text, SCOPE, wants=None))

    assert shown(compiled(condition).value(FACTS)) == expected


@pytest.mark.parametrize("case", TOLD["mistakes"], ids=lambda case: case["condition"])
def test_these_are_told(case):
    """All mistakes are told, each at its place with its fix."""
    with pytest.raises(Mistakes) as raised:
        check(case["condition"], SCOPE, Type(case.get("wants", "truth")))

    told = [[f"{each.line}:{each.column}", each.code, each.message, each.hint] for each in raised.value.mistakes]
    assert told == [[*each, None][:4] for each in case["told"]]
