"""How long does it take to find an answer among 5,000 questions, and how often is it the right one?

`python -m tests.benchmarks.faq`. Time is measured with questions that are put together of the parts in
`faq/templates.toml`; what is right is told by messages with their answers, in `faq/*.csv`, to the guesthouse of
`faq/guesthouse.yaml`. The matcher's constants and word lists were chosen by the messages of `tune.csv` alone;
`held_out.csv` was written before that, and says how well it holds. Beside Baton stands what many take for this: the
best `token_set_ratio` of RapidFuzz over all questions.
"""

import argparse
import csv
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice, product
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from rapidfuzz import fuzz, process

from flows.faq import FaqDocument, questions_of
from flows.load import load_files
from rules.questions import MOST_MATTER, MOST_WORDS, Match, Question, Questions
from rules.spelling import LONG
from rules.stems import stem
from rules.words import fold
from tests.benchmarks.figures import percentile, table, tell

FOLDER = Path(__file__).parent / "faq"
HALVES = {"tune": "the half it was tuned on", "held_out": "the half held out"}
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
DEFAULT = 0.8
SYLLABLES = ("bar", "cor", "den", "fol", "gan", "hul", "jar", "lem", "mon", "nas", "pri", "quel", "ros", "stim", "vel")
PLACES = 200
TARGET_MS = 2
BUSINESS = """business: Guesthouse
timezone: America/Sao_Paulo
language: pt_BR
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
"""

Find = Callable[[str], Match | None]


class Labelled(Struct, frozen=True):
    """A message as somebody types it, and the id of the answer it should find: empty for none."""

    message: str
    answer: str


class Counted(Struct, frozen=True):
    """How many messages found the right answer, how many a wrong one, and how many had an answer to find."""

    right: int
    wrong: int
    to_find: int

    @property
    def precision(self) -> float:
        """How many of the answers given were right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """How many of the answers to be found were found."""
        return self.right / max(1, self.to_find)


def template_questions() -> list[Question]:
    """Put 5,000 questions together: each answer has one question in each of five languages."""
    languages = tomllib.loads((FOLDER / "templates.toml").read_text(encoding="utf-8")).values()
    things = product(range(40), range(20))
    asked = [
        Question(f"thing {at}.{pattern}", each["patterns"][pattern].format(each["things"][at]))
        for (at, pattern), each in product(things, languages)
    ]
    return asked + [
        Question(f"place {name}", each["place"].format(name)) for name, each in product(place_names(), languages)
    ]


def place_names() -> Iterator[str]:
    """Make names up."""
    return islice(("".join(each).title() for each in product(SYLLABLES, SYLLABLES[::-1], ("", "ado"))), PLACES)


def misspelt(phrase: str) -> str:
    """Let two neighbours in the longest word change places, as hurried fingers do."""
    word = max(phrase.split(), key=len)
    middle = len(word) // 2
    return phrase.replace(word, word[:middle] + word[middle + 1] + word[middle] + word[middle + 2 :])


def hostile(questions: Sequence[Question]) -> list[str]:
    """Make the messages that cost most: as long as messages get, and as many words as are looked at."""
    words = Counter(word for each in questions for word in each.phrase.strip("¿?").split())
    frequent = [word for word, _ in words.most_common()]
    return [
        " ".join(frequent)[:4096],
        "me da " * 682,
        "abcdefgh" * 512,
        "me da " * (MOST_WORDS // 2),
        " ".join(frequent[:MOST_MATTER]),
        " ".join(misspelt(word) for word in [each for each in frequent if len(each) > LONG][:MOST_MATTER]),
    ]


def guesthouse() -> FaqDocument:
    """Load the FAQ of the guesthouse the way a business's is loaded."""
    text = (FOLDER / "guesthouse.yaml").read_text(encoding="utf-8")
    loaded = load_files({"business.yaml": BUSINESS, "faq.yaml": text})
    if loaded.folder is None:
        raise ValueError(loaded.problems)
    return loaded.folder.faqs[0]


def labelled(half: str) -> list[Labelled]:
    """Read one half of the labelled messages."""
    with (FOLDER / f"{half}.csv").open(encoding="utf-8", newline="") as file:
        return [Labelled(row["message"], answer_of(row["answer"])) for row in csv.DictReader(file)]


def answer_of(label: str) -> str:
    """Name an answer as the guesthouse's questions do."""
    return f"faq.guesthouse.{label}" if label else ""


def by_ratio(questions: Sequence[Question]) -> Find:
    """Make the peer: the question with the highest `token_set_ratio`, all compared in turn."""
    phrases = [fold(each.phrase) for each in questions]

    def find(text: str) -> Match | None:
        _, ratio, at = process.extractOne(fold(text), phrases, scorer=fuzz.token_set_ratio)
        return Match(questions[at].answer, questions[at].phrase, ratio / 100, "")

    return find


def count(messages: Sequence[Labelled], found: Sequence[Match | None]) -> Counted:
    """Compare what was found with what should be."""
    given = [(each, match) for each, match in zip(messages, found, strict=True) if match]
    right = sum(match.answer == each.answer for each, match in given)
    return Counted(right, len(given) - right, sum(bool(each.answer) for each in messages))


def timed(find: Find, messages: Sequence[str], repetitions: int) -> list[float]:
    """Look messages up in turn, and return the milliseconds of CPU of each call; nothing is remembered."""
    taken = []
    for _ in range(repetitions):
        fold.cache_clear()
        stem.cache_clear()
        for each in messages:
            began = time.process_time()
            find(each)
            taken.append(1000 * (time.process_time() - began))
    return taken


def show_times(asked: argparse.Namespace) -> None:
    """Measure how long building and looking up take."""
    questions = template_questions()
    began = time.process_time()
    built = Questions(questions, ("pt", "es", "en", "id", "hi"))
    seconds = time.process_time() - began
    tell(f"{len(questions):,} questions with {len({each.answer for each in questions}):,} answers in 5 languages")
    tell(f"are ready after {seconds:.2f} s of CPU.\n")
    phrases = [each.phrase for each in questions][:: max(1, len(questions) // asked.messages)]
    strangers = [each.message for half in HALVES for each in labelled(half) if not each.answer]
    kinds = {
        "exact": phrases,
        "misspelt": [misspelt(each) for each in phrases],
        "no match": strangers[: asked.messages],
    }
    kinds["hostile"] = hostile(questions)
    peer = by_ratio(questions)
    rows = []
    for kind, messages in kinds.items():
        ours = timed(built.best, messages, asked.repetitions)
        theirs = timed(peer, messages[: asked.peer], 1)
        found = sum(built.best(each) is not None for each in messages)
        rows.append((kind, str(len(messages)), str(found), *_middle(ours), *_middle(theirs)))
    head = ("CPU ms for a message", "messages", "found", "Baton p50", "p99", "ratio p50", "p99")
    table(head, rows)
    tell(f"Target: at most {TARGET_MS} ms.\n")


def show_accuracy(half: str) -> None:
    """Print precision and recall at several thresholds."""
    messages, faq = labelled(half), guesthouse()
    strangers = sum(not each.answer for each in messages)
    tell(f"{HALVES[half].capitalize()}: {len(messages)} messages, of which {strangers} have no answer")
    ratio = by_ratio(asked_in(faq))
    nearest = [ratio(each.message) for each in messages]
    rows = []
    for threshold in THRESHOLDS:
        questions = questions_of([replace(faq, threshold=Decimal(str(threshold)))], ("pt_BR",))
        ours = count(messages, [questions.best(each.message) for each in messages])
        theirs = count(messages, [each if each is not None and each.score >= threshold else None for each in nearest])
        rows.append((f"{threshold:.2f}{' *' if threshold == DEFAULT else ''}", *_figures(ours), *_figures(theirs)))
    table(("threshold", "precision", "recall", "wrong", "ratio: precision", "recall", "wrong"), rows)
    tell()


def asked_in(faq: FaqDocument) -> list[Question]:
    """List the questions of a document."""
    return [Question(name, each.text) for name, each in faq.phrases()]


def _figures(counted: Counted) -> tuple[str, str, str]:
    return f"{counted.precision:.3f}", f"{counted.recall:.3f}", str(counted.wrong)


def _middle(taken: Sequence[float]) -> tuple[str, str]:
    return f"{percentile(taken, 0.5):.4f}", f"{percentile(taken, 0.99):.4f}"


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    show_times(asked)
    for half in HALVES:
        show_accuracy(half)
    tell("* the default")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.faq", description=__doc__)
    parser.add_argument("--messages", type=int, default=500, help="messages of each kind")
    parser.add_argument("--repetitions", type=int, default=5, help="how often each is looked up")
    parser.add_argument("--peer", type=int, default=50, help="messages of each kind that the peer looks up")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
