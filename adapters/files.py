"""How is the file of a message that came brought and kept?

The gate let it through: nothing is brought of whom the restriction lists name. Files lie in the store, so that every
machine finds them, whichever brought them.
"""

from datetime import UTC, datetime

from adapters.records import FileNote, packed
from adapters.settings import Settings
from adapters.store import ReceivedFile, Store
from adapters.whatsapp.downloads import TOO_LARGE, Brought, Downloads, Order
from engine.effects import Fetch
from engine.evidence import Evidence, Fetched, Unfit
from engine.row import Row
from rules.policy.restrictions import Clearance

MB = 1024 * 1024
NOT_KEPT = Unfit("not_kept")


class Files:
    """Brings files of messages, and keeps them for as long as the operator says."""

    def __init__(self, store: Store, downloads: Downloads, settings: Settings) -> None:
        """Take the bounds from the settings; nothing is opened."""
        self._store = store
        self._downloads = downloads
        self._settings = settings

    async def fetch(self, clearance: Clearance, business: str, row: Row, effect: Fetch) -> Evidence:
        """Bring a file and keep it; only a `Clearance` lets that happen. Doing it twice keeps it once."""
        if type(clearance) is not Clearance:
            raise TypeError(f"A file needs a `Clearance`, not `{type(clearance).__name__}`")
        if not self._settings.media_days:
            return NOT_KEPT
        token = self._settings.token(row.number)
        most = self._settings.media_file_mb * MB
        came = await self._downloads.bring(Order(row.number, token, effect.file, most))
        return await self._keep(business, row, effect, came) if isinstance(came, Brought) else came

    async def _keep(self, business: str, row: Row, effect: Fetch, came: Brought) -> Evidence:
        note = packed(_note(row, effect, came))
        file = ReceivedFile(row.id, came.sha256, note)
        most = self._settings.media_mb * MB
        return Fetched() if await self._store.keep_file(business, row.chat, file, came.data, most) else TOO_LARGE


def _note(row: Row, effect: Fetch, came: Brought) -> FileNote:
    return FileNote(
        at=row.asked_at,
        kept_at=datetime.now(UTC),
        by=effect.by,
        event=row.event,
        kind=effect.file.kind,
        mime=came.mime,
        size=len(came.data),
        name=effect.file.filename,
        caption=effect.file.caption,
    )
