"""The command `parked`: what may have arrived or not, and what a person decides about it."""

import secrets
from datetime import UTC, datetime

import rich_click as click

from adapters import site
from adapters.operating import BUSINESS, do, one_business, store_in_force
from adapters.records import read_row
from adapters.store import Row, Store
from adapters.terminal import harmless, show
from engine.content import words_of
from engine.effects import Leaving, Report, Send
from engine.row import RowState

SHOWN = 60


@click.command()
@click.option("--send", "sent", metavar="ROW", multiple=True, help="Send it, or `all`; it may arrive a second time.")
@click.option("--drop", "dropped", metavar="ROW", multiple=True, help="Let it go, or `all`.")
@BUSINESS
def parked(sent: tuple[str, ...], dropped: tuple[str, ...], business: str | None) -> None:
    """List the messages of which nobody knows whether they arrived, or decide what becomes of them.

    Look into the chat on the phone first: it shows whether the message is there. Whether a conversion arrived is
    shown by Meta's Events Manager. What is sent again is judged anew, so it does not leave when the owner has taken
    the chat or its time is over.
    """
    do(_parked(sent, dropped, business))


async def _parked(sent: tuple[str, ...], dropped: tuple[str, ...], wanted: str | None) -> None:
    async with store_in_force() as (store, _):
        business = await one_business(store, wanted)
        rows = [row for id_ in await store.parked(business) if (row := await store.row(business, id_))]
        orders = {
            **{row.id: RowState.QUEUED for row in _meant(rows, sent, business)},
            **{row.id: RowState.DROPPED for row in _meant(rows, dropped, business)},
        }
        if not rows:
            click.echo("Nothing is parked.", err=True)
        elif not sent and not dropped:
            _list(rows)
        for row in rows:
            if row.id in orders:
                await _decide(store, business, row, orders[row.id])


def _meant(rows: list[Row], wanted: tuple[str, ...], business: str) -> list[Row]:
    if "all" in wanted:
        return rows
    known = {row.id: row for row in rows}
    for each in wanted:
        if each not in known:
            raise site.CannotStart(f"No parked message of `{business}` is called `{each}`. See them with: baton parked")
    return [known[each] for each in wanted]


def _list(rows: list[Row]) -> None:
    for row in rows:
        message = read_row(row.blob)
        words = _words(message.effect)
        asked = message.asked_at.astimezone(UTC)
        show(f"{row.id}  {row.subject}  asked {asked:%Y-%m-%d %H:%M} UTC  {harmless(words, SHOWN)}")


async def _decide(store: Store, business: str, row: Row, state: RowState) -> None:
    attempt, now_ms = secrets.token_hex(8), round(datetime.now(UTC).timestamp() * 1_000)
    done = await store.settle(
        business,
        row.id,
        attempt,
        expect=[RowState.PARKED.value],
        state=state.value,
        reason="by hand",
        again_at_ms=now_ms if state is RowState.QUEUED else 0,
    )
    became = "is queued again" if state is RowState.QUEUED else "is dropped"
    click.echo(
        f"{row.id} {became}." if done.ok else f"{row.id} is {done.state} meanwhile; nothing was changed.", err=True
    )


def _words(effect: Leaving) -> str:
    match effect:
        case Send(content=content):
            return words_of(content)
        case Report(event=event, value=value, currency=currency):
            return f"report {event} {value or ''} {currency or ''}"
        case _:
            return type(effect).__name__.lower()
