"""What would a message start in a fresh chat, and why not something else?"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from engine import contact_writes
from engine.chat import Chat
from engine.content import Text
from engine.events import MessageReceived, Referral
from engine.facts import Facts
from engine.identity import Ids
from engine.ruleset import Ruleset
from engine.triggers import Trigger
from engine.walk import Walk
from flows.round import Round
from flows.simulation import Simulation
from rules.questions import Match


class Writer(Struct, frozen=True, kw_only=True):
    """Who writes, when, and from which ad, if any."""

    name: str
    ids: Ids
    at: datetime
    ad: str | None = None
    number: str | None = None

    @property
    def referral(self) -> Referral | None:
        """The click on the ad."""
        return Referral("ad", self.ad) if self.ad else None


class Tried(Struct, frozen=True, kw_only=True):
    """A trigger held against the message: whether it fits and why, and how near it comes if it does not."""

    flow: str
    place: str
    when: str
    fits: bool
    why: str
    nearness: float


class Explanation(Struct, frozen=True, kw_only=True):
    """What came of the message, and every trigger in the order in which they are asked.

    `question` is what the FAQ is asked with it; `near` are questions that do not fit well enough.
    """

    round: Round
    triggers: tuple[Tried, ...]
    question: Match | None
    near: tuple[Match, ...]


def explain(ruleset: Ruleset, words: str, writer: Writer) -> Explanation:
    """Let somebody write to a business that does not know them."""
    simulation = Simulation(ruleset, begins_at=writer.at, name=writer.name, ids=writer.ids, number=writer.number)
    before = simulation.chat
    happened = simulation.contact(Text(words), writer.referral)
    facts = _facts(ruleset, words, writer, before, happened.at)
    if simulation.chat.burst is not None:  # the answer waits for more of the same burst
        happened = simulation.after(ruleset.business.gather)
    question = ruleset.questions.best(words)
    return Explanation(
        round=happened,
        triggers=tuple(_tried(ruleset, facts, writer)),
        question=question,
        near=() if question else tuple(ruleset.questions.nearest(words)),
    )


def _facts(ruleset: Ruleset, words: str, writer: Writer, chat: Chat, at: datetime) -> Facts:
    """Gather what triggers are asked about: the chat as it is once the message was taken in."""
    event = MessageReceived(
        id="explained",
        at=at,
        arrived_at=at,
        content=Text(words),
        ids=writer.ids,
        name=writer.name,
        referral=writer.referral,
    )
    walk = Walk(chat, ruleset, at, event_id=event.id, message=event, last_written_at=chat.written_at)
    contact_writes.remember(walk, event)
    return walk.facts


def _tried(ruleset: Ruleset, facts: Facts, writer: Writer) -> Iterator[Tried]:
    for trigger in ruleset.triggers:
        fits, why, nearness = _asked(trigger, facts, writer.ad)
        yield Tried(flow=trigger.flow, place=trigger.place, when=trigger.text, fits=fits, why=why, nearness=nearness)


def _asked(trigger: Trigger, facts: Facts, ad: str | None) -> tuple[bool, str, float]:
    if trigger.when is not None:
        return trigger.when.holds(facts), trigger.when.why(facts), trigger.when.nearness(facts)
    if ad is None:
        return False, "the message does not come from an ad", 0.0
    fits = trigger.ad in ("any", ad)
    return fits, f"the message comes from the ad `{ad}`" + ("" if fits else f", not `{trigger.ad}`"), float(fits)
