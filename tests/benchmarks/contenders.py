"""Who of our own finds out which conditions hold for a message?

All of them fold the text while the clock runs, once for each message.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from rules.conditions import Compiled, Facts, Index
from rules.words import fold, spaced
from tests.benchmarks.catalogue import Among, AtLeast, Fits, Lacks, Message, Rule, Test, Words


class Contender(Protocol):
    """Somebody who knows all rules, by their places."""

    name: str

    def prepare(self, message: Message) -> Any:
        """Give a message the form in which it is wanted, before the clock runs."""

    def first(self, prepared: Any) -> int | None:
        """Find the first rule that holds."""

    def all(self, prepared: Any) -> list[int]:
        """Find every rule that holds."""


class Indexed:
    """Baton, as its engine finds what starts a flow."""

    name = "Baton"

    def __init__(self, conditions: Sequence[Compiled]) -> None:
        """Build the index."""
        self._index = Index(conditions)

    def prepare(self, message: Message) -> Facts:
        """Give what Baton's conditions read."""
        return message.facts()

    def first(self, prepared: Facts) -> int | None:
        """Find the first rule that holds."""
        return self._index.first(prepared)

    def all(self, prepared: Facts) -> list[int]:
        """Find every rule that holds."""
        return self._index.all(prepared)


class Loop:
    """Baton's compiled conditions, asked one after the other."""

    name = "Baton, plain loop"

    def __init__(self, conditions: Sequence[Compiled]) -> None:
        """Take the conditions."""
        self._conditions = conditions

    def prepare(self, message: Message) -> Facts:
        """Give what Baton's conditions read."""
        return message.facts()

    def first(self, prepared: Facts) -> int | None:
        """Find the first rule that holds."""
        for place, condition in enumerate(self._conditions):
            if condition.holds(prepared):
                return place
        return None

    def all(self, prepared: Facts) -> list[int]:
        """Find every rule that holds."""
        return [place for place, condition in enumerate(self._conditions) if condition.holds(prepared)]


class Seen(Struct, frozen=True):
    """A message as the lambdas read it: `words` is folded and has a space around every word."""

    text: str
    words: str
    country: str
    kind: str
    orders: int


FIELDS = {"contact.country": "country", "message.type": "kind", "contact.orders": "orders"}


class Lambdas:
    """The same rules as a programmer would write them in Python, compiled once."""

    name = "compiled lambdas"

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Compile the rules."""
        self._patterns: list[Callable[[str], Any]] = []
        source = "[" + "".join(f"lambda m: {self._code(rule)},\n" for rule in rules) + "]"
        names = {f"fits_{place}": search for place, search in enumerate(self._patterns)}
        self._rules: list[Callable[[Seen], bool]] = eval(source, names)  # noqa: S307 - made of our own rules

    def prepare(self, message: Message) -> Message:
        """Leave it as it is."""
        return message

    def first(self, prepared: Message) -> int | None:
        """Find the first rule that holds."""
        seen = self._seen(prepared)
        for place, holds in enumerate(self._rules):
            if holds(seen):
                return place
        return None

    def all(self, prepared: Message) -> list[int]:
        """Find every rule that holds."""
        seen = self._seen(prepared)
        return [place for place, holds in enumerate(self._rules) if holds(seen)]

    @staticmethod
    def _seen(message: Message) -> Seen:
        words = spaced(fold(message.text))
        return Seen(message.text, words, message.country, message.kind, message.orders)

    def _code(self, rule: Rule) -> str:
        return " and ".join(self._test(test) for test in rule)

    def _test(self, test: Test) -> str:
        match test:
            case Words(any_of=words):
                return f"({' or '.join(f'{spaced(fold(word))!r} in m.words' for word in words)})"
            case Lacks(word=word):
                return f"{spaced(fold(word))!r} not in m.words"
            case Fits(pattern=pattern):
                self._patterns.append(re.compile(pattern, re.IGNORECASE).search)
                return f"fits_{len(self._patterns) - 1}(m.text) is not None"
            case Among(name=name, values=(value,), negated=negated):
                return f"m.{FIELDS[name]} {'!=' if negated else '=='} {value!r}"
            case Among(name=name, values=values, negated=negated):
                return f"m.{FIELDS[name]} {'not in' if negated else 'in'} {{{', '.join(map(repr, values))}}}"
            case AtLeast(name=name, bound=bound):
                return f"m.{FIELDS[name]} >= {bound}"
