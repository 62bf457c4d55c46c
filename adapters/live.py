"""What is live: which business a number belongs to, and its compiled flows."""

import asyncio
import time

import structlog
from msgspec import msgpack
from msgspec.structs import replace

from adapters.garbage import made_to_stay
from adapters.store import Store, Version
from engine.chat import Run
from engine.ruleset import Ruleset
from flows.attachments import Attached, from_manifest
from flows.compile import ruleset as compile_ruleset
from flows.compile import unpack
from flows.load import load_files
from rules.policy.restrictions import Restrictions

log = structlog.get_logger()

LOOK_AGAIN_S = 1.0
TRUST_S = 10.0
KEPT = 3  # compiled versions of a business: what is live, and what was so when a decision began


class NotLive(Exception):  # noqa: N818 - it says what is the matter
    """Raised for a version that is not in the store."""


class VersionGone(NotLive):
    """Raised for a version that was published once and is not kept any more."""


class Live:
    """Rulesets by version, compiled once per process, and the directory of numbers.

    A published version never changes, so what is cached here is never stale; which version is live
    is told by the store with every lease.
    """

    def __init__(self, store: Store, lists: Restrictions) -> None:
        """Start with nothing known."""
        self._store = store
        self._lists = lists
        self._rulesets: dict[tuple[str, str], Ruleset] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._in_vain: dict[tuple[str, str], tuple[float, str]] = {}
        self._numbers: dict[str, str] = {}
        self._wabas: dict[str, str] = {}
        self._looked_at = 0.0
        self._looking = asyncio.Lock()

    async def business_of(self, number: str | None, waba: str | None) -> str | None:
        """Return the business of a number, else of a WhatsApp account; nothing if neither is ours.

        Raises `NotLive` while the store knows no number at all: it may have lost them, and nothing is thrown away.
        """
        found = self._known(number, waba)
        if found and time.monotonic() - self._looked_at < TRUST_S:
            return found
        async with self._looking:  # whoever asks meanwhile waits: what is unknown is thrown away
            if time.monotonic() - self._looked_at > LOOK_AGAIN_S:
                self._numbers, self._wabas = await self._store.numbers(), await self._store.wabas()
                self._looked_at = time.monotonic()
        if not self._numbers:
            raise NotLive("Nothing is live. Publish a folder: baton publish FOLDER")
        return self._known(number, waba)

    async def businesses(self) -> list[str]:
        """Return every business that ever published."""
        return await self._store.businesses()

    async def ruleset(self, business: str, version: str | None, run: Run | None = None) -> Ruleset:
        """Return the flows of a version; a run of an older version finds its own flow in them, too."""
        key = (business, version or "")
        if key not in self._rulesets:
            async with self._locks.setdefault(key, asyncio.Lock()):
                if key not in self._rulesets:
                    self._rulesets[key] = await self._load_again(*key)
                    self._let_go(business)
        found = self._rulesets[key]
        if run is None or run.version == version or (run.version, run.flow) in found.kept:
            return found
        return await self._with(found, key, run)

    async def now_live(self, business: str) -> Ruleset:
        """Return the flows that are live for a business; not for every message, whose chat tells which version is."""
        return await self.ruleset(business, await self._store.live(business))

    def _let_go(self, business: str) -> None:
        """Forget the versions of a business that were compiled first; one that is asked for again is compiled again."""
        for key in [key for key in self._rulesets if key[0] == business][:-KEPT]:
            del self._rulesets[key]
            self._locks.pop(key, None)

    def _known(self, number: str | None, waba: str | None) -> str | None:
        return self._numbers.get(number or "") if number else self._wabas.get(waba or "")

    async def _load_again(self, business: str, version: str) -> Ruleset:
        """Load a version, unless that was in vain a moment ago: every chat that waits for it asks."""
        until, why = self._in_vain.pop((business, version), (0.0, ""))
        if time.monotonic() < until:
            self._in_vain[business, version] = (until, why)
            raise NotLive(why)
        try:
            return await self._load(business, version)
        except NotLive as vain:
            self._in_vain[business, version] = (time.monotonic() + TRUST_S, str(vain))
            raise

    async def _load(self, business: str, version: str) -> Ruleset:
        published = await self._store.version(business, version)
        if published is None:
            raise VersionGone(
                f"Version {version} of `{business}` is not in the store. Publish a folder: baton publish FOLDER"
            )
        made = await asyncio.to_thread(ready, published)
        return replace(made, lists=self._lists)

    async def _with(self, found: Ruleset, key: tuple[str, str], run: Run) -> Ruleset:
        """Return a ruleset with the flows of an older version, in which somebody is; they stay for the others.

        A version that is gone, as after a backup was brought back, has none: what is live answers.
        """
        try:
            older = await self._load(key[0], run.version)
        except VersionGone:
            log.warning("version_gone", business=key[0], version=run.version)
            return found
        flows = {(run.version, name): flow for name, flow in older.flows.items()}
        known = self._rulesets.get(key, found)
        made = replace(known, kept={**known.kept, **flows})
        if key in self._rulesets:
            self._rulesets[key] = made
        return made


@made_to_stay()
def ready(published: Version) -> Ruleset:
    """Make a published version ready to answer; what another Baton checked is read again from the author's files."""
    try:
        return compile_ruleset(unpack(published.typed), published.id)
    except ValueError as unreadable:
        look = from_manifest(attached_of(published))
        folder = load_files(msgpack.decode(published.files, type=dict[str, str]), look=look).folder
        if folder is None:
            raise NotLive(f"Version {published.id} has problems in this version of Baton.") from unreadable
        return compile_ruleset(folder, published.id)


def attached_of(published: Version) -> dict[str, Attached]:
    """Return what is known of the files that the messages of a version hold, by their paths."""
    return msgpack.decode(published.attached, type=dict[str, Attached]) if published.attached else {}
