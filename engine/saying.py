"""What do the effects of a step become in the turn in which it is done?"""

from collections.abc import Iterator

from msgspec.structs import replace

from engine.chat import Chat
from engine.content import Reaction, Template
from engine.effects import Effect, Http, Send, SetTimer
from engine.marks import run_mark
from engine.step import Wait


def as_said(effect: Effect, *, fallback: Template | None, asked: bool, step: str) -> Effect:
    """Fill in what a message needs to leave; `fallback` is the business's template, for what names none itself."""
    if not isinstance(effect, Send):
        return effect
    alone = isinstance(effect.content, Template | Reaction)
    return replace(effect, fallback=None if alone else effect.fallback or fallback, asked=asked, step=step)


def while_waiting(chat: Chat, wait: Wait, *, asked: bool, step: str) -> Iterator[Effect]:
    """Set going what ends the wait that the chat's run just began."""
    if chat.run is None:
        return
    mark, count = run_mark(chat), chat.run.waits
    yield from (SetTimer(name=name, at=due, run=mark, wait=count) for name, due in wait.timers)
    if wait.request is not None:
        yield Http(request=wait.request, run=mark, wait=count, asked=asked, step=step)
