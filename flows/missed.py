"""Does what happened fit what a line of a transcript expects, and where does it differ?"""

from collections import deque
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, assert_never

from msgspec import Struct

from engine.effects import Report
from flows.expected import Expected
from flows.lines import BotSays, Expectation, HolderIs, Line, SavedIs, Silence, WasNotified, WasReported
from flows.post import Left
from flows.round import Round
from flows.shown import expected_of, folded, is_it, quoted, shown, written
from rules.policy.handoff import Holder

NOTHING, ANYTHING = "–", "(anything)"
DETAILS = ("buttons", "params", "header", "language", "caption", "value", "currency")
"""What may be anything where a line does not tell it."""


class Side(Struct, frozen=True):
    """One thing that was expected beside what came of it."""

    name: str
    expected: str
    got: str

    @property
    def differs(self) -> bool:
        """Whether the two do not fit."""
        return self.expected != ANYTHING and folded(self.expected) != folded(self.got)


class Missed(Struct, frozen=True):
    """What a line expected in vain: in one sentence, or in a short one above the `sides`."""

    message: str
    sides: tuple[Side, ...] = ()
    short: str = ""


class Seen:
    """What happened in a chat so far, and was not expected by a line yet."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.messages: deque[tuple[Line, Left]] = deque()
        self.reports: list[Report] = []
        self.notes: list[str] = []
        self.expected_last: Left | None = None
        self.round: Round | None = None

    def add(self, line: Line, happened: Round) -> None:
        """Take in what a line led to."""
        self.round = happened
        self.messages.extend((line, left) for left in happened.left)
        self.reports.extend(happened.reports)
        self.notes.extend(folded(alert.words) for alert in happened.alerts)


def missed(expected: Expectation, seen: Seen) -> Missed | None:
    """Compare, and take what fits out of what was seen; return what does not."""
    match expected:
        case BotSays():
            return _says(expected.message, seen)
        case Silence():
            return _is_silent(seen)
        case HolderIs(holder=holder):
            return _is_held(holder, seen.round.holder if seen.round else Holder.BOT)
        case SavedIs(values=values):
            return _is_saved(values, seen.round)
        case WasReported():
            return _was_reported(expected, seen)
        case WasNotified(words=words):
            return _was_notified(folded(words), seen)
        case _:
            assert_never(expected)


def unexpected(left: Left) -> Missed:
    """Tell that a message left that no line expects."""
    message = f"Nothing was expected any more after this line, got {shown(left.content)}."
    return Missed(
        message, _sides({}, _fields(expected_of(left.content))), "Nothing was expected any more after this line."
    )


def _says(expected: Expected, seen: Seen) -> Missed | None:
    if not seen.messages:
        held_back = _held_back(seen.round)
        message = f"Expected {shown(expected)}, but nothing left.{held_back}"
        return Missed(message, _sides(_fields(expected), {}), f"Nothing left.{held_back}")
    _, left = seen.messages[0]
    if not is_it(expected, left.content):
        message = f"Expected {shown(expected)}, got {shown(left.content)}."
        return Missed(
            message, _sides(_fields(expected), _fields(expected_of(left.content, expected))), "Something else left."
        )
    seen.messages.popleft()
    seen.expected_last = left
    return None


def _held_back(happened: Round | None) -> str:
    if happened is None:
        return ""
    dropped = "".join(f" {shown(each.content)} was dropped: {each.reason}." for each in happened.dropped)
    return dropped + "".join(f" {shown(each.content)} waits. {each.why}" for each in happened.held)


def _is_silent(seen: Seen) -> Missed | None:
    if not seen.messages:
        return None
    _, left = seen.messages[0]
    message = f"Expected silence, got {shown(left.content)}."
    return Missed(message, _sides({}, _fields(expected_of(left.content))), "The bot was not silent.")


def _is_held(expected: Holder, found: Holder) -> Missed | None:
    if found is expected:
        return None
    message = f"Expected the {expected} to hold the chat, but the {found} does."
    return Missed(message, (Side("holder", str(expected), str(found)),), "Somebody else holds the chat.")


def _is_saved(values: Mapping[str, str], happened: Round | None) -> Missed | None:
    saved = happened.saved if happened else {}
    if saved is None:
        return None
    wrong = [name for name, text in values.items() if not _same(saved.get(name), text)]
    if not wrong:
        return None
    first = wrong[0]
    sides = tuple(Side(name, text, written(saved[name]) if name in saved else NOTHING) for name, text in values.items())
    message = f"Expected `{first}` to be {values[first]}, got {written(saved.get(first))}."
    return Missed(message, sides, "Something else is saved.")


def _was_reported(expected: WasReported, seen: Seen) -> Missed | None:
    for report in seen.reports:
        if _is_reported(expected, report):
            seen.reports.remove(report)
            return None
    others = ", ".join(f"`{report.event}`" for report in seen.reports) or "nothing"
    first = next((each for each in seen.reports if each.event == expected.event), next(iter(seen.reports), None))
    sides = _sides(_of_report(expected), _of_report(first) if first else {})
    return Missed(f"Expected `{expected.event}` to be reported, got {others}.", sides, "It was not reported.")


def _was_notified(words: str, seen: Seen) -> Missed | None:
    if words in seen.notes:
        seen.notes.remove(words)
        return None
    others = ", ".join(map(quoted, seen.notes)) or "nothing"
    sides = (Side("notified", words, "\n".join(seen.notes) or NOTHING),)
    return Missed(f"Expected the owner to be told {quoted(words)}, got {others}.", sides)


def _is_reported(expected: WasReported, report: Report) -> bool:
    if expected.event != report.event:
        return False
    right_value = expected.value is None or (report.value is not None and _same(Decimal(report.value), expected.value))
    return right_value and expected.currency in (None, report.currency)


def _same(value: Any, text: str) -> bool:
    if isinstance(value, Decimal):
        try:
            return value == Decimal(text)
        except InvalidOperation:
            return False
    return written(value) == text


def _sides(expected: Mapping[str, str], got: Mapping[str, str]) -> tuple[Side, ...]:
    def wanted(name: str) -> str:
        return expected.get(name, ANYTHING if expected and name in DETAILS else NOTHING)

    return tuple(Side(name, wanted(name), got.get(name, NOTHING)) for name in dict.fromkeys((*expected, *got)))


def _fields(message: Expected) -> dict[str, str]:
    fields = ((name, getattr(message, name)) for name in message.__struct_fields__)
    return {name: "\n".join(value) if isinstance(value, tuple) else value for name, value in fields if value}


def _of_report(report: WasReported | Report) -> dict[str, str]:
    fields = {"reported": report.event, "value": report.value, "currency": report.currency}
    return {name: value for name, value in fields.items() if value is not None}
