"""What can be typed in a chat, and what does each word do?"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import rich_click as click
from msgspec import Struct

from adapters.chat.acts import CONTACT, DOINGS, OWNER_AND_META, TIME, Doing, MisunderstoodError, said
from adapters.chat.screen import Screen
from adapters.chat.session import Session
from adapters.chat.state import state_of
from adapters.folders import checked, counted, told
from adapters.garbage import let_go
from flows.load import SUFFIXES
from flows.reader import nearest
from flows.shown import quoted
from flows.world import CannotHappenError

HELP_NAMES = 25  # how wide the longest word is with what may follow it
ADD, QUIT, RELOAD = "--add", "/quit", "/reload"


class Looking(Struct, frozen=True):
    """A word that is about the chat: what may follow it, what it does, and how."""

    usage: str
    means: str
    do: Callable[["Chat", str], None]


class Chat:
    """Does what is typed, line by line."""

    def __init__(self, session: Session, screen: Screen) -> None:
        """Begin."""
        self.session = session
        self.screen = screen

    def take(self, line: str) -> bool:
        """Do one line; tell whether the chat goes on."""
        word, _, rest = line.partition(" ")
        if word not in (RELOAD, QUIT) and (changed := self.session.changes.look()):
            self._reload(f"{', '.join(changed)} changed.")
            self.screen.gap()
            self.screen.typed(line)
        if word == QUIT or not line:
            return word != QUIT
        try:
            self._do(line, word, rest.strip())
        except (MisunderstoodError, CannotHappenError) as why:
            self.screen.note(str(why), "red")
        self.screen.gap()
        return True

    def completed(self, begun: str) -> list[str]:
        """Name what a line could become that begins so."""
        taps = [f"/tap {title}" for title in self.session.simulation.offered()]
        return [each for each in (*(f"{word} " for word in ALL_WORDS), *taps) if each.startswith(begun)]

    def why(self, _: str) -> None:
        """Show the reasons of what happened last."""
        self.screen.why()

    def state(self, _: str) -> None:
        """Show what is known of the chat."""
        self.screen.table(state_of(self.session))

    def undo(self, _: str) -> None:
        """Take back what happened last."""
        undone = self.session.undo()
        self.screen.undone()
        self.screen.note("Taken back, with all that came of it." if undone else "Nothing happened yet.")

    def restart(self, _: str) -> None:
        """Begin again."""
        self.session.restart()
        self.screen.undone()
        self.screen.note("Everything begins again.")

    def reload(self, _: str) -> None:
        """Read the files again."""
        self.session.changes.look()
        self._reload("")

    def save(self, words: str) -> None:
        """Write the chat down as a transcript."""
        add = words.startswith(f"{ADD} ")
        file, _, name = words.removeprefix(ADD).strip().partition(" ")
        if not file:
            raise MisunderstoodError("Write the name of a file, as in /save-as-test transcripts/order.yaml")
        if not self.session.happened:
            raise MisunderstoodError("Nothing happened yet that could be a test.")
        self._save(Path(file), name.strip() or Path(file).stem.replace("-", " "), add=add)

    def help(self, _: str) -> None:
        """Show what can be typed."""
        for title, words in HELP.items():
            self.screen.say(title, "bold")
            rows = ((f"{word} {each.usage}".rstrip(), each.means) for word, each in words.items())
            self.screen.table(rows, HELP_NAMES)
        self.screen.table([(QUIT, "the end, as is Ctrl-D")], HELP_NAMES)
        self.screen.say("A text that begins with / is sent with two of them: //TEXT")

    def _do(self, line: str, word: str, rest: str) -> None:
        if word in LOOKINGS:
            LOOKINGS[word].do(self, rest)
        elif word in DOINGS or not line.startswith("/") or line.startswith("//"):
            self.screen.happened(self.session.do(said(line, self.session)))
        else:
            meant = nearest(word, ALL_WORDS) or "/help shows what there is."
            raise MisunderstoodError(f"There is no `{word}`. {meant}")

    def _reload(self, why: str) -> None:
        let_go()
        try:
            found = checked(self.session.folder)
        except click.UsageError as wrong:
            self._keep(wrong.message)
            return
        if found.ruleset is None or found.errors:
            self.screen.say(told(found.errors, found.files))
            self._keep(f"{why} {counted(len(found.errors), 'problem')} to mend.".strip())
        elif self.session.beginning.number not in (None, *found.ruleset.business.numbers):
            self._keep("The number of this chat is gone.")
        else:
            self.screen.replayed(why, self.session.go_on_with(found.files, found.ruleset))

    def _keep(self, why: str) -> None:
        self.screen.note(f"{why} The chat goes on with the files as they were.", "red")

    def _save(self, file: Path, name: str, *, add: bool) -> None:
        path = self._place_of(file)
        if path.exists() and not add:
            raise MisunderstoodError(f"{file} is there already. To add this chat to it: /save-as-test {ADD} {file}")
        text = self.session.written(name)
        if wrong := self.session.why_not(text):
            raise MisunderstoodError(f"This chat would not pass as a test, so nothing was written. {wrong}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text("utf-8").rstrip() if path.exists() else ""
            path.write_text(f"{before}\n---\n{text}" if before else text, "utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MisunderstoodError(f"{file} cannot be written: {error}.") from None
        self.session.changes.look()
        self.screen.note(f"{quoted(name)} is in {path} now, and passes.", "green")

    def _place_of(self, file: Path) -> Path:
        """Find where a file belongs that is named from the folder; only there `baton test` reads it."""
        folder = self.session.folder
        path = folder / file
        path = path if path.suffix in SUFFIXES else path.with_name(f"{path.name}.yaml")
        inside = Path(os.path.normpath(path.absolute()))
        if not inside.is_relative_to(Path(os.path.normpath(folder.absolute()))):
            raise MisunderstoodError(f"`baton test` reads only what is in {folder}, and {file} is not.")
        if any(part.startswith(".") for part in inside.relative_to(os.path.normpath(folder.absolute())).parts):
            raise MisunderstoodError(f"`baton test` reads no hidden files, and {file} is one.")
        return path


LOOKINGS = {
    "/why": Looking("", "why the bot did what it did last", Chat.why),
    "/state": Looking("", "holder, window, flow, and what is saved and due", Chat.state),
    "/undo": Looking("", "take back what happened last", Chat.undo),
    "/restart": Looking("", "begin the chat again", Chat.restart),
    RELOAD: Looking("", "read the files again, as when they change", Chat.reload),
    "/save-as-test": Looking("FILE NAME", f"write this chat as a test; {ADD} FILE to add it", Chat.save),
    "/help": Looking("", "this", Chat.help),
}
HELP: dict[str, Mapping[str, Doing | Looking]] = {
    "The contact": CONTACT,
    "The owner and Meta": OWNER_AND_META,
    "Time": TIME,
    "This chat": LOOKINGS,
}
"""Every word but the last, under what it is about."""
ALL_WORDS = (*DOINGS, *LOOKINGS, QUIT)
