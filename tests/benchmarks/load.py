"""How long does a large business take to load, and how much memory?

`python -m tests.benchmarks.load`. Each measurement has a process of its own, and begins when that has imported what it
needs. There is no peer: nothing else reads these files.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import msgspec

from adapters.store import Version
from flows.compile import pack, version_of
from flows.load import load
from tests.benchmarks import catalogue, shop, stage
from tests.benchmarks.figures import table, tell
from tests.benchmarks.loader import Loaded

TARGETS = {"cold": "5 s", "published": "0.5 s", "check": "3 s"}
TARGET_MIB = 150
FLOWS_IN_FILE = 100
EXAMPLE = stage.TOP / "examples" / "bakery"
FLOW = """\
flow: flow_{place}
start:
  - when: {condition}
steps:
  - send: "Answer {place}, {{{{ contact.name }}}}."
"""
COUNTING = """\
flow: counting
steps:
  - set: {contact.orders: 1}
"""


def write_large(folder: Path, conditions: int) -> None:
    """Write a business in which every condition starts a flow of its own."""
    flows = [COUNTING, *(_flow(place, rule) for place, rule in enumerate(catalogue.rules(conditions)))]
    (folder / "business.yaml").write_text(shop.business(1), "utf-8")
    for first in range(0, len(flows), FLOWS_IN_FILE):
        text = "---\n".join(flows[first : first + FLOWS_IN_FILE])
        (folder / f"flows-{first:05}.yaml").write_text(text, "utf-8")


def _flow(place: int, rule: catalogue.Rule) -> str:
    return FLOW.format(place=place, condition=catalogue.written(rule))


def write_long(folder: Path, lines: int) -> int:
    """Write the example's flows again and again under other names, until there are so many lines; returns how many."""
    files = {path.relative_to(EXAMPLE).as_posix(): path.read_text("utf-8") for path in EXAMPLE.rglob("*.yaml")}
    flows = {name: text for name, text in files.items() if name.startswith("flows/")}
    count = 0
    while sum(len(text.splitlines()) for text in files.values()) < lines:
        count += 1
        files |= {f"copy-{count}/{name}": _renamed(text, f"_{count}") for name, text in flows.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sum(len(text.splitlines()) for text in files.values())


def _renamed(text: str, mark: str) -> str:
    """Give the flows of a file other names, and the conditions that start them other words."""
    named = re.sub(r"\b(flow|goto): (\w+)", rf"\1: \2{mark}", text)
    return re.sub(r"(?m)^  - when: .*", lambda line: re.sub(r'(\w)"', rf'\1{mark}"', line.group()), named)


def publish(folder: Path, packed: Path) -> None:
    """Keep what the store would keep of a folder."""
    found = load(folder).folder
    assert found is not None
    files = msgspec.msgpack.encode(found.files)
    version = Version(id=version_of(found.files), files=files, typed=pack(found), published_at_ms=0, by="me")
    packed.write_bytes(msgspec.msgpack.encode(version))


def alone(way: str, path: Path) -> Loaded:
    """Measure in a new process."""
    with stage.python("-m", "tests.benchmarks.loader", way, str(path)) as process:
        said = process.communicate(timeout=stage.PATIENCE_S)[0]
        assert process.returncode == 0, f"Loading ended with {process.returncode}"
        return msgspec.json.decode(said, type=Loaded)


def interleaved(paths: dict[str, Path], repetitions: int) -> Iterator[tuple[str, list[Loaded]]]:
    """Measure every way as often, in turn, since the machine is not always as fast."""
    runs: dict[str, list[Loaded]] = {way: [] for way in paths}
    for _ in range(repetitions):
        for way, path in paths.items():
            runs[way].append(alone(way, path))
    yield from runs.items()


def _shown(name: str, way: str, runs: Sequence[Loaded]) -> tuple[str, ...]:
    times = [f"{median(getattr(each, which) for each in runs):.2f}" for which in ("seconds", "answered")]
    spread = f"{min(each.answered for each in runs):.2f}-{max(each.answered for each in runs):.2f}"
    sizes = [f"{median(getattr(each, which) for each in runs):.0f}" for which in ("grown", "peak")]
    return (name, *times, spread, f"under {TARGETS[way]}", *sizes)


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="measured-load-") as name:
        large, long, packed = Path(name, "large"), Path(name, "long"), Path(name, "packed")
        large.mkdir()
        write_large(large, asked.conditions)
        lines = write_long(long, asked.lines)
        publish(large, packed)
        found = list(interleaved({"cold": large, "published": packed, "check": long}, asked.repetitions))
    names = {
        "cold": f"{asked.conditions:,} conditions from YAML",
        "published": f"{asked.conditions:,} conditions, published",
        "check": f"`baton check` of {lines:,} lines",
    }
    tell(f"In a process that did nothing before, medians of {asked.repetitions} processes:")
    head = ("", "loaded s", "first answer s", "least-most", "target", "grown MiB", "at most MiB")
    table(head, [_shown(names[way], way, runs) for way, runs in found])
    tell(f"The target for memory is under {TARGET_MIB} MiB.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load", description=__doc__)
    parser.add_argument("--conditions", type=int, default=10_000, help="conditions, each of a flow of its own")
    parser.add_argument("--lines", type=int, default=5_000, help="lines of the folder that is checked")
    parser.add_argument("--repetitions", type=int, default=5, help="how often each is measured")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
