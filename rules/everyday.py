"""What of a text is its matter, and what is only how people talk?

`everyday.csv` lists for a few languages the words that say nothing about what is asked: greetings and thanks
(`polite`), articles, pronouns, `do`, `can`, `have` and the like (`little`), words that deny (`no`), and what people
shorten on a phone (`short`). A text is read in the languages of most of its words. A language without a list loses
nothing but this: its words count by how rare they are.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path

from msgspec import Struct

from rules.words import is_spaceless, words

FILE = Path(__file__).with_name("everyday.csv")
POLITE, LITTLE, NO, SHORT = "polite", "little", "no", "short"
FIRST_OF = (NO, POLITE, LITTLE, SHORT)
"""Which kind an entry is taken for when the languages of a text disagree."""

DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")  # as in `hellooo`
BETWEEN_DIGIT_AND_LETTER = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")  # as in `24h`


class Entry(Struct, frozen=True):
    """One or several words that are often said, of which kind they are, and what a shortened one means."""

    said: tuple[str, ...]
    kind: str
    meant: tuple[str, ...] = ()


class Reading(Struct, frozen=True):
    """A text taken apart.

    `matter` are the words that carry what it is about, each once; `core` are all words but the polite ones, with
    what is shortened written out; `denies` tells whether it says no; `languages` are those it may be written in.
    """

    matter: tuple[str, ...]
    core: tuple[str, ...]
    denies: bool
    languages: tuple[str, ...]


def pieces(said: Iterable[str]) -> tuple[str, ...]:
    """Take the words of a text apart: what is drawn out is shortened, and digits stand apart from letters."""
    return tuple(piece for word in said for piece in _pieces(word))


def tongue(language: str) -> str:
    """Name the language without its country: `pt_BR` is `pt`."""
    return language.replace("-", "_").split("_", 1)[0].lower()


class Everyday:
    """What people say every day in some languages."""

    def __init__(self, languages: Iterable[str]) -> None:
        """Take the languages of a business."""
        self.languages = tuple(dict.fromkeys(map(tongue, languages)))
        self._lists = {each: _list(each) for each in self.languages}
        self._spoken: dict[str, tuple[str, ...]] = {}
        for language, entries in self._lists.items():
            for word in {word for said in entries.entries for word in said}:
                self._spoken[word] = (*self._spoken.get(word, ()), language)

    def has(self, word: str) -> bool:
        """Tell whether a word stands in any of the lists by itself."""
        return any((word,) in each.entries for each in self._lists.values())

    def read(self, said: Sequence[str], known: Mapping[str, Collection[str]]) -> Reading:
        """Take the pieces of a text apart; `known` are words of which the languages are known already."""
        languages = self._languages(said, known)
        parts = list(self._parts(said, languages))
        denials = [at for at, each in enumerate(parts) if each.kind == NO]
        return Reading(
            matter=tuple(dict.fromkeys(_paired(self._matter(parts, languages)))),
            core=tuple(word for each in parts if each.kind != POLITE for word in each.meant or each.said),
            denies=any(not _only_asks(parts, at) for at in denials),
            languages=languages,
        )

    def _languages(self, said: Sequence[str], known: Mapping[str, Collection[str]]) -> tuple[str, ...]:
        """Find the languages to which most of the words belong: all of them if none stands out."""
        votes = Counter(each for word in said for each in (*self._spoken.get(word, ()), *known.get(word, ())))
        most = max(votes.values(), default=0)
        return tuple(each for each in self.languages if votes[each] == most)

    def _parts(self, said: Sequence[str], languages: Sequence[str]) -> Iterator[Entry]:
        """Go through a text by its longest everyday phrases; a word that is none has no kind."""
        lists, at = [self._lists[each] for each in languages], 0
        while at < len(said):
            found = [entry for each in lists if (entry := each.at(said, at))]
            part = min(found, key=_preference) if found else _plain(said[at])
            yield part
            at += len(part.said)

    def _matter(self, parts: Iterable[Entry], languages: Sequence[str]) -> Iterator[str]:
        for part in parts:
            if not part.kind:
                yield from part.said
            elif part.kind == SHORT:
                yield from (word for each in self._parts(part.meant, languages) if not each.kind for word in each.said)


class _List:
    """The entries of one language; the first of several with the same words counts."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: dict[tuple[str, ...], Entry] = {}
        lengths: dict[str, set[int]] = {}
        for each in entries:
            self.entries.setdefault(each.said, each)
            lengths.setdefault(each.said[0], set()).add(len(each.said))
        self._lengths = {word: sorted(each, reverse=True) for word, each in lengths.items()}

    def at(self, said: Sequence[str], place: int) -> Entry | None:
        """Find the longest entry that begins at a place."""
        for length in self._lengths.get(said[place], ()):
            found = self.entries.get(tuple(said[place : place + length]))
            if found:
                return found
        return None


@cache
def _list(language: str) -> _List:
    return _List(entry for row in _rows() if row["language"] == language for entry in _entries(row))


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _entries(row: Mapping[str, str]) -> Iterator[Entry]:
    for each in row["entries"].split(";"):
        said, _, meant = each.partition("=")
        yield Entry(pieces(words(said)), row["kind"], pieces(words(meant)))


def _preference(entry: Entry) -> tuple[int, int]:
    return -len(entry.said), FIRST_OF.index(entry.kind)


def _plain(word: str) -> Entry:
    """Take a word that is in no list; a picture is a matter of manners."""
    return Entry((word,), POLITE if unicodedata.category(word[0]) == "So" else "")


def _only_asks(parts: Sequence[Entry], at: int) -> bool:
    """Tell whether a no at the end only asks, as in `tem wifi, não?`, `ada wifi gak kak` or `hai ya nahi`."""
    return at > 0 and all(each.kind == POLITE for each in parts[at + 1 :])


def _pieces(word: str) -> list[str]:
    if word.isalpha():
        return [DRAWN_OUT.sub(r"\1", word)]
    return [DRAWN_OUT.sub(r"\1", each) for each in BETWEEN_DIGIT_AND_LETTER.split(word)]


def _paired(matter: Iterable[str]) -> Iterator[str]:
    """Turn what is written without spaces, of which each character came as a word, into pairs of characters."""
    for spaceless, run in groupby(matter, key=is_spaceless):
        row = list(run)
        pairs = [first + second for first, second in pairwise(row)] if spaceless else row
        yield from pairs or row
