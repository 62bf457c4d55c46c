"""Which of ten thousand conditions hold? The one door of Aho-Corasick.

From each condition is derived what has to be seen in the facts before it can hold (`needs.py`). All of that is looked
for at once, in one pass over a text, and only what could hold is evaluated; the rest, of which nothing is known, is
evaluated as in a plain loop.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from ahocorasick import Automaton

from rules.conditions import values
from rules.conditions.compile import Compiled
from rules.conditions.needs import need_of
from rules.conditions.patterns import letters
from rules.conditions.signs import SEARCHED, Form, chosen
from rules.conditions.types import Facts, Value

MOST_ENDING = 8
"""Texts looked for that may end at one place of a text: `a`, `ba`, `cba` … It bounds what a hostile text costs."""

_PREPARE: dict[Form, Callable[[Value], Any]] = {
    Form.WORDS: values.spaced,
    Form.CHARACTERS: values.folded,
    Form.LETTERS: letters,
    Form.TEXT: values.plain,
    Form.NUMBER: values.number_of,
    Form.TRUTH: values.truth_of,
    Form.ITEM: values.items,
}


class _Seen:
    """Which conditions hold, and which may, when one key is seen; by their places, in order."""

    __slots__ = ("asks", "proves")

    def __init__(self) -> None:
        self.proves: list[int] = []
        self.asks: list[int] = []


Look = Callable[[Facts], Iterable[_Seen]]


class Index:
    """Conditions in order of priority; the answers are those of a loop over all of them."""

    def __init__(self, conditions: Sequence[Compiled]) -> None:
        """Find out what to look for; nothing is evaluated yet."""
        self._conditions = tuple(conditions)
        self._always: list[int] = []
        tables: defaultdict[tuple[str, Form], defaultdict[Any, _Seen]] = defaultdict(lambda: defaultdict(_Seen))
        for place, keys in enumerate(chosen([need_of(each.condition.tree) for each in conditions])):
            if keys is None:
                self._always.append(place)
                continue
            for key, proves in keys.items():
                seen = tables[key.name, key.form][key.value]
                (seen.proves if proves else seen.asks).append(place)
        self._looks = [_look(name, form, table) for (name, form), table in tables.items()]

    def all(self, facts: Facts) -> list[int]:
        """Return the places of all conditions that hold, in order."""
        conditions, seen = self._conditions, self._seen(facts)
        always = [place for place in self._always if conditions[place].holds(facts)]
        if not seen:
            return always
        proved = set[int]().union(*[each.proves for each in seen])
        asked = _joined([each.asks for each in seen])
        held = [place for place in asked if place not in proved and conditions[place].holds(facts)]
        return sorted([*proved, *held, *always])

    def first(self, facts: Facts) -> int | None:
        """Return the place of the first condition that holds; None if none does."""
        conditions, seen = self._conditions, self._seen(facts)
        if not seen:
            return next((place for place in self._always if conditions[place].holds(facts)), None)
        end = len(conditions)
        proved = min([each.proves[0] for each in seen if each.proves], default=end)
        asked = _joined([each.asks[: bisect_left(each.asks, proved)] for each in seen if each.asks])
        found = next(self._holding(sorted(asked), proved, facts))
        return found if found < end else None

    def _holding(self, asked: Iterable[int], proved: int, facts: Facts) -> Iterator[int]:
        """Evaluate in order what was asked for, what always is in between, and end with what is proved."""
        conditions, always, passed = self._conditions, iter(self._always), 0
        for place in (*asked, proved):
            due = bisect_left(self._always, place)
            yield from (earlier for earlier in islice(always, due - passed) if conditions[earlier].holds(facts))
            passed = due
            if place == proved or conditions[place].holds(facts):
                yield place

    def _seen(self, facts: Facts) -> set[_Seen]:
        return {seen for look in self._looks for seen in look(facts)}


def _joined(places: list[list[int]]) -> Iterable[int]:
    return places[0] if len(places) == 1 else set[int]().union(*places)


def _look(name: str, form: Form, table: dict[Any, _Seen]) -> Look:
    """Make what looks for all keys of one name and form at once."""
    prepare = _PREPARE[form]
    if form in SEARCHED:
        texts = _automaton(table)

        def search(facts: Facts) -> Iterable[_Seen]:
            text = prepare(facts.get(name))
            return () if text is None else [seen for _, seen in texts.iter(text)]

        return search
    if form == Form.ITEM:
        return lambda facts: [table[item] for item in prepare(facts.get(name)) or () if item in table]
    return lambda facts: [table[value]] if (value := prepare(facts.get(name))) in table else []


def _automaton(table: dict[str, _Seen]) -> Any:
    """Build what finds texts. One with too many others at its end is not looked for: the end of it tells enough."""
    automaton, depths = Automaton(), dict[str, int]()
    for text, seen in sorted(table.items(), key=lambda item: len(item[0])):
        end = next((text[at:] for at in range(1, len(text)) if text[at:] in depths), "")
        if depths.get(end, 0) == MOST_ENDING:
            table[end].asks = sorted({*table[end].asks, *seen.proves, *seen.asks})
            continue
        depths[text] = depths.get(end, 0) + 1
        automaton.add_word(text, seen)
    automaton.make_automaton()
    return automaton
