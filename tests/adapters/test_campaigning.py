"""Does `baton campaign` say what would happen and what happens, and what is in the way?"""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.cli import main
from adapters.settings import read
from adapters.wiring import parts
from rules.policy.consent import Consent
from tests.adapters.audience import absorbed, happen, held
from tests.adapters.campaign_shop import BUSINESS, PEOPLE

pytestmark = pytest.mark.usefixtures("store")


class Office:
    """Somebody with a folder and a terminal."""

    def __init__(self, folder: Path, store_url: str) -> None:
        self.folder = folder
        self.store_url = store_url
        (folder / "business.yaml").write_text(BUSINESS)
        (folder / "people.csv").write_text(PEOPLE)

    def baton(self, *arguments: str) -> tuple[int, str]:
        """Run a command; returns its status and all that it said."""
        environ = {"BATON_REDIS_URL": self.store_url}
        done = CliRunner().invoke(main, arguments, env=environ, catch_exceptions=False)
        return done.exit_code, done.stdout + done.stderr

    def knows(self) -> None:
        """Let some people be known, of whom two would get the campaign."""

        async def scene() -> None:
            async with parts(read({"BATON_REDIS_URL": self.store_url})) as built:
                people = [
                    absorbed("5511987000001"),
                    absorbed("4915112345678"),
                    absorbed("5511987000002", marketing=Consent.REFUSED),
                    held("5511987000003"),
                ]
                await happen(built, "shop", "1", people)

        asyncio.run(scene())


@pytest.fixture
def office(tmp_path: Path, store_url: str) -> Office:
    """Give an office whose folder is live."""
    found = Office(tmp_path, store_url)
    assert found.baton("publish", str(tmp_path))[0] == 0
    return found


def test_a_plan_says_who_and_why_and_how_much(office: Office):
    """And sends nothing."""
    office.knows()

    status, said = office.baton("campaign", "plan", "spring")

    assert status == 0
    for words in (
        "`spring` would go to 2 people.",
        "1  want no offers, and get nothing",
        "1  are in a chat that the owner holds, and get nothing",
        "1  Germany, marketing, 0.1365 each: 0.14",
        "1  Brazil, marketing, 0.0625 each: 0.06",
        "About USD 0.20 by the list prices of 2026-10-01",
        "About 1 min at 20 a second, from 00:00 to 24:00.",
        "Nobody knows yet how many people Meta lets this business write to, so it is 250 within 24 hours",
    ):
        assert words in said
    assert office.baton("campaign", "list")[1].split() == ["news", "not", "started", "spring", "not", "started"]


def test_a_campaign_is_started_paused_resumed_and_stopped(office: Office):
    """Each only when it makes sense, and nothing without a yes."""
    office.knows()

    assert office.baton("campaign", "start", "spring")[0] == 2
    status, said = office.baton("campaign", "start", "spring", "--yes")
    assert (status, "`spring` has started." in said) == (0, True)
    assert office.baton("campaign", "start", "spring", "--yes") == (2, "The campaign `spring` is running already.\n")
    assert office.baton("campaign", "pause", "spring") == (0, "spring: paused, 0 sent, 0 of the audience so far\n")
    assert office.baton("campaign", "resume", "spring")[0] == 0
    assert office.baton("campaign", "stop", "spring") == (0, "spring: stopped, 0 sent\n")
    assert office.baton("campaign", "watch", "spring") == (0, "spring: stopped, 0 sent\n")
    assert office.baton("campaign", "resume", "spring") == (
        2,
        "The campaign `spring` is stopped, so there is nothing to do.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "sprng"), "No campaign is called `sprng`. Did you mean `spring`?\n"),
        (("plan", "news"), "`news` goes to a list: name the folder that holds it, too.\n"),
        (("pause", "spring"), "The campaign `spring` was never started: baton campaign start spring\n"),
    ],
)
def test_what_is_in_the_way_is_said(office: Office, arguments: tuple[str, ...], said: str):
    """In a sentence, with what to do."""
    assert office.baton("campaign", *arguments) == (2, said)


def test_a_folder_that_is_not_live_is_planned_and_not_started(office: Office):
    """So that nothing goes out that nobody published."""
    changed = (office.folder / "business.yaml").read_text().replace("pace: 100%", "pace: 50%")
    (office.folder / "business.yaml").write_text(changed)
    folder = str(office.folder)

    planned = office.baton("campaign", "plan", "news", folder)
    started = office.baton("campaign", "start", "news", folder, "--yes")

    assert planned[0] == 0
    assert "`news` would go to 1 person." in planned[1]
    assert started == (2, f"This is not what is live. Publish it first: baton publish {folder}\n")


def test_more_people_in_a_list_need_no_publishing(office: Office):
    """Who stands in it is no part of what is live."""
    (office.folder / "people.csv").write_text(f"{PEOPLE}+5511987000009,Natal,2025-01-01\n+5511,Natal,\n")

    status, said = office.baton("campaign", "start", "news", str(office.folder), "--yes")

    assert status == 0
    assert "people.csv:4: This is no phone number of any country; the line is left out" in said
    assert "`news` would go to 2 people." in said
