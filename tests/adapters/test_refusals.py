"""What does each of Meta's errors lead to, as the store and Meta see it: as an answer, and as a failed status?"""

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Literal

import pytest
import redis
from msgspec import Struct

from adapters.store import Row
from adapters.whatsapp.fake_trouble import Trouble
from engine.approval import ADVICE
from engine.chat import Chat, Contact, Number
from engine.effects import Alert
from rules.policy.consent import Consent
from rules.policy.errors import TABLE, Action
from tests.adapters.counter import a_counter, now_ms
from tests.main_job.town import said

ROWS = list(csv.DictReader(files("rules.policy").joinpath("errors.csv").read_text("utf-8").splitlines()))
WAYS: tuple[Literal["refuse", "fail"], ...] = ("refuse", "fail")
CASES = [(int(row["code"].partition("-")[2] or row["code"]), way) for row in ROWS for way in WAYS]
TEMPLATE_ONLY = {Action.OPTED_OUT, Action.LATER_DAY, Action.TEMPLATE_OFF}
DAY = timedelta(days=1)
# How long the same message waits at least before it is tried again.
WAITS = {
    Action.RETRY: timedelta(seconds=2),
    Action.SLOW_NUMBER: timedelta(seconds=5),
    Action.REST_PAIR: timedelta(seconds=1),
    Action.PAUSE_NUMBER: timedelta(minutes=1),
}
FLOWS = """
flow: ping
start: [{when: text has "ping"}]
steps: [{send: "pong"}]
---
flow: offer
start: [{when: text has "offer"}]
steps: [{send: {template: spring}}]
---
templates: "2000"
list:
  - {name: back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}
  - {name: spring, language: en, category: MARKETING, status: APPROVED, body: "Cakes for spring!"}
"""
BUSINESS = """
business: Shop
timezone: America/Sao_Paulo
language: en
fallback: {template: back}
numbers:
"""


class Seen(Struct):
    """What became of one message: rows, what Meta got, and what was remembered and told."""

    row: Row
    queued: list[Row]
    said: list[str]
    chat: Chat
    contact: Contact
    number: Number | None
    slowed: bool
    rests_ms: int
    alerts: list[Alert]
    begun_ms: int


def number_of(case):
    """Give each case a number of its own, and its contact a phone."""
    return str(3000 + CASES.index(case))


def phone_of(case):
    """Return the contact's phone number."""
    return f"55119876{int(number_of(case)):05d}"


@pytest.fixture(scope="module")
def seen(store_url, tmp_path_factory):
    """Send a message for each case, and give what was seen of it."""
    home = tmp_path_factory.mktemp("shop")
    numbers = [
        f'  - {{id: "{number_of(case)}", phone: "+55 11 91234-{int(number_of(case)):04d}", waba: "2000"}}\n'
        for case in CASES
    ]
    (home / "business.yaml").write_text(BUSINESS + "".join(numbers))
    (home / "flows.yaml").write_text(FLOWS)
    with redis.Redis.from_url(store_url) as client:
        client.flushdb()
    return asyncio.run(_sent(store_url, home))


async def _sent(store_url, home):
    async with a_counter(store_url, home) as counter:
        rows, begun_ms = {}, now_ms()
        for code, way in CASES:
            number = number_of((code, way))
            counter.graph.trouble.append(Trouble(way, code, number_id=number))
            words = "offer" if TABLE[code].action in TEMPLATE_ONLY else "ping"
            subject = await counter.writes(number, phone_of((code, way)), words, f"w{number}")
            rows[code, way] = (subject, (await counter.queued(subject))[0].id)
        await counter.serve(map(number_of, CASES))
        await counter.serve(number_of(case) for case in CASES if TABLE[case[0]].action is Action.TEMPLATE)
        alerts = await counter.alerts()
        return {case: await _seen(counter, case, *rows[case], alerts, begun_ms) for case in CASES}


async def _seen(counter, case, subject, row, alerts, begun_ms):
    number = number_of(case)
    store = counter.built.store
    slow = await store.command("HGET", f"{{shop}}:p:{number}", "slow_until")
    rest = await store.command("HGET", f"{{shop}}:s:{subject}", "pair_rest")
    told = await counter.number(number)
    return Seen(
        row=await counter.row(row),
        queued=await counter.queued(subject),
        said=[said(each) for each in counter.posts(number)],
        chat=await counter.chat(subject),
        contact=await counter.contact(subject),
        number=told,
        slowed=bool(slow),
        rests_ms=int(rest or 0),
        alerts=[each for each in alerts if each.chat in (subject, number)],
        begun_ms=begun_ms,
    )


def test_every_row_of_the_table_is_here():
    """Each code is met twice: as the answer to a send, and in a failed status."""
    assert {row["code"] for row in ROWS} >= {"0", "131047", "131049", "131050", "131056", "132015", "200-299"}
    assert len(CASES) == 2 * len(ROWS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_code_leads_to_its_action(seen, case):
    """What Meta got, how the row ended, what was marked, and what the owner was told."""
    code, way = case
    rule, found = TABLE[code], seen[case]

    assert found.said == _said(rule)
    assert found.row.state.value == _state(rule, way)
    assert found.row.delivery == ("failed" if way == "fail" else None)
    assert [row.id for row in found.queued] == ([found.row.id] if found.row.state.value == "queued" else [])
    _is_not_tried_too_early(found, rule)
    _is_marked(found, rule)
    assert [alert.words for alert in found.alerts] == _told(rule, way)


def _said(rule):
    first = "template spring" if rule.action in TEMPLATE_ONLY else "pong"
    return [first, "template back"] if rule.action is Action.TEMPLATE else [first]


def _state(rule, way):
    if way == "fail":
        return "sent"
    return "queued" if rule.action in WAITS else "failed"


def _is_not_tried_too_early(found, rule):
    if found.row.state.value == "queued":
        waits = max(WAITS[rule.action], rule.rest)
        assert found.row.not_before_ms >= found.begun_ms + waits.total_seconds() * 1000


def _is_marked(found, rule):
    begun = datetime.fromtimestamp(found.begun_ms / 1000, UTC)
    unreachable, later = found.contact.unreachable_until, found.contact.marketing_after
    assert (unreachable is not None and unreachable >= begun + DAY) is (
        rule.action in (Action.UNREACHABLE, Action.COUNTRY)
    )
    assert (later is not None and later >= begun + DAY) is (rule.action is Action.LATER_DAY)
    assert (found.contact.marketing is Consent.REFUSED) is (rule.action is Action.OPTED_OUT)
    assert (found.chat.window_shut_at is not None) is (rule.action is Action.TEMPLATE)
    assert (found.rests_ms > found.begun_ms) is (rule.action is Action.REST_PAIR)
    assert found.slowed is (rule.action is Action.SLOW_NUMBER)
    _number_is_marked(found.number, rule, begun)


def _number_is_marked(number, rule, begun):
    pauses = number.pauses if number else ()
    assert [pause.reason for pause in pauses] == ([f"error_{rule.code}"] if rule.action is Action.PAUSE_NUMBER else [])
    assert all(pause.until >= begun + max(WAITS[Action.PAUSE_NUMBER], rule.rest) for pause in pauses)
    states = number.templates if number else {}
    assert {name: state.status for name, state in states.items()} == (
        {"spring/en": rule.template_status} if rule.template_status else {}
    )


def _told(rule, way):
    """Whatever can be mended is told once, in words that say what to do."""
    if way == "fail" and rule.action in WAITS and rule.action is not Action.PAUSE_NUMBER:
        return [f"A message did not arrive ({rule.title}). Look into the chat, and say it again if it matters."]
    if rule.template_status:
        status = rule.template_status
        return [f"Template `spring` (en): Meta's status is {status}. {ADVICE[status]}"]
    return [rule.words_with("The fake Graph server was told to do this.")] if rule.notify else []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("store")
def test_marketing_that_meta_held_back_is_not_tried_within_a_day(store_url, tmp_path, way):
    """Neither by itself nor when the contact asks for it again; an answer still leaves."""
    (tmp_path / "business.yaml").write_text(BUSINESS + '  - {id: "1", phone: "+55 11 91234-5678", waba: "2000"}\n')
    (tmp_path / "flows.yaml").write_text(FLOWS)

    async def scene():
        async with a_counter(store_url, tmp_path) as counter:
            counter.graph.trouble.append(Trouble(does=way, code=131049))
            for place, words in enumerate(("offer", "offer", "ping")):
                chat = await counter.writes("1", "5511987650001", words, f"w{place}")
                await counter.serve(["1"], one_each=place != 1)
            return [said(each) for each in counter.posts("1")], await counter.queued(chat)

    assert asyncio.run(scene()) == (["template spring", "pong"], [])


@pytest.mark.parametrize(
    ("way", "http_status", "state", "alerts"),
    [
        ("refuse", 400, "failed", ["give_up"]),
        ("refuse", 500, "queued", []),
        ("refuse", 429, "queued", []),
        ("refuse", 401, "queued", ["error_999999"]),
        ("fail", None, "sent", ["send_refused"]),
    ],
)
@pytest.mark.usefixtures("store")
def test_a_code_that_nobody_knows_is_judged_by_the_http_status(store_url, tmp_path, way, http_status, state, alerts):
    """Without one it is given up, and the owner is told."""
    (tmp_path / "business.yaml").write_text(BUSINESS + '  - {id: "1", phone: "+55 11 91234-5678", waba: "2000"}\n')
    (tmp_path / "flows.yaml").write_text(FLOWS)

    async def scene():
        async with a_counter(store_url, tmp_path) as counter:
            counter.graph.trouble.append(Trouble(way, 999999, http_status=http_status))
            chat = await counter.writes("1", "5511987650001", "ping", "w1")
            [row] = await counter.queued(chat)
            await counter.serve(["1"])
            number = await counter.number("1")
            told = [alert.code for alert in await counter.alerts()]
            return (await counter.row(row.id)).state.value, told, bool(number and number.pauses)

    assert asyncio.run(scene()) == (state, alerts, http_status == 401)
