"""Which id has a file of a message at Meta, and what if it has none yet?

A file is uploaded once for each number and remembered in the store for a while, so that only the first message that
holds it waits for that. This comes before a row is judged for the last time and begins: between that and its POST
there is no time to lose.
"""

import asyncio
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from adapters.store import Store
from adapters.whatsapp.client import GraphClient
from adapters.whatsapp.media import RENEWED_AFTER, Upload, Uploaded, files_of
from engine.content import Media, Outgoing, Template
from engine.outbox import NotSent, NotUploaded, Refused

Came = Uploaded | Refused | NotSent | None


class Uploads:
    """The files of the messages of one number."""

    def __init__(
        self, business: str, number: str, *, store: Store, client: GraphClient, token: Callable[[str], str]
    ) -> None:
        """Begin with nothing under way."""
        self._business = business
        self._number = number
        self._store = store
        self._client = client
        self._token = token
        self._under_way: dict[str, asyncio.Task[Came]] = {}

    async def ready(self, content: Outgoing) -> Outgoing | None:
        """Return a message with the ids of its files; nothing while one of them must be brought first."""
        files = files_of(content)
        if not files:
            return content
        ids = await self._store.media_ids(self._business, self._number, [_digest(each) for each in files])
        return _with_ids(content, ids) if all(_digest(each) in ids for each in files) else None

    async def bring(self, content: Outgoing) -> NotUploaded | None:
        """Upload what a message holds and Meta does not have; says why if that cannot be."""
        for each in files_of(content):
            came = await self._once(each)
            if not isinstance(came, Uploaded):
                return NotUploaded(came)
        return None

    async def forget(self, content: Outgoing) -> bool:
        """Forget the ids of a message's files, which Meta may know no more; tells whether it holds any."""
        files = files_of(content)
        for each in files:
            await self._store.forget_media_id(self._business, self._number, _digest(each))
        return bool(files)

    async def _once(self, file: Media) -> Came:
        """Upload a file; whoever needs it meanwhile waits for the same upload."""
        digest = _digest(file)
        if digest not in self._under_way:
            task = asyncio.get_running_loop().create_task(self._upload(file))
            self._under_way[digest] = task
            task.add_done_callback(lambda _: self._under_way.pop(digest, None))
        return await asyncio.shield(self._under_way[digest])

    async def _upload(self, file: Media) -> Came:
        digest = _digest(file)
        known = await self._store.media_ids(self._business, self._number, [digest])
        if digest in known:
            return Uploaded(known[digest])
        data = await self._store.file(self._business, digest)
        if data is None:
            return None
        upload = Upload(data, file.mime or "", (file.file or "").rpartition("/")[2])
        came = await self._client.upload(self._number, self._token(self._number), upload)
        if isinstance(came, Uploaded):
            good_for_ms = round(RENEWED_AFTER.total_seconds() * 1000)
            await self._store.put_media_id(self._business, self._number, digest, came.id, good_for_ms)
        return came


def _digest(file: Media) -> str:
    return file.sha256 or ""


def _with_ids(content: Outgoing, ids: Mapping[str, str]) -> Outgoing:
    match content:
        case Template(header=Media() as header):
            return replace(content, header=replace(header, id=ids[_digest(header)]))
        case Media():
            return replace(content, id=ids[_digest(content)])
        case _:
            return content
