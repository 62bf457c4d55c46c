"""What is live, and does it have what it needs?"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from adapters.doctor.findings import Finding, days, fine, warning, wrong
from adapters.doctor.scene import Scene
from adapters.handle import number_of
from adapters.lists import lists_of
from adapters.publish import prepare
from adapters.settings import secrets_missing
from adapters.unasked import unmet_by_what_is_live
from engine.approval import ADVICE, APPROVED
from engine.chat import Number
from flows.compile import business_of, unpack
from flows.folder import Folder
from flows.uses import uses_of

PUBLISH = "Publish a folder: baton publish FOLDER"
PULL = "Ask Meta: baton templates pull"
OLD_PULL = timedelta(days=30)


async def versions(scene: Scene) -> list[Finding]:
    """Look whether each business has a version that is live and can be read."""
    found = []
    for each in await scene.businesses():
        live = await scene.store.live(each)
        if live is None or await _folder(scene, each) is None:
            found.append(wrong("live", f"nothing of `{each}` is live that this version of Baton can read", PUBLISH))
        else:
            found.append(fine("live", f"version {live} of `{each}`"))
    return found or [wrong("live", "nothing was published here yet", PUBLISH)]


async def folder(scene: Scene) -> list[Finding]:
    """Compare the folder with what is live."""
    if scene.folder is None:
        return []
    prepared = await prepare(scene.store, scene.folder, lists_of(scene.settings))
    if prepared.folder is None:
        return [wrong("folder", f"`{scene.folder}` has problems", f"See them with: baton check {scene.folder}")]
    if prepared.differs:
        words = f"`{scene.folder}` differs from what is live"
        return [warning("folder", words, f"To make it live: baton publish {scene.folder}")]
    return [fine("folder", f"`{scene.folder}` is what is live")]


async def secrets(scene: Scene) -> list[Finding]:
    """Look for the secrets without which webhooks cannot be taken, nor messages sent."""
    missing = secrets_missing(scene.settings, await scene.store.numbers() or ("any",))
    found = [wrong("secrets", f"`{name}` is not set", "`baton settings` says what it is.") for name in missing]
    found += [warning("secrets", words) for words in await unmet_by_what_is_live(scene.store, scene.settings)]
    return found or [fine("secrets", "all that is needed is set")]


async def lists(scene: Scene) -> list[Finding]:
    """Look whether what is judged by is what these settings say."""
    mine = lists_of(scene.settings).digest
    others = [each for each in await scene.businesses() if await scene.store.lists(each) not in (None, mine)]
    words = "are judged by other lists than those of this environment"
    advice = "Start `baton serve` and `baton work` with the same `BATON_RESTRICTIONS` and `BATON_UNKNOWN_COUNTRY`."
    return [warning("countries", f"messages of `{each}` {words}", advice) for each in others]


async def templates(scene: Scene) -> list[Finding]:
    """Look at the templates that flows use: whether they may leave, and when Meta was asked."""
    found: list[Finding] = []
    for each in await scene.businesses():
        live, accounts = await _folder(scene, each), {number.waba: number for number in await numbers_of(scene, each)}
        for number in accounts.values():  # all numbers of an account are told the same
            found += _of_account(number, uses_of(live) if live else {})
    return found


async def numbers_of(scene: Scene, business: str) -> list[Number]:
    """Return the numbers of what is live, with what Meta told of them."""
    live = await _folder(scene, business)
    if live is None:
        return []
    written = business_of(live.business, live.templates).numbers.values()
    records = [await scene.store.subject(business, each.id) for each in written]
    return [number_of(found.state if found else None, each) for each, found in zip(written, records, strict=True)]


async def _folder(scene: Scene, business: str) -> Folder | None:
    published = await scene.store.version(business, await scene.store.live(business) or "")
    try:
        return unpack(published.typed) if published else None
    except ValueError:
        return None


def _of_account(number: Number, used: Mapping[str, Sequence[str]]) -> list[Finding]:
    states = {name: number.state_by(name) for name in {*number.locked, *number.templates}}
    off = {name: state.status for name, state in states.items() if state.status not in (None, APPROVED)}
    found = [
        wrong("templates", f"`{name}` is {status}, and used by {', '.join(users)}", ADVICE.get(status or "", PULL))
        for name, status in sorted(off.items())
        if (users := used.get(name.rpartition("/")[0]))
    ]
    told = max((state.told_at for state in number.templates.values() if state.told_at), default=None)
    if used and told is None:
        found.append(warning("templates", f"Meta was not asked yet for those of the account {number.waba}", PULL))
    elif told is not None and (age := datetime.now(UTC) - told) > OLD_PULL:
        found.append(warning("templates", f"what is known of the account {number.waba} is {days(age)} old", PULL))
    return found or [fine("templates", f"those of the account {number.waba} may leave")]
