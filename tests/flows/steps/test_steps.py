"""Does every kind of step do what its case file says?"""

import inspect
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.content import (
    Buttons,
    Cards,
    Choices,
    Form,
    FormRequest,
    Link,
    Location,
    LocationRequest,
    Media,
    Product,
    Reaction,
    Tap,
    Template,
    Text,
)
from engine.effects import Alert, Report, Send
from engine.events import AdClick, MessageReceived, Referral
from engine.identity import Ids
from engine.request import Answer, Request
from engine.step import Call, End, Enter, Goto, HandOff, Next, Return, Turn, Wait
from flows.compile import pack, unpack
from flows.document import parse
from flows.fields import known_fields
from flows.graph import Graph
from flows.kinds import kinds
from flows.load import load_files
from flows.nodes import Map, Scalar

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)  # a Monday, ten in the morning in São Paulo
BUSINESS = """
business: Bakery
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
hours: {mon-fri: 09:00-18:00}
"""
TEMPLATES = """
templates: "2"
list:
  - {name: plain, language: en, category: UTILITY, status: APPROVED, body: "Hello"}
  - {name: greet, language: en, category: MARKETING, status: APPROVED, body: "Hi {{1}}"}
  - {name: greet, language: pt_BR, category: MARKETING, status: APPROVED, body: "Oi {{1}}"}
  - {name: named, language: en, category: UTILITY, status: APPROVED, format: named, body: "Hi {{name}}"}
  - {name: paused, language: en, category: UTILITY, status: PAUSED, body: "Hello"}
  - {name: pictured, language: en, category: UTILITY, status: APPROVED, header: {format: IMAGE}, body: "Hello"}
  - {name: titled, language: en, category: UTILITY, status: APPROVED, format: named, header: "Hi {{shop}}", body: Hi}
  - {name: fixed, language: en, category: UTILITY, status: APPROVED, header: "Hello", body: "Hello"}
  - {name: papers, language: en, category: UTILITY, status: APPROVED, header: {format: DOCUMENT}, body: "Hello"}
  - {name: placed, language: en, category: UTILITY, status: APPROVED, header: {format: LOCATION}, body: "Hello"}
  - name: tracked
    language: en
    category: UTILITY
    status: APPROVED
    body: Hello
    buttons:
      - {type: QUICK_REPLY, text: Thanks}
      - {type: URL, text: Track, url: "https://example.com/t/{{1}}"}
      - {type: PHONE_NUMBER, text: Call, phone_number: "+5511912345678"}
  - name: coupon
    language: en
    category: MARKETING
    status: APPROVED
    body: Hello
    buttons: [{type: COPY_CODE, text: Copy}]
"""
TAIL = "---\nflow: other\nsteps: [end]\n"


def plain(node):
    """Turn values with places into the values alone."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Map):
        return {key: plain(value) for key, value in node.items.items()}
    return [plain(each) for each in node.items]


def cases_of(kind, section):
    """Read a section of a kind's case file."""
    parsed = parse((HERE / f"{kind}.yaml").read_text("utf-8"))
    assert parsed.mistakes == ()
    return [each for document in parsed.documents if document.kind == section for each in plain(document.root)[section]]


def loaded(steps):
    """Load a flow with these steps, beside a small business."""
    flow = f"flow: t\nsteps:\n{steps}\n{TAIL}"
    return load_files({"business.yaml": BUSINESS, "templates.yaml": TEMPLATES, "t.yaml": flow})


def moment(kind, text):
    """Read a date or a moment in ISO 8601, or nothing."""
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return None


def value(text):
    """Read a fact of a case: a number, true or false, nothing, a date, a moment, or text."""
    if text is None or text in ("true", "false"):
        return {None: None, "true": True, "false": False}[text]
    if text.lstrip("-").replace(".", "", 1).isdigit():
        return Decimal(text)
    return next((read for kind in (date, datetime) if (read := moment(kind, text))), text)


def token_in(answers):
    """Find what came back behind a form."""
    return json.loads(answers).get("flow_token", "")


def content(told):
    """Make what the contact sent: words, or one of the other kinds."""
    match told:
        case str():
            return Text(told)
        case {"tap": payload, **rest}:
            return Tap(str(payload), str(rest.get("title", "")), "button")
        case {"form": answers, **rest}:
            return Form("flow", str(answers), str(rest.get("token") or token_in(answers)))
        case {"location": [latitude, longitude]}:
            return Location(float(latitude), float(longitude))
        case _:
            ((kind, media_id),) = told.items()
            return Media(kind, id=media_id)


def turn_of(case, business):
    """Make the turn of a case."""
    now = NOW + timedelta(hours=float(case.get("after hours", "0")))
    told = case.get("message")
    message = None
    if told is not None:
        message = MessageReceived(id="m", at=now, arrived_at=now, content=content(told), ids=Ids(("551187654321",)))
    ad = AdClick(now, Referral("ad", "77", "click", None)) if case.get("ad") else None
    return Turn(
        facts={name: value(text) for name, text in case.get("facts", {}).items()},
        now=now,
        zone=ZoneInfo("America/Sao_Paulo"),
        language=case.get("language", "en"),
        at="0",
        tries=int(case.get("tries", "0")),
        message=message,
        ad=ad,
        wait_key="r.1",
        hours=business.hours,
        contact=case.get("contact", ""),
        flow="t",
        run=case.get("run", ""),
    )


def said(message):  # noqa: C901 - a case a kind
    """Write a message the way case files do."""
    match message:
        case Text(body=body):
            return body
        case Buttons(body=body, buttons=buttons):
            return {"say": body, "buttons": {each.id: each.title for each in buttons}}
        case Choices(body=body, label=label, sections=sections):
            rows = {each.title: {row.id: row.title for row in each.rows} for each in sections}
            notes = {row.id: row.description for each in sections for row in each.rows if row.description}
            return {"say": body, "label": label, "rows": rows} | ({"notes": notes} if notes else {})
        case Media(kind=kind, link=link, caption=caption, filename=filename, voice=voice):
            rest = {"caption": caption, "filename": filename, "voice": "true" if voice else ""}
            return {kind: link, **{name: text for name, text in rest.items() if text}}
        case Location(latitude=latitude, longitude=longitude, name=name, address=address):
            rest = {"name": name, "address": address}
            return {"location": [str(latitude), str(longitude)], **{key: text for key, text in rest.items() if text}}
        case Cards(cards=(card,)):
            rest = {"phone": ", ".join(card.phones), "email": ", ".join(card.emails), "company": card.company}
            rest |= {"url": card.url, "whatsapp": "true" if card.whatsapp else ""}
            return {"contact": card.name, **{key: text for key, text in rest.items() if text}}
        case LocationRequest(body=body):
            return {"say": body, "asks for": "location"}
        case FormRequest(body=body, label=label, flow=flow, token=token, screen=screen, data=data):
            rest = {"screen": screen, "data": data}
            told = {"say": body, "form": flow, "button": label, "token": token}
            return told | {name: text for name, text in rest.items() if text}
        case Link(body=body, label=label, url=url):
            return {"say": body, "link": {label: url}}
        case Product(catalog=catalog, product=product, body=body):
            return {"product": product, "catalog": catalog} | ({"say": body} if body else {})
        case Reaction(message_id=message_id, emoji=emoji):
            return {"react": emoji, "to": message_id}
        case Template(name=name, language=language, params=params, named=named, category=category):
            parts = {
                "params": dict(named) or list(params),
                "header": message.header and said(message.header),
                "header name": message.header_name,
                "buttons": {f"{each.index} {each.kind}": each.value for each in message.buttons},
            }
            return {"template": name, "language": language, "category": category} | {
                key: part for key, part in parts.items() if part
            }


def done(effect):
    """Write an effect the way case files do."""
    match effect:
        case Send(content=message, fallback=fallback):
            return {"send": said(message)} | ({"or": said(fallback)} if fallback else {})
        case Alert(words=words):
            return {"notify": words}
        case Report(event=event, value=amount, currency=currency, key=key, clid=clid, ad=ad):
            rest = {"value": amount, "currency": currency, "key": key, "clid": clid, "ad": ad}
            return {"report": event} | {name: text for name, text in rest.items() if text}


def joined(parts):
    """Write the parts of an address or a header, secrets by name."""
    return "".join(part if isinstance(part, str) else f"<{part.name}>" for part in parts)


def onward(then):
    """Write where a step leads the way case files do."""
    match then:
        case Next():
            return "next"
        case Enter(branch=branch):
            return f"enter {branch}"
        case Wait(request=Request() as request):
            rest = {"headers": {name: joined(parts) for name, parts in request.headers.items()}, "body": request.body}
            asked = {"ask": f"{request.method} {joined(request.url)}"}
            return asked | {name: each for name, each in rest.items() if each}
        case Wait(for_answer=for_answer, timers=timers):
            due = {name.replace("wait", "until"): at.strftime("%Y-%m-%d %H:%M") for name, at in timers}
            return {"wait": "an answer" if for_answer else "time"} | due
        case Goto(target=target):
            return f"goto {target}"
        case Call(flow=flow):
            return f"call {flow}"
        case Return():
            return "return"
        case End():
            return "end"
        case HandOff(reason=reason):
            return {"hand off": reason}


def outcome_of(outcome):
    """Write an outcome the way case files do; `then` only when it is not the next step."""
    if outcome is None:
        return None
    told = {
        "effects": [done(effect) for effect in outcome.effects],
        "save": {name: None if each is None else str(each).lower() for name, each in outcome.save.items()},
        "tag": list(outcome.tag),
        "untag": list(outcome.untag),
        "marketing": outcome.marketing and str(outcome.marketing),
        "then": onward(outcome.then),
    }
    return {name: each for name, each in told.items() if each and each != "next"}


CASES = [pytest.param(kind, case, id=f"{kind}: {case['it']}") for kind in kinds() for case in cases_of(kind, "cases")]
PROBLEMS = [pytest.param(case, id=f"{kind}: {case['it']}") for kind in kinds() for case in cases_of(kind, "problems")]


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_is_one_word_everywhere(kind):
    """Module, class, first field, the engine's word and the case file have one name, and the example loads."""
    found = kinds()[kind]
    _, example, *_ = inspect.cleandoc(found.__doc__ or "").split("\n\n")

    problems = loaded(example).problems

    assert found.__name__.lower() == kind == found.__module__.rsplit(".", 1)[-1] == found.__struct_encode_fields__[0]
    assert (HERE / f"{kind}.yaml").is_file()
    assert problems == ()


@pytest.mark.parametrize("kind", kinds())
def test_each_field_of_a_kind_is_explained(kind):
    """The text after the example names every field but `id` and `when`, which fit any kind."""
    found = kinds()[kind]
    explained = inspect.cleandoc(found.__doc__ or "").split("\n\n", 2)[2:]

    missing = [
        name
        for name in known_fields(found)
        if name not in (kind, "id", "when") and f"`{name}`" not in "".join(explained)
    ]

    assert missing == []


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_a_step_does_what_its_case_says(kind, case):
    """A step in a turn leads to the effects, values and place that its case file tells."""
    folder = loaded(case["steps"]).folder
    assert folder is not None, loaded(case["steps"]).problems
    step = Graph(folder.flows[0].steps, folder.flows[0].sorry).nodes["0"].step
    turn = turn_of(case, folder.business)
    doing = case.get("do", "answer" if "message" in case else "run")

    outcome = {
        "run": lambda: step.run(turn),
        "answer": lambda: step.answer(turn),
        "sorry": lambda: step.sorry(turn),
        "no_reply": lambda: step.fired(turn, "no_reply"),
        "wait": lambda: step.fired(turn, "wait"),
        "answered": lambda: step.answered(turn, Answer(status=200, body=case["body"])),
        "failed": lambda: step.answered(turn, Answer(status=int(case["status"]), why="status")),
        "give up": lambda: step.fired(turn, "http"),
        "interrupted": lambda: step.interrupted(turn),
    }[doing]()

    assert step.kind == kind
    assert outcome_of(outcome) == case["outcome"]


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_a_step_survives_being_published(kind, case):
    """What a worker unpacks is what was checked."""
    folder = loaded(case["steps"]).folder
    assert folder is not None

    published = unpack(pack(folder))

    assert published.flows == folder.flows
    assert next(iter(published.flows[0].steps)).kind == kind


@pytest.mark.parametrize("case", PROBLEMS)
def test_a_mistake_in_a_step_is_told_at_its_place(case):
    """All problems of the steps are told, in order, each with its line and column among the steps."""
    problems = loaded(case["steps"]).problems

    told = [f"{each.line - 2}:{each.column} {each.code}: {each.message}" for each in problems]
    assert told == [each.replace("KINDS", ", ".join(kinds())) for each in case["problems"]]


def test_a_step_whose_condition_does_not_hold_is_skipped():
    """`when` fits any kind."""
    folder = loaded('- send: Hi\n  when: contact.country = "BR"').folder
    (step,) = folder.flows[0].steps

    answers = [
        step.taken(turn_of({"facts": {"contact.country": country}}, folder.business)) is not None
        for country in ("BR", "PT")
    ]

    assert answers == [True, False]


def test_a_split_comes_near_its_shares():
    """Of a thousand contacts about a quarter goes a way with one share of four."""
    folder = loaded("- split: {A: 1, B: 3}").folder
    (step,) = folder.flows[0].steps

    ways = [step.run(turn_of({"contact": f"c{at}"}, folder.business)).then.branch for at in range(1_000)]

    assert 220 < ways.count("A") < 280
