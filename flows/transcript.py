"""Does a chat go as its transcript says? Plays it with no network and compares."""

from datetime import UTC, tzinfo

from msgspec import Struct

from engine.identity import ids_from
from engine.ruleset import Ruleset
from engine.trace import Trace
from flows.coverage import Spot
from flows.lines import Act, Fails, Line, Transcript
from flows.missed import Missed, Seen, Side, missed, unexpected
from flows.post import Left
from flows.round import Round
from flows.simulation import Simulation
from flows.world import CannotHappenError, let_happen


class Failure(Struct, frozen=True, kw_only=True):
    """Where a chat went another way than its transcript says, and why it did.

    `sides` hold what was expected beside what came, under a `short` sentence; `after` is the line that led to it.
    `zone` is that of the business, whose clock the reasons go by for people.
    """

    file: str
    line: int
    test: str
    message: str
    short: str = ""
    sides: tuple[Side, ...] = ()
    trace: Trace = Trace()
    after: Line | None = None
    zone: tzinfo = UTC


class Exchange(Struct, frozen=True):
    """A line that made something happen, and what happened."""

    line: Line
    round: Round


class Played(Struct, frozen=True, kw_only=True):
    """How a transcript went: up to its end, or up to the first failure."""

    transcript: Transcript
    exchanges: tuple[Exchange, ...]
    failure: Failure | None
    seen: frozenset[Spot]


class Follower:
    """Follows a chat along its transcript, wherever it is played, and tells where it goes another way.

    Before each line ask `failure_at`; if the line is an act, let it happen and tell what came of it by `took`.
    """

    def __init__(self, transcript: Transcript) -> None:
        """Stand before the first line."""
        self.transcript = transcript
        self.exchanges: list[Exchange] = []
        self._seen = Seen()

    @property
    def expected_last(self) -> Left | None:
        """The message that was expected last."""
        return self._seen.expected_last

    def failure_at(self, line: Line) -> Failure | None:
        """Compare what happened with an expectation; before an act, tell what nobody expected."""
        match line.doing:
            case Fails():
                return None  # the messages after the refused one may be expected below
            case doing if isinstance(doing, Act):
                return self.failure_at_end()
            case doing:
                found = missed(doing, self._seen)
                return self.failure(line, found) if found else None

    def took(self, line: Line, happened: Round) -> None:
        """Take in what came of an act."""
        self.exchanges.append(Exchange(line, happened))
        self._seen.add(line, happened)

    def failure_at_end(self) -> Failure | None:
        """Tell a message that left and that no line expected."""
        if not self._seen.messages:
            return None
        line, left = self._seen.messages[0]
        return self.failure(line, unexpected(left))

    def failure(self, line: Line, found: Missed) -> Failure:
        """Say where it was, and why the bot did what it did."""
        last = self.exchanges[-1] if self.exchanges else None
        return Failure(
            file=self.transcript.file,
            line=line.place.line,
            test=self.transcript.name,
            message=found.message,
            short=found.short or found.message,
            sides=found.sides,
            trace=last.round.trace if last else Trace(),
            after=last.line if last else None,
            zone=self.transcript.zone,
        )


def play(transcript: Transcript, ruleset: Ruleset) -> Played:
    """Play a transcript against the flows."""
    follower = Follower(transcript)
    simulation = simulated(transcript, ruleset)
    failure = _played(follower, simulation)
    return Played(transcript=transcript, exchanges=tuple(follower.exchanges), failure=failure, seen=simulation.seen)


def simulated(transcript: Transcript, ruleset: Ruleset) -> Simulation:
    """Open the chat that a transcript begins with."""
    who = transcript.contact
    return Simulation(
        ruleset,
        begins_at=transcript.begins_at,
        number=transcript.number,
        name=who.name,
        ids=ids_from([who.phone], [who.bsuid]),
    )


def _played(follower: Follower, simulation: Simulation) -> Failure | None:
    for line in follower.transcript.lines:
        if failure := follower.failure_at(line):
            return failure
        if isinstance(line.doing, Act):
            try:
                follower.took(line, let_happen(line.doing, simulation, follower.expected_last))
            except CannotHappenError as why:
                return follower.failure(line, Missed(str(why)))
    return follower.failure_at_end()
