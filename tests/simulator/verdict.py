"""Was anything lost, doubled, too early, out of order, or said over the owner? Asked once all is quiet.

Three ledgers are compared: what was acknowledged, what the Graph API got, and what the store says.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import redis

from adapters.records import LogEntry, read_log, read_row
from engine.row import Delivery, RowState
from tests.dump import Dump, breaches, read, unrest
from tests.simulator.graph import Post
from tests.simulator.ledger import IGNORED, Ledger
from tests.simulator.plan import DOUBT_WAIT_S, LATE_BY_S
from tests.simulator.town import BUSINESS, Town

UNKNOWN = ("ok", "slow", "page", "no_answer", "never_came")
"""Ways after which nobody may send again without having waited."""
PER_SECOND = 20
ENDS = {RowState.SENT, RowState.DROPPED, RowState.FAILED, RowState.PARKED}
HARMLESS = ("store_away", "webhook_not_taken")
AWAY = (
    "ConnectionError",
    "TimeoutError",
    "NoScriptError",
    "CancelledError",
)  # the last: the patience of the door ended


class Case:
    """A seed that was played, and all that is known of it."""

    def __init__(self, town: Town, store: redis.Redis) -> None:
        """Read the store."""
        self.town = town
        self.store = store
        self.ledger: Ledger = town.ledger
        self.posts: list[Post] = town.meta.posts
        self.dump: Dump = read(store, BUSINESS)
        self.states = {name: RowState(row["state"].decode()) for name, row in self.dump.rows.items()}
        self.doubts = {name: read_row(row["blob"]).doubts for name, row in self.dump.rows.items()}
        self.logs: dict[str, list[LogEntry]] = {
            name.removeprefix("log:"): [entry for turn in lines for entry in read_log(turn)]
            for name, lines in self.dump.lists.items()
            if name.startswith("log:")
        }

    def posts_of(self, row: str) -> list[Post]:
        """Return what left of a row, in order."""
        return [post for post in self.posts if post.row == row]


def judged(town: Town, store: redis.Redis) -> list[str]:
    """Return a sentence for each breach of an invariant, those that were noted on the way first."""
    case = Case(town, store)
    found = [*case.ledger.breaches, *(words for check in CHECKS for words in check(case))]
    return list(dict.fromkeys(found))


def _contradictions(case: Case) -> Iterator[str]:
    yield from (f"dump: {words}" for words in breaches(case.store, BUSINESS))
    yield from (f"I3: never quiet: {words}" for words in unrest(case.store, BUSINESS))


def _kept(case: Case) -> Iterator[str]:
    """I1, I2: what was acknowledged was applied, once."""
    said = Counter(entry.event for log in case.logs.values() for entry in log if entry.row is None)
    for key, what in case.town.meta.told.items():
        if what in {"message", "echo", "own echo"}:
            if key not in case.town.meta.acked:
                yield f"I1: {what} {key} was never acknowledged"
            elif said[key] == 0:
                yield f"I1: {what} {key} was acknowledged and is lost"
            elif said[key] > 1:
                yield f"I2: {what} {key} was applied {said[key]} times"


def _ended(case: Case) -> Iterator[str]:
    """I3: each row has one end, and the end is true."""
    for name, state in case.states.items():
        came = [post for post in case.posts_of(name) if post.wamid]
        if state not in ENDS:
            yield f"I3: row {name} is `{state}` at the end"
        if state is RowState.SENT and not came:
            yield f"I3: row {name} is `sent` and Meta never got it"
        if state in {RowState.DROPPED, RowState.FAILED} and came and not case.doubts[name]:
            yield f"I3: row {name} is `{state}` and Meta took it"
    for post in case.posts:
        if post.row not in case.states:
            yield f"I3: row {post.row} left and is not in the store"


def _once(case: Case) -> Iterator[str]:
    """At most one send, but for one resend that is declared, after the wait, and never of marketing."""
    for name in case.states:
        posts, known = case.posts_of(name), case.ledger.rows.get(name)
        came = [post for post in posts if post.wamid]
        if len(came) > 1 + case.doubts[name]:
            yield f"once: row {name} came {len(came)} times, {case.doubts[name]} resends declared"
        uncertain = [post for post in posts if post.how in UNKNOWN]
        if known and known.category == "MARKETING" and len(uncertain) > 1:
            yield f"once: marketing left again in doubt, row {name}"
        for first, second in pairwise(uncertain):
            if second.at - first.at < DOUBT_WAIT_S - 1:
                yield f"once: row {name} left again {second.at - first.at:.1f} s after an answer was lost"


def _silent(case: Case) -> Iterator[str]:
    """Nothing is dropped for an owner who never wrote."""
    for name, row in case.dump.rows.items():
        subject, reason = row["subject"].decode(), row.get("reason", b"").decode()
        called = any(line.about == "handoff" for entry in case.logs[subject] for line in entry.why)
        if reason in {"owner_replied", "owner_holds"} and not (called or case.ledger.owner_wrote(subject)):
            yield f"I4: row {name} was dropped for an owner who did not write"


def _ordered(case: Case) -> Iterator[str]:
    """I8: within a chat rows begin in the order in which they were decided."""
    last: dict[str, int] = {}
    for begin in case.ledger.begins:
        known = case.ledger.rows.get(begin.row)
        if known is None or known.replaces:  # what failed long after it had left is replaced when later ones have left
            continue
        if known.position < last.get(begin.subject, -1):
            yield f"I8: row {begin.row} began after a later one"
        last[begin.subject] = max(known.position, last.get(begin.subject, -1))


def _paced(case: Case) -> Iterator[str]:
    """I7: no more than twenty leave in any second."""
    moments = sorted(post.at for post in case.posts)
    for first, last in zip(moments, moments[PER_SECOND:], strict=False):
        if last - first < 1:
            yield f"I7: {PER_SECOND + 1} messages left within {last - first:.3f} s"
            return


def _timely(case: Case) -> Iterator[str]:
    """I12: what came too late is kept and not answered; I6: no free-form message comes to a closed window."""
    old = case.town.meta.moment().timestamp() - LATE_BY_S + 3600
    late = {entry.event for log in case.logs.values() for entry in log if entry.at.timestamp() < old}
    for post in case.posts:
        known = case.ledger.rows.get(post.row)
        if known and known.event in late and known.asked:
            yield f"I12: row {post.row} answers what happened {LATE_BY_S / 3600:.0f} h ago"


def _timers(case: Case) -> Iterator[str]:
    """I13: a timer fires once, not before its time, and only while the run still waits."""
    for subject, log in case.logs.items():
        fired = Counter(entry.event for entry in log if entry.who == "TimerFired")
        yield from (f"I13: {event} fired {count} times in {subject}" for event, count in fired.items() if count > 1)
        yield from (f"I13: {subject} heard a timer's words after {words}" for words in _too_late(case, log))
    for name, row in case.dump.rows.items():
        written = read_row(row["blob"])
        if written.event.startswith("timer/") and written.queued_at < written.asked_at:
            yield f"I13: row {name} is of a timer that fired too early"


def _too_late(case: Case, log: list[LogEntry]) -> Iterator[str]:
    """Yield what came between a question or promise and the words of its timer, and should have voided it."""
    voided = "nothing was asked"
    for entry in log:
        ours = case.town.meta.told.get(entry.event) == "own echo" or entry.words in {"#bot", IGNORED}
        if entry.who == "bot" and entry.words in {"How many?", "A number, please."}:
            voided = ""
        elif entry.who == "owner" and not ours and any("the bot is silent" in line.words for line in entry.why):
            voided = f"the owner had said {entry.words!r}"
        elif entry.who == "contact" and entry.words == "5" and any(line.about == "answer" for line in entry.why):
            voided = "it was answered"
        elif entry.who == "bot" and entry.words == "Still there?":
            if voided:
                yield voided
            voided = "it had been said"


def _risen(case: Case) -> Iterator[str]:
    """W01: what is known of a delivery only rises."""
    rank = list(Delivery)
    for name, row in case.dump.rows.items():
        came = [post for post in case.posts_of(name) if post.wamid]
        if len(came) == 1 and case.states[name] is RowState.SENT:
            told = [Delivery(each) for each in came[0].statuses]
            best = max((rank.index(each) for each in told), default=0)
            kept = row.get("delivery", b"").decode()
            if not kept or rank.index(Delivery(kept)) < best:
                yield f"W01: row {name} is `{kept}`, and Meta told {[str(each) for each in told]}"


def _well(case: Case) -> Iterator[str]:
    """I10: nothing failed but for the store being away."""
    for words in case.town.logged:
        if not any(name in words for name in (*HARMLESS, *AWAY)):
            yield f"I10: {words[-600:]}"
    for trouble in case.town.loop.troubles:
        if isinstance(trouble, BaseException) and type(trouble).__name__ not in AWAY:
            yield f"I10: {trouble!r}"


CHECKS: tuple[Any, ...] = (
    _contradictions, _kept, _ended, _once, _silent, _ordered, _paced, _timely, _timers, _risen, _well,
)  # fmt: skip
