"""Is what `export` prints complete, and only theirs?"""

import asyncio
import json

import pytest
from click.testing import CliRunner

from adapters.cli import main
from adapters.embedded import EmbeddedStore
from tests.adapters.known import ANA, BEA, LINES, SOMEBODY_ELSE, a_house, listed, lives


def baton(own_url, *arguments):
    """Run a command."""
    return CliRunner().invoke(main, arguments, env={"BATON_REDIS_URL": own_url})


@pytest.fixture(scope="module")
def own_url(tmp_path_factory):
    """Give the URL of a store that no other module empties."""
    with EmbeddedStore(tmp_path_factory.mktemp("store")) as embedded:
        yield embedded.url


@pytest.fixture(scope="module")
def lived(own_url, tmp_path_factory):
    """Let Ana and Bea have something everywhere, once for all tests: nothing here changes the store."""

    async def scene():
        async with a_house(own_url, tmp_path_factory.mktemp("shop")) as house:
            for who in (ANA, BEA):
                await lives(house, who)
            await listed(house, ANA, BEA)
            return await house.built.store.contact_of("shop", (f"p:{ANA.phone}",))

    return asyncio.run(scene())


@pytest.fixture(scope="module")
def printed(lived, own_url):  # noqa: ARG001 - it fills the store
    """Give what is printed of Ana, as text."""
    done = baton(own_url, "export", f"+{ANA.phone}")
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_everything_of_them_is_there(printed):
    """Under both names, with both numbers, from the first message to the last that waits."""
    found = json.loads(printed)
    chats = {(chat["number"], bool(chat.get("run"))): chat for chat in found["chats"]}

    assert set(found["known_as"]) == {ANA.phone, ANA.bsuid}
    assert found["contact"]["name"] == ANA.name
    assert found["contact"]["username"] == ANA.username
    assert found["contact"]["tags"] == ["cake"]
    assert len(found["joined"]) == 1
    assert len(found["chats"]) == 3
    assert {chat["number"] for chat in found["chats"]} == {line.phone_number_id for line in LINES}
    first, second = chats["1001", True], chats["1002", True]
    assert (first["holder"], second["holder"]) == ("bot", "owner")
    assert first["window_open_until"]
    assert second["last_ad"]["referral"]["headline"] == f"For {ANA.secret}"
    assert first["undecided"][0]["content"]["body"] == f"still undecided, {ANA.secret}"
    assert [each["size"] for each in first["files"]] == [1]
    assert [each["type"] for chat in (first, second) for each in chat["timers"]] == ["TimerFired", "TimerFired"]
    assert f"{ANA.name} wants a cake" in [each["words"] for each in found["alerts"]]
    assert found["campaign_lists"] == [
        {"campaign": "news", "phone": ANA.phone, "values": {"list.city": ANA.city}, "agreed": True}
    ]
    assert [each["reason"] for each in found["unreadable"]] == ["Not as expected"]


def test_each_message_is_there_with_its_end(printed):
    """Also what was never said, and what is no message."""
    chats = json.loads(printed)["chats"]
    ends = sorted((row["kind"], row["state"], row["reason"]) for chat in chats for row in chat["messages"])
    said = [line["words"] for chat in chats for line in chat["log"] if line["who"] in ("contact", "owner")]

    assert ends == [
        ("fetch", "queued", ""),
        ("http", "queued", ""),
        ("send", "dropped", "owner_replied"),
        ("send", "parked", ""),
        ("send", "sent", ""),
    ]
    assert {each for each in said if ANA.secret in each} >= {
        f"hello {ANA.secret}",
        f"hello again {ANA.secret}",
        f"a cake, says {ANA.secret}",
        f"I know {ANA.secret}",
        f"from an ad, {ANA.secret}",
    }
    assert all("why" in line for chat in chats for line in chat["log"])


def test_nothing_of_anybody_else_is_there(printed):
    """Not even from what waits to be imported, where one value tells of many."""
    foreign = [
        word for word in (BEA.phone, BEA.bsuid, BEA.name, BEA.secret, BEA.city, SOMEBODY_ELSE) if word in printed
    ]

    assert foreign == []
    assert f"years ago {ANA.secret}" in printed


@pytest.mark.parametrize("how", ["number", "spelled", "user id", "contact", "chat"])
def test_they_are_found_by_any_name(printed, lived, own_url, how):
    """The one that an alert shows, too."""
    name = {
        "number": ANA.phone,
        "spelled": "+55 (11) 8765-0001",
        "user id": ANA.bsuid,
        "contact": lived,
        "chat": f"1001/{lived}",
    }[how]

    done = baton(own_url, "export", name)

    assert json.loads(done.stdout)["contact"] == json.loads(printed)["contact"]


def test_their_files_are_written(lived, own_url, tmp_path):  # noqa: ARG001 - it fills the store
    """Under a name that says when they came."""
    done = baton(own_url, "export", ANA.bsuid, "--out", str(tmp_path / "files"))

    [file] = (tmp_path / "files").iterdir()
    assert file.read_bytes() == ANA.data
    assert str(file) in done.stderr


def test_nobody_has_nothing(lived, own_url):  # noqa: ARG001 - it fills the store
    """In a sentence, with 2."""
    done = baton(own_url, "export", "+5511900000077")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "Nobody known as `+5511900000077` wrote to `shop`. Give the phone number with its country code.\n"
    )
