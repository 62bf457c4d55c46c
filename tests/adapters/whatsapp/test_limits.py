"""Which bodies does the Graph API take, and what does it call the faults of the others?"""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.whatsapp.limits import Fault, faults

REQUESTS = sorted((Path(__file__).parent / "requests").glob("*.json"))
COMMON = {"messaging_product": "whatsapp", "to": "+447700900123"}


def a_text(**changes: Any) -> dict[str, Any]:
    """Build a text that is accepted, with changes."""
    return {**COMMON, "type": "text", "text": {"body": "Hello"}, **changes}


def asking(kind: str, action: Any, **changes: Any) -> dict[str, Any]:
    """Build an interactive message."""
    interactive = {"type": kind, "body": {"text": "Which one?"}, "action": action, **changes}
    return {**COMMON, "type": "interactive", "interactive": interactive}


def buttons(*titles: str) -> dict[str, Any]:
    """Build an action with reply buttons."""
    return {"buttons": [{"type": "reply", "reply": {"id": f"id-{at}", "title": t}} for at, t in enumerate(titles)]}


def sections(*counts: int, title: str | None = "Cakes") -> dict[str, Any]:
    """Build an action with a list that has as many rows in each section."""
    made = []
    for at, count in enumerate(counts):
        rows = [{"id": f"row-{at}-{row}", "title": "A cake"} for row in range(count)]
        made.append({"rows": rows} if title is None else {"title": title, "rows": rows})
    return {"button": "Menu", "sections": made}


def cards(*texts: str) -> dict[str, Any]:
    """Build an action with cards that link somewhere."""
    link = {"name": "cta_url", "parameters": {"display_text": "Buy", "url": "https://bakery.example/1"}}
    header = {"type": "image", "image": {"link": "https://bakery.example/1.jpg"}}
    return {
        "cards": [
            {"card_index": at, "type": "cta_url", "header": header, "body": {"text": text}, "action": link}
            for at, text in enumerate(texts)
        ],
    }


def a_template(*parameters: dict[str, Any], component: str = "body") -> dict[str, Any]:
    """Build a template message with one component."""
    component_of = {"type": component, "parameters": list(parameters)}
    template = {"name": "follow_up", "language": {"code": "en"}, "components": [component_of]}
    return {**COMMON, "type": "template", "template": template}


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_a_sample_request_is_accepted(path: Path):
    """Every body that Meta shows for `/messages` passes."""
    body = json.loads(path.read_bytes())

    found = faults(body)

    assert found == []


@pytest.mark.parametrize(
    "body",
    [
        a_text(text={"body": "x" * 4096}),
        {**COMMON, "text": {"body": "A body without a type is a text"}},
        asking("button", buttons("x" * 20)),
        asking("list", sections(10)),
        asking("list", sections(3, title=None)),
        asking("list", sections(1), body={"text": "x" * 4096}),
        asking("carousel", cards("a\nb\nc", "d")),
        a_template({"type": "text", "text": "4 spaces    are fine"}),
    ],
)
def test_a_body_at_the_limit_is_accepted(body: dict[str, Any]):
    """What is exactly as long as allowed passes."""
    found = faults(body)

    assert found == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"text": {"body": "Hi"}, "to": "+447700900123"}, Fault(131008, "`messaging_product` is missing")),
        (a_text(messaging_product="sms"), Fault(131009, "`messaging_product` takes whatsapp")),
        (
            {"messaging_product": "whatsapp", "type": "text", "text": {"body": "Hi"}},
            Fault(131008, "`the body` needs to or recipient"),
        ),
        (a_text(to="Ana"), Fault(131009, "`to` takes a phone number with + and country code")),
        (
            a_text(recipient="447700900123"),
            Fault(131009, "`recipient` takes a business-scoped user id such as GB.81724059316620114507"),
        ),
        (a_text(text={"body": ""}), Fault(131008, "`text.body` is empty")),
        (a_text(text={"body": "x" * 4097}), Fault(100, "`text.body` takes at most 4096 characters and has 4097")),
        (a_text(text={"body": 5}), Fault(100, "`text.body` takes a text")),
        (a_text(text={"bodyy": "Hi", "body": "Hi"}), Fault(100, "`text.bodyy` is not a field of `text`")),
        (a_text(text="Hi"), Fault(100, "`text` takes an object")),
        (a_text(reply="Hi"), Fault(100, "`reply` is not a field of `the body`")),
        (
            a_text(biz_opaque_callback_data="x" * 513),
            Fault(100, "`biz_opaque_callback_data` takes at most 512 characters and has 513"),
        ),
        ({**COMMON, "type": "image", "image": {}}, Fault(131008, "`image` needs id or link")),
        (
            {**COMMON, "type": "image", "image": {"link": "bakery.example/a.jpg"}},
            Fault(131009, "`image.link` takes an address that starts with http:// or https://"),
        ),
        (
            {**COMMON, "type": "audio", "audio": {"id": "1", "caption": "Listen"}},
            Fault(100, "`audio.caption` is not a field of `audio`"),
        ),
        (
            {**COMMON, "type": "location", "location": {"latitude": "north", "longitude": 1}},
            Fault(131009, "`location.latitude` takes a number from -90 to 90"),
        ),
        (
            {**COMMON, "type": "reaction", "reaction": {"message_id": "wamid.1"}, "context": {"message_id": "wamid.1"}},
            Fault(100, "`context` is not a field of `the body`"),
        ),
        (
            {**COMMON, "type": "contacts", "contacts": [{"phones": []}]},
            Fault(131008, "`contacts[0].name` is missing"),
        ),
        (
            asking("button", buttons("Yes", "No", "Maybe", "Later")),
            Fault(131009, "`interactive.action.buttons` takes 1 to 3 items and has 4"),
        ),
        (
            asking("button", buttons("x" * 21)),
            Fault(100, "`interactive.action.buttons[0].reply.title` takes at most 20 characters and has 21"),
        ),
        (
            asking("button", buttons("Yes", "Yes")),
            Fault(131009, "`interactive.action.buttons` has the title `Yes` twice"),
        ),
        (
            asking("button", buttons("Yes"), body={"text": "x" * 1025}),
            Fault(100, "`interactive.body.text` takes at most 1024 characters and has 1025"),
        ),
        (
            asking("list", sections(5, 6)),
            Fault(131009, "`interactive.action.sections` takes at most 10 rows in all and has 11"),
        ),
        (
            asking("list", sections(1, 1, title=None)),
            Fault(131009, "`interactive.action.sections` needs a title in each section when there are several"),
        ),
        (
            asking("list", sections(1), header={"type": "image", "image": {"id": "1"}}),
            Fault(131009, "`interactive.header.type` takes text"),
        ),
        (
            asking("carousel", cards("only one")),
            Fault(131009, "`interactive.action.cards` takes 2 to 10 items and has 1"),
        ),
        (
            asking("carousel", cards("a\nb\nc\nd", "e")),
            Fault(131009, "`interactive.action.cards[0].body.text` takes at most 2 line breaks"),
        ),
        (
            a_template({"type": "text", "text": "two\nlines"}),
            Fault(
                132012,
                "`template.components[0].parameters[0].text` takes no line break, no tab and at most 4 spaces in a row",
            ),
        ),
        (
            a_template({"type": "image", "image": {"id": "1"}}),
            Fault(131009, "`template.components[0].parameters[0].type` takes text, currency or date_time"),
        ),
        (
            {**COMMON, "status": "read"},
            Fault(100, "`to` is not a field of `the body`"),
        ),
    ],
    ids=lambda value: value.details if isinstance(value, Fault) else "",
)
def test_a_fault_names_its_field(body: dict[str, Any], fault: Fault):
    """The first fault has Meta's code, the field, and what was expected."""
    found = faults(body)

    assert found[0] == fault


def test_all_faults_are_found():
    """A body with several faults tells them all."""
    body = a_text(to="Ana", text={"body": "", "preview_url": "yes"})

    codes = [fault.code for fault in faults(body)]

    assert codes == [131008, 100, 131009]


def test_an_unknown_type_is_told_the_known_ones():
    """A type that does not exist is answered with those that do."""
    body = {**COMMON, "type": "hologram", "hologram": {}}

    details = faults(body)[0].details

    assert details.startswith("`type` takes text, image, video")
