"""Is it known without what a condition cannot hold, and is the rarest of it chosen?"""

from decimal import Decimal

import pytest

from rules.conditions import Type, check
from rules.conditions.needs import need_of
from rules.conditions.signs import LONGEST, chosen

SCOPE = {
    "text": Type.TEXT,
    "country": Type.TEXT,
    "ad.id": Type.TEXT,
    "message.type": Type.TEXT,
    "tags": Type.LIST,
    "qty": Type.NUMBER,
    "vip": Type.TRUTH,
    "answer": Type.ANY,
}


def keys(text, *others, scope=SCOPE):
    """Choose what is looked for on behalf of the first condition: name, form and value, `!` where it proves."""
    found = chosen([need_of(check(each, scope).tree) for each in (text, *others)])[0]
    return found and {(f"{key.name} {key.form}{'!' if proves else ''}", key.value) for key, proves in found.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('text has "Preço"', {("text words!", " preco ")}),
        ('text has any ("how much", "price")', {("text words!", " how much "), ("text words!", " price ")}),
        ('text has all ("how much", "price")', {("text words", " how much ")}),
        ('text has "ราคา"', {("text words!", " ร า ค า ")}),
        ('text contains "GLUTENfree"', {("text characters!", "glutenfree")}),
        ('text contains any ("a b", "-")', {("text characters!", "a b"), ("text characters!", "-")}),
        ('text starts with "Hi "', {("text characters", "hi")}),
        ('text ends with ("?", "!!")', {("text characters", "?"), ("text characters", "!!")}),
        ('answer contains "x"', {("answer characters!", "x")}),
        ('tags has "VIP"', {("tags item!", "vip")}),
        ('tags has all ("vip", "wholesale")', {("tags item", "wholesale")}),
        ('country = "br"', {("country text!", "br")}),
        ('"BR" = country', {("country text!", "br")}),
        ('country in ("BR", "PT")', {("country text!", "br"), ("country text!", "pt")}),
        ("qty = 2", {("qty number!", Decimal(2))}),
        ("qty in (2, 3.50)", {("qty number!", Decimal(2)), ("qty number!", Decimal("3.5"))}),
        ("vip", {("vip truth!", True)}),
        ("vip = false", {("vip truth!", False)}),
        ("vip and qty > 3", {("vip truth", True)}),
        ("answer and qty > 3", {("answer truth", True)}),
        ('text like "12 or"', {("text words", " 12 ")}),
        ('text like "cake"', {("text words", " ca"), ("text words", "ke "), ("text words", " ckae ")}),
        ('text like "多少钱"', {("text words", " 多 少 钱 ")}),
        ('text like any ("no", "já")', {("text words", " no "), ("text words", " ja ")}),
        ('text matches "order #[0-9]+"', {("text letters", "order #")}),
        ('text matches "Straße|(?P<id>сум+а)"', {("text letters", "strasse"), ("text letters", "сум")}),
        ('text has "{}"'.format("a" * 40), {("text words", " " + "a" * (LONGEST - 1))}),
        ('text contains "{}"'.format("a" * LONGEST), {("text characters!", "a" * LONGEST)}),
    ],
)
def test_a_test_needs_what_it_looks_for(text, expected):
    """What proves is not evaluated any more; the rest is only where it could hold."""
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('text has "a" and text has "unicorn"', {("text words", " unicorn ")}),
        ('text has "a" or text has "unicorn"', {("text words!", " a "), ("text words!", " unicorn ")}),
        ('text has "a" or text has "b" and vip', {("text words!", " a "), ("text words", " b ")}),
        ('vip and (text has "unicorn" or tags has "unicorn")', {("text words", " unicorn "), ("tags item", "unicorn")}),
        ('not vip and (qty > 3 or vip) and text has "cake"', {("text words", " cake ")}),
        ('(text has "cake" or qty > 3) and country = "BR"', {("country text", "br")}),
        ('text has "cake" or text has "cake" and vip', {("text words!", " cake ")}),
    ],
)
def test_and_needs_one_part_and_or_needs_all(text, expected):
    """`and` takes the rarest of its parts, `or` every one."""
    assert keys(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            'not text has "a"',
            'not (text has "a" and vip)',
            "not vip",
            'text has none ("a")',
            'text like none ("cake")',
        ),
        *('text contains none ("a")', 'text != "a"', 'country not in ("BR")', "qty > 3", "qty between 1 and 2", "true"),
        *("qty is not set", "text is set", "qty + 1 = 2", "qty = qty", "text = country", "today = mon", "now > 09:00"),
        *('text has "a" or qty > 3', 'text has "a" or not vip', 'text has any ("a", country)', "text has any tags"),
        *("qty in (1, length(text))", "tags has 3", 'answer has "a"', 'answer = "a"', "answer = 3", '"a" has "a"'),
        *('lower(text) has "a"', 'lower(text) matches "a"', 'text matches "[0-9]+"', 'text matches "a?|b"'),
    ],
)
def test_some_need_nothing_that_is_known(text):
    """What holds without anything to be seen, or where it cannot be told, is evaluated always."""
    assert keys(text) is None


def test_a_name_of_ours_is_what_it_is_to_us():
    """Whatever the facts call `now` or `today`, both are the clock."""
    scope = {"now": Type.TEXT, "today": Type.TRUTH}

    assert keys('now = "a"', scope=scope) is None
    assert keys('now has "a"', scope=scope) is None
    assert keys('now matches "a"', scope=scope) is None
    assert keys("today", scope=scope) is None


def test_what_many_look_for_is_chosen_by_none():
    """If ten thousand ask for `text` messages, that tells nothing: what else they ask for is looked at."""
    others = [f'message.type = "document" and text has "w{count}"' for count in range(200)]

    alone = keys('message.type = "document" and text has "cake"')
    among = keys('message.type = "document" and text has "cake"', *others)

    assert alone == {("message.type text", "document")}
    assert among == {("text words", " cake ")}
