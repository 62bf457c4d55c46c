"""What becomes of whatever anybody may write, whoever they are, between the door and what the bot would say?"""

from typing import Any

import pytest

from adapters.records import read_alert, read_contact, read_row
from adapters.whatsapp.meta import Line, Person
from engine.content import Template, Text
from engine.effects import Send
from engine.walk import STEPS_PER_EVENT
from rules.policy import loop
from tests.adapters.web.door import Door
from tests.adapters.web.test_contents import a_body, a_change, a_message, now, quarantine, taken

BOOKSHOP = Line("406540352242922", "15550783884", "402290129340398")
BUSINESS = "bookshop"
DAY_S = 86_400
ANA = Person(phone="5511987650001", name="Ana")


def wrote(text: Any = "hello", name: Any = "Ana", **changes: Any) -> dict[str, Any]:
    """Write a body with a message to the bookshop."""
    change = a_change(a_message(text, **changes), line=BOOKSHOP)
    change["value"]["contacts"] = [{"wa_id": changes.get("from", ANA.phone), "profile": {"name": name}}]
    return a_body(change, line=BOOKSHOP)


def would_say(door: Door) -> list[str]:
    """Return what is queued for contacts of the bookshop: words of texts, values of templates."""
    rows = [read_row(door.client.hget(key, "blob")) for key in door.keys(f"{{{BUSINESS}}}:r:*")]
    contents = [
        row.effect.content for row in sorted(rows, key=lambda row: row.queued_at) if isinstance(row.effect, Send)
    ]
    texts = [each.body for each in contents if isinstance(each, Text)]
    return texts + [value for each in contents if isinstance(each, Template) for value in each.params]


def told(door: Door) -> list[str]:
    """Return what the owner of the bookshop was told of."""
    return [read_alert(each.blob).code for each in door.ask(lambda store: store.alerts(BUSINESS))]


RESTRICTED: dict[str, dict[str, Any]] = {
    "Cuba, in groups": {"from": "+53 5 123 4567"},
    "Cuba, after zeros": {"from": "0053 5123 4567"},
    "Iran, in brackets": {"from": "(+98) 912-345-6789"},
    "Iran, in its own digits": {"from": "۹۸۹۱۲۳۴۵۶۷۸۹"},
    "Iran, in wide digits": {"from": "＋９８９１２３４５６７８９"},
    "North Korea": {"from": "850212345678"},
    "Syria": {"from": "963944567289"},
    "Crimea": {"from": "+79781234567"},
    "Crimea, without its plus": {"from": "79781234567"},
    "Crimea, in the country's way": {"from": "8 978 123-45-67"},
    "Crimea, with other hyphens and spaces": {"from": "+7 (978) 123\u201145\u201167\u00a0"},
    "Crimea, between marks of direction": {"from": "\u202a+79781234567\u202c"},
    "Cuba, by user id": {"from": None, "from_user_id": "CU.1502576394655843"},
    "Cuba, by user id beside a number of elsewhere": {"from_user_id": "CU.1502576394655843"},
    "nowhere, by number": {"from": "870123456789"},
    "nowhere, by user id": {"from": None, "from_user_id": "XX.1502576394655843"},
}


@pytest.mark.parametrize("name", RESTRICTED)
def test_whom_the_lists_name_is_kept_told_and_not_answered(door: Door, name: str) -> None:
    """In whatever spelling their number comes."""
    status = taken(door, wrote(**RESTRICTED[name]))

    assert (status, would_say(door), told(door)) == (200, [], ["restricted_contact"])
    assert door.heard(BUSINESS) == ["hello"]


def test_a_number_that_differs_from_the_senders_is_asked_about_too(door: Door) -> None:
    """One of the two is in a country that the lists name."""
    body = wrote()
    body["entry"][0]["changes"][0]["value"]["contacts"][0]["wa_id"] = "5351234567"

    status = taken(door, body)

    assert (status, would_say(door), told(door)) == (200, [], ["restricted_contact"])


NOBODY = [
    "tel:+5351234567",
    "wa.me/5351234567",
    "+5351234567;ext=1",
    "+0053 51234567",
    "+07978 1234567",
    "",
    "+",
    "+0",
    "12345678901234567890",
    "cu.1502576394655843",
    " CU.1502576394655843",
]


@pytest.mark.parametrize("sender", NOBODY)
def test_who_is_nobody_is_kept_for_people(door: Door, sender: str) -> None:
    """There is no chat, and nothing to answer."""
    field = "from_user_id" if sender.lower().strip().startswith("cu.") else "from"

    status = taken(door, wrote(**{"from": None, field: sender}))

    assert (status, would_say(door), door.keys(f"{{{BUSINESS}}}:s:*/*")) == (200, [], [])
    assert len(quarantine(door)) == 1


ALLOWED: dict[str, dict[str, Any]] = {
    "Nigeria": {"from": "2348012345678"},
    "Trinidad": {"from": "18681234567"},
    "Puerto Rico": {"from": "17871234567"},
    "Russia, near the Crimea's numbers": {"from": "79901234567"},
    "the region that only an operator's list names": {"from": "73651234567"},
    "Ukraine, by user id": {"from": None, "from_user_id": "UA.1502576394655843"},
}


@pytest.mark.parametrize("name", ALLOWED)
def test_whom_the_lists_do_not_name_is_answered(door: Door, name: str) -> None:
    """Their neighbours are."""
    status = taken(door, wrote(**ALLOWED[name]))

    assert (status, would_say(door), told(door)) == (200, ["Which book?"], [])


SAID: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a kind nobody knows": ({"type": "hologram", "text": None, "hologram": {}}, ["What is it?"]),
    "a megabyte": ({"text": "x" * 1_000_000}, ["I read 4096 of it."]),
    "what takes others' patterns years": ({"text": "a" * 65_536 + "!"}, ["I read 4096 of it."]),
    "a condition": ({"text": '" or text = "books'}, ["Which book?"]),
    "braces": ({"text": "{{ text }}"}, ["Which book?"]),
    "a statement": ({"text": "{% raw %}"}, ["Which book?"]),
    "a name in braces": ({"text": "hi", "name": "{{ 7*7 }}"}, ["Hi {{ 7*7 }}!"]),
    "a name that is a statement": ({"text": "hi", "name": "{% raw %}"}, ["Hi {% raw %}!"]),
    "a name of many lines": ({"text": "hi", "name": "*An*\n\n_a_\r\n\tB"}, ["Hi *An* _a_ B!"]),
    "a name of 10,000 characters": ({"text": "hi", "name": "a" * 10_000}, [f"Hi {'a' * 1024}!"]),
    "no name": ({"text": "hi", "name": ""}, ["Hi !"]),
    "no name where there is a default": ({"text": "good morning", "name": ""}, ["Hi there!"]),
    "nothing to say": ({"text": "nothing"}, []),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_written_is_never_read_as_ours(door: Door, name: str) -> None:
    """It is compared, counted and repeated as it is, within its bounds."""
    message, expected = SAID[name]

    status = taken(door, wrote(**message))

    assert (status, would_say(door)) == (200, expected)


def test_a_value_of_a_template_is_on_one_line(door: Door) -> None:
    """Meta takes neither line ends, tabs nor many spaces there."""
    for text in ("note", "Ana\nand\tBo     too"):
        taken(door, wrote(text))

    assert would_say(door) == ["For whom?", "Ana and Bo too"]


@pytest.mark.parametrize("text", ["STOP", " stop ", "ＳＴＯＰ", "STOP!", "stop\u200b"])
def test_who_says_stop_gets_no_more_offers(door: Door, text: str) -> None:
    """However it is typed."""
    taken(door, wrote(text))

    [contact] = door.keys(f"{{{BUSINESS}}}:c:*")
    assert would_say(door) == ["No more offers."]
    assert read_contact(door.client.hget(contact, "state")).marketing.value == "refused"


@pytest.mark.parametrize("text", ["nonstop", "stop by"])
def test_who_says_more_than_stop_is_answered(door: Door, text: str) -> None:
    """The word alone is the wish."""
    taken(door, wrote(text))

    assert would_say(door) == ["Which book?"]


def test_a_message_of_days_ago_is_kept_and_told(door: Door) -> None:
    """It is too late for the bot, not for a person."""
    status = taken(door, wrote(timestamp=str(now() - 3 * DAY_S)))

    assert (status, would_say(door), told(door)) == (200, [], ["late_message"])
    assert door.heard(BUSINESS) == ["hello"]


def test_a_message_of_the_number_itself_is_kept_and_not_answered(door: Door) -> None:
    """Nobody talks to themselves for long."""
    status = taken(door, wrote(**{"from": BOOKSHOP.display_phone_number}))

    assert (status, would_say(door)) == (200, [])
    assert door.heard(BUSINESS) == ["hello"]


def test_a_bot_on_the_other_side_is_answered_so_often_and_no_more(door: Door) -> None:
    """All it writes is kept, and the owner is told once."""
    messages = [a_message(f"{place}") for place in range(50)]

    status = taken(door, a_body(a_change(*messages, line=BOOKSHOP), line=BOOKSHOP))

    assert (status, len(would_say(door)), told(door)) == (200, loop.MOST, ["loop_guard"])
    assert len(door.heard(BUSINESS)) == len(messages)


def test_a_flow_that_goes_round_in_a_circle_is_stopped(door: Door) -> None:
    """Its wait is passed over where the business has no hours, which nobody can see before; others are answered."""
    statuses = [taken(door, wrote("circle")), taken(door, wrote("hello", **{"from": "5511987650002"}))]

    said = would_say(door)
    reasons = [line.words for entry in door.log_of(BUSINESS) for line in entry.why]
    assert (statuses, said[-1]) == ([200, 200], "Which book?")
    assert 1 < len(said) < STEPS_PER_EVENT
    assert f"stopped after {STEPS_PER_EVENT} steps without a wait" in reasons


@pytest.mark.parametrize(
    "place", [None, {}, {"phone_number_id": None}, {"display_phone_number": BOOKSHOP.display_phone_number}, "x"]
)
def test_a_message_that_names_no_number_of_ours_touches_nobody(door: Door, place: Any) -> None:
    """Its account may have several, and it would be answered on each of them."""
    body = wrote()
    body["entry"][0]["changes"][0]["value"]["metadata"] = place

    status = taken(door, body)

    assert (status, door.effects(), door.counts()) == (200, {}, {"unknown_number": 1})
