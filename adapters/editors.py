"""What does the command line do for editors?"""

from pathlib import Path

import msgspec
import rich_click as click

from flows import schema as shapes


@click.command()
@click.argument("kind", required=False, type=click.Choice(list(shapes.DOCUMENTS)), metavar="[KIND]")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write a file into DIR instead.")
def schema(kind: str | None, out: Path | None) -> None:
    """Write the JSON Schema by which an editor helps with the files of a business, or with one KIND of document.

    With it VS Code and others complete fields, explain them, and mark what is wrong while you type.
    """
    found = shapes.schema_of(kind) if kind else shapes.schema()
    written = msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
    if out is None:
        click.echo(written, nl=False)
        return
    name = f"{kind or 'baton'}.schema.json"
    try:
        (out / name).write_bytes(written)
    except OSError as error:
        raise click.BadParameter(f"`{out / name}` cannot be written: {error.strerror}.", param_hint="--out") from None
    click.echo(f"Wrote {out / name}. Begin a file with this line, and the path from there:", err=True)
    click.echo(f"# yaml-language-server: $schema={name}", err=True)
