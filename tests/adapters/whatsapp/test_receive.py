"""Is each webhook body understood, is Meta told from others, and does a body of any bytes do no harm?"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.whatsapp.contents import content_of
from adapters.whatsapp.receive import Arrival, challenge, decode, signed
from engine.content import Card, Cards, Form, Item, Location, Media, Order, Tap, Text, Unsupported
from engine.events import (
    AccountChanged,
    EchoReceived,
    IdentityChanged,
    MessageChanged,
    MessageReceived,
    MessageUnreadable,
    NumberRated,
    OtherSenderWrote,
    PlatformTold,
    PreferenceChanged,
    ReactionReceived,
    Referral,
    StatusReceived,
    TemplateChanged,
)
from engine.identity import Ids

HERE = Path(__file__).parent
PAYLOADS = HERE / "payloads"
NOT_WEBHOOKS = ("onboarding-", "signature-vectors")
BODIES = sorted(path.stem for path in PAYLOADS.glob("*.json") if not path.name.startswith(NOT_WEBHOOKS))
EXPECTED: dict[str, list[str]] = msgspec.yaml.decode((HERE / "payloads_expected.yaml").read_bytes())
VECTORS = json.loads((PAYLOADS / "signature-vectors.json").read_bytes())
SECRET = VECTORS["app_secret"].encode()

ARRIVED = datetime(2026, 9, 22, 12, tzinfo=UTC)
SENT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
TOLD = datetime(2026, 9, 21, 14, 46, 40, tzinfo=UTC)
CLICK = "AfExampleClickIdNotReal_0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def the_arrival(name: str) -> Arrival:
    """Return the one thing a body tells."""
    batch = decode((PAYLOADS / f"{name}.json").read_bytes(), ARRIVED)
    assert batch.bad == ()
    (arrival,) = batch.items
    return arrival


def in_words(arrival: Arrival) -> str:
    """Say an arrival the way the table does."""
    event = arrival.event
    content = getattr(event, "content", None)
    inner = f"({type(content).__name__})" if content is not None else ""
    word = type(event).__name__ if event is not None else "-"
    return " ".join((arrival.kind, f"{word}{inner}", *arrival.ids.phones, *arrival.ids.bsuids))


def facts(event: Any) -> dict[str, Any]:
    """Return what an event says, without what all have."""
    return {name: value for name, value in msgspec.structs.asdict(event).items() if name not in ("id", "arrived_at")}


def test_the_table_names_every_body():
    """A body without a line in the table would go unseen."""
    assert sorted(EXPECTED) == BODIES
    assert len(BODIES) == 118


@pytest.mark.parametrize("name", BODIES)
def test_every_body_means_what_the_table_says(name):
    """Each body is taken whole, and each of its items becomes the event of the table."""
    batch = decode((PAYLOADS / f"{name}.json").read_bytes(), ARRIVED)

    assert batch.bad == ()
    assert [in_words(each) for each in batch.items] == EXPECTED[name]


@pytest.mark.parametrize("name", BODIES)
def test_an_event_has_the_key_it_is_deduplicated_by(name):
    """A body that comes again has the same keys, and each event carries its own."""
    body = (PAYLOADS / f"{name}.json").read_bytes()

    first, again = decode(body, ARRIVED), decode(body, ARRIVED.replace(hour=13))

    assert [each.key for each in first.items] == [each.key for each in again.items]
    assert all(each.event is None or each.event.id == each.key for each in first.items)
    assert all(each.event is None or each.event.arrived_at == ARRIVED for each in first.items)


@pytest.mark.parametrize("name", BODIES)
def test_a_chat_is_told_by_its_number_and_an_account_by_its_id(name):
    """What happens in a chat names the business number; what happens to an account may name only that."""
    for arrival in decode((PAYLOADS / f"{name}.json").read_bytes(), ARRIVED).items:
        assert arrival.number in (
            (None, "106540352242922") if arrival.kind in ("number", "ignored") else ("106540352242922",)
        )
        assert arrival.waba in (("102290129340398",) if name != "history-declined-bare" else (None,))


CONTENTS = {
    "message-text": Text("Hi, are you open on Saturday?"),
    "message-audio-voice": Media(
        kind="audio",
        id="2463561330054407",
        mime="audio/ogg; codecs=opus",
        sha256="xX1+kgGXCLYUyQ+jaFzWRPVDpgFT+5nsm2fDgaJF+yo=",
        voice=True,
    ),
    "message-document": Media(
        kind="document",
        id="2047515105918387",
        caption="Bon de commande",
        filename="commande-0042.pdf",
        mime="application/pdf",
        sha256="E51US4IbE+vqFPGw/hhXciLkFcKWbjo1EcQZYFUjIgI=",
    ),
    "message-location": Location(
        latitude=-33.8568, longitude=151.2153, name="Example Wharf", address="1 Example Quay, Sydney NSW"
    ),
    "message-contacts": Cards(cards=(Card(name="Priya Shah", phones=("+1 202-555-0178",)),)),
    "message-contacts-request-contact-info": Cards(cards=(Card(phones=("+34 600 000 042",)),), requested=True),
    "message-interactive-button-reply": Tap(payload="book:sat", title="Book Saturday", source="button"),
    "message-interactive-list-reply": Tap(payload="topic:delivery", title="Entrega", source="list"),
    "message-button-template-quick-reply": Tap(payload="CONFIRM_VISIT", title="Confirm visit", source="template"),
    "message-interactive-nfm-reply": Form(
        name="flow",
        answers='{"flow_token": "ft-0042", "visit_date": "2026-10-03", "party": "4"}',
        token="ft-0042",
    ),
    "message-order": Order(
        catalog="731120045598812",
        items=(
            Item(product="sku-fern-12", quantity=2, price="450", currency="INR"),
            Item(product="sku-pot-03", quantity=1, price="199.5", currency="INR"),
        ),
        text="Please deliver after 6pm",
    ),
    "message-unsupported-131051": Unsupported(kind="poll_creation", code=131051),
    "echo-text": Text("Yes, Saturday 9 to 5. - Sam"),
    "echo-unsupported-131060": Unsupported(kind="unsupported", code=131060),
    "message-edit-text": Text("Hi, are you open on Sunday?"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_message_holds_what_was_sent(name):
    """Each type of content is read whole."""
    event = the_arrival(name).event

    assert isinstance(event, MessageReceived | EchoReceived | MessageChanged)
    assert event.content == CONTENTS[name]


ODD_FORMS = {
    '{"flow_token": 7}': "7",
    '{"flow_token": ["0123456789ab.1.form"]}': "",
    '{"flow_token": ': "",
    "[1]": "",
    '{"a": ' + "[" * 20_000 + "]" * 20_000 + ', "flow_token": "x"}': "",
}


@pytest.mark.parametrize(("answers", "token"), ODD_FORMS.items(), ids=range(len(ODD_FORMS)))
def test_a_form_that_cannot_be_read_is_nobodys(answers, token):
    """It is still a message, and what is no token is none."""
    reply = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": answers}}

    content = content_of({"type": "interactive", "interactive": reply})

    assert content == Form("flow", answers, token)


DANA = Ids(("12025550143",), ("US.40718826195530274611",))
OLIVER = Ids(("447700900123",), ("GB.77120938846015523907",))
JANA = Ids(("4917139200042",), ("DE.30077416625894017733", "DE.ENT.70016628394451207738"))
FIRST = "wamid.HBgLMTIwMjU1NTAxNDMVAgASGBQzQUZFOERGMUE1QTE5ODA0OTNDQQA="
OWNERS = "wamid.HBgLMTIwMjU1NTAxNDMVAgARGBI0QkU0RDhGRTc1NjMyRkIxMTEA"
OURS = "wamid.HBgLMTIwMjU1NTAxNDMVAgARGBJEOTdGOUNFRDlDRDVDQUE4QkEA"

EVENTS: dict[str, tuple[type, dict[str, Any]]] = {
    "message-text": (MessageReceived, {"at": SENT, "ids": DANA, "name": "Dana Whitfield", "username": None}),
    "message-text-username-no-phone": (MessageReceived, {"name": "Nora V.", "username": "nora.vidal"}),
    "message-text-no-profile-name": (MessageReceived, {"name": None}),
    "message-text-parent-bsuid": (MessageReceived, {"ids": JANA}),
    "message-text-reply-context": (MessageReceived, {"reply_to": OURS, "forwarded": False}),
    "message-text-frequently-forwarded": (MessageReceived, {"forwarded": True, "reply_to": None}),
    "message-referral-ctwa": (
        MessageReceived,
        {
            "referral": Referral(
                source="ad",
                id="120200000000000042",
                clid=CLICK,
                url="https://fb.me/3exampleAd",
                headline="Fale com a gente",
                body="Plantas para apartamento com 20% off",
            )
        },
    ),
    "message-unsupported-131060": (MessageUnreadable, {"at": SENT}),
    "message-reaction": (ReactionReceived, {"message_id": OURS, "emoji": "\N{THUMBS UP SIGN}"}),
    "message-reaction-removed": (ReactionReceived, {"message_id": OURS, "emoji": None}),
    "message-revoke": (MessageChanged, {"by": "contact", "original_id": FIRST, "content": None}),
    "echo-revoke": (MessageChanged, {"by": "owner", "original_id": OWNERS, "content": None}),
    "echo-text-username-no-phone": (EchoReceived, {"ids": Ids((), ("ES.27750193364481029956",))}),
    "standby-status": (OtherSenderWrote, {"content": None}),
    "message-system-user-changed-number": (
        IdentityChanged,
        {
            "ids": Ids(("5491100000077",), ("AR.99120038846655170082",)),
            "old": Ids(("5491100000042",), ()),
        },
    ),
    "message-system-user-changed-user-id": (
        IdentityChanged,
        {"ids": Ids((), ("AR.99120038846655170082",)), "old": Ids((), ("AR.15904472038866301725",))},
    ),
    "message-system-identity-changed": (IdentityChanged, {"ids": OLIVER, "old": Ids()}),
    "user-id-update": (
        IdentityChanged,
        {
            "ids": Ids(("5491100000077",), ("AR.99120038846655170082",)),
            "old": Ids((), ("AR.15904472038866301725",)),
        },
    ),
    "user-preferences-stop": (PreferenceChanged, {"marketing": False}),
    "user-preferences-resume": (PreferenceChanged, {"marketing": True}),
    "status-sent-free-entry-point": (
        StatusReceived,
        {
            "status": "sent",
            "free_until": datetime(2026, 9, 24, 14, 13, 20, tzinfo=UTC),
            "price_type": "free_entry_point",
            "price_category": "referral_conversion",
        },
    ),
    "status-sent-v23-with-conversation": (StatusReceived, {"free_until": None, "price_type": "free_customer_service"}),
    "status-failed-131050": (
        StatusReceived,
        {
            "status": "failed",
            "code": 131050,
            "details": "The recipient has chosen to stop receiving marketing messages from this business.",
        },
    ),
    "status-with-biz-opaque-callback-data": (StatusReceived, {"row": None}),
    "account-update-partner-removed-coexistence": (
        AccountChanged,
        {"event": "PARTNER_REMOVED", "reason": "PRIMARY_INACTIVITY", "state": None},
    ),
    "account-update-disabled": (AccountChanged, {"event": "DISABLED_UPDATE", "state": "SCHEDULE_FOR_DISABLE"}),
    "account-update-violation": (AccountChanged, {"event": "ACCOUNT_VIOLATION", "reason": "SPAM"}),
    "account-update-restriction": (
        AccountChanged,
        {
            "restrictions": ("RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_ADD_PHONE_NUMBER_ACTION"),
            "until": datetime(2026, 9, 28, 14, 13, 20, tzinfo=UTC),
        },
    ),
    "template-status-paused": (
        TemplateChanged,
        {
            "at": TOLD,
            "name": "autumn_offer",
            "language": "en_US",
            "status": "PAUSED",
            "quality": None,
            "category": "MARKETING",
        },
    ),
    "template-quality-update": (TemplateChanged, {"status": None, "quality": "YELLOW", "category": None}),
    "template-category-update-impending": (
        TemplateChanged,
        {"status": None, "category": "UTILITY", "next_category": "MARKETING"},
    ),
    "account-alerts": (
        PlatformTold,
        {"field": "account_alerts", "summary": "WARNING, ACTIVE, PROFILE_PICTURE_LOST, Example alert text"},
    ),
    "phone-number-quality-update": (NumberRated, {"event": "ONBOARDING", "quality": "", "reach": 250}),
    "business-capability-update": (NumberRated, {"event": "", "reach": 2_000}),
    "business-capability-update-tier-string": (NumberRated, {"event": "", "reach": 2_000}),
    "automatic-events-purchase": (PlatformTold, {"field": "automatic_events", "summary": "Purchase, 129900, BRL"}),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_says_what_meta_said(name):
    """The facts that decisions hang on are taken over exactly."""
    kind, expected = EVENTS[name]
    event = the_arrival(name).event

    assert type(event) is kind
    assert {key: facts(event)[key] for key in expected} == expected


def test_a_status_with_our_row_names_it():
    """What we sent along comes back; what others sent along is not ours."""
    body = (PAYLOADS / "status-with-biz-opaque-callback-data.json").read_bytes()

    batch = decode(body.replace(b"flow=visit_reminder;run=0042", b"b1.9f2c-7"), ARRIVED)

    assert batch.items[0].row == "9f2c-7"
    assert isinstance(batch.items[0].event, StatusReceived)
    assert batch.items[0].event.row == "9f2c-7"


def test_an_import_keeps_the_value_as_it_is():
    """The importer reads the very JSON that Meta posted."""
    body = (PAYLOADS / "history-phase0.json").read_bytes()

    arrival = the_arrival("history-phase0")

    assert arrival.raw is not None
    assert arrival.raw in body
    assert json.loads(arrival.raw) == json.loads(body)["entry"][0]["changes"][0]["value"]


def test_an_account_field_names_its_number_by_its_digits():
    """Meta gives no id there, so the digits must tell which of the account's numbers is meant."""
    arrival = the_arrival("account-update-partner-removed-coexistence")

    assert (arrival.number, arrival.phone) == (None, "15550783881")


def test_a_name_cannot_pretend_to_be_an_id():
    """Only the end of Meta's sentence says which user id ended, not a name inside it."""
    body = (PAYLOADS / "message-system-user-changed-user-id.json").read_bytes()
    named = body.replace(b"Tomas Ferro", b"x from US.1 to AR.99120038846655170082")

    event = decode(named, ARRIVED).items[0].event

    assert isinstance(event, IdentityChanged)
    assert event.old == Ids((), ("AR.15904472038866301725",))


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["file"])
def test_the_signature_vectors_hold(vector):
    """What Meta would sign is accepted, in either case of its digits, as text and as bytes."""
    body = (PAYLOADS / vector["file"]).read_bytes()
    header = vector["x_hub_signature_256"]
    loud = "sha256=" + header.removeprefix("sha256=").upper()

    assert len(body) == vector["bytes"]
    assert signed(SECRET, body, header)
    assert signed(SECRET, body, header.encode())
    assert signed(SECRET, body, loud)
    assert not signed(SECRET, body + b" ", header)
    assert not signed(b"another secret", body, header)


RIGHT = VECTORS["vectors"][0]["x_hub_signature_256"]
HEX = RIGHT.removeprefix("sha256=")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        b"",
        HEX,
        "sha256=",
        f"sha256={'0' * 64}",
        f"sha256={HEX[:-1]}",
        f"sha256={HEX}0",
        f"sha256= {HEX}",
        f"SHA256={HEX}",
        f"sha1={HEX[:40]}",
        "sha256=\xe9" + HEX[1:],
        b"sha256=\xe9" + HEX[1:].encode(),
        "sha256=\ud800",
        f"sha256={HEX}, {RIGHT}",
    ],
)
def test_any_other_header_signs_nothing(header):
    """A header that is missing, of another form or wrong is a plain no, never a failure."""
    body = (PAYLOADS / "message-text.json").read_bytes()

    assert not signed(SECRET, body, header)


def test_without_a_secret_nothing_is_signed():
    """A forgotten setting must not let anybody in."""
    assert not signed(b"", b"{}", "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")


GOOD = {"hub.mode": "subscribe", "hub.verify_token": "example-verify-token", "hub.challenge": "1158201444"}


def test_the_handshake_echoes_the_challenge():
    """Meta proves itself by the token and gets its challenge back."""
    assert challenge(GOOD, "example-verify-token") == VECTORS["verify_get"]["expected_body"]


@pytest.mark.parametrize(
    "changes",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.mode": None},
        {"hub.verify_token": "another"},
        {"hub.verify_token": None},
        {"hub.verify_token": "\xe9\ud800"},
        {"hub.challenge": None},
        {"hub.challenge": ""},
        {"hub.challenge": "<script>alert(1)</script>"},
        {"hub.challenge": "1158201444\n"},
        {"hub.challenge": "9" * 257},
    ],
)
def test_any_other_handshake_is_refused(changes):
    """A wrong or missing part, or a challenge that could be more than a challenge, echoes nothing."""
    query = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}

    assert challenge(query, "example-verify-token") is None


def test_an_empty_verify_token_opens_nothing():
    """A forgotten setting must not fit an empty token."""
    assert challenge({**GOOD, "hub.verify_token": ""}, "") is None
