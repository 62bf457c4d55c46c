"""What may a campaign say, and what is told about one that cannot be right?"""

from datetime import UTC, datetime, time, timedelta

import pytest

from flows.campaign import Between, Exclude, Listed
from flows.compile import pack, unpack, version_of
from flows.load import load_files

BUSINESS = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+1 202 555 0100", waba: "2", coexistence: false}]
opt_in: {words: start}
"""
TEMPLATES = """templates: "2"
list:
  - {name: spring, language: en, category: MARKETING, status: APPROVED, body: "Hello {{1}}, it is spring."}
  - {name: bare, language: en, category: UTILITY, status: APPROVED, body: "It is spring."}
  - {name: code, language: en, category: AUTHENTICATION, status: APPROVED, body: "Here it is."}
  - {name: late, language: en, category: UTILITY, status: PAUSED, body: "It is spring."}
"""
SPRING = """campaign: spring
audience: contact.tags has "client" and chat.idle > 30d
template: spring
params: ["{{ contact.first_name | default('friend') }}"]
"""
LIST = "Phone;First Name;City\n+55 11 91234-5678;Ana;São Paulo\n"


def files(campaign: str, **more: str) -> dict[str, str]:
    """Put a campaign into a folder."""
    named = {name.replace("_", "."): text for name, text in more.items()}
    return {"business.yaml": BUSINESS, "templates.yaml": TEMPLATES, "c.yaml": campaign, **named}


def problems(campaign: str, **more: str) -> list[str]:
    """Return what is told, as `place code: words (hint)`."""
    found = load_files(files(campaign, **more)).problems
    return [f"{each.file}:{each.line}:{each.column} {each.code}: {each.message} ({each.hint})" for each in found]


def test_what_is_not_told_is_as_documented():
    """By day, at half the number's pace, and not to people in the middle of something."""
    folder = load_files(files(SPRING)).folder

    assert folder is not None
    (campaign,) = folder.campaigns
    assert (campaign.at, campaign.stop, campaign.clock, campaign.pace) == (None, None, "contact", 50)
    assert campaign.between == Between(time(9), time(20))
    assert campaign.exclude == Exclude(in_flow=True, spoke=timedelta(days=1), had=())
    assert campaign.needs_opt_in


def test_what_is_told_is_read():
    """Moments are those of the business's zone."""
    more = (
        'from: "1"\nat: 2026-05-01 10:00\nstop: 2026-06-01 00:00\nbetween: 10:00-18:30\nclock: business\npace: 30%\n'
        "exclude: {in_flow: false, spoke: 0s, had: winter}\n---\ncampaign: winter\naudience: chat.new\ntemplate: bare"
    )

    folder = load_files(files(SPRING + more)).folder

    assert folder is not None
    campaign = folder.campaigns[0]
    assert campaign.at == datetime(2026, 5, 1, 13, tzinfo=UTC)
    assert campaign.stop == datetime(2026, 6, 1, 3, tzinfo=UTC)
    assert (campaign.between, campaign.clock, campaign.pace) == (Between(time(10), time(18, 30)), "business", 30)
    assert campaign.exclude == Exclude(in_flow=False, spoke=timedelta(0), had=("winter",))
    assert campaign.from_ == "1"


def test_hours_may_end_at_midnight():
    """Nobody is left out in the last minute of the day."""
    folder = load_files(files(SPRING + "between: 00:00-24:00")).folder

    assert folder is not None
    assert folder.campaigns[0].between == Between(time(0), time.max)


def test_a_published_campaign_is_the_same():
    """What goes into the store comes out again, with its audience and its texts."""
    listed = (
        'campaign: two\naudience: {file: people.csv, phone: Phone}\ntemplate: spring\nparams: ["{{ list.city }}"]\n'
    )
    folder = load_files(files(f"{SPRING}---\n{listed}", people_csv=LIST)).folder
    assert folder is not None

    again = unpack(pack(folder))

    assert again.campaigns == folder.campaigns
    assert isinstance(again.campaigns[1].audience, Listed)
    assert again.campaigns[1].audience.columns.names == ("phone", "first_name", "city")


def test_people_of_a_list_are_no_part_of_a_version():
    """Somebody more in the list publishes nothing new, another column does."""
    listed = "campaign: two\naudience: {file: people.csv, phone: Phone}\ntemplate: bare\n"
    before = version_of(files(listed, people_csv=LIST))

    assert version_of(files(listed, people_csv=LIST + "+55 11 91234-5679;Bea;Rio\n")) == before
    assert version_of(files(listed, people_csv=LIST.replace("City", "Town"))) != before


TOLD = {
    "no audience": (SPRING.replace('audience: contact.tags has "client" and chat.idle > 30d\n', ""), "missing-field"),
    "a name of a message": (SPRING.replace("chat.idle > 30d", 'text has "x"'), "c.yaml:2:41 unknown-name"),
    "no such template": (SPRING.replace("template: spring", "template: sprung"), "c.yaml:3:11 unknown-template"),
    "too few parameters": (SPRING.replace("params", "exclude: {}\n#"), "c.yaml:3:11 template-params"),
    "a parameter that nothing knows": (SPRING.replace("contact.first_name", "list.city"), "unknown-name"),
    "a template that is paused": ("campaign: a\naudience: chat.new\ntemplate: late", "c.yaml:3:11 template-status"),
    "a template for codes": ("campaign: a\naudience: chat.new\ntemplate: code", "c.yaml:3:11 campaign-template"),
    "hours that are none": (SPRING + "between: morning", "c.yaml:5:10 hours"),
    "hours of a night": (SPRING + "between: 20:00-08:00", "The hours of a campaign end on the day they begin"),
    "a pace that is none": (SPRING + "pace: 20/s", "c.yaml:5:7 pace"),
    "a pace of nothing": (SPRING + "pace: 0%", "c.yaml:5:7 pace"),
    "a pace beyond the number's": (SPRING + "pace: 120%", "c.yaml:5:7 pace"),
    "a moment that is none": (SPRING + "at: tomorrow", "c.yaml:5:5 moment"),
    "a date alone": (SPRING + "stop: 2026-06-01", "c.yaml:5:7 moment"),
    "an end before the beginning": (
        SPRING + "at: 2026-06-01 10:00\nstop: 2026-06-01 09:00",
        "c.yaml:6:7 campaign-stop",
    ),
    "another clock": (SPRING + "clock: contacts", "(Did you mean `contact`?)"),
    "a number of nobody": (SPRING + 'from: "7"', "The business has no number `7`"),
    "a campaign that is not there": (SPRING + "exclude: {had: sprng}", "(Did you mean `spring`?)"),
    "itself": (SPRING + "exclude: {had: spring}", "campaign-had"),
    "a field that is not there": (SPRING + "exclude: {spok: 1d}", "(Did you mean `spoke`?)"),
    "twice": (f"{SPRING}---\n{SPRING}", "duplicate-name"),
    "no list": (SPRING.replace('contact.tags has "client" and chat.idle > 30d', "{file: a.csv}"), "unknown-list"),
}


@pytest.mark.parametrize(("campaign", "said"), TOLD.values(), ids=TOLD)
def test_what_is_told(campaign: str, said: str):
    """At its place, with what to write instead, and nothing else."""
    found = problems(campaign)

    assert len(found) == 1, found
    assert said in found[0]


def test_several_numbers():
    """It has to be said which one sends."""
    second = BUSINESS.replace("]\n", ', {id: "5", phone: "+1 202 555 0101", waba: "2", coexistence: false}]\n', 1)

    found = load_files({**files(SPRING), "business.yaml": second}).problems

    assert [(each.code, each.hint) for each in found] == [("campaign-number", "Write `from:` with one of `1`, `5`")]
