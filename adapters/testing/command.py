"""The command `baton test`."""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from adapters.folders import Changes, counted
from adapters.garbage import let_go
from adapters.paper import paper
from adapters.testing.machine import as_json, as_junit
from adapters.testing.played import Tested, tested
from adapters.testing.told import tell


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="For people, for programs, or as JUnit's XML for CI.",
)
@click.option("--watch", is_flag=True, help="Play them again whenever a file changes, until Ctrl-C.")
@click.option("-v", "--verbose", is_flag=True, help="Show every chat, why the bot said what it said, and every gap.")
@click.pass_context
def test(ctx: click.Context, folder: Path, form: str, *, watch: bool, verbose: bool) -> None:
    """Play the transcripts of FOLDER with no network and no phone."""
    if watch and form != "text":
        raise click.UsageError("`--watch` is for people: leave `--format` out, or leave `--watch` out.")
    if watch:
        _watch(folder, verbose=verbose)
    found = tested(folder)
    match form:
        case "json":
            click.echo(as_json(found))
        case "junit":
            click.echo(as_junit(found, datetime.now(UTC)))
        case _:
            _tell(found, verbose=verbose)
    ctx.exit(0 if found.passed else 1)


def _tell(found: Tested, *, verbose: bool) -> None:
    tell(paper(), found, verbose=verbose)
    if found.problems:
        click.echo(f"Mend {counted(len(found.problems), 'problem')} first.", err=True)
    elif not found.tried:
        click.echo("There are no transcripts: write a document that begins with `test:`.", err=True)


def _watch(folder: Path, *, verbose: bool) -> None:
    """Play them for ever; Ctrl-C ends it."""
    changes = Changes(folder)
    _tell(tested(folder), verbose=verbose)
    while True:
        click.echo(f"Watching `{folder}`. End with Ctrl-C.", err=True)
        changed = changes.wait()
        let_go()
        paper().rule(f"{datetime.now().astimezone():%H:%M:%S} {', '.join(changed)}", align="left")
        try:
            _tell(tested(folder), verbose=verbose)
        except click.UsageError as wrong:
            click.echo(wrong.message, err=True)
