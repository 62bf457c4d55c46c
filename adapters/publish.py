"""Make a folder live: all or nothing, and never with a problem of severity error."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

from msgspec import DecodeError, Struct, msgpack
from msgspec.structs import replace

from adapters.garbage import made_to_stay
from adapters.records import UnknownSchemaError, run_of
from adapters.store import FilesGoneError, Store
from engine.ruleset import OnPublish
from flows.attachments import Attached, FolderFiles, Look
from flows.compile import digest_of, pack, unpack, version_of
from flows.folder import Folder
from flows.load import in_order, load_files, read_folder
from flows.people import without_people
from rules.policy.restrictions import Restrictions
from rules.source import Problem, Severity


class FileChangedError(Exception):
    """A file is not what it was when it was checked, or gone; `str()` is a sentence for whoever publishes."""


class _Claims(TypedDict):
    numbers: dict[str, int]
    wabas: list[str]


class InTheMiddle(Struct, frozen=True):
    """How many people are in a flow that changes, and what becomes of them; nothing when the flow is gone."""

    flow: str
    people: int
    on_publish: OnPublish | Literal["gone"]


class Standing(Struct):
    """The people in the middle of a flow, by the version and the flows they are in; all of them unless not `whole`."""

    people: Counter[tuple[str, tuple[str, ...]]]
    whole: bool

    @property
    def versions(self) -> tuple[str, ...] | None:
        """The versions that somebody needs; nothing if that is not known."""
        return tuple({began_in for began_in, _ in self.people}) if self.whole else None


class Prepared(Struct, frozen=True, kw_only=True):
    """A version that could go live: what it would mean, or the problems that forbid it.

    `in_use` are the versions that somebody is in the middle of; nothing if that is not known. `left_behind` are the
    numbers that it takes out, each with how many messages wait there.
    """

    files: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    folder: Folder | None = None
    version: str | None = None
    live: str | None = None
    people: tuple[InTheMiddle, ...] = ()
    in_use: tuple[str, ...] | None = None
    left_behind: Mapping[str, int] = {}
    root: FolderFiles | None = None

    @property
    def business(self) -> str | None:
        """The id of its business; a folder with errors does not tell."""
        return self.folder.business.id if self.folder else None

    @property
    def differs(self) -> bool:
        """Whether it is another version than the one that is live."""
        return self.version != self.live


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
    """Publish a folder, or say why not; whoever wants to know first what it means uses `prepare` and `go_live`."""
    found = await prepare(store, folder, lists)
    if found.folder is None or not found.differs or (found.live is not None and only_if_nothing_is_live):
        return Published(found.business, found.version, found.live, changed=False, problems=found.problems)
    await go_live(store, found, lists, by=by)
    return Published(found.business, found.version, found.version, changed=True, problems=found.problems)


async def prepare(store: Store, folder: Path, lists: Restrictions) -> Prepared:
    """Read and check a folder; a number of the country lists is refused, too."""
    files, unread = read_folder(folder)
    root = FolderFiles(folder)
    return replace(await prepare_files(store, files, lists, root, unread), root=root)


async def prepare_files(
    store: Store, files: Mapping[str, str], lists: Restrictions, look: Look, unread: tuple[Problem, ...] = ()
) -> Prepared:
    """Check the files of a folder; `look` tells of those that messages hold, `unread` what could not be read."""
    with made_to_stay():
        loaded = load_files(files, lists, look)
    problems = in_order((*unread, *loaded.problems))
    if loaded.folder is None or any(each.severity is Severity.ERROR for each in problems):
        return Prepared(files=files, problems=problems, live=await _any_live(store))
    business, version = loaded.folder.business.id, version_of(files, loaded.folder.attached)
    live = await store.live(business)
    standing = await _standing(store, business) if live not in (None, version) else Standing(Counter(), whole=False)
    return Prepared(
        files=files,
        problems=problems,
        folder=loaded.folder,
        version=version,
        live=live,
        people=await _people(store, loaded.folder, version, standing.people),
        in_use=standing.versions,
        left_behind=await _left_behind(store, loaded.folder),
    )


async def go_live(store: Store, prepared: Prepared, lists: Restrictions, *, by: str) -> None:
    """Publish what was prepared, its files first.

    Raises `NumberTakenError` if a number belongs to another business, `FileChangedError` if a file is another one now.
    """
    if prepared.folder is None or prepared.version is None:
        raise ValueError("A folder with problems cannot go live.")
    try:
        await _go_live(store, prepared.folder, prepared, lists, by)
    except FilesGoneError:  # somebody published something else meanwhile, and let them go
        await _go_live(store, prepared.folder, prepared, lists, by)


async def _go_live(store: Store, folder: Folder, prepared: Prepared, lists: Restrictions, by: str) -> None:
    await _put_files(store, folder.business.id, folder.attached, prepared.root)
    await store.publish(
        folder.business.id,
        prepared.version or "",
        files=msgpack.encode(without_people(prepared.files)),
        typed=pack(folder),
        **_claims(folder),
        by=by,
        lists=lists.digest,
        attached=msgpack.encode(folder.attached),
        digests=sorted({each.sha256 for each in folder.attached.values()}),
        in_use=prepared.in_use,
    )


async def _put_files(store: Store, business: str, attached: Mapping[str, Attached], root: FolderFiles | None) -> None:
    """Keep what is not kept yet; what was published before has no folder, and its files are there or gone."""
    for name, each in attached.items():
        if await store.has_file(business, each.sha256):
            continue
        if root is None:
            raise FileChangedError(f"The file `{name}` of that version is not kept any more. Publish the folder again.")
        data = await asyncio.to_thread(root.read, name, each)
        if data is None:
            raise FileChangedError(f"`{name}` changed while it was published. Publish again.")
        await store.put_file(business, each.sha256, data)


async def check_numbers(store: Store, prepared: Prepared) -> None:
    """Raise `NumberTakenError` if a number belongs to another business, as `go_live` would."""
    if prepared.folder is not None:
        await store.check_free(prepared.folder.business.id, **_claims(prepared.folder))


def _claims(folder: Folder) -> _Claims:
    numbers = folder.business.numbers
    return {"numbers": {each.id: each.per_second for each in numbers}, "wabas": sorted({each.waba for each in numbers})}


async def _people(
    store: Store, folder: Folder, version: str, standing: Counter[tuple[str, tuple[str, ...]]]
) -> tuple[InTheMiddle, ...]:
    """Count who is in a flow that is another one in this version, by the flow they began with."""
    business = folder.business.id
    live = {document.flow: digest_of(document) for document in folder.flows}
    older = {name: await _digests(store, business, name) for name, _ in standing if name != version}
    counts: Counter[str] = Counter()
    for (began_in, flows), count in standing.items():
        if began_in != version and any(older[began_in].get(flow) != live.get(flow) for flow in flows):
            counts[flows[0]] += count
    becomes = {document.flow: document.on_publish for document in folder.flows}
    return tuple(InTheMiddle(flow, count, becomes.get(flow, "gone")) for flow, count in sorted(counts.items()))


async def _standing(store: Store, business: str) -> Standing:
    """Count the people in the middle; a chat that cannot be read may be in any version."""
    found = Standing(Counter(), whole=True)
    async for state in store.states(business):
        try:
            run = run_of(state)
        except (DecodeError, UnknownSchemaError):
            found.whole = False
        else:
            found.people.update([(run.version, run.flows)] if run else ())
    return found


async def _left_behind(store: Store, folder: Folder) -> Mapping[str, int]:
    """Count what waits at numbers of the business that the folder does not have; it is dropped when that goes live."""
    kept = {each.id for each in folder.business.numbers}
    live = [number for number, business in (await store.numbers()).items() if business == folder.business.id]
    waiting = await store.queued(folder.business.id, [each for each in live if each not in kept])
    return {number: count for number, count in sorted(waiting.items()) if count}


async def _digests(store: Store, business: str, version: str) -> Mapping[str, str]:
    published = await store.version(business, version)
    if published is None:
        return {}
    try:
        return unpack(published.typed).digests
    except ValueError:  # another Baton published it, so nothing is known to be the same
        return {}


async def _any_live(store: Store) -> str | None:
    """Return a version that is live; a folder with errors does not tell which business it is of."""
    found = [await store.live(business) for business in await store.businesses()]
    return next((version for version in found if version), None)
