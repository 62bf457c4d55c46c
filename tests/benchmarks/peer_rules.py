"""How is a rule written in the languages of other engines, and a message for them?"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from rules.words import fold, spaced
from tests.benchmarks.catalogue import Among, AtLeast, Fits, Message, Rule, Test, Words
from tests.benchmarks.contenders import FIELDS

ANY_CASE = "(?i)"


def facts(message: Message) -> Mapping[str, Any]:
    """Give what a peer's rules read: `words` is the folded text with a space around every word."""
    return {
        "text": message.text,
        "words": whole(message.text),
        "country": message.country,
        "kind": message.kind,
        "orders": message.orders,
    }


def whole(word: str) -> str:
    """Write a word or phrase so that it is found in `words` only where it stands whole."""
    return spaced(fold(word))


def cel(rule: Rule) -> str:
    """Write a rule in the Common Expression Language."""
    return joined(
        rule, " && ", partial(infix, has="words.contains({word})", fits="text.matches({pattern})", either=" || ")
    )


def decision_table(policy: str, rows: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
    """Make a graph of zen-engine's that is a single table."""
    table = {
        "hitPolicy": policy,
        "inputs": [{"id": "when", "name": "when", "type": "expression"}],
        "outputs": [{"id": "then", "name": "then", "field": "rule", "type": "expression"}],
        "rules": rows,
    }
    place = {"x": 0, "y": 0}
    return {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": table},
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "to", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "from", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


def joined(rule: Rule, both: str, written: Callable[[Test], str]) -> str:
    """Write a rule as its tests with a word between them."""
    return both.join(written(test) for test in rule)


def infix(test: Test, *, has: str, fits: str, either: str) -> str:
    """Write a test in a language with operators between values."""
    match test:
        case Words(any_of=words):
            return f"({either.join(has.format(word=_quoted(whole(word))) for word in words)})"
        case Fits(pattern=pattern):
            return fits.format(pattern=_quoted(ANY_CASE + pattern))
        case Among(name=name, values=values, negated=False):
            return f"{FIELDS[name]} in [{', '.join(map(_quoted, values))}]"
        case AtLeast(name=name, bound=bound):
            return f"{FIELDS[name]} >= {bound}"
        case _:
            raise TypeError(f"No words for {test}")


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
