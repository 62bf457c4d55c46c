"""Compiled flows of a business: which one starts on which event, and how the business wants to be run."""

from collections.abc import Iterator, Mapping
from datetime import timedelta, tzinfo
from typing import Any, Literal

from msgspec import Struct

from engine.chat import Contact, Number, Run
from engine.content import Template
from engine.identity import Ids
from engine.step import Hours, Step
from engine.triggers import Triggers
from rules.conditions import Compiled
from rules.policy import countries
from rules.policy.restrictions import DEFAULT, Restrictions
from rules.questions import Questions
from rules.tongues import fitting

OnPublish = Literal["stay", "move", "restart"]
OTHERWISE, NOBODY_CAME, OPT_OUT, OPT_IN = "otherwise", "nobody_came", "opt_out", "opt_in"


class Jump(Struct, frozen=True):
    """Where a step leads to; `waiting` means: stand there and go on waiting for the same answer."""

    at: str
    waiting: bool = False


class Node(Struct, frozen=True):
    """A step in its place: what follows it, and where its branches begin. `id` is the author's."""

    step: Step
    next: Jump | None = None
    branches: Mapping[str, str] = {}
    id: str | None = None
    place: str = ""

    @property
    def after(self) -> str | None:
        """The step that follows it, whatever it waits for."""
        return self.next.at if self.next else None


class Digression(Struct, frozen=True, kw_only=True):
    """What a contact may ask for at any time: by a condition, or words that are the whole message.

    It goes to a flow for good, or says an aside; `language` becomes the contact's.
    """

    name: str
    words: frozenset[tuple[str, ...]] = frozenset()
    when: Compiled | None = None
    run: str | None = None
    aside: "Flow | None" = None
    language: str | None = None


class Flow(Struct, frozen=True, kw_only=True):
    """A flow as a graph of steps by address; `names` finds the address of a step's id.

    Addresses are made of the way to the step (`3.then.0`), so they are stable within a version.
    `digressions` take the place of those of the business, and nothing switches one off.
    `on_publish` tells what becomes of people in it when it changes; `digest` is the same as long as it does not,
    and empty for a flow that was never published.
    """

    id: str
    version: str
    nodes: Mapping[str, Node]
    first: str | None
    names: Mapping[str, str] = {}
    overlap: Literal["ignore", "restart", "queue"] = "ignore"
    digressions: Mapping[str, Digression | None] = {}
    on_publish: OnPublish = "stay"
    digest: str = ""


class Handoff(Struct, frozen=True, kw_only=True):
    """How the owner and the bot share a chat; `pause` is nothing for `never`."""

    pause: timedelta | None = timedelta(minutes=30)
    asked: timedelta | None = timedelta(hours=12)
    nobody_came: timedelta | None = None
    stop: str = "#stop"
    resume: str = "#bot"
    ignore: tuple[str, ...] = ()
    after: Literal["continue", "restart", "end"] = "continue"
    yields: timedelta = timedelta()


class Words(Struct, frozen=True):
    """Words a contact says to opt out or in; `reply` names the aside that answers them."""

    words: tuple[str, ...] = ()
    reply: str | None = None


class Business(Struct, frozen=True, kw_only=True):
    """What business.yaml says, ready to use; `languages` are those to begin with, by the contact's country.

    `fallback` is a template in each of its languages, the business's own first.
    """

    id: str
    name: str
    zone: tzinfo
    language: str
    languages: Mapping[str, str] = {}
    numbers: Mapping[str, Number]
    hours: Hours | None = None
    handoff: Handoff = Handoff()
    opt_out: Words = Words()
    opt_in: Words = Words()
    fallback: Mapping[str, Template] = {}
    answer_within: timedelta = timedelta(hours=12)
    gather: timedelta = timedelta()
    handoff_after: int | None = None

    def is_own(self, ids: Ids) -> bool:
        """Tell whether somebody is one of the business's own numbers, however Meta spells it."""
        own = {number.phone for number in self.numbers.values()}
        return any(not own.isdisjoint(countries.spellings(phone)) for phone in ids.phones)

    def language_of(self, contact: Contact) -> str:
        """Return the language to speak: what the contact chose, else what goes with their country, else our own."""
        if contact.language is not None:
            return contact.language
        if not self.languages:
            return self.language
        country = countries.country_of(contact.ids.phones, contact.ids.bsuids)
        return self.languages.get(country or "", self.language)

    def fallback_of(self, contact: Contact) -> Template | None:
        """Return the template for what names none itself, in the language that fits the contact best."""
        return fitting(self.language_of(contact), self.fallback) if self.fallback else None


class Ruleset(Struct, frozen=True, kw_only=True):
    """All that is live for a business, and flows of older versions that people are still in.

    `asides` are steps without a wait that are no flow: `otherwise`, `nobody_came`, `opt_out`, `opt_in` and the
    FAQ's answers; `answers` tells what an FAQ answer does: say an aside, or start a flow.
    """

    version: str
    business: Business
    flows: Mapping[str, Flow]
    triggers: Triggers = Triggers()
    asides: Mapping[str, Flow] = {}
    questions: Questions
    lists: Restrictions = DEFAULT
    answers: Mapping[str, tuple[Literal["aside", "flow"], str]] = {}
    kept: Mapping[tuple[str, str], Flow] = {}
    templates: Mapping[tuple[str, str], Any] = {}
    digressions: Mapping[str, Digression | None] = {}
    campaigns: Mapping[str, Any] = {}

    def flow_of(self, flow: str, version: str) -> Flow | None:
        """Return a flow as it was in a version, or nothing if that version is not at hand."""
        if version == self.version:
            return self.flows.get(flow)
        return self.kept.get((version, flow))

    def digressions_in(self, run: Run | None) -> Iterator[Digression]:
        """Go through what leads away from a run: as its flows say, the innermost first, else as the business does."""
        flows = [self.flow_of(flow, run.version) for flow in run.flows] if run else []
        said = [each.digressions for each in flows if each] + [self.digressions]
        seen: set[str] = set()
        for name, digression in (item for each in said for item in each.items()):
            if name not in seen and digression is not None:
                yield digression
            seen.add(name)

    def otherwise(self, run: Run | None) -> Flow | None:
        """Return what is said when nothing fits: the flow's own, else its callers', else the business's."""
        names = (*(otherwise_of(flow) for flow in run.flows), OTHERWISE) if run else (OTHERWISE,)
        return next((self.asides[name] for name in names if name in self.asides), None)


def otherwise_of(flow: str) -> str:
    """Name the aside that a flow says in place of the business's `otherwise`."""
    return f"{flow}.{OTHERWISE}"
