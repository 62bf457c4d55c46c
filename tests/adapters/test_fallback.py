"""Which template takes the place of a message that may not leave as it is, and what keeps it from doing so?"""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from adapters.whatsapp.fake_trouble import Trouble
from tests.adapters.counter import a_counter
from tests.main_job.town import said

NUMBER, WABA, ANA = "1", "100", "5511987650001"
BUSINESS = """
business: Shop
timezone: America/Sao_Paulo
language: en
languages: [en, pt_BR]
answer_within: 3d
fallback: {template: back}
opt_out: {words: [stop]}
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
---
flow: order
start: [{when: text starts with "order"}]
steps:
  - set: {item: "{{ text }}"}
  - send: "You want {{ item }}"
    template: ready
    params: ["{{ item }}"]
  - set: {item: "nothing"}
---
flow: ping
start: [{when: text starts with "ping"}]
steps: [{send: "pong"}]
---
templates: "100"
list:
  - {name: back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}
  - {name: back, language: pt_BR, category: UTILITY, status: APPROVED, body: "Voltamos."}
  - {name: ready, language: en, category: UTILITY, status: APPROVED, body: "About {{1}}: yes."}
"""
YESTERDAY = timedelta(hours=25)


def played(store_url, folder, scene):
    """Run a scene at the counter of the shop."""
    (folder / "business.yaml").write_text(BUSINESS)

    async def run():
        async with a_counter(store_url, folder) as counter:
            return await scene(counter)

    return asyncio.run(run())


def about_template(field, **value):
    """Return what Meta posts about a template."""
    about = {"message_template_name": "ready", "message_template_language": "en", **value}
    entry = {"id": WABA, "time": int(time.time()), "changes": [{"field": field, "value": about}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


async def told(counter):
    """Return what was sent, as kind, name, language and values; and what the owner was told."""
    posts = [said(each) for each in counter.posts(NUMBER)]
    return posts, [alert.code for alert in await counter.alerts()]


def filled(received):
    """Return the template of a POST with its language and values."""
    template = received.body["template"]
    texts = [each["text"] for part in template.get("components", ()) for each in part["parameters"]]
    return template["name"], template["language"]["code"], *texts


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("way", ["refuse", "fail"])
def test_the_steps_template_says_what_the_step_would_have_said(store_url, tmp_path, way):
    """Its values are those of the moment in which the message was decided."""

    async def scene(counter):
        counter.graph.trouble.append(Trouble(way, 131047))
        await counter.writes(NUMBER, ANA, "order 7 cakes", "w1")
        await counter.serve([NUMBER])
        await counter.serve([NUMBER])
        return [filled(each) for each in counter.posts(NUMBER)[1:]]

    assert played(store_url, tmp_path, scene) == [("ready", "en", "order 7 cakes")]


@pytest.mark.usefixtures("store")
def test_the_businesss_template_leaves_in_the_contacts_language(store_url, tmp_path):
    """Where the step names none, and the window is closed before anything was tried."""

    async def scene(counter):
        at = datetime.now(UTC).replace(microsecond=0) - YESTERDAY
        await counter.writes(NUMBER, ANA, "ping", "w1", at)
        await counter.serve([NUMBER], one_each=False)
        return [filled(each) for each in counter.posts(NUMBER)]

    assert played(store_url, tmp_path, scene) == [("back", "pt_BR")]


@pytest.mark.usefixtures("store")
def test_a_template_that_is_refused_as_well_is_the_end(store_url, tmp_path):
    """Nothing takes the place of what took a place."""

    async def scene(counter):
        counter.graph.trouble.append(Trouble("refuse", 131047, times=None))
        chat = await counter.writes(NUMBER, ANA, "ping", "w1")
        await counter.serve([NUMBER], one_each=False)
        return [said(each) for each in counter.posts(NUMBER)], await counter.queued(chat)

    assert played(store_url, tmp_path, scene) == (["pong", "template back"], [])


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (about_template("message_template_status_update", event="PAUSED"), "template_not_approved"),
        (about_template("message_template_status_update", event="REJECTED"), "template_not_approved"),
        (
            about_template("message_template_components_update", message_template_element="{{1}} and {{2}}"),
            "template_values",
        ),
    ],
)
def test_a_template_that_cannot_leave_drops_the_message_and_tells_the_owner(store_url, tmp_path, body, code):
    """Meta is not asked to refuse it."""

    async def scene(counter):
        assert await counter.tells(body) == 200
        at = datetime.now(UTC).replace(microsecond=0) - YESTERDAY
        chat = await counter.writes(NUMBER, ANA, "order 7 cakes", "w1", at)
        await counter.serve([NUMBER], one_each=False)
        return await told(counter), await counter.queued(chat)

    assert played(store_url, tmp_path, scene) == (([], ["template", code]), [])


@pytest.mark.usefixtures("store")
def test_what_is_marketing_since_a_moment_ago_keeps_away_from_who_opted_out(store_url, tmp_path):
    """Although it was utility when the flows were published, and when the message was decided."""

    async def scene(counter):
        at = datetime.now(UTC).replace(microsecond=0) - YESTERDAY
        await counter.writes(NUMBER, ANA, "stop", "w1", at)
        chat = await counter.writes(NUMBER, ANA, "order 7 cakes", "w2", at)
        row = (await counter.queued(chat))[0].id
        await counter.tells(about_template("template_category_update", new_category="MARKETING"))
        await counter.serve([NUMBER], one_each=False)
        return (await counter.row(row)).reason, counter.posts(NUMBER)

    assert played(store_url, tmp_path, scene) == ("opted_out", [])
