"""The commands that run Baton: `run`, `serve`, `work`, `settings`."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from textwrap import fill

import rich_click as click

from adapters import site
from adapters.folders import FOLDER, told
from adapters.operating import do, settings_in_force
from adapters.publish import Published
from adapters.settings import SETTINGS
from flows.load import read_folder

HELP_WIDTH = 80  # of the help of settings
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
PORT = click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
PROCESSES = click.option(
    "--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Worker processes that send."
)
WORKERS = click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes.")


@click.command()
@FOLDER
@HOST
@PORT
@WORKERS
@PROCESSES
def run(folder: Path, host: str, port: int, workers: int, processes: int) -> None:
    """Run everything on this machine: store, web and workers."""
    do(_serve(folder, host, port, workers, processes))


@click.command()
@FOLDER
@HOST
@PORT
@WORKERS
def serve(folder: Path, host: str, port: int, workers: int) -> None:
    """Take webhooks and decide; sending is up to `baton work`."""
    do(_serve(folder, host, port, workers, 0))


@click.command()
@PROCESSES
def work(processes: int) -> None:
    """Send what was decided; needs no folder, what is live is in the store."""
    do(_work(processes))


@click.command()
def settings() -> None:
    """List every setting of the environment, with its default and what it does."""
    for row in SETTINGS:
        click.echo(f"{row.name}: {row.default or '(unset)'}")
        click.echo(fill(row.help, HELP_WIDTH, initial_indent="    ", subsequent_indent="    "))


async def _serve(folder: Path, host: str, port: int, workers: int, processes: int) -> None:
    async with site.store_of(settings_in_force()) as found:
        site.check_spool(found)
        _say_published(await site.go_live(found, folder, only_if_nothing_is_live=True), folder)
        await site.check_secrets(found)
        await site.put_lists(found)
        _say(await site.unmet(found))
        with site.listen(host, port) as opened:
            _tell(f"Listening on http://{host}:{port}/webhook")
            await site.run(found, site.web_children(opened, workers) + site.worker_children(processes))


async def _work(processes: int) -> None:
    async with site.store_of(settings_in_force()) as found:
        site.check_spool(found)
        await site.check_secrets(found)
        await site.put_lists(found)
        _say(await site.unmet(found))
        _tell(f"Sending with {processes} worker process{'es' if processes > 1 else ''}.")
        await site.run(found, site.worker_children(processes))


def _say(lines: Iterable[str]) -> None:
    for words in lines:
        _tell(words)


def _say_published(done: Published, folder: Path) -> None:
    if done.problems:
        _tell(told(done.problems, read_folder(folder)[0]))
    if done.version is None and done.live is None:
        raise site.CannotStart(f"`{folder}` has problems, and nothing else is live. Mend them first.")
    if done.version is None:
        _tell(f"`{folder}` has problems; version {done.live} stays live.")
    elif done.changed:
        _tell(f"Version {done.version} of `{done.business}` is live.")
    elif done.differs:
        _tell(f"Version {done.live} is live; `{folder}` differs. To make it live: baton publish {folder}")
    else:
        _tell(f"Version {done.live} of `{done.business}` is live already.")


def _tell(words: str) -> None:
    """Say something to whoever started this; that nobody can read it must not stop the service."""
    with suppress(OSError):
        click.echo(words, err=True)
