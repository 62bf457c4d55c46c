"""What does a `campaign:` document say?"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from engine.campaign import Campaign
from engine.facts import NAMES
from flows.expressions import When
from flows.flow import flow_name
from flows.hours import A_RANGE, RANGE
from flows.moments import A_MOMENT, moment
from flows.nodes import Map, Node, Scalar
from flows.people import Columns, columns, people
from flows.reader import By, Reader, UnreadableError, listed, nearest, of_text, one_or_many, shortened
from flows.spans import DurationOrNone, clock
from flows.step import Fault
from flows.template_message import Given, Header, Params, TemplateMessage
from flows.templates import Named
from rules.conditions import Scope, Type
from rules.source import Mistake, Mistakes, Severity

AUDIENCE, FILE, PHONE = "audience", "file", "phone"
LINES_CHECKED = 2_000  # of a list when a folder is checked; the others when the campaign is planned
MOST_TOLD = 20
MOST_PERCENT = 100
NO_MESSAGE = ("text", "message.", "match.")
"""What has no value in a campaign, which answers nothing."""


class _ListFields(Struct, frozen=True):
    """People in a file.

    - `file`: the CSV file, by its path in the folder.
    - `phone`: the title of the column with the phone numbers; `phone` unless told.
    - `opt_in`: the title of the column that says when or where each of them agreed to get offers.
    """

    file: str
    phone: str = PHONE
    opt_in: str | None = None


class Listed(Struct, frozen=True, tag="listed"):
    """People in a CSV file of the folder, and which of its columns is what."""

    file: str
    columns: Columns


class Between(Struct, frozen=True):
    """Hours of each day in which messages may leave."""

    begins: time
    ends: time


class Exclude(Struct, frozen=True, kw_only=True):
    """Who gets no message, beside those whom nobody may write to now.

    - `in_flow`: whether people in the middle of a flow are left out; `true` unless told.
    - `spoke`: people are left out where anybody wrote within this span; `1d` unless told, `0s` for nobody.
    - `had`: other campaigns; whoever had one of them is left out.
    """

    in_flow: bool = True
    spoke: DurationOrNone = timedelta(days=1)
    had: Annotated[tuple[str, ...], one_or_many(str)] = ()


def _audience(reader: Reader, node: Node, name: str) -> When | Listed:
    if isinstance(node, Scalar):
        return When.read(reader, node, name)
    fields: _ListFields = reader.fields(node, _ListFields, name)
    at = node.items[FILE] if isinstance(node, Map) else node
    if fields.file not in reader.lists:
        there = f"The lists of the folder are {listed(reader.lists)}" if reader.lists else "The folder has no CSV file"
        message = f"No list is called `{shortened(fields.file)}`"
        raise reader.refuse(at.place, "unknown-list", message, nearest(fields.file, reader.lists) or there)
    text, beside = reader.lists[fields.file], reader.beside(fields.file)
    mistakes: list[Mistake] = []
    try:
        found = columns(text, fields.phone, fields.opt_in)
        count = sum(1 for _ in people(text, found, mistakes, LINES_CHECKED))
    except Mistakes as wrong:
        for each in wrong.mistakes:
            beside.tell_mistake(each)
        raise UnreadableError(name) from None
    _tell(beside, mistakes)
    if not count:
        hint = "Write people below its first line, one a line"
        reader.tell(at.place, "empty-list", f"Nobody stands in `{fields.file}`", hint, Severity.WARNING)
    return Listed(fields.file, found)


def _tell(reader: Reader, mistakes: list[Mistake]) -> None:
    """Tell what is wrong with a list: a wrong column makes every line wrong, so not all of it."""
    for each in mistakes[:MOST_TOLD]:
        reader.tell_mistake(each)
    if len(mistakes) > MOST_TOLD:
        last, more = mistakes[MOST_TOLD], len(mistakes) - MOST_TOLD
        message = f"From here on {more} more of the first {LINES_CHECKED:,} lines cannot be used as they are"
        reader.tell_mistake(Mistake(last.line, 1, last.code, message, last.hint, last.severity))


def _moment(reader: Reader, node: Node, name: str) -> datetime:
    text = reader.text(node, name, A_MOMENT)
    found = moment(text, ZoneInfo(reader.zone))
    if found is None or len(text) <= len("2026-03-02"):
        message = f"`{name}` takes {A_MOMENT}, not `{shortened(text)}`"
        raise reader.refuse(node.place, "moment", message, "Write year, month, day and time")
    return found


def _between(text: str) -> Between:
    found = RANGE.fullmatch(text.strip())
    if found is None:
        message = f"This takes {A_RANGE}, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "hours", message, "Write both times with minutes and a `-` between them"))
    begins, ends = clock(found["from"]), time.max if found["to"] == "24:00" else clock(found["to"])
    if ends <= begins:
        message = "The hours of a campaign end on the day they begin, and later than they begin"
        raise Mistakes(Mistake(1, 1, "hours", message, "As in `09:00-20:00`"))
    return Between(begins, ends)


def _percent(text: str) -> int:
    digits = text.strip().removesuffix("%").strip()
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits[:4]) <= MOST_PERCENT):
        message = f"`pace` is a share of what the number may send, from `1%` to `100%`, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "pace", message, "Write `50%`, or leave it out"))
    return int(digits)


Moment = Annotated[datetime, By(_moment, str, A_MOMENT)]


class CampaignDocument(Struct, frozen=True, kw_only=True, rename=lambda name: name.rstrip("_")):
    """A `campaign:` document: a template for many people, who gets it, and when.

    Nobody gets a campaign twice, nor while the owner holds the chat, and a `MARKETING` template goes only to people
    who opted in; nothing can change that.

    - `campaign`: the name of the campaign; whoever had a campaign of that name does not get it again.
    - `audience`: a condition on contacts, or a list of people: `file` with a CSV file, and the title of its `phone`
      column.
    - `from`: Meta's id of the number that sends it, where the business has several.
    - `template`: the name of the template.
    - `params`: what it is filled with, in order or by name; a column `City` of the list is `list.city`.
    - `language`: its language; the contact's unless told.
    - `header`: what stands above it, if that changes.
    - `buttons`: what its buttons are given, in order, `~` for those that take nothing.
    - `at`: when it begins, if not as soon as it is started.
    - `between`: the hours in which messages leave; `09:00-20:00` unless told.
    - `clock`: whose clock that is, the `contact`'s (unless told) or the `business`'s.
    - `pace`: which share of the number's pace it takes at most; `50%` unless told.
    - `exclude`: who gets no message, beside those whom nobody may write to now.
    - `stop`: when it ends, whoever has it not by then.
    """

    campaign: Annotated[str, of_text(flow_name, "a name")]
    audience: Annotated[When | Listed, By(_audience, str | _ListFields)]
    from_: str | None = None
    template: Named
    params: Params = ()
    language: str | None = None
    header: Header = None
    buttons: Given = ()
    at: Moment | None = None
    between: Annotated[Between, of_text(_between, A_RANGE)] = Between(time(9), time(20))
    clock: Literal["contact", "business"] = "contact"
    pace: Annotated[int, of_text(_percent, "a share such as `50%`")] = 50
    exclude: Exclude = Exclude()
    stop: Moment | None = None
    place: str = ""

    @property
    def message(self) -> TemplateMessage:
        """What is sent."""
        return TemplateMessage(self.template, self.params, self.language, self.header, self.buttons)

    @property
    def needs_opt_in(self) -> bool:
        """Whether Meta takes the template for marketing, in any of its languages."""
        return any(each.category == "MARKETING" for each in self.template.languages.values())

    def faults(self) -> Iterator[Fault]:
        """Find what does not go together."""
        yield from self.message.faults()
        if any(each.category == "AUTHENTICATION" for each in self.template.languages.values()):
            message = f"`{self.template.name}` is for codes that somebody asked for, and nobody asks for a campaign"
            yield Fault(("template",), "campaign-template", message, "Use a template of another category")
        if self.at is not None and self.stop is not None and self.stop <= self.at:
            message = "`stop` is not after `at`, so nobody would get it"
            yield Fault(("stop",), "campaign-stop", message, "Write a later moment, or leave it out")
        if self.campaign in self.exclude.had:
            message = "Nobody gets a campaign twice in any case"
            yield Fault(("exclude", "had"), "campaign-had", message, "Name other campaigns here", Severity.HINT)


def campaign_of(document: CampaignDocument, first: str) -> Campaign:
    """Make what the engine runs; `first` is the number that sends unless another is told."""
    audience = document.audience
    return Campaign(
        name=document.campaign,
        number=document.from_ or first,
        message=document.message,
        templates=tuple(f"{document.template.name}/{language}" for language in document.template.languages),
        audience=audience.compiled if isinstance(audience, When) else None,
        columns=audience.columns.in_texts if isinstance(audience, Listed) else (),
        marketing=document.needs_opt_in,
        begins=document.between.begins,
        ends=document.between.ends,
        of_contact=document.clock == "contact",
        share=document.pace,
        in_flow=document.exclude.in_flow,
        spoke=document.exclude.spoke,
        had=document.exclude.had,
        at=document.at,
        stop=document.stop,
    )


def names_for(root: Map, known: Scope, lists: dict[str, str]) -> dict[str, Type]:
    """Find the names that a campaign can read: of its list the columns, and nothing of a message."""
    found = {name: kind for name, kind in known.items() if not name.startswith(NO_MESSAGE) or name not in NAMES}
    node = root.items.get(AUDIENCE)
    if not isinstance(node, Map):
        return found
    fields: dict[str, Any] = {key: value.text for key, value in node.items.items() if isinstance(value, Scalar)}
    try:
        of_list = columns(lists.get(fields.get(FILE) or "", ""), fields.get(PHONE) or PHONE, None)
    except Mistakes:
        return found
    return {**found, **dict.fromkeys(of_list.in_texts, Type.TEXT)}
