"""What a timer, a button or a form must carry, so that a late one finds out that it is late."""

from engine.chat import Chat
from engine.content import Content, Form, Tap

HANDED_OFF = "handoff"
NOBODY_CAME = "nobody_came"
RUN_ID = 12
HEX = frozenset("0123456789abcdef")


def node_at(chat: Chat) -> str:
    """Return the address of the step the run stands at."""
    return chat.run.at if chat.run else ""


def run_mark(chat: Chat) -> str:
    """Return what a timer or another system's answer must carry to be of this run.

    The owner's word in between makes reminders of a question and answers of a system void, but not the end of a
    `wait`: if the bot holds the chat again by then, the run goes on.
    """
    if chat.run is None:
        return ""
    return f"{chat.run.id}/{chat.epoch}" if chat.run.for_answer or chat.run.for_system else chat.run.id


def wait_key(chat: Chat) -> str:
    """Return what the payload of a button of the run's wait begins with, and the token of its form."""
    return f"{chat.run.id}.{chat.run.waits}" if chat.run else ""


def payload_of(content: Content) -> str:
    """Return what came back of what we put behind a button or a form."""
    match content:
        case Tap(payload=payload) | Form(token=payload):
            return payload
        case _:
            return ""


def is_wait_key(payload: str) -> bool:
    """Tell whether a payload begins as those of our buttons and forms do: an id of a run, and a count of waits."""
    run, _, rest = payload.partition(".")
    wait, _, option = rest.partition(".")
    return len(run) == RUN_ID and set(run) <= HEX and wait.isdecimal() and option != ""


def handoff_mark(chat: Chat) -> int:
    """Return what a timer must carry to be of this handoff."""
    return chat.handoffs
