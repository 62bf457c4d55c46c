"""What does business.yaml say?"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from msgspec import Struct

from flows.digression import Digressions, faults_of, wordless
from flows.hours import Day, OpeningHours, read_hours
from flows.languages import Language
from flows.nodes import Node, Scalar
from flows.numbers import PhoneNumber, number_faults
from flows.reader import By, Reader, listed, nearest, of_text, one_or_many, shortened
from flows.spans import Duration, DurationOrNone
from flows.step import Fault, Steps
from flows.templates import APPROVED, Item, Named
from flows.text import Text
from rules.source import Mistake, Mistakes, Severity
from rules.words import fold

NEVER = "never"
MOST_UNMATCHED = 20
MOST_PUT_OFF = timedelta(minutes=5)


def zone(text: str) -> str:
    """Check the name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"No time zone is called `{shortened(text)}`"
        hint = nearest(text, available_timezones()) or "As in `America/Sao_Paulo`"
        raise Mistakes(Mistake(1, 1, "timezone", message, hint)) from None
    return text


def _pause(reader: Reader, node: Node, name: str) -> timedelta | None:
    if isinstance(node, Scalar) and node.text == NEVER:
        return None
    found: timedelta = reader.read(node, Duration, name)
    return found


def _hours(reader: Reader, node: Node, name: str) -> OpeningHours:
    return read_hours(reader, node, name, reader.zone)


Pause = Annotated[timedelta | None, By(_pause, Literal["never"] | Duration)]


class NobodyCame(Struct, frozen=True):
    """What is done when the owner does not come after a handoff.

    - `after`: how long no message of the owner comes after a handoff.
    - `steps`: the steps that are done then; the bot holds the chat again.
    """

    after: Duration
    steps: Steps


class PhoneWords(Struct, frozen=True):
    """What the owner writes in the app to stop the bot in a chat, or to let it go on.

    - `stop`: the word that silences the bot in a chat until it is handed back; `#stop` unless told.
    - `resume`: the word that hands the chat back to the bot; `#bot` unless told.
    """

    stop: str = "#stop"
    resume: str = "#bot"


class Sharing(Struct, frozen=True, kw_only=True, rename=lambda name: name.rstrip("_")):
    """How the owner and the bot share a chat; a pause is nothing for `never`.

    - `pause`: how long the bot is silent after each message of the owner, or `never` to hand back only by word; 30m
      unless told.
    - `asked`: the same in a chat that a flow handed off; 12h unless told.
    - `nobody_came`: what is done when the owner does not come after a handoff.
    - `words`: what the owner writes in the app to stop the bot, or to let it go on.
    - `ignore`: the app's own greeting and away texts, which are no message of the owner.
    - `resume`: what becomes of the run when the chat is handed back: `continue` (unless told), `restart` or `end`.
    - `yield`: how long the bot holds its first answer back where the owner was near a moment ago; `0s` unless told.
    """

    pause: Pause = timedelta(minutes=30)
    asked: Pause = timedelta(hours=12)
    nobody_came: NobodyCame | None = None
    words: PhoneWords = PhoneWords()
    ignore: Annotated[tuple[str, ...], one_or_many(str)] = ()
    resume: Literal["continue", "restart", "end"] = "continue"
    yield_: DurationOrNone = timedelta(0)


class Wishes(Struct, frozen=True):
    """Words of a contact, and the answer to them.

    - `words`: the words, each a whole message.
    - `reply`: what is answered.
    """

    words: Annotated[tuple[str, ...], one_or_many(str)]
    reply: Text | None = None


class Fallback(Struct, frozen=True):
    """The template that leaves when the window is closed and the step names none.

    - `template`: the name of a template without parameters.
    - `language`: its language; the contact's unless told, else one of the same tongue, else the business's.
    """

    template: Named
    language: str | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """The template in each language in which it may leave, the business's own first."""
        known = self.template.languages
        return (known[self.language],) if self.language else tuple(known.values())


class Otherwise(Struct, frozen=True):
    """What is done when nothing matched, and after how many times in a row the owner is asked.

    - `steps`: the steps that are done; they cannot wait.
    - `handoff_after`: after so many times in a row the owner is asked to come.
    """

    steps: Steps = Steps()
    handoff_after: int | None = None


class BusinessDocument(Struct, frozen=True, kw_only=True, dict=True):
    """A `business:` document: who answers, on which numbers, and how the owner and the bot share the chats.

    - `business`: the name of the business, as it is shown to its people.
    - `id`: tells it apart from other businesses in the same store; made of the name unless told.
    - `timezone`: the zone of its clocks, in which all times and days are meant.
    - `language`: the language of texts that do not say which they are in.
    - `languages`: all languages that are spoken here; a contact is greeted in that of their country.
    - `numbers`: the WhatsApp numbers it answers on.
    - `hours`: when it is open, by day: `mon-fri: [09:00-12:00, 13:00-18:00]`, and `closed` for dates without any.
    - `handoff`: how the owner and the bot share a chat.
    - `opt_out`: the words by which a contact wants no more offers.
    - `opt_in`: the words by which a contact wants offers again.
    - `fallback`: the template that leaves when the window is closed and the step names none.
    - `answer_within`: messages that are older than this when they arrive are kept, not answered; 12h unless told.
    - `gather`: wait this long for the rest of what somebody writes in several messages; `0s` unless told.
    - `digressions`: what a contact may ask for at any time, whatever is going on, by a name for each.
    - `otherwise`: what is said when nothing matched.
    """

    business: str
    id: str = ""
    timezone: Annotated[str, of_text(zone, "a time zone such as `America/Sao_Paulo`")]
    language: Language
    languages: Annotated[tuple[str, ...], one_or_many(Language)] = ()
    numbers: tuple[PhoneNumber, ...] = ()
    hours: Annotated[OpeningHours, By(_hours, dict[Day, str | tuple[str, ...]])] | None = None
    handoff: Sharing = Sharing()
    opt_out: Wishes | None = None
    opt_in: Wishes | None = None
    fallback: Fallback | None = None
    answer_within: Duration = timedelta(hours=12)
    gather: DurationOrNone = timedelta(0)
    digressions: Digressions = {}
    otherwise: Otherwise | None = None
    place: str = ""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of its clocks."""
        return ZoneInfo(self.timezone)

    @cached_property
    def slug(self) -> str:
        """The id that separates businesses in one store."""
        return self.id or "-".join(re.findall(r"[a-z0-9]+", fold(self.business))) or "business"

    def faults(self) -> Iterator[Fault]:
        """Find what does not go together."""
        for path, span in ((("gather",), self.gather), (("handoff", "yield"), self.handoff.yield_)):
            if span > MOST_PUT_OFF:
                message = (
                    f"`{path[-1]}` is at most {MOST_PUT_OFF.seconds // 60} minutes, since the contact waits meanwhile"
                )
                yield Fault(path, "put-off", message, f"Write `{MOST_PUT_OFF.seconds // 60}m` or less")
        if not self.numbers:
            hint = 'As in `numbers: [{id: "…", phone: "+55 11 91234-5678", waba: "…"}]`'
            yield Fault(("numbers",), "numbers", "`business` needs at least one number under `numbers`", hint)
        if self.languages and self.language not in self.languages:
            message = f"`languages` are all that are spoken here, and `{self.language}` is missing"
            yield Fault(("languages",), "language", message, f"Add `{self.language}` to them")
        yield from number_faults(self.numbers)
        yield from self._fallback_faults()
        yield from self._digression_faults()
        yield from self._word_faults()
        limit = self.otherwise.handoff_after if self.otherwise else None
        if limit is not None and not 1 <= limit <= MOST_UNMATCHED:
            message = f"`handoff_after` is a number from 1 to {MOST_UNMATCHED}"
            yield Fault(("otherwise", "handoff_after"), "handoff-after", message, "Write `3`, or leave it out")

    def _digression_faults(self) -> Iterator[Fault]:
        yield from faults_of(self.digressions)
        for name, each in self.digressions.items():
            if each and each.language and each.language not in (*self.languages, self.language):
                hint = nearest(each.language, self.languages) or "List it under `languages`"
                yield Fault(
                    ("digressions", name, "language"), "language", f"`{each.language}` is not spoken here", hint
                )
            if each is None:
                hint = "Write `off` in a flow, for that flow, or leave it out here"
                yield Fault(("digressions", name), "digression", f"`{name}` is off, and nothing could turn it on", hint)

    def _word_faults(self) -> Iterator[Fault]:
        for name, wishes in (("opt_out", self.opt_out), ("opt_in", self.opt_in)):
            if wishes and not wishes.words:
                yield Fault((name, "words"), "no-word", f"`{name}` needs at least one word", "As in `words: [stop]`")
            yield from wordless((name, "words"), wishes.words if wishes else ())
        yield from wordless(("handoff", "ignore"), self.handoff.ignore)
        owner = self.handoff.words
        for name, word, usual in (("stop", owner.stop, "#stop"), ("resume", owner.resume, "#bot")):
            if not word.strip():
                yield Fault(("handoff", "words", name), "empty-text", f"`{name}` needs a word", f"Such as `{usual}`")

    def _fallback_faults(self) -> Iterator[Fault]:
        if self.fallback is None:
            return
        known, language = self.fallback.template.languages, self.fallback.language
        if language is not None and language not in known:
            message = f"`{self.fallback.template.name}` has no language `{language}`"
            yield Fault(
                ("fallback", "language"),
                "template-language",
                message,
                nearest(language, known) or f"It has {listed(known)}",
            )
            return
        for item in self.fallback.items:
            where = ("fallback", "template")
            if item.parameters or item.wants:
                message = f"`{item.name}` in `{item.language}` needs values, and a `fallback` has none to give"
                yield Fault(where, "template-params", message, "Use a template without parameters")
            if item.status != APPROVED:
                message = f"`{item.name}` in `{item.language}` is not approved: Meta says `{item.status}`"
                yield Fault(where, "template-status", message, severity=Severity.WARNING)
