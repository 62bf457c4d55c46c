"""Do the settings, the lists, the price cards and the spool of this machine do?"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from adapters.doctor.findings import Finding, days, fine, warning, wrong
from adapters.lists import ListsUnusable, lists_of
from adapters.settings import SettingProblems, Settings, read
from adapters.spool import Spool, SpoolFailure
from rules.policy import pricing

OLD = timedelta(days=180)
LOOK = "Look whether the rules have changed since; a file of your own goes into `BATON_RESTRICTIONS`."
NEWER = "Look whether there is a newer Baton, with newer prices."
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def settings_of(environ: Mapping[str, str]) -> tuple[Settings, list[Finding]]:
    """Read the settings as far as they can be read, and say what is wrong with the others; no value is told."""
    try:
        found = read(environ)
    except SettingProblems as problems:
        told = "\n".join(problems.problems)
        rest = {name: value for name, value in environ.items() if f"`{name}`" not in told}
        return read(rest), [wrong("settings", words) for words in problems.problems]
    notices = [warning("settings", words) for words in found.notices]
    return found, notices or [fine("settings", "can be read")]


async def lists(settings: Settings) -> list[Finding]:
    """Look at the restriction lists: whose they are, and how old."""
    whose = f"of `{settings.restrictions}`" if settings.restrictions else "of this version of Baton"
    try:
        found = lists_of(settings)
    except ListsUnusable as sentence:
        return [wrong("countries", str(sentence))]
    return [_dated("countries", f"lists {whose}, version {found.version}", found.version, LOOK)]


async def prices(_: Settings) -> list[Finding]:
    """Look at the price card that is in force."""
    since = pricing.card_on(datetime.now(UTC).date()).since
    return [_dated("prices", f"card of {since}", str(since), NEWER)]


async def spool(settings: Settings) -> list[Finding]:
    """Look whether webhooks could be kept on disk while the store is away."""
    if settings.spool is None:
        return [fine("spool", "none: while the store is away Meta is told to ask again")]
    try:
        found = Spool(settings.spool)
    except SpoolFailure as failure:
        return [wrong("spool", str(failure))]
    try:
        if not found.has_room():
            return [wrong("spool", "is full", "Let `baton serve` run until what waits there is in the store.")]
        if not found.is_empty():
            return [warning("spool", "webhooks wait there", "`baton serve` takes them into the store: is it running?")]
    finally:
        found.close()
    return [fine("spool", f"`{settings.spool}` can be written, and nothing waits there")]


def _dated(about: str, words: str, day: str, advice: str) -> Finding:
    if not _DAY.fullmatch(day):
        return fine(about, words)
    age = datetime.now(UTC).date() - date.fromisoformat(day)
    told = f"{words}, {days(age)} old"
    return fine(about, told) if age <= OLD else warning(about, told, advice)
