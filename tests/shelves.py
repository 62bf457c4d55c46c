"""What is wrong with what lies in a store beside the chats: do its campaigns and files contradict themselves?

`tests/dump.py` reads the store and asks this among all else. It holds at any moment at which nothing writes, also where
a process died: what a process does in several calls is no mistake half done, and `left_over` tells of that.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from adapters.store.campaigns import ENDED

if TYPE_CHECKING:
    from tests.dump import Dump, Fields

STATES = {"running", "paused", *ENDED}
CAMPAIGN_FIELDS = frozenset({"state", "reason", "since", "run", "begun"})
DAY_MS = 86_400_000
OPEN = (b"queued", b"sending", b"doubt")


def left_over(dump: "Dump") -> Iterator[str]:
    """Yield what is to be dropped or forgotten yet, now that its campaign is over."""
    for name in _named(dump.lists, "people:") | _named(dump.sets, "bulk:"):
        if _state(dump, name) not in {"running", "paused"}:
            kinds = [kind for kind in (f"people:{name}", f"bulk:{name}") if kind in {**dump.lists, **dump.sets}]
            yield f"`{'` and `'.join(kinds)}` are left of a campaign that is over"


def _named(found: Mapping[str, object], begin: str) -> set[str]:
    return {name.removeprefix(begin) for name in found if name.startswith(begin)}


def _state(dump: "Dump", name: str) -> str:
    return dump.hashes.get(f"campaign:{name}", {}).get("state", b"").decode()


def _campaigns(dump: "Dump") -> Iterator[str]:
    """A campaign that was begun is whole, in a state that there is, and one of those that are listed."""
    listed, known = dump.sets.get("campaigns", set()), _named(dump.hashes, "campaign:")
    yield from (f"campaign `{name}` is listed and not there, or there and not listed" for name in listed ^ known)
    for name in known:
        if missing := sorted(CAMPAIGN_FIELDS - dump.hashes[f"campaign:{name}"].keys()):
            yield f"campaign `{name}` lacks {missing}"
        elif _state(dump, name) not in STATES:
            yield f"campaign `{name}` is in the state `{_state(dump, name)}`, which is none"
    for kind, found in (("tally", dump.hashes), ("bulk", dump.sets)):
        yield from (f"`{kind}:{name}` is of no campaign" for name in _named(found, f"{kind}:") - known)


def _bulk(dump: "Dump") -> Iterator[str]:
    """A campaign knows its rows that have not ended; one that was parked has left it, whatever becomes of it."""
    rows = {name: row for name, row in dump.rows.items() if "campaign" in row}
    for name, row in rows.items():
        bulk, is_open = f"bulk:{row['campaign'].decode()}", row.get("state") in OPEN
        if is_open and "ended_at" not in row and name not in dump.sets.get(bulk, set()):
            yield f"row {name} has not ended, and `{bulk}` does not know it"
    for name in _named(dump.sets, "bulk:"):
        for each in dump.sets[f"bulk:{name}"]:
            row = rows.get(each, {})
            if row.get("campaign") != name.encode() or row.get("state") not in OPEN:
                yield f"row {each} is in `bulk:{name}`, and has ended or is of another campaign"


def _tallies(dump: "Dump") -> Iterator[str]:
    """No more ends of rows are counted for a campaign than there are; those of an earlier run do not count."""
    for name in _named(dump.hashes, "tally:"):
        counted = sum(int(count) for count in dump.hashes[f"tally:{name}"].values())
        ended = sum("ended_at" in row and row.get("campaign") == name.encode() for row in dump.rows.values())
        if counted > ended:
            yield f"campaign `{name}` counted {counted} ends, and {ended} of its rows have ended"


def _reached(dump: "Dump") -> Iterator[str]:
    """Only contacts are written to."""
    strangers = dump.sorted.get("reached", {}).keys() - dump.contacts.keys()
    yield from (f"campaigns wrote to {cid}, who is nobody" for cid in strangers)


def _received(dump: "Dump") -> Iterator[str]:
    """A file that came is known to its chat and by its age, and as often as it is held its bytes say so."""
    holders: dict[str, int] = {}
    held = set[str]()
    for subject in _named(dump.hashes, "got:"):
        if subject not in dump.subjects:
            yield f"`got:{subject}` belongs to nobody"
        for row, entry in dump.hashes[f"got:{subject}"].items():
            held.add(f"{subject} {row}")
            digest = entry.partition(b"\0")[0].decode()
            holders[digest] = holders.get(digest, 0) + 1
    for each in held ^ dump.sorted.get("got", {}).keys():
        yield f"the file `{each}` is half there"
    for digest in holders.keys() | _named(dump.hashes, "m:"):
        uses = int(dump.hashes.get(f"m:{digest}", {}).get("uses", 0))
        if uses != holders.get(digest, 0) or not uses:
            yield f"`m:{digest}` is held {holders.get(digest, 0)} times, and thinks {uses}"


def _bytes(dump: "Dump") -> Iterator[str]:
    """Bytes that count are all there, for good, and as many as are counted."""
    sizes = 0
    for name, fields in dump.hashes.items():
        kind = name.partition(":")[0]
        if kind in {"m", "f"} and "size" in fields and _length(fields) != int(fields["size"]):
            yield f"`{name}` has {_length(fields)} bytes, and thinks {int(fields['size'])}"
        if kind in {"m", "f"} and dump.lives[name] >= 0:
            yield f"`{name}` is soon forgotten"
        if kind == "m":
            sizes += int(fields.get("size", 0))
            if "size" not in fields:
                yield f"`{name}` does not say how many bytes it has"
    counted = int(dump.strings.get("got_bytes", 0))
    if sizes != counted:
        yield f"{sizes} bytes came, and {counted} are counted"
    yield from (f"`{name}` is never forgotten" for name, ms in dump.lives.items() if _is_passing(name) and ms < 0)


def _length(fields: "Fields") -> int:
    return sum(len(piece) for place, piece in fields.items() if place.isdigit())


def _is_passing(name: str) -> bool:
    return name.startswith(("half:", "media:"))


def _published(dump: "Dump") -> Iterator[str]:
    """What is live is there with all its files, and each file is listed."""
    listed, live = dump.sets.get("files", set()), dump.strings.get("live", "")
    yield from (f"`f:{digest}` is not listed" for digest in _named(dump.hashes, "f:") - listed)
    if live and f"v:{live}" not in dump.hashes:
        yield f"the version `{live}` is live and not there"
    for digest in dump.hashes.get(f"v:{live}", {}).get("digests", b"").decode().split():
        if "size" not in dump.hashes.get(f"f:{digest}", {}):
            yield f"the version `{live}` is live without its file {digest}"


CHECKS: tuple[Callable[["Dump"], Iterator[str]], ...] = (
    _campaigns, _bulk, _tallies, _reached, _received, _bytes, _published,
)  # fmt: skip
