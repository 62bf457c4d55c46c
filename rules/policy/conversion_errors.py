"""Meta refused a conversion: what is to be done about it?

The table beside this module is asked from above: a row fits by its code, and where it names them by the subcode and by
what Meta says. Whatever is not in it is judged by the HTTP status.

`retry`: it may pass by itself, so it is tried again, less and less often. `pause`: somebody has to mend something,
so all conversions of the number wait, and are tried now and then. `give_up`: Meta would not take this one again.
"""

import csv
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from importlib.resources import files

from msgspec import Struct

REST = timedelta(minutes=10)
WAITING = "Conversions wait until then, seven days at most."


class Action(StrEnum):
    """What to do about a refusal."""

    RETRY = "retry"
    PAUSE = "pause"
    GIVE_UP = "give_up"


class Rule(Struct, frozen=True):
    """A refusal with its class; `reason` for machines, `words` for the owner, `rest` is how long a pause takes."""

    reason: str
    action: Action
    words: str
    rest: timedelta = REST

    def words_with(self, code: int, subcode: int | None, details: str | None) -> str:
        """Return what the owner is told: what to do, what Meta says, and its codes."""
        said = f" Meta says: {details}" if details else ""
        waits = f" {WAITING}" if self.action is Action.PAUSE else ""
        return f"{self.words}{waits}{said} ({code}{f'/{subcode}' if subcode else ''})"


class _Row(Struct, frozen=True):
    codes: range
    subcode: int | None
    says: str
    rule: Rule

    def fits(self, code: int, subcode: int | None, details: str) -> bool:
        return code in self.codes and self.subcode in (None, subcode) and self.says in details


_TOKEN = Rule("token", Action.PAUSE, "Meta does not accept the access token that conversions are reported with.")
_BUSY = Rule("throttled", Action.RETRY, "")
_FAULT = Rule("meta_fault", Action.RETRY, "")
_REFUSED = Rule("refused", Action.GIVE_UP, "Meta did not take a conversion, and would not take it again.")

_SERVER = 500


def rule(code: int, subcode: int | None = None, http_status: int | None = None, details: str | None = None) -> Rule:
    """Return what to do about a refusal of Meta's."""
    found = next((row.rule for row in TABLE if row.fits(code, subcode, details or "")), None)
    return found or _by_status(http_status or 0)


def _by_status(http_status: int) -> Rule:
    match http_status:
        case 401:
            return _TOKEN
        case 429:
            return _BUSY
        case status if status >= _SERVER:
            return _FAULT
        case _:
            return _REFUSED


def _rows() -> Iterator[_Row]:
    text = files("rules.policy").joinpath("conversion_errors.csv").read_text("utf-8")
    for cells in csv.DictReader(text.splitlines()):
        first, _, last = cells["code"].partition("-")
        rest = timedelta(seconds=int(cells["rest"])) if cells["rest"] else REST
        known = Rule(cells["reason"], Action(cells["action"]), cells["words"], rest)
        subcode = int(cells["subcode"]) if cells["subcode"] else None
        yield _Row(range(int(first), int(last or first) + 1), subcode, cells["says"], known)


TABLE = tuple(_rows())
