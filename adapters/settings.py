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
from msgspec.structs import replace

from adapters import setting_values as values

PREFIX = "BATON_"
TOKEN_PREFIX = "BATON_ACCESS_TOKEN_"  # noqa: S105 - the name of a setting, not a token
DATASET_PREFIX = "BATON_DATASET_ID_"
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


class Conversions(StrEnum):
    """What to do with conversions: tell Meta, only say what it would be told, or drop them."""

    LIVE = "live"
    DRY = "dry"
    OFF = "off"


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
    conversions: Conversions
    dataset_id: str
    dataset_ids: dict[str, str] = field(default_factory=dict)
    conversions_test_code: str
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

    def dataset(self, phone_number_id: str) -> str:
        """Return the dataset that a number's conversions go to: its own, else the one for all; empty: there is none."""
        return self.dataset_ids.get(phone_number_id, self.dataset_id)

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show which settings there are, never a secret."""
        shown = [(row.field, HIDDEN if row.secret else getattr(self, row.field)) for row in SETTINGS]
        own = [("access_tokens", sorted(self.access_tokens)), ("http_secrets", sorted(self.http_secrets))]
        return [*shown, *own, ("dataset_ids", self.dataset_ids)]

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


SETTINGS = (
    Setting("BATON_REDIS_URL", "", values.store, "Redis 7.0 or Valkey to use; unset: an embedded server.", secret=True),
    Setting("BATON_STORE_ID", "", values.word, "Which store it must be; unset: the one that answers at the start."),
    Setting("BATON_DATA", ".baton", values.folder, "Folder of the embedded server's data."),
    Setting("BATON_GRAPH_URL", "https://graph.facebook.com", values.http_url, "Where Meta's Graph API answers."),
    Setting("BATON_GRAPH_VERSION", "v26.0", values.version, "Version of the Graph API."),
    Setting("BATON_APP_SECRET", "", values.word, "Secret of the Meta app, which signs the webhooks.", secret=True),
    Setting(
        "BATON_VERIFY_TOKEN", "", values.word, "Word that Meta must say when it verifies the webhook.", secret=True
    ),
    Setting(
        "BATON_ACCESS_TOKEN",
        "",
        values.word,
        "Token to send with; BATON_ACCESS_TOKEN_<phone_number_id> is for one number.",
        secret=True,
    ),
    Setting(
        "BATON_CONVERSIONS",
        "live",
        values.one_of(Conversions),
        "live: Meta is told of conversions; dry: the log says what it would be told; off: they are dropped.",
    ),
    Setting(
        "BATON_DATASET_ID",
        "",
        values.digits,
        "Meta's dataset for conversions; BATON_DATASET_ID_<phone_number_id> is for one number.",
    ),
    Setting(
        "BATON_CONVERSIONS_TEST_CODE",
        "",
        values.word,
        "Code of the Events Manager's test page, which then shows conversions; they count all the same.",
    ),
    Setting("BATON_RESTRICTIONS", "", values.file, "File of country restrictions to use instead of our own."),
    Setting(
        "BATON_UNKNOWN_COUNTRY",
        "refuse",
        values.one_of(UnknownCountry),
        "refuse or allow numbers whose country is not known.",
    ),
    Setting(
        "BATON_DOUBT_WAIT",
        "180",
        values.span(1, LONGEST_DOUBT_WAIT, "seconds"),
        "Seconds to wait for proof when a send got no answer.",
    ),
    Setting(
        "BATON_HTTP_HOSTS",
        "",
        values.hosts,
        "Hosts that `http` steps may ask; BATON_HTTP_SECRET_<NAME> is a secret that they may use.",
    ),
    Setting(
        "BATON_SPOOL",
        "",
        values.file,
        "Folder where webhooks wait while the store is away; unset: Meta is told to ask again.",
    ),
    Setting(
        "BATON_MEDIA_DAYS",
        "30",
        values.span(0, LONGEST_KEPT, "days"),
        "Days to keep the files that contacts and the owner send; 0: keep none.",
    ),
    Setting(
        "BATON_MEDIA_FILE_MB",
        "16",
        values.whole(1, LARGEST_FILE, "MB"),
        "Largest file that is kept; a document may be 100.",
    ),
    Setting(
        "BATON_MEDIA_MB",
        "256",
        values.whole(1, LARGEST_SHELF, "MB"),
        "Files kept for a business, all together, in the store; the oldest make room.",
    ),
    Setting("BATON_ALLOW_VOLATILE", "0", values.switch, "1 allows a store that may lose what it has acknowledged."),
)


OWN_TOKEN = Setting(TOKEN_PREFIX, "", values.word, "Token of this number.", secret=True)
OWN_DATASET = Setting(DATASET_PREFIX, "", values.digits, "Dataset of this number.")


def read(environ: Mapping[str, str]) -> Settings:
    """Read every setting, or raise `SettingProblems` with all that is wrong."""
    own_tokens, problems = _of_numbers(environ, TOKEN_PREFIX, OWN_TOKEN)
    own_datasets, odd = _of_numbers(environ, DATASET_PREFIX, OWN_DATASET)
    secrets, odder = _secrets(environ)
    problems += odd + odder
    notices = [notice for name in environ if (notice := _slip_of_the_pen(name))]
    found: dict[str, Any] = {}
    for row in (*SETTINGS, *own_tokens, *own_datasets, *secrets):
        bare = _bare(environ.get(row.name, ""))
        if bare != environ.get(row.name, ""):
            notices.append(f"`{row.name}` had spaces, a line end or quotes around it, which were left out.")
        try:
            found[row.name] = row.parse(bare or row.default)
        except ValueError as expected:
            problems.append(f"`{row.name}` must be {expected}.")
    if problems:
        raise SettingProblems(problems)
    return Settings(
        **{row.field: found[row.name] for row in SETTINGS},
        access_tokens=_by_end(TOKEN_PREFIX, own_tokens, found),
        dataset_ids=_by_end(DATASET_PREFIX, own_datasets, found),
        http_secrets=_by_end(SECRET_PREFIX, secrets, found),
        notices=tuple(notices),
    )


def secrets_missing(settings: Settings, phone_number_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the secrets without which these numbers cannot be served."""
    needed = {
        "BATON_APP_SECRET": settings.app_secret,
        "BATON_VERIFY_TOKEN": settings.verify_token,
        "BATON_ACCESS_TOKEN": all(settings.token(number) for number in phone_number_ids),
    }
    return tuple(name for name, value in needed.items() if not value)


def _by_end(prefix: str, rows: Iterable[Setting], found: Mapping[str, Any]) -> dict[str, Any]:
    return {row.name.removeprefix(prefix): found[row.name] for row in rows if found[row.name]}


def _of_numbers(environ: Mapping[str, str], prefix: str, row: Setting) -> tuple[list[Setting], list[str]]:
    """Return a row for each number with a setting of its own, and what is wrong with the names of the others."""
    ends = [name.removeprefix(prefix) for name in sorted(environ) if name.startswith(prefix)]
    odd = [f"`{prefix}{end}` must end in the digits of a phone_number_id." for end in ends if not _is_id(end)]
    return [replace(row, name=prefix + end) for end in ends if _is_id(end)], odd


def _secrets(environ: Mapping[str, str]) -> tuple[list[Setting], list[str]]:
    """Return a row for each secret of `http` steps, and what is wrong with the names of the others."""
    names = [name for name in sorted(environ) if name.startswith(SECRET_PREFIX)]
    fine = [name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]*", name.removeprefix(SECRET_PREFIX))]
    odd = [f"`{name}` must end in capital letters, digits and `_`." for name in names if name not in fine]
    return [Setting(name, "", values.word, "Secret of `http` steps.", secret=True) for name in fine], odd


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
    if not name.startswith(PREFIX) or name.startswith((TOKEN_PREFIX, DATASET_PREFIX, SECRET_PREFIX)) or name in known:
        return None
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=LIKE_A_KNOWN_NAME)
    return f"`{name}` is not a setting of Baton: `{nearest[0]}` may be meant." if nearest else None
