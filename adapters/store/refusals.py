"""Who wanted no offers, and was erased since?

Whoever is erased may come back, by writing or in the list of a campaign, and must not be taken for somebody who never
said no. So a mark is left: three bytes of a digest of each of their ids, made with a key that only this store has. A
number leads to its mark, but a mark leads to no number: each fits thousands of the world's. Somebody else is taken for
them with one chance in sixteen million for each mark, and then gets no offers until they ask for some.
"""

import hashlib
import secrets
from collections.abc import Sequence

from adapters.store.calls import Calls
from adapters.store.keys import key

MARK_BYTES = 3


class Refusals(Calls):
    """Marks of ids whose owners want no offers."""

    async def remember_refusal(self, business: str, aliases: Sequence[str]) -> None:
        """Remember that whoever has these aliases wants no offers."""
        await self.command("SET", key(business, "refused_key"), secrets.token_bytes(16), "NX")
        await self._change("SADD", business, aliases)

    async def forget_refusal(self, business: str, aliases: Sequence[str]) -> None:
        """Forget that, since they wanted some later."""
        await self._change("SREM", business, aliases)

    async def has_refused(self, business: str, aliases: Sequence[str]) -> bool:
        """Tell whether whoever has any of these aliases wanted no offers when they were erased."""
        marks = await self._marks(business, aliases)
        return bool(marks) and any(await self.command("SMISMEMBER", key(business, "refused"), *marks))

    async def _change(self, word: str, business: str, aliases: Sequence[str]) -> None:
        marks = await self._marks(business, aliases)
        if marks:
            await self.command(word, key(business, "refused"), *marks)

    async def _marks(self, business: str, aliases: Sequence[str]) -> list[bytes]:
        secret = await self.command("GET", key(business, "refused_key")) if aliases else None
        if not secret:
            return []
        return [hashlib.blake2b(each.encode(), digest_size=MARK_BYTES, key=secret).digest() for each in aliases]
