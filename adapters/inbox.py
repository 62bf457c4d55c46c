"""What waits in the inbox of a chat or number, and in which order is it decided?"""

from typing import Any

from msgspec import DecodeError
from msgspec.structs import replace

from adapters.records import LaterSchemaError, UnknownSchemaError, read_event
from adapters.store.records import Entry, Leased
from engine.events import ChatEvent, ChatHandedBack, ChatTaken, ContactAbsorbed, ContactJoined, EchoReceived
from engine.identity import same_message

SILENCING = (EchoReceived, ContactAbsorbed, ChatTaken)
"""What may silence the bot is decided before all else."""


def in_order(leased: Leased) -> list[ChatEvent]:
    """Return the events of an inbox, what may silence the bot first; what cannot be read is left out.

    A chat that was handed back before somebody silenced the bot once more is so before that here, too. Nothing that
    came before a hand-back is answered because of it, though.
    """
    events = [event for entry in leased.events if (event := event_in(entry)) is not None]
    last = max((place for place, event in enumerate(events) if isinstance(event, SILENCING)), default=-1)
    first = [event for event in events[: last + 1] if isinstance(event, (*SILENCING, ChatHandedBack))]
    return [*first, *(event for event in events if not any(event is each for each in first))]


def fewest(leased: Leased) -> Leased:
    """Return the fewest events that may be decided by themselves: the first, with what silences the bot behind it."""
    silencing = (place for place, entry in enumerate(leased.events) if isinstance(event_in(entry), SILENCING))
    return replace(leased, events=leased.events[: max(silencing, default=0) + 1])


def waits_for_a_send(leased: Leased) -> bool:
    """Tell whether an echo may be of a message whose answer, with its id, is still to come."""
    if not any(own.state == "sending" for own in leased.own):
        return False
    known = [own.message_id for own in leased.own if own.message_id]
    echoes = [event for event in in_order(leased) if isinstance(event, EchoReceived)]
    return any(not any(same_message(each, echo.id) for each in known) for echo in echoes)


def event_in(entry: Entry) -> Any:
    """Read an event; nothing if nobody can, ever. What a later version wrote raises `LaterSchemaError`."""
    try:
        event = read_event(entry.blob)
    except LaterSchemaError:
        raise
    except (DecodeError, UnknownSchemaError, ValueError):
        return None
    return replace(event, into=entry.into or "") if isinstance(event, ContactJoined) else event
