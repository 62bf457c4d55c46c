"""How does an author talk with the bot in a terminal?"""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TextIO

from rich.console import Console, ConsoleRenderable, Group
from rich.panel import Panel
from rich.text import Text as Styled

from engine.content import Buttons, Choices, Link, Media, Outgoing, Template, Text, words_of
from engine.effects import Speaker
from engine.events import Referral
from engine.identity import ids_from
from engine.kept import value_of
from engine.ruleset import Ruleset
from flows.post import Left
from flows.round import Round
from flows.shown import shown, written
from flows.simulation import Simulation
from flows.spans import span
from flows.verbs import PREFILLED
from flows.world import CannotHappenError
from rules.policy import window
from rules.policy.handoff import Holder, holder_at
from rules.source import Mistakes

HELP = """What you type is what the contact writes. What else can happen:
/tap 2          tap the second button or row that is offered (or write its title)
/owner TEXT     the owner writes from the phone
/after 25h      time passes
/ad ID TEXT     the contact comes from an ad
/why            why the bot did what it did just now
/state          who holds the chat, the window, where the flow stands
/help           this
/quit           the end"""
PROMPT = "contact> "
WIDEST = 60
CLOCK = "%a %Y-%m-%d %H:%M"


def talk(ruleset: Ruleset, *, begins_at: datetime, name: str, phone: str, number: str | None) -> None:
    """Read what the contact writes, line by line, until the input ends."""
    simulation = Simulation(ruleset, begins_at=begins_at, name=name, ids=ids_from([phone]), number=number)
    terminal = Terminal(simulation, ruleset, Console(highlight=False))
    terminal.greet()
    for line in terminal.lines(sys.stdin):
        if not terminal.take(line.strip()):
            return


class Terminal:
    """Draws a chat, and does what is typed."""

    def __init__(self, simulation: Simulation, ruleset: Ruleset, console: Console) -> None:
        """Begin with an empty chat."""
        self._simulation = simulation
        self._ruleset = ruleset
        self._console = console
        self._round = Round(at=simulation.now)

    def greet(self) -> None:
        """Say with whom the chat is, and where help is."""
        self._say(f"A chat with {self._ruleset.business.name}. /help says what you can do here.")

    def lines(self, source: TextIO) -> Iterator[str]:
        """Read lines; where nobody types they are shown, so that the chat can be read afterwards."""
        while True:
            try:
                line = input(PROMPT) if source.isatty() else next(source)
            except (EOFError, StopIteration):
                return
            if not source.isatty():
                self._say(f"{PROMPT}{line.rstrip()}")
            yield line

    def take(self, line: str) -> bool:
        """Do one line; tell whether the chat goes on."""
        if not line.startswith("/"):
            if line:
                self._happened(self._simulation.contact(Text(line)))
            return True
        word, _, rest = line.partition(" ")
        if word == "/quit":
            return False
        command = COMMANDS.get(word)
        if command is None:
            self._say(f"There is no {word}. /help says what there is.")
        else:
            command(self, rest.strip())
        return True

    def tap(self, choice: str) -> None:
        """Tap by place or by title."""
        offered = self._simulation.offered()
        title = offered[int(choice) - 1] if choice.isdecimal() and 0 < int(choice) <= len(offered) else choice
        try:
            self._happened(self._simulation.tap(title))
        except CannotHappenError as why:
            self._say(str(why))

    def owner(self, words: str) -> None:
        """Write as the owner."""
        if words:
            self._happened(self._simulation.owner(Text(words)))
        else:
            self._say("Write what the owner says, as in /owner I'll take this one")

    def after(self, words: str) -> None:
        """Let time pass."""
        try:
            self._happened(self._simulation.after(span(words)))
        except Mistakes as wrong:
            self._say(f"{wrong.mistakes[0].message}.")
        else:
            self._say(f"It is {self._clock(self._simulation.now)}.")

    def ad(self, words: str) -> None:
        """Come from an ad."""
        ad, _, text = words.partition(" ")
        if ad:
            self._happened(self._simulation.contact(Text(text.strip() or PREFILLED), Referral("ad", ad, f"click-{ad}")))
        else:
            self._say("Write the id of the ad, as in /ad 120330000000001")

    def why(self, _: str) -> None:
        """Show the reasons of what happened last."""
        self._say(str(self._round.trace) or "Nothing happened yet.")

    def state(self, _: str) -> None:
        """Show what is known of the chat."""
        for name, words in self._known():
            self._say(f"{name:<8} {words}")

    def help(self, _: str) -> None:
        """Show what can be typed."""
        self._say(HELP)

    def _known(self) -> Iterator[tuple[str, str]]:
        chat, now = self._simulation.chat, self._simulation.now
        holder, until = holder_at(chat.holding, now), chat.holding.until
        yield "clock", self._clock(now)
        is_over = f" until {self._clock(until)}" if until and holder is Holder.OWNER else ""
        yield "holder", f"{holder}{is_over}"
        ends = window.open_until(chat.heard_at, chat.window_shut_at)
        yield "window", f"open until {self._clock(ends)}" if ends and now < ends else "closed"
        yield "flow", f"`{chat.run.flow}`, step {chat.run.at}" if chat.run else "none"
        if chat.run:
            saved = (f"{name} = {written(value_of(value))}" for name, value in chat.run.variables.items())
            yield "saved", "; ".join(saved) or "nothing"
        yield "tags", ", ".join(chat.contact.tags) or "none"

    def _clock(self, moment: datetime) -> str:
        return moment.astimezone(self._ruleset.business.zone).strftime(CLOCK)

    def _happened(self, happened: Round) -> None:
        self._round = happened
        for left in happened.left:
            self._console.print(self._drawn(left))
        for dropped in happened.dropped:
            self._say(f"({shown(dropped.content)} was dropped: {dropped.reason})")
        for report in happened.reports:
            self._say(f"(reported to Meta: {report.event})")
        for alert in happened.alerts:
            self._say(f"(the owner is told: {alert.words})")
        if not happened.left:
            reasons = happened.trace.lines
            self._say(f"(silence: {reasons[-1].words})" if reasons else "(silence)")

    def _drawn(self, left: Left) -> ConsoleRenderable:
        who = "bot" if left.speaker is Speaker.BOT else str(left.speaker)
        title = f"{who}, template {left.content.name}" if isinstance(left.content, Template) else who
        width = min(WIDEST, self._console.width)
        panel = Panel.fit(Styled(self._words(left.content)), title=Styled(title), title_align="left", width=width)
        return Group(panel, *(Styled(line) for line in _offered(left.content)))

    def _words(self, content: Outgoing) -> str:
        match content:
            case Template(name=name, language=language, params=params, named=named):
                item = self._ruleset.templates.get((name, language))
                values = {**{str(at): value for at, value in enumerate(params, 1)}, **dict(named)}
                return _filled(item.body, values) if item else shown(content)
            case Media():
                return f"[{content.kind}: {content.filename or content.link}]\n{content.caption or ''}".strip()
            case _:
                return words_of(content) or shown(content)

    def _say(self, words: str) -> None:
        self._console.print(Styled(words))


COMMANDS: dict[str, Callable[[Terminal, str], None]] = {
    "/tap": Terminal.tap,
    "/owner": Terminal.owner,
    "/after": Terminal.after,
    "/ad": Terminal.ad,
    "/why": Terminal.why,
    "/state": Terminal.state,
    "/help": Terminal.help,
}


def _offered(content: Outgoing) -> Iterator[str]:
    match content:
        case Buttons(buttons=buttons):
            yield from (f"  [{at}] {button.title}" for at, button in enumerate(buttons, 1))
        case Choices(label=label, sections=sections):
            yield f"  ☰ {label}"
            at = 0
            for section in sections:
                if section.title:
                    yield f"      {section.title}"
                for row in section.rows:
                    at += 1
                    yield f"  [{at}] {row.title}{f' – {row.description}' if row.description else ''}"
        case Link(label=label, url=url):
            yield f"  ↗ {label} ({url})"
        case _:
            return


def _filled(body: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        body = body.replace(f"{{{{{name}}}}}", value)
    return body
