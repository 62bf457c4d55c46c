"""What may leave, and what may not."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.approval import TemplateState
from engine.chat import Chat, Contact, Number, Pause
from engine.content import Reaction, Template, Text
from engine.effects import Report, Send, Speaker
from engine.gate import Drop, Leave, LeaveAsTemplate, Wait, judge
from engine.identity import Ids
from engine.row import queue
from rules.policy.consent import Consent
from rules.policy.handoff import Holder, Holding
from rules.policy.restrictions import DEFAULT, DEFAULT_TEXT, Clearance, Path, clear, read

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
FAR = timedelta(days=900)

BACK = Template("we_are_back", "en")
OFFER = Template("spring", "en", category="MARKETING")
LIKE = Reaction("wamid.in", "👍")
HELLO = Send(content=Text("Hello"))
SOLD = Report(event="Purchase", ad="120330000", clid="ARAk")
NUMBER = Number(id="106540352242922", business="bakery", phone="+1 555-078-3881", waba="102290129340398")
CONTACT = Contact(id="c1", ids=Ids(("12025550143",), ("US.4071882619",)))
CHAT = Chat(number=NUMBER.id, contact=CONTACT, heard_at=NOON)
OWNER = Holding(holder=Holder.OWNER, until=NOON + HOUR)


def a_row(effect=HELLO, path=Path.FLOW, **changes):
    """Make a row that was cleared and decided at noon."""
    clearance = clear(
        path, business_phone=NUMBER.phone, coexistence=True, phones=("12025550143",), bsuids=(), lists=DEFAULT
    )
    assert isinstance(clearance, Clearance)
    row = queue(
        clearance,
        business="bakery",
        number=NUMBER.id,
        chat=f"{NUMBER.id}/c1",
        event="wamid.in",
        index=0,
        effect=effect,
        epoch=0,
        asked_at=NOON,
        queued_at=NOON,
        arrived_at=NOON,
    )
    return replace(row, **changes)


def judged(row=None, chat=CHAT, number=NUMBER, now=NOON, lists=DEFAULT):
    """Ask the gate of a business that answers within twelve hours."""
    return judge(row or a_row(), chat, number, lists, now, answer_within=12 * HOUR)


def send(content=HELLO.content, **fields):
    """Make a row of a message."""
    return a_row(Send(content=content, **fields))


def contact(**changes):
    """Make a chat with another contact."""
    return replace(CHAT, contact=replace(CONTACT, **changes))


def pauses(*pauses):
    """Make a number that is paused."""
    return replace(NUMBER, pauses=pauses)


def told(status=None, category=None, values=None, name="we_are_back", language="en"):
    """Make a number of which Meta told something about a template."""
    return replace(NUMBER, templates={f"{name}/{language}": TemplateState(status, category, values=values)})


def test_an_answer_in_an_open_window_leaves():
    """Nothing speaks against it; the judgement holds for a minute."""
    verdict = judged()

    assert isinstance(verdict, Leave)
    assert (verdict.clearance.path, verdict.valid_until) == (Path.FLOW, NOON + timedelta(minutes=1))
    assert verdict.words == "The window is open until 2026-03-03 11:59 UTC."


@pytest.mark.parametrize(
    ("row", "chat", "number", "after", "expected"),
    [
        (a_row(), contact(ids=Ids(("5351234567",))), NUMBER, 0 * HOUR, "restricted_country"),
        (a_row(), contact(ids=Ids(("12025550143", "5351234567"))), NUMBER, 0 * HOUR, "restricted_country"),
        (a_row(), contact(ids=Ids(("12025550143",), ("CU.15",))), NUMBER, 0 * HOUR, "restricted_country"),
        (a_row(), contact(ids=Ids()), NUMBER, 0 * HOUR, "unknown_country"),
        (a_row(), CHAT, replace(NUMBER, phone="+234 801 234 5678"), 0 * HOUR, "business_restricted_country"),
        (a_row(), contact(ids=Ids(("15550783881",))), NUMBER, 0 * HOUR, "own_number"),
        (a_row(), replace(CHAT, holding=OWNER), NUMBER, 0 * HOUR, "owner_holds"),
        (a_row(), replace(CHAT, holding=OWNER), NUMBER, HOUR, None),
        (send(speaker=Speaker.NOTICE), replace(CHAT, holding=OWNER), NUMBER, 0 * HOUR, None),
        (send(speaker=Speaker.PERSON), replace(CHAT, holding=OWNER), NUMBER, 0 * HOUR, None),
        (a_row(), replace(CHAT, epoch=1), NUMBER, 0 * HOUR, "owner_replied"),
        (send(speaker=Speaker.NOTICE), replace(CHAT, epoch=1), NUMBER, 0 * HOUR, "owner_replied"),
        (a_row(), replace(CHAT, owner_at=NOON + SECOND), NUMBER, 0 * HOUR, "owner_replied"),
        (a_row(), replace(CHAT, owner_at=NOON), NUMBER, 0 * HOUR, "owner_replied"),
        (send(speaker=Speaker.PERSON), replace(CHAT, epoch=1), NUMBER, 0 * HOUR, None),
        (send(OFFER), contact(marketing=Consent.REFUSED), NUMBER, 0 * HOUR, "opted_out"),
        (send(OFFER), contact(marketing=Consent.UNKNOWN), NUMBER, 0 * HOUR, None),
        (send(OFFER), contact(marketing_after=NOON + 24 * HOUR), NUMBER, 24 * HOUR - SECOND, "later_day"),
        (send(OFFER, asked=False), contact(marketing_after=NOON + 24 * HOUR), NUMBER, 24 * HOUR, None),
        (send(BACK), contact(marketing_after=NOON + 24 * HOUR), NUMBER, 0 * HOUR, None),
        (send(BACK), contact(marketing=Consent.REFUSED), NUMBER, 0 * HOUR, None),
        (a_row(), contact(marketing=Consent.REFUSED), NUMBER, 0 * HOUR, None),
        (a_row(), contact(unreachable_until=NOON + HOUR), NUMBER, 0 * HOUR, "unreachable"),
        (a_row(), contact(unreachable_until=NOON + HOUR), NUMBER, HOUR, None),
        (a_row(), CHAT, NUMBER, 12 * HOUR - SECOND, None),
        (a_row(), CHAT, NUMBER, 12 * HOUR, "too_old"),
        (send(LIKE), CHAT, NUMBER, 0 * HOUR, None),
        (send(LIKE), replace(CHAT, holding=OWNER), NUMBER, 0 * HOUR, "owner_holds"),
        (send(LIKE), replace(CHAT, heard_at=NOON - 24 * HOUR), NUMBER, 0 * HOUR, "window_closed"),
        (send(asked=False), CHAT, NUMBER, 12 * HOUR, None),
        (a_row(), replace(CHAT, answers_at=(NOON - SECOND,) * 19), NUMBER, 0 * HOUR, None),
        (a_row(), replace(CHAT, answers_at=(NOON - SECOND,) * 19 + (NOON,)), NUMBER, 0 * HOUR, None),
        (a_row(), replace(CHAT, answers_at=(NOON - SECOND,) * 20), NUMBER, 0 * HOUR, "loop_guard"),
        (a_row(), replace(CHAT, answers_at=(NOON - SECOND,) * 20), NUMBER, HOUR, "loop_guard"),
        (a_row(), replace(CHAT, answers_at=(NOON - HOUR,) * 20), NUMBER, 0 * HOUR, None),
        (send(speaker=Speaker.NOTICE), replace(CHAT, answers_at=(NOON - SECOND,) * 20), NUMBER, 0 * HOUR, None),
        (send(asked=False), CHAT, NUMBER, 24 * HOUR - 61 * SECOND, None),
        (send(asked=False), CHAT, NUMBER, 24 * HOUR - 60 * SECOND, "window_closed"),
        (a_row(), replace(CHAT, heard_at=None), NUMBER, 0 * HOUR, "window_closed"),
        (a_row(), replace(CHAT, window_shut_at=NOON + SECOND), NUMBER, HOUR, "window_closed"),
        (send(BACK), replace(CHAT, heard_at=None), NUMBER, 0 * HOUR, None),
        (send(BACK), CHAT, told("APPROVED"), 0 * HOUR, None),
        (send(BACK), CHAT, told("PAUSED"), 0 * HOUR, "template_not_approved"),
        (send(BACK), CHAT, told("PAUSED", language="pt"), 0 * HOUR, None),
        (send(BACK), CHAT, told("APPROVED", values=1), 0 * HOUR, "template_values"),
        (send(BACK), contact(marketing=Consent.REFUSED), told(category="MARKETING"), 0 * HOUR, "opted_out"),
        (send(OFFER), contact(marketing=Consent.REFUSED), told(category="UTILITY", name="spring"), 0 * HOUR, None),
        (a_row(SOLD, Path.REPORT), contact(ids=Ids(("5351234567",))), NUMBER, 0 * HOUR, "restricted_country"),
        (a_row(SOLD, Path.REPORT), replace(CHAT, holding=OWNER, epoch=3), NUMBER, 48 * HOUR, None),
        (a_row(Report(event="Purchase"), Path.REPORT), CHAT, NUMBER, 0 * HOUR, "no_click"),
    ],
)  # fmt: skip
def test_a_row_leaves_or_is_dropped_with_a_reason(row, chat, number, after, expected):
    """One line for each rule and its edge; nothing is dropped without words for people."""
    verdict = judged(row, chat, number, NOON + after)

    assert isinstance(verdict, Leave if expected is None else Drop)
    assert getattr(verdict, "reason", None) == expected
    assert verdict.words


@pytest.mark.parametrize("path", list(Path))
def test_the_lists_are_asked_again_on_every_path(path):
    """A row cleared yesterday is dropped when its region is on the list today."""
    text = DEFAULT_TEXT + "anyone,1202,,Washington,2026-03-02,a test,refuse,\n"

    verdict = judged(a_row(path=path), lists=read(text))

    assert verdict.reason == "restricted_country"


def test_an_unknown_country_may_be_allowed_and_is_noted():
    """The clearance says that somebody should have a look."""
    chat = contact(ids=Ids(("870123456789",)))

    verdict = judged(chat=chat, lists=read(DEFAULT_TEXT, unknown="allow"))

    assert verdict.clearance.notes == ("unknown_country",)
    assert verdict.words.endswith("Note: unknown_country.")


def test_nobody_can_be_written_to_without_an_identity():
    """Even where unknown countries are allowed."""
    verdict = judged(chat=contact(ids=Ids()), lists=read(DEFAULT_TEXT, unknown="allow"))

    assert verdict.reason == "no_recipient"


@pytest.mark.parametrize(
    ("number", "until"),
    [
        (pauses(Pause("locked", NOON)), None),
        (pauses(Pause("restricted", NOON, NOON + HOUR)), NOON + HOUR),
        (pauses(Pause("restricted", NOON, NOON + HOUR), Pause("slow", NOON, NOON + 2 * HOUR)), NOON + 2 * HOUR),
        (pauses(Pause("restricted", NOON, NOON + HOUR), Pause("locked", NOON)), None),
    ],
)
def test_a_paused_number_waits(number, until):
    """Until the last pause ends, or until somebody has mended what has no end."""
    verdict = judged(number=number)

    assert isinstance(verdict, Wait)
    assert (verdict.until, verdict.reason) == (until, "number_paused")


@pytest.mark.parametrize(
    ("row", "heard_at", "first"),
    [
        (send(BACK), None, True),
        (send(BACK), NOON - 24 * HOUR, True),
        (send(BACK), NOON - HOUR, False),
        (a_row(), NOON - HOUR, False),
    ],
)
def test_whom_the_business_writes_to_first_is_told(row, heard_at, first):
    """Meta limits how many people get a template a day who have not written."""
    verdict = judged(row, replace(CHAT, heard_at=heard_at))

    assert isinstance(verdict, Leave)
    assert verdict.writes_first is first


def test_a_pause_that_has_ended_is_none():
    """Nobody has to clear it away."""
    assert isinstance(judged(number=pauses(Pause("restricted", NOON - HOUR, NOON))), Leave)


def test_a_pause_is_no_way_round_the_lists():
    """What may never leave is dropped even while nothing leaves."""
    verdict = judged(chat=contact(ids=Ids(("5351234567",))), number=pauses(Pause("locked", NOON)))

    assert verdict.reason == "restricted_country"


@pytest.mark.parametrize(
    ("fallback", "chat", "number", "expected"),
    [
        (BACK, CHAT, NUMBER, None),
        (BACK, CHAT, told("DISABLED"), "template_not_approved"),
        (BACK, CHAT, told(values=2), "template_values"),
        (BACK, contact(marketing=Consent.REFUSED), told(category="MARKETING"), "opted_out"),
        (OFFER, contact(marketing=Consent.REFUSED), NUMBER, "opted_out"),
        (None, CHAT, NUMBER, "window_closed"),
    ],
)
def test_in_a_closed_window_the_fallback_is_judged_as_well(fallback, chat, number, expected):
    """It leaves in the row's place if it may, as a row of its own."""
    row = send(fallback=fallback)

    verdict = judged(row, replace(chat, heard_at=None), number)

    if expected is None:
        assert isinstance(verdict, LeaveAsTemplate)
        assert (verdict.row.replaces, verdict.row.effect, verdict.row.path) == (
            row.id,
            Send(content=BACK),
            Path.TEMPLATE,
        )
        assert isinstance(judged(verdict.row, replace(chat, heard_at=None), number), Leave)
    else:
        assert (type(verdict), verdict.reason) == (Drop, expected)


@pytest.mark.parametrize(
    ("row", "now", "expected"),
    [
        (a_row(), NOON, timedelta(minutes=1)),
        (a_row(), NOON + 12 * HOUR - SECOND, SECOND),
        (send(asked=False), NOON + 24 * HOUR - 70 * SECOND, 10 * SECOND),
    ],
)
def test_a_judgement_is_valid_until_something_may_change(row, now, expected):
    """The end of the window, of the age limit or of the row itself, and a minute at most."""
    assert judged(row, now=now).valid_until - now == expected


def test_the_words_of_a_drop_name_the_end_of_the_holding():
    """The owner sees when the bot would speak again."""
    assert judged(chat=replace(CHAT, holding=OWNER)).words == "The owner holds the chat until 2026-03-02 13:00 UTC."
    assert judged(chat=replace(CHAT, holding=replace(OWNER, until=None))).words == "The owner holds the chat."
