"""Is a contact of a restricted country out of reach on every path?"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from msgspec.structs import replace

from engine.chat import Chat, Contact, Number, Run
from engine.content import Template, Text
from engine.decide import Decision, decide
from engine.effects import Bulk, DropQueued, Http, Leaving, Report, Send, Speaker
from engine.events import (
    CampaignReached,
    ChatEvent,
    EchoReceived,
    HttpAnswered,
    MessageReceived,
    StatusReceived,
    TimerFired,
)
from engine.gate import Drop, judge
from engine.identity import Ids
from engine.marks import run_mark
from engine.paths import check, path_in, path_out
from engine.request import Answer, Request
from engine.row import queue
from engine.rows import rows_for
from engine.ruleset import Ruleset
from flows.compile import ruleset
from flows.load import load_files
from rules.policy.daytime import Daytime
from rules.policy.restrictions import DEFAULT, Clearance, Path, Refusal

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HALF_A_DAY = timedelta(hours=12)
NUMBER = Number(id="1", business="shop", phone="5511912345678", waba="2")
ALLOWED, BLOCKED = Ids(phones=("5511987650001",)), Ids(phones=("5351234567",))
FILES = {
    "business.yaml": """
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
""",
    "flow.yaml": """
flow: order
start: [{when: text has "order"}]
steps:
  - wait: 1h
  - send: "Hi"
---
flow: ask
steps:
  - http: "https://a.example/"
  - send: "Hi"
""",
    "campaign.yaml": """
templates: "2"
list: [{name: hi, language: en, category: UTILITY, status: APPROVED, body: Hi}]
---
campaign: spring
audience: {file: people.csv}
template: hi
""",
    "people.csv": "phone\n+5511987650001\n",
}
CUBAN_NUMBER = FILES["business.yaml"].replace("+55 11 91234-5678", "+53 5 123 4567")


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    """Give the flow above, compiled."""
    loaded = load_files(FILES)
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


def a_chat(ids: Ids) -> Chat:
    """Return a chat with a contact whose window is open."""
    return Chat(number="1", contact=Contact(id="c", ids=ids), heard_at=NOON)


def message(ids: Ids) -> MessageReceived:
    """Return a message that starts the flow."""
    return MessageReceived(id="m", at=NOON, arrived_at=NOON, content=Text("order"), ids=ids)


def sends_nothing(decision: Decision, event: ChatEvent) -> bool:
    """Tell whether nothing of a decision reaches the outbox."""
    queued = rows_for(decision, event=event, subject="1/c", number=NUMBER, lists=DEFAULT, now=NOON)
    return queued.rows == () and decision.chat.run is None


def comes_in(rules: Ruleset) -> bool:
    """A message starts no flow."""
    return sends_nothing(decide(a_chat(Ids()), message(BLOCKED), rules, NOON), message(BLOCKED))


def is_echoed(rules: Ruleset) -> bool:
    """An echo hands over, and nothing else follows."""
    event = EchoReceived(id="e", at=NOON, arrived_at=NOON, content=Text("hi"), ids=BLOCKED)
    return decide(a_chat(BLOCKED), event, rules, NOON).effects == (DropQueued("owner_replied"),)


def fires(rules: Ruleset) -> bool:
    """A timer of a run that began before the country was listed ends nothing but itself."""
    chat = decide(a_chat(ALLOWED), message(ALLOWED), rules, NOON).chat
    assert chat.run is not None
    event = TimerFired(id="t", at=NOON, arrived_at=NOON, name="over", run=run_mark(chat), wait=chat.run.waits)
    moved = replace(chat, contact=replace(chat.contact, ids=BLOCKED))
    return decide(chat, event, rules, NOON).effects != () and decide(moved, event, rules, NOON).effects == ()


def is_reported_on(rules: Ruleset) -> bool:
    """A status leads to no message."""
    event = StatusReceived(id="s", at=NOON, arrived_at=NOON, message_id="w", status="failed", code=131047)
    return sends_nothing(decide(a_chat(BLOCKED), event, rules, NOON), event)


def leaves(effect: Leaving) -> Callable[[Ruleset], bool]:
    """Return a check that an effect gets no row, and that a row queued earlier is dropped by the gate."""

    def scene(_: Ruleset) -> bool:
        decision = Decision(a_chat(BLOCKED), (effect,))
        earlier = check(Path.FLOW, ALLOWED, NUMBER, DEFAULT)
        assert isinstance(earlier, Clearance)
        row = queue(
            earlier,
            business="shop",
            number="1",
            chat="1/c",
            event="m",
            index=0,
            effect=effect,
            epoch=0,
            asked_at=NOON,
            queued_at=NOON,
            arrived_at=NOON,
        )
        verdict = judge(row, a_chat(BLOCKED), NUMBER, DEFAULT, NOON, answer_within=HALF_A_DAY)
        return sends_nothing(decision, message(BLOCKED)) and isinstance(verdict, Drop)

    return scene


def is_asked_or_answered(rules: Ruleset) -> bool:
    """Another system is neither asked about them, nor does its answer lead to anything."""
    asked = Http(
        request=Request(method="GET", url=("https://a.example/",), timeout=timedelta(seconds=5)), run="", wait=1
    )
    chat = replace(a_chat(ALLOWED), run=Run(id="r", flow="ask", version="v1", at="0", waiting=True, for_answer=False,
                   for_system=True, waits=1, started_at=NOON))  # fmt: skip
    event = HttpAnswered(id="h", at=NOON, arrived_at=NOON, run=run_mark(chat), wait=1, answer=Answer(status=200))
    moved = replace(chat, contact=replace(chat.contact, ids=BLOCKED))
    goes_on = decide(chat, event, rules, NOON).effects != ()
    return leaves(asked)(rules) and goes_on and decide(moved, event, rules, NOON).effects == ()


def is_reached(rules: Ruleset) -> bool:
    """A campaign leads to no message, and one that is queued already is dropped."""
    event = CampaignReached(id="c", at=NOON, arrived_at=NOON, campaign="spring", ids=BLOCKED)
    stranger = replace(a_chat(Ids()), heard_at=None)
    offer = Send(content=Template("hi", "en"), asked=False, bulk=Bulk("spring", Daytime(time(0), time(23), "UTC")))
    goes_out = path_out(offer, event) is Path.CAMPAIGN and leaves(offer)(rules)
    reached = decide(stranger, replace(event, ids=ALLOWED), rules, NOON).effects != ()
    return goes_out and reached and decide(stranger, event, rules, NOON).effects == ()


def is_onboarded(_: Ruleset) -> bool:
    """A folder with a number of a restricted country does not load."""
    found = load_files({"business.yaml": CUBAN_NUMBER})
    return found.folder is None and [each.code for each in found.problems] == ["business-restricted-country"]


def is_kept_only(path: Path) -> Callable[[Ruleset], bool]:
    """What a phone told of its past is kept, leads to nothing for anybody, and says that it may not be answered."""
    return lambda rules: isinstance(check(path, BLOCKED, NUMBER, rules.lists), Refusal)


SCENES: dict[Path, Callable[[Ruleset], bool]] = {
    Path.INBOUND: comes_in,
    Path.ECHO: is_echoed,
    Path.FLOW: leaves(Send(content=Text("Hi"))),
    Path.TEMPLATE: leaves(Send(content=Template("hi", "en"))),
    Path.TIMER: fires,
    Path.REPORT: leaves(Report(event="Purchase", ad="77", clid="click")),
    Path.HTTP: is_asked_or_answered,
    Path.STATUS: is_reported_on,
    Path.NOTICE: leaves(Send(content=Text("Bye"), speaker=Speaker.NOTICE)),
    Path.CAMPAIGN: is_reached,
    Path.HISTORY: is_kept_only(Path.HISTORY),
    Path.CONTACTS: is_kept_only(Path.CONTACTS),
    Path.ONBOARDING: is_onboarded,
}


def test_no_path_is_forgotten():
    """Whoever adds a path adds its scene."""
    assert set(SCENES) == set(Path)


@pytest.mark.parametrize("path", Path)
def test_a_restricted_contact_gets_nothing(path, rules):
    """Whatever the way, nothing leaves."""
    assert SCENES[path](rules)


def test_every_event_that_can_lead_to_something_is_on_a_path():
    """What a contact, an owner, a timer or Meta does is asked about."""
    events: list[ChatEvent] = [
        message(ALLOWED),
        EchoReceived(id="e", at=NOON, arrived_at=NOON, content=Text("hi"), ids=ALLOWED),
    ]

    assert [path_in(each) for each in events] == [Path.INBOUND, Path.ECHO]
