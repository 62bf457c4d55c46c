"""What happened in a chat so far, and what becomes of it when the files of its folder change?

What happened is kept, and its clock is its own: so a chat can be played once more from its beginning, by other flows
or without its last act, and comes to the same point.
"""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from adapters.folders import Changes
from engine.identity import ids_from
from engine.ruleset import Ruleset
from flows.lines import Act
from flows.load import load_files
from flows.round import Round
from flows.shown import expected_of
from flows.simulation import Simulation
from flows.transcript import play
from flows.transcript_file import transcripts
from flows.transcript_text import Beginning, as_transcript
from flows.world import CannotHappenError, let_happen

THIS_CHAT = "this chat.yaml"


class Happened(Struct, frozen=True):
    """One thing that happened, and what came of it."""

    act: Act
    round: Round


class Replayed(Struct, frozen=True):
    """A chat that was played once more: what goes another way now, and why it could not go on to its end, if so."""

    changed: tuple[Happened, ...] = ()
    stuck: str | None = None


class Session:
    """A chat with the bot of a folder, for as long as somebody types. Make `changes` before the folder is read."""

    def __init__(
        self, folder: Path, changes: Changes, files: dict[str, str], ruleset: Ruleset, beginning: Beginning
    ) -> None:
        """Open the chat; the ruleset was made of the files."""
        self.folder = folder
        self.changes = changes
        self.files = files
        self.ruleset = ruleset
        self.beginning = beginning
        self.happened: list[Happened] = []
        self.simulation = self._opened()

    def do(self, act: Act) -> Happened:
        """Let something happen; raise `CannotHappenError` when it cannot."""
        self.happened.append(Happened(act, let_happen(act, self.simulation)))
        return self.happened[-1]

    def undo(self) -> Happened | None:
        """Take the last thing back that happened; return what it was."""
        if not self.happened:
            return None
        *before, last = self.happened
        self._replay(before)
        return last

    def restart(self) -> None:
        """Begin again with an empty chat."""
        self._replay(())

    def go_on_with(self, files: dict[str, str], ruleset: Ruleset) -> Replayed:
        """Let other flows answer what was said so far."""
        before = tuple(self.happened)
        self.files, self.ruleset = files, ruleset
        self.beginning = replace(self.beginning, zone=ruleset.business.zone)
        stuck = self._replay(before)
        same = 0
        for old, new in zip(before, self.happened, strict=False):
            if _said(old.round) != _said(new.round):
                break
            same += 1
        return Replayed(tuple(self.happened[same:]), stuck)

    def written(self, name: str) -> str:
        """Write the chat down as a transcript."""
        return as_transcript(name, self.beginning, ((each.act, each.round) for each in self.happened))

    def why_not(self, text: str) -> str | None:
        """Play what was written down; say why it does not pass, if it does not."""
        scripts, problems = transcripts(load_files({**self.files, THIS_CHAT: text}))
        played = [play(each, self.ruleset).failure for each in scripts if each.file == THIS_CHAT]
        wrong = [each.message for each in problems if each.file == THIS_CHAT]
        return next(iter((*wrong, *(each.message for each in played if each))), None)

    def _replay(self, happened: Iterable[Happened]) -> str | None:
        self.simulation, self.happened = self._opened(), []
        for each in happened:
            try:
                self.do(each.act)
            except CannotHappenError as why:
                return str(why)
        return None

    def _opened(self) -> Simulation:
        who = self.beginning.contact
        return Simulation(
            self.ruleset,
            begins_at=self.beginning.at,
            number=self.beginning.number,
            name=who.name,
            ids=ids_from([who.phone], [who.bsuid]),
        )


def _said(came: Round) -> object:
    """Tell what people could see of a round; ids and reasons are not among it."""
    reports = [(each.event, each.value, each.currency) for each in came.reports]
    return [expected_of(left.content) for left in came.left], came.holder, reports, [each.words for each in came.alerts]
