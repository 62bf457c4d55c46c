"""The command `baton chat`."""

import sys
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import rich_click as click

from adapters.chat.commands import Chat
from adapters.chat.screen import Screen
from adapters.chat.session import Session
from adapters.chat.typed import lines
from adapters.folders import Changes, usable
from adapters.paper import paper
from engine.identity import ids_from
from flows.lines import Person
from flows.moments import A_MOMENT, moment
from flows.transcript_file import ANA
from flows.transcript_text import Beginning


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default=ANA.name, show_default=True, help="The name on your profile.")
@click.option("--phone", default=ANA.phone, show_default=True, help="The number you write from, or your user id.")
@click.option("--number", help="The id of the business number to write to; the first one otherwise.")
@click.option("--at", "at", help='When the chat begins, as in "2026-03-02 10:00"; now otherwise.')
def chat(folder: Path, name: str, phone: str, number: str | None, at: str | None) -> None:
    """Talk with the bot of FOLDER in the terminal, as a contact would; `/help` says what else can happen."""
    changes = Changes(folder)
    found, ruleset = usable(folder)
    known = tuple(ruleset.business.numbers)
    if number is not None and number not in known:
        raise click.BadParameter(f"The numbers of this business are {', '.join(known)}.", param_hint="--number")
    zone = ruleset.business.zone
    beginning = Beginning(at=_begin(at, zone), zone=zone, contact=_contact(name, phone), number=number)
    session = Session(folder, changes, found.files, ruleset, beginning)
    _talk(session, Screen(paper(), session))


def _contact(name: str, phone: str) -> Person:
    ids = ids_from([phone])
    if not ids.phones and not ids.bsuids:
        message = f'This takes a number with its country code, as in "{ANA.phone}", or a user id, not `{phone}`.'
        raise click.BadParameter(message, param_hint="--phone")
    return Person(name=name or None, phone=phone if ids.phones else None, bsuid=next(iter(ids.bsuids), None))


def _begin(at: str | None, zone: tzinfo) -> datetime:
    if at is None:
        return datetime.now(UTC).replace(second=0, microsecond=0)
    found = moment(at, zone)
    if found is None:
        raise click.BadParameter(f"This takes {A_MOMENT}, not `{at}`.", param_hint="--at")
    return found


def _talk(session: Session, screen: Screen) -> None:
    talking = Chat(session, screen)
    screen.greet()
    try:
        for line in lines(screen.prompt, talking.completed, screen.typed, styled=screen.is_styled):
            if not talking.take(line):
                break
    finally:
        if sys.stdin.isatty():
            screen.gap()  # the prompt stands there, and nothing behind it
        screen.say("The chat is over.")
