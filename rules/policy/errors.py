"""Meta refused: what is to be done about it?

The table beside this module gives each of Meta's codes a class, named by what to do next. Answers to a send and failed
statuses ask the same table. `rest` is how many seconds must pass before anything like it is tried again, where that is
more than the class's own; `template` is what the code says of the template that was sent.

A code that is not in the table is judged by the HTTP status it came with: 401 pauses the number, 429 slows it, a fault
of the server is tried again a few times. Anything else, a failed status among it, is given up, and the owner is told.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from importlib.resources import files

from msgspec import Struct


class Action(StrEnum):
    """What to do about a refusal."""

    RETRY = "retry"
    SLOW_NUMBER = "slow_number"
    REST_PAIR = "rest_pair"
    TEMPLATE = "template"
    UNREACHABLE = "unreachable"
    OPTED_OUT = "opted_out"
    LATER_DAY = "later_day"
    TEMPLATE_OFF = "template_off"
    PAUSE_NUMBER = "pause_number"
    COUNTRY = "country"
    GIVE_UP = "give_up"


class ErrorRule(Struct, frozen=True):
    """A code with its class and Meta's title; `notify` when the owner can or should do something.

    `rest` is how long to wait at least, `template_status` what the code says of a template.
    """

    action: Action
    code: int | None
    title: str
    words_for_owner: str
    notify: bool
    rest: timedelta = timedelta()
    template_status: str | None = None

    def words_with(self, details: str | None) -> str:
        """Return what the owner is told, with Meta's own words where those say what is wrong with a message."""
        code = "" if self.code is None else f" ({self.code})"
        said = f" Meta says: {details}" if details and self.action in _EXPLAINED else ""
        return f"{self.words_for_owner}{said}{code}"


WORDS: Mapping[Action, str] = {
    Action.RETRY: "Meta had a problem of its own; the message is tried again.",
    Action.SLOW_NUMBER: "More was sent than Meta takes at a time; the number slows down for a while.",
    Action.REST_PAIR: "This contact got too much in too short a time; they are left alone for a while.",
    Action.TEMPLATE: "The contact wrote more than 24 hours ago; only a template can be sent.",
    Action.UNREACHABLE: "This contact cannot be reached now.",
    Action.OPTED_OUT: "The contact told Meta that they want no marketing from you.",
    Action.LATER_DAY: "Meta holds this marketing message back from the contact; a day must pass before the next.",
    Action.TEMPLATE_OFF: "This template cannot be sent now. Look at it in the WhatsApp manager.",
    Action.PAUSE_NUMBER: "The number cannot send until somebody has mended its account in the business settings.",
    Action.COUNTRY: "Meta does not let this account write to the contact's country. Ask Meta's support.",
    Action.GIVE_UP: "Meta did not take the message, and would not take it again. Look at the step that sent it.",
}
_NOTIFY = frozenset({Action.TEMPLATE_OFF, Action.PAUSE_NUMBER, Action.COUNTRY, Action.GIVE_UP})
# Nothing the owner could do: notices about what came in, trials of Meta, devices of the contact.
_QUIET = frozenset({130472, 131035, 131036, 131052, 131060})

_EXPLAINED = frozenset({Action.TEMPLATE_OFF, Action.GIVE_UP})

_SERVER = 500


def error(code: int | None, http_status: int | None = None) -> ErrorRule:
    """Return what to do about a refusal; a code that is not in the table is judged by the HTTP status.

    Use it only where Meta did refuse: an answer without an error of Meta's leaves open whether the message was sent.
    """
    known = TABLE.get(code) if code is not None else None
    return known or _by_status(code, http_status or 0)


def _by_status(code: int | None, http_status: int) -> ErrorRule:
    match http_status:
        case 401:
            action = Action.PAUSE_NUMBER
        case 429:
            action = Action.SLOW_NUMBER
        case status if status >= _SERVER:
            action = Action.RETRY
        case _:
            action = Action.GIVE_UP
    return ErrorRule(action, code, "", WORDS[action], action in _NOTIFY)


def _rows() -> Iterator[tuple[int, ErrorRule]]:
    text = files("rules.policy").joinpath("errors.csv").read_text("utf-8")
    for cells in csv.DictReader(text.splitlines()):
        action = Action(cells["action"])
        first, _, last = cells["code"].partition("-")
        for code in range(int(first), int(last or first) + 1):
            words = cells["words"] or WORDS[action]
            notify = action in _NOTIFY and code not in _QUIET
            rest = timedelta(seconds=int(cells["rest"] or 0))
            yield code, ErrorRule(action, code, cells["title"], words, notify, rest, cells["template"] or None)


def _table() -> Mapping[int, ErrorRule]:
    """Read the table once; a code of its own beats a range it lies in."""
    table: dict[int, ErrorRule] = {}
    for code, rule in _rows():
        table.setdefault(code, rule)
    return table


TABLE = _table()
