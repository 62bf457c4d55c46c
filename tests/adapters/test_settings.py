"""Settings are read once, typed, and told apart from what is wrong with them."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from adapters.settings import SETTINGS, Conversions, SettingProblems, UnknownCountry, read, secrets_missing

SECRETS = {
    "BATON_REDIS_URL": "redis://:hush-store@127.0.0.1:6379/0",
    "BATON_APP_SECRET": "hush-app",
    "BATON_VERIFY_TOKEN": "hush-verify",
    "BATON_ACCESS_TOKEN": "hush-access",
    "BATON_ACCESS_TOKEN_106540352242922": "hush-own",
    "BATON_HTTP_SECRET_SHOP": "hush-shop",
}


def test_an_empty_environment_gives_the_defaults():
    """Nothing needs to be set to begin with."""
    settings = read({})

    assert settings.redis_url is None
    assert settings.data == Path.cwd() / ".baton"
    assert settings.graph_url == "https://graph.facebook.com"
    assert settings.graph_version == "v26.0"
    assert settings.restrictions is None
    assert settings.unknown_country is UnknownCountry.REFUSE
    assert settings.doubt_wait == timedelta(seconds=180)
    assert not settings.allow_volatile
    assert settings.notices == ()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("BATON_REDIS_URL", "redis://127.0.0.1:6379/2", "redis_url", "redis://127.0.0.1:6379/2"),
        ("BATON_REDIS_URL", "unix:///run/redis.sock?db=1", "redis_url", "unix:///run/redis.sock?db=1"),
        ("BATON_REDIS_URL", "unix://:word@/run/redis.sock?db=1", "redis_url", "unix://:word@/run/redis.sock?db=1"),
        ("BATON_REDIS_URL", "rediss://s:1/?ssl_ca_certs=/ca", "redis_url", "rediss://s:1/?ssl_ca_certs=/ca"),
        ("BATON_DATA", "/var/lib/my baton", "data", Path("/var/lib/my baton")),
        ("BATON_DATA", "data", "data", Path.cwd() / "data"),
        ("BATON_GRAPH_URL", "http://127.0.0.1:9000/", "graph_url", "http://127.0.0.1:9000"),
        ("BATON_GRAPH_VERSION", "v25.0", "graph_version", "v25.0"),
        ("BATON_RESTRICTIONS", "/etc/lists.csv", "restrictions", Path("/etc/lists.csv")),
        ("BATON_UNKNOWN_COUNTRY", "Allow", "unknown_country", UnknownCountry.ALLOW),
        ("BATON_DOUBT_WAIT", "60", "doubt_wait", timedelta(minutes=1)),
        ("BATON_HTTP_HOSTS", "API.example.com, 127.0.0.1:8080", "http_hosts", ("api.example.com", "127.0.0.1:8080")),
        ("BATON_HTTP_HOSTS", "", "http_hosts", ()),
        ("BATON_HTTP_SECRET_SHOP_2", "hush", "http_secrets", {"SHOP_2": "hush"}),
        ("BATON_CONVERSIONS", "Dry", "conversions", Conversions.DRY),
        ("BATON_DATASET_ID", "880204533146972", "dataset_id", "880204533146972"),
        ("BATON_DATASET_ID_106540352242922", "9", "dataset_ids", {"106540352242922": "9"}),
        ("BATON_SPOOL", "", "spool", None),
        ("BATON_SPOOL", "/var/spool/baton", "spool", Path("/var/spool/baton")),
        ("BATON_ALLOW_VOLATILE", "yes", "allow_volatile", True),
        ("BATON_ALLOW_VOLATILE", "", "allow_volatile", False),
    ],
)
def test_a_setting_becomes_a_typed_value(name, text, field, value):
    """Nobody after this has to parse a text again."""
    settings = read({name: text})

    assert getattr(settings, field) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BATON_REDIS_URL", "http://hush"),
        ("BATON_REDIS_URL", "hush:6379"),
        ("BATON_REDIS_URL", "redis://"),
        ("BATON_REDIS_URL", "redis+sentinel://hush/0"),
        ("BATON_REDIS_URL", "redis://hush:port"),
        ("BATON_REDIS_URL", "redis://hush/zero"),
        ("BATON_REDIS_URL", "redis://hush?db=zero"),
        ("BATON_REDIS_URL", "redis://[hush"),
        ("BATON_REDIS_URL", "redis://hush?decode_responses=1"),
        ("BATON_REDIS_URL", "redis://hush?ssl_ca_certs=/ca.pem"),
        ("BATON_GRAPH_URL", "hush"),
        ("BATON_GRAPH_URL", "https://[hush?x=1"),
        ("BATON_GRAPH_VERSION", "hush"),
        ("BATON_GRAPH_VERSION", "v٢٦.0"),
        ("BATON_APP_SECRET", "hush\nhush"),
        ("BATON_VERIFY_TOKEN", "hush hush"),
        ("BATON_ACCESS_TOKEN", '"hush'),
        ("BATON_ACCESS_TOKEN", "hush\x00"),
        ("BATON_ACCESS_TOKEN_106540352242922", "hu\tsh"),
        ("BATON_ACCESS_TOKEN_hush", "x"),
        ("BATON_UNKNOWN_COUNTRY", "hush"),
        ("BATON_DOUBT_WAIT", "hush"),
        ("BATON_DOUBT_WAIT", "0"),
        ("BATON_DOUBT_WAIT", "١٨٠"),
        ("BATON_DOUBT_WAIT", "999999"),
        ("BATON_ALLOW_VOLATILE", "hush"),
        ("BATON_HTTP_HOSTS", "https://hush/"),
        ("BATON_HTTP_SECRET_hush", "x"),
        ("BATON_CONVERSIONS", "hush"),
        ("BATON_DATASET_ID", "hush"),
        ("BATON_DATASET_ID_1", "hush"),
        ("BATON_DATASET_ID_hush", "1"),
        ("BATON_CONVERSIONS_TEST_CODE", "hush hush"),
    ],
)
def test_a_wrong_value_is_told_by_its_name_and_never_printed(name, text):
    """The value may be a secret, so the sentence says only whose it is and what was expected."""
    with pytest.raises(SettingProblems) as raised:
        read({name: text})

    (sentence,) = raised.value.problems
    assert sentence.startswith(f"`{name}` must ")
    assert sentence.endswith(".")
    assert "hush" not in sentence.replace(name, "")


def test_all_problems_come_at_once():
    """An operator fixes the environment in one go."""
    with pytest.raises(SettingProblems) as raised:
        read({"BATON_GRAPH_VERSION": "26", "BATON_DOUBT_WAIT": "soon", "BATON_ALLOW_VOLATILE": "maybe"})

    assert raised.value.problems == (
        "`BATON_GRAPH_VERSION` must be a version like v26.0.",
        "`BATON_DOUBT_WAIT` must be a whole number of seconds from 1 to 3600.",
        "`BATON_ALLOW_VOLATILE` must be 1 or 0.",
    )
    assert str(raised.value) == "\n".join(raised.value.problems)


@pytest.mark.parametrize("text", ["hush\n", " hush", '"hush"', "'hush'\r\n", "\" hush '".replace("'", '"')])
def test_what_a_shell_leaves_around_a_token_is_left_out_with_a_notice(text):
    """A token read from a file ends in a line end, and one pasted from a script has quotes."""
    settings = read({"BATON_ACCESS_TOKEN": text})

    assert settings.access_token == "hush"
    assert settings.notices == (
        "`BATON_ACCESS_TOKEN` had spaces, a line end or quotes around it, which were left out.",
    )


def test_a_slip_of_the_pen_is_noticed():
    """A name that is nearly one of ours is more likely a mistake than another program's."""
    settings = read({"BATON_APP_SECERT": "hush", "BATON_APP_ID": "1", "PATH": "/bin"})

    assert settings.notices == ("`BATON_APP_SECERT` is not a setting of Baton: `BATON_APP_SECRET` may be meant.",)


def test_a_number_may_have_a_token_of_its_own():
    """Its own token wins over the one for all numbers, and an empty one counts as unset."""
    settings = read({**SECRETS, "BATON_ACCESS_TOKEN_2": ""})

    assert settings.token("106540352242922") == "hush-own"
    assert settings.token("2") == "hush-access"
    assert settings.token("3") == "hush-access"


def test_a_number_may_have_a_dataset_of_its_own():
    """An account has one, and numbers may belong to several accounts."""
    settings = read({"BATON_DATASET_ID": "8", "BATON_DATASET_ID_1": "9"})

    assert (settings.dataset("1"), settings.dataset("2"), read({}).dataset("1")) == ("9", "8", "")


@pytest.mark.parametrize("show", [repr, str, pretty_repr])
def test_no_secret_shows(show):
    """Settings may end up in a traceback or a log."""
    settings = read(SECRETS)

    shown = show(settings)

    assert "hush" not in shown
    assert "106540352242922" in shown


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, ("BATON_APP_SECRET", "BATON_VERIFY_TOKEN", "BATON_ACCESS_TOKEN")),
        ({"BATON_APP_SECRET": "", "BATON_VERIFY_TOKEN": "b", "BATON_ACCESS_TOKEN": "c"}, ("BATON_APP_SECRET",)),
        ({"BATON_APP_SECRET": "a", "BATON_VERIFY_TOKEN": '""', "BATON_ACCESS_TOKEN": "c"}, ("BATON_VERIFY_TOKEN",)),
        ({"BATON_APP_SECRET": "a", "BATON_VERIFY_TOKEN": "b", "BATON_ACCESS_TOKEN_1": "c"}, ("BATON_ACCESS_TOKEN",)),
        (
            {
                "BATON_APP_SECRET": "a",
                "BATON_VERIFY_TOKEN": "b",
                "BATON_ACCESS_TOKEN_1": "c",
                "BATON_ACCESS_TOKEN_2": "d",
            },
            (),
        ),
    ],
)
def test_what_serving_needs_is_named_when_it_is_missing(environ, missing):
    """Every number served needs a token, its own or the one for all."""
    settings = read(environ)

    assert secrets_missing(settings, ["1", "2"]) == missing


def test_each_setting_has_a_line_of_help_and_a_default_that_can_be_read():
    """The table is what `baton settings` prints."""
    for row in SETTINGS:
        assert row.help.endswith("."), row.name
        assert len(row.help) < 100, row.name
        row.parse(row.default)
