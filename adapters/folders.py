"""What is in an author's folder, as far as commands need it, and how is it told when something is wrong?"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import rich_click as click
from msgspec import Struct
from msgspec.structs import replace

from adapters.garbage import made_to_stay
from adapters.lists import lists_in_force
from engine.ruleset import Ruleset
from engine.trace import Line
from flows.attachments import FolderFiles, visible
from flows.compile import ruleset, version_of
from flows.faq import FaqDocument
from flows.folder import Folder
from flows.lines import Transcript
from flows.lint import lint, unsilenced
from flows.load import in_order, load_files, read_folder
from flows.nodes import Source
from flows.problems import show
from flows.transcript_file import transcripts
from rules.source import Problem, Severity

LOOK_S = 0.2
GIVE_FOLDER = "Give the folder that holds business.yaml."


class Checked(Struct, frozen=True, kw_only=True):
    """A folder's files, what is wrong with them, and if that is nothing serious, what they mean.

    `readable` is what could be read in any case: to be looked at, never to be run.
    """

    files: dict[str, str]
    problems: tuple[Problem, ...]
    readable: Folder | None = None
    ruleset: Ruleset | None = None
    transcripts: tuple[Transcript, ...] = ()
    faqs: tuple[FaqDocument, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the folder from going live."""
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)


def check_folder(folder: Path) -> None:
    """End the command with 2 where there is no such folder."""
    if folder.is_file():
        raise click.UsageError(f"`{folder}` is a file. {GIVE_FOLDER}")
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder `{folder}`. {GIVE_FOLDER}")


def _there(_ctx: click.Context, _param: click.Parameter, folder: Path) -> Path:
    check_folder(folder)
    return folder


FOLDER = click.argument("folder", type=click.Path(path_type=Path), callback=_there)
"""The argument of commands that need a folder to be there."""


@made_to_stay()
def checked(folder: Path) -> Checked:
    """Read and check a folder with its transcripts; a folder or file that cannot be read ends the command with 2."""
    check_folder(folder)
    files, unread = read_folder(folder)
    if unread:
        raise click.UsageError("\n".join(f"{each.file}: {each.message}." for each in unread))
    lists = lists_in_force()
    loaded = load_files(files, lists, FolderFiles(folder))
    played, wrong = transcripts(loaded)
    found = lint(loaded.folder) if loaded.folder else ()
    return Checked(
        files=files,
        problems=in_order(tuple(unsilenced((*loaded.problems, *wrong, *found), files))),
        readable=loaded.readable,
        ruleset=replace(ruleset(loaded.folder, version_of(files, loaded.folder.attached)), lists=lists)
        if loaded.folder
        else None,
        transcripts=played,
        faqs=loaded.folder.faqs if loaded.folder else (),
    )


def usable(folder: Path) -> tuple[Checked, Ruleset]:
    """Read a folder that has to be free of serious problems; otherwise they are told and the command ends with 1."""
    found = checked(folder)
    if found.ruleset is None or found.errors:
        click.echo(told(found.errors, found.files), err=True)
        click.echo(f"Mend {counted(len(found.errors), 'problem')} first.", err=True)
        raise SystemExit(1)
    return found, found.ruleset


class Changes:
    """Notices when files of a folder change, appear or go, by looking at them now and then."""

    def __init__(self, folder: Path) -> None:
        """Remember how the files are now; make it before they are read."""
        self._folder = folder
        self._known = _stamps(folder)

    def look(self) -> tuple[str, ...]:
        """Name the files that changed since the last look."""
        before, self._known = self._known, _stamps(self._folder)
        names = dict.fromkeys((*before, *self._known))
        return tuple(name for name in names if before.get(name) != self._known.get(name))

    def wait(self) -> tuple[str, ...]:
        """Wait until something changes and nothing does any more; name the files."""
        changed: dict[str, None] = {}
        while (more := self.look()) or not changed:
            changed |= dict.fromkeys(more)
            time.sleep(LOOK_S)
        return tuple(changed)


def told(problems: Iterable[Problem], files: dict[str, str]) -> str:
    """Show problems with their lines."""
    return "\n".join(show(each, Source(files.get(each.file, "")).line(each.line)) for each in problems)


def reason(line: Line) -> str:
    """Write a line of a trace: what it is about, why, and where that stands."""
    return f"{line.about}: {line.words}{f' ({line.place})' if line.place else ''}"


def counted(number: int, what: str) -> str:
    """Say how many, as in `1 problem` or `2 problems`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for path in visible(folder):
        with suppress(OSError):
            status = path.stat()
            found[path.relative_to(folder).as_posix()] = (status.st_mtime_ns, status.st_size)
    return found
