"""What did the operator set in the environment?

`SETTINGS` is the one table of it: a new setting is a row there and a field of `Settings`.
The environment is read once, at the start, and all that is wrong with it is told at once. No sentence holds a value,
since the value of a setting may be a secret.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from adapters.store_url import store_url

PREFIX = "BATON_"
TOKEN_PREFIX = "BATON_ACCESS_TOKEN_"  # noqa: S105 - the name of a setting, not a token
SECRET_PREFIX = "BATON_HTTP_SECRET_"  # noqa: S105 - as above
LONGEST_DOUBT_WAIT = 3600
LONGEST_KEPT = 3650
LARGEST_FILE = 100
LARGEST_SHELF = 1_000_000
HIDDEN = "(hidden)"
LIKE_A_KNOWN_NAME = 0.9
"""How alike an unknown name must be to a known one to be called a slip of the pen."""


class SettingProblems(Exception):  # noqa: N818 - the word an operator would use
    """The environment cannot be used; `problems` says why, a sentence for each setting."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class UnknownCountry(StrEnum):
    """What to do about a number whose country nobody can tell."""

    REFUSE = "refuse"
    ALLOW = "allow"


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that was set, typed, and nothing that was not; made by `read`."""

    redis_url: str | None
    store_id: str
    data: Path
    graph_url: str
    graph_version: str
    app_secret: str
    verify_token: str
    access_token: str
    access_tokens: dict[str, str] = field(default_factory=dict)
    restrictions: Path | None
    unknown_country: UnknownCountry
    doubt_wait: timedelta
    allow_volatile: bool
    spool: Path | None
    media_days: timedelta
    media_file_mb: int
    media_mb: int
    http_hosts: tuple[str, ...]
    http_secrets: dict[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def token(self, phone_number_id: str) -> str:
        """Return the access token for a business number: its own, else the one for all; empty if there is none."""
        return self.access_tokens.get(phone_number_id, self.access_token)

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show which settings there are, never a secret."""
        shown = [(row.field, HIDDEN if row.secret else getattr(self, row.field)) for row in SETTINGS]
        return [*shown, ("access_tokens", sorted(self.access_tokens)), ("http_secrets", sorted(self.http_secrets))]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class Setting(Struct, frozen=True):
    """One row of the table: how it is called, what it is when unset, how it is read, and what it does."""

    name: str
    default: str
    parse: Callable[[str], object]
    help: str
    secret: bool = False

    @property
    def field(self) -> str:
        """The name of the field of `Settings` that holds it."""
        return self.name.removeprefix(PREFIX).lower()


# How a value is read. Each returns the value, or raises ValueError with what was expected.


def _word(value: str) -> str:
    if re.search(r"[\s\x00-\x1f\x7f\"']", value):
        raise ValueError("one word, without spaces, line ends or quotes in it")
    return value


def _store_url(value: str) -> str | None:
    return store_url(_word(value)) if value else None


def _http_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^/?#]+(/[^?#]*)?", _word(value)):
        raise ValueError("a URL that starts with https:// (or http:// for a fake) and has no ? or #")
    return value.rstrip("/")


def _version(value: str) -> str:
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", value):
        raise ValueError("a version like v26.0")
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _file(value: str) -> Path | None:
    return _folder(value) if value else None


def _unknown(value: str) -> UnknownCountry:
    try:
        return UnknownCountry(value.lower())
    except ValueError:
        raise ValueError(f"one of: {', '.join(UnknownCountry)}") from None


def _whole(lowest: int, highest: int, what: str) -> Callable[[str], int]:
    def read_whole(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,7}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"a whole number of {what} from {lowest} to {highest}")
        return int(value)

    return read_whole


def _seconds(value: str) -> timedelta:
    return timedelta(seconds=_whole(1, LONGEST_DOUBT_WAIT, "seconds")(value))


def _days(value: str) -> timedelta:
    return timedelta(days=_whole(0, LONGEST_KEPT, "days")(value))


def _switch(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value.lower() not in known:
        raise ValueError("1 or 0")
    return known[value.lower()]


def _hosts(value: str) -> tuple[str, ...]:
    found = tuple(each.lower() for each in re.split(r"[\s,]+", value) if each)
    if not all(re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", each) for each in found):
        raise ValueError("names of hosts with commas between them, such as api.example.com or 127.0.0.1:8080")
    return found


SETTINGS = (
    Setting("BATON_REDIS_URL", "", _store_url, "Redis 7.0 or Valkey to use; unset: an embedded server.", secret=True),
    Setting("BATON_STORE_ID", "", _word, "Which store it must be; unset: the one that answers at the start."),
    Setting("BATON_DATA", ".baton", _folder, "Folder of the embedded server's data."),
    Setting("BATON_GRAPH_URL", "https://graph.facebook.com", _http_url, "Where Meta's Graph API answers."),
    Setting("BATON_GRAPH_VERSION", "v26.0", _version, "Version of the Graph API."),
    Setting("BATON_APP_SECRET", "", _word, "Secret of the Meta app, which signs the webhooks.", secret=True),
    Setting("BATON_VERIFY_TOKEN", "", _word, "Word that Meta must say when it verifies the webhook.", secret=True),
    Setting(
        "BATON_ACCESS_TOKEN",
        "",
        _word,
        "Token to send with; BATON_ACCESS_TOKEN_<phone_number_id> is for one number.",
        secret=True,
    ),
    Setting("BATON_RESTRICTIONS", "", _file, "File of country restrictions to use instead of our own."),
    Setting("BATON_UNKNOWN_COUNTRY", "refuse", _unknown, "refuse or allow numbers whose country is not known."),
    Setting("BATON_DOUBT_WAIT", "180", _seconds, "Seconds to wait for proof when a send got no answer."),
    Setting(
        "BATON_HTTP_HOSTS",
        "",
        _hosts,
        "Hosts that `http` steps may ask; BATON_HTTP_SECRET_<NAME> is a secret that they may use.",
    ),
    Setting(
        "BATON_SPOOL",
        "",
        _file,
        "Folder where webhooks wait while the store is away; unset: Meta is told to ask again.",
    ),
    Setting("BATON_MEDIA_DAYS", "30", _days, "Days to keep the files that contacts and the owner send; 0: keep none."),
    Setting(
        "BATON_MEDIA_FILE_MB", "16", _whole(1, LARGEST_FILE, "MB"), "Largest file that is kept; a document may be 100."
    ),
    Setting(
        "BATON_MEDIA_MB",
        "256",
        _whole(1, LARGEST_SHELF, "MB"),
        "Files kept for a business, all together, in the store; the oldest make room.",
    ),
    Setting("BATON_ALLOW_VOLATILE", "0", _switch, "1 allows a store that may lose what it has acknowledged."),
)


def read(environ: Mapping[str, str]) -> Settings:
    """Read every setting, or raise `SettingProblems` with all that is wrong."""
    own_tokens, problems = _own_tokens(environ)
    secrets, odd = _secrets(environ)
    problems += odd
    notices = [notice for name in environ if (notice := _slip_of_the_pen(name))]
    values: dict[str, Any] = {}
    for row in (*SETTINGS, *own_tokens, *secrets):
        bare = _bare(environ.get(row.name, ""))
        if bare != environ.get(row.name, ""):
            notices.append(f"`{row.name}` had spaces, a line end or quotes around it, which were left out.")
        try:
            values[row.name] = row.parse(bare or row.default)
        except ValueError as expected:
            problems.append(f"`{row.name}` must be {expected}.")
    if problems:
        raise SettingProblems(problems)
    tokens = {row.name.removeprefix(TOKEN_PREFIX): values[row.name] for row in own_tokens if values[row.name]}
    fields = {row.field: values[row.name] for row in SETTINGS}
    known = {row.name.removeprefix(SECRET_PREFIX): values[row.name] for row in secrets if values[row.name]}
    return Settings(**fields, access_tokens=tokens, http_secrets=known, notices=tuple(notices))


def secrets_missing(settings: Settings, phone_number_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the secrets without which these numbers cannot be served."""
    needed = {
        "BATON_APP_SECRET": settings.app_secret,
        "BATON_VERIFY_TOKEN": settings.verify_token,
        "BATON_ACCESS_TOKEN": all(settings.token(number) for number in phone_number_ids),
    }
    return tuple(name for name, value in needed.items() if not value)


def _own_tokens(environ: Mapping[str, str]) -> tuple[list[Setting], list[str]]:
    """Return a row for each number with a token of its own, and what is wrong with the names of the others."""
    ends = [name.removeprefix(TOKEN_PREFIX) for name in sorted(environ) if name.startswith(TOKEN_PREFIX)]
    rows = [Setting(TOKEN_PREFIX + end, "", _word, "Token of this number.", secret=True) for end in ends if _is_id(end)]
    odd = [f"`{TOKEN_PREFIX}{end}` must end in the digits of a phone_number_id." for end in ends if not _is_id(end)]
    return rows, odd


def _secrets(environ: Mapping[str, str]) -> tuple[list[Setting], list[str]]:
    """Return a row for each secret of `http` steps, and what is wrong with the names of the others."""
    names = [name for name in sorted(environ) if name.startswith(SECRET_PREFIX)]
    fine = [name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]*", name.removeprefix(SECRET_PREFIX))]
    odd = [f"`{name}` must end in capital letters, digits and `_`." for name in names if name not in fine]
    return [Setting(name, "", _word, "Secret of `http` steps.", secret=True) for name in fine], odd


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _bare(value: str) -> str:
    """Take off what a shell script or a secret store leaves around a value."""
    bare = value.strip()
    for quote in ('"', "'"):
        if len(bare) > 1 and bare[0] == bare[-1] == quote:
            bare = bare[1:-1].strip()
    return bare


def _slip_of_the_pen(name: str) -> str | None:
    known = [row.name for row in SETTINGS]
    if not name.startswith(PREFIX) or name.startswith((TOKEN_PREFIX, SECRET_PREFIX)) or name in known:
        return None
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=LIKE_A_KNOWN_NAME)
    return f"`{name}` is not a setting of Baton: `{nearest[0]}` may be meant." if nearest else None
