"""Which of many conditions hold wherever a later one does?

Comparing each with each would take minutes where there are thousands. But what implies another looks for a word of
it, or has a part that is the same; so each is filed under the rarest of those, and only what is filed under a word
or part of the one in question is compared with it.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from rules.conditions.implies import Claim, Every, Plain, Some, Sought, claim_of, implies
from rules.conditions.nodes import Condition

Sign: TypeAlias = Plain | tuple[str, str]
"""A part, or a word that is looked for under a name."""


class Weaker:
    """Conditions in order."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        """File them."""
        self._claims = [claim_of(condition) for condition in conditions]
        common = Counter(sign for claim in self._claims for sign in _shown(claim))
        self._filed: defaultdict[Sign, list[int]] = defaultdict(list)
        for place, claim in enumerate(self._claims):
            for sign in _needed(claim, common):
                self._filed[sign].append(place)

    def before(self, place: int) -> Iterator[int]:
        """Find the places of earlier ones that surely hold wherever the condition at a place does, in order."""
        claim = self._claims[place]
        filed = [self._filed[sign] for sign in _shown(claim) if sign in self._filed]
        near = sorted({other for places in filed for other in places[: bisect_left(places, place)]})
        return (other for other in near if implies(claim, self._claims[other]))


def _shown(claim: Claim) -> set[Sign]:
    """List every part and word of a condition."""
    match claim:
        case Every(parts=parts) | Some(parts=parts):
            return {sign for part in parts for sign in _shown(part)}
        case Sought(name=name, phrases=phrases):
            return {(name, word) for phrase in phrases for word in phrase.split()}
        case Plain():
            return {claim}


def _needed(claim: Claim, common: Counter[Sign]) -> set[Sign]:
    """List signs of which whatever implies this condition shows at least one, as rare ones as can be."""
    match claim:
        case Every(parts=parts):
            found = [_needed(part, common) for part in parts]
            return min(found, key=lambda signs: sum(common[sign] for sign in signs))
        case Some(parts=parts):
            return {sign for part in parts for sign in _needed(part, common)}
        case Sought(name=name, phrases=phrases):
            return {min(((name, word) for word in phrase.split()), key=common.__getitem__) for phrase in phrases}
        case Plain():
            return {claim}
