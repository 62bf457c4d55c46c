"""May this be done at all, for this business number and this contact?

Every path on which something may leave has a name in `Path` and needs a `Clearance`,
and nothing but `clear` makes one: a path that forgets to ask cannot be written.
"""

import hashlib
from dataclasses import InitVar, dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from msgspec import Struct

from rules.policy import countries
from rules.policy.restriction_file import Action, Restriction, Scope, rows_of

REGION_UNKNOWN = "region_unknown"
# Crimea is written UA or RU in a user id, so there the restricted region cannot be seen.
_REGION_HIDDEN = frozenset({"UA", "RU"})
_ANYONE = (Scope.ANYONE,)
_EVERY_SCOPE = tuple(Scope)
_KEY = object()


class Path(StrEnum):
    """Every way on which something may leave, or something received may be acted on."""

    INBOUND = "inbound"
    ECHO = "echo"
    FLOW = "flow"
    TEMPLATE = "template"
    TIMER = "timer"
    REPORT = "report"
    HTTP = "http"
    STATUS = "status"
    NOTICE = "notice"
    CAMPAIGN = "campaign"
    HISTORY = "history"
    CONTACTS = "contacts"
    ONBOARDING = "onboarding"


class Restrictions(Struct, frozen=True):
    """A list as it was read; `unknown` says what happens to those whose country cannot be told."""

    version: str
    digest: str
    rows: tuple[Restriction, ...]
    unknown: Literal["refuse", "allow"] = "refuse"

    def __hash__(self) -> int:
        """Hash what was read, which is quicker than to hash every row."""
        return hash(self.digest)


class Refusal(Struct, frozen=True):
    """A no: `reason` for machines, `words` for people. No words hold a phone number."""

    reason: str
    words: str


# No Struct: those can be made by anybody, copied with changes and decoded from bytes.
@dataclass(frozen=True, slots=True)
class Clearance:
    """A yes, which only `clear` can give; `notes` are reasons to have a look all the same."""

    path: Path
    version: str
    notes: tuple[str, ...]
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        """Refuse everybody but `clear`."""
        if key is not _KEY:
            raise TypeError("A `Clearance` is made by `clear` alone, which asks the lists.")


def read(text: str, unknown: Literal["refuse", "allow"] = "refuse") -> Restrictions:
    """Read a list; raise `Mistakes` that point at its lines when anything is wrong."""
    version, rows = rows_of(text)
    digest = hashlib.sha256(f"{unknown}\n{text}".encode()).hexdigest()
    return Restrictions(version, digest, rows, unknown)


DEFAULT_TEXT = files("rules.policy").joinpath("restrictions.csv").read_text("utf-8")
DEFAULT = read(DEFAULT_TEXT)


def clear(
    path: Path,
    *,
    business_phone: str,
    coexistence: bool,
    phones: tuple[str, ...],
    bsuids: tuple[str, ...],
    lists: Restrictions,
) -> Clearance | Refusal:
    """Ask the lists about the business number and every known identity of the contact; one no is enough.

    Only onboarding has no contact; everywhere else a contact without an identity is of unknown country.
    """
    scopes = _EVERY_SCOPE if coexistence else _ANYONE
    found = [_business(business_phone, scopes, lists)]
    found += [_identity(each, _ANYONE, lists) for each in (*phones, *bsuids)]
    if not phones and not bsuids and path is not Path.ONBOARDING:
        found.append(_unknown(lists, "The contact has neither a phone number nor a user id"))
    refusal = next((each for each in found if isinstance(each, Refusal)), None)
    if refusal is not None:
        return refusal
    notes = [each for each in found if isinstance(each, str)]
    if not phones and any(countries.country_of_bsuid(each) in _REGION_HIDDEN for each in bsuids):
        notes.append(REGION_UNKNOWN)
    return Clearance(path, lists.version, tuple(notes), _KEY)


def of_identity(text: str, lists: Restrictions) -> Refusal | None:
    """Return why nobody of this number or user id is written to or answered, for people to read; it clears nobody."""
    found = _identity(text, (Scope.ANYONE,), lists)
    return found if isinstance(found, Refusal) else None


def _business(phone: str, scopes: tuple[Scope, ...], lists: Restrictions) -> Refusal | str | None:
    found = _identity(phone, scopes, lists)
    if isinstance(found, Refusal):
        return Refusal(f"business_{found.reason}", f"The business number cannot be used. {found.words}")
    return found


@lru_cache(maxsize=4096)
def _identity(text: str, scopes: tuple[Scope, ...], lists: Restrictions) -> Refusal | str | None:
    """Return a refusal, a note, or nothing when nobody minds."""
    number = countries.digits(text)
    country = countries.country_of_phone(number) if number else countries.country_of_bsuid(text)
    fitting = [row for row in lists.rows if row.scope in scopes and _fits(row, number, country)]
    refused = next((row for row in fitting if row.action is Action.REFUSE), None)
    if refused is not None:
        return Refusal("restricted_country", _words(refused, number))
    if country is None and not _is_usable(text, number):
        return Refusal("unusable_identity", "This is neither an international phone number nor a user id.")
    if country is None:
        return _unknown(lists, "The country cannot be told")
    return f"warned: {fitting[0].name}" if fitting else None


def _fits(row: Restriction, number: str | None, country: str | None) -> bool:
    if number is not None and row.prefix:
        return number.startswith(row.prefix)
    return bool(row.iso2) and row.iso2 == country


def _is_usable(text: str, number: str | None) -> bool:
    return countries.is_assigned(number) if number else countries.is_bsuid(text)


def _words(row: Restriction, number: str | None) -> str:
    sign = f"+{row.prefix}" if number and row.prefix else row.iso2
    kind = "coexistence numbers" if row.scope is Scope.COEXISTENCE_NUMBER else "businesses and contacts"
    return f"{row.name} ({sign}) is closed to {kind}; the list names {row.source} as its source."


def _unknown(lists: Restrictions, what: str) -> Refusal | str:
    if lists.unknown == "allow":
        return "unknown_country"
    return Refusal("unknown_country", f"{what}, and `BATON_UNKNOWN_COUNTRY` says to refuse then.")
