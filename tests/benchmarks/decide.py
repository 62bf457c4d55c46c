"""How long does the engine think about what happens in a chat that is inside a flow?

`python -m tests.benchmarks.decide`. The flow is one that an author would write. It is measured with texts that say the
contact's values, and once more with texts that say the same to everybody: the difference is what rendering costs.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from msgspec import Struct

from engine.chat import Chat, Contact
from engine.content import Text
from engine.decide import decide
from engine.events import ChatEvent, EchoReceived, MessageReceived, TimerFired
from engine.identity import Ids
from engine.marks import run_mark
from engine.ruleset import Ruleset
from flows.compile import ruleset
from flows.load import load_files
from tests.benchmarks import shop
from tests.benchmarks.figures import table, tell

TARGET_US = 60
NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LATER = timedelta(seconds=20)
ANA = Ids(phones=("5511987650001",), bsuids=("BR.10000000000000000001",))
FLOW = """\
flow: order
start:
  - when: text has any ("order", "pedido")
steps:
  - choose: "What would you like, {name}?"
    save: item
    options:
      Birthday cake: {id: cake}
      Cheese bread: {id: bread}
  - ask: "How many, {name}?"
    save: qty
    expect: number
    where: qty between 1 and 500
    sorry: "A number from 1 to 500 please, {name}."
    no_reply:
      after: 30m
      steps:
        - send: "Are you still there, {name}?"
  - ask: "For which day, {name}?"
    save: day
    expect: date
  - if: qty >= 50
    then:
      - tag: [wholesale]
  - send: "Thank you, {name}: {what}."
  - report: LeadSubmitted
  - wait: 20h
  - send: "Was everything fine, {name}?"
"""
SPOKEN = {"name": "{{ contact.first_name }}", "what": "{{ qty }} × {{ item }}, {{ day | date }}"}
FIXED = {"name": "Ana", "what": "it is noted"}
MARKS = {ord("0"): ".", ord("1"): "!"}


class Situation(Struct, frozen=True):
    """A chat, and what happens in it: many events of a kind, no two of the same text, and what the trace says then."""

    name: str
    chat: Chat
    events: tuple[ChatEvent, ...]
    comes_to: str

    def check(self, flows: Ruleset) -> None:
        """See that every event leads to what is measured."""
        for event in self.events:
            why = str(decide(self.chat, event, flows, NOON + LATER).trace)
            assert self.comes_to in why, f"{self.name}: {why}"


def rules(words: dict[str, str]) -> Ruleset:
    """Read and compile the flow, with these words in its texts."""
    flow = FLOW
    for name, said in words.items():
        flow = flow.replace(f"{{{name}}}", said)
    loaded = load_files({"business.yaml": shop.business(1), "flow.yaml": flow})
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


def situations(flows: Ruleset, numbers: range) -> Iterator[Situation]:
    """Go through the flow, and stop wherever something may happen."""
    new = Chat(number=next(iter(flows.business.numbers)), contact=Contact(id="ana", ids=ANA, name="Ana Souza"))
    start = written(f"order please {each}" for each in numbers)
    yield Situation("a message starts the flow", new, start, "starts `order`")
    choosing = after(new, start[0], flows)
    option = written(f"Cheese bread {each:b}".translate(MARKS) for each in numbers)
    yield Situation("an option is chosen", choosing, option, "`choose` takes the answer")
    counting = after(choosing, option[0], flows)
    lots = written(f"lots {each}" for each in numbers)
    yield Situation("the answer does not fit", counting, lots, "`ask` does not take it")
    yield Situation("no reply came", counting, fired("no_reply", counting, len(numbers)), "no reply came")
    reply = echoed(f"I'll take this one {each}" for each in numbers)
    yield Situation("the owner replies", counting, reply, "the owner")
    number = written(f"{1 + each % 400}.{each}" for each in numbers)
    yield Situation("a number is given", counting, number, "`ask` takes the answer")
    dating = after(counting, number[0], flows)
    day = written(f"{2026 + each}-{1 + each % 12:02}-{1 + each % 28:02}" for each in numbers)
    yield Situation("a day is given, 5 steps follow", dating, day, "`wait`")
    waiting = after(dating, day[0], flows)
    yield Situation("a wait is over", waiting, fired("wait", waiting, len(numbers)), "the run ends")


def written(texts: Iterator[str]) -> tuple[ChatEvent, ...]:
    """Let the contact write."""
    return tuple(
        MessageReceived(id=f"wamid.{place}", at=NOON, arrived_at=NOON, content=Text(text), ids=ANA, name="Ana Souza")
        for place, text in enumerate(texts)
    )


def echoed(texts: Iterator[str]) -> tuple[ChatEvent, ...]:
    """Let the owner write."""
    return tuple(
        EchoReceived(id=f"wamid.{place}", at=NOON, arrived_at=NOON, content=Text(text), ids=ANA)
        for place, text in enumerate(texts)
    )


def fired(name: str, chat: Chat, count: int) -> tuple[ChatEvent, ...]:
    """Let a timer of the run fire."""
    waits = chat.run.waits if chat.run else 0
    return tuple(
        TimerFired(id=f"timer.{each}", at=NOON, arrived_at=NOON, name=name, run=run_mark(chat), wait=waits)
        for each in range(count)
    )


def after(chat: Chat, event: ChatEvent, flows: Ruleset) -> Chat:
    """Return the chat as it is after an event."""
    return decide(chat, event, flows, NOON + LATER).chat


def microseconds(situation: Situation, flows: Ruleset) -> float:
    """Decide every event once; returns how long one takes."""
    now, chat = NOON + LATER, situation.chat
    begun = time.perf_counter()
    for event in situation.events:
        decide(chat, event, flows, now)
    return 1e6 * (time.perf_counter() - begun) / len(situation.events)


class Figures(Struct, frozen=True):
    """Microseconds for one decision: with fixed texts, the least of these, and what rendering adds."""

    name: str
    middle: float
    least: float
    rendering: float


def figures(repetitions: int, count: int) -> Iterator[Figures]:
    """Measure each situation."""
    spoken, fixed = rules(SPOKEN), rules(FIXED)
    plain, full = range(count), range(count, 2 * count)
    pairs = list(zip(situations(fixed, plain), situations(spoken, full), strict=True))
    for short, long in pairs:
        short.check(fixed)
        long.check(spoken)
    runs: dict[str, list[tuple[float, float]]] = {short.name: [] for short, _ in pairs}
    for _ in range(repetitions):
        for short, long in pairs:
            runs[short.name].append((microseconds(short, fixed), microseconds(long, spoken)))
    for name, found in runs.items():
        without, with_ = ([each[which] for each in found] for which in (0, 1))
        yield Figures(name, median(without), min(without), median(with_) - median(without))


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    found = list(figures(asked.repetitions, asked.events))
    tell(f"A decision in microseconds, medians of {asked.repetitions} times {asked.events} events:")
    rows = [(each.name, f"{each.middle:.1f}", f"{each.least:.1f}", f"{each.rendering:.1f}") for each in found]
    table(("", "decide", "at least", "and texts rendered"), rows)
    slowest = max(found, key=lambda each: each.middle)
    tell(f"The slowest takes {slowest.middle:.0f} µs without rendering (target: under {TARGET_US} µs).")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.decide", description=__doc__)
    parser.add_argument("--events", type=int, default=500, help="events in one repetition")
    parser.add_argument("--repetitions", type=int, default=11, help="how often each situation is measured")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
