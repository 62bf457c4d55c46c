"""How far has it come that a phone shares its past: the history of its chats, and its address book?

Meta sends history in three phases and in chunks of any order, says how far it has come, and says so, too, when the
owner does not want to share it. It can be asked for only once after a number was connected.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

WHOLE = 100
DECLINED = 2593109
PHASES: Mapping[int, str] = {0: "the last day", 1: "days 1 to 90", 2: "days 90 to 180"}
STALLED_AFTER = timedelta(hours=24)
ANEW_AFTER = timedelta(hours=24)

AGAIN = "disconnect the number in the app (Settings, Account, Business Platform) and connect it again"
OPEN_APP = (
    "Open the WhatsApp Business app on the phone and leave it open, with a good connection. A phone shares its past "
    f"only once: if nothing has come a day later, {AGAIN}."
)
SHARED = "The history of the app's chats is imported; the app need not stay open for it any more."
NOT_SHARED = (
    "The owner chose in the app not to share the history. That is fine: the bot answers as ever, and earlier messages "
    f"are in the app alone. Should they come here after all, {AGAIN}, sharing it this time."
)


class Chunk(Struct, frozen=True):
    """Where a piece of history belongs, in Meta's own count; `progress` is how far all has come, in percent."""

    phase: int
    order: int
    progress: int


class NoHistory(Struct, frozen=True):
    """Why no history came, as Meta says it."""

    code: int | None
    details: str | None = None


class Sync(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of one phone's past: the furthest chunk of each phase, how many messages, and whether that was all.

    `names` counts what its address book told, from the beginning on.
    """

    chunks: dict[int, int] = {}
    progress: int = 0
    messages: int = 0
    heard_at: datetime | None = None
    done_at: datetime | None = None
    failure: NoHistory | None = None
    failed_at: datetime | None = None
    names: int = 0
    names_at: datetime | None = None


def with_chunk(sync: Sync, chunk: Chunk, at: datetime) -> Sync:
    """Return it after a chunk came; one that comes long after the last of a whole history begins another."""
    if sync.done_at is not None and sync.heard_at is not None and at - sync.heard_at > ANEW_AFTER:
        sync = Sync(names=sync.names, names_at=sync.names_at)
    progress = max(sync.progress, chunk.progress)
    return replace(
        sync,
        chunks={**sync.chunks, chunk.phase: max(sync.chunks.get(chunk.phase, 0), chunk.order)},
        progress=progress,
        heard_at=_later(sync.heard_at, at),
        done_at=sync.done_at or (at if progress >= WHOLE else None),
        failure=None,
        failed_at=None,
    )


def with_messages(sync: Sync, count: int) -> Sync:
    """Return it after so many messages were read."""
    return replace(sync, messages=sync.messages + count)


def with_failure(sync: Sync, failure: NoHistory, at: datetime) -> Sync:
    """Return it after Meta said that no history comes."""
    return replace(sync, failure=failure, failed_at=at)


def with_names(sync: Sync, count: int, at: datetime) -> Sync:
    """Return it after the address book told so many changes."""
    return replace(sync, names=sync.names + count, names_at=_later(sync.names_at, at))


def news(before: Sync, after: Sync) -> str | None:
    """Return what the owner should hear, if something has ended."""
    if after.failure is not None and after.failure != before.failure:
        return advice(after, after.failed_at) or NOT_SHARED
    return SHARED if after.done_at is not None and before.done_at is None else None


def state(sync: Sync) -> str:
    """Return one word for how far the history is: `none`, `coming`, `whole`, `declined` or `failed`."""
    if sync.failure is not None:
        return "declined" if sync.failure.code == DECLINED else "failed"
    if sync.heard_at is None:
        return "none"
    return "whole" if sync.done_at is not None else "coming"


def told(sync: Sync) -> str:
    """Say how far the history is, in words."""
    match state(sync):
        case "declined":
            return "not shared, as the owner chose"
        case "failed":
            return "did not come"
        case "none":
            return "none came"
        case "whole":
            return f"whole, {sync.messages:,} messages"
        case _:
            furthest = max(sync.chunks)
            where = PHASES.get(furthest, f"phase {furthest}")
            return f"{sync.progress} %, {sync.messages:,} messages; {where}, chunk {sync.chunks[furthest]}"


def advice(sync: Sync, now: datetime | None) -> str | None:
    """Return what to do where the history does not come, or has stopped coming."""
    if state(sync) == "failed" and sync.failure is not None:
        said = f" ({sync.failure.details or 'no reason given'}; {sync.failure.code or 'no code'})"
        return f"Meta does not send the history{said}. {OPEN_APP}"
    waits = now is not None and sync.heard_at is not None and now - sync.heard_at > STALLED_AFTER
    return f"The history stopped at {sync.progress} %. {OPEN_APP}" if waits and state(sync) == "coming" else None


def _later(known: datetime | None, at: datetime) -> datetime:
    return max(known or at, at)
