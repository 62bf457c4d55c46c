"""Are the templates of an account pulled, kept and obeyed: from Meta to the folder and the store, and on to sending?"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from adapters.cli import main
from adapters.publish import publish
from adapters.whatsapp.fake_settings import KnownTemplate
from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.meta import Line
from rules.policy.restrictions import DEFAULT
from tests.adapters.counter import TOKEN, a_counter
from tests.main_job.town import said

NUMBER, WABA, ANA = "1", "100", "5511987650001"
BUSINESS = """
business: Shop
timezone: America/Sao_Paulo
language: en
answer_within: 3d
fallback: {template: back}
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
---
flow: offer
start: [{when: text has "offer"}]
steps: [{send: {template: spring}}]
"""
LOCK = """templates: "100"
list:
  # For closed windows.
  - {name: back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}
  - {name: spring, language: en, category: MARKETING, status: APPROVED, body: "Cakes!"}
"""
BACK = KnownTemplate("back", "en", body="We are back.")
SPRING = KnownTemplate("spring", "en", "MARKETING", body="Cakes!", quality="GREEN")
YESTERDAY = timedelta(hours=25)


class Desk:
    """A counter, its folder, and the command line beside it."""

    def __init__(self, counter, folder, environ):
        """Nothing was asked yet."""
        self.counter = counter
        self.folder = folder
        self.environ = environ

    async def baton(self, *arguments, **environ):
        """Run a command, and return how it ended with its words."""
        runner = CliRunner()
        done = await asyncio.to_thread(runner.invoke, main, arguments, env={**self.environ, **environ})
        return done.exit_code, done.stdout, done.stderr

    @property
    def lock(self):
        """What stands in the lock."""
        return (self.folder / "templates.yaml").read_text()


def played(store_url, folder, scene):
    """Run a scene with a published shop whose account has two templates."""
    (folder / "business.yaml").write_text(BUSINESS)
    (folder / "templates.yaml").write_text(LOCK)

    async def run():
        async with a_counter(store_url, folder) as counter:
            counter.graph.change(templates=(BACK, SPRING), lines=(Line(NUMBER, "5511912345671", WABA),))
            environ = {
                "BATON_REDIS_URL": store_url,
                "BATON_GRAPH_URL": counter.address,
                "BATON_ACCESS_TOKEN": TOKEN,
                "BATON_ALLOW_VOLATILE": "yes",
            }
            return await scene(Desk(counter, folder, environ))

    return asyncio.run(run())


@pytest.mark.usefixtures("store")
def test_a_pull_changes_what_changed_in_the_folder_and_in_the_store(store_url, tmp_path):
    """The first pull finds that Meta rates one; a second finds nothing new."""

    async def scene(desk):
        first = await desk.baton("templates", "pull", str(desk.folder))
        again = await desk.baton("templates", "pull", str(desk.folder))
        return first, again, desk.lock, await desk.baton("templates")

    first, again, lock, listed = played(store_url, tmp_path, scene)

    assert first == (
        0,
        "~ spring (en): quality unknown → GREEN\n",
        "The account 100 has 2 templates.\n`templates.yaml` was changed.\nThe store of `shop` is up to date.\n",
    )
    assert again[:2] == (0, "")
    assert "`templates.yaml` is up to date." in again[2]
    assert lock == LOCK[: LOCK.index("  - {name: spring")] + (
        "  - name: spring\n    language: en\n    category: MARKETING\n    status: APPROVED\n"
        '    quality: GREEN\n    body: "Cakes!"\n'
    )
    assert listed[1] == (
        "NAME    LANGUAGE  STATUS    CATEGORY   QUALITY  USED BY\n"
        "back    en        APPROVED  UTILITY    -        business.yaml\n"
        "spring  en        APPROVED  MARKETING  GREEN    offer\n"
    )


@pytest.mark.usefixtures("store")
def test_a_dry_run_changes_nothing(store_url, tmp_path):
    """It says what would change."""

    async def scene(desk):
        desk.counter.graph.change(templates=(BACK,))
        done = await desk.baton("templates", "pull", str(desk.folder), "--dry-run")
        return done, desk.lock, await desk.counter.number(NUMBER)

    done, lock, number = played(store_url, tmp_path, scene)

    assert done[:2] == (0, "- spring (en)\n")
    assert done[2].endswith("`templates.yaml` changes.\nNothing was changed.\n")
    assert (lock, number) == (LOCK, None)


@pytest.mark.usefixtures("store")
def test_hundreds_of_templates_come_page_by_page(store_url, tmp_path):
    """Each once, also where Meta forgets in the middle how far it was."""
    many = tuple(KnownTemplate(f"t{place:03}", "en") for place in range(250))

    async def scene(desk):
        desk.counter.graph.change(templates=many)
        desk.counter.graph.trouble.append(Trouble("refuse", 131059, number_id=WABA))
        done = await desk.baton("templates", "pull")
        number = await desk.counter.number(NUMBER)
        return done[0], sorted(number.templates)

    assert played(store_url, tmp_path, scene) == (0, [f"{each.name}/en" for each in many])


@pytest.mark.usefixtures("store")
def test_sending_obeys_the_pull_and_no_older_folder_changes_that(store_url, tmp_path):
    """A folder with another text and the old lock goes live; what Meta said since still holds."""

    async def scene(desk):
        counter = desk.counter
        counter.graph.change(templates=(KnownTemplate("back", "en", status="PAUSED"), SPRING))
        await desk.baton("templates", "pull")
        (desk.folder / "business.yaml").write_text(BUSINESS.replace('"offer"', '"offers"'))
        assert (await publish(counter.built.store, desk.folder, DEFAULT, by="a test")).changed
        await asyncio.sleep(1.1)  # a process looks once a second what is live
        await counter.writes(NUMBER, ANA, "anything", "w1", datetime.now(UTC) - YESTERDAY)
        await counter.writes(NUMBER, ANA, "offers", "w2")
        await counter.serve([NUMBER], one_each=False)
        return [said(each) for each in counter.posts(NUMBER)], (await desk.baton("templates"))[1].splitlines()[1]

    posts, line = played(store_url, tmp_path, scene)

    assert posts == ["template spring"]
    assert line.split() == ["back", "en", "PAUSED", "UTILITY", "-", "business.yaml"]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("code", "environ", "words"),
    [
        (190, {}, "Meta does not accept the access token (190). Make a new one and set `BATON_ACCESS_TOKEN`."),
        (
            10,
            {},
            "The access token may not list templates (10). Give it the right `whatsapp_business_management`.",
        ),
        (100, {}, "Meta shows no account `100` to this token (100). Compare `waba` in business.yaml with Meta's."),
        (80007, {}, "Meta cannot answer now (80007). Try again in an hour."),
        (None, {"BATON_ACCESS_TOKEN": ""}, "There is no access token for the account `100`. Set `BATON_ACCESS_TOKEN`."),
        (
            None,
            {"BATON_GRAPH_URL": "http://127.0.0.1:1"},
            "Meta cannot be reached at `http://127.0.0.1:1/v26.0` (ClientConnectorError). Look at the network.",
        ),
        (131059, {}, "The list of templates changes while it is read. Try again in a minute."),
        (2388019, {}, "Meta does not list the templates of `100` (2388019): the token … is odd"),
    ],
)
def test_a_pull_that_fails_says_what_to_do_and_never_the_token(store_url, tmp_path, code, environ, words):
    """One sentence; the folder stays as it is."""

    async def scene(desk):
        if code:
            trouble = Trouble("refuse", code, number_id=WABA, times=None, details=f"the token {TOKEN} is odd")
            desk.counter.graph.trouble.append(trouble)
        done = await desk.baton("templates", "pull", str(desk.folder), **environ)
        return done, desk.lock

    done, lock = played(store_url, tmp_path, scene)

    assert done == (2, "", f"{words}\n")
    assert TOKEN not in done[2]
    assert lock == LOCK
