"""What do the messages of a business hold besides words, and under which id does Meta know it?

The bytes of a file are kept once, by their digest and in pieces, so that no single call is a long one. A version holds
the digests of its files; `publish` refuses it while one is missing, and lets those go that no version needs any more.
"""

from collections.abc import Sequence

from adapters.store.calls import Calls, number, text
from adapters.store.keys import key

PIECE = 1024 * 1024


class Files(Calls):
    """The bytes of files, and the ids under which Meta keeps them for a while, for one number each."""

    async def put_file(self, business: str, digest: str, data: bytes) -> None:
        """Keep a file; it is there once its size is, so that half a file is none."""
        name = key(business, "f", digest)
        await self.command("SADD", key(business, "files"), digest)
        for at in range(0, len(data), PIECE):
            await self.command("HSET", name, at // PIECE, data[at : at + PIECE])
        await self.command("HSET", name, "size", len(data))

    async def has_file(self, business: str, digest: str) -> bool:
        """Tell whether a file is kept."""
        return bool(await self.command("HEXISTS", key(business, "f", digest), "size"))

    async def file(self, business: str, digest: str) -> bytes | None:
        """Return the bytes of a file, nothing if it is not kept (any more)."""
        name = key(business, "f", digest)
        size = number(await self.command("HGET", name, "size"))
        pieces = [await self.command("HGET", name, at) for at in range(-(-size // PIECE))]
        data = b"".join(each or b"" for each in pieces)
        return data if size and len(data) == size else None

    async def media_ids(self, business: str, number_id: str, digests: Sequence[str]) -> dict[str, str]:
        """Return Meta's ids of the files that were uploaded for a number and are still good."""
        if not digests:
            return {}
        found = await self.command("MGET", *(_id_key(business, number_id, each) for each in digests))
        return {digest: text(each) for digest, each in zip(digests, found, strict=True) if each}

    async def put_media_id(self, business: str, number_id: str, digest: str, media_id: str, for_ms: int) -> None:
        """Remember under which id Meta keeps a file for a number, for so long."""
        await self.command("SET", _id_key(business, number_id, digest), media_id, "PX", for_ms)

    async def forget_media_id(self, business: str, number_id: str, digest: str) -> None:
        """Forget an id that Meta knows no more."""
        await self.command("DEL", _id_key(business, number_id, digest))


def _id_key(business: str, number_id: str, digest: str) -> str:
    return key(business, "media", number_id, digest)
