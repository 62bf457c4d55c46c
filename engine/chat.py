"""Everything remembered about one chat, its contact and its number."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from engine.approval import TemplateState, key, over
from engine.content import Template
from engine.events import AdClick, MessageReceived
from engine.identity import Booked, Ids
from engine.kept import Stored
from rules.policy.consent import Consent
from rules.policy.handoff import Holding
from rules.policy.pace import COEXISTENCE_PER_SECOND


class Contact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person writing to a business; known by any of `ids`, never by the phone number alone.

    `name` is how they call themselves, `book` how the phones of the business's numbers do, for people's eyes only.
    `marketing_after` is when Meta may take marketing for them again, after it held some back.
    """

    id: str
    ids: Ids = Ids()
    name: str | None = None
    username: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    attributes: dict[str, Stored] = {}
    marketing: Consent = Consent.UNKNOWN
    marketing_after: datetime | None = None
    unreachable_until: datetime | None = None
    book: dict[str, Booked] = {}


class Caller(Struct, frozen=True):
    """Where a run goes on when the flow it called is done: after the step at `at` of `flow`.

    `waits` is the run's count at the call, which tells whether it waited in between.
    """

    flow: str
    at: str
    waits: int


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One passage through a flow, and through the flows that it calls: they share its variables.

    `at` is the address of the step it stands at; `waits` counts its waits, and whatever answers a wait
    carries the count, so that a late timer or button finds out that it is late. `interrupted` means that the
    owner spoke in between: the run goes on when the contact writes and the bot holds the chat again.
    It waits for the contact (`for_answer`), for another system (`for_system`), or for a moment.
    `stack` are the callers of the flow it is in, the outermost first; `text` is what the contact wrote before it
    began to wait, which goes on being `text` where no message ends the wait.
    """

    id: str
    flow: str
    version: str
    at: str
    waiting: bool = False
    for_answer: bool = True
    for_system: bool = False
    waits: int = 0
    tries: int = 0
    variables: dict[str, Stored] = {}
    interrupted: bool = False
    stack: tuple[Caller, ...] = ()
    text: str | None = None
    started_at: datetime

    @property
    def flows(self) -> tuple[str, ...]:
        """The flows it is in, the innermost first."""
        return (self.flow, *(caller.flow for caller in reversed(self.stack)))


class OwnSend(Struct, frozen=True):
    """A message of ours in this chat; `message_id` is nothing while its answer is missing or lost."""

    row: str
    message_id: str | None
    state: Literal["sending", "sent", "doubt"]
    words: str


class Burst(Struct, frozen=True):
    """Messages that are to be answered together, and when the contact wrote before them."""

    messages: tuple[MessageReceived, ...]
    before: datetime | None = None


class Chat(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The thread of a number and a contact. All moments are in UTC."""

    number: str
    contact: Contact
    holding: Holding = Holding()
    epoch: int = 0
    run: Run | None = None
    queued_flow: str | None = None
    queued_values: dict[str, str] = {}
    written_at: datetime | None = None
    heard_at: datetime | None = None
    window_shut_at: datetime | None = None
    free_until: datetime | None = None
    owner_at: datetime | None = None
    handed_back_at: datetime | None = None
    bot_at: datetime | None = None
    first_ad: AdClick | None = None
    last_ad: AdClick | None = None
    claims: tuple[str, ...] = ()
    answers_at: tuple[datetime, ...] = ()
    loop_told: bool = False
    handoffs: int = 0
    unmatched: int = 0
    burst: Burst | None = None
    campaigns: dict[str, datetime] = {}
    own: tuple[OwnSend, ...] = ()


class Pause(Struct, frozen=True):
    """Why a number sends nothing now; without `until` somebody has to mend it."""

    reason: str
    since: datetime
    until: datetime | None = None


class Number(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A business number: what the author wrote about it, and what Meta told since.

    `throughput` is how many messages a second it may send and get. `locked` is what the published lock says of
    templates, `templates` what Meta told of them, by name and language. `reach` is how many people it may write to
    first within 24 hours, nothing while Meta did not say; `quality` is Meta's word for how people take its messages.
    `reporting` is what was the matter with its conversions lately.
    """

    id: str
    business: str
    phone: str
    waba: str
    coexistence: bool = True
    throughput: int = COEXISTENCE_PER_SECOND
    pauses: tuple[Pause, ...] = ()
    locked: dict[str, TemplateState] = {}
    templates: dict[str, TemplateState] = {}
    slow_until: datetime | None = None
    quality: str = ""
    reach: int | None = None
    reporting: tuple[Pause, ...] = ()

    def state_of(self, template: Template) -> TemplateState:
        """Return what is known of a template: what Meta told, and what the lock says of the rest."""
        return self.state_by(key(template.name, template.language))

    def state_by(self, name: str) -> TemplateState:
        """Return the same by its name with its language."""
        return over(self.locked.get(name), self.templates.get(name))
