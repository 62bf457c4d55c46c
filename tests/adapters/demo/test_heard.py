"""Is what the fake Graph heard read back as what was meant?"""

import pytest

from adapters.demo.heard import named, outgoing, reported
from adapters.whatsapp.api import body
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
    Product,
    Reaction,
    Section,
    Template,
    TemplateButton,
    Text,
)
from engine.identity import To

CONTENTS = [
    Text("Hello"),
    Media("image", link="https://example.com/a.png", caption="A cake"),
    Media("document", link="https://example.com/a.pdf", filename="menu.pdf"),
    Media("audio", id="7", voice=True),
    Location(-23.5614, -46.6559, "Bakery", "Rua A, 1"),
    Cards(
        (
            Card(
                "Rosa Lima",
                ("+55 11 91234-5678",),
                ("rosa@example.com",),
                "Bakery",
                "https://example.com",
                whatsapp=True,
            ),
        )
    ),
    Buttons("Which?", (Button("r.1.a", "A"), Button("r.1.b", "B"))),
    Choices("Which?", "Menu", (Section("All", (Choice("r.1.a", "A", "The first"),)),)),
    Link("Cakes", "See them", "https://example.com"),
    LocationRequest("Where to?"),
    FormRequest("When?", "Book", "1240983377120456", "0123456789ab.1.form", "DAYS", '{"most": 8}'),
    FormRequest("When?", "Book", "booking", "0123456789ab.1.form"),
    Product("1", "CAKE", "Our best"),
    Reaction("wamid.1", "👍"),
    Template("greet", "en", ("Ana",)),
    Template("greet", "en", named=(("name", "Ana"),), header=Text("Bakery"), header_name="shop"),
    Template("menu", "en", header=Media("document", link="https://example.com/a.pdf", filename="menu.pdf")),
    Template("way", "en", header=Location(1.5, 2.5), buttons=(TemplateButton(1, "url", "a?b=c"),)),
]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_message_survives_the_way_to_the_graph_api(content):
    """What is shown in the demo is what left."""
    posted = body(To(phone="5511987654321"), content, row="r1")

    assert outgoing(posted) == content


def test_a_file_is_called_by_its_path():
    """Meta knows only its id; the demo knows which file that was."""
    files = {"7": "pictures/menu.png"}
    picture = Media("image", id="7", caption="Ours")

    assert named(picture, files) == Media("image", file="pictures/menu.png", caption="Ours")
    assert named(Template("menu", "en", header=picture), files) == Template(
        "menu", "en", header=Media("image", file="pictures/menu.png", caption="Ours")
    )
    assert named(Media("image", id="8"), files) == Media("image", id="8")
    assert named(Text("7"), files) == Text("7")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"event_name": "LeadSubmitted"}, "LeadSubmitted"),
        ({"event_name": "Purchase", "custom_data": {"currency": "BRL", "value": 80}}, "Purchase 80 BRL"),
    ],
)
def test_a_conversion_is_shown_with_its_worth(event, words):
    """As Meta was told of it."""
    assert reported(event) == words
