"""Play a transcript through real HTTP, and say what was said by whom."""

from adapters.demo.real import RealWorld
from flows.lines import Act
from flows.missed import Missed
from flows.transcript import Failure, Follower
from flows.world import CannotHappenError, let_happen


async def play(follower: Follower, world: RealWorld) -> Failure | None:
    """Play to the end, or to the first line that goes another way."""
    for line in follower.transcript.lines:
        if failure := follower.failure_at(line):
            return failure
        if isinstance(line.doing, Act):
            try:
                follower.took(line, await let_happen(line.doing, world, follower.expected_last))
            except CannotHappenError as why:
                return follower.failure(line, Missed(str(why)))
    return follower.failure_at_end()
