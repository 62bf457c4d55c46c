"""Who gets a campaign, and may its message still leave when its slot comes?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from engine.campaign import Admitted, Campaign, Excluded, Later, Seen, admit
from engine.chat import Chat, Contact, Run
from engine.content import Template
from engine.decide import Decision, decide
from engine.effects import PassOn, Send
from engine.events import CampaignReached, ContactJoined
from engine.gate import Drop, Leave, Wait, judge
from engine.identity import Ids
from engine.row import Row
from engine.rows import rows_for
from engine.ruleset import Ruleset
from flows.compile import ruleset
from flows.load import load_files
from rules.policy.consent import Consent
from rules.policy.handoff import Holder, Holding

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""Noon in São Paulo, where the business and its contacts are."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANA = Ids(phones=("5511987650001",))
FILES = {
    "business.yaml": """
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
opt_in: {words: start}
""",
    "campaigns.yaml": """
templates: "2"
list:
  - {name: offer, language: en, category: MARKETING, status: APPROVED, body: "Hi {{1}}, come in."}
  - {name: news, language: en, category: UTILITY, status: APPROVED, body: "Hi {{1}}."}
---
campaign: spring
audience: contact.tags has "client" and chat.idle > 7d
template: offer
params: ["{{ contact.first_name | default('friend') }}"]
exclude: {spoke: 2d, had: winter}
stop: 2026-03-10 12:00
---
campaign: winter
audience: {file: people.csv, opt_in: agreed}
template: news
params: ["{{ list.city }}"]
clock: business
between: 08:00-13:00
exclude: {in_flow: false, spoke: 0s}
""",
    "people.csv": "phone,city,agreed\n+5511987650001,Rio,2025-01-01\n",
}
CLIENT = Chat(
    number="1",
    contact=Contact(id="c", ids=ANA, name="Ana Lima", tags=("client",), marketing=Consent.GIVEN),
    written_at=NOON - 8 * DAY,
)
STRANGER = Chat(number="1", contact=Contact(id="c"))
RUN = Run(id="r", flow="order", version="v1", at="0", started_at=NOON - 8 * DAY)


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    """Give the campaigns above, compiled."""
    loaded = load_files(FILES)
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


def asked(rules: Ruleset, chat: Chat, name: str = "spring", now: datetime = NOON, **more: Any) -> object:
    """Ask whether somebody gets a campaign."""
    campaign: Campaign = rules.campaigns[name]
    more = {"values": {"list.city": "Rio"}, **more}
    seen = Seen(
        chat=chat, number=rules.business.numbers["1"], business=rules.business, lists=rules.lists, now=now, **more
    )
    found = admit(campaign, seen)
    return found.reason if isinstance(found, Excluded) else found


def with_contact(chat: Chat, **changes: Any) -> Chat:
    """Change what is known of a contact."""
    return replace(chat, contact=replace(chat.contact, **changes))


EXCLUDED = {
    "not a client": (with_contact(CLIENT, tags=()), "not_in_audience"),
    "silent for too short": (replace(CLIENT, written_at=NOON - 6 * DAY), "not_in_audience"),
    "did not opt in": (with_contact(CLIENT, marketing=Consent.UNKNOWN), "no_opt_in"),
    "opted out": (with_contact(CLIENT, marketing=Consent.REFUSED), "opted_out"),
    "the owner holds the chat": (replace(CLIENT, holding=Holding(holder=Holder.OWNER)), "owner_holds"),
    "the owner wrote": (replace(CLIENT, owner_at=NOON - DAY), "spoke"),
    "the bot wrote": (replace(CLIENT, bot_at=NOON - DAY), "spoke"),
    "in a flow": (replace(CLIENT, run=RUN), "in_flow"),
    "had it": (replace(CLIENT, campaigns={"spring": NOON - 90 * DAY}), "had_it"),
    "had another": (replace(CLIENT, campaigns={"winter": NOON - 90 * DAY}), "had_another"),
    "restricted": (with_contact(CLIENT, ids=Ids(phones=("5351234567",))), "restricted"),
    "nobody": (with_contact(CLIENT, ids=Ids()), "restricted"),
    "the number itself": (with_contact(CLIENT, ids=Ids(phones=("5511912345678",))), "no_recipient"),
    "held back by Meta": (with_contact(CLIENT, marketing_after=NOON + HOUR), "held_back"),
    "unreachable": (with_contact(CLIENT, unreachable_until=NOON + HOUR), "unreachable"),
}


@pytest.mark.parametrize(("chat", "reason"), EXCLUDED.values(), ids=EXCLUDED)
def test_who_gets_no_campaign(rules: Ruleset, chat: Chat, reason: str):
    """Each with a reason; all else about them would let them have it."""
    assert asked(rules, chat) == reason
    assert asked(rules, CLIENT) == Admitted()


def test_an_exclusion_that_the_author_lifts(rules: Ruleset):
    """People in a flow, and where somebody wrote; who has the chat and who opted out is nothing to be lifted."""
    busy = replace(CLIENT, run=RUN, owner_at=NOON - HOUR)

    assert asked(rules, busy, "winter") == Admitted()
    assert asked(rules, replace(busy, holding=Holding(holder=Holder.OWNER)), "winter") == "owner_holds"
    assert asked(rules, with_contact(busy, marketing=Consent.REFUSED), "winter") == "opted_out"


def test_a_list_may_tell_of_an_opt_in(rules: Ruleset):
    """It counts where the contact said nothing; who said no stays out."""
    silent, refused = (with_contact(CLIENT, marketing=each) for each in (Consent.UNKNOWN, Consent.REFUSED))

    assert asked(rules, silent, agreed=True) == Admitted()
    assert asked(rules, refused, agreed=True) == "opted_out"


@pytest.mark.parametrize(
    ("phone", "name", "hour", "found"),
    [
        ("5511987650001", "spring", 11, Later(NOON.replace(hour=12))),
        ("5511987650001", "spring", 12, Admitted()),
        ("5511987650001", "spring", 23, Later(NOON.replace(day=3, hour=12))),
        ("4915112345678", "spring", 12, Admitted()),
        ("4915112345678", "spring", 19, Later(NOON.replace(day=3, hour=8))),
        ("4915112345678", "winter", 15, Admitted()),
        ("4915112345678", "winter", 16, Later(NOON.replace(day=3, hour=11))),
    ],
)
def test_hours_go_by_the_clock_that_the_author_names(rules: Ruleset, phone: str, name: str, hour: int, found: object):
    """That of the contact's country, or of the business."""
    chat = with_contact(CLIENT, ids=Ids(phones=(phone,)))

    assert asked(rules, chat, name, NOON.replace(hour=hour)) == found


def reached(name: str = "spring", **more: Any) -> CampaignReached:
    """Return the event that somebody's turn has come."""
    return CampaignReached(
        id=f"campaign/{name}", at=NOON, arrived_at=NOON, campaign=name, ids=more.pop("ids", ANA), **more
    )


def test_a_turn_that_comes_twice_sends_once(rules: Ruleset):
    """The chat remembers it."""
    first = decide(CLIENT, reached(), rules, NOON)
    second = decide(first.chat, reached(), rules, NOON)

    [sent] = first.effects
    assert isinstance(sent, Send)
    assert sent.content == Template("offer", "en", ("Ana",), category="MARKETING")
    assert (sent.asked, first.chat.campaigns) == (False, {"spring": NOON})
    assert (second.effects, second.chat) == ((), first.chat)
    assert "They had the campaign `spring`." in second.trace.lines[-1].words


def test_the_same_person_under_another_id_had_it_too(rules: Ruleset):
    """When two contacts turn out to be one, what either had counts."""
    had = decide(CLIENT, reached(), rules, NOON).chat
    joined = decide(had, ContactJoined(id="j", at=NOON, arrived_at=NOON, into="d"), rules, NOON)
    [known] = [each.event for each in joined.effects if isinstance(each, PassOn)]
    other = replace(CLIENT, contact=replace(CLIENT.contact, id="d"), campaigns={"autumn": NOON - DAY})

    one = decide(other, known, rules, NOON).chat

    assert one.campaigns == {"autumn": NOON - DAY, "spring": NOON}
    assert decide(one, reached(), rules, NOON).effects == ()


def test_somebody_of_a_list_whom_nobody_knew(rules: Ruleset):
    """Number, opt-in and what the list says of them come with their turn."""
    event = reached("winter", values={"list.city": "Rio"}, agreed=True)

    decision = decide(STRANGER, event, rules, NOON)

    [sent] = decision.effects
    assert isinstance(sent, Send)
    assert sent.content == Template("news", "en", ("Rio",), category="UTILITY")
    assert decision.chat.contact.ids == ANA
    assert decision.chat.contact.marketing is Consent.GIVEN


@pytest.mark.parametrize("event", [reached("summer"), reached("winter", values={"list.city": ""})])
def test_what_cannot_be_sent_is_noted(rules: Ruleset, event: CampaignReached):
    """A campaign that is gone, and a parameter that would be empty."""
    decision = decide(CLIENT, event, rules, NOON)

    assert (decision.effects, decision.chat.campaigns) == ((), {})
    assert decision.trace.lines[-1].about == "campaign"


def row_of(rules: Ruleset, decision: Decision) -> Row:
    """Queue what was decided."""
    number = rules.business.numbers["1"]
    [row] = rows_for(decision, event=reached(), subject="1/c", number=number, lists=rules.lists, now=NOON).rows
    return row


JUDGED = {
    "at once": ({}, NOON, Leave),
    "the owner took the chat": ({"holding": Holding(holder=Holder.OWNER)}, NOON, "owner_holds"),
    "opted out": ({"marketing": Consent.REFUSED}, NOON, "opted_out"),
    "nobody knows of an opt-in": ({"marketing": Consent.UNKNOWN}, NOON, "no_opt_in"),
    "at night": ({}, NOON.replace(hour=23, minute=30), NOON.replace(day=3, hour=12)),
    "the next day": ({}, NOON.replace(day=3), Leave),
    "when it is over": ({}, NOON.replace(day=10, hour=15), "campaign_over"),
}


@pytest.mark.parametrize(("changes", "now", "wanted"), JUDGED.values(), ids=JUDGED)
def test_the_gate_asks_again(rules: Ruleset, changes: dict[str, Any], now: datetime, wanted: Any):
    """For what changed while the row was waiting."""
    decision = decide(CLIENT, reached(), rules, NOON)
    contact = {name: value for name, value in changes.items() if name == "marketing"}
    rest = {name: value for name, value in changes.items() if name != "marketing"}
    chat = with_contact(replace(decision.chat, **rest), **contact)

    found = judge(row_of(rules, decision), chat, rules.business.numbers["1"], rules.lists, now, answer_within=12 * HOUR)

    match found:
        case Drop(reason=reason):
            assert reason == wanted
        case Wait(until=until):
            assert until == wanted
        case _:
            assert isinstance(found, wanted)


def test_a_judgement_ends_with_the_hours(rules: Ruleset):
    """What was judged at the last minute of the day does not leave after it."""
    decision = decide(CLIENT, reached(), rules, NOON)
    late = NOON.replace(hour=22, minute=59, second=30)

    found = judge(
        row_of(rules, decision), decision.chat, rules.business.numbers["1"], rules.lists, late, answer_within=HOUR
    )

    assert isinstance(found, Leave)
    assert found.valid_until == NOON.replace(hour=23)
