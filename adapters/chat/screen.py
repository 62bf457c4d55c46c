"""How does a chat look in a terminal?

Bubbles have a bar at their left side only, so that wide characters and texts that run from right to left cannot
push a border away. Where nobody looks at a terminal nothing is wrapped: each line can be searched for.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeGuard

from msgspec import Struct
from rich.console import Console
from rich.text import Text

from adapters.chat.clock import day_and_time, time_on, with_local_times
from adapters.chat.rows import Row, rows_of
from adapters.chat.session import Happened, Replayed, Session
from adapters.paper import padded, wrapped
from engine.content import Reaction, Template, words_of
from engine.content import Text as Words
from engine.effects import Speaker
from flows.lines import Act, ClockReaches, ContactTaps, ContactWrites, OwnerWrites, TimePasses
from flows.post import Left
from flows.round import NO_AD
from flows.shown import quoted, shown, written
from rules.policy.handoff import Holder

WIDEST = 64
UNLIMITED = 1_000_000
STYLES = {"bot": "green", "notice": "green", "person": "yellow", "owner": "yellow"}
ROW_STYLES = {"text": "", "dim": "dim", "button": "cyan", "file": "italic"}
TIME = (TimePasses, ClockReaches)


class Signs(Struct, frozen=True):
    """The signs a chat is drawn with, and its prompt."""

    bar: str
    note: str
    prompt: str


FINE, PLAIN = Signs("┃", "·", "›"), Signs("|", "-", ">")


class Screen:
    """Draws what happens in a session; `out` says how wide it is, and whether it knows more than ASCII."""

    def __init__(self, out: Console, session: Session) -> None:
        """Begin with nothing drawn."""
        self._out = out
        self._session = session
        self._signs = FINE if out.encoding.lower().startswith("utf") else PLAIN
        self._width = out.width if out.is_terminal else UNLIMITED
        self._day = session.simulation.now
        self._holder = Holder.BOT

    @property
    def is_styled(self) -> bool:
        """Whether there are colours and bold letters."""
        return self._out.color_system is not None

    @property
    def prompt(self) -> str:
        """What stands before what is typed."""
        return f"{self._session.beginning.contact.name or 'contact'} {self._signs.prompt} "

    def greet(self) -> None:
        """Say with whom the chat is, who writes, and where help is."""
        who = self._session.beginning.contact
        address = who.phone or who.bsuid or ""
        self.say(f"{self._session.ruleset.business.name}, {self._clock()}", "bold")
        self.say(f"You are {who.name or 'somebody without a name'} ({address}). What you type is what you send;")
        self.say("/help shows what else can happen.")
        business = self._session.ruleset.business
        spoken = business.language_of(self._session.simulation.chat.contact)
        if spoken != business.language:
            self.say(f"The bot speaks {spoken} with you, for your country; --phone makes you somebody else.")
        self.gap()

    def gap(self) -> None:
        """Leave a line empty."""
        self._out.print()

    def say(self, words: str, style: str = "") -> None:
        """Say something that is no part of the chat."""
        for line in wrapped(self._out, words, self._width):
            self._line(line, style)

    def note(self, words: str, style: str = "dim") -> None:
        """Say something about what happens in the chat."""
        first, *rest = wrapped(self._out, words, self._width - 4)
        self._line(f"  {self._signs.note} {first}", style)
        for line in rest:
            self._line(f"    {line}", style)

    def table(self, rows: Iterable[tuple[str, str]], names: int = 0) -> None:
        """Show names with words, in two columns; the first one is `names` wide at least."""
        rows = list(rows)
        names = max(names, 0, *(len(name) for name, _ in rows))
        for name, words in rows:
            for at, line in enumerate(wrapped(self._out, words, self._width - names - 4)):
                self._line(Text.assemble("  ", (padded("" if at else name, names), "cyan"), f"  {line}"))

    def typed(self, line: str) -> None:
        """Show what was typed, where that cannot be seen."""
        self._line(Text.assemble((self.prompt, "bold"), line))

    def happened(self, it: Happened) -> None:
        """Draw what somebody did, and what came of it."""
        self._done(it.act)
        speaking = ""
        for left in it.round.left:
            speaking = self._left(left, speaking)
        self._noted(it)

    def undone(self) -> None:
        """Forget what was drawn: the session stands at another point now."""
        self._holder, self._day = self._session.simulation.holder, self._session.simulation.now

    def replayed(self, why: str, again: Replayed) -> None:
        """Draw what goes another way after files have changed."""
        before = self._session.happened[: len(self._session.happened) - len(again.changed)]
        if again.changed or again.stuck:
            self.note(f"{why} From here on the chat goes another way:".strip(), "yellow")
            self._holder = before[-1].round.holder if before else Holder.BOT
        else:
            self.note(f"{why} {'What was said so far stays as it is.' if before else 'Read again.'}".strip(), "green")
        for each in again.changed:
            if _is_as_typed(each.act):
                self.typed(words_of(each.act.content))
            self.happened(each)
        if again.stuck:
            self.note(f"Here it ends: {again.stuck}", "red")
        self.undone()

    def why(self) -> None:
        """Show why the bot did what it did last."""
        happened = self._session.happened
        lines = happened[-1].round.trace.lines if happened else ()
        if not lines:
            self.note("Nothing came of it." if happened else "Nothing happened yet.")
        self.table((each.about, self._here(each.words) + (f" ({each.place})" if each.place else "")) for each in lines)

    def _done(self, act: Act) -> None:
        who = self._session.beginning.contact.name or "The contact"
        match act:
            case OwnerWrites(content=content, late=late):
                title = f"owner {self._time(self._session.simulation.now)}{_ago(late)}"
                self._bubble("owner", rows_of(content, {}), title)
            case ContactTaps(title=title):
                self.note(f"{who} taps {quoted(title)}.")
            case ContactWrites(content=content, referral=referral, late=late) if not _is_as_typed(act):
                ad = f" after a click on the ad {referral.id}" if referral else ""
                self.note(f"{who} sends {shown(content)}{ad}{_ago(late)}.")

    def _left(self, left: Left, speaking: str) -> str:
        """Draw a message that left; its title says who speaks and when, unless that is as above."""
        if isinstance(left.content, Reaction):
            self.note(f"The bot reacts with {left.content.emoji}", STYLES["bot"])
            return ""
        who = "bot" if left.speaker is Speaker.NOTICE else str(left.speaker)
        title = f"{who} {self._time(left.at)}"
        self._day = left.at
        if isinstance(left.content, Template):
            title += f", template {left.content.name} ({left.content.language})"
        self._bubble(who, rows_of(left.content, self._session.ruleset.templates), "" if title == speaking else title)
        return title

    def _bubble(self, who: str, rows: Iterable[Row], title: str) -> None:
        self._line(f"  {title}" if title else "", "dim")
        width = min(WIDEST, self._width - 4) if self._width != UNLIMITED else UNLIMITED
        for kind, words in rows:
            for line in wrapped(self._out, words, width):
                self._line(Text.assemble("  ", (f"{self._signs.bar} ", STYLES[who]), (line, ROW_STYLES[kind])))

    def _noted(self, it: Happened) -> None:
        came = it.round
        for dropped in came.dropped:
            self.note(f"Never leaves: {shown(dropped.content)}. {self._here(dropped.why or dropped.reason)}")
        for held in came.held:
            self.note(f"Waits: {shown(held.content)}. {self._here(held.why)}")
        for report in came.reports:
            value = f", {report.value} {report.currency or ''}".rstrip() if report.value else ""
            self.note(f"Reported{' to Meta' if report.ad else ''}: {report.event}{value}{'' if report.ad else NO_AD}.")
        for alert in came.alerts:
            self.note(f"The owner is told: {alert.words}")
        if isinstance(it.act, TIME):
            self.note(f"It is {self._clock()}.")
        self._who_holds(it)

    def _who_holds(self, it: Happened) -> None:
        changed = it.round.holder is not self._holder
        self._holder = it.round.holder
        if changed:
            self.note(self._held(), "yellow" if self._holder is Holder.OWNER else "green")
        elif not it.round.left and not isinstance(it.act, TIME):
            self.note(f"Silence. {self._reason(it)}")

    def _held(self) -> str:
        if self._holder is Holder.BOT:
            return "The bot holds the chat again."
        until = self._session.simulation.chat.holding.until
        resume = self._session.ruleset.business.handoff.resume
        return f"The owner holds the chat until {self._time(until) if until else f'they write {resume}'}."

    def _reason(self, it: Happened) -> str:
        if self._holder is Holder.OWNER and not isinstance(it.act, OwnerWrites):
            return self._held()
        lines = [each for each in it.round.trace.lines if each.about != "report"]
        words = self._here(lines[-1].words) if lines else "Nothing follows from that"
        return f"{words[:1].upper()}{words[1:]}."

    def _here(self, words: str) -> str:
        return with_local_times(words, self._session.beginning.zone)

    def _clock(self) -> str:
        return day_and_time(self._session.simulation.now, self._session.beginning.zone)

    def _time(self, moment: datetime) -> str:
        return time_on(moment, self._day, self._session.beginning.zone)

    def _line(self, line: str | Text, style: str = "") -> None:
        text = Text(line, style) if isinstance(line, str) else line
        self._out.print(text, soft_wrap=True)


def _is_as_typed(act: Act) -> TypeGuard[ContactWrites]:
    """Tell whether an act is a plain text of the contact, which stands on the line where it was typed."""
    return isinstance(act, ContactWrites) and isinstance(act.content, Words) and act == ContactWrites(act.content)


def _ago(late: timedelta) -> str:
    return f", {written(late)} ago" if late else ""
