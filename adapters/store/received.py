"""Which files did contacts and the owner send, and where are their bytes?

The bytes are kept once, by their digest, however many messages hold them, and go with the last of these. They come in
pieces and count only when all are there, so a process that dies meanwhile leaves nothing.
"""

import secrets
from typing import NamedTuple

from adapters.store.calls import Calls, number, text
from adapters.store.files import PIECE
from adapters.store.keys import key, tag
from adapters.store.scripts import load

HALF_THERE_MS = 600_000
AT_ONCE = 100

_KEEP = load("keep_file")
_LET_GO = load("let_go_files")


class ReceivedFile(NamedTuple):
    """A file that came: the row that brought it, the digest of its bytes, and what is known of it, encoded."""

    row: str
    digest: str
    blob: bytes


class Received(Calls):
    """Files of messages that came, by chat."""

    async def keep_file(self, business: str, subject: str, file: ReceivedFile, data: bytes, most: int) -> bool:
        """Keep a file of a chat; the oldest of the business go, so that all together are no more than `most` bytes.

        The same row again does nothing. Tells whether it is kept: nothing is that is larger than `most` alone, or whose
        chat was erased meanwhile.
        """
        if len(data) > most:
            return False
        name = secrets.token_hex(8)
        arguments = (subject, file.row, file.digest, len(data), most, file.blob, name)
        while (answer := text(await self.call(_KEEP, tag(business), *arguments))) not in {"kept", "erased"}:
            if answer == "bytes":
                await self._bring(key(business, "half", name), data)
        return answer == "kept"

    async def _bring(self, half: str, data: bytes) -> None:
        for at in range(0, len(data), PIECE):
            piece = ("HSET", half, at // PIECE, data[at : at + PIECE])
            await self.commands(piece, ("PEXPIRE", half, HALF_THERE_MS))

    async def received(self, business: str, subject: str) -> list[ReceivedFile]:
        """Return the files of a chat, in no order."""
        found = await self.command("HGETALL", key(business, "got", subject))
        return [ReceivedFile(text(row), *_entry(entry)) for row, entry in found.items()]

    async def received_bytes(self, business: str, digest: str) -> bytes | None:
        """Return the bytes of a file; nothing if it is not kept (any more)."""
        name = key(business, "m", digest)
        size = number(await self.command("HGET", name, "size"))
        pieces = [await self.command("HGET", name, at) for at in range(-(-size // PIECE))]
        data = b"".join(each or b"" for each in pieces)
        return data if size and len(data) == size else None

    async def let_go_files(self, business: str, for_ms: int) -> int:
        """Let go of files that were kept for so long; tells how many, and there may be more of them."""
        return int(await self.call(_LET_GO, tag(business), "", for_ms, AT_ONCE))

    async def erase_files(self, business: str, subject: str) -> int:
        """Let go of all files of a chat; tells how many there were."""
        gone = 0
        while step := int(await self.call(_LET_GO, tag(business), subject, 0, AT_ONCE)):
            gone += step
        return gone


def _entry(entry: bytes) -> tuple[str, bytes]:
    digest, _, blob = entry.partition(b"\0")
    return text(digest), blob
