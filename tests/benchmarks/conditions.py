"""How long does it take to find out which of many conditions hold for a message?

`python -m tests.benchmarks.conditions`. Baton's index, as the engine uses it, beside a plain loop over the same
compiled conditions, the same rules as compiled Python lambdas, and other rule engines. Everybody must find the same.
No text comes twice, so nothing is remembered from an earlier one; what peers need of a message is made before the
clock runs, what Baton and the lambdas need, while it runs.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count, cycle, pairwise
from statistics import fmean, median
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from adapters.garbage import made_to_stay
from tests.benchmarks import catalogue
from tests.benchmarks.catalogue import Fits, Message, Rule
from tests.benchmarks.contenders import Contender, Indexed, Lambdas, Loop
from tests.benchmarks.figures import table, tell
from tests.benchmarks.peers import PEERS, NotInstalledError, Peer

SIZES = (10, 100, 1_000, 10_000)
MESSAGES = 40
WARM_S = 0.02
OURS = (Indexed.name, Loop.name, Lambdas.name)
TARGET_ALL_US, TARGET_FIRST_US, TARGET_PEER, TARGET_LAMBDAS, TARGET_WORDLESS = 100, 25, 300, 25, 1.1


class Timing(Struct, frozen=True):
    """Microseconds for one message, the mean over all messages of the median over all rounds."""

    name: str
    first: float
    all: float
    rounds: int


class Round(Struct, frozen=True):
    """Microseconds for each message in turn."""

    first: tuple[float, ...]
    all: tuple[float, ...]


class Crowd:
    """The messages, each time with another text, and what holds for each."""

    def __init__(self, messages: Sequence[Message], judge: Contender) -> None:
        """Ask the plain loop once; whoever finds anything else is wrong."""
        self._messages = messages
        self._numbers = count()
        self.expected = [judge.all(judge.prepare(message)) for message in messages]

    @property
    def matches(self) -> float:
        """How many rules hold for a message, in the mean."""
        return fmean(len(found) for found in self.expected)

    def ask(self, contender: Contender) -> Round:
        """Let somebody find the first rule and all rules for each message."""
        first, every = [], []
        for message, expected in zip(self._messages, self.expected, strict=True):
            found, microseconds = self._clocked(contender.first, contender.prepare(self._again(message)))
            self._agree(contender, message, found, expected[0] if expected else None)
            first.append(microseconds)
            found, microseconds = self._clocked(contender.all, contender.prepare(self._again(message)))
            self._agree(contender, message, found, expected)
            every.append(microseconds)
        return Round(tuple(first), tuple(every))

    def warm_up(self, contender: Contender) -> None:
        """Let somebody ask for a moment, so that nobody pays for what others left in the processor's caches."""
        ends_at = time.perf_counter() + WARM_S
        for message in cycle(self._messages):
            contender.first(contender.prepare(self._again(message)))
            contender.all(contender.prepare(self._again(message)))
            if time.perf_counter() > ends_at:
                return

    def _again(self, message: Message) -> Message:
        return replace(message, text=f"{message.text} zz{next(self._numbers)}")

    @staticmethod
    def _clocked(find: Callable[[Any], Any], prepared: Any) -> tuple[Any, float]:
        begun = time.perf_counter()
        found = find(prepared)
        return found, 1e6 * (time.perf_counter() - begun)

    @staticmethod
    def _agree(contender: Contender, message: Message, found: Any, expected: Any) -> None:
        assert found == expected, f"{contender.name} finds {found} for {message}, and not {expected}"


def contest(crowd: Crowd, contenders: Sequence[Contender], seconds: float, most: int) -> list[Timing]:
    """Let everybody go through the messages in turn, the slow ones less often; nobody longer than so many seconds."""
    rounds: dict[str, list[Round]] = {each.name: [] for each in contenders}
    left = dict.fromkeys(rounds, seconds)
    for number in range(most):
        for contender in contenders if number % 2 else reversed(contenders):
            if left[contender.name] > 0:
                begun = time.perf_counter()
                crowd.warm_up(contender)
                rounds[contender.name].append(crowd.ask(contender))
                left[contender.name] -= time.perf_counter() - begun
    return [timing(name, found) for name, found in rounds.items()]


def timing(name: str, rounds: Sequence[Round]) -> Timing:
    """Tell many rounds in two figures."""
    first = fmean(median(times) for times in zip(*(each.first for each in rounds), strict=True))
    every = fmean(median(times) for times in zip(*(each.all for each in rounds), strict=True))
    return Timing(name, first, every, len(rounds))


class Result(Struct, frozen=True):
    """What came of one set of rules: how many held for a message in the mean, and who took how long; Baton is first."""

    rules: int
    matches: float
    timings: tuple[Timing, ...]

    def of(self, name: str) -> Timing:
        """Return somebody's figures."""
        return next(each for each in self.timings if each.name == name)

    @property
    def peers(self) -> tuple[Timing, ...]:
        """Those that are not ours."""
        return tuple(each for each in self.timings if each.name not in OURS)


def measured(rules: Sequence[Rule], peers: Sequence[type[Peer]], seconds: float, rounds: int) -> Result:
    """Measure one set of rules."""
    with made_to_stay():
        conditions = catalogue.conditions(rules)
        loop = Loop(conditions)
        contenders: list[Contender] = [Indexed(conditions), loop, Lambdas(rules), *(each(rules) for each in peers)]
    crowd = Crowd(catalogue.messages(MESSAGES), loop)
    return Result(len(rules), crowd.matches, tuple(contest(crowd, contenders, seconds, rounds)))


def show(what: str, result: Result) -> None:
    """Print the figures of one set of rules."""
    share = result.matches / result.rules
    tell(
        f"{result.rules:,} conditions{what}, {result.matches:.1f} of them ({share:.1%}) hold for a message in the mean:"
    )
    head = ("", "first µs", "all µs", "first / Baton", "all / Baton", "rounds")
    table(head, [_shown(each, result.timings[0]) for each in result.timings])
    tell()


def _shown(each: Timing, baton: Timing) -> tuple[str, ...]:
    ratios = (f"{each.first / baton.first:,.1f}", f"{each.all / baton.all:,.1f}")
    return (each.name, f"{each.first:,.1f}", f"{each.all:,.1f}", *ratios, str(each.rounds))


def sized(asked: argparse.Namespace, peers: Sequence[type[Peer]]) -> list[Result]:
    """Measure sets of every size."""
    results = []
    for size in asked.sizes:
        results.append(measured(catalogue.rules(size), peers, asked.seconds, asked.rounds))
        show("", results[-1])
    return results


def without_patterns(asked: argparse.Namespace, peers: Sequence[type[Peer]]) -> Result:
    """Measure the largest set without those that hold patterns, which some compile again for every message."""
    rules = [rule for rule in catalogue.rules(max(asked.sizes)) if not any(isinstance(test, Fits) for test in rule)]
    result = measured(rules, peers, asked.seconds, asked.rounds)
    show(" without patterns", result)
    return result


def judge(result: Result) -> None:
    """Tell how a set went beside what was wanted."""
    baton = result.timings[0]
    tell(f"With {result.rules:,} conditions all are found in {baton.all:.0f} µs and the first in {baton.first:.0f} µs")
    tell(f"(targets: {TARGET_ALL_US} and {TARGET_FIRST_US}); a plain loop takes {_times(result, Loop.name)} as long,")
    tell(f"compiled lambdas {_times(result, Lambdas.name)} (target: {TARGET_LAMBDAS}).")
    if result.peers:
        fastest = min(result.peers, key=lambda each: each.all)
        tell(f"The fastest peer, {fastest.name}, takes {_times(result, fastest.name)} as long (target: {TARGET_PEER}).")


def _times(result: Result, name: str) -> str:
    baton, other = result.timings[0], result.of(name)
    return f"{other.all / baton.all:.0f} times (first: {other.first / baton.first:.0f})"


def grown(before: Result, after: Result) -> None:
    """Tell whether the time grew by more than what there is to find."""
    slower, more = after.timings[0].all / before.timings[0].all, after.matches / max(before.matches, 1)
    tell(
        f"From {before.rules:,} to {after.rules:,} conditions the time grows {slower:.1f} times, what holds {more:.1f}."
    )


def wordless(asked: argparse.Namespace) -> None:
    """Measure conditions in which nothing can be looked for: there the index may cost no more than the plain loop."""
    result = measured(catalogue.wordless_rules(max(asked.sizes)), (), asked.seconds, asked.rounds)
    show(" of attributes and negations alone", result)
    baton, loop = result.timings[0], result.of(Loop.name)
    ratios = f"{baton.first / loop.first:.2f} times as long for the first and {baton.all / loop.all:.2f} for all"
    tell(f"There Baton takes {ratios} as a plain loop (target: {TARGET_WORDLESS} or less).\n")


def installed() -> list[type[Peer]]:
    """Find the peers that are there; tell how to get the others."""
    found = []
    for each in PEERS:
        try:
            each(())
        except NotInstalledError as missing:
            tell(str(missing))
        else:
            found.append(each)
    return found


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    peers = installed()
    tell(f"{MESSAGES} messages a round, each round after {WARM_S:g} s that are not measured; medians of the rounds.")
    tell("panzi-json-logic has no patterns, and was given an operation for them.\n")
    wordless(asked)
    results = sized(asked, peers)
    plain = without_patterns(asked, peers)
    judge(results[-1])
    judge(plain)
    for before, after in pairwise(results[-2:]):
        grown(before, after)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.conditions", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many conditions")
    parser.add_argument(
        "--rounds", type=int, default=15, help="how often everybody is asked about every message, at most"
    )
    parser.add_argument(
        "--seconds", type=float, default=4, help="after how long somebody is asked no more, for each set"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
