"""What does loading cost in a process that did nothing before?

`python -m tests.benchmarks.loader WAY PATH`; it prints a `Loaded` as JSON. WAY is `cold` for an author's folder, from
its text to the first answer, `published` for a version as the store gives it, to the first answer as well, or
`check` for what `baton check` does with a folder.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from adapters.folders import checked
from adapters.live import ready
from adapters.store import Version
from engine.chat import Chat, Contact
from engine.content import Text
from engine.decide import decide
from engine.effects import Send
from engine.events import MessageReceived
from engine.identity import Ids
from engine.ruleset import Ruleset

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
IDS = Ids(phones=("5511987650001",))
UNEXPECTED = "Nothing that anybody waits for"


class Loaded(Struct, frozen=True):
    """Seconds until the rules were there and until they had answered, and how the process grew, in MiB."""

    seconds: float
    answered: float
    grown: float
    peak: float


def measured(way: str, path: Path) -> Loaded:
    """Load, and let somebody write for whom there is no rule: then every one of them has been looked at."""
    before, begun = memory("VmRSS"), time.perf_counter()
    rules = load(way, path)
    loaded_at = time.perf_counter()
    if way != "check":
        answer(rules)
    answered_at = time.perf_counter()
    grown, peak = memory("VmRSS") - before, memory("VmHWM") - before
    return Loaded(loaded_at - begun, answered_at - begun, grown, peak)


def load(way: str, path: Path) -> Ruleset:
    """Load the way the product does."""
    if way == "published":
        return ready(msgspec.msgpack.decode(path.read_bytes(), type=Version))
    found = checked(path)
    assert found.ruleset is not None, found.problems
    return found.ruleset


def answer(rules: Ruleset) -> None:
    """Decide a first message."""
    chat = Chat(number=next(iter(rules.business.numbers)), contact=Contact(id="ana", ids=IDS))
    event = MessageReceived(id="wamid.1", at=NOON, arrived_at=NOON, content=Text(UNEXPECTED), ids=IDS)
    effects = decide(chat, event, rules, NOON).effects
    assert [type(effect) for effect in effects] == [Send], effects


def memory(name: str) -> float:
    """Return what the kernel says of this process's memory, in MiB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(measured(sys.argv[1], Path(sys.argv[2]))).decode())
