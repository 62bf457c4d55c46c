"""What does the command line do for authors: check, test, chat?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from adapters.folders import checked, counted, reason, told, usable
from adapters.terminal import talk
from flows.coverage import Coverage, Share, measure
from flows.finds import Find, look_up
from flows.problems import as_github, as_json
from flows.shown import shown
from flows.transcript import Exchange, Played, play
from rules.source import Problem

ENCODER = msgspec.json.Encoder(decimal_format="number")

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
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or for programs.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every chat, and why the bot said what it said.")
@click.pass_context
def test(ctx: click.Context, folder: Path, form: str, *, verbose: bool) -> None:
    """Play the transcripts of FOLDER with no network and no phone, and look up the messages of its FAQ's tests."""
    if form == "json" and (broken := checked(folder).errors):
        click.echo(ENCODER.encode(_not_played(broken)).decode())
        ctx.exit(1)
    found, ruleset = usable(folder)
    played = [play(each, ruleset) for each in found.transcripts]
    finds = list(look_up(found.faqs, ruleset.questions))
    coverage = measure(ruleset, frozenset().union(*(each.seen for each in played)))
    if form == "json":
        click.echo(ENCODER.encode(_as_json(played, finds, coverage)).decode())
    else:
        for each in played:
            _tell(each, verbose=verbose)
        _tell_finds(finds)
        _tell_coverage(played, coverage, verbose=verbose)
    if not played:
        click.echo("There are no transcripts: write a document that begins with `test:`.", err=True)
    failures = (*(each.failure for each in played), *(each.failure for each in finds))
    ctx.exit(1 if any(failures) else 0)


def _as_json(played: list[Played], finds: list[Find], coverage: Coverage) -> dict[str, Any]:
    broken = [each.failure for each in played if each.failure]
    failures = [_failure(each.file, each.line, each.test, each.message) for each in broken]
    failures += [_failure(each.file, each.line, f"faq {each.faq}", each.failure) for each in finds if each.failure]
    return {
        "passed": len(played) + len(finds) - len(failures),
        "failed": len(failures),
        "failures": failures,
        "coverage": {"steps": coverage.steps, "branches": coverage.branches},
    }


def _not_played(problems: tuple[Problem, ...]) -> dict[str, Any]:
    """Tell programs that nothing could be played: each problem counts as a failure of the check."""
    nothing = Share(0, 0)
    return {
        "passed": 0,
        "failed": len(problems),
        "failures": [_failure(each.file, each.line, "check", each.message) for each in problems],
        "coverage": {"steps": nothing, "branches": nothing},
    }


def _failure(file: str, line: int, test: str, message: str) -> dict[str, Any]:
    return {"file": file, "line": line, "test": test, "message": message}


def _tell(played: Played, *, verbose: bool) -> None:
    script, failure = played.transcript, played.failure
    if verbose or failure:
        mark = "failed" if failure else "passed"
        click.echo(f"{script.file}:{script.place.line}: {script.name}: {mark}")
    if verbose:
        for each in played.exchanges:
            _tell_exchange(each)
    if failure:
        click.echo(f"{failure.file}:{failure.line}: {failure.message}")
        for why in failure.trace.lines:
            click.echo(f"    {reason(why)}")


def _tell_exchange(exchange: Exchange) -> None:
    click.echo(f"  line {exchange.line.place.line}, {exchange.line.verb}")
    for left in exchange.round.left:
        click.echo(f"    {left.speaker}: {shown(left.content)}")
    for why in exchange.round.trace.lines:
        click.echo(f"      {reason(why)}")


def _tell_finds(finds: list[Find]) -> None:
    failed = [each for each in finds if each.failure]
    for each in failed:
        click.echo(f"{each.file}:{each.line}: {each.failure}")
    if finds:
        click.echo(f"FAQ: {len(finds) - len(failed)} of {counted(len(finds), 'message')} found what they should.")


def _tell_coverage(played: list[Played], coverage: Coverage, *, verbose: bool) -> None:
    failed = sum(each.failure is not None for each in played)
    click.echo(f"{len(played) - failed} passed, {failed} failed.")
    click.echo(f"Steps: {_of(coverage.steps)}. Branches: {_of(coverage.branches)}.")
    if verbose:
        for gap in coverage.gaps:
            what = f"branch `{gap.branch}` of `{gap.kind}`" if gap.branch else f"`{gap.kind}`"
            click.echo(f"{gap.place}: no transcript comes to the {what} in `{gap.flow}`")


def _of(share: Share) -> str:
    return f"{share.covered} of {share.total} covered"


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
