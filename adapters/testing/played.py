"""What came of playing every transcript of a folder, and of looking up the messages that its FAQ is tried with?"""

import time
from pathlib import Path

from msgspec import Struct

from adapters.folders import checked
from flows.coverage import Coverage, Share, measure
from flows.finds import Find, look_up
from flows.transcript import Failure, Played, play
from rules.source import Problem

NOTHING = Coverage(Share(0, 0), Share(0, 0))


class Tried(Struct, frozen=True):
    """A transcript that was played, and how many seconds that took."""

    played: Played
    seconds: float


class Tested(Struct, frozen=True, kw_only=True):
    """The tests of a folder, with what came of them; or the `problems` that have to be mended before any can be made.

    `tried` are its transcripts, `finds` the messages that its FAQ is tried with.
    """

    files: dict[str, str]
    problems: tuple[Problem, ...] = ()
    tried: tuple[Tried, ...] = ()
    finds: tuple[Find, ...] = ()
    coverage: Coverage = NOTHING

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Where chats went another way."""
        return tuple(each.played.failure for each in self.tried if each.played.failure)

    @property
    def lost(self) -> tuple[Find, ...]:
        """The messages that found something else."""
        return tuple(each for each in self.finds if each.failure)

    @property
    def passed(self) -> bool:
        """Whether all went as it is written."""
        return not self.problems and not self.failures and not self.lost


def tested(folder: Path) -> Tested:
    """Play the transcripts of a folder, and look up the messages of its FAQ."""
    found = checked(folder)
    if found.ruleset is None or found.errors:
        return Tested(files=found.files, problems=found.errors)
    ruleset, tried = found.ruleset, []
    for script in found.transcripts:
        began = time.perf_counter()
        played = play(script, ruleset)
        tried.append(Tried(played, time.perf_counter() - began))
    seen = frozenset[tuple[str, str, str]]().union(*(each.played.seen for each in tried))
    finds = tuple(look_up(found.faqs, ruleset.questions))
    return Tested(files=found.files, tried=tuple(tried), finds=finds, coverage=measure(ruleset, seen))
