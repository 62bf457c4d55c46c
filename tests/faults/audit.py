"""Do three ledgers agree after a fault: what was acknowledged, what the fake Graph got, and what the store says?"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapters.records import read_row
from adapters.store.records import Row
from adapters.store.rows import row_of
from adapters.whatsapp.fake_send import Received
from adapters.whatsapp.meta import Person
from engine.row import RowState
from tests.benchmarks.figures import busiest_second
from tests.dump import breaches
from tests.faults.moves import illegal_moves
from tests.main_job.ledgers import BUSINESS, WORDS, row_of_post
from tests.main_job.town import LINE, is_for


class Talk(Struct):
    """What one contact wrote and was answered with 200; `silent` once the owner wrote into the chat.

    `more` are words they should hear besides the answers of `answer_to`.
    """

    person: Person
    wrote: list[str] = []
    more: list[str] = []
    silent: bool = False
    shuffled: bool = False

    def expected(self) -> list[str]:
        """Return what should be said to them."""
        return [words for text in self.wrote for words in answer_to(text)] + self.more


class Audit(Struct, frozen=True, kw_only=True):
    """What became of every message; each list names rows or contacts, so that a failure shows them."""

    acked: int
    people: int
    rows: int
    posts: int
    accepted: int
    ends: Mapping[str, int]
    lost: Sequence[str]
    doubled: Sequence[str]
    undeclared: Sequence[str]
    disordered: Sequence[str]
    blocked: Sequence[str]
    blocked_wrote: int
    doubts: int
    busiest: int
    dump: Sequence[str]

    def __str__(self) -> str:
        """Say it in one line."""
        ends = ", ".join(f"{name} {count}" for name, count in sorted(self.ends.items()))
        return f"acked {self.acked}, rows {self.rows} ({ends}), posts {self.posts}, accepted {self.accepted}"

    def faults(self) -> list[str]:
        """Return the first of everything that is wrong."""
        lists = (self.lost, self.doubled, self.disordered, self.blocked, self.dump)
        return [words[:200] for each in lists for words in each[:3]]


def answer_to(text: str) -> list[str]:
    """Return what the shop of the tests says to a message."""
    if text.startswith("count"):
        return WORDS
    return [f"pong {text}"] if "ping" in text else []


def audit(
    store: Any,
    received: Sequence[Received],
    departures: Iterable[float],
    talks: Iterable[Talk],
    blocked: Collection[Talk],
    *,
    allowed: Collection[str] = (),
    logs: Sequence[Any] = (),
) -> Audit:
    """Compare the ledgers; rows may have been dropped or failed for the reasons `allowed` and no other."""
    chats = rows_by_chat(store)
    chats = {subject: [row for row in found if row.kind == "send"] for subject, found in chats.items()}
    rows = [row for found in chats.values() for row in found]
    accepted: dict[str, list[str]] = {}
    for each in received:
        if each.wamid:
            accepted.setdefault(row_of_post(each), []).append(each.wamid)
    lost, disordered = [], []
    talks = list(talks)
    for talk in talks:
        mine = chats.get(f"{LINE.phone_number_id}/{contact_id(store, talk.person)}", [])
        lost += _lost(talk, mine)
        disordered += _disordered(talk, mine, [each for each in received if each.wamid and is_for(each, talk.person)])
    lost += [words for row in rows if (words := _wrong_end(row, accepted.get(row.id, []), allowed))]
    lost += [f"{row}: accepted, and no row of the store" for row in accepted if row not in {each.id for each in rows}]
    doubled = [row for row in rows if len(accepted.get(row.id, [])) > 1]
    return Audit(
        acked=sum(len(talk.wrote) for talk in (*talks, *blocked)),
        people=len(talks),
        rows=len(rows),
        posts=len(received),
        accepted=sum(map(len, accepted.values())),
        ends=Counter(f"{row.state}{f' {row.reason}' if row.state in _DESPITE else ''}" for row in rows),
        lost=lost,
        doubled=[_named(row) for row in doubled],
        undeclared=[_named(row) for row in doubled if len(accepted[row.id]) > 1 + read_row(row.blob).doubts],
        disordered=disordered,
        blocked=[str(each.body) for each in received if any(is_for(each, talk.person) for talk in blocked)],
        blocked_wrote=sum(len(talk.wrote) for talk in blocked),
        doubts=int(store.hget(f"{BUSINESS}:count", "row.doubt") or 0),
        busiest=busiest_second(departures),
        dump=[
            *breaches(store, BUSINESS.strip("{}")),
            *(words for log in logs for words in illegal_moves(log, BUSINESS)),
        ],
    )


_DESPITE = (RowState.DROPPED, RowState.FAILED)


def _lost(talk: Talk, rows: Sequence[Row]) -> list[str]:
    """Compare what was decided for a contact with what they wrote; the templates that replace a text do not count."""
    decided = Counter(row.words for row in rows if not read_row(row.blob).replaces)
    expected = Counter(talk.expected())
    missing, extra = expected - decided, decided - expected
    found = [f"{talk.person.phone}: decided twice {dict(extra)}"] if extra else []
    if missing and not talk.silent:
        found.append(f"{talk.person.phone}: not decided {dict(missing)}")
    return found


def _wrong_end(row: Row, wamids: Sequence[str], allowed: Collection[str]) -> str:
    match row.state:
        case RowState.SENT if row.message_id in wamids:
            return ""
        case RowState.PARKED:
            return ""
        case RowState.DROPPED | RowState.FAILED if row.reason in allowed:
            return ""
    return f"{_named(row)}, accepted were {len(wamids)}"


def _disordered(talk: Talk, rows: Sequence[Row], heard: Sequence[Received]) -> list[str]:
    places = {row.id: row.position for row in rows}
    order = [places.get(row_of_post(each), 0) for each in heard]
    words = [row.words for row in rows if not read_row(row.blob).replaces]
    found = [f"{talk.person.phone} heard rows {order}"] if order != sorted(order) else []
    expected = [each for each in talk.expected() if each in set(words)]
    if not talk.shuffled and words != expected and Counter(words) == Counter(expected):
        found.append(f"{talk.person.phone}: decided in the order {words}")
    return found


def _named(row: Row) -> str:
    return f"{row.id} {row.words!r} {row.state} {row.reason!r}"


def rows_by_chat(store: Any) -> dict[str, list[Row]]:
    """Return every row of the store, by chat and in order."""
    chats: dict[str, list[Row]] = {}
    for key in store.scan_iter(f"{BUSINESS}:r:*", count=1000):
        row = row_of(key.decode().removeprefix(f"{BUSINESS}:r:"), store.hgetall(key))
        chats.setdefault(row.subject, []).append(row)
    return {subject: sorted(rows, key=lambda row: row.position) for subject, rows in chats.items()}


def contact_id(store: Any, person: Person) -> str:
    """Return the id of a contact, empty if there is none."""
    alias = f"p:{person.phone}" if person.phone else f"u:{person.bsuid}"
    return (store.hget(f"{BUSINESS}:alias", alias) or b"").decode()
