"""Does a text say a phrase, spelling mistakes forgiven?

Words may stand in any order, each the same or nearly so. What is written without spaces between words has none
to compare: a run of it must stand in the text as it is.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from rules import spelling, words

MOST_WORDS = 120  # to be looked for by one condition; each may have to be held against every word of the text

_RUN = re.compile(f"([{''.join(f'{chr(each.start)}-{chr(each.stop - 1)}' for each in words.SPACELESS)}]+)")


class Likeness(NamedTuple):
    """What of a text takes part in `like`: its words, each once, and the runs of scripts without spaces."""

    words: tuple[str, ...]
    runs: tuple[str, ...]
    spaced: str

    def __bool__(self) -> bool:
        """Tell whether there is anything to be found."""
        return bool(self.words or self.runs)


@lru_cache(maxsize=words.MOST_REMEMBERED)
def likeness(text: str) -> Likeness:
    """Divide a text into words and runs."""
    folded = words.fold(text)
    parts = [words.spaced(each) for each in _RUN.split(folded)]
    found = dict.fromkeys(word for part in parts[::2] for word in part.split())
    runs = dict.fromkeys(part for part in parts[1::2] if part.strip())
    return Likeness(tuple(found), tuple(runs), words.spaced(folded))


def is_like(text: Likeness, phrase: Likeness) -> bool:
    """Tell whether every word and run of a phrase is in a text; a phrase without any is like nothing."""
    if not phrase:
        return False
    return all(run in text.spaced for run in phrase.runs) and all(
        spelling.nearest(text.words, word) is not None for word in phrase.words
    )


def share(text: Likeness, phrase: Likeness) -> float:
    """Tell how much of a phrase is in a text, by its words and runs."""
    found = [run in text.spaced for run in phrase.runs]
    found += [spelling.nearest(text.words, word) is not None for word in phrase.words]
    return sum(found) / len(found) if found else 0.0


def misspelt(text: Likeness, phrase: Likeness) -> dict[str, str]:
    """Name the words of a phrase that a text has with mistakes, and how they are written there."""
    found = {word: spelling.nearest(text.words, word) for word in phrase.words}
    return {word: said for word, said in found.items() if said is not None and said != word}
