"""Is every kind of message written the way Meta's samples are?"""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.whatsapp.api import body
from adapters.whatsapp.limits import faults
from engine.content import (
    Button,
    Buttons,
    Card,
    Cards,
    Choice,
    Choices,
    FormRequest,
    Link,
    Location,
    LocationRequest,
    Media,
    Outgoing,
    Product,
    Reaction,
    Section,
    Template,
    TemplateButton,
    Text,
)
from engine.identity import To

REQUESTS = Path(__file__).parent / "requests"
SAM = To(phone="447700900123")
BAKERY = Location(latitude=51.5155, longitude=-0.0922, name="Marigold Bakery", address="1 Example Lane, London")


def template(name: str, *params: str, **more: Any) -> Template:
    """Build a template in the language of the samples."""
    return Template(name=name, language="en_GB", params=params, **more)


def quick_reply(index: int, payload: str) -> TemplateButton:
    """Build what a quick reply brings back."""
    return TemplateButton(index, "quick_reply", payload)


# What to send -> the sample it should look like.
SAMPLES: dict[str, Outgoing] = {
    "text": Text("Your cake is ready. Menu: https://bakery.example/menu"),
    "text_opaque_data": Text("Order 4711 received."),
    "image_by_id": Media(kind="image", id="1013859600285441", caption="Today: sourdough"),
    "image_by_link": Media(kind="image", link="https://bakery.example/img/bread.jpg", caption="Today: sourdough"),
    "video": Media(kind="video", id="1166846181421424", caption="How we knead"),
    "audio_basic": Media(kind="audio", link="https://bakery.example/audio/jingle.mp3", caption="not for audio"),
    "audio_voice": Media(kind="audio", id="1013859600285443", voice=True),
    "document": Media(kind="document", id="1376223850470843", filename="invoice-4711.pdf", caption="Invoice 4711"),
    "sticker": Media(kind="sticker", id="798882015472548", link="https://not.used.example"),
    "location": BAKERY,
    "reaction": Reaction("wamid.HBgMNDQ3NzAwOTAwMTIzFQIAEhggMEYxQTJCM0M0RDVFNkY3ODkwQUJDREVGMDEyMzQ1NgA=", "👍"),
    "template_no_params": template("shop_closed_notice"),
    "template_positional": template("order_ready", "Sam", "4711"),
    "template_image_header": template("weekend_offer", "Sam", header=Media(kind="image", id="1013859600285441")),
    "template_document_header": template(
        "invoice_sent", "4711", header=Media(kind="document", id="1376223850470843", filename="invoice-4711.pdf")
    ),
    "template_location_header": template("driver_on_the_way", "Sam", "4711", header=BAKERY),
    "template_quick_reply_payload": template(
        "rate_us", "Sam", buttons=(quick_reply(0, "rate:good:4711"), quick_reply(1, "rate:bad:4711"))
    ),
    "template_named": Template(
        "order_ready_named",
        "en_GB",
        named=(("first_name", "Sam"), ("order_number", "4711")),
        header=Text("Marigold"),
        header_name="shop",
    ),
    "template_url_suffix": template("track_order", "4711", buttons=(TemplateButton(0, "url", "4711-7f3a"),)),
    "template_coupon_code": template(
        "coupon_autumn", "Sam", "20%", buttons=(TemplateButton(0, "copy_code", "AUTUMN20"),)
    ),
    "template_authentication_otp": template(
        "login_code", "481516", buttons=(TemplateButton(0, "url", "481516"),), category="AUTHENTICATION"
    ),
}


def without_ours(sent: dict[str, Any]) -> dict[str, Any]:
    """Return a message without what differs from message to message."""
    return {key: value for key, value in sent.items() if key != "biz_opaque_callback_data"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_message_looks_like_metas_sample(name):
    """The body is the sample, and nothing is in it that the sample lacks."""
    sample = json.loads((REQUESTS / f"{name}.json").read_bytes())
    for component in sample.get("template", {}).get("components", ()):
        component.update({key: str(value) for key, value in component.items() if key == "index"})

    sent = body(SAM, SAMPLES[name], row="7f3a")

    assert without_ours(sent) == without_ours(sample)
    assert faults(sent) == []


CHOICES: dict[str, tuple[str, Outgoing]] = {
    "buttons": (
        "interactive_button",
        Buttons(
            body="Pick up today or tomorrow?",
            buttons=(
                Button("pickup:today", "Today"),
                Button("pickup:tomorrow", "Tomorrow"),
                Button("agent", "Talk to a person"),
            ),
        ),
    ),
    "list": (
        "interactive_list",
        Choices(
            body="What would you like to do?",
            label="See options",
            sections=(
                Section(
                    "Orders",
                    (
                        Choice("order:new", "New order", "Cakes, bread and pastry"),
                        Choice("order:status", "Order status", "Where is my order?"),
                    ),
                ),
                Section(
                    "Help",
                    (Choice("hours", "Opening hours"), Choice("agent", "Talk to a person", "We answer 8-18h")),
                ),
            ),
        ),
    ),
}


# What to send -> the sample it should look like, but for what we do not send.
PLAINER: dict[str, tuple[Outgoing, tuple[str, ...]]] = {
    "interactive_cta_url": (
        Link("See the dates of the baking class.", "See dates", "https://bakery.example/class?c=7f3a"),
        ("header", "footer"),
    ),
    "interactive_flow": (
        FormRequest(
            "Choose day and time.", "Book", "1240983377120456", "run-7f3a-book", "WELCOME", data='{"party_size": 2}'
        ),
        ("header", "footer"),
    ),
    "interactive_location_request": (LocationRequest("Where should we deliver?"), ()),
    "interactive_product": (Product("194836987003835", "SKU-CAKE-01", "Our bestseller"), ("footer",)),
}


@pytest.mark.parametrize("name", PLAINER)
def test_an_interactive_message_looks_like_metas_sample(name):
    """Without header and footer."""
    content, more = PLAINER[name]
    sample = json.loads((REQUESTS / f"{name}.json").read_bytes())
    for each in more:
        del sample["interactive"][each]

    sent = body(SAM, content, row="7f3a")

    assert without_ours(sent) == sample
    assert faults(sent) == []


def test_a_card_looks_like_metas_sample():
    """Without titles, kinds and addresses; the name is whole and in parts."""
    card = Card(
        "Ada Baker",
        ("+447700900456",),
        ("ada@bakery.example",),
        "Marigold Bakery",
        "https://bakery.example",
        whatsapp=True,
    )

    sent = body(SAM, Cards((card,)), row="7f3a")

    assert sent["contacts"] == [
        {
            "name": {"formatted_name": "Ada Baker", "first_name": "Ada", "last_name": "Baker"},
            "org": {"company": "Marigold Bakery"},
            "phones": [{"phone": "+447700900456", "wa_id": "447700900456"}],
            "emails": [{"email": "ada@bakery.example"}],
            "urls": [{"url": "https://bakery.example"}],
        }
    ]
    assert faults(sent) == []


@pytest.mark.parametrize("content", [Cards((Card("Ada", ("+447700900456",)),)), Product("1", "SKU")])
def test_what_is_not_known_is_left_out(content):
    """Meta takes the rest."""
    sent = body(SAM, content, row="7f3a")

    assert faults(sent) == []
    assert "None" not in json.dumps(sent)


@pytest.mark.parametrize("name", CHOICES)
def test_a_question_with_choices_looks_like_metas_sample(name):
    """Our questions have neither header nor footer; everything else is the sample."""
    file, content = CHOICES[name]
    sample = json.loads((REQUESTS / f"{file}.json").read_bytes())
    del sample["interactive"]["header"], sample["interactive"]["footer"]

    sent = body(SAM, content, row="7f3a")

    assert without_ours(sent) == sample
    assert faults(sent) == []


def test_the_heading_of_a_lone_section_may_be_missing():
    """An empty heading is left out, because Meta refuses an empty text."""
    content = Choices(body="What?", label="Open", sections=(Section("", (Choice("a", "A"),)),))

    sent = body(SAM, content, row="7f3a")

    assert sent["interactive"]["action"]["sections"] == [{"rows": [{"id": "a", "title": "A"}]}]


def test_named_parameters_carry_their_names():
    """A template with named parameters takes them in any order."""
    sent = body(SAM, template("ready", named=(("first_name", "Sam"), ("order_number", "4711"))), row="7f3a")

    assert sent["template"]["components"] == [
        {
            "type": "body",
            "parameters": [
                {"type": "text", "parameter_name": "first_name", "text": "Sam"},
                {"type": "text", "parameter_name": "order_number", "text": "4711"},
            ],
        }
    ]


def test_a_text_header_is_its_parameter():
    """A header with a variable takes one text."""
    sent = body(SAM, template("ready", header=Text("Marigold")), row="7f3a")

    assert sent["template"]["components"] == [{"type": "header", "parameters": [{"type": "text", "text": "Marigold"}]}]


def test_a_button_that_takes_nothing_keeps_the_places_of_the_others():
    """The second button is the second, whatever the first one takes."""
    sent = body(SAM, template("ready", buttons=(quick_reply(1, "yes"),)), row="7f3a")

    assert [each["index"] for each in sent["template"]["components"]] == ["1"]


def test_somebody_without_a_number_is_reached_by_user_id():
    """A user id in `to` would be accepted and lost."""
    sent = body(To(bsuid="GB.81724059316620114507"), Text("Hello again!"), row="7f3a")

    assert without_ours(sent) == json.loads((REQUESTS / "text_to_bsuid.json").read_bytes())


def test_a_reply_quotes_a_message():
    """The id of the message quoted goes into the context."""
    sample = json.loads((REQUESTS / "text_reply_context.json").read_bytes())
    sample["text"].pop("preview_url")

    sent = body(SAM, Text(sample["text"]["body"]), row="7f3a", reply_to=sample["context"]["message_id"])

    assert without_ours(sent) == sample


def test_the_row_travels_along():
    """A status brings it back, also when the answer to the send was lost."""
    assert body(SAM, Text("Hi"), row="9f2c-7")["biz_opaque_callback_data"] == "b1.9f2c-7"


def test_a_message_to_nobody_cannot_be_written():
    """It is a mistake in the program, not a message."""
    with pytest.raises(ValueError, match="somebody to go to"):
        body(To(), Text("Hi"), row="7f3a")
