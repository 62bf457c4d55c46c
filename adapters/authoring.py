"""What does `baton check` do?"""

from pathlib import Path

import rich_click as click

from adapters.folders import checked, counted, told
from flows.problems import as_github, as_json


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
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
