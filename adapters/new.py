"""The command `baton new`: how does an author get a business folder to begin with?"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from shutil import rmtree

import rich_click as click

from adapters.folders import told
from flows.blueprint import OTHERS, OWN, Blueprint, blueprints, fault, fill, listing, quoted
from flows.blueprint_file import Input
from flows.load import BUSINESS, load_files, read_folder
from flows.reader import listed, nearest

NEXT = """`{folder}` is ready: {files}. Change what it says, and see with
  baton check {folder}      what is wrong, where, and how to mend it
  baton chat {folder}       how the bot answers; /help says what else can happen
  baton test {folder}       which chat of `tests` now goes another way"""
EXAMPLES = {"phone": "phone", "phone_id": "id", "waba": "waba"}
"""Answers that may be examples, with the field of business.yaml that each is in."""
STILL_EXAMPLES = "Before it goes live, put your own {} into business.yaml: as suggested they are examples."
AS_ANSWERED = "What you answered stands in {} as you wrote it ({}): say it there in that language."
INTERRUPTED = 130


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--blueprint", "name", metavar="NAME", help="What the bot is for; --list names the blueprints.")
@click.option("--answer", "given", multiple=True, metavar="KEY=VALUE", help="Answer a question beforehand.")
@click.option("--yes", is_flag=True, help="Ask nothing: what has no answer is as suggested.")
@click.option("--list", "lists", is_flag=True, help="Name the blueprints, and what they ask.")
@click.pass_context
def new(
    ctx: click.Context, folder: Path | None, name: str | None, given: tuple[str, ...], *, yes: bool, lists: bool
) -> None:
    """Make FOLDER, a business that works, from a blueprint and a few answers."""
    known = blueprints(read_folder(Path(str(resources.files("flows") / "blueprints")))[0])
    if lists:
        _tell_all(known)
        return
    if folder is None:
        raise click.UsageError("Name the folder to make, as in `baton new bakery`.")
    _refuse_used(folder)
    asks = sys.stdin.isatty() and not yes
    try:
        blueprint = _chosen(known, name, asks=asks)
        answers = _answers(blueprint, _pairs(given), asks=asks)
    except click.Abort:
        click.echo("\nNothing was written.", err=True)
        ctx.exit(INTERRUPTED)
    files = _checked(fill(blueprint, answers))
    _make(folder, files)
    click.echo(NEXT.format(folder=folder, files=", ".join(files)))
    _tell_what_is_left(blueprint, answers)


def _tell_what_is_left(blueprint: Blueprint, answers: Mapping[str, str]) -> None:
    """Name the answers that were only suggested, and those that are in one language where there are several."""
    examples = [
        EXAMPLES[each.name] for each in blueprint.inputs if answers[each.name] == each.default and each.name in EXAMPLES
    ]
    if examples:
        click.echo(STILL_EXAMPLES.format(listed(examples)))
    own, others = answers[OWN], [f"{each}.yaml" for each in listing(answers.get(OTHERS, ""))]
    words = [
        answers[each.name]
        for each in blueprint.inputs
        if each.kind == "text" and each.name != BUSINESS and answers[each.name] != blueprint.default(each, own)
    ]
    if others and words:
        click.echo(AS_ANSWERED.format(listed(others), ", ".join(map(quoted, words))))


def _tell_all(known: Mapping[str, Blueprint]) -> None:
    for each in known.values():
        click.echo(f"{each.name:14}{each.about}")
        click.echo(f"{'':14}Asks for {', '.join(wanted.name for wanted in each.inputs)}.")


def _refuse_used(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"`{folder}` is a file. Name a folder that is not there yet, or is empty.")
    if folder.is_dir() and any(folder.iterdir()):
        raise click.UsageError(f"`{folder}` holds files already. Name a folder that is not there yet, or is empty.")


def _chosen(known: Mapping[str, Blueprint], name: str | None, *, asks: bool) -> Blueprint:
    if name is None and not asks:
        raise click.UsageError(f"Say with --blueprint what the bot is for: {listed(known)}.")
    if name is None:
        for each in known.values():
            click.echo(f"{each.name:14}{each.about}")
    while name is None or (name not in known and asks):
        if name is not None:
            click.echo(_unknown(name, known))
        name = str(click.prompt("What is the bot for?", default=next(iter(known)), prompt_suffix=" ")).strip()
    if name not in known:
        raise click.BadParameter(_unknown(name, known), param_hint="--blueprint")
    return known[name]


def _unknown(name: str, known: Mapping[str, Blueprint]) -> str:
    return f"There is no blueprint `{name}`. {nearest(name, known) or f'There are {listed(known)}.'}"


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for key, mark, _ in pairs:
        if not mark:
            raise click.BadParameter(f"This takes KEY=VALUE, not `{key}`.", param_hint="--answer")
    return {key: value for key, _, value in pairs}


def _answers(blueprint: Blueprint, given: Mapping[str, str], *, asks: bool) -> dict[str, str]:
    """Collect the answers, and tell at once which are missing or cannot be used."""
    names = [each.name for each in blueprint.inputs]
    wrong = [
        f"`{blueprint.name}` does not ask for `{key}`. {nearest(key, names) or f'It asks for {listed(names)}.'}"
        for key in given
        if key not in names
    ]
    answers: dict[str, str] = {}
    for each in blueprint.inputs:
        suggested = blueprint.default(each, answers.get(OWN, ""))
        if each.name in given or not asks:
            answers[each.name], problem = _unasked(blueprint, each, given.get(each.name, suggested))
            wrong += [problem] if problem else []
        elif not wrong:
            answers[each.name] = _asked(blueprint, each, suggested)
    if wrong:
        raise click.UsageError("\n".join(wrong))
    return answers


def _unasked(blueprint: Blueprint, wanted: Input, answer: str | None) -> tuple[str, str | None]:
    if answer is None:
        return "", f'{wanted.question} Answer with --answer {wanted.name}="…".'
    problem = fault(blueprint, wanted, answer)
    return answer, f"{wanted.name}: {problem}" if problem else None


def _asked(blueprint: Blueprint, wanted: Input, suggested: str | None) -> str:
    if wanted.help:
        click.echo(f"  {wanted.help}")
    while True:
        answer = str(
            click.prompt(wanted.question, default=suggested, show_default=bool(suggested), prompt_suffix=" ")
        ).strip()
        problem = fault(blueprint, wanted, answer)
        if problem is None:
            return answer
        click.echo(f"  {problem}")


def _checked(files: dict[str, str]) -> dict[str, str]:
    """Let through what can go live: answers that are fine one by one may not go together."""
    problems = load_files(files).problems
    if problems:
        click.echo(told(problems, files), err=True)
        click.echo("These answers do not go together, so nothing was written.", err=True)
        raise SystemExit(1)
    return files


def _make(folder: Path, files: Mapping[str, str]) -> None:
    """Write all files or none: first beside the folder, then into its place."""
    try:
        with _aside(folder) as aside:
            for name, text in files.items():
                path = aside / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
            _put(aside, folder)
    except OSError as problem:
        raise click.UsageError(f"`{folder}` cannot be written: {problem.strerror}.") from None


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    parent = folder.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    aside = parent / f".{folder.absolute().name}.{os.getpid()}"
    aside.mkdir()
    try:
        yield aside
    finally:
        rmtree(aside, ignore_errors=True)


def _put(aside: Path, folder: Path) -> None:
    if not folder.exists():
        aside.rename(folder)
        return
    for each in aside.iterdir():  # a folder that somebody stands in keeps its place
        each.rename(folder / each.name)
