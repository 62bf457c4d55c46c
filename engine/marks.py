"""What a timer or a button must carry, so that a late one finds out that it is late."""

from engine.chat import Chat

HANDED_OFF = "handoff"
NOBODY_CAME = "nobody_came"


def node_at(chat: Chat) -> str:
    """Return the address of the step the run stands at."""
    return chat.run.at if chat.run else ""


def run_mark(chat: Chat) -> str:
    """Return what a timer must carry to be of this run.

    The owner's word in between makes reminders of a question void, but not the end of a `wait`: if the bot holds
    the chat again by then, the run goes on.
    """
    if chat.run is None:
        return ""
    return f"{chat.run.id}/{chat.epoch}" if chat.run.for_answer else chat.run.id


def handoff_mark(chat: Chat) -> int:
    """Return what a timer must carry to be of this handoff."""
    return chat.handoffs
