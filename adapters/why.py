"""The command `why`: the story of one chat, in plain words."""

from collections.abc import Iterator
from datetime import datetime

import rich_click as click

from adapters import wording
from adapters.chat.clock import day_and_time, time_on
from adapters.finding import chat_meant
from adapters.lists import lists_of
from adapters.live import Live
from adapters.operating import BUSINESS, do, store_in_force
from adapters.story import Story, story
from adapters.telling import log_lines, row_lines
from adapters.terminal import harmless, show
from adapters.watch import WHY_HELD
from engine.book import called
from engine.chat import Run
from engine.number import is_paused
from rules.policy import countries, window
from rules.policy.handoff import Holder, holder_at

NAME_MOST = 60
ABOUT = 8


@click.command()
@click.argument("number")
@click.argument("contact")
@click.option("--turns", default=10, show_default=True, type=click.IntRange(0, 100), help="How much of what was said.")
@BUSINESS
def why(number: str, contact: str, turns: int, business: str | None) -> None:
    """Tell the story of a chat: who holds it and why, what waits there, and why the bot said what it said.

    NUMBER is the business number (its id or the phone), CONTACT a phone number, a user id, or the id that alerts show.
    Of each message that is queued it is told what would become of it now. Nothing is changed.
    """
    do(_why(number, contact, turns, business))


async def _why(number: str, contact: str, turns: int, business: str | None) -> None:
    async with store_in_force() as (store, settings):
        live = Live(store, lists_of(settings))
        meant = await chat_meant(store, live, number, contact, business)
        told = await story(store, live, meant, turns)
    for line in lines(told):
        show(line)


def lines(told: Story) -> Iterator[str]:
    """Write the story, what is now before what was."""
    yield from _title(told)
    for about, words in _now(told):
        yield f"  {about:<{ABOUT}}  {words}"
    yield from row_lines(told)
    yield from log_lines(told)


def _title(told: Story) -> Iterator[str]:
    business, chat = told.ruleset.business, told.meant.chat
    yield f"{business.name}, {told.number.id} (+{countries.digits(told.number.phone)})"
    if chat is None:
        yield f"with {told.meant.subject.partition('/')[2]}: the record of this chat cannot be read by this version."
    else:
        ids = chat.contact.ids
        known = [*(f"+{each}" for each in ids.phones), *ids.bsuids] or [chat.contact.id]
        name = called(chat.contact, chat.number) or "somebody without a name"
        yield f"with {harmless(name, NAME_MOST)} ({', '.join(known)})"
    yield f"{day_and_time(told.now, business.zone)} in {business.zone}, as are all times below"
    yield ""


def _now(told: Story) -> Iterator[tuple[str, str]]:
    if told.store_held:
        yield "store", WHY_HELD.get(told.store_held, told.store_held)
    if told.meant.refusal is not None:
        yield "country", f"Nothing is sent to this contact, by whoever. {told.meant.refusal.words}"
    if pause := is_paused(told.number, told.now):
        until = f" until {_at(told, pause.until)}" if pause.until else ""
        yield "number", f"It sends nothing{until}: {pause.reason}"
    if told.meant.chat is not None:
        yield "holder", _holder(told)
        yield "window", _window(told)
        yield "flow", _flow(told, told.meant.chat.run)
    yield "inbox", _inbox(told)
    for timer in told.timers:
        yield "timer", f"`{timer.name}` at {_at(told, timer.at)}"
    if not told.all_timers:
        yield "timer", "There are too many to look at all of them; this chat may have one that is not told here."


def _holder(told: Story) -> str:
    chat = told.meant.chat
    if chat is None:
        return ""
    holding = chat.holding
    because = wording.why(holding, told.now)
    if not because:
        return "The bot holds it, as from the beginning."
    if holder_at(holding, told.now) is Holder.BOT:
        back_at = holding.until if holding.holder is Holder.OWNER else holding.since
        return f"The bot holds it{f' since {_at(told, back_at)}' if back_at else ''}: {because}."
    since = f"since {_at(told, holding.since)}, " if holding.since else ""
    until = f"until {_at(told, holding.until)}" if holding.until else "until somebody hands it back"
    coming = " Nobody has come yet." if wording.is_asked_for(chat, told.now) else ""
    return f"The owner holds it {since}{until}: {because}.{coming}"


def _window(told: Story) -> str:
    chat = told.meant.chat
    if chat is None:
        return ""
    free = chat.free_until if chat.free_until and told.now < chat.free_until else None
    gift = f" What is sent until {_at(told, free)} is free, since the contact came from an ad." if free else ""
    ends = wording.window_ends(chat, told.now)
    if ends is not None:
        return f"It is open until {_at(told, ends)}, for {wording.long(ends - told.now)}.{gift}"
    if chat.heard_at is None:
        return f"It is shut: the contact has not written yet. Only templates leave.{gift}"
    if chat.window_shut_at is not None and chat.heard_at <= chat.window_shut_at:
        return f"It is shut, as Meta said at {_at(told, chat.window_shut_at)}. Only templates leave.{gift}"
    shut = window.ends_at(chat.heard_at) - window.MARGIN
    return f"It is shut since {_at(told, shut)}. Only templates leave.{gift}"


def _flow(told: Story, run: Run | None) -> str:
    if run is None:
        return "None is going on."
    flow = told.ruleset.flow_of(run.flow, run.version)
    node = flow.nodes.get(run.at) if flow else None
    step = f"`{node.step.kind}` ({node.place})" if node else f"a step that is not at hand ({run.at})"
    called = f", called by {', '.join(f'`{each}`' for each in run.flows[1:])}" if run.stack else ""
    version = "the live version" if run.version == told.ruleset.version else f"version {run.version}"
    gone = "" if told.run_is_known else ", which is not in the store any more"
    return f"`{run.flow}`{called} ({version}{gone}) stands at {step} and {wording.WAITS[wording.awaited(run)]}."


def _inbox(told: Story) -> str:
    if not told.undecided:
        return "Nothing is undecided."
    many = f"{told.undecided:,} events are" if told.undecided > 1 else "One event is"
    held = " Nothing leaves before that." if told.held else ""
    return f"{many} undecided; that takes a second where `baton serve` or `work` runs.{held}"


def _at(told: Story, moment: datetime) -> str:
    return time_on(moment, told.now, told.ruleset.business.zone)
