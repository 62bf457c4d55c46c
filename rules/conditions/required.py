"""Which letters must a text have for a pattern to fit?

RE2 knows, but does not tell. The pattern is known to be a good one; whatever is not sure to be a letter here counts
as none, so that at worst too little is required.
"""

import re
from collections.abc import Callable

from rules.conditions.signs import Need, each_of, one_of

MakeNeed = Callable[[str], Need | None]

_TOKEN = re.compile(
    r"""
    (?P<flags> \(\?[a-zA-Z-]*\) )
    | (?P<open> \((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:)|(?!\?)) )
    | (?P<close> \) )
    | (?P<either> \| )
    | (?P<repeat> (?:[*+?]|\{(?P<least>[0-9]+)(?:,[0-9]*)?\})\?? )
    | (?P<gap> [.^$]
        | \[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]
        | \\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|[0-7]{1,3}|[^\WQ]) )
    | \\(?P<quoted> \W )
    | (?P<letter> [^\[\\(] )
    """,
    re.VERBOSE | re.DOTALL,
)


def required(pattern: str, make: MakeNeed) -> Need | None:
    """Say what letters have to be seen, each run of them as `make` has it; None if the pattern may fit without any."""
    groups, at = [_Group(make)], 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return None  # `\Q`, or what a newer RE2 may have learnt
        at = token.end()
        match token.lastgroup:
            case "letter" | "quoted":
                groups[-1].row += token[token.lastgroup]
            case "open":
                groups.append(_Group(make))
            case "close":
                inner = groups.pop()
                groups[-1].add(inner.need())
            case "either":
                groups[-1].begin_another()
            case "repeat" if _is_there(token):
                groups[-1].repeat()
            case "repeat":
                groups[-1].make_optional()
            case "gap":
                groups[-1].add(None)
            case _:
                pass  # flags: letters are compared without their case anyway
    return groups[0].need()


def _is_there(repetition: re.Match[str]) -> bool:
    return int(repetition["least"]) > 0 if repetition["least"] else repetition["repeat"].startswith("+")


class _Group:
    """What stands in one pair of brackets, as far as it has been read."""

    def __init__(self, make: MakeNeed) -> None:
        self.make = make
        self.alternatives: list[Need | None] = []
        self.parts: list[Need | None] = []
        self.row = ""  # letters with nothing in between

    def need(self) -> Need | None:
        """Say what the whole needs."""
        self.begin_another()
        return one_of(self.alternatives)

    def begin_another(self) -> None:
        """End an alternative."""
        self.add(None)
        self.alternatives.append(each_of(self.parts))
        self.parts = []

    def add(self, need: Need | None) -> None:
        """Take in something that is no letter, and what it needs."""
        self.parts += [self.make(self.row), need]
        self.row = ""

    def repeat(self) -> None:
        """Take in that what was last is there once or more often."""
        if self.row:
            last = self.row[-1]
            self.add(None)
            self.row = last

    def make_optional(self) -> None:
        """Take in that what was last may not be there."""
        if self.row:
            self.row = self.row[:-1]
            self.add(None)
        elif self.parts:
            self.parts[-1] = None
