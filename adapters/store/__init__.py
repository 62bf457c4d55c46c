"""Where everything is kept: Redis 7.0 or Valkey, every change one script.

The scripts are in `scripts`, the key layout in `keys.py`, what goes in and comes out in `records.py`.
"""

from adapters.store.calls import blames_a_record
from adapters.store.campaigns import CampaignRecord, Campaigns, Page
from adapters.store.chats import Chats
from adapters.store.erasing import Erasing
from adapters.store.figures import Figures
from adapters.store.files import Files
from adapters.store.imports import Imports
from adapters.store.inboxes import Inboxes
from adapters.store.marks import Marks
from adapters.store.notes import NewAlert, Notes, Told
from adapters.store.overview import Overview
from adapters.store.received import Received, ReceivedFile
from adapters.store.records import (
    Begun,
    Claimed,
    Committed,
    DropOrder,
    DueRow,
    Entry,
    Idle,
    Item,
    Leased,
    NewRow,
    NewTimer,
    NextRow,
    OwnRow,
    Quarantined,
    Renewed,
    Row,
    Settled,
    Stale,
    Subject,
    Swept,
    Taken,
    Version,
)
from adapters.store.refusals import Refusals
from adapters.store.rows import Rows
from adapters.store.shifts import Shifts
from adapters.store.trails import Kin, Trails
from adapters.store.versions import FilesGoneError, NumberTakenError, Versions
from adapters.store.work import Work

__all__ = [
    "Begun",
    "CampaignRecord",
    "Claimed",
    "Committed",
    "DropOrder",
    "DueRow",
    "Entry",
    "FilesGoneError",
    "Idle",
    "Item",
    "Kin",
    "Leased",
    "NewAlert",
    "NewRow",
    "NewTimer",
    "NextRow",
    "NumberTakenError",
    "OwnRow",
    "Page",
    "Quarantined",
    "ReceivedFile",
    "Renewed",
    "Row",
    "Settled",
    "Stale",
    "Store",
    "Subject",
    "Swept",
    "Taken",
    "Told",
    "Version",
    "blames_a_record",
]


class Store(
    Inboxes,
    Chats,
    Rows,
    Campaigns,
    Shifts,
    Work,
    Imports,
    Versions,
    Files,
    Received,
    Notes,
    Figures,
    Marks,
    Overview,
    Trails,
    Erasing,
    Refusals,
):
    """The store, over one client of `redis.asyncio` that does not decode responses."""
