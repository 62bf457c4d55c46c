"""How is a chat that happened written down, as a transcript that expects just that?"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import assert_never

from msgspec import Struct

from engine.content import Content, Form, Location, Media, Text
from engine.effects import Report
from engine.events import Referral
from engine.request import Answer
from flows.lines import (
    AT_ONCE,
    Act,
    ClockReaches,
    ContactTaps,
    ContactWrites,
    EchoOfBot,
    Fails,
    HttpAnswers,
    OwnerWrites,
    Person,
    Redelivered,
    TimePasses,
)
from flows.round import Round
from flows.shown import expected_of, written
from flows.verbs import PREFILLED, VOICE
from rules.policy.handoff import Holder

UNSAFE = re.compile('["\\\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]')
"""What is escaped between double quotes: quotes, what YAML refuses, and what it takes for the end of a line."""
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


class Beginning(Struct, frozen=True, kw_only=True):
    """How a chat begins; `number` is nothing for the business's first."""

    at: datetime
    zone: tzinfo
    contact: Person
    number: str | None = None


class _Plain(Struct, frozen=True):
    """A word or number that needs no quotes."""

    words: str


_Value = str | _Plain | tuple[str, ...] | dict[str, "_Value"] | None


def as_transcript(name: str, beginning: Beginning, happened: Iterable[tuple[Act, Round]]) -> str:
    """Write a `test:` document in which the same is done, and the same expected that came of it."""
    who = beginning.contact
    head: dict[str, _Value] = {
        "test": name,
        "at": _Plain(_moment(beginning.at, beginning.zone)),
        "contact": {"name": who.name, "phone": who.phone, "bsuid": who.bsuid},
        "number": beginning.number,
    }
    lines = (f"{key}: {_in_yaml(value)}" for key, value in head.items() if value is not None)
    chat = [f"  - {line}" for line in _lines(beginning.zone, happened)]
    return "\n".join((*lines, "chat:" if chat else "chat: []", *chat, ""))


def in_quotes(text: str) -> str:
    """Write a text between double quotes, so that YAML reads it as it is."""
    return f'"{UNSAFE.sub(_escaped, text)}"'


def _lines(zone: tzinfo, happened: Iterable[tuple[Act, Round]]) -> Iterator[str]:
    holder = Holder.BOT
    for act, came in happened:
        yield _act(act, zone)
        yield from _said(came)
        if came.holder is not holder:
            yield f"holder: {came.holder}"
            holder = came.holder


def _said(came: Round) -> Iterator[str]:
    for left in came.left:
        told = expected_of(left.content)
        yield f"bot: {_in_yaml(_short({name: getattr(told, name) for name in told.__struct_fields__}))}"
    if not came.left:
        yield "silence"
    for report in came.reports:
        yield f"reported: {_in_yaml(_report(report))}"
    for alert in came.alerts:
        yield f"notified: {in_quotes(alert.words)}"


def _answer(answer: Answer) -> str:
    # JSON is YAML, too.
    return f"status: {answer.status}" + (f", json: {answer.body}" if answer.body is not None else "")


def _act(act: Act, zone: tzinfo) -> str:
    match act:
        case ContactWrites(content=content, referral=referral, late=late):
            return f"contact: {_in_yaml(_sent(content, late, referral))}"
        case ContactTaps(title=title):
            return f"contact: {{tap: {in_quotes(title)}}}"
        case OwnerWrites(content=content, late=late):
            return f"owner: {_in_yaml(_sent(content, late))}"
        case TimePasses(span=span):
            return f"after: {written(span)}"
        case ClockReaches(at=at):
            return f"at: {at:%H:%M}" if isinstance(at, time) else f"at: {_moment(at, zone)}"
        case Redelivered():
            return "redelivered"
        case EchoOfBot():
            return "echo of bot"
        case Fails(code=code):
            return f"fails: {code}"
        case HttpAnswers(answer=answer):
            return f"http answers: {{{_answer(answer)}}}" if answer.status else "http fails"
        case _:
            assert_never(act)


def _sent(content: Content, late: timedelta, referral: Referral | None = None) -> _Value:
    fields: dict[str, _Value] = {"ad": referral.id, "headline": referral.headline} if referral else {}
    match content:
        case Text(body=body):
            fields["text"] = None if referral and body == PREFILLED else body
        case Media(kind=kind, link=link, caption=caption, voice=voice):
            fields |= {VOICE if voice else kind: link, "caption": caption}
        case Form(answers=answers):
            fields["form"] = _Plain(answers)
        case Location(latitude=latitude, longitude=longitude):
            fields["location"] = f"{_degrees(latitude)}, {_degrees(longitude)}"
        case _:
            raise TypeError(f"Nobody can write `{type(content).__name__}` in a transcript.")
    fields["late"] = None if late == AT_ONCE else _Plain(written(late))
    return _short(fields)


def _degrees(value: float) -> str:
    return written(Decimal(repr(value)))


def _report(report: Report) -> _Value:
    value = None if report.value is None else _Plain(written(Decimal(report.value)))
    told: dict[str, _Value] = {"event": _Plain(report.event), "value": value, "currency": report.currency}
    return told if value or report.currency else _Plain(report.event)


def _short(fields: dict[str, _Value]) -> _Value:
    """Write a text alone where there is nothing else."""
    given: dict[str, _Value] = {name: value for name, value in fields.items() if value is not None}
    return given["text"] if list(given) == ["text"] else given


def _moment(at: datetime, zone: tzinfo) -> str:
    """Write a moment as the clock of the business shows it, with its offset where the clock shows it twice."""
    here = at.astimezone(zone)
    bare = here.replace(tzinfo=None, fold=0)
    told = bare if bare.replace(tzinfo=zone).astimezone(UTC) == at else here
    return told.isoformat(" ", "minutes" if not (here.second or here.microsecond) else "auto")


def _in_yaml(value: _Value) -> str:
    """Write a value in one line; what is nothing is left out of fields."""
    match value:
        case None:
            return "null"
        case _Plain(words=words):
            return words
        case str():
            return in_quotes(value)
        case tuple():
            return f"[{', '.join(map(in_quotes, value))}]"
        case dict():
            fields = (f"{name}: {_in_yaml(each)}" for name, each in value.items() if each is not None)
            return f"{{{', '.join(fields)}}}"


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return ESCAPES.get(found[0]) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004 - a byte
