"""How long does a condition take for the worst message a contact can send, and does that grow with its length alone?

`python -m tests.benchmarks.hostile`. Every operator and function that reads text is asked about messages of the most
characters that rules see and about four times as many; the longer one should take about four times as long, and ten
times would be too long. Then the heaviest patterns that are allowed are held against the longest message. The times
are of the processor, so that other programs do not count.
"""

import argparse
import random
import sys
from bisect import bisect
from collections.abc import Iterator, Sequence
from statistics import median
from time import thread_time

from engine.facts import TEXT_SEEN
from rules.conditions import Compiled, Type, check, compiled
from rules.conditions.likeness import MOST_WORDS
from rules.conditions.patterns import MOST_STEPS, steps
from rules.source import Mistakes
from tests.benchmarks.figures import table, tell

TIMES_LONGER = 4
MOST_GROWTH = 10
MOST_PATTERN_MS = 5
WIDEST = 50  # characters of a condition in the table
TAGS = tuple(f"tag{at}" for at in range(100))
SCOPE = {"text": Type.TEXT, "tags": Type.LIST}
LONG_PHRASE = " ".join(f"word{chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(MOST_WORDS))
CONDITIONS = (
    *('text = "abc"', 'text in ("abc", "abd")', 'text has "abc abc"', 'text has any ("abc abd", "b c d")'),
    *('text contains "aaaaaaaaab"', 'text starts with "abc"', 'text ends with "abc"', f'text like "{LONG_PHRASE}"'),
    *('text like "多少钱 cake"', 'text matches "(a+)+$"', 'text matches "(?P<x>.*)b(?P<y>.*)c" and match.x = match.y'),
    *("words(text) has any words(text)", 'text has any words("a b c")', "text has any tags", "text like any tags"),
    *("number(text) = 1", "length(lower(text)) = length(upper(text))", "count(text) = 3", 'count(text, "a a") = 3'),
    *("first(text) = last(text)", "date(text) = 2026-01-01", "moment(text) > time(text)", "text is empty"),
)
ALPHABETS = (
    "a",
    "ab",
    "a ",
    "ab ",
    "abcdefghij 0123456789",
    "é",
    "áa ",
    "世界",
    "ก ข",
    "😀",
    "😀 a",
    "\u0301a",
    "\u200b",
    "ﷺ",
)
ATOMS = (
    *(
        "[ab]*a[ab]{%d}c",
        "(a|b)*a(a|b){%d}c",
        "a{%d}z",
        "a.{%d}c",
        "(([a😀])((.){%d}))!",
        "😀[😀😂]{%d}!",
        r"\p{L}.{%d}!",
    ),
    *("(?:[ab]+a){%d}!", "(?:a?){%d}a{9}z", r"(?:\p{Han}|\p{Cyrillic}|\p{So}){%d}!", r"(?:\p{L}|[ab])[ab]{%d}!"),
)
PATTERN_ALPHABETS = ("a", "ab", "世界多少钱", "😀😂", "aá世😀")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repetitions", type=int, default=7, help="messages of each kind; the median counts")
    parser.add_argument("--characters", type=int, default=TEXT_SEEN, help="of a message")
    asked = parser.parse_args(arguments)
    chance = random.Random(7)  # noqa: S311 - the same messages every time
    tell(f"The worst message of {asked.characters:,} and {asked.characters * TIMES_LONGER:,} characters, ms")
    grown = list(_growth(asked, chance))
    table(("condition", "short", "long", "growth"), [(_cut(text), *map(_two, times)) for text, times in grown])
    tell(f"\nThe heaviest patterns allowed ({MOST_STEPS} steps), {asked.characters:,} characters, ms")
    heaviest = [(source, steps(source), _worst(source, asked, chance)) for source in _patterns()]
    table(("pattern", "steps", "worst"), [(source, str(count), _two(ms)) for source, count, ms in heaviest])
    most_grown, slowest = max(times[2] for _, times in grown), max(ms for _, _, ms in heaviest)
    tell(f"\nLargest growth {most_grown:.1f}, {MOST_GROWTH} at most")
    tell(f"Slowest pattern {slowest:.1f} ms, {MOST_PATTERN_MS} at most")
    return 0


def _growth(asked: argparse.Namespace, chance: random.Random) -> Iterator[tuple[str, tuple[float, ...]]]:
    """For each condition, find the alphabet with the slowest long messages, and how much longer they take."""
    sizes = (asked.characters, asked.characters * TIMES_LONGER)
    for text in CONDITIONS:
        condition = compiled(check(text, SCOPE))
        pairs = [[_median(condition, each, size, asked, chance) for size in sizes] for each in ALPHABETS]
        short, long = max(pairs, key=lambda pair: pair[1])
        yield text, (short, long, long / short)


def _patterns() -> Iterator[str]:
    """Repeat each as often as the limit allows."""
    for each in ATOMS:
        written_out = [each % times for times in range(1, MOST_STEPS)]
        yield written_out[bisect(written_out, 0, key=_is_refused) - 1]


def _is_refused(source: str) -> bool:
    try:
        check(f'text matches "{source}"', SCOPE)
    except Mistakes:
        return True
    return False


def _worst(source: str, asked: argparse.Namespace, chance: random.Random) -> float:
    condition = compiled(check(f'text matches "{source}"', SCOPE))
    return max(_median(condition, each, asked.characters, asked, chance) for each in PATTERN_ALPHABETS)


def _median(
    condition: Compiled, alphabet: str, characters: int, asked: argparse.Namespace, chance: random.Random
) -> float:
    """Time a condition with messages it has never seen, in milliseconds."""
    messages = ["".join(chance.choices(alphabet, k=characters)) for _ in range(asked.repetitions)]
    return median(_milliseconds(condition, each) for each in messages)


def _milliseconds(condition: Compiled, text: str) -> float:
    begun = thread_time()
    condition.value({"text": text, "tags": TAGS})
    return (thread_time() - begun) * 1_000


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _two(value: float) -> str:
    return f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
