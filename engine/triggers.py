"""Which trigger of a business does a message meet first?"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from engine.events import MessageReceived, Referral
from rules.conditions import Compiled, Facts, Index

ANY_AD = "any"


class Trigger(Struct, frozen=True):
    """What may start a flow: a condition, or an ad (`any`, or an ad's id)."""

    flow: str
    when: Compiled | None = None
    ad: str | None = None
    text: str = ""
    place: str = ""


class Triggers:
    """The triggers of all flows in order of precedence; the first that fits is found without asking each."""

    def __init__(self, triggers: Iterable[Trigger] = ()) -> None:
        """Prepare the search."""
        self._triggers = tuple(triggers)
        self._ads: dict[str, int] = {}
        conditions = []
        for place, trigger in enumerate(self._triggers):
            if trigger.ad is not None:
                self._ads.setdefault(trigger.ad, place)
            elif trigger.when is not None:
                conditions.append((place, trigger.when))
        self._places = [place for place, _ in conditions]
        self._index = Index([condition for _, condition in conditions])

    def __iter__(self) -> Iterator[Trigger]:
        """Go through all of them, in order."""
        return iter(self._triggers)

    def first(self, event: MessageReceived, facts: Facts) -> Trigger | None:
        """Return the first trigger that a message fits."""
        fitting = [self._ads[ad] for ad in _ads(event.referral) if ad in self._ads]
        condition = self._index.first(facts)
        if condition is not None:
            fitting.append(self._places[condition])
        return self._triggers[min(fitting)] if fitting else None


def _ads(referral: Referral | None) -> tuple[str | None, ...]:
    """Name what a trigger may call the ad that a message came from."""
    return (ANY_AD, referral.id) if referral is not None and referral.source == "ad" else ()
