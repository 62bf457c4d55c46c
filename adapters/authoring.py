"""What does the command line do for authors: check and chat?"""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from adapters.folders import checked, counted, told, usable
from adapters.terminal import talk
from flows.problems import as_github, as_json

FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@click.command()
@FOLDER
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, or for GitHub's pages.",
)
@click.option("--strict", is_flag=True, help="Let warnings and hints fail, too.")
@click.pass_context
def check(ctx: click.Context, folder: Path, form: str, *, strict: bool) -> None:
    """Say what is wrong with the files of FOLDER, where, and how to mend it."""
    found = checked(folder)
    match form:
        case "json":
            click.echo(as_json(found.problems))
        case "github":
            for each in found.problems:
                click.echo(as_github(each))
        case _ if found.problems:
            click.echo(told(found.problems, found.files))
    errors = len(found.errors)
    click.echo(_summary(len(found.files), errors, len(found.problems) - errors), err=True)
    ctx.exit(1 if errors or (strict and found.problems) else 0)


def _summary(files: int, errors: int, others: int) -> str:
    if not errors and not others:
        return f"No problems in {counted(files, 'file')}."
    serious = counted(errors, "problem") if errors else "No problem that keeps it from going live"
    return f"{serious}, {counted(others, 'remark')}." if others else f"{serious}."


@click.command()
@FOLDER
@click.option("--name", default="Ana", show_default=True, help="The name on your profile.")
@click.option("--phone", default="+55 11 98765-4321", show_default=True, help="The number you write from.")
@click.option("--number", help="The id of the business number to write to; the first one otherwise.")
def chat(folder: Path, name: str, phone: str, number: str | None) -> None:
    """Talk with the bot of FOLDER in the terminal, as a contact would; `/help` says what else can happen."""
    _, ruleset = usable(folder)
    known = tuple(ruleset.business.numbers)
    if number is not None and number not in known:
        raise click.BadParameter(f"The numbers of this business are {', '.join(known)}.", param_hint="--number")
    talk(ruleset, begins_at=datetime.now(UTC), name=name, phone=phone, number=number)
