"""What is published, and which number belongs to whom?"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from adapters.store.calls import Calls, counted, number, text, texts
from adapters.store.keys import GLOBAL, key, tag
from adapters.store.records import Version
from adapters.store.scripts import load

CHATS_AT_ONCE = 1_000
KEPT = 10
"""So many of the latest versions are kept, and earlier ones while somebody is in the middle of them."""

_PUBLISH = load("publish")
_NUMBERS, _WABAS = f"{GLOBAL}:numbers", f"{GLOBAL}:wabas"
_WORDS = {_NUMBERS: "number", _WABAS: "WhatsApp Business Account"}


class NumberTakenError(Exception):
    """A number or account belongs to another business; `str()` is a sentence for whoever publishes."""


class FilesGoneError(Exception):
    """A file of a version is not in the store (any more); `str()` is its digest."""


class Versions(Calls):
    """Published folders, and the way from a number to its business."""

    async def publish(
        self,
        business: str,
        version: str,
        *,
        files: bytes,
        typed: bytes,
        numbers: Mapping[str, int],
        wabas: Sequence[str],
        by: str,
        lists: str = "",
        attached: bytes = b"",
        digests: Sequence[str] = (),
        in_use: Sequence[str] | None = None,
    ) -> None:
        """Make a version live, all or nothing; an earlier one again rolls back.

        `numbers` says how many messages a second each may send and get. `attached` tells of the files that its
        messages hold, `digests` names those in the store. Versions go, and files that only they hold, that are neither
        one of the latest nor `in_use`; none while that is not known. Raises `NumberTakenError` if a number or account
        belongs to another business, `FilesGoneError` while files are missing.
        """
        answer = await self.call(
            _PUBLISH,
            tag(business),
            *(business, version, by, lists, files, typed, attached, KEPT, int(in_use is not None)),
            *counted(list(numbers)),
            *counted(wabas),
            *counted(digests),
            *counted(in_use or ()),
            *counted([str(each) for each in numbers.values()]),
        )
        if answer:
            index, taken, holder = texts(answer)
            raise FilesGoneError(taken) if index == "files" else _taken(index, taken, holder)

    async def check_free(self, business: str, *, numbers: Collection[str], wabas: Collection[str]) -> None:
        """Raise `NumberTakenError` if a number or account belongs to another business, as publishing it would."""
        for index, wanted in ((_NUMBERS, numbers), (_WABAS, wabas)):
            holders = await self._index(index)
            for each in wanted:
                if holders.get(each, business) != business:
                    raise _taken(index, each, holders[each])

    async def put_lists(self, business: str, digest: str) -> None:
        """Set the digest of the restriction lists in force; what was judged by others is judged again."""
        await self.command("SET", key(business, "lists"), digest)

    async def lists(self, business: str) -> str | None:
        """Return the digest of the restriction lists in force."""
        return text(await self.command("GET", key(business, "lists"))) or None

    async def live(self, business: str) -> str | None:
        """Return the id of the version that is live."""
        return text(await self.command("GET", key(business, "live"))) or None

    async def version(self, business: str, version: str) -> Version | None:
        """Return a published version, nothing if there is none."""
        fields = ("files", "typed", "published_at", "by", "attached")
        files, typed, published_at, by, attached = await self.command("HMGET", key(business, "v", version), *fields)
        if files is None:
            return None
        return Version(version, files, typed, number(published_at), text(by), attached or b"")

    async def versions(self, business: str) -> list[str]:
        """Return the ids of the published versions, the latest first."""
        found = await self.command("ZRANGE", key(business, "versions"), 0, -1, "REV")
        return list(texts(found))

    async def queued(self, business: str, numbers: Sequence[str]) -> dict[str, int]:
        """Return how many messages of each number have not ended."""
        counts = await self.commands(*(("ZCARD", key(business, "open", each)) for each in numbers))
        return dict(zip(numbers, counts, strict=True))

    async def states(self, business: str) -> AsyncIterator[bytes]:
        """Go through the state of every chat; those written meanwhile may come or not."""
        cursor, pattern = 0, key(business, "s", "*/*")
        while True:
            answer = await self.command("SCAN", cursor, "MATCH", pattern, "COUNT", CHATS_AT_ONCE)
            cursor, names = int(answer[0]), answer[1]
            if names:
                for state in await self.commands(*(("HGET", name, "state") for name in names)):
                    if state:
                        yield state
            if cursor == 0:
                return

    async def numbers(self) -> dict[str, str]:
        """Return the business of every number."""
        return await self._index(_NUMBERS)

    async def wabas(self) -> dict[str, str]:
        """Return the business of every WhatsApp Business Account."""
        return await self._index(_WABAS)

    async def businesses(self) -> list[str]:
        """Return the businesses that ever published here, sorted."""
        found = await self.command("SMEMBERS", f"{GLOBAL}:businesses")
        return sorted(texts(found))

    async def _index(self, name: str) -> dict[str, str]:
        found = await self.command("HGETALL", name)
        return {text(each): text(business) for each, business in found.items()}


def _taken(index: str, taken: str, holder: str) -> NumberTakenError:
    return NumberTakenError(
        f"The {_WORDS[index]} `{taken}` belongs to the business `{holder}`. "
        f"If this is that business under another name, write `id: {holder}` in business.yaml; "
        "if it is not, take it out there first."
    )
