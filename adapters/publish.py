"""Make a folder live: all or nothing, and never with a problem of severity error."""

from pathlib import Path

from msgspec import Struct, msgpack

from adapters.store import Store
from flows.compile import pack, version_of
from flows.load import load
from rules.policy.restrictions import Restrictions
from rules.source import Problem, Severity


class Published(Struct, frozen=True):
    """What came of it: the folder's `version` (nothing if it has errors), and a version that is `live` now."""

    business: str | None
    version: str | None
    live: str | None
    changed: bool
    problems: tuple[Problem, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the folder is another version than the live one."""
        return self.version != self.live


async def publish(
    store: Store, folder: Path, lists: Restrictions, *, by: str, only_if_nothing_is_live: bool = False
) -> Published:
    """Publish a folder, or say why not; a number of the country lists is refused by the loader already."""
    loaded = load(folder, lists)
    if loaded.folder is None or any(each.severity is Severity.ERROR for each in loaded.problems):
        return Published(None, None, await _any_live(store), changed=False, problems=loaded.problems)
    written = loaded.folder
    business, version = written.business.id, version_of(written.files)
    live = await store.live(business)
    if live == version or (live is not None and only_if_nothing_is_live):
        return Published(business, version, live, changed=False, problems=loaded.problems)
    await store.publish(
        business,
        version,
        files=msgpack.encode(written.files),
        typed=pack(written),
        numbers=[number.id for number in written.business.numbers],
        wabas=sorted({number.waba for number in written.business.numbers}),
        by=by,
        lists=lists.digest,
    )
    return Published(business, version, version, changed=True, problems=loaded.problems)


async def _any_live(store: Store) -> str | None:
    """Return a version that is live; a folder with errors does not tell which business it is of."""
    found = [await store.live(business) for business in await store.businesses()]
    return next((version for version in found if version), None)
