"""The command `baton demo`."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from adapters import logs, site
from adapters.demo.phones import phones
from adapters.demo.play import play
from adapters.demo.real import RealWorld
from adapters.demo.stage import Stage, stage
from adapters.embedded import EmbeddedStoreFailure
from adapters.folders import check_folder, usable
from adapters.settings import SettingProblems, read
from engine.identity import ids_from
from flows.lines import Transcript
from flows.transcript import Failure, Follower

SIGNS = {"contact": "◀", "bot": "▶", "owner": "■"}
EXAMPLE = Path(__file__).parents[2] / "examples" / "bakery"


@click.command()
@click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A transcript to play.")
@click.option(
    "--folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="The business; by default the one the script belongs to, else the bakery.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the page.")
@click.option(
    "--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="Port of the page; 0 takes a free one."
)
def demo(script: Path | None, folder: Path | None, host: str, port: int) -> None:
    """Show everything on this machine, with no account: store, fake Meta, web, a worker and a bakery.

    With --script a transcript is played through real HTTP, and the command ends with 0 if it went as written.
    Only `baton test` can choose the hour: here opening hours are those of right now.
    """
    logs.configure()
    business = folder or (business_of(script) if script else EXAMPLE)
    check_folder(business)
    try:
        passed = asyncio.run(_show(script, business, host, port))
    except (site.CannotStart, EmbeddedStoreFailure, SettingProblems) as problem:
        click.echo(str(problem), err=True)
        raise SystemExit(2) from None
    raise SystemExit(0 if passed else 1)


def business_of(script: Path) -> Path:
    """Return the folder above a transcript that holds a business.yaml."""
    for folder in script.absolute().parents:
        if (folder / "business.yaml").exists():
            return folder
    raise click.UsageError(f"No business.yaml is above {script}; name the folder with --folder.")


async def _show(script: Path | None, folder: Path, host: str, port: int) -> bool:
    async with stage(read(os.environ), folder) as opened:
        if script is None:
            return await _stay(opened, host, port)
        return _summary([await _play(opened, each) for each in of_script(folder, script)])


def of_script(folder: Path, script: Path) -> list[Transcript]:
    """Return the transcripts of one file of a folder."""
    found, _ = usable(folder)
    wanted = script.absolute().relative_to(folder.absolute()).as_posix()
    return [each for each in found.transcripts if each.file == wanted]


async def _play(opened: Stage, script: Transcript) -> Failure | None:
    await opened.forget()
    await opened.introduce(ids_from([script.contact.phone], [script.contact.bsuid]))
    opened.graph.change(statuses=["sent"])  # a message that was delivered could not be refused by the script any more
    click.echo(f"\n{script.name}")
    return await play(Follower(script), RealWorld(opened, script, _say))


def _say(who: str, words: str) -> None:
    click.echo(f"  {SIGNS.get(who, '·')} {who:<8} {words}")


def _summary(results: Sequence[Failure | None]) -> bool:
    failed = [each for each in results if each]
    click.echo()
    for each in failed:
        click.echo(f"FAILED {each.test}\n  {each.file}:{each.line}: {each.message}")
    click.echo(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return not failed


async def _stay(opened: Stage, host: str, port: int) -> bool:
    async with phones(opened, host, port) as address:
        click.echo(f"Open {address} : a contact's phone and the owner's, with the bot in between.\nEnd with Ctrl-C.")
        opened.supervisor.listen()
        await opened.supervisor.stopping.wait()
    return True
