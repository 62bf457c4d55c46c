"""Do three ledgers agree: what was acknowledged, what the fake Graph accepted, and what the store says?"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from adapters.records import read_row
from adapters.store.records import Row
from adapters.store.rows import row_of
from adapters.whatsapp import api
from adapters.whatsapp.fake_send import Received
from adapters.whatsapp.meta import Person
from engine.row import RowState
from tests.main_job.town import LINE, is_for, said

BUSINESS = "{corner-shop}"
ROW_OF_A_POST = "biz_opaque_callback_data"
WORDS = ["one", "two", "three"]


class Balance(Struct, kw_only=True):
    """What became of every message; each list names rows or contacts, so that a failure shows them."""

    acked: int
    posts: int
    accepted: int
    rows: int
    sent: int = 0
    parked: list[str] = []
    lost: list[str] = []
    doubled: list[str] = []
    undeclared: list[str] = []
    disordered: list[str] = []
    doubts: int = 0

    def __str__(self) -> str:
        """Say it in one line, each figure with its n."""
        return (
            f"acked {self.acked}, posts {self.posts}, accepted {self.accepted}; lost {len(self.lost)} of {self.rows}, "
            f"doubled {len(self.doubled)} of {self.rows} (undeclared {len(self.undeclared)}), "
            f"sent {self.sent}, parked {len(self.parked)}, in doubt {self.doubts}, "
            f"out of order {len(self.disordered)} of {self.acked}"
        )


def row_of_post(received: Received) -> str:
    """Return the id of the row that a POST carries."""
    return str(received.body[ROW_OF_A_POST]).removeprefix(api.ROW_PREFIX)


def is_at_rest(store: Any, rows: int) -> bool:
    """Tell whether nothing is left to decide, to send or to find out, and as many rows as expected are there."""
    open_keys = ("waiting", "sending", "doubt", f"ready:{LINE.phone_number_id}")
    return not store.exists(*(f"{BUSINESS}:{key}" for key in open_keys)) and _ends(store) >= rows


def balance(store: Any, received: Sequence[Received], people: Iterable[Person]) -> Balance:
    """Compare what people who wrote `count` should have heard with what left and with what is kept."""
    chats = _rows_by_chat(store)
    found = Balance(
        acked=0,
        posts=len(received),
        accepted=sum(bool(each.wamid) for each in received),
        rows=sum(len(rows) for rows in chats.values()),
        doubts=_counts(store).get("row.doubt", 0),
    )
    for person in people:
        found.acked += 1
        rows = chats.get(f"{LINE.phone_number_id}/{_contact_id(store, person)}", [])
        _compare(found, person, rows, [each for each in received if each.wamid and is_for(each, person)])
    return found


def _compare(found: Balance, person: Person, rows: Sequence[Row], heard: Sequence[Received]) -> None:
    if [row.words for row in rows] != WORDS:
        found.lost.append(f"{person.phone}: decided were {[row.words for row in rows]}")
    for row in rows:
        _compare_row(found, row, [each.wamid for each in heard if row_of_post(each) == row.id])
    once = [words for place, words in enumerate(map(said, heard)) if place == 0 or words != said(heard[place - 1])]
    parked = [row.words for row in rows if row.state is RowState.PARKED]
    if [words for words in once if words not in parked] != [words for words in WORDS if words not in parked]:
        found.disordered.append(f"{person.phone} heard {[said(each) for each in heard]}")


def _compare_row(found: Balance, row: Row, wamids: Sequence[str]) -> None:
    named = f"{row.id} {row.words!r} {row.state} {row.reason!r}"
    resent = read_row(row.blob).doubts
    match row.state:
        case RowState.SENT if row.message_id in wamids:
            found.sent += 1
        case RowState.PARKED:
            found.parked.append(named)
        case _:
            found.lost.append(f"{named}, accepted were {wamids}, kept is {row.message_id}")
    if len(wamids) > 1:
        found.doubled.append(named)
    if len(wamids) > 1 + resent:
        found.undeclared.append(f"{named}: {len(wamids)} times, {resent} declared")


def _rows_by_chat(store: Any) -> dict[str, list[Row]]:
    chats: dict[str, list[Row]] = {}
    for key in store.scan_iter(f"{BUSINESS}:r:*", count=1000):
        row = row_of(key.decode().removeprefix(f"{BUSINESS}:r:"), store.hgetall(key))
        chats.setdefault(row.subject, []).append(row)
    return {subject: sorted(rows, key=lambda row: row.position) for subject, rows in chats.items()}


def _contact_id(store: Any, person: Person) -> str:
    return (store.hget(f"{BUSINESS}:alias", f"p:{person.phone}") or b"").decode()


def _ends(store: Any) -> int:
    counts = _counts(store)
    return sum(counts.get(f"row.{state}", 0) for state in ("sent", "parked", "dropped", "failed"))


def _counts(store: Any) -> dict[str, int]:
    return {name.decode(): int(number) for name, number in store.hgetall(f"{BUSINESS}:count").items()}
