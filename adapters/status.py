"""The command `status`: how it is going, and what to do where it is not going well."""

from collections.abc import Iterator
from datetime import UTC, datetime

import rich_click as click
from msgspec import DecodeError, json

from adapters.folders import counted
from adapters.operating import BUSINESS, do, one_business, store_in_force
from adapters.records import UnknownSchemaError, pause_in, read_alert, sync_in
from adapters.store import Store, Told
from adapters.store.figures import BusinessFigures, NumberFigures
from adapters.terminal import harmless_json, show
from adapters.watch import WHY_HELD
from engine import sync
from engine.chat import Pause
from engine.effects import Alert
from engine.sync import Sync

LATE_MS = 5_000
SHARES = (0.5, 0.99)
MOST_QUIET = 20  # businesses, and numbers of one, that are shown though nothing is going on there


@click.command()
@BUSINESS
@click.option("--alerts", default=5, show_default=True, type=click.IntRange(0, 1_000), help="How many of the newest.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
def status(business: str | None, alerts: int, form: str) -> None:
    """Say what waits, what was refused, how fast answers leave, and what somebody should look at."""
    do(_status(business, alerts, as_json=form == "json"))


async def _status(wanted: str | None, most: int, *, as_json: bool) -> None:
    async with store_in_force() as (store, _):
        businesses = await store.businesses() if wanted is None else [await one_business(store, wanted)]
        businesses = businesses or [await one_business(store, wanted)]
        read = await store.figures_of(businesses)
        found = [(each, await _alerts(store, each.business, most)) for each in read]
        held = await store.held()
    if held:
        click.echo(WHY_HELD.get(held, held), err=True)
    for each in sorted({*businesses} - {figures.business for figures in read}):
        click.echo(f"Records of `{each}` are broken, so nothing can be said of it: look into the log.", err=True)
    if as_json:
        show(harmless_json(json.encode([_as_data(figures, alerts) for figures, alerts in found]).decode()))
        return
    shown = found if len(found) <= MOST_QUIET else [each for each in found if not _is_quiet(each[0])]
    for figures, alerts in shown:
        for line in (*_shown(figures), *_shown_alerts(alerts)):
            show(line)
        for line in advice(figures):
            click.echo(line, err=True)
    if len(shown) < len(found):
        click.echo(f"In {len(found) - len(shown):,} more businesses nothing waits. See one with: --business ID")


async def _alerts(store: Store, business: str, most: int) -> list[Told]:
    return await store.alerts(business, most) if most else []


def _shown(figures: BusinessFigures) -> Iterator[str]:
    yield f"{figures.business}  version {figures.live}"
    busy = [each for each in figures.numbers if not _rests(each)]
    shown = figures.numbers if len(figures.numbers) <= MOST_QUIET else busy
    for each in shown:
        pause = _pause_of(each)
        state = f"paused: {pause.reason}" if pause else "sending" if each.served else "idle"
        slowed = f", slowed by Meta to {each.slowed_to:.1f} a second" if each.slowed_to else ""
        yield f"  {each.id}  {state}{slowed}"
        waits = _pile(each.open.size, "message", each.open.oldest_ms)
        tried = f" (last try: {each.last_try})" if each.last_try else ""
        yield f"    {waits}{tried}; last second {each.left} out, {each.came} in, of {each.throughput}"
        yield from _shown_past(sync_in(each.sync))
    if len(shown) < len(figures.numbers):
        yield f"  {len(figures.numbers) - len(shown):,} more numbers are idle, and nothing waits there"
    yield f"  undecided: {_pile(figures.undecided.size, 'chat', figures.undecided.oldest_ms)}"
    yield (
        f"  on their way: {figures.sending}, in doubt: {figures.doubt}, parked: {figures.parked.size}, "
        f"requests: {figures.requests}, conversions: {figures.conversions}"
    )
    yield (
        f"  timers: {figures.timers.size}, files to bring: {figures.files}, to import: {figures.imports}, "
        f"unreadable: {figures.quarantined}"
    )
    if figures.left_after.total:
        half, most = (_bound(figures.left_after.bound_of(share)) for share in SHARES)
        yield f"  of {figures.left_after.total:,} answers half left within {half}, 99 % within {most}"
    for name, count in sorted(figures.counts.items()):
        match name.split(".", 2):
            case ["row", end, reason]:
                yield f"  {end}: {reason} {count:,}"
            case ["report", "sent"]:
                yield f"  conversions that Meta took: {count:,}"


def _shown_past(past: Sync) -> Iterator[str]:
    if sync.state(past) != "none":
        yield f"    history: {sync.told(past)}{_since(past.failed_at or past.done_at or past.heard_at)}"
    if past.names:
        yield f"    address book: {counted(past.names, 'change')}{_since(past.names_at)}"


def _since(moment: datetime | None) -> str:
    return f" ({moment:%Y-%m-%d %H:%M} UTC)" if moment else ""


def _rests(number: NumberFigures) -> bool:
    coming = sync.state(sync_in(number.sync)) == "coming"
    return not (number.open.size or number.served or number.slowed_to or coming or _pause_of(number))


def _is_quiet(figures: BusinessFigures) -> bool:
    waits = figures.undecided.size or figures.sending or figures.doubt or figures.parked.size or figures.requests
    return not waits and all(map(_rests, figures.numbers))


def _shown_alerts(alerts: list[Told]) -> Iterator[str]:
    for told in alerts:
        at, alert = _moment(told.at_ms), _alert_of(told)
        about = f"  ({alert.chat})" if alert.chat else ""
        often = f"  {told.count:,} times since {_moment(told.since_ms):%Y-%m-%d %H:%M}" if told.count > 1 else ""
        yield f"  {at:%Y-%m-%d %H:%M} UTC  {alert.code}: {alert.words}{about}{often}"


def advice(figures: BusinessFigures) -> Iterator[str]:
    """Yield a sentence for each thing that somebody should do."""
    if (figures.undecided.oldest_ms or 0) > LATE_MS:
        yield f"Events of `{figures.business}` wait undecided: is `baton serve` or `baton work` running?"
    for each in figures.numbers:
        waits = (each.open.oldest_ms or 0) > LATE_MS
        if waits and not each.served and _pause_of(each) is None:
            yield f"Messages of {each.id} wait and nobody sends them: is `baton work` running?"
        if words := sync.advice(sync_in(each.sync), datetime.now(UTC)):
            yield f"{each.id}: {words}"
    if figures.imports and not figures.importing:
        yield f"What phones of `{figures.business}` told of their past waits: is `baton work` running?"
    if figures.parked.size:
        see = f"baton parked --business {figures.business}"
        yield f"Of some messages nobody knows whether they arrived. See them with: {see}"


def _pause_of(number: NumberFigures) -> Pause | None:
    return pause_in(number.state, datetime.now(UTC))


def _pile(size: int, what: str, oldest_ms: int | None) -> str:
    if not size:
        return "nothing waits"
    return f"{size:,} {what}{'' if size == 1 else 's'}, the oldest for {max(0, oldest_ms or 0) / 1_000:,.1f} s"


def _bound(bound: int | None) -> str:
    return "more than a minute" if bound is None else f"{bound} ms" if bound < 1_000 else f"{bound / 1_000:g} s"  # noqa: PLR2004


def _as_data(figures: BusinessFigures, alerts: list[Told]) -> dict[str, object]:
    return {
        "business": figures.business,
        "live": figures.live,
        "undecided": {"chats": figures.undecided.size, "oldest_ms": figures.undecided.oldest_ms},
        "sending": figures.sending,
        "doubt": figures.doubt,
        "parked": figures.parked.size,
        "requests": figures.requests,
        "conversions": figures.conversions,
        "files": figures.files,
        "file_bytes": figures.file_bytes,
        "timers": figures.timers.size,
        "quarantined": figures.quarantined,
        "imports": figures.imports,
        "counts": figures.counts,
        "answers": [{"within_ms": bound, "count": count} for bound, count in figures.left_after.within],
        "numbers": [_number_as_data(each) for each in figures.numbers],
        "alerts": [_alert_as_data(told) for told in alerts],
        "advice": list(advice(figures)),
    }


def _number_as_data(number: NumberFigures) -> dict[str, object]:
    pause = _pause_of(number)
    return {
        "id": number.id,
        "queued": number.open.size,
        "oldest_ms": number.open.oldest_ms,
        "last_try": number.last_try or None,
        "left_last_second": number.left,
        "came_last_second": number.came,
        "pace_left": number.pace_left,
        "slowed_to": number.slowed_to,
        "served": number.served,
        "paused": pause.reason if pause else None,
        "history": _history_as_data(sync_in(number.sync)),
    }


def _history_as_data(past: Sync) -> dict[str, object]:
    return {
        "state": sync.state(past),
        "progress": past.progress,
        "chunks": [{"phase": phase, "furthest": order} for phase, order in sorted(past.chunks.items())],
        "messages": past.messages,
        "last_at": past.heard_at.isoformat() if past.heard_at else None,
        "words": sync.told(past),
        "names": past.names,
    }


def _alert_of(told: Told) -> Alert:
    try:
        return read_alert(told.blob)
    except (UnknownSchemaError, DecodeError):
        return Alert("unreadable", "Another version of Baton wrote this.")


def _alert_as_data(told: Told) -> dict[str, object]:
    alert = _alert_of(told)
    return {
        "at": _moment(told.at_ms).isoformat(),
        "code": alert.code,
        "words": alert.words,
        "chat": alert.chat,
        "count": told.count,
        "since": _moment(told.since_ms).isoformat(),
    }


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1_000, UTC)
